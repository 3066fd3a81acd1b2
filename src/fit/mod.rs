//! Parameters, priors, objective, search: from a cohort to estimates with uncertainty.
mod arrow;
mod checkpoint;
mod cohort_objective;
mod covariance;
mod curves;
mod error;
mod hops;
mod lbfgs;
mod local;
mod multistart;
mod objective;
mod parallel;
mod parameters;
mod prior;
mod prior_name;
mod priors;
mod problem;
mod profile;
mod reach;
mod result;
mod ridge;
mod secant;
mod starts;
mod step;
mod subject;
mod trust_region;
mod uncertainty;
mod valley;
pub use arrow::{Arrow, ArrowFactors, ArrowLayout};
pub use checkpoint::{CheckpointError, CheckpointFolder};
pub(crate) use checkpoint::{fingerprint, read as read_checkpoint, write as write_checkpoint};
pub use cohort_objective::{CohortObjective, Likelihood, ObjectiveOptions};
pub use covariance::Covariance;
pub use curves::Curve;
pub use error::FitError;
pub use lbfgs::LbfgsOptions;
pub use local::{Adapter, Control, LocalFit, LocalMethod, Observer, local_fit};
pub use multistart::{
    MultiStart, MultiStartError, MultiStartOptions, Origin, StartFit, checkpoint_folder,
    multi_start,
};
pub use objective::{Derivatives, Evaluation, Infeasibility, Objective, Order};
pub use parallel::ThreadError;
pub(crate) use parallel::apart;
#[cfg(feature = "report")]
pub(crate) use parallel::in_order;
pub use parameters::{
    Natural, Parameter, ParameterError, ParameterTable, Scale, ScaledValue, Search,
};
pub(crate) use prior::gamma_cdf;
pub use prior::{Prior, PriorDensity};
pub use prior_name::PriorNameError;
pub(crate) use priors::Priors;
pub use problem::FitProblem;
pub use profile::{
    Best, Combination, End, Fixed, Improvement, ObjectiveKind, Profile, ProfileError,
    ProfileOptions, ProfilePoint, ProfileProvenance, Profiled, Profiles, ProfilesOptions,
    RankPoint, RankPointKind, Rounds, SensitivityRows, Structure, StructureOptions, Verdict,
    profile, profiles, structure, verdict,
};
pub(crate) use reach::{Reach, Slopes};
pub use result::{Fit, FitOptions, Provenance, StartSummary, fit, instruction_set};
pub use ridge::{
    GlvCoefficients, GlvRidge, GlvSeries, Regressor, RidgeError, glv_regression, ridge_regression,
};
pub use starts::{Sampling, StartError, StartPoints};
pub use trust_region::{
    Counts, Record, Scaling, StopReason, TrustRegion, TrustRegionOptions, TrustRegionState,
};
pub use uncertainty::{
    Bound, Estimate, Uncertainty, UncertaintyOptions, Undetermined, uncertainty,
};
