//! A virtual trial in pictures: progression over time, means over visits.
use super::{
    figure::{Axis, Bars, Figure, Mark, Panel, Series},
    trial::WEEK,
};
use crate::trial::{Change, Scale, Trial};

/// Kaplan and Meier's curves of confirmed progression.
pub fn trial_progression(trial: &Trial) -> Figure {
    let end = trial.visits.last().copied().unwrap_or(0.0) / WEEK;
    let mut series = Vec::new();
    for (at, arm) in trial.design.arms.iter().enumerate() {
        let curve = trial.progression(at);
        let mut line = Series::new(arm.id.clone(), at, Mark::Line, Vec::new());
        line.bars = Bars::Band;
        // each share stands until the next event
        for (k, share) in curve.shares.iter().enumerate() {
            let to = curve.days.get(k + 1).map_or(end, |day| day / WEEK);
            let (lower, upper) = curve.intervals[k];
            for week in [curve.days[k] / WEEK, to] {
                line.points.push((week, 100.0 * (1.0 - share)));
                line.intervals
                    .push((100.0 * (1.0 - upper), 100.0 * (1.0 - lower)));
            }
        }
        series.push(line);
    }
    let panel = Panel {
        x: Axis::of("time", Some("weeks")),
        y: Axis::of("confirmed progression", Some("%")),
        series,
        ..Panel::default()
    };
    Figure {
        title: title(trial),
        panels: vec![panel],
        ..Figure::default()
    }
}

/// Means over visits with 95 % intervals, a panel an endpoint.
pub fn trial_means(trial: &Trial) -> Figure {
    let mut panels = Vec::new();
    for (e, endpoint) in trial.design.endpoints.iter().enumerate() {
        let mut series = Vec::new();
        for (at, arm) in trial.design.arms.iter().enumerate() {
            let means = trial.means(e, at);
            let mut line = Series::new(arm.id.clone(), at, Mark::Line, Vec::new());
            line.bars = Bars::Band;
            for (day, (mean, interval)) in trial.visits.iter().zip(means) {
                line.points.push((day / WEEK, mean));
                line.intervals.push(interval);
            }
            series.push(line);
        }
        if series.iter().all(|line| line.points.is_empty()) {
            continue;
        }
        let unit = match (endpoint.scale, endpoint.change) {
            (Scale::Log, Change::Difference) => Some("first visit = 1"),
            _ => endpoint.unit.as_deref(),
        };
        panels.push(Panel {
            x: Axis::of("time", Some("weeks")),
            y: Axis::of(&endpoint.name, unit),
            series,
            ..Panel::default()
        });
    }
    Figure {
        title: title(trial),
        panels,
        ..Figure::default()
    }
}

fn title(trial: &Trial) -> String {
    let design = &trial.design;
    design
        .description
        .clone()
        .unwrap_or_else(|| design.id.clone())
}
