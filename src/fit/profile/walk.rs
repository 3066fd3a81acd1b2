//! The walk from the best point to one side: adaptive steps until the objective crosses the threshold or the bound is reached.
//!
//! A step is shrunk where the objective would rise by much more than wanted, where there is no value, and where the others cannot
//! be optimised. Infeasible points are counted and end a side when even a small step meets nothing else: they are never a rise.

use super::crossing::cross;
use super::point::{Reached, Task, Trouble};
use super::result::End;
use crate::fit::trust_region::{Counts, StopReason};

/// A rise of so many times what was wanted is too much.
const TOO_MUCH: f64 = 3.0;
/// Steps grow at most by this.
const GROWTH: f64 = 3.0;
/// The largest step, as a share of a finite range.
const SHARE: f64 = 0.1;
/// Without a bound the walk ends at so many times 1 + |x|.
const FAR: f64 = 1e6;

/// How one side ended.
#[derive(Clone, Debug)]
pub(super) enum Walked {
    /// by itself
    End(End),
    /// at a point below the best
    Better(Box<Reached>),
    /// from outside
    Stopped,
}

/// What one side needs to know.
pub(super) struct Side<'t, 'a> {
    pub task: &'t Task<'a>,
    /// -1 down, 1 up
    pub direction: f64,
    pub best: f64,
    /// rise at the end of the interval, and below which a point is better
    pub threshold: f64,
    pub improvement: f64,
    /// told of every point's rise; says whether to go on
    pub told: &'t dyn Fn(f64) -> bool,
}

/// Entries that a bound holds at a point and not at the best one.
fn newly_held(best: &Reached, point: &Reached) -> Vec<usize> {
    let mut held = point.held.clone();
    held.retain(|entry| !best.held.contains(entry));
    held
}

impl Side<'_, '_> {
    /// Walks from the best point; the points are added in the order of the walk.
    pub fn walk(&self, from: &Reached, points: &mut Vec<Reached>, counts: &mut Counts) -> Walked {
        let (task, entry) = (self.task, self.task.entry);
        let options = task.options;
        let wanted = self.threshold / options.steps as f64;
        let (limit, width) = self.limit(from);
        let scale = width.min(1.0 + from.at(entry).abs());
        let first = from.step_for(wanted, self.direction);
        let least = (1e-5 * scale).min(1e-3 * first);
        let mut previous = (0.1 * scale).min(first);
        let mut here = from.clone();
        let mut free = from.clone();
        for _ in 0..options.points {
            let at = here.at(entry);
            let room = (limit - at) * self.direction;
            if room <= 1e-12 * (1.0 + at.abs()) {
                return self.ended(&here, |search, rise| End::Bound { search, rise });
            }
            let mut step = (here.step_for(wanted, self.direction))
                .min(GROWTH * previous)
                .min(SHARE * width)
                .max(least);
            let there = loop {
                let whole = step >= 0.999 * room;
                let to = if whole {
                    limit
                } else {
                    at + self.direction * step
                };
                let step_made = step.min(room);
                let guesses = [here.predicted(entry, to), here.x.clone()];
                match task.reach(to, &guesses, counts) {
                    Err(Trouble::Stopped) => return Walked::Stopped,
                    Err(trouble) if 0.25 * step_made < least => {
                        return Walked::End(self.blocked(&here, to, trouble));
                    }
                    Err(_) => step = 0.25 * step_made,
                    Ok(there) if there.value < self.best - self.improvement => {
                        return Walked::Better(Box::new(there));
                    }
                    Ok(there) => {
                        let rise = there.value - here.value;
                        if rise > TOO_MUCH * wanted && 0.5 * step_made > least {
                            step = step_made * (wanted / rise).sqrt().clamp(0.1, 0.5);
                            continue;
                        }
                        previous = step_made;
                        break there;
                    }
                }
            };
            let rise = there.value - self.best;
            points.push(there.clone());
            if !(self.told)(rise) {
                return Walked::Stopped;
            }
            if rise >= self.threshold {
                return cross(self, here, there, points, counts)
                    .map_or_else(|other| other, |point| self.crossed(from, &free, &point));
            }
            if newly_held(from, &there).is_empty() {
                free = there.clone();
            }
            here = there;
        }
        self.ended(&here, |search, rise| End::Points { search, rise })
    }

    /// Where the walk ends at the latest, and the width of the range its steps are measured by.
    fn limit(&self, from: &Reached) -> (f64, f64) {
        let (task, x) = (self.task, from.at(self.task.entry));
        let (lower, upper) = (task.lower[task.entry], task.upper[task.entry]);
        let far = FAR * (1.0 + x.abs());
        let bound = if self.direction > 0.0 { upper } else { lower };
        let limit = if bound.is_finite() {
            bound
        } else {
            x + self.direction * far
        };
        let width = if (upper - lower).is_finite() {
            upper - lower
        } else {
            far
        };
        (limit, width)
    }

    /// The end of the interval at a point; `free` is the last one that no further bound holds.
    fn crossed(&self, from: &Reached, free: &Reached, point: &Reached) -> Walked {
        let entry = self.task.entry;
        let held = newly_held(from, point);
        let made = (point.at(entry) - from.at(entry)).abs();
        let missing = self.best + self.threshold - free.value;
        let without = (free.at(entry) - from.at(entry)).abs()
            + free.step_for(missing.max(0.0), self.direction);
        Walked::End(End::Crossed {
            search: point.at(entry),
            rise: point.value - self.best,
            limited: !held.is_empty() && without > 2.0 * made,
            held,
        })
    }

    fn ended(&self, here: &Reached, end: impl Fn(f64, f64) -> End) -> Walked {
        Walked::End(end(here.at(self.task.entry), here.value - self.best))
    }

    pub fn blocked(&self, here: &Reached, tried: f64, trouble: Trouble) -> End {
        let (search, rise) = (here.at(self.task.entry), here.value - self.best);
        match trouble {
            Trouble::Infeasible(why) => End::Infeasible {
                search,
                rise,
                tried,
                why,
            },
            Trouble::Unconverged(stop) => End::Unconverged {
                search,
                rise,
                tried,
                stop,
            },
            Trouble::Stopped => End::Unconverged {
                search,
                rise,
                tried,
                stop: StopReason::Interrupted,
            },
        }
    }
}
