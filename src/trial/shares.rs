//! Shares of virtual subjects: with a disease, with a relapse, with confirmed progression, with a raised quantity.
//!
//! A share with a quantity above a limit counts subjects. That with a relapse is the mean of \\(1 - e^{-\int\lambda}\\), which chance
//! does not blur. That with confirmed progression counts subjects whose visits were drawn once, with the same noise in every arm.
use super::chance::{expected_relapses, scored};
use super::disability::confirmed_progression;
use super::error::{Failure, TrialError};
use super::life::{Life, Settled, Subjects, days};
use super::population::{Event, Population, ShareOf};
use super::stream::{Purpose, Stream};
use crate::compile::System;
use crate::exchange::model::{Model, Scenario};
use std::collections::BTreeMap;

/// Shares of subjects on a day.
#[derive(Clone, Debug, PartialEq)]
pub struct Shares {
    /// share by the name that the population gives it, 0 to 1
    pub by_name: BTreeMap<String, f64>,
    /// subjects behind them
    pub subjects: usize,
    /// subjects whose solve failed, which are not among them
    pub failures: Vec<Failure>,
}

/// Shares of which more than this share of the solves failed are no result.
const FAILED: f64 = 0.05;

/// The shares that a population names, of `population.size` subjects that live as the scenario `subject` through the run-in and
/// then until `day` under a treatment (None: untreated).
///
/// # Errors
/// Scenarios that do not fit the system; more than one solve in twenty failed.
pub fn shares(
    model: &Model,
    system: &System,
    population: &Population,
    subject: &Scenario,
    treatment: Option<&Scenario>,
    day: f64,
) -> Result<Shares, TrialError> {
    let subjects = Subjects::of_population(model, system, population, subject);
    let mut failures = Vec::new();
    let mut settled = Vec::new();
    for subject in subjects.settle(0..population.size, day)? {
        match subject {
            Ok(subject) => settled.push(subject),
            Err(failure) => failures.push(failure),
        }
    }
    shares_of(&subjects, population, &settled, treatment, day, failures)
}

/// The same from subjects that have lived through their run-in, so that it is solved once for many treatments; `failures` are those
/// of the run-in.
///
/// # Errors
/// As [`shares`].
pub fn shares_of(
    subjects: &Subjects,
    population: &Population,
    settled: &[Settled],
    treatment: Option<&Scenario>,
    day: f64,
    mut failures: Vec<Failure>,
) -> Result<Shares, TrialError> {
    let visits: Vec<f64> = match &population.disability {
        Some(scale) => (0..=(day / scale.every + 1e-9) as usize)
            .map(|k| k as f64 * scale.every)
            .collect(),
        None => Vec::new(),
    };
    let kept = days(population.step, day, &visits);
    let mut lives = Vec::new();
    for life in subjects.treated(settled, treatment, &kept)? {
        match life {
            Ok(life) => lives.push(life),
            Err(failure) => failures.push(failure),
        }
    }
    let of = lives.len() + failures.len();
    if failures.len() as f64 > FAILED * of as f64 {
        return Err(TrialError::TooManyFailed {
            failed: failures.len(),
            of,
            first: failures.swap_remove(0),
        });
    }
    let one = |(name, share): (&String, &ShareOf)| {
        let each = |life: &Life| weight(subjects, population, share, life, day, &visits);
        let mean = lives.iter().map(each).sum::<f64>() / lives.len() as f64;
        (name.clone(), mean)
    };
    Ok(Shares {
        by_name: population.shares.iter().map(one).collect(),
        subjects: lives.len(),
        failures,
    })
}

/// How much a subject counts in a share: 0, 1, or its probability.
fn weight(
    subjects: &Subjects,
    population: &Population,
    share: &ShareOf,
    life: &Life,
    day: f64,
    visits: &[f64],
) -> f64 {
    let counts = |yes: bool| if yes { 1.0 } else { 0.0 };
    match (share.event, &share.of, share.above) {
        (Some(Event::Relapse), ..) => match &population.relapses {
            Some(relapses) => -libm::expm1(-expected_relapses(
                life,
                subjects.quantity(&relapses.rate),
                day,
            )),
            None => 0.0,
        },
        (Some(Event::Progression), ..) => match &population.disability {
            Some(scale) => {
                let mut stream = Stream::new(population.seed, Purpose::Disability, 0, life.subject);
                let scores = scored(
                    scale,
                    life,
                    subjects.quantity(&scale.of),
                    visits,
                    &mut stream,
                );
                counts(
                    confirmed_progression(visits, &scores, &scale.rises, scale.confirm).is_some(),
                )
            }
            None => 0.0,
        },
        (None, Some(of), Some(above)) => {
            let row = &life.values[subjects.quantity(of)];
            match share.ever {
                true => counts(row.iter().any(|value| *value > above)),
                false => counts(row.last().is_some_and(|value| *value > above)),
            }
        }
        _ => 0.0,
    }
}
