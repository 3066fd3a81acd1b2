//! The way of the parameters through a stochastic search.
use crate::report::{
    figure::{Axis, AxisScale, Figure, Mark, Panel, Series, wants_log},
    pictures::readable,
};

/// One panel a parameter: its value over the iterations, a line for each of several traces of one name. No panels where there are
/// no traces.
///
/// ```
/// let figure = holobiont::report::traces(&[("ke".to_owned(), vec![0.8, 0.6, 0.5, 0.5])]);
/// assert_eq!(figure.panels.len(), 1);
/// ```
pub fn traces(traces: &[(String, Vec<f64>)]) -> Figure {
    let mut names: Vec<&str> = Vec::new();
    for (name, _) in traces {
        if !names.contains(&name.as_str()) {
            names.push(name);
        }
    }
    let panels = names.into_iter().map(|name| {
        let own = || traces.iter().filter(move |t| t.0 == name).map(|t| &t.1);
        let scale = if wants_log(own().flatten().copied()) {
            AxisScale::Log
        } else {
            AxisScale::Linear
        };
        let series = own().enumerate().map(|(run, values)| {
            let points = values.iter().enumerate();
            let points = points.map(|(i, v)| (i as f64 + 1.0, *v)).collect();
            Series::new(format!("run {}", run + 1), run, Mark::Line, points)
        });
        Panel {
            title: readable(name),
            x: Axis {
                whole: true,
                ..Axis::of("iteration", None)
            },
            y: Axis {
                scale,
                ..Axis::of("value", None)
            },
            series: series.collect(),
        }
    });
    let panels: Vec<Panel> = panels.collect();
    Figure {
        columns: Some(panels.len().clamp(1, 3)),
        panel_size: Some((250.0, 150.0)),
        panels,
        ..Figure::default()
    }
}
