//! Random effects as pictures: distributions with the density of the model, pairs, and covariates.
use super::{PopulationReport, errors::histogram};
use crate::{
    population::EffectSample,
    report::figure::{Axis, Figure, Mark, Panel, Series},
};

/// Most effects that are paired, and most panels of covariates.
pub(in crate::report) const MOST_EFFECTS: usize = 6;
const MOST_PANELS: usize = 24;

/// Modes of every effect that varies, with the normal density of the model.
pub(in crate::report) fn distributions(report: &PopulationReport) -> Figure {
    let varying = |e: &&EffectSample| e.standard_deviation > 0.0 && e.draws.len() > 1;
    let panels = report.diagnostics.effects.iter().filter(varying).map(|e| {
        let modes: Vec<f64> = e.draws.iter().map(|d| d.mode).collect();
        Panel {
            title: e.id.clone(),
            x: Axis::of("effect", None),
            y: Axis::of("density", None),
            series: histogram("modes of individuals", &modes, e.standard_deviation),
        }
    });
    small(panels.collect())
}

/// Modes of two effects of individuals beside each other, and draws given the readings.
pub(in crate::report) fn pairs(report: &PopulationReport) -> Figure {
    let effects = &report.diagnostics.effects;
    let shown = report.diagnostics.correlations.iter();
    let shown = shown.filter(|c| c.first < MOST_EFFECTS && c.second < MOST_EFFECTS);
    let panels = shown.map(|c| {
        let (a, b) = (&effects[c.first], &effects[c.second]);
        let both = a.draws.iter().zip(&b.draws);
        let modes = both.clone().map(|(a, b)| (a.mode, b.mode)).collect();
        let drawn = both.map(|(a, b)| (a.drawn, b.drawn)).collect();
        Panel {
            title: String::new(),
            x: Axis::of(&a.id, None),
            y: Axis::of(&b.id, None),
            series: vec![
                Series::new("draw given the readings", 1, Mark::Open, drawn),
                Series::new("mode", 0, Mark::Circle, modes),
            ],
        }
    });
    small(panels.collect())
}

/// Modes of effects of individuals over covariates.
pub(in crate::report) fn covariates(report: &PopulationReport) -> Figure {
    let effects = &report.diagnostics.effects;
    let shown = report.diagnostics.covariates.iter();
    let shown = shown.filter(|c| c.points.len() > 1).take(MOST_PANELS);
    let panels = shown.map(|c| {
        let ends = (f64::INFINITY, f64::NEG_INFINITY);
        let (low, high) = c
            .points
            .iter()
            .fold(ends, |(l, h), p| (l.min(p.0), h.max(p.0)));
        let zero = Series::new("", 6, Mark::Dashed, vec![(low, 0.0), (high, 0.0)]);
        Panel {
            title: String::new(),
            x: Axis {
                range: (low < high)
                    .then_some((low - 0.08 * (high - low), high + 0.08 * (high - low))),
                whole: c.points.iter().all(|p| p.0.fract() == 0.0),
                ..Axis::of(&c.covariate, None)
            },
            y: Axis::of(&effects[c.effect].id, None),
            series: vec![zero, Series::new("mode", 0, Mark::Circle, c.points.clone())],
        }
    });
    small(panels.collect())
}

fn small(panels: Vec<Panel>) -> Figure {
    Figure {
        columns: Some(panels.len().clamp(1, 3)),
        panel_size: Some((250.0, 170.0)),
        panels,
        ..Figure::default()
    }
}
