//! Pictures from plain numbers: trajectories, waterfall, parameters.
use super::{
    axes::short_number,
    figure::{Axis, AxisScale, Bars, Figure, Mark, Panel, Series, labelled, wants_log},
};

/// An id as a title: underscores become spaces where it is made of words.
pub(super) fn readable(id: &str) -> String {
    let words = id.split('_').filter(|w| w.chars().count() > 2).count();
    if words > 1 {
        id.replace('_', " ").trim().to_owned()
    } else {
        id.to_owned()
    }
}

/// A quantity over time.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Curve {
    /// its name
    pub name: String,
    /// its unit
    pub unit: Option<String>,
    /// one number per time
    pub values: Vec<f64>,
}

/// Trajectories over time. Up to six curves of one unit share a panel with a legend; more become small multiples.
pub fn trajectories(
    title: &str,
    time_unit: Option<&str>,
    times: &[f64],
    curves: &[Curve],
) -> Figure {
    let x = Axis::of("time", time_unit);
    let mut units: Vec<&Option<String>> = Vec::new();
    for curve in curves {
        if !units.contains(&&curve.unit) {
            units.push(&curve.unit);
        }
    }
    let together = units
        .iter()
        .all(|u| curves.iter().filter(|c| &&c.unit == u).count() <= 6)
        && units.len() <= 4;
    let points = |curve: &Curve| {
        times
            .iter()
            .copied()
            .zip(curve.values.iter().copied())
            .collect::<Vec<_>>()
    };
    let axis = |label: String, values: &mut dyn Iterator<Item = f64>| Axis {
        label,
        scale: if wants_log(values) {
            AxisScale::Log
        } else {
            AxisScale::Linear
        },
        ..Axis::default()
    };
    let mut panels = Vec::new();
    if together {
        for unit in units {
            let members: Vec<(usize, &Curve)> = curves
                .iter()
                .enumerate()
                .filter(|(_, c)| &c.unit == unit)
                .collect();
            let values = &mut members.iter().flat_map(|(_, c)| c.values.iter().copied());
            let quantity = if members.len() == 1 {
                readable(&members[0].1.name)
            } else {
                String::new()
            };
            let y = axis(labelled(&quantity, unit.as_deref()), values);
            let series = members
                .iter()
                .map(|(i, c)| Series::new(readable(&c.name), *i, Mark::Line, points(c)))
                .collect();
            panels.push(Panel {
                title: String::new(),
                x: x.clone(),
                y,
                series,
            });
        }
    } else {
        for curve in curves {
            let y = axis(
                labelled("", curve.unit.as_deref()),
                &mut curve.values.iter().copied(),
            );
            let series = vec![Series::new("", 0, Mark::Line, points(curve))];
            panels.push(Panel {
                title: readable(&curve.name),
                x: x.clone(),
                y,
                series,
            });
        }
    }
    Figure {
        title: title.to_owned(),
        panels,
        ..Figure::default()
    }
}

/// How one local search ended.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Start {
    /// log-likelihood, with the prior where there is one; higher is better
    pub objective: f64,
    /// whether the search reached its tolerance
    pub converged: bool,
}

/// Waterfall: the local searches in order, as distance to the best.
pub fn waterfall(title: &str, starts: &[Start]) -> Figure {
    let mut sorted: Vec<Start> = starts
        .iter()
        .copied()
        .filter(|s| s.objective.is_finite())
        .collect();
    sorted.sort_by(|a, b| b.objective.total_cmp(&a.objective));
    let failed = starts.len() - sorted.len();
    let best = sorted.first().map_or(0.0, |s| s.objective);
    let series = [
        ("converged", 0, Mark::Circle, true),
        ("stopped before its tolerance", 1, Mark::Open, false),
    ]
    .into_iter()
    .map(|(name, colour, mark, converged)| {
        let points = sorted
            .iter()
            .enumerate()
            .filter(|(_, s)| s.converged == converged)
            .map(|(i, s)| (i as f64 + 1.0, best - s.objective + 1.0));
        Series::new(name, colour, mark, points.collect())
    })
    .filter(|s| !s.points.is_empty());
    let mut line = Series::new("", 6, Mark::Line, Vec::new());
    line.points = sorted
        .iter()
        .enumerate()
        .map(|(i, s)| (i as f64 + 1.0, best - s.objective + 1.0))
        .collect();
    line.colour = 5;
    let series = std::iter::once(line).chain(series).collect();
    let note = if failed == 0 {
        String::new()
    } else {
        format!(" ({failed} failed)")
    };
    let highest = sorted.last().map_or(1.0, |s| best - s.objective + 1.0);
    let (scale, range) = if highest > 30.0 {
        (AxisScale::Log, (0.7, highest * 1.8))
    } else {
        (AxisScale::Linear, (0.0, highest.max(1.2) * 1.08))
    };
    let x = Axis {
        label: format!("local search, best first{note}"),
        range: Some((0.3, sorted.len().max(1) as f64 + 0.7)),
        whole: true,
        ..Axis::default()
    };
    let y = Axis {
        label: "distance to best ln p, plus 1".to_owned(),
        scale,
        range: Some(range),
        ..Axis::default()
    };
    let subtitle = format!(
        "best ln p = {}",
        if sorted.is_empty() {
            "none".to_owned()
        } else {
            format!("{best:.3}").replace('-', "−")
        }
    );
    Figure {
        title: title.to_owned(),
        panels: vec![Panel {
            title: subtitle,
            x,
            y,
            series,
        }],
        ..Figure::default()
    }
}

/// An estimate with its interval.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Estimate {
    /// parameter
    pub name: String,
    /// its unit
    pub unit: Option<String>,
    /// estimate
    pub value: f64,
    /// limits of the 95 % interval, None where there is none
    pub interval: Option<(f64, f64)>,
    /// at a bound
    pub at_bound: bool,
    /// the value that made virtual data
    pub truth: Option<f64>,
}

/// Estimates with intervals: parameters of one unit share a panel and its axis.
pub fn parameters(title: &str, estimates: &[Estimate]) -> Figure {
    let mut groups: Vec<(Option<String>, bool)> = Vec::new();
    let key = |e: &Estimate| (e.unit.clone(), is_positive(e));
    for estimate in estimates {
        if !groups.contains(&key(estimate)) {
            groups.push(key(estimate));
        }
    }
    let mut panels = Vec::new();
    let mut tallest = 1;
    for group in &groups {
        let members: Vec<&Estimate> = estimates.iter().filter(|e| key(e) == *group).collect();
        for members in members.chunks(40) {
            tallest = tallest.max(members.len());
            panels.push(parameter_panel(group.0.as_deref(), group.1, members));
        }
    }
    let columns = if panels.len() == 1 {
        1
    } else {
        2.min(panels.len())
    };
    let width = if columns == 1 { 420.0 } else { 280.0 };
    // rows keep their distance in every panel
    for panel in &mut panels {
        let missing = tallest.min(40) - panel.y.categories.len();
        panel
            .y
            .categories
            .extend(std::iter::repeat_n(String::new(), missing));
    }
    let height = (tallest as f64 * 15.0 + 12.0).max(60.0);
    Figure {
        title: title.to_owned(),
        panels,
        columns: Some(columns),
        panel_size: Some((width, height)),
    }
}

fn is_positive(estimate: &Estimate) -> bool {
    estimate.value > 0.0
        && estimate.interval.is_none_or(|i| i.0 > 0.0)
        && estimate.truth.is_none_or(|t| t > 0.0)
}

fn parameter_panel(unit: Option<&str>, positive: bool, members: &[&Estimate]) -> Panel {
    let numbers = members.iter().flat_map(|e| {
        [
            Some(e.value),
            e.interval.map(|i| i.0),
            e.interval.map(|i| i.1),
            e.truth,
        ]
    });
    let spread: Vec<f64> = numbers.flatten().filter(|v| v.is_finite()).collect();
    let low = spread.iter().copied().fold(f64::INFINITY, f64::min);
    let high = spread.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let scale = if positive && high / low > 20.0 {
        AxisScale::Log
    } else {
        AxisScale::Linear
    };
    let label = labelled("value", unit);
    let x = Axis {
        label,
        scale,
        ..Axis::default()
    };
    let categories = members
        .iter()
        .map(|e| format!("{} = {}", e.name, short_number(e.value)))
        .collect();
    let y = Axis {
        categories,
        ..Axis::default()
    };
    let mut estimates = Series::new("estimate, 95 % interval", 0, Mark::Circle, Vec::new());
    let mut bare = Series::new("estimate without interval", 0, Mark::Open, Vec::new());
    let mut bound = Series::new("estimate at a bound", 1, Mark::Open, Vec::new());
    let mut truth = Series::new("truth", 6, Mark::Cross, Vec::new());
    estimates.bars = Bars::Horizontal;
    for (i, e) in members.iter().enumerate() {
        let at = (e.value, i as f64);
        match e.interval {
            _ if e.at_bound => bound.points.push(at),
            Some(interval) => {
                estimates.points.push(at);
                estimates.intervals.push(interval);
            }
            None => bare.points.push(at),
        }
        if let Some(value) = e.truth {
            truth.points.push((value, i as f64));
        }
    }
    let series = [estimates, bare, bound, truth]
        .into_iter()
        .filter(|s| !s.points.is_empty())
        .collect();
    Panel {
        title: String::new(),
        x,
        y,
        series,
    }
}
