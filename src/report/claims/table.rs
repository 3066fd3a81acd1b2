//! The table of claims for programs, one row a part, and the short one for a terminal.
use super::{ClaimReport, FOOTER, counts, words};
use crate::exchange::tables::{TableWriter, number_text};
use crate::scorecard::claims::{Cut, Part, PartFound, Share};

/// One line a claim: label, share of the draws, effects, and what fails.
pub fn claims_text(report: &ClaimReport) -> String {
    let mut out = String::new();
    let four = (report.claims.list.iter())
        .zip(report.evaluated)
        .zip(report.examined)
        .zip(report.labelled);
    for (((claim, evaluated), examined), labelled) in four {
        let share = evaluated
            .share
            .as_ref()
            .map_or("-".to_string(), words::share);
        let pairs = claim.parts.iter().zip(&examined.parts);
        let effects: Vec<String> = pairs
            .filter(|(part, _)| part.required)
            .map(|(part, found)| {
                let effect = words::effect(part.contrast, &found.effect);
                format!("{} {effect} ({})", part.id, part.direction.word())
            })
            .collect();
        let label = labelled.label.words();
        let effects = effects.join(", ");
        out += &format!("{:5} {label:24} {share:>12}  {effects}\n", claim.id);
        for reason in labelled.reasons.iter().chain(&labelled.failings) {
            out += &format!("      {reason}\n");
        }
    }
    out += &format!(
        "\n{}. Shares are of {} draws from the declared ranges.\n{FOOTER}\n",
        counts(report.labelled),
        report.draws
    );
    out
}

/// The columns of the table.
const COLUMNS: &[&str] = &[
    "claim",
    "statement",
    "kind",
    "evidence",
    "label",
    "reasons",
    "failings",
    "shown",
    "finished",
    "failed",
    "part",
    "says",
    "required",
    "contrast",
    "direction",
    "least",
    "part_shown",
    "part_opposite",
    "part_finished",
    "effect",
    "sign",
    "dose",
    "rises",
    "controls",
    "cuts",
    "cannot",
    "sources",
];

/// One row a part; a claim without parts has one row.
pub fn claims_table(report: &ClaimReport) -> String {
    let mut writer = TableWriter::tsv(COLUMNS);
    let four = (report.claims.list.iter())
        .zip(report.evaluated)
        .zip(report.examined)
        .zip(report.labelled);
    for (((claim, evaluated), examined), labelled) in four {
        let count = |of: fn(&Share) -> usize| {
            let share = evaluated.share.as_ref();
            share.map(|share| of(share).to_string()).unwrap_or_default()
        };
        let head = [
            claim.id.clone(),
            claim.statement.clone(),
            claim.kind.word().to_string(),
            claim.evidence.word().to_string(),
            labelled.label.words().to_string(),
            labelled.reasons.join("; "),
            labelled.failings.join("; "),
            count(|share| share.shown),
            count(|share| share.finished),
            count(|share| share.failed),
        ];
        let tail = [
            claim.cannot.clone().unwrap_or_default(),
            claim.sources.join("; "),
        ];
        let parts = claim.parts.iter().zip(&examined.parts);
        let parts = parts.zip(&evaluated.parts);
        let mut cells: Vec<Vec<String>> = parts
            .map(|((part, found), (_, share))| of_part(part, found, share))
            .collect();
        if cells.is_empty() {
            cells.push(vec![String::new(); COLUMNS.len() - head.len() - tail.len()]);
        }
        for cells in cells {
            let row = head
                .iter()
                .cloned()
                .chain(cells)
                .chain(tail.iter().cloned());
            writer.row(row);
        }
    }
    writer.finish()
}

fn of_part(part: &Part, found: &PartFound, share: &Share) -> Vec<String> {
    let plain = |text: String| text.replace("**", "");
    let lines = |tests: &[Cut], words: &dyn Fn(&Cut) -> String| {
        let texts: Vec<String> = tests.iter().map(|test| plain(words(test))).collect();
        texts.join("; ")
    };
    let contrast = format!("{:?}", part.contrast).to_lowercase();
    let shown = |effect: &f64| number_text(part.contrast.shown(*effect));
    vec![
        part.id.clone(),
        part.says.clone(),
        if part.required { "yes" } else { "no" }.to_string(),
        contrast,
        part.direction.word().to_string(),
        number_text(part.least),
        share.shown.to_string(),
        share.opposite.to_string(),
        share.finished.to_string(),
        found.effect.as_ref().map(shown).unwrap_or_default(),
        words::sign(found, share).to_string(),
        words::doses(part, found),
        words::rises(found).to_string(),
        lines(&found.controls, &|test| words::control(part, test)),
        lines(&found.cuts, &|test| words::cut(part, found, test)),
    ]
}
