//! All profiles on threads, begun anew when one of them finds a better optimum, each stored when it is finished.
//!
//! The result does not depend on the number of threads: of several better optima in one round that of the first parameter
//! counts, profiles of later parameters are dropped and those of earlier ones finished. The checkpoint folder holds `bests.json` (the
//! best points so far) and one `profile-R-00007.json` per profile that round R finished.

use super::point::{Reached, Task, remaining};
use super::result::{Best, Improvement, Profile, ProfilePoint};
use super::walk::{Side, Walked};
use super::{ProfileError, ProfileOptions};
use crate::fit::checkpoint::{CheckpointError, CheckpointFolder, fingerprint, read, write};
use crate::fit::local::{Control, LocalFit, LocalMethod, local_fit};
use crate::fit::objective::{Derivatives, Objective, Order};
use crate::fit::parallel::in_order;
use crate::fit::parameters::{ParameterTable, Search};
use crate::fit::trust_region::{Counts, StopReason, TrustRegionOptions};
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

/// What became of one profile.
#[derive(Clone, Debug, Serialize, Deserialize)]
enum Outcome {
    Finished(Profile),
    /// a point below the best
    Better {
        search: f64,
        x: Vec<f64>,
    },
    Stopped,
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

/// All profiles from one best point.
struct Round<'a> {
    objective: &'a dyn Objective,
    table: &'a ParameterTable,
    bounds: (&'a [f64], &'a [f64]),
    options: &'a ProfileOptions,
    control: Control<'a>,
    best: &'a Best,
    improvement: f64,
    /// position of the first parameter that found something better
    first_better: AtomicUsize,
}

impl Round<'_> {
    fn one(&self, position: usize, entry: usize) -> Outcome {
        let go_on = || {
            self.control.stop_now().is_none()
                && self.first_better.load(Ordering::Relaxed) > position
        };
        if !go_on() {
            return Outcome::Stopped;
        }
        let task = Task {
            objective: self.objective,
            lower: self.bounds.0,
            upper: self.bounds.1,
            entry,
            options: self.options,
            search: self.search(),
            control: Control {
                observer: None,
                ..self.control
            },
        };
        let mut counts = Counts::default();
        let Ok(from) = task.look(self.best.search.0.clone(), &mut counts) else {
            return Outcome::Stopped;
        };
        let told = |rise: f64| {
            if let Some(observer) = self.control.observer {
                observer.profile_point(entry, rise);
            }
            go_on()
        };
        let mut points = vec![from.clone()];
        let mut ends = Vec::new();
        for direction in [-1.0, 1.0] {
            let side = Side {
                task: &task,
                direction,
                best: self.best.objective,
                threshold: self.options.threshold(),
                improvement: self.improvement,
                told: &told,
            };
            match side.walk(&from, &mut points, &mut counts) {
                Walked::End(end) => ends.push(end),
                Walked::Stopped => return Outcome::Stopped,
                Walked::Better(point) => {
                    return Outcome::Better {
                        search: point.at(entry),
                        x: point.x,
                    };
                }
            }
        }
        points.sort_by(|a, b| a.at(entry).total_cmp(&b.at(entry)));
        let upper = ends.pop().expect("both sides ended");
        let lower = ends.pop().expect("both sides ended");
        Outcome::Finished(Profile {
            entry,
            points: points.into_iter().map(|p| self.point(entry, p)).collect(),
            lower,
            upper,
            counts,
        })
    }

    /// The search for the others: it begins near its end and need not find more digits than a hundredth of the accuracy.
    fn search(&self) -> TrustRegionOptions {
        let own = self.options.search;
        let enough = 0.01 * self.options.accuracy;
        let size = 1.0 + self.best.objective.abs();
        let others = self.bounds.0.len() as f64;
        TrustRegionOptions {
            value_tolerance: own.value_tolerance.max(enough / size),
            gradient_tolerance: own.gradient_tolerance.max((enough / others).sqrt()),
            // predictions are near: a whole Newton step is tried first, up to about a standard error of each
            initial_radius: own.initial_radius.or(Some(others.sqrt())),
            ..own
        }
    }

    fn point(&self, entry: usize, point: Reached) -> ProfilePoint {
        let natural = self.table.natural(&Search(point.x.clone()));
        ProfilePoint {
            search: point.at(entry),
            value: natural.0[self.table.estimated()[entry]],
            rise: point.value - self.best.objective,
            slope: point.slope,
            x: point.x,
            held: point.held,
            iterations: point.iterations,
        }
    }
}
