//! Pictures of data and fit: readings over the prediction and its bands, per subject or one observable for many subjects.
use super::{
    figure::{Axis, AxisScale, Bars, Figure, Mark, Panel, Series, labelled, wants_log},
    pictures::readable,
};
use crate::noise::Reading;

/// Probability of the bands.
pub const BAND_LEVEL: f64 = 0.9;

/// Size of a panel of which four stand in a row on a page.
pub(super) const SMALL_PANEL: (f64, f64) = (194.0, 120.0);

/// One endpoint of one subject: the prediction as a curve with its bands, and the readings.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Observed {
    /// name of the endpoint
    pub name: String,
    /// its unit
    pub unit: Option<String>,
    /// (time, prediction)
    pub prediction: Vec<(f64, f64)>,
    /// limits of the prediction itself at [`BAND_LEVEL`], one per point of the prediction; may be empty
    pub certainty: Vec<(f64, f64)>,
    /// limits of the readings at [`BAND_LEVEL`], one per point of the prediction; may be empty
    pub spread: Vec<(f64, f64)>,
    /// (time, reading)
    pub readings: Vec<(f64, Reading)>,
    /// whether the noise is one of logarithms, which asks for a logarithmic axis
    pub logarithmic: bool,
}

/// Data and fit of one subject, one panel per endpoint.
pub fn subject_fit(title: &str, time_unit: Option<&str>, endpoints: &[Observed]) -> Figure {
    let panels = endpoints.iter().map(|e| {
        let scale = scale(&[e]);
        let range = y_range(&[e], scale);
        let label = labelled("value", e.unit.as_deref());
        panel(readable(&e.name), time_unit, label, e, scale, range)
    });
    Figure {
        title: title.to_owned(),
        panels: panels.collect(),
        ..Figure::default()
    }
}

/// Data and fit of one observable, one panel per subject, all with the vertical axis that `all` of them need.
pub fn subject_multiples(
    time_unit: Option<&str>,
    shown: &[(&str, &Observed)],
    all: &[&Observed],
) -> Figure {
    let scale = scale(all);
    let range = y_range(all, scale);
    let panels = shown.iter().map(|(subject, e)| {
        let label = labelled("value", e.unit.as_deref());
        panel((*subject).to_owned(), time_unit, label, e, scale, range)
    });
    Figure {
        panels: panels.collect(),
        columns: Some(4),
        panel_size: Some(SMALL_PANEL),
        ..Figure::default()
    }
}

pub(super) fn panel(
    title: String,
    time_unit: Option<&str>,
    label: String,
    observed: &Observed,
    scale: AxisScale,
    range: Option<(f64, f64)>,
) -> Panel {
    let percent = 100.0 * BAND_LEVEL;
    let band = |name: String, bars: Bars, limits: &[(f64, f64)]| {
        let mut series = Series::new(name, 0, Mark::None, observed.prediction.clone());
        series.intervals = limits.to_vec();
        series.bars = bars;
        series
    };
    let mut series = vec![
        band(
            format!("{percent} % of readings"),
            Bars::Band,
            &observed.spread,
        ),
        band(
            format!("{percent} % band of the prediction"),
            Bars::InnerBand,
            &observed.certainty,
        ),
    ];
    series.retain(|s| !s.intervals.is_empty());
    series.push(Series::new(
        "prediction",
        0,
        Mark::Line,
        observed.prediction.clone(),
    ));
    series.extend(readings(&observed.readings, Mark::Circle, 1, scale));
    Panel {
        title,
        x: Axis::of("time", time_unit),
        y: Axis {
            label,
            scale,
            range,
            ..Axis::default()
        },
        series,
    }
}

/// Readings at their positions: values, and censored readings with marks of their own.
pub(super) fn readings(
    readings: &[(f64, Reading)],
    value: Mark,
    colour: usize,
    scale: AxisScale,
) -> Vec<Series> {
    let mut values = Series::new("reading", colour, value, Vec::new());
    let mut below = Series::new("below this limit", colour, Mark::Down, Vec::new());
    let mut above = Series::new("above this limit", colour, Mark::Up, Vec::new());
    let mut between = Series::new("between these limits", colour, Mark::Open, Vec::new());
    for (at, reading) in readings {
        match *reading {
            Reading::Value(v) => values.points.push((*at, v)),
            Reading::Below(v) => below.points.push((*at, v)),
            Reading::Above(v) => above.points.push((*at, v)),
            Reading::Between(a, b) => {
                let middle = if scale == AxisScale::Log && a > 0.0 {
                    (a * b).sqrt()
                } else {
                    0.5 * (a + b)
                };
                between.points.push((*at, middle));
                between.intervals.push((a, b));
            }
        }
    }
    [values, below, above, between]
        .into_iter()
        .filter(|s| !s.points.is_empty())
        .collect()
}

/// Logarithmic when the noise is, or when the numbers ask for it.
pub(super) fn scale(endpoints: &[&Observed]) -> AxisScale {
    let logarithmic = endpoints.iter().any(|e| e.logarithmic);
    if logarithmic || wants_log(endpoints.iter().flat_map(|e| numbers(e))) {
        AxisScale::Log
    } else {
        AxisScale::Linear
    }
}

fn numbers(endpoint: &Observed) -> impl Iterator<Item = f64> {
    endpoint
        .readings
        .iter()
        .flat_map(|(_, r)| limits(r))
        .chain(endpoint.prediction.iter().map(|p| p.1))
}

/// Readings and prediction fill the panel; the bands may run out of it.
pub(super) fn y_range(endpoints: &[&Observed], scale: AxisScale) -> Option<(f64, f64)> {
    let numbers: Vec<f64> = endpoints
        .iter()
        .flat_map(|e| numbers(e))
        .filter(|v| v.is_finite() && (scale == AxisScale::Linear || *v > 0.0))
        .collect();
    let low = numbers.iter().copied().fold(f64::INFINITY, f64::min);
    let high = numbers.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if low >= high {
        return None;
    }
    Some(match scale {
        AxisScale::Log => {
            let low = low.max(high * 1e-12);
            let room = (high / low).powf(0.08);
            (low / room, high * room)
        }
        AxisScale::Linear => {
            let room = 0.12 * (high - low);
            (
                if low >= 0.0 && low <= 0.25 * high {
                    0.0
                } else {
                    low - room
                },
                high + room,
            )
        }
    })
}

/// The numbers of a reading.
pub(super) fn limits(reading: &Reading) -> Vec<f64> {
    match *reading {
        Reading::Value(v) | Reading::Below(v) | Reading::Above(v) => vec![v],
        Reading::Between(a, b) => vec![a, b],
    }
}
