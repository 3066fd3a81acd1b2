//! Multi-start: many local searches from spread-out points, in parallel, resumable, the best first.

use super::checkpoint::{CheckpointError, CheckpointFolder, fingerprint};
use super::hops;
use super::local::{Control, LocalFit, LocalMethod, run_local};
use super::objective::{Derivatives, Objective, Order};
use super::parallel::{ThreadError, in_order};
use super::parameters::{ParameterTable, Search};
use super::starts::{Sampling, StartError, StartPoints};
use super::trust_region::{Counts, StopReason};
use serde::{Deserialize, Serialize};
use std::ops::RangeInclusive;
use std::path::PathBuf;

/// Options of a multi-start fit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct MultiStartOptions {
    /// number of sampled starts, besides the nominal values and the given ones
    pub starts: usize,
    /// seed of the sampled starts
    pub seed: u64,
    /// how starts are sampled
    pub sampling: Sampling,
    /// whether the nominal values are the first start
    pub nominal: bool,
    /// how often an infeasible sampled start is drawn anew
    pub redraws: u32,
    /// local searches after the first one of each start, from points some way off the best end so far
    pub hops: u32,
    /// further local searches of the best start of all, when all have ended
    pub best_hops: u32,
    /// the local search
    pub method: LocalMethod,
    /// threads; all that the machine offers by default
    pub threads: Option<usize>,
    /// running starts are saved every so many iterations
    pub checkpoint_every: u64,
}

impl Default for MultiStartOptions {
    fn default() -> Self {
        MultiStartOptions {
            starts: 0,
            seed: 1,
            sampling: Sampling::default(),
            nominal: true,
            redraws: 10,
            hops: 0,
            best_hops: 0,
            method: LocalMethod::default(),
            threads: None,
            checkpoint_every: 5,
        }
    }
}

/// Where a start came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// the table's nominal values
    Nominal,
    /// given by the caller
    Given,
    /// sampled
    Sampled,
}

/// One start and what came of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StartFit {
    /// number of the start: nominal, given, sampled in this order
    pub start: usize,
    /// where it came from
    pub origin: Origin,
    /// start point on the search scale
    pub from: Search,
    /// the local search
    pub fit: LocalFit,
}

/// All starts, the best first (infeasible ones last); ties by number.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MultiStart {
    /// sorted results
    pub starts: Vec<StartFit>,
    /// whether all starts ran to their own end
    pub complete: bool,
}

impl MultiStart {
    /// The best start with a value.
    pub fn best(&self) -> Option<&StartFit> {
        self.starts.first().filter(|s| s.fit.value.is_some())
    }

    /// Final values above the best, ascending: the waterfall plot's data.
    pub fn waterfall(&self) -> Vec<f64> {
        let values = || self.starts.iter().filter_map(|s| s.fit.value);
        let best = values().fold(f64::INFINITY, f64::min);
        values().map(|v| v - best).collect()
    }

    /// Number of starts that never had a value.
    pub fn failures(&self) -> usize {
        self.starts.iter().filter(|s| s.fit.value.is_none()).count()
    }
}

/// Why a multi-start fit could not be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MultiStartError {
    /// no starts at all
    #[error("there is no start: ask for the nominal values, sampled starts or give some")]
    NoStarts,
    /// start points cannot be made
    #[error(transparent)]
    Starts(#[from] StartError),
    /// the checkpoint folder does not work
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// the threads could not be started
    #[error(transparent)]
    Threads(#[from] ThreadError),
}

/// Runs all starts. `given` are further start points on the search scale; `resume` names a checkpoint folder, new or left by an
/// earlier run of the same fit, which then ends with the same bits as an uninterrupted one.
///
/// # Errors
/// when there is no start, bounds are infinite where starts are sampled, or the checkpoint folder is of another fit.
pub fn multi_start(
    objective: &dyn Objective,
    table: &ParameterTable,
    given: &[Search],
    options: &MultiStartOptions,
    control: Control<'_>,
    resume: Option<&std::path::Path>,
) -> Result<MultiStart, MultiStartError> {
    let bounds = table.search_bounds();
    let points = StartPoints::new(table, options.sampling, options.seed, options.starts)?;
    let mut starts: Vec<(Origin, Search)> = Vec::new();
    if options.nominal {
        starts.push((Origin::Nominal, table.search(&table.nominal())));
    }
    starts.extend(given.iter().map(|x| (Origin::Given, x.clone())));
    let first_sampled = starts.len();
    starts.extend((0..options.starts).map(|k| (Origin::Sampled, points.point(k, 0))));
    if starts.is_empty() {
        return Err(MultiStartError::NoStarts);
    }
    let folder = match resume {
        None => None,
        Some(folder) => {
            let mark = mark(objective, &starts, &bounds, options);
            Some(CheckpointFolder::open(
                folder,
                &mark,
                options.checkpoint_every,
            )?)
        }
    };
    let search = |id: usize, number: usize, from: &Search| -> Result<LocalFit, CheckpointError> {
        if let Some(folder) = &folder
            && let Some((_, fit)) = folder.finished(id)?
        {
            return Ok(fit);
        }
        let running = match (&folder, &options.method) {
            (Some(folder), LocalMethod::TrustRegion(local)) => {
                Some(folder.running(id, (&bounds.0, &bounds.1), *local))
            }
            _ => None,
        };
        let control = Control {
            start: number,
            ..control
        };
        let fit = run_local(
            objective,
            (&bounds.0, &bounds.1),
            from,
            &options.method,
            control,
            running,
        );
        if let Some(folder) = &folder
            && !is_cut(&fit)
        {
            folder.finish(id, from, &fit)?;
        }
        Ok(fit)
    };
    let hop = |number: usize,
               mut fit: LocalFit,
               hops: RangeInclusive<u32>|
     -> Result<LocalFit, CheckpointError> {
        for hop in hops {
            if is_cut(&fit) {
                break;
            }
            let bounds = (&bounds.0[..], &bounds.1[..]);
            let from = hops::from(&fit.x, bounds, options.seed, (number, hop));
            let id = number + hop as usize * starts.len();
            fit = better(fit, search(id, number, &from)?);
        }
        Ok(fit)
    };
    let run = |number: usize| -> Result<StartFit, CheckpointError> {
        let (origin, from) = &starts[number];
        let mut result = StartFit {
            start: number,
            origin: *origin,
            from: from.clone(),
            fit: LocalFit::unstarted(from),
        };
        let known = match &folder {
            Some(folder) => folder.finished(number)?.map(|(from, _)| from),
            None => None,
        };
        if let Some(stop) = control.stop_now().filter(|_| known.is_none()) {
            result.fit.stop = stop;
            return Ok(result);
        }
        result.from = match known {
            Some(from) => from,
            None if *origin == Origin::Sampled => {
                redraw(objective, &points, number - first_sampled, options.redraws)
            }
            None => from.clone(),
        };
        result.fit = search(number, number, &result.from)?;
        result.fit = hop(number, result.fit, 1..=options.hops)?;
        if let Some(observer) = control.observer {
            observer.finished(number, result.fit.value, &result.fit.stop);
        }
        Ok(result)
    };
    let mut results = in_order(starts.len(), options.threads, &run)?
        .into_iter()
        .collect::<Result<Vec<_>, _>>()?;
    let uncut = |s: &StartFit| !is_cut(&s.fit);
    results.sort_by(order);
    if results[0].fit.value.is_some() && results.iter().all(uncut) {
        let further = options.hops + 1..=options.hops + options.best_hops;
        let best = &mut results[0];
        best.fit = hop(best.start, best.fit.clone(), further)?;
    }
    let complete = results.iter().all(uncut);
    Ok(MultiStart {
        starts: results,
        complete,
    })
}

/// The best first, infeasible ones last; ties by number.
fn order(a: &StartFit, b: &StartFit) -> std::cmp::Ordering {
    let key = |s: &StartFit| s.fit.value.unwrap_or(f64::INFINITY);
    key(a).total_cmp(&key(b)).then(a.start.cmp(&b.start))
}

/// Whether a search was stopped from outside.
fn is_cut(fit: &LocalFit) -> bool {
    matches!(fit.stop, StopReason::Interrupted | StopReason::Timeout)
}

/// The better end of a search and a hop after it, with the work of both; one that was stopped from outside says so.
fn better(mut before: LocalFit, mut hop: LocalFit) -> LocalFit {
    let counts = |a: &LocalFit, b: &LocalFit| Counts {
        values: a.counts.values + b.counts.values,
        gradients: a.counts.gradients + b.counts.gradients,
        infeasible: a.counts.infeasible + b.counts.infeasible,
    };
    let value = |fit: &LocalFit| fit.value.unwrap_or(f64::INFINITY);
    let sum = counts(&before, &hop);
    if value(&hop) < value(&before) {
        hop.counts = sum;
        return hop;
    }
    before.counts = sum;
    if is_cut(&hop) {
        before.stop = hop.stop;
    }
    before
}

/// The first feasible point of a sampled start's sequence, derivatives included; the last one tried when none is.
fn redraw(objective: &dyn Objective, points: &StartPoints, index: usize, redraws: u32) -> Search {
    let mut out = Derivatives::new(objective.layout());
    let mut x = points.point(index, 0);
    for attempt in 1..=redraws {
        if objective
            .evaluate(&x, Order::Gradient, &mut out)
            .value()
            .is_some()
        {
            break;
        }
        x = points.point(index, attempt);
    }
    x
}

/// Fingerprint of the fit: starts, bounds, method and the objective's bits at the first start (model, data and tolerances).
fn mark(
    objective: &dyn Objective,
    starts: &[(Origin, Search)],
    bounds: &(Vec<f64>, Vec<f64>),
    options: &MultiStartOptions,
) -> String {
    let mut out = Derivatives::new(objective.layout());
    let at_first = objective.evaluate(&starts[0].1, Order::Value, &mut out);
    fingerprint(&format!(
        "{}|{:?}|{starts:?}|{bounds:?}|{at_first:?}",
        env!("CARGO_PKG_VERSION"),
        (
            &options.method,
            options.redraws,
            options.hops,
            options.best_hops,
            options.seed,
            options.sampling
        ),
    ))
}

/// A folder for checkpoints under an output folder.
pub fn checkpoint_folder(output: &std::path::Path) -> PathBuf {
    output.join("checkpoint")
}
