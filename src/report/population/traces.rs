//! The way of the parameters through a stochastic search.
use crate::report::{
    figure::{Axis, AxisScale, Figure, Mark, Panel, Series, wants_log},
    pictures::readable,
};

/// One panel a parameter: its value over the iterations. No panels where there are no traces.
///
/// ```
/// let figure = holobiont::report::traces(&[("ke".to_owned(), vec![0.8, 0.6, 0.5, 0.5])]);
/// assert_eq!(figure.panels.len(), 1);
/// ```
pub fn traces(traces: &[(String, Vec<f64>)]) -> Figure {
    let panels = traces.iter().map(|(name, values)| {
        let points = values.iter().enumerate().map(|(i, v)| (i as f64, *v));
        let scale = if wants_log(values.iter().copied()) {
            AxisScale::Log
        } else {
            AxisScale::Linear
        };
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
            series: vec![Series::new("", 0, Mark::Line, points.collect())],
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
