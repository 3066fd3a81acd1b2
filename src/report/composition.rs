//! Stacked composition: shares of a community over time, as observed and as predicted, side by side.
use super::{
    data_and_fit::SMALL_PANEL,
    figure::{Axis, Bars, Figure, Mark, Panel, Series},
    pictures::readable,
};

/// Shares of the members of a community over time.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Shares {
    /// above the panel
    pub title: String,
    /// times, ascending
    pub times: Vec<f64>,
    /// per time: one share per member, 0 to 1, together 1
    pub shares: Vec<Vec<f64>>,
    /// whether the times are moments (bars) or a curve (areas)
    pub moments: bool,
    /// from and to of the horizontal axis
    pub range: (f64, f64),
}

/// Stacked shares, one panel each; `members` are the names from the bottom to the top.
pub fn stacked_shares(time_unit: Option<&str>, members: &[String], stacks: &[Shares]) -> Figure {
    let panels = stacks.iter().map(|stack| {
        let series = members.iter().enumerate().map(|(member, name)| {
            let mut series = Series::new(readable(name), member, Mark::None, Vec::new());
            series.bars = Bars::Area;
            for (k, (time, shares)) in stack.times.iter().zip(&stack.shares).enumerate() {
                let below: f64 = shares[..member].iter().sum();
                let limits = (below, below + shares[member]);
                if stack.moments {
                    let half = half_width(stack, k);
                    for x in [time - half, time + half, f64::NAN] {
                        series.points.push((x, below));
                        series.intervals.push(limits);
                    }
                } else {
                    series.points.push((*time, below));
                    series.intervals.push(limits);
                }
            }
            series
        });
        Panel {
            title: stack.title.clone(),
            x: Axis {
                range: Some(stack.range),
                ..Axis::of("time", time_unit)
            },
            y: Axis {
                range: Some((0.0, 1.0)),
                ..Axis::of("share", None)
            },
            series: series.collect(),
        }
    });
    Figure {
        panels: panels.collect(),
        columns: Some(4),
        panel_size: Some(SMALL_PANEL),
        ..Figure::default()
    }
}

/// Half the width of the bar at the k-th moment: bars neither touch their neighbours nor vanish, nor grow too wide.
fn half_width(stack: &Shares, k: usize) -> f64 {
    let span = stack.range.1 - stack.range.0;
    let gap = |a: usize, b: usize| (stack.times[b] - stack.times[a]).abs();
    let before = if k > 0 { gap(k - 1, k) } else { f64::INFINITY };
    let after = if k + 1 < stack.times.len() {
        gap(k, k + 1)
    } else {
        f64::INFINITY
    };
    (0.42 * before.min(after)).clamp(0.004 * span, 0.03 * span)
}
