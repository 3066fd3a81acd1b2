//! Models beside each other on the same findings: their scores, and the findings that tell them apart.
use super::{axes::short_number, score::FOOTER};
use crate::scorecard::{Outcome, Score, Scored};

/// A finding tells two models apart where one lies within its interval and the other at least this many half-widths further off.
const APART: f64 = 1.0;

/// A model's name and its rows, the same findings in the same order for every model.
pub type Beside<'r> = (&'r str, &'r [Scored]);

/// Markdown: scores of the models, then the findings on which one of them lies within the interval and another does not.
pub fn beside_text(models: &[Beside<'_>], command: &str) -> String {
    let names: Vec<String> = models.iter().map(|(name, _)| format!("`{name}`")).collect();
    let mut out = format!(
        "# {} beside the same findings\n\nMade by `{command}`.\n\n",
        names.join(", ")
    );
    out += "| | findings | can be spoken of | inside | mean distance, half-widths, each up to 3 | over contrasts with an effect | no effects |\n|---|---|---:|---:|---:|---:|---:|\n";
    for (held, words) in [(false, "fitted"), (true, "held out")] {
        for (name, rows) in models {
            let part = rows.iter().filter(|row| row.target.held_out() == held);
            let Some(score) = Score::of(part) else {
                out += &format!("| `{name}` | {words} | 0 | | | | |\n");
                continue;
            };
            out += &format!(
                "| `{name}` | {words} | {} of {} | {:.0} % | {:.2} | {:.2} | {:.2} |\n",
                score.representable,
                score.all,
                100.0 * score.inside,
                score.distance,
                score.over_the_same,
                score.without_effects
            );
        }
    }
    let apart = apart(models);
    out += &format!(
        "\n## Findings that separate them\n\nOne model lies within the interval, another at least {} half-width further off. {} of {} findings do so; on the others the models agree, or none is right.\n\n",
        short_number(APART),
        apart.len(),
        models.first().map_or(0, |(_, rows)| rows.len())
    );
    out += &format!(
        "| finding | | published | {} |\n|---|---|---|{}\n",
        names.join(" | "),
        "---|".repeat(models.len())
    );
    for number in apart {
        let target = &models[0].1[number].target;
        let (lower, upper) = target.interval;
        let held = match target.held_out() {
            true => "held out",
            false => "fitted",
        };
        let cells: Vec<String> = (models.iter())
            .map(|(_, rows)| cell(&rows[number]))
            .collect();
        out += &format!(
            "| `{}` | {held} | {} ({} to {}) | {} |\n",
            target.id,
            short_number(target.value),
            short_number(lower),
            short_number(upper),
            cells.join(" | ")
        );
    }
    out += &format!("\nBold: within the interval; in brackets: half-widths off.\n\n{FOOTER}\n");
    out
}

fn cell(row: &Scored) -> String {
    match (&row.outcome, row.distance()) {
        (Outcome::Contrast(x), Some(d)) if d.abs() <= 1.0 => format!("**{}**", short_number(*x)),
        (Outcome::Contrast(x), Some(d)) => format!("{} ({})", short_number(*x), short_number(d)),
        (Outcome::Failed(_), _) => "failed".to_string(),
        _ => "-".to_string(),
    }
}

/// Numbers of the findings that separate, those that do so most first; ties in the order of the table.
fn apart(models: &[Beside<'_>]) -> Vec<usize> {
    let count = models.iter().map(|(_, rows)| rows.len()).min().unwrap_or(0);
    let mut found: Vec<(usize, f64)> = (0..count)
        .filter_map(|number| {
            let distances = || {
                models
                    .iter()
                    .filter_map(|(_, rows)| rows[number].distance())
            };
            let nearest = distances().map(f64::abs).fold(f64::INFINITY, f64::min);
            let farthest = distances().map(f64::abs).fold(0.0, f64::max);
            let separates = nearest <= 1.0 && farthest - nearest >= APART;
            separates.then_some((number, farthest - nearest))
        })
        .collect();
    found.sort_by(|a, b| b.1.total_cmp(&a.1));
    found.into_iter().map(|(number, _)| number).collect()
}
