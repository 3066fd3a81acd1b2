//! Parameters, priors, objective, search: from a cohort to estimates with uncertainty.
mod arrow;
mod objective;
mod parameters;
mod prior;
mod step;
mod trust_region;
pub use arrow::{Arrow, ArrowFactors, ArrowLayout};
pub use objective::{Derivatives, Evaluation, Infeasibility, Objective, Order};
pub use parameters::{
    Natural, Parameter, ParameterError, ParameterTable, Scale, ScaledValue, Search,
};
pub use prior::{Prior, PriorDensity};
pub use trust_region::{
    Adapter, Counts, Record, StopReason, TrustRegion, TrustRegionOptions, TrustRegionState,
};

/// A problem as it stands on disk: cohort, parameter table; what `exchange::petab` reads and `fit` fits.
#[derive(Clone, Debug)]
pub struct FitProblem {
    /// subjects, readings, system
    pub cohort: crate::cohort::Cohort,
    /// all parameters
    pub parameters: ParameterTable,
}
