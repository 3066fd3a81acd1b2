//! All profiles on threads, begun anew when one of them finds a better optimum, each stored when it is finished.
//!
//! The result does not depend on the number of threads: of several better optima in one round that of the first parameter
//! counts, profiles of later parameters are dropped and those of earlier ones finished. The checkpoint folder holds `bests.json` (the
//! best points so far) and one `profile-R-00007.json` per profile that round R finished.

use super::one::{Outcome, Round};
use super::point::remaining;
use super::result::{Best, Improvement, Profile};
use super::{ProfileError, ProfileOptions};
use crate::fit::checkpoint::{CheckpointError, CheckpointFolder, fingerprint, read, write};
use crate::fit::local::{Control, LocalFit, LocalMethod, local_fit};
use crate::fit::objective::{Derivatives, Objective, Order};
use crate::fit::parallel::in_order;
use crate::fit::parameters::{ParameterTable, Search};
use crate::fit::trust_region::StopReason;
use serde::{Deserialize, Serialize};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

/// All profiles of one objective.
#[derive(Clone, Debug, PartialEq)]
pub struct Rounds {
    /// the point that everything rises from
    pub best: Best,
    /// better optima found on the way
    pub improvements: Vec<Improvement>,
    /// false when profiles still fall below the best after all restarts
    pub settled: bool,
    /// one per entry asked for; none where it was interrupted
    pub profiles: Vec<Option<Profile>>,
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct Bests {
    points: Vec<Best>,
    improvements: Vec<Improvement>,
}

/// Profiles the search entries `entries` of any objective from `start`, which is optimised first. `resume` names a checkpoint
/// folder, new or left by an earlier run of the same profiles, which then end with the same bits.
///
/// ```
/// use holobiont::fit::{Control, Derivatives, Evaluation, Objective, Order, Parameter, ParameterTable, ProfileOptions, Scale, Search, profile};
/// struct Bowl; // minus ln of a normal density with standard deviation 2
/// impl Objective for Bowl {
///     fn dim(&self) -> usize { 1 }
///     fn evaluate(&self, x: &Search, want: Order, out: &mut Derivatives) -> Evaluation {
///         let r = (x.0[0] - 3.0) / 2.0;
///         if want > Order::Value {
///             out.clear();
///             out.gradient[0] = r / 2.0;
///             out.curvature.add_diagonal(0, 0.25);
///         }
///         Evaluation::Value(0.5 * r * r)
///     }
/// }
/// let row = Parameter { id: "x".into(), name: None, unit: None, scale: Scale::Linear, lower: -20.0, upper: 20.0, nominal: 0.0, estimate: true, prior: None };
/// let table = ParameterTable { rows: vec![row] };
/// let found = profile(&Bowl, &table, &Search(vec![0.0]), &[0], &ProfileOptions::default(), Control::default(), None).unwrap();
/// let upper = found.profiles[0].as_ref().unwrap().upper.crossed().unwrap();
/// assert!((upper - (3.0 + 1.96 * 2.0)).abs() < 1e-2);
/// ```
///
/// # Errors
/// options that make no sense, no value at the start, a checkpoint of something else, an interruption before there is a best
/// point.
pub fn profile(
    objective: &dyn Objective,
    table: &ParameterTable,
    start: &Search,
    entries: &[usize],
    options: &ProfileOptions,
    control: Control<'_>,
    resume: Option<&Path>,
) -> Result<Rounds, ProfileError> {
    options.check()?;
    let bounds = table.search_bounds();
    let quiet = Control {
        observer: None,
        ..control
    };
    let mut out = Derivatives::new(objective.layout());
    let at_start = objective.evaluate(start, Order::Value, &mut out);
    let Some(given) = at_start.value() else {
        let message = at_start.to_string();
        return Err(ProfileError::NoValue { message });
    };
    let folder = match resume {
        None => None,
        Some(path) => {
            let asked = ProfileOptions {
                threads: None,
                ..options.clone()
            };
            let mark = fingerprint(&format!(
                "{}|{start:?}|{given:?}|{bounds:?}|{entries:?}|{asked:?}",
                env!("CARGO_PKG_VERSION")
            ));
            Some(CheckpointFolder::open(path, &mark, 1)?)
        }
    };
    let method = LocalMethod::TrustRegion(options.search);
    let optimise =
        |from: &Search| local_fit(objective, (&bounds.0, &bounds.1), from, &method, quiet);
    let left = |x: &Search| remaining(objective, x, (&bounds.0, &bounds.1));
    let mut bests = match &folder {
        Some(folder) => read(&folder.file("bests.json"))?.unwrap_or_default(),
        None => Bests::default(),
    };
    if bests.points.is_empty() {
        bests
            .points
            .push(first_best(given, optimise(start), &left)?);
        store(folder.as_ref(), "bests.json", &bests)?;
    }
    loop {
        let round = bests.points.len() - 1;
        let best = bests.points[round].clone();
        let last = round >= options.restarts;
        let round_of = Round {
            objective,
            table,
            bounds: (&bounds.0, &bounds.1),
            options,
            control,
            best: &best,
            improvement: if last {
                f64::INFINITY
            } else {
                options.improvement
            },
            first_better: AtomicUsize::new(usize::MAX),
        };
        let run = |position: usize| -> Result<Outcome, CheckpointError> {
            let name = format!("profile-{round}-{:05}.json", entries[position]);
            let outcome = match &folder {
                Some(folder) => read(&folder.file(&name))?,
                None => None,
            };
            let fresh = outcome.is_none();
            let outcome = outcome.unwrap_or_else(|| round_of.one(position, entries[position]));
            if matches!(outcome, Outcome::Better { .. }) {
                round_of.first_better.fetch_min(position, Ordering::Relaxed);
            }
            if fresh && !matches!(outcome, Outcome::Stopped) {
                store(folder.as_ref(), &name, &outcome)?;
            }
            if let (Outcome::Finished(_), Some(observer)) = (&outcome, control.observer) {
                observer.profile_finished(entries[position]);
            }
            Ok(outcome)
        };
        let outcomes = in_order(entries.len(), options.threads, &run)?
            .into_iter()
            .collect::<Result<Vec<_>, _>>()?;
        let better = outcomes
            .iter()
            .position(|o| !matches!(o, Outcome::Finished(_)));
        let found = better.map(|position| (entries[position], &outcomes[position]));
        if let Some((entry, Outcome::Better { search, x })) = found {
            let fit = optimise(&Search(x.clone()));
            let stopped = matches!(fit.stop, StopReason::Interrupted | StopReason::Timeout);
            if let (false, Some(value)) = (stopped, fit.value) {
                let row = &table.rows[table.estimated()[entry]];
                bests.improvements.push(Improvement {
                    parameter: row.id.clone(),
                    value: row.scale.natural(*search).value,
                    before: best.objective,
                    after: value,
                });
                bests.points.push(Best {
                    given,
                    objective: value,
                    remaining: left(&fit.x),
                    search: fit.x,
                    stop: fit.stop,
                });
                store(folder.as_ref(), "bests.json", &bests)?;
                if let Some(observer) = control.observer {
                    observer.profile_restart(entry, value);
                }
                continue;
            }
        }
        let profiles: Vec<Option<Profile>> = outcomes
            .into_iter()
            .map(|outcome| match outcome {
                Outcome::Finished(profile) => Some(profile),
                _ => None,
            })
            .collect();
        let lowest = (profiles.iter().flatten().flat_map(|p| &p.points))
            .fold(0.0_f64, |low, point| low.min(point.rise));
        return Ok(Rounds {
            best,
            improvements: bests.improvements,
            settled: lowest >= -options.improvement,
            profiles,
        });
    }
}

fn first_best(
    given: f64,
    fit: LocalFit,
    left: &dyn Fn(&Search) -> f64,
) -> Result<Best, ProfileError> {
    match (fit.value, fit.stop) {
        (_, StopReason::Interrupted | StopReason::Timeout) => Err(ProfileError::Interrupted),
        (Some(objective), stop) => Ok(Best {
            given,
            objective,
            remaining: left(&fit.x),
            search: fit.x,
            stop,
        }),
        (None, StopReason::InfeasibleStart { message }) => Err(ProfileError::NoValue { message }),
        (None, stop) => Err(ProfileError::NoValue {
            message: format!("{stop:?}"),
        }),
    }
}

fn store<T: Serialize>(
    folder: Option<&CheckpointFolder>,
    name: &str,
    value: &T,
) -> Result<(), CheckpointError> {
    folder.map_or(Ok(()), |folder| write(&folder.file(name), value))
}
