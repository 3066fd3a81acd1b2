//! What profiles give back. The serde form of [`Profiles`] is `profile.json`.
//!
//! # Schema of `profile.json`
//! Keys are the fields of [`Profiles`]; numbers read back to the same bits; what does not exist is `null`.
//!
//! | key | meaning |
//! |---|---|
//! | `schema` | `"holobiont.profile/1"` |
//! | `objective` | `"likelihood"` or `"posterior"` |
//! | `level`, `threshold` | probability of the intervals, rise of the objective at their ends |
//! | `entries` | ids of the estimated parameters, in the order of all search vectors |
//! | `best` | [`Best`]: the point that everything rises from |
//! | `improvements`, `settled` | better optima found on the way; whether none is left |
//! | `structure` | [`Structure`]: ranks at points, combinations that stay open |
//! | `parameters` | [`Profiled`]: estimate, interval, verdict, and the profile with points and ends |
//! | `unfinished` | ids of profiles that were interrupted |
//! | `provenance` | version, instruction set, options |

use super::structure::{Structure, StructureOptions};
use super::verdict::Verdict;
use super::{ProfileError, ProfileOptions};
use crate::fit::cohort_objective::ObjectiveOptions;
use crate::fit::parameters::{ParameterTable, Scale, Search};
use crate::fit::trust_region::{Counts, StopReason};
use serde::{Deserialize, Serialize};

/// One point of a profile: the objective with one search value held and all others optimised.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ProfilePoint {
    /// the held search value
    pub search: f64,
    /// its natural value
    pub value: f64,
    /// objective above that of the best point
    pub rise: f64,
    /// d objective / d search value along the profile
    pub slope: f64,
    /// search values of all estimated parameters
    pub x: Vec<f64>,
    /// search entries of other parameters that a bound holds
    pub held: Vec<usize>,
    /// iterations of the search for the others
    pub iterations: u64,
}

/// How a profile ended on one side.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum End {
    /// it crosses the threshold: the end of the interval
    Crossed {
        /// search value
        search: f64,
        /// objective above the best; differs from the threshold by more than the accuracy only where the profile jumps
        rise: f64,
        /// search entries of other parameters that a bound holds there and did not hold at the best point
        held: Vec<usize>,
        /// whether the end is of their making: without their bounds this side would be more than twice as long, by slope and
        /// curvature at the last point without them
        limited: bool,
    },
    /// it reaches the parameter's own bound below the threshold: the interval is open (a missing bound stands at
    /// a distance of 1e6 times 1 + |x|)
    Bound {
        /// search value
        search: f64,
        /// objective above the best
        rise: f64,
    },
    /// the most points were made below the threshold: the interval is open as far as it was followed
    Points {
        /// search value
        search: f64,
        /// objective above the best
        rise: f64,
    },
    /// there is no value beyond, whatever the others: nothing is known of the threshold
    Infeasible {
        /// search value of the last point with a value
        search: f64,
        /// objective above the best there
        rise: f64,
        /// nearest search value that was tried in vain
        tried: f64,
        /// subject, time and cause
        why: String,
    },
    /// the others could not be optimised beyond: nothing is known of the threshold
    Unconverged {
        /// search value of the last optimised point
        search: f64,
        /// objective above the best there
        rise: f64,
        /// nearest search value that was tried in vain
        tried: f64,
        /// how the search for the others ended
        stop: StopReason,
    },
}

impl End {
    /// The search value at the end.
    pub fn search(&self) -> f64 {
        match *self {
            End::Crossed { search, .. }
            | End::Bound { search, .. }
            | End::Points { search, .. }
            | End::Infeasible { search, .. }
            | End::Unconverged { search, .. } => search,
        }
    }

    /// The end of the interval, where there is one.
    pub fn crossed(&self) -> Option<f64> {
        match *self {
            End::Crossed { search, .. } => Some(search),
            _ => None,
        }
    }

    /// Whether the threshold was looked for as far as it goes and not found, or only because others met their bounds.
    pub fn is_open(&self) -> bool {
        match self {
            End::Bound { .. } | End::Points { .. } => true,
            End::Crossed { limited, .. } => *limited,
            End::Infeasible { .. } | End::Unconverged { .. } => false,
        }
    }
}

/// The profile of one search entry.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Profile {
    /// search entry
    pub entry: usize,
    /// ascending; the best point is among them
    pub points: Vec<ProfilePoint>,
    /// downwards
    pub lower: End,
    /// upwards
    pub upper: End,
    /// evaluations
    pub counts: Counts,
}

/// The point that profiles rise from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Best {
    /// objective at the point that was given
    pub given: f64,
    /// objective
    pub objective: f64,
    /// search values
    pub search: Search,
    /// how much lower the quadratic model thinks it could be
    pub remaining: f64,
    /// how the search that found it ended
    pub stop: StopReason,
}

/// A better optimum that a profile found: everything began anew from there.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Improvement {
    /// id of the profiled parameter
    pub parameter: String,
    /// its natural value where the profile fell below the best
    pub value: f64,
    /// objective of the best point until then
    pub before: f64,
    /// objective of the best point from then on
    pub after: f64,
}

/// What is minimised: whether priors take part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ObjectiveKind {
    /// minus ln likelihood
    Likelihood,
    /// minus ln likelihood minus ln prior
    Posterior,
}

/// Options of [`profiles`](super::profiles).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ProfilesOptions {
    /// solver, tolerances, priors
    pub objective: ObjectiveOptions,
    /// walks, level, threads
    pub profile: ProfileOptions,
    /// rank at random points
    pub structure: StructureOptions,
    /// ids of the parameters to profile; empty: all that are estimated
    pub parameters: Vec<String>,
}

impl ProfilesOptions {
    /// The search entries that are asked for, ascending.
    ///
    /// # Errors
    /// An id that is not in the table or not estimated.
    pub fn entries(&self, table: &ParameterTable) -> Result<Vec<usize>, ProfileError> {
        let estimated = table.estimated();
        if self.parameters.is_empty() {
            return Ok((0..estimated.len()).collect());
        }
        let mut entries = Vec::new();
        for id in &self.parameters {
            let row = table.index_of(id);
            let entry = estimated.iter().position(|e| Some(*e) == row);
            let why = match (row, entry) {
                (_, Some(entry)) => {
                    entries.push(entry);
                    continue;
                }
                (Some(_), None) => "is not estimated",
                (None, None) => "is not in the parameter table",
            };
            return Err(ProfileError::Parameter {
                id: id.clone(),
                why,
            });
        }
        entries.sort_unstable();
        entries.dedup();
        Ok(entries)
    }
}

/// One parameter with its profile, interval and verdict.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Profiled {
    /// identifier
    pub id: String,
    /// name for people
    pub name: Option<String>,
    /// unit as text
    pub unit: Option<String>,
    /// scale of the search
    pub scale: Scale,
    /// bounds, natural; none where there is none
    pub bounds: (Option<f64>, Option<f64>),
    /// value at the best point, natural
    pub estimate: f64,
    /// the interval, natural; none on a side where the threshold is not crossed, or only because of the bounds of others
    pub interval: (Option<f64>, Option<f64>),
    /// whether data (and priors) tell the parameter
    pub verdict: Verdict,
    /// points and ends
    pub profile: Profile,
}

/// Where profiles come from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ProfileProvenance {
    /// version of this crate
    pub version: String,
    /// processor and the vector extensions it offers
    pub instruction_set: String,
    /// all options (the number of threads is left out: it changes nothing)
    pub options: ProfilesOptions,
    /// id of the model
    pub model: String,
}

/// Profiles of a problem.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Profiles {
    /// `"holobiont.profile/1"`
    pub schema: String,
    /// what is minimised
    pub objective: ObjectiveKind,
    /// probability of the intervals
    pub level: f64,
    /// rise of the objective at their ends
    pub threshold: f64,
    /// ids of the estimated parameters: entry k of a search vector is the k-th
    pub entries: Vec<String>,
    /// the point that everything rises from
    pub best: Best,
    /// better optima found on the way, in their order
    pub improvements: Vec<Improvement>,
    /// false when profiles still fall below the best after all restarts
    pub settled: bool,
    /// rank of the sensitivities at random points
    pub structure: Structure,
    /// finished profiles, in the order of the table
    pub parameters: Vec<Profiled>,
    /// ids of those that were interrupted
    pub unfinished: Vec<String>,
    /// version, options
    pub provenance: ProfileProvenance,
}

impl Profiles {
    /// Whether nothing was interrupted.
    pub fn is_complete(&self) -> bool {
        self.unfinished.is_empty()
    }

    /// Whether the best point is an optimum: its search converged, or what is left to gain is below the accuracy.
    pub fn is_best_optimal(&self) -> bool {
        let accuracy = self.provenance.options.profile.accuracy;
        self.best.stop.is_converged() || self.best.remaining <= accuracy
    }

    /// The parameter with this id.
    pub fn of(&self, id: &str) -> Option<&Profiled> {
        self.parameters.iter().find(|p| p.id == id)
    }
}
