//! Visual predictive checks as pictures: percentiles over time with simulated bands, and shares of censored readings.
use super::{PopulationReport, residuals::wider};
use crate::{
    noise::Reading,
    population::{Share, Vpc, VpcBin},
    report::{
        data_and_fit::{limits, readings},
        figure::{Axis, AxisScale, Bars, Figure, Mark, Panel, Series, labelled, wants_log},
        pictures::readable,
    },
};

/// One panel an endpoint, and one for each kind of censoring beside it.
pub(in crate::report) fn checks(report: &PopulationReport) -> Figure {
    let mut panels = Vec::new();
    for check in &report.diagnostics.vpc {
        panels.push(percentiles(report, check));
        let name = readable(report.endpoint_name(check.endpoint));
        for (what, of) in [
            (
                "below the limit",
                (|b| b.below) as fn(&VpcBin) -> Option<Share>,
            ),
            ("above the limit", |b| b.above),
        ] {
            let shares: Vec<(f64, Share)> = places(&check.bins)
                .into_iter()
                .filter_map(|(x, b)| Some((x, of(b)?)))
                .collect();
            if !shares.is_empty() {
                let title = format!("{name}: share {what}");
                panels.push(share(report, check, title, &shares));
            }
        }
    }
    let single = panels.len() == 1;
    Figure {
        panels,
        columns: Some(if single { 1 } else { 2 }),
        panel_size: Some(if single {
            (760.0, 340.0)
        } else {
            (400.0, 280.0)
        }),
        ..Figure::default()
    }
}

/// Bins at the median of their times. One bin alone stands at both of its ends, so that there is something to see.
fn places(bins: &[VpcBin]) -> Vec<(f64, &VpcBin)> {
    match bins {
        [only] if only.from < only.to => vec![(only.from, only), (only.to, only)],
        [only] => vec![(only.middle - 0.5, only), (only.middle + 0.5, only)],
        all => all.iter().map(|b| (b.middle, b)).collect(),
    }
}

fn band(name: &str, colour: usize, points: Vec<(f64, [f64; 3])>) -> Series {
    let middle = points.iter().map(|(x, p)| (*x, p[1])).collect();
    let mut series = Series::new(name, colour, Mark::None, middle);
    series.intervals = points.iter().map(|(_, p)| (p[0], p[2])).collect();
    series.bars = Bars::Band;
    series
}

/// To stand within another band.
fn darker(mut band: Series) -> Series {
    band.bars = Bars::InnerBand;
    band
}

fn percentiles(report: &PopulationReport, check: &Vpc) -> Panel {
    let known = report.endpoint(check.endpoint);
    let own = || {
        let all = report.diagnostics.readings.iter();
        all.filter(|r| r.endpoint == check.endpoint && r.time.is_finite())
    };
    let logarithmic =
        known.noise.logarithmic() || wants_log(own().flat_map(|r| limits(&r.reading)));
    let scale = if logarithmic {
        AxisScale::Log
    } else {
        AxisScale::Linear
    };
    let bins = places(&check.bins);
    let of = |k: usize| bins.iter().map(|(x, b)| (*x, b.simulated[k])).collect();
    let line = |name: &str, mark: Mark, k: usize| {
        let points = bins.iter().map(|(x, b)| (*x, b.observed[k])).collect();
        Series::new(name, 6, mark, points)
    };
    let mut series = vec![
        band("90 % band of simulated 5th and 95th percentiles", 0, of(0)),
        band("", 0, of(2)),
        darker(band("of the simulated median", 1, of(1))),
    ];
    let at: Vec<(f64, Reading)> = own().map(|r| (r.time, r.reading)).collect();
    series.extend(readings(&at, Mark::Dot, 0, scale).into_iter().map(|mut s| {
        if s.mark != Mark::Dot {
            s.colour = 4;
        }
        s
    }));
    series.push(line("median of readings", Mark::Line, 1));
    series.push(line("5th and 95th percentile of readings", Mark::Dashed, 0));
    series.push(line("", Mark::Dashed, 2));
    Panel {
        title: readable(report.endpoint_name(check.endpoint)),
        x: Axis::of("time", report.time_unit(check.endpoint)),
        y: Axis {
            label: labelled("value", known.unit.as_deref()),
            range: shown_range(scale, &series),
            scale,
            ..Axis::default()
        },
        series,
    }
}

/// A logarithmic axis as far as points and bands go; a linear one finds its own.
fn shown_range(scale: AxisScale, series: &[Series]) -> Option<(f64, f64)> {
    let points = series.iter().flat_map(|s| s.points.iter().map(|p| p.1));
    let bands = series
        .iter()
        .flat_map(|s| s.intervals.iter().flat_map(|i| [i.0, i.1]));
    let numbers: Vec<f64> = points.chain(bands).collect();
    wider(scale, &numbers).filter(|_| scale == AxisScale::Log)
}

fn share(report: &PopulationReport, check: &Vpc, title: String, shares: &[(f64, Share)]) -> Panel {
    let simulated = shares.iter().map(|(x, s)| (*x, s.simulated)).collect();
    let observed: Vec<(f64, f64)> = shares.iter().map(|(x, s)| (*x, s.observed)).collect();
    Panel {
        title,
        x: Axis::of("time", report.time_unit(check.endpoint)),
        y: Axis {
            range: Some((-0.02, 1.02)),
            ..Axis::of("share of readings", None)
        },
        series: vec![
            band("90 % band of simulated shares", 2, simulated),
            Series::new("", 6, Mark::Line, observed.clone()),
            Series::new("share of readings", 6, Mark::Circle, observed),
        ],
    }
}
