//! How much mice differ and how much readings scatter, from the training mice alone, by moments of log10 readings.
//!
//! With $d$ the deviation of a reading from the mean of the mice of the same diet and day (times $\sqrt{n/(n-1)}$ for $n$ mice):
//!
//! * *within*: the variance of a mouse's $d$ after day 0 around their mean;
//! * *start*: the variance of $d$ on day 0;
//! * *persistence*: how much of the deviation on day 0 a mouse keeps, the covariance of $d$ on day 0 and of the mean $d$ after it
//!   over the variance of the former, pooled over a group of quantities, drawn towards 1/2 with the weight of [`PRIOR_WEIGHT`]
//!   groups and kept in [0.2, 0.8].
use super::scores::{Quantities, floored};
use super::tables::{ACIDS, Study};

/// Weight of the prior guess 1/2 of the persistence, in groups.
const PRIOR_WEIGHT: f64 = 3.0;

/// Least standard deviation of log10: one mouse a diet tells nothing of the spread, and no assay reads better than this.
const LEAST: f64 = 0.03;

/// Standard deviations of one quantity, all of log10.
#[derive(Clone, Copy, Debug)]
pub struct Spread {
    /// of readings of one mouse after day 0
    pub within: f64,
    /// of the part of day 0 that passes: reading error and what is forgotten
    pub passing: f64,
    /// of what a mouse keeps
    pub lasting: f64,
}

#[derive(Clone, Copy, Default)]
struct Moments {
    within: f64,
    start: f64,
    both: f64,
}

/// The spreads of all quantities. Acids share theirs, genera share theirs: single ones are too few to tell.
pub fn spreads(quantities: &Quantities, training: &Study) -> Vec<Spread> {
    let moments: Vec<Moments> = (0..quantities.len())
        .map(|q| moments(quantities, training, q))
        .collect();
    let groups = [0..1, 1..1 + ACIDS.len(), 1 + ACIDS.len()..quantities.len()];
    let mut spreads = Vec::new();
    for group in groups {
        let count = group.len();
        let mean = |of: fn(&Moments) -> f64| {
            moments[group.clone()].iter().map(of).sum::<f64>() / count as f64
        };
        let (within, start, both) = (mean(|m| m.within), mean(|m| m.start), mean(|m| m.both));
        let kept = if start > 0.0 { both / start } else { 0.5 };
        let persistence = (kept + 0.5 * PRIOR_WEIGHT) / (1.0 + PRIOR_WEIGHT);
        let persistence = persistence.clamp(0.2, 0.8);
        let spread = Spread {
            within: within.sqrt().max(LEAST),
            passing: ((1.0 - persistence) * start).sqrt().max(LEAST),
            lasting: (persistence * start).sqrt().max(LEAST),
        };
        spreads.extend(std::iter::repeat_n(spread, count));
    }
    spreads
}

/// Moments of one quantity over the training mice.
fn moments(quantities: &Quantities, training: &Study, q: usize) -> Moments {
    let floor = quantities.floor(q);
    let value =
        |sample| quantities.readings(training, sample)[q].map(|value| floored(value, floor));
    // deviations of every mouse: (day, deviation)
    let mut deviations: Vec<Vec<(u32, f64)>> = vec![Vec::new(); training.mice.len()];
    for diet in 0..super::tables::DIETS.len() {
        let members: Vec<usize> = (0..training.mice.len())
            .filter(|&i| training.mice[i].diet == diet)
            .collect();
        let mut days: Vec<u32> = members
            .iter()
            .flat_map(|&i| training.mice[i].samples.iter().map(|s| s.day))
            .collect();
        days.sort_unstable();
        days.dedup();
        for day in days {
            let read: Vec<(usize, f64)> = members
                .iter()
                .filter_map(|&i| {
                    let sample = training.mice[i].samples.iter().find(|s| s.day == day)?;
                    Some((i, value(sample)?))
                })
                .collect();
            let n = read.len() as f64;
            if read.len() < 2 {
                continue;
            }
            let mean = read.iter().map(|(_, v)| v).sum::<f64>() / n;
            for (mouse, v) in read {
                deviations[mouse].push((day, (v - mean) * (n / (n - 1.0)).sqrt()));
            }
        }
    }
    let (mut sums, mut counts) = (Moments::default(), [0.0; 2]);
    for list in &deviations {
        let after: Vec<f64> = list
            .iter()
            .filter(|(day, _)| *day > 0)
            .map(|(_, d)| *d)
            .collect();
        let mean = after.iter().sum::<f64>() / after.len().max(1) as f64;
        if after.len() > 1 {
            sums.within +=
                after.iter().map(|d| (d - mean).powi(2)).sum::<f64>() / (after.len() - 1) as f64;
            counts[0] += 1.0;
        }
        if let (Some((_, start)), false) =
            (list.iter().find(|(day, _)| *day == 0), after.is_empty())
        {
            sums.start += start * start;
            sums.both += start * mean;
            counts[1] += 1.0;
        }
    }
    let [within, pairs] = counts.map(|count: f64| count.max(1.0));
    Moments {
        within: sums.within / within,
        start: sums.start / pairs,
        both: sums.both / pairs,
    }
}
