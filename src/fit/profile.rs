//! Profile likelihoods: how far one parameter can move while all others make up for it, with intervals and verdicts.
//!
//! The profile of the search value $x_i$ is the objective minimised over all other search values,
//!
//! $$ \mathrm{PL}_i(c) = \min_{x:\ x_i = c} f(x) $$
//!
//! (Raue et al. 2009, doi:10.1093/bioinformatics/btp358). With $f = -\ln p$ the interval of confidence $1 - \alpha$ holds all $c$
//! with $\mathrm{PL}_i(c) - f(\hat x) \le \tfrac12 \chi^2_{1, 1-\alpha}$ (1.92 for 95 %), as far as the walk from the best point meets
//! it first: an interval that falls apart into several is given by the part around the estimate. Where priors take part $f$ is the
//! posterior ([`ObjectiveKind`]). A walk goes up and one goes down from the best point. A step is chosen so that the objective rises by
//! a wanted amount, by the slope and curvature of the profile, which the Gauss-Newton matrix $H$ gives at every point:
//! $\mathrm{PL}'' \approx H_{ii} - H_{io} H_{oo}^{-1} H_{oi}$ and $dx_o/dc \approx -H_{oo}^{-1} H_{oi}$ (Chen and Jennrich 1996,
//! doi:10.1080/10618600.1996.10474703). The others begin at that prediction and are optimised by the trust region.
//!
//! | file | what it is |
//! |---|---|
//! | `fixed` | an objective with one entry held |
//! | `point` | one re-optimised point with slope, curvature and prediction |
//! | `walk`, `crossing` | from the best point to threshold or bound; the end of the interval |
//! | `one` | both sides of one parameter |
//! | `rounds` | all parameters on threads, better optima, checkpoints |
//! | `null_space`, `structure` | rank of the sensitivities at random points |
//! | `verdict` | what both say together |
//! | `run`, `result` | from a problem to the result |
//!
//! Nothing is drawn here: that is `report`.

mod crossing;
mod fixed;
mod null_space;
mod one;
mod point;
mod result;
mod rounds;
mod run;
mod structure;
mod verdict;
mod walk;

pub use fixed::Fixed;
pub use null_space::SensitivityRows;
pub use result::{
    Best, End, Improvement, ObjectiveKind, Profile, ProfilePoint, ProfileProvenance, Profiled,
    Profiles, ProfilesOptions,
};
pub use rounds::{Rounds, profile};
pub use run::profiles;
pub use structure::{
    Combination, RankPoint, RankPointKind, Structure, StructureOptions, structure,
};
pub use verdict::{Verdict, verdict};

use super::checkpoint::CheckpointError;
use super::error::FitError;
use super::parallel::ThreadError;
use super::trust_region::TrustRegionOptions;
use serde::{Deserialize, Serialize};

/// Options of [`profile`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ProfileOptions {
    /// probability of the intervals
    pub level: f64,
    /// a step aims at a rise of the threshold divided by this: about so many points on each side
    pub steps: usize,
    /// the objective at the end of an interval differs from the threshold by at most this
    pub accuracy: f64,
    /// a point that lies this much below the best is a better optimum
    pub improvement: f64,
    /// most points on one side
    pub points: usize,
    /// how often all profiles may begin anew from a better optimum
    pub restarts: usize,
    /// the search for the other parameters
    pub search: TrustRegionOptions,
    /// threads; all that the machine offers by default. The result does not depend on their number
    pub threads: Option<usize>,
}

impl Default for ProfileOptions {
    fn default() -> Self {
        ProfileOptions {
            level: 0.95,
            steps: 8,
            accuracy: 1e-3,
            improvement: 1e-2,
            points: 200,
            restarts: 10,
            search: TrustRegionOptions::default(),
            threads: None,
        }
    }
}

impl ProfileOptions {
    /// How far the objective may rise within the interval: half the quantile of chi-squared with one degree of freedom.
    ///
    /// ```
    /// let threshold = holobiont::fit::ProfileOptions::default().threshold();
    /// assert!((threshold - 1.920729).abs() < 1e-6); // 3.841459 / 2
    /// ```
    pub fn threshold(&self) -> f64 {
        let z = crate::noise::normal_quantile(0.5 + 0.5 * self.level);
        0.5 * z * z
    }

    fn check(&self) -> Result<(), ProfileError> {
        let wrong = |what| Err(ProfileError::Option { what });
        if !(self.level > 0.0 && self.level < 1.0) {
            return wrong("the level must lie between 0 and 1");
        }
        if self.steps == 0 || self.points == 0 {
            return wrong("there must be steps and points");
        }
        if !(self.accuracy > 0.0 && self.improvement > 0.0) {
            return wrong("accuracy and improvement must be positive");
        }
        Ok(())
    }
}

/// Why profiles could not be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ProfileError {
    /// an option makes no sense
    #[error("{what}")]
    Option {
        /// what is wrong
        what: &'static str,
    },
    /// a parameter that is not there or not estimated
    #[error("parameter `{id}` {why}")]
    Parameter {
        /// the id that was given
        id: String,
        /// what is wrong
        why: &'static str,
    },
    /// there is no value at the best point
    #[error("the objective has no value at the point to begin with: {message}")]
    NoValue {
        /// subject, time and cause
        message: String,
    },
    /// stopped before there was a best point
    #[error("interrupted before the best point was found")]
    Interrupted,
    /// the problem, or the search for its best point
    #[error(transparent)]
    Fit(#[from] FitError),
    /// the checkpoint folder does not work
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// the threads could not be started
    #[error(transparent)]
    Threads(#[from] ThreadError),
}
