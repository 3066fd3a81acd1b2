//! The width of the prior of interactions, chosen by leaving mice out among those that a fit may see.
//!
//! A mouse is forecast blindly: of the other eight each is left out in turn, the width whose fits to the seven that remain
//! forecast the eighth best (pooled squared error) is taken, the eight are fitted with it, and only then is the mouse looked at.
//! The fit to all nine takes the width that forecasts best when one mouse is left out. (Nested cross-validation: Varma and Simon
//! 2006, doi:10.1186/1471-2105-7-91.)
use crate::{
    mice::{Mouse, rmse},
    study::{Assumptions, Study},
};
use holobiont::fit::Natural;
use std::{
    collections::BTreeMap,
    error::Error,
    io::{IsTerminal, Write},
    sync::Mutex,
};

/// Widths that are fitted, in the order of the fits: each starts from the one before.
pub const WIDTHS: [f64; 5] = [0.01, 0.03, 0.05, 0.1, 0.3];
/// Those among which is chosen. The narrowest is fitted to show the trend: with hardly any interactions forecasts get better still,
/// but a Lotka-Volterra model without interactions is a model of no community.
pub const OFFERED: std::ops::Range<usize> = 1..WIDTHS.len();

/// One fit and how it does.
#[derive(Clone, Debug)]
pub struct Trial {
    /// estimates
    pub natural: Natural,
    /// squared errors of each of the nine mice, seen or not
    pub errors: Vec<(f64, usize)>,
}

/// Fits at every width to all mice but one or two, and to all.
#[derive(Debug)]
pub struct Trials {
    mice: usize,
    /// by mice left out, in ascending order: one trial per width
    fits: BTreeMap<Vec<usize>, Vec<Trial>>,
}

/// Fits to all mice but those `out`, at the given widths, narrow to wide.
pub fn fit_without(
    study: &Study,
    mice: &[Mouse],
    out: &[usize],
    widths: &[f64],
    inoculation: bool,
) -> Result<Vec<Trial>, Box<dyn Error>> {
    let seen: Vec<Mouse> = (0..mice.len())
        .filter(|i| !out.contains(i))
        .map(|i| mice[i].clone())
        .collect();
    let mut trials: Vec<Trial> = Vec::new();
    for &width in widths {
        let assumptions = Assumptions { width, inoculation };
        let earlier = trials.last().map(|trial| &trial.natural);
        let natural = study.fit(&seen, &assumptions, earlier)?;
        let errors = study.score(mice, &natural, &assumptions)?;
        trials.push(Trial { natural, errors });
    }
    Ok(trials)
}

impl Trials {
    /// Makes all fits, one per thread at a time; on a terminal, standard error tells how many are done.
    pub fn run(study: &Study, mice: &[Mouse], inoculation: bool) -> Result<Self, Box<dyn Error>> {
        let mut sets: Vec<Vec<usize>> = vec![Vec::new()];
        for i in 0..mice.len() {
            sets.push(vec![i]);
            sets.extend((i + 1..mice.len()).map(|j| vec![i, j]));
        }
        let total = sets.len();
        let (waiting, done) = (Mutex::new(sets), Mutex::new(BTreeMap::new()));
        let poisoned = "no thread panics with the lock held";
        let work = || -> Result<(), String> {
            // a pool of one thread: the objective fills its lanes with the mice of one fit
            let alone = rayon::ThreadPoolBuilder::new()
                .num_threads(1)
                .build()
                .map_err(|e| e.to_string())?;
            loop {
                let Some(out) = waiting.lock().expect(poisoned).pop() else {
                    return Ok(());
                };
                let trials = alone.install(|| {
                    fit_without(study, mice, &out, &WIDTHS, inoculation).map_err(|e| e.to_string())
                })?;
                let mut done = done.lock().expect(poisoned);
                done.insert(out, trials);
                progress(done.len(), total);
            }
        };
        std::thread::scope(|scope| {
            let threads: Vec<_> = (0..rayon::current_num_threads())
                .map(|_| scope.spawn(work))
                .collect();
            threads
                .into_iter()
                .try_for_each(|thread| thread.join().map_err(|_| "a fit panicked".to_string())?)
        })?;
        Ok(Trials {
            mice: mice.len(),
            fits: done.into_inner().expect(poisoned),
        })
    }

    /// Fits to all mice but those `out`, one per width.
    pub fn without(&self, out: &[usize]) -> &[Trial] {
        self.fits
            .get(out)
            .expect("every set of at most two mice was fitted")
    }

    /// How well a width forecasts the mice that are not `out` when each is left out as well.
    pub fn inner_error(&self, out: &[usize], width: usize) -> f64 {
        let parts: Vec<(f64, usize)> = (0..self.mice)
            .filter(|mouse| !out.contains(mouse))
            .map(|mouse| {
                let mut set = out.to_vec();
                set.push(mouse);
                set.sort_unstable();
                self.without(&set)[width].errors[mouse]
            })
            .collect();
        rmse(&parts)
    }

    /// Position in [`WIDTHS`] of the width with the least inner error. The mice `out` do not enter.
    pub fn choose(&self, out: &[usize]) -> usize {
        let error = |&width: &usize| self.inner_error(out, width);
        OFFERED
            .min_by(|a, b| error(a).total_cmp(&error(b)))
            .expect("there are widths")
    }

    /// Squared errors of each mouse, left out: `width` by the mouse's number.
    pub fn left_out(&self, width: impl Fn(usize) -> usize) -> Vec<(f64, usize)> {
        (0..self.mice)
            .map(|mouse| self.without(&[mouse])[width(mouse)].errors[mouse])
            .collect()
    }
}

fn progress(done: usize, total: usize) {
    let mut standard_error = std::io::stderr();
    if standard_error.is_terminal() {
        let end = if done == total { "\n" } else { "" };
        // a terminal that cannot be written to must not stop the fits
        let _ = write!(
            standard_error,
            "\r{done} of {total} sets of mice fitted{end}"
        );
    }
}
