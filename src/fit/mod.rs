//! Parameters, priors, objective, search: from a cohort to estimates with uncertainty.
mod parameters;
pub use parameters::*;
