//! Scorecards: published findings beside what a model says of them.
//!
//! A scorecard is two tables beside a model: `targets.tsv`, one finding a row with the interval of its contrast, and
//! `quantities.tsv`, which says what of the model stands for each quantity. A third of the findings, chosen by a digest of their ids,
//! and every null are held out: nothing may be fitted to them, and they are scored apart.
//!
//! A third table, `claims.toml`, holds what is said of the model's subject ([`claims`]).
//!
//! Findings about shares of subjects are read from observables, or from virtual subjects where [`Quantities`] hold a
//! [`Population`](crate::trial::Population).
mod arm;
mod bands;
mod calibration;
pub mod claims;
mod evaluate;
mod shares;
mod target;

pub use bands::{Bands, read_bands, with_bands};
pub use calibration::{
    Calibrated, Calibration, Design, DesignError, Ensemble, EnsembleError, EnsembleOptions,
    Information, NotDefinite, calibration, read_start,
};
pub use evaluate::{Outcome, Score, Scored, score, score_at};
pub use target::{
    Contrast, Quantities, Quantity, Target, TargetError, read_quantities, read_targets,
};
