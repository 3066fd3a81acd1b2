//! The false positives of the coupling: whole butyrate series exchanged between subjects at random, fitted anew, on threads.
//!
//! Exchange leaves each series and each subject's markers as they are and breaks every tie between them, so that of the 95 % intervals one
//! in twenty leaves 0 out by chance. Permutation k has a stream of random numbers of its own: threads change nothing.
//!
//! The rate is that of the model, not of the fit. In 10 000 permutations the linear mixed model leaves 0 out in 5.0 % for IL-6 and in 6.6 %
//! for zonulin (`benches/results/negative_control.md`), more than chance: zonulin of T3 and T4 correlates by 0.79, of other pairs of visits by
//! 0.38 to 0.59, and one reading (ID087, T2) lies 1.6 below its subject's mean on the logarithmic scale, while a random intercept and normal
//! noise know neither. 500 permutations cannot tell 6.6 from 5 %.
use crate::{cohort, interval::Interval, mixed_model, tables::Study};
use holobiont::fit::Natural;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::{
    error::Error,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

/// Elasticities of one permutation, in the order of the markers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Permuted {
    /// by the population fit
    pub population: [Interval; 2],
    /// by the linear mixed model
    pub mixed: [Interval; 2],
}

/// Who gives butyrate to whom: Fisher and Yates.
pub fn order(count: usize, seed: u64, number: usize) -> Vec<usize> {
    let mut numbers = ChaCha8Rng::seed_from_u64(seed);
    numbers.set_stream(number as u64);
    let mut order: Vec<usize> = (0..count).collect();
    for last in (1..count).rev() {
        order.swap(last, numbers.random_range(0..=last));
    }
    order
}

/// The study of a permutation.
fn exchanged(study: &Study, seed: u64, number: usize) -> Study {
    study.exchanged(&order(study.subjects.len(), seed, number))
}

/// Elasticities of both markers by the linear mixed model.
fn by_mixed_model(study: &Study) -> Result<[Interval; 2], String> {
    let own = |marker: usize| {
        let fit = mixed_model::fit(study, marker);
        let fit = fit.ok_or("the linear mixed model has no unique solution")?;
        Ok::<Interval, String>(fit.within)
    };
    Ok([own(0)?, own(1)?])
}

/// Both fits of permutations 0 to `count` - 1 in their order, and what failed. Searches begin at `start`.
pub fn run(
    study: &Study,
    start: &Natural,
    seed: u64,
    count: usize,
    threads: usize,
) -> (Vec<Permuted>, Vec<String>) {
    in_order(count, threads, &|number| {
        let study = exchanged(study, seed, number);
        let text = |error: Box<dyn Error + Send + Sync>| error.to_string();
        let problem = cohort::problem(&study, cohort::DAYS).map_err(text)?;
        let fit = cohort::fit(&problem, Some(start), &[]).map_err(text)?;
        let within = |marker| cohort::marker(&fit, marker).map(|m| m.within);
        Ok(Permuted {
            population: [within(0).map_err(text)?, within(1).map_err(text)?],
            mixed: by_mixed_model(&study)?,
        })
    })
}

/// Elasticities by the linear mixed model alone, which takes a thousandth of the time: the same permutations and more.
pub fn run_mixed(
    study: &Study,
    seed: u64,
    count: usize,
    threads: usize,
) -> (Vec<[Interval; 2]>, Vec<String>) {
    in_order(count, threads, &|number| {
        by_mixed_model(&exchanged(study, seed, number))
    })
}

/// Pieces of work on threads; results in the order of their numbers, and messages of those that failed.
fn in_order<T: Send>(
    count: usize,
    threads: usize,
    one: &(dyn Fn(usize) -> Result<T, String> + Sync),
) -> (Vec<T>, Vec<String>) {
    let next = AtomicUsize::new(0);
    let done: Mutex<Vec<(usize, Result<T, String>)>> = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..threads.clamp(1, count.max(1)) {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= count {
                        break;
                    }
                    let result = one(number);
                    done.lock()
                        .unwrap_or_else(PoisonError::into_inner)
                        .push((number, result));
                }
            });
        }
    });
    let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    done.sort_by_key(|(number, _)| *number);
    let (mut found, mut failures) = (Vec::new(), Vec::new());
    for (number, result) in done {
        match result {
            Ok(one) => found.push(one),
            Err(what) => failures.push(format!("permutation {}: {what}", number + 1)),
        }
    }
    (found, failures)
}

/// The smallest and largest number of `count` with chance `rate` each that lie within 95 %: at most 2.5 % beyond on either side.
pub fn binomial_limits(count: usize, rate: f64) -> (usize, usize) {
    let mut mass = libm::pow(1.0 - rate, count as f64);
    let (mut below, mut low, mut high) = (0.0, None, count);
    for k in 0..=count {
        let up_to = below + mass;
        if low.is_none() && up_to > 0.025 {
            low = Some(k);
        }
        if up_to >= 0.975 {
            high = k;
            break;
        }
        below = up_to;
        mass *= (count - k) as f64 / (k + 1) as f64 * rate / (1.0 - rate);
    }
    (low.unwrap_or(0), high)
}
