//! Visual predictive checks: percentiles of the readings over time beside those of simulated populations.
//!
//! **Bins.** Where an endpoint was read at 12 times or fewer, five times or more at each, every time is a bin. Else the readings are
//! sorted by time and cut into groups of equal size, at most 12 and of 10 readings or more where there are so many; readings of one
//! time stay together. A bin stands at the median of its times.
//!
//! **Percentiles** are the 5th, 50th and 95th, linear between order statistics. Of each simulated population they are taken in the
//! same bins; the 5 %, 50 % and 95 % points over all populations are band and median. Draws that failed are missing.
//!
//! **Censoring** (Bergstrand & Karlsson 2009, doi:10.1208/s12248-009-9112-5): a censored reading counts as its limit, and simulated values
//! beyond a reading's limit (see `limits`) count as that limit too, so that a percentile among them lies on the limit on both
//! sides. How many lie beyond is shown beside: the share of readings below (above) the limit with the band of simulated
//! populations. A reading between two limits counts as their middle.

use super::ReadingDiagnostic;
use crate::noise::Reading;
use crate::population::limits::Limits;
use crate::population::model::PopulationProblem;
use crate::population::simulate::PopulationSimulation;
use serde::{Deserialize, Serialize};

/// Most bins of an endpoint.
const BINS: usize = 12;
/// Readings at one time that make a bin.
const AT_TIME: usize = 5;
/// Readings in a bin, where there are enough.
const IN_BIN: usize = 10;
/// The percentiles, and the points of the bands over simulated populations.
pub(crate) const PARTS: [f64; 3] = [0.05, 0.5, 0.95];

/// A share of readings, observed and simulated.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Share {
    /// of the readings
    pub observed: f64,
    /// 5 %, 50 % and 95 % points of simulated populations
    pub simulated: [f64; 3],
}

/// Readings of neighbouring times.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct VpcBin {
    /// first time
    pub from: f64,
    /// last time
    pub to: f64,
    /// median time
    pub middle: f64,
    /// number of readings
    pub count: usize,
    /// 5th, 50th and 95th percentile of the readings
    pub observed: [f64; 3],
    /// of each of these percentiles: 5 %, 50 % and 95 % points over simulated populations
    pub simulated: [[f64; 3]; 3],
    /// readings below their limit, where any reading of the endpoint is
    pub below: Option<Share>,
    /// readings above their limit, where any reading of the endpoint is
    pub above: Option<Share>,
}

/// The check of one endpoint.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Vpc {
    /// position among the endpoints
    pub endpoint: usize,
    /// its id
    pub id: String,
    /// bins in the order of their times
    pub bins: Vec<VpcBin>,
}

/// Checks of all endpoints that were read.
pub(super) fn checks(
    problem: &PopulationProblem,
    simulation: &PopulationSimulation,
    limits: &[Limits],
    readings: &[ReadingDiagnostic],
) -> Vec<Vpc> {
    let endpoints = problem.problem.cohort.endpoints.iter().enumerate();
    endpoints
        .filter_map(|(endpoint, known)| {
            let mut own: Vec<usize> = (0..readings.len())
                .filter(|&j| readings[j].endpoint == endpoint)
                .collect();
            own.sort_by(|&a, &b| readings[a].time.total_cmp(&readings[b].time));
            let times: Vec<f64> = own.iter().map(|&j| readings[j].time).collect();
            let any = |of: fn(&Reading) -> bool| own.iter().any(|&j| of(&readings[j].reading));
            let beyond = (
                any(|r| matches!(r, Reading::Below(_))),
                any(|r| matches!(r, Reading::Above(_))),
            );
            let bins: Vec<VpcBin> = cuts(&times)
                .windows(2)
                .map(|w| bin(&own[w[0]..w[1]], simulation, limits, readings, beyond))
                .collect();
            (!bins.is_empty()).then(|| Vpc {
                endpoint,
                id: known.id.clone(),
                bins,
            })
        })
        .collect()
}

/// Where the bins of ascending times begin, and the end of the last.
fn cuts(times: &[f64]) -> Vec<usize> {
    let n = times.len();
    if n == 0 {
        return Vec::new();
    }
    let changes: Vec<usize> = (1..n).filter(|&i| times[i] > times[i - 1]).collect();
    let ends = || changes.iter().copied().chain([n]);
    let starts = [0].into_iter().chain(changes.iter().copied());
    if changes.len() < BINS && starts.zip(ends()).all(|(from, to)| to - from >= AT_TIME) {
        return [0].into_iter().chain(ends()).collect();
    }
    let bins = (n / IN_BIN).clamp(1, BINS);
    let mut cuts = vec![0];
    for b in 1..bins {
        // the nearest change of time
        let wanted = b * n / bins;
        let up = changes.iter().copied().find(|at| *at >= wanted);
        let down = changes.iter().rev().copied().find(|at| *at <= wanted);
        let near = match (up, down) {
            (Some(u), Some(d)) => Some(if u - wanted < wanted - d { u } else { d }),
            (up, down) => up.or(down),
        };
        cuts.extend(near.filter(|at| cuts.last().is_some_and(|last| at > last)));
    }
    cuts.push(n);
    cuts
}

fn bin(
    own: &[usize],
    simulation: &PopulationSimulation,
    limits: &[Limits],
    readings: &[ReadingDiagnostic],
    beyond: (bool, bool),
) -> VpcBin {
    let times: Vec<f64> = own.iter().map(|&j| readings[j].time).collect();
    let observed: Vec<f64> = own
        .iter()
        .map(|&j| match readings[j].reading {
            Reading::Value(v) | Reading::Below(v) | Reading::Above(v) => v,
            Reading::Between(a, b) => 0.5 * (a + b),
        })
        .collect();
    let mut by_percentile: [Vec<f64>; 3] = Default::default();
    let (mut below, mut above) = (Vec::new(), Vec::new());
    for k in 0..simulation.replicates {
        let values = simulation.replicate(k);
        let drawn = || own.iter().filter(|&&j| values[j].is_finite());
        let count = drawn().count();
        if count == 0 {
            continue;
        }
        let is_below = |j: usize| limits[j].lower.is_some_and(|l| values[j] < l);
        let is_above = |j: usize| limits[j].upper.is_some_and(|u| values[j] > u);
        let share =
            |of: &dyn Fn(usize) -> bool| drawn().filter(|&&j| of(j)).count() as f64 / count as f64;
        below.push(share(&is_below));
        above.push(share(&is_above));
        let cut = |j: usize| {
            let v = limits[j].lower.map_or(values[j], |l| values[j].max(l));
            limits[j].upper.map_or(v, |u| v.min(u))
        };
        let sorted = sorted(drawn().map(|&j| cut(j)).collect());
        for (all, p) in by_percentile.iter_mut().zip(PARTS) {
            all.push(quantile(&sorted, p));
        }
    }
    let observed = sorted(observed);
    let points = |numbers: Vec<f64>| {
        let numbers = sorted(numbers);
        PARTS.map(|p| quantile(&numbers, p))
    };
    let of = |wanted: fn(&Reading) -> bool| {
        let count = own.iter().filter(|&&j| wanted(&readings[j].reading));
        count.count() as f64 / own.len() as f64
    };
    VpcBin {
        from: times[0],
        to: times[times.len() - 1],
        middle: quantile(&times, 0.5),
        count: own.len(),
        observed: PARTS.map(|p| quantile(&observed, p)),
        simulated: by_percentile.map(points),
        below: beyond.0.then(|| Share {
            observed: of(|r| matches!(r, Reading::Below(_))),
            simulated: points(below),
        }),
        above: beyond.1.then(|| Share {
            observed: of(|r| matches!(r, Reading::Above(_))),
            simulated: points(above),
        }),
    }
}

fn sorted(mut numbers: Vec<f64>) -> Vec<f64> {
    numbers.sort_by(f64::total_cmp);
    numbers
}

/// Linear between the order statistics of ascending numbers; NaN of none.
pub(super) fn quantile(sorted: &[f64], p: f64) -> f64 {
    let Some(last) = sorted.len().checked_sub(1) else {
        return f64::NAN;
    };
    let place = p * last as f64;
    let low = place.floor() as usize;
    let high = (low + 1).min(last);
    let share = place - low as f64;
    if share == 0.0 {
        sorted[low]
    } else {
        sorted[low] + share * (sorted[high] - sorted[low])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bins_hold_alike_many_readings_and_never_part_one_time() {
        let times: Vec<f64> = (0..60).map(|i| (i / 6) as f64).collect();
        assert!(
            cuts(&times)
                .iter()
                .eq((0..=10).map(|b| 6 * b).collect::<Vec<_>>().iter())
        );
        let times: Vec<f64> = (0..60).map(|i| (i / 3) as f64).collect();
        let found = cuts(&times);
        assert_eq!((found.first(), found.last()), (Some(&0), Some(&60)));
        assert!(
            found.iter().all(|c| c % 3 == 0) && found.len() == 7,
            "{found:?}"
        );
        assert_eq!(cuts(&[1.0; 50]), [0, 50]);
    }

    #[test]
    fn quantiles_lie_between_order_statistics() {
        let numbers = [1.0, 2.0, 4.0];
        assert_eq!(PARTS.map(|p| quantile(&numbers, p)), [1.1, 2.0, 3.8]);
        assert!(quantile(&[], 0.5).is_nan());
    }
}
