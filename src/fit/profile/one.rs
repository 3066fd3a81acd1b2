//! One profile: down and up from the best point.

use super::ProfileOptions;
use super::point::{Reached, Task};
use super::result::{Best, Profile, ProfilePoint};
use super::walk::{Side, Walked};
use crate::fit::local::Control;
use crate::fit::objective::Objective;
use crate::fit::parameters::{ParameterTable, Search};
use crate::fit::trust_region::{Counts, TrustRegionOptions};
use serde::{Deserialize, Serialize};
use std::sync::atomic::{AtomicUsize, Ordering};

/// What became of one profile.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) enum Outcome {
    Finished(Profile),
    /// a point below the best
    Better {
        search: f64,
        x: Vec<f64>,
    },
    Stopped,
}

/// All profiles from one best point.
pub(super) struct Round<'a> {
    pub objective: &'a dyn Objective,
    pub table: &'a ParameterTable,
    pub bounds: (&'a [f64], &'a [f64]),
    pub options: &'a ProfileOptions,
    pub control: Control<'a>,
    pub best: &'a Best,
    pub improvement: f64,
    /// position of the first parameter that found something better
    pub first_better: AtomicUsize,
}

impl Round<'_> {
    pub fn one(&self, position: usize, entry: usize) -> Outcome {
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
