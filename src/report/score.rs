//! A scorecard as text, table and forest plot.
use super::{
    axes::short_number,
    figure::{Axis, Bars, Figure, Mark, Panel, Series},
};
use crate::exchange::tables::{TableWriter, number_text};
use crate::scorecard::{Outcome, Score, Scored};

/// What stands under every score, calibration and trial.
pub const FOOTER: &str = "Research software. Not medical advice, not a medical device, not for individual treatment decisions.";

/// Half-widths that the forest plot shows on each side.
const SHOWN: f64 = 4.0;
/// Rows of a panel.
const ROWS: usize = 32;

/// The rows, fitted and held-out findings apart, with their scores, for a terminal.
pub fn score_text(rows: &[Scored]) -> String {
    let mut out = String::new();
    for (held, title) in [
        (false, "Findings that may be fitted to"),
        (
            true,
            "Findings held out (a third by a digest of the id, and every null)",
        ),
    ] {
        let part = || rows.iter().filter(move |row| row.target.held_out() == held);
        out += &format!("{title}\n\n");
        let wide = part().map(|row| row.target.id.len()).max().unwrap_or(0);
        for row in part() {
            let target = &row.target;
            let (lower, upper) = target.interval;
            let interval = format!(
                "{} ({} to {})",
                short_number(target.value),
                short_number(lower),
                short_number(upper)
            );
            let says = match &row.outcome {
                Outcome::Contrast(contrast) => {
                    let place = match row.distance() {
                        Some(d) if d.abs() <= 1.0 => "inside".to_string(),
                        Some(d) => format!("{} half-widths off", short_number(d)),
                        None => String::new(),
                    };
                    let band = row.band.map_or(String::new(), |(lower, upper)| {
                        format!("({} to {})", short_number(lower), short_number(upper))
                    });
                    format!("{:>10} {band:22}  {place}", short_number(*contrast))
                }
                Outcome::NotRepresentable(why) => format!("{:>10}  {why}", "-"),
                Outcome::Failed(why) => format!("{:>10}  the solve failed: {why}", "-"),
            };
            out += &format!("{:wide$}  {:28} {says}\n", target.id, interval);
        }
        out += "\n";
        out += &match Score::of(part()) {
            None => "The model speaks of none of them.\n\n".to_string(),
            Some(score) => format!(
                "{} of {} representable ({} of them failed), {:.0} % inside their intervals, mean distance {:.2} half-widths (each up to 3).\n\
                 Over contrasts with an effect: {:.2}; a model without effects: {:.2}. Median relative width of the intervals: {:.2}.\n\n",
                score.representable,
                score.all,
                score.failed,
                100.0 * score.inside,
                score.distance,
                score.over_the_same,
                score.without_effects,
                score.width,
            ),
        };
        if held {
            out += &apart(part());
        }
    }
    out += FOOTER;
    out.push('\n');
    out
}

/// Nulls and findings of an effect apart: a model without effects has all nulls right by what it is.
fn apart<'s>(rows: impl Iterator<Item = &'s Scored> + Clone) -> String {
    let of = |null: bool| Score::of(rows.clone().filter(move |row| row.target.null == null));
    match (of(true), of(false)) {
        (Some(nulls), Some(effects)) => format!(
            "Nulls apart: {:.2}, without effects {:.2}; findings of an effect: {:.2}, without effects {:.2}.\n\n",
            nulls.over_the_same,
            nulls.without_effects,
            effects.over_the_same,
            effects.without_effects,
        ),
        _ => String::new(),
    }
}

/// The rows as a table.
pub fn score_table(rows: &[Scored]) -> String {
    let columns = [
        "id",
        "claim",
        "quantity",
        "contrast",
        "value",
        "lower",
        "upper",
        "unit",
        "held_out",
        "model",
        "distance",
        "remark",
        "source",
        "model_lower",
        "model_upper",
    ];
    let mut writer = TableWriter::tsv(&columns);
    for row in rows {
        let target = &row.target;
        let (model, remark) = match &row.outcome {
            Outcome::Contrast(contrast) => (number_text(*contrast), String::new()),
            Outcome::NotRepresentable(why) => (String::new(), why.clone()),
            Outcome::Failed(why) => (String::new(), format!("failed: {why}")),
        };
        writer.row([
            target.id.clone(),
            target.claim.clone(),
            target.quantity.clone(),
            target.contrast.word().to_string(),
            number_text(target.value),
            number_text(target.interval.0),
            number_text(target.interval.1),
            target.unit.clone(),
            if target.held_out() { "yes" } else { "no" }.to_string(),
            model,
            row.distance().map(number_text).unwrap_or_default(),
            remark,
            target.source.clone(),
            row.band.map(|band| number_text(band.0)).unwrap_or_default(),
            row.band.map(|band| number_text(band.1)).unwrap_or_default(),
        ]);
    }
    writer.finish()
}

/// The forest plot: findings as their intervals, all of the same width, the model and a model without effects beside them.
pub fn forest(title: &str, rows: &[Scored]) -> Figure {
    let mut panels = Vec::new();
    for (held, name) in [(false, "may be fitted to"), (true, "held out")] {
        let spoken = |row: &&Scored| row.target.held_out() == held && row.distance().is_some();
        let part: Vec<&Scored> = rows.iter().filter(spoken).collect();
        for chunk in part.chunks(ROWS) {
            panels.push(panel(name, chunk));
        }
    }
    let tallest = panels
        .iter()
        .map(|p| p.y.categories.len())
        .max()
        .unwrap_or(1);
    for panel in &mut panels {
        let missing = tallest - panel.y.categories.len();
        let empty = std::iter::repeat_n(String::new(), missing);
        panel.y.categories.extend(empty);
    }
    Figure {
        title: title.to_owned(),
        columns: Some(panels.len().clamp(1, 2)),
        panel_size: Some((300.0, (tallest as f64 * 15.0 + 12.0).max(60.0))),
        panels,
    }
}

fn panel(name: &str, rows: &[&Scored]) -> Panel {
    let shown = |d: f64| d.clamp(-SHOWN, SHOWN);
    let mut finding = Series::new("finding, 95 % interval", 0, Mark::Circle, Vec::new());
    finding.bars = Bars::Horizontal;
    let mut model = Series::new("model", 1, Mark::Cross, Vec::new());
    if rows.iter().any(|row| row.band.is_some()) {
        model.name = "model, with the range of equally good fits".to_string();
        model.bars = Bars::Horizontal;
    }
    let mut nothing = Series::new("no effect", 7, Mark::Open, Vec::new());
    for (i, row) in rows.iter().enumerate() {
        let y = i as f64;
        finding.points.push((0.0, y));
        finding.intervals.push((-1.0, 1.0));
        if let Some(none) = row.target.contrast.without_effect() {
            nothing.points.push((shown(row.target.distance(none)), y));
        }
        model.points.extend(row.distance().map(|d| (shown(d), y)));
        let end = |end: f64| shown(row.target.distance(end));
        let band = row.band.map_or((f64::NAN, f64::NAN), |(lower, upper)| {
            (end(lower), end(upper))
        });
        if row.distance().is_some() {
            model.intervals.push(band);
        }
    }
    let x = Axis {
        range: Some((-SHOWN - 0.2, SHOWN + 0.2)),
        ..Axis::of(&format!("{name}: half-widths off the finding"), None)
    };
    let y = Axis {
        categories: rows.iter().map(|row| row.target.id.clone()).collect(),
        ..Axis::default()
    };
    Panel {
        x,
        y,
        series: vec![finding, nothing, model],
        ..Panel::default()
    }
}
