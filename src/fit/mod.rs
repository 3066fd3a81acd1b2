//! Parameters, priors, objective, search: from a cohort to estimates with uncertainty.
mod parameters;
mod prior;
pub use parameters::{
    Natural, Parameter, ParameterError, ParameterTable, Scale, ScaledValue, Search,
};
pub use prior::{Prior, PriorDensity};

/// A problem as it stands on disk: cohort, parameter table; what `exchange::petab` reads and `fit` fits.
#[derive(Clone, Debug)]
pub struct FitProblem {
    /// subjects, readings, system
    pub cohort: crate::cohort::Cohort,
    /// all parameters
    pub parameters: ParameterTable,
}
