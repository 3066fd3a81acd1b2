//! Observed against predicted, and weighted residuals, endpoint by endpoint.
use super::PopulationReport;
use crate::{
    population::ReadingDiagnostic,
    report::{
        figure::{Axis, AxisScale, Figure, Mark, Panel, Series, labelled, wants_log},
        pictures::readable,
        residuals::{Compared, ComparedReading, USUAL, by_censoring, observed_against_predicted},
    },
};

pub(super) type Of = fn(&ReadingDiagnostic) -> Option<f64>;
/// Frame of a panel; two stand in a row.
pub(super) const PANEL: (f64, f64) = (400.0, 190.0);

impl PopulationReport<'_> {
    pub(super) fn of_endpoint(&self, endpoint: usize) -> impl Iterator<Item = &ReadingDiagnostic> {
        let readings = self.diagnostics.readings.iter();
        readings.filter(move |r| r.endpoint == endpoint)
    }

    /// Name of an endpoint before the name of what is shown; nothing where there is one endpoint.
    pub(super) fn prefix(&self, endpoint: usize) -> String {
        if self.endpoints().len() > 1 {
            format!("{}: ", readable(self.endpoint_name(endpoint)))
        } else {
            String::new()
        }
    }

    fn prediction_axis(&self, endpoint: usize, what: &str, of: Of) -> Axis {
        let known = self.endpoint(endpoint);
        let log = known.noise.logarithmic() || wants_log(self.of_endpoint(endpoint).filter_map(of));
        Axis {
            label: labelled(what, known.unit.as_deref()),
            scale: if log {
                AxisScale::Log
            } else {
                AxisScale::Linear
            },
            ..Axis::default()
        }
    }
}

/// Readings against population and individual predictions.
pub(in crate::report) fn observed(report: &PopulationReport) -> Figure {
    let kinds: [(&str, Of); 2] = [
        ("population prediction", |r| r.population),
        ("individual prediction", |r| r.individual_prediction),
    ];
    let mut figure = Figure::default();
    for endpoint in report.endpoints() {
        let known = report.endpoint(endpoint);
        for (what, of) in kinds {
            let readings = report.of_endpoint(endpoint).filter_map(|r| {
                Some(ComparedReading {
                    time: r.time,
                    prediction: of(r)?,
                    reading: r.reading,
                    residual: None,
                })
            });
            let compared = Compared {
                name: format!("{}{what}", report.prefix(endpoint)),
                unit: known.unit.clone(),
                time_unit: None,
                logarithmic: known.noise.logarithmic(),
                readings: readings.collect(),
            };
            if compared.readings.is_empty() {
                continue;
            }
            let panels = observed_against_predicted("", &[compared]).panels;
            let numbers = |horizontal: bool| {
                let points = panels
                    .iter()
                    .flat_map(|p| &p.series)
                    .flat_map(|s| &s.points);
                let numbers: Vec<f64> =
                    points.map(|p| if horizontal { p.0 } else { p.1 }).collect();
                numbers
            };
            let (x, y) = (numbers(true), numbers(false));
            figure.panels.extend(panels.into_iter().map(|mut panel| {
                panel.title = format!("{}{what}", report.prefix(endpoint));
                if panel.x.scale == AxisScale::Log {
                    panel.x.range = wider(panel.x.scale, &x);
                    panel.y.range = wider(panel.y.scale, &y);
                }

                panel
            }));
        }
    }
    figure.columns = Some(2);
    figure.panel_size = Some((400.0, 300.0));
    figure
}

/// CWRES over time and population prediction, IWRES over time and individual prediction.
pub(in crate::report) fn weighted(report: &PopulationReport) -> Figure {
    let kinds: [(&str, Of, &str, Of); 2] = [
        (
            "CWRES",
            |r| r.cwres,
            "population prediction",
            |r| r.population,
        ),
        (
            "IWRES",
            |r| r.iwres,
            "individual prediction",
            |r| r.individual_prediction,
        ),
    ];
    let mut panels = Vec::new();
    for endpoint in report.endpoints() {
        for (name, of, predicted, prediction) in kinds {
            let both = beside(report, endpoint, name, of, (predicted, prediction));
            panels.extend(both.into_iter().flatten());
        }
    }
    Figure {
        panels,
        columns: Some(2),
        panel_size: Some(PANEL),
        ..Figure::default()
    }
}

/// A residual over time and over a prediction.
pub(super) fn beside(
    report: &PopulationReport,
    endpoint: usize,
    name: &str,
    of: Of,
    (predicted, prediction): (&str, Of),
) -> Option<[Panel; 2]> {
    let own = || report.of_endpoint(endpoint);
    let largest = own()
        .filter_map(of)
        .fold(USUAL, |most, r| most.max(r.abs()));
    own().find_map(of)?;
    let y = Axis {
        range: Some((-1.1 * largest, 1.1 * largest)),
        ..Axis::of(name, None)
    };
    let over = |what: &str, mut x: Axis, at: &dyn Fn(&ReadingDiagnostic) -> Option<f64>| {
        let points: Vec<((f64, f64), bool)> = own()
            .filter_map(|r| Some(((at(r)?, of(r)?), r.reading.is_censored())))
            .filter(|p| p.0.0.is_finite() && (x.scale == AxisScale::Linear || p.0.0 > 0.0))
            .collect();
        let numbers: Vec<f64> = points.iter().map(|p| p.0.0).collect();
        x.range = wider(x.scale, &numbers);
        Panel {
            title: format!("{}{name} over {what}", report.prefix(endpoint)),
            series: within_levels(points, x.range),
            x,
            y: y.clone(),
        }
    };
    let time = Axis::of("time", report.time_unit(endpoint));
    let prediction_axis = report.prediction_axis(endpoint, predicted, prediction);
    Some([
        over("time", time, &|r| Some(r.time)),
        over(predicted, prediction_axis, &prediction),
    ])
}

/// A range a little wider than the numbers, so that no point lies on the frame.
pub(super) fn wider(scale: AxisScale, numbers: &[f64]) -> Option<(f64, f64)> {
    let log = scale == AxisScale::Log;
    let on = |v: f64| if log { v.ln() } else { v };
    let back = |t: f64| if log { t.exp() } else { t };
    let ends = (f64::INFINITY, f64::NEG_INFINITY);
    let numbers = numbers.iter().copied().map(on).filter(|v| v.is_finite());
    let (low, high) = numbers.fold(ends, |(l, h), v| (l.min(v), h.max(v)));
    if low > high {
        return None;
    }
    let room = if low < high {
        0.04 * (high - low)
    } else if log || low == 0.0 {
        0.1
    } else {
        0.1 * low.abs()
    };
    Some((back(low - room), back(high + room)))
}

/// Points with lines at 0 and the limits that hold 95 % of standard normal numbers.
fn within_levels(points: Vec<((f64, f64), bool)>, range: Option<(f64, f64)>) -> Vec<Series> {
    let mut series = Vec::new();
    if let Some((low, high)) = range {
        let level =
            |name: &str, mark: Mark, y: f64| Series::new(name, 6, mark, vec![(low, y), (high, y)]);
        series.push(level("", Mark::Line, 0.0));
        series.push(level("95 % expected within", Mark::Dashed, USUAL));
        series.push(level("", Mark::Dashed, -USUAL));
    }
    series.extend(by_censoring(points.into_iter()));
    series
}
