//! Parameters, priors, objective, search: from a cohort to estimates with uncertainty.
mod arrow;
mod checkpoint;
mod lbfgs;
mod local;
mod multistart;
mod objective;
mod parameters;
mod prior;
mod starts;
mod step;
mod trust_region;
pub use arrow::{Arrow, ArrowFactors, ArrowLayout};
pub use checkpoint::{CheckpointError, CheckpointFolder};
pub use lbfgs::LbfgsOptions;
pub use local::{Adapter, Control, LocalFit, LocalMethod, Observer, local_fit};
pub use multistart::{
    MultiStart, MultiStartError, MultiStartOptions, Origin, StartFit, checkpoint_folder,
    multi_start,
};
pub use objective::{Derivatives, Evaluation, Infeasibility, Objective, Order};
pub use parameters::{
    Natural, Parameter, ParameterError, ParameterTable, Scale, ScaledValue, Search,
};
pub use prior::{Prior, PriorDensity};
pub use starts::{Sampling, StartError, StartPoints};
pub use trust_region::{
    Counts, Record, StopReason, TrustRegion, TrustRegionOptions, TrustRegionState,
};

/// A problem as it stands on disk: cohort, parameter table; what `exchange::petab` reads and `fit` fits.
#[derive(Clone, Debug)]
pub struct FitProblem {
    /// subjects, readings, system
    pub cohort: crate::cohort::Cohort,
    /// all parameters
    pub parameters: ParameterTable,
}
