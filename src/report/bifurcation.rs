//! A bifurcation diagram as a picture: stable and unstable parts of curves of states of rest, folds, Hopf points. Table and text: `words`.
mod words;

use super::{
    axes::short_number,
    figure::{Axis, AxisScale, Figure, Label, Mark, Panel, Series, labelled, wants_log},
    pictures::readable,
    score::FOOTER,
};
use crate::{
    compile::{Point, System},
    solve::{Branch, BranchPoint, PointKind},
};

/// A state or observable of a system.
#[derive(Clone, Debug, PartialEq)]
pub struct Quantity {
    /// its id
    pub id: String,
    /// its unit, as text
    pub unit: Option<String>,
}

impl Quantity {
    /// The state or observable with this id.
    pub fn of(system: &System, id: &str) -> Option<Self> {
        let known = system.state_index(id).is_some() || system.observable_index(id).is_some();
        known.then(|| Quantity {
            id: id.to_owned(),
            unit: system.unit_of(id).map(str::to_owned),
        })
    }
}

/// Four significant digits: folds often lie near round numbers.
fn four_digits(value: f64) -> String {
    let power = match value == 0.0 || !value.is_finite() {
        true => 0.0,
        false => value.abs().log10().floor(),
    };
    if !(-3.0..4.0).contains(&power) {
        return short_number(value);
    }
    let text = format!("{value:.*}", (3.0 - power) as usize);
    text.replace('-', "−")
}

/// A curve with what is shown of it.
#[derive(Clone, Debug)]
pub struct TracedCurve<'a> {
    /// the curve
    pub branch: &'a Branch,
    /// where it was started from, in words
    pub name: String,
    /// one row a point, one number a quantity
    pub values: Vec<Vec<f64>>,
}

impl<'a> TracedCurve<'a> {
    /// Evaluates quantities of a system at every point of a curve.
    pub fn new(
        system: &System,
        branch: &'a Branch,
        name: impl Into<String>,
        quantities: &[Quantity],
    ) -> Self {
        let row = |point: &BranchPoint| {
            let registers = branch.registers(point.value);
            let at = Point {
                time: branch.time,
                states: &point.states,
                registers: &registers,
                placeholders: &[],
            };
            let value = |quantity: &Quantity| match system.state_index(&quantity.id) {
                Some(state) => point.states[state],
                None => {
                    let mut value = [f64::NAN];
                    if let Some(observable) = system.observable_index(&quantity.id) {
                        system
                            .observables()
                            .evaluate(&at, &[observable], &mut value);
                    }
                    value[0]
                }
            };
            quantities.iter().map(value).collect()
        };
        TracedCurve {
            values: branch.points.iter().map(row).collect(),
            name: name.into(),
            branch,
        }
    }

    /// Stretches of one stability: first and last point (which may be shared), and whether they are stable.
    fn stretches(&self) -> Vec<(usize, usize, bool)> {
        let points = &self.branch.points;
        let special = |k: usize| !matches!(points[k].kind, PointKind::Regular | PointKind::End);
        let mut found: Vec<(usize, usize, bool)> = Vec::new();
        for k in 1..points.len() {
            // of two neighbours at most one is special, whose own stability is rounding
            let stable = match special(k) {
                true => points[k - 1].is_stable(),
                false => points[k].is_stable(),
            };
            match found.last_mut() {
                Some(last) if last.2 == stable => last.1 = k,
                _ => found.push((k - 1, k, stable)),
            }
        }
        found
    }
}

/// A bifurcation diagram to be shown.
#[derive(Clone, Debug)]
pub struct DiagramReport<'a> {
    /// above the picture
    pub title: String,
    /// what is varied, for axis and text
    pub value: String,
    /// its unit, as text
    pub unit: Option<String>,
    /// the range
    pub range: (f64, f64),
    /// what is shown, one panel each
    pub quantities: Vec<Quantity>,
    /// the curves
    pub curves: Vec<TracedCurve<'a>>,
}

impl DiagramReport<'_> {
    /// One panel a quantity: stable parts as lines, unstable ones broken, folds as dots with their values, Hopf and branch points as
    /// open circles and crosses.
    pub fn figure(&self) -> Figure {
        let panels = (0..self.quantities.len()).map(|q| self.panel(q)).collect();
        Figure {
            title: self.title.clone(),
            panels,
            columns: None,
            panel_size: match self.quantities.len() {
                1 => Some((440.0, 300.0)),
                2..=4 => Some((320.0, 220.0)),
                _ => None,
            },
        }
    }

    fn panel(&self, q: usize) -> Panel {
        let quantity = &self.quantities[q];
        let numbers = self
            .curves
            .iter()
            .flat_map(|c| c.values.iter().map(move |row| row[q]));
        let y = Axis {
            label: labelled(&readable(&quantity.id), quantity.unit.as_deref()),
            scale: match wants_log(numbers) {
                true => AxisScale::Log,
                false => AxisScale::Linear,
            },
            ..Axis::default()
        };
        let x = Axis {
            range: Some(self.range),
            ..Axis::of(&self.value, self.unit.as_deref())
        };
        let mut series = Vec::new();
        for (colour, curve) in self.curves.iter().enumerate() {
            let named = |word: &str| match self.curves.len() {
                1 => word.to_owned(),
                _ => format!("{}: {word}", curve.name),
            };
            let at = |k: usize| (curve.branch.points[k].value, curve.values[k][q]);
            for (first, last, stable) in curve.stretches() {
                let (word, mark) = match stable {
                    true => ("stable", Mark::Line),
                    false => ("unstable", Mark::Dashed),
                };
                let points = (first..=last).map(at).collect();
                series.push(Series::new(named(word), colour, mark, points));
            }
        }
        for (kind, mark, colour) in [
            (PointKind::Fold, Mark::Circle, 6),
            (PointKind::Hopf, Mark::Open, 6),
            (PointKind::Branch, Mark::Cross, 6),
        ] {
            let mut special = Series::new(kind.word(), colour, mark, Vec::new());
            for curve in &self.curves {
                let points = &curve.branch.points;
                for k in (0..points.len()).filter(|&k| points[k].kind == kind) {
                    let value = points[k].value;
                    special.points.push((value, curve.values[k][q]));
                    // the curve lies to the right of a fold where it comes from there
                    let left = k > 0 && points[k - 1].value > value;
                    let text = four_digits(value);
                    special.labels.push(Label { text, left });
                }
            }
            if !special.points.is_empty() {
                series.push(special);
            }
        }
        Panel {
            title: String::new(),
            x,
            y,
            series,
        }
    }
}
