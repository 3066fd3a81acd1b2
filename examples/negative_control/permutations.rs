//! The false positives of the coupling: whole butyrate series exchanged between subjects at random, fitted anew, on threads.
//!
//! Exchange leaves each series and each subject's markers as they are and breaks every tie between them, so that of the 95 % intervals one
//! in twenty leaves 0 out by chance. Permutation k has a stream of random numbers of its own: threads change nothing.
use crate::{
    cohort, mixed_model,
    tables::{MARKERS, Study},
};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::{
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

/// Elasticities of one permutation, each with whether its interval leaves 0 out.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Permuted {
    /// of each marker by the population fit
    pub population: [(f64, bool); 2],
    /// by the linear mixed model
    pub mixed: [(f64, bool); 2],
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

fn one(study: &Study, seed: u64, number: usize) -> Result<Permuted, String> {
    let study = study.exchanged(&order(study.subjects.len(), seed, number));
    let failed = |error: &dyn std::fmt::Display| format!("permutation {}: {error}", number + 1);
    let problem = cohort::problem(&study, cohort::DAYS).map_err(|e| failed(&e))?;
    let fit = cohort::fit(&problem, None, &[]).map_err(|e| failed(&e))?;
    let mut found = Permuted::default();
    for marker in 0..MARKERS.len() {
        let own = cohort::marker(&fit, marker).map_err(|e| failed(&e))?.within;
        let mixed = mixed_model::fit(&study, marker)
            .ok_or_else(|| failed(&"the linear mixed model has no unique solution"))?
            .within;
        found.population[marker] = (own.value, !own.contains(0.0));
        found.mixed[marker] = (mixed.value, !mixed.contains(0.0));
    }
    Ok(found)
}

/// All permutations in their order, and what failed.
pub fn run(study: &Study, seed: u64, count: usize, threads: usize) -> (Vec<Permuted>, Vec<String>) {
    let next = AtomicUsize::new(0);
    let done: Mutex<Vec<(usize, Result<Permuted, String>)>> = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..threads.clamp(1, count.max(1)) {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= count {
                        break;
                    }
                    let result = one(study, seed, number);
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
    for (_, result) in done {
        match result {
            Ok(permuted) => found.push(permuted),
            Err(what) => failures.push(what),
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
