//! Prediction distribution errors as pictures, and histograms beside a normal density.
use super::{
    PopulationReport,
    residuals::{Of, PANEL, beside},
};
use crate::{
    noise::normal_quantile,
    report::{
        figure::{Axis, Bars, Figure, Mark, Panel, Series},
        residuals::{USUAL, by_censoring},
    },
};

/// Prediction distribution errors: against normal quantiles, as a histogram, over time and over the population prediction.
pub(in crate::report) fn errors(report: &PopulationReport) -> Figure {
    let mut panels = Vec::new();
    for endpoint in report.endpoints() {
        let own = || report.of_endpoint(endpoint);
        let errors: Vec<(f64, bool)> = own()
            .filter_map(|r| Some((r.npde?, r.reading.is_censored())))
            .collect();
        if errors.len() < 2 {
            continue;
        }
        let title = format!("{}NPDE", report.prefix(endpoint));
        panels.push(quantiles(title.clone(), errors.clone()));
        let values: Vec<f64> = errors.iter().map(|e| e.0).collect();
        panels.push(Panel {
            title: title.clone(),
            x: Axis::of("NPDE", None),
            y: Axis::of("density", None),
            series: histogram("NPDE", &values, 1.0),
        });
        let predicted = ("population prediction", (|r| r.population) as Of);
        let both = beside(report, endpoint, "NPDE", |r| r.npde, predicted);
        panels.extend(both.into_iter().flatten());
    }
    Figure {
        panels,
        columns: Some(2),
        panel_size: Some(PANEL),
        ..Figure::default()
    }
}

/// Ordered numbers against standard normal quantiles, with the line of equality.
fn quantiles(title: String, mut numbers: Vec<(f64, bool)>) -> Panel {
    numbers.sort_by(|a, b| a.0.total_cmp(&b.0));
    let n = numbers.len() as f64;
    let end = normal_quantile(1.0 - 0.5 / n).max(USUAL);
    let expected = |i: usize| normal_quantile((i as f64 + 0.5) / n);
    let mut series = vec![Series::new(
        "as expected",
        6,
        Mark::Dashed,
        vec![(-end, -end), (end, end)],
    )];
    series.extend(by_censoring(
        numbers
            .iter()
            .enumerate()
            .map(|(i, (value, censored))| ((expected(i), *value), *censored)),
    ));
    Panel {
        title,
        x: Axis::of("standard normal quantile", None),
        y: Axis::of("NPDE", None),
        series,
    }
}

/// Numbers as an area of steps with density on its axis, and the normal density of mean 0 and standard deviation `sd`.
pub(super) fn histogram(name: &str, values: &[f64], sd: f64) -> Vec<Series> {
    let n = values.len() as f64;
    let largest = values.iter().fold(3.0 * sd, |most, v| most.max(v.abs()));
    // as many bins as have a few numbers each (square root, within what can be seen)
    let half = ((n.sqrt() * largest / (3.0 * sd)) / 2.0)
        .round()
        .clamp(3.0, 20.0) as i32;
    let width = largest / f64::from(half);
    let mut area = Series::new(name, 5, Mark::None, Vec::new());
    area.bars = Bars::Area;
    for bin in -half..half {
        let (from, to) = (f64::from(bin) * width, f64::from(bin + 1) * width);
        let last = bin == half - 1;
        let inside = |v: &&f64| **v >= from && (**v < to || (last && **v <= to));
        let density = values.iter().filter(inside).count() as f64 / (n * width);
        for x in [from, to] {
            area.points.push((x, density));
            area.intervals.push((0.0, density));
        }
    }
    let curve = (-100..=100).map(|i| {
        let z = f64::from(i) / 100.0 * largest / sd;
        let scale = sd * (2.0 * std::f64::consts::PI).sqrt();
        (z * sd, (-0.5 * z * z).exp() / scale)
    });
    vec![
        area,
        Series::new(
            "normal density of the model",
            1,
            Mark::Line,
            curve.collect(),
        ),
    ]
}
