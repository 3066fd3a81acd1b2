//! Power, and false positives under no effect: many trials with the same lives.
//!
//! Each repeated trial allocates the subjects anew and draws dropout, relapses and noise anew; parameters, infections and adherence
//! belong to a life and stay. With an effect a subject takes its life in the arm it came to; without, its life in the first arm,
//! so all arms are alike and every finding is false. As each subject has a life in every arm (common random numbers), the difference
//! between arms holds no difference between groups of subjects; that of the subjects of this cohort from all others stays.
use super::analysis::p_values;
use super::chance::{Draw, Places, patient};
use super::design::Design;
use super::life::Life;
use super::population::Population;
use super::stream::{Purpose, Stream};
use crate::noise::normal_quantile;

/// How many of some trials found something.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Shared {
    /// trials with a p value below the level of significance
    pub found: usize,
    /// all trials; those whose p value is unknown found nothing
    pub of: usize,
}

impl Shared {
    /// The share.
    pub fn share(self) -> f64 {
        self.found as f64 / self.of as f64
    }

    /// Wilson's 95 % interval of it (1927, doi:10.1080/01621459.1927.10502953).
    pub fn interval(self) -> (f64, f64) {
        let (n, p, z) = (self.of as f64, self.share(), normal_quantile(0.975));
        let middle = (p + z * z / (2.0 * n)) / (1.0 + z * z / n);
        let half = z / (1.0 + z * z / n) * (p * (1.0 - p) / n + z * z / (4.0 * n * n)).sqrt();
        (middle - half, middle + half)
    }
}

/// Findings of one row of the table of endpoints.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rejections {
    /// with the effect that the model has: power
    pub effect: Shared,
    /// without any effect: false positives
    pub none: Shared,
}

/// Power and false positives.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Power {
    /// trials of each kind
    pub trials: usize,
    /// in the order of the table of endpoints
    pub rows: Vec<Rejections>,
}

/// Repeats a trial; `lives` holds one list an arm, each of the same subjects in the same order.
pub(super) fn repeat(
    design: &Design,
    population: &Population,
    lives: &[Vec<&Life>],
    places: &Places,
    seed: u64,
    trials: usize,
) -> Power {
    let subjects = lives.first().map_or(0, Vec::len);
    let one = |repetition: u64| -> [Vec<bool>; 2] {
        let mut order = Stream::new(seed, Purpose::Allocation, repetition, 0);
        let order = order.permutation(subjects);
        [true, false].map(|effect| {
            let mut patients = Vec::with_capacity(subjects);
            let mut next = order.iter();
            for (at, arm) in design.arms.iter().enumerate() {
                let of = if effect { at } else { 0 };
                for subject in next.by_ref().take(arm.size) {
                    let draw = Draw {
                        seed,
                        repetition,
                        all_visits: false,
                    };
                    patients.push(patient(
                        lives[of][*subject],
                        at,
                        design,
                        population,
                        places,
                        draw,
                    ));
                }
            }
            let found = p_values(design, &patients).into_iter();
            found.map(|p| p < design.significance).collect()
        })
    };
    let count = design.endpoints.len() * design.arms.len().saturating_sub(1);
    let nothing = || vec![Rejections::default(); count];
    let add = |mut rows: Vec<Rejections>, found: [Vec<bool>; 2]| {
        for (row, (effect, none)) in rows.iter_mut().zip(found[0].iter().zip(&found[1])) {
            for (share, found) in [(&mut row.effect, effect), (&mut row.none, none)] {
                share.found += usize::from(*found);
                share.of += 1;
            }
        }
        rows
    };
    // whole numbers are added, so the order does not matter
    #[cfg(feature = "parallel")]
    let rows = {
        use rayon::prelude::*;
        let join = |mut a: Vec<Rejections>, b: Vec<Rejections>| {
            for (a, b) in a.iter_mut().zip(b) {
                for (a, b) in [(&mut a.effect, b.effect), (&mut a.none, b.none)] {
                    (a.found, a.of) = (a.found + b.found, a.of + b.of);
                }
            }
            a
        };
        let each = (1..=trials as u64).into_par_iter();
        each.fold(nothing, |rows, at| add(rows, one(at)))
            .reduce(nothing, join)
    };
    #[cfg(not(feature = "parallel"))]
    let rows = (1..=trials as u64).fold(nothing(), |rows, at| add(rows, one(at)));
    Power { trials, rows }
}
