//! Pictures that judge a fit: readings against predictions, and quantile residuals over time, prediction and normal quantiles.
use super::{
    data_and_fit::{SMALL_PANEL, limits, readings},
    figure::{Axis, AxisScale, Figure, Mark, Panel, Series, labelled, wants_log},
    pictures::readable,
};
use crate::noise::{Reading, normal_quantile};

/// A reading beside what the model says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ComparedReading {
    /// time of the visit
    pub time: f64,
    /// prediction, in the unit of the reading
    pub prediction: f64,
    /// what was read
    pub reading: Reading,
    /// quantile residual (see [`crate::noise::quantile_residual`]), None where there is none
    pub residual: Option<f64>,
}

/// All readings of one endpoint beside their predictions.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Compared {
    /// name of the endpoint
    pub name: String,
    /// its unit
    pub unit: Option<String>,
    /// unit of time
    pub time_unit: Option<String>,
    /// whether the noise is one of logarithms, which asks for logarithmic axes
    pub logarithmic: bool,
    /// the readings
    pub readings: Vec<ComparedReading>,
}

/// 95 % of standard normal numbers lie within this distance of zero.
pub(super) const USUAL: f64 = 1.96;

/// Readings against predictions, one panel per endpoint.
pub fn observed_against_predicted(title: &str, endpoints: &[Compared]) -> Figure {
    let panels = endpoints.iter().map(|endpoint| {
        let numbers = |r: &ComparedReading| limits(&r.reading).into_iter().chain([r.prediction]);
        let scale = scale(endpoint, endpoint.readings.iter().flat_map(numbers));
        let (low, high) = endpoint
            .readings
            .iter()
            .flat_map(numbers)
            .filter(|v| v.is_finite() && (scale == AxisScale::Linear || *v > 0.0))
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| {
                (l.min(v), h.max(v))
            });
        let mut series = vec![Series::new(
            "equal",
            6,
            Mark::Dashed,
            vec![(low, low), (high, high)],
        )];
        let at: Vec<(f64, Reading)> = endpoint
            .readings
            .iter()
            .map(|r| (r.prediction, r.reading))
            .collect();
        let mut points = readings(&at, Mark::Dot, 0, scale);
        for censored in points.iter_mut().filter(|s| s.mark != Mark::Dot) {
            censored.colour = 1;
        }
        series.extend(points);
        let axis = |what: &str| Axis {
            label: labelled(what, endpoint.unit.as_deref()),
            scale,
            ..Axis::default()
        };
        Panel {
            title: readable(&endpoint.name),
            x: axis("predicted"),
            y: axis("observed"),
            series,
        }
    });
    Figure {
        title: title.to_owned(),
        panels: panels.collect(),
        ..Figure::default()
    }
}

/// Quantile residuals over time, one panel per endpoint.
pub fn residuals_over_time(endpoints: &[Compared]) -> Figure {
    let axis = |endpoint: &Compared| Axis::of("time", endpoint.time_unit.as_deref());
    over(endpoints, axis, |r| r.time)
}

/// Quantile residuals over the prediction, one panel per endpoint.
pub fn residuals_over_prediction(endpoints: &[Compared]) -> Figure {
    let axis = |endpoint: &Compared| Axis {
        label: labelled("predicted", endpoint.unit.as_deref()),
        scale: scale(endpoint, endpoint.readings.iter().map(|r| r.prediction)),
        ..Axis::default()
    };
    over(endpoints, axis, |r| r.prediction)
}

/// Ordered quantile residuals against those expected of a standard normal variable, one panel per endpoint.
pub fn residual_quantiles(endpoints: &[Compared]) -> Figure {
    let panels = endpoints.iter().map(|endpoint| {
        let mut sorted: Vec<(f64, bool)> = endpoint
            .readings
            .iter()
            .filter_map(|r| Some((r.residual?, r.reading.is_censored())))
            .collect();
        sorted.sort_by(|a, b| a.0.total_cmp(&b.0));
        let count = sorted.len() as f64;
        let placed = sorted.iter().enumerate().map(|(i, (residual, censored))| {
            let expected = normal_quantile((i as f64 + 0.5) / count);
            ((expected, *residual), *censored)
        });
        let end = normal_quantile(1.0 - 0.5 / count.max(1.0)).max(USUAL);
        let mut series = vec![Series::new(
            "as expected",
            6,
            Mark::Dashed,
            vec![(-end, -end), (end, end)],
        )];
        series.extend(by_censoring(placed));
        Panel {
            title: readable(&endpoint.name),
            x: Axis::of("standard normal quantile", None),
            y: residual_axis(endpoints),
            series,
        }
    });
    small(panels.collect())
}

/// A vertical axis for residuals, the same in all panels, with zero in its middle.
fn residual_axis(endpoints: &[Compared]) -> Axis {
    let all = endpoints.iter().flat_map(|e| &e.readings);
    let largest = all
        .filter_map(|r| r.residual)
        .fold(USUAL, |most, r| most.max(r.abs()));
    Axis {
        range: Some((-1.1 * largest, 1.1 * largest)),
        ..Axis::of("residual", None)
    }
}

fn over(
    endpoints: &[Compared],
    axis: impl Fn(&Compared) -> Axis,
    at: impl Fn(&ComparedReading) -> f64,
) -> Figure {
    let panels = endpoints.iter().map(|endpoint| {
        let points = || {
            let finite = endpoint.readings.iter().filter(|r| at(r).is_finite());
            finite.filter_map(|r| Some(((at(r), r.residual?), r.reading.is_censored())))
        };
        let axis = axis(endpoint);
        let (low, high) = points()
            .map(|p| p.0.0)
            .filter(|v| axis.scale == AxisScale::Linear || *v > 0.0)
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| {
                (l.min(v), h.max(v))
            });
        let level =
            |name: &str, y: f64| Series::new(name, 6, Mark::Dashed, vec![(low, y), (high, y)]);
        let mut series = vec![level("95 % expected within", USUAL), level("", -USUAL)];
        if low >= high {
            series.clear();
        }
        series.extend(by_censoring(points()));
        Panel {
            title: readable(&endpoint.name),
            x: axis,
            y: residual_axis(endpoints),
            series,
        }
    });
    small(panels.collect())
}

/// Values as dots, censored readings as open circles.
pub(super) fn by_censoring(points: impl Iterator<Item = ((f64, f64), bool)>) -> Vec<Series> {
    let mut values = Series::new("reading", 0, Mark::Dot, Vec::new());
    let mut censored = Series::new(
        "censored reading, drawn within its limits",
        1,
        Mark::Open,
        Vec::new(),
    );
    for (point, is_censored) in points {
        let series = if is_censored {
            &mut censored
        } else {
            &mut values
        };
        series.points.push(point);
    }
    [values, censored]
        .into_iter()
        .filter(|s| !s.points.is_empty())
        .collect()
}

fn scale(endpoint: &Compared, values: impl Iterator<Item = f64>) -> AxisScale {
    if endpoint.logarithmic || wants_log(values) {
        AxisScale::Log
    } else {
        AxisScale::Linear
    }
}

/// Panels that find room beside each other on a page.
fn small(panels: Vec<Panel>) -> Figure {
    let many = panels.len() > 4;
    Figure {
        columns: many.then_some(4),
        panel_size: many.then_some(SMALL_PANEL),
        panels,
        ..Figure::default()
    }
}
