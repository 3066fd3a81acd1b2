//! Readings of a monoculture with the curves of both models: a row for every quantity, a column for every experiment.
use super::{
    models::BatchModel,
    readings::{Reading, Readings},
    study::{predict, problem, unit},
};
use holobiont::{
    cohort::Prediction,
    fit::Natural,
    report::{Axis, Figure, Mark, Panel, Series, labelled},
};
use std::error::Error;

/// Points of a curve.
const POINTS: usize = 241;

/// The picture of a species. Both models come with values of their parameter table.
///
/// # Errors
/// A solve that failed.
pub fn draw(
    data: &Readings,
    published: (&BatchModel, &Natural),
    ours: (&BatchModel, &Natural),
) -> Result<Figure, Box<dyn Error>> {
    let of = data.of;
    let end = data.readings.iter().map(|r| r.time).fold(0.0, f64::max);
    let times: Vec<f64> = (0..POINTS)
        .map(|k| end * k as f64 / (POINTS - 1) as f64)
        .collect();
    let grid = at(data, &times);
    let curves =
        |(model, natural): (&BatchModel, &Natural)| predict(&problem(model, &grid)?, natural);
    let (theirs, ours) = (curves(published)?, curves(ours)?);
    let mut panels = Vec::new();
    for (q, quantity) in of.quantities.iter().enumerate() {
        for (e, experiment) in of.experiments.iter().enumerate() {
            // at every time of the grid stands one prediction a quantity
            let curve = |predictions: &[Vec<Prediction>]| {
                let own = predictions[e].chunks(of.quantities.len());
                let values = own.map(|at: &[Prediction]| at[q].arguments[0]);
                times.iter().copied().zip(values).collect()
            };
            let own = data
                .readings
                .iter()
                .filter(|r| r.experiment == e && r.quantity == q);
            let points = own.map(|r| (r.time, r.value)).collect();
            panels.push(Panel {
                title: format!("{experiment}: {quantity}"),
                x: Axis::of("time", Some("h")),
                y: Axis {
                    label: labelled("value", Some(unit(quantity))),
                    ..Axis::default()
                },
                series: vec![
                    Series::new("reading", 1, Mark::Circle, points),
                    Series::new("published", 2, Mark::Dashed, curve(&theirs)),
                    Series::new("ours", 0, Mark::Line, curve(&ours)),
                ],
            });
        }
    }
    Ok(Figure {
        title: format!("{} alone in a batch", of.name),
        panels,
        columns: Some(of.experiments.len()),
        panel_size: Some((260.0, 130.0)),
    })
}

/// The same monoculture with readings of no value at these times, every quantity in every experiment.
fn at(data: &Readings, times: &[f64]) -> Readings {
    let mut readings = Vec::new();
    for experiment in 0..data.of.experiments.len() {
        for &time in times {
            let quantities = 0..data.of.quantities.len();
            readings.extend(quantities.map(|quantity| Reading {
                experiment,
                quantity,
                time,
                value: 0.0,
            }));
        }
    }
    Readings {
        readings,
        ..data.clone()
    }
}
