//! All fits of the negative control, and whether each thing asked of them holds.
use crate::{
    cohort::{self, DAYS, Marker},
    interval::Interval,
    mixed_model::{self, MixedModel},
    permutations::{self, Permuted, binomial_limits},
    tables::{MARKERS, Study},
};
use holobiont::population::{Method, Route};
use std::error::Error;

/// Elasticities that are planted, in the order of [`MARKERS`].
pub const PLANTED: [f64; 2] = [0.06, 0.15];
/// Nominal rate of false positives.
pub const RATE: f64 = 0.05;
/// Largest share by which variance components may differ from those of the linear mixed model.
pub const VARIANCES_AGREE: f64 = 0.02;
/// Largest part of a standard error by which a planted elasticity may be missed.
pub const RECOVERED: f64 = 0.1;
/// Permutations of the linear mixed model alone for each one of both.
pub const MIXED: usize = 20;
/// Other distances of the visits that are tried, days.
pub const OTHER_DAYS: [f64; 2] = [14.0, 56.0];

/// What was found of one marker.
#[derive(Clone, Debug)]
pub struct Found {
    /// by the library
    pub population: Marker,
    /// profile interval of the elasticity
    pub profile: (f64, f64),
    /// by the linear mixed model
    pub mixed: MixedModel,
    /// elasticity with [`PLANTED`] in the data, by the library and the linear mixed model
    pub planted: [Interval; 2],
    /// elasticity at [`OTHER_DAYS`]
    pub other_days: [Interval; 2],
}

/// Everything.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// in the order of [`MARKERS`]
    pub found: Vec<Found>,
    /// -2 ln L of both markers together by the library's methods
    pub routes: Vec<Route>,
    /// the permutations that were fitted
    pub permuted: Vec<Permuted>,
    /// more of them by the linear mixed model alone
    pub mixed: Vec<[Interval; 2]>,
    /// what failed of either
    pub failures: Vec<String>,
}

/// Runs everything: `count` permutations from `seed` on `threads` threads.
pub fn run(
    study: &Study,
    seed: u64,
    count: usize,
    threads: usize,
) -> Result<Outcome, Box<dyn Error + Send + Sync>> {
    let problem = cohort::problem(study, DAYS)?;
    let exact = [Method::Focei, Method::Laplace, Method::Quadrature];
    let fit = cohort::fit(&problem, None, &exact)?;
    let start = fit.natural(&problem);
    let planted = study.planted(PLANTED);
    let refit = |study: &Study, days: f64| {
        let problem = cohort::problem(study, days)?;
        cohort::fit(&problem, Some(&start), &[])
    };
    let with_planted = refit(&planted, DAYS)?;
    let spaced = [refit(study, OTHER_DAYS[0])?, refit(study, OTHER_DAYS[1])?];
    let mut found = Vec::new();
    for (marker, (_, _, name)) in MARKERS.iter().enumerate() {
        let mixed = |study: &Study| {
            let why = || format!("the linear mixed model of {name} has no unique solution");
            mixed_model::fit(study, marker).ok_or_else(why)
        };
        let within = |fit| cohort::marker(fit, marker).map(|m| m.within);
        found.push(Found {
            population: cohort::marker(&fit, marker)?,
            profile: cohort::profile(&problem, &fit, marker)?,
            mixed: mixed(study)?,
            planted: [within(&with_planted)?, mixed(&planted)?.within],
            other_days: [within(&spaced[0])?, within(&spaced[1])?],
        });
    }
    let (permuted, mut failures) = permutations::run(study, &start, seed, count, threads);
    let (mixed, more) = permutations::run_mixed(study, seed, MIXED * count, threads);
    failures.extend(more);
    Ok(Outcome {
        found,
        routes: fit.certificate.routes,
        permuted,
        mixed,
        failures,
    })
}

/// What permutations say of a marker.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Counts {
    /// intervals of the population fit that leave 0 out
    pub population: usize,
    /// of the linear mixed model
    pub mixed: usize,
    /// permutations whose elasticity is as far from 0 as that of the data
    pub as_far: usize,
    /// largest difference between the two elasticities, in standard errors
    pub apart: f64,
    /// intervals of the linear mixed model that leave 0 out, in its longer series
    pub longer: usize,
}

impl Outcome {
    /// Counts of a marker.
    pub fn counts(&self, marker: usize) -> Counts {
        let count = |test: &dyn Fn(&Permuted) -> bool| {
            let of = self.permuted.iter().filter(|p| test(p));
            of.count()
        };
        let own = self.found[marker].population.within.value.abs();
        let apart = |p: &Permuted| {
            let (a, b) = (p.population[marker], p.mixed[marker]);
            (a.value - b.value).abs() / b.error
        };
        let longer = self.mixed.iter().filter(|m| !m[marker].contains(0.0));
        Counts {
            population: count(&|p| !p.population[marker].contains(0.0)),
            mixed: count(&|p| !p.mixed[marker].contains(0.0)),
            as_far: count(&|p| p.population[marker].value.abs() >= own),
            apart: self.permuted.iter().map(apart).fold(0.0, f64::max),
            longer: longer.count(),
        }
    }

    /// What is asked, and whether it holds.
    pub fn verdicts(&self) -> Vec<(&'static str, bool)> {
        let all = |test: &dyn Fn(&Found) -> bool| self.found.iter().all(test);
        let (low, high) = binomial_limits(self.permuted.len(), RATE);
        let in_limits = |marker| (low..=high).contains(&self.counts(marker).population);
        let recovered = |(found, planted): (&Found, &f64)| {
            let now = found.planted[0];
            let moved = now.value - found.population.within.value;
            now.contains(*planted)
                && !now.contains(0.0)
                && (moved - planted).abs() < RECOVERED * now.error
        };
        vec![
            (
                "both 95 % intervals include zero, Wald's and the profile's",
                all(&|f| {
                    f.population.within.contains(0.0) && f.profile.0 <= 0.0 && 0.0 <= f.profile.1
                }),
            ),
            (
                "both are no wider than twice those of the linear mixed model",
                all(&|f| f.width_ratio() <= 2.0),
            ),
            (
                "what is planted is recovered: within the interval, 0 outside, moved to a tenth of a standard error",
                self.found.iter().zip(&PLANTED).all(recovered),
            ),
            (
                "permuted subjects give the nominal rate of false positives, within binomial limits",
                self.failures.is_empty() && (0..self.found.len()).all(in_limits),
            ),
            (
                "variance components agree with the linear mixed model to 2 %",
                all(&|f| {
                    f.variance_differences()
                        .iter()
                        .all(|d| d.abs() <= VARIANCES_AGREE)
                }),
            ),
        ]
    }
}

impl Found {
    /// Width of the wider of the library's intervals over that of the linear mixed model.
    pub fn width_ratio(&self) -> f64 {
        let wald = 2.0 * Interval::QUANTILE * self.population.within.error;
        let mixed = 2.0 * Interval::QUANTILE * self.mixed.within.error;
        wald.max(self.profile.1 - self.profile.0) / mixed
    }

    /// Variances of the library over those of the linear mixed model, less 1.
    pub fn variance_differences(&self) -> [f64; 2] {
        let (own, mixed) = (self.population.variances, self.mixed.variances);
        [own[0] / mixed[0] - 1.0, own[1] / mixed[1] - 1.0]
    }
}
