//! What can be wrong with a population problem before anything is computed.

use crate::fit::{FitError, ThreadError};

/// Errors of the layer `population`.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PopulationError {
    /// cohort, parameter table or search
    #[error(transparent)]
    Fit(#[from] FitError),
    /// the statistical model has faults, all of them here
    #[error("{}", .faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
    Model {
        /// the faults
        faults: Vec<PopulationFault>,
    },
    /// a method that needs normal readings met another
    #[error(
        "{method} is defined for uncensored readings with normal (or log-normal) noise only: `{endpoint}` {why}; use laplace, quadrature, importance or saem"
    )]
    NotGaussian {
        /// name of the method
        method: &'static str,
        /// the endpoint
        endpoint: String,
        /// what is in the way
        why: String,
    },
    /// a method whose steps cannot be repeated
    #[error(
        "derivatives of the marginal likelihood need a solver whose steps can be repeated: rodas5p or tsit5"
    )]
    StepsOfItsOwn,
    /// parameter values at which random effects have no distribution
    #[error(
        "the random effects have no distribution at these values: a standard deviation is negative, or the correlations are not positive definite"
    )]
    NoDistribution,
    /// a virtual individual without readings
    #[error(
        "no readings could be drawn for individual `{individual}`: its model could not be solved at the drawn effects, or a prediction is impossible for its noise"
    )]
    NotDrawn {
        /// the individual
        individual: String,
    },
    /// threads that could not be started
    #[error(transparent)]
    Threads(#[from] ThreadError),
    /// too many random effects for a grid
    #[error(
        "quadrature takes {limit} random effects an individual at most, `{individual}` has {count}; use importance or saem"
    )]
    TooManyEffects {
        /// the individual
        individual: String,
        /// its random effects
        count: usize,
        /// how many can be
        limit: usize,
    },
}

/// One fault of a statistical model.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum PopulationFault {
    /// nobody there
    #[error("there are no individuals")]
    Empty,
    /// an index beyond its list
    #[error("{what}: index {index} does not exist, there are {count}")]
    Index {
        /// of what
        what: String,
        /// the index
        index: usize,
        /// how many there are
        count: usize,
    },
    /// an experiment of nobody, or of two
    #[error("experiment `{subject}` belongs to {count} individuals; it must belong to one")]
    Owner {
        /// the experiment
        subject: String,
        /// how many have it
        count: usize,
    },
    /// a typical value outside the domain of its transform
    #[error(
        "parameter `{parameter}`: the value {value} lies outside the domain of its transform {transform}"
    )]
    Domain {
        /// the parameter
        parameter: String,
        /// its nominal value or a bound
        value: f64,
        /// the transform
        transform: String,
    },
    /// a random or covariate effect on a parameter that is none of the individual ones
    #[error("{what}: `{parameter}` is no individual parameter")]
    NoParameter {
        /// the effect
        what: String,
        /// the row
        parameter: String,
    },
    /// a standard deviation below 0
    #[error("random effect `{effect}`: the standard deviation {value} is negative")]
    StandardDeviation {
        /// the effect
        effect: String,
        /// the number
        value: f64,
    },
    /// an estimated standard deviation that begins at 0
    #[error(
        "random effect `{effect}`: its estimated standard deviation begins at 0, where the likelihood is flat in it whatever the data say; begin above 0, or fix it at 0"
    )]
    StartsAtZero {
        /// the effect
        effect: String,
    },
    /// two random effects of one level on one parameter
    #[error(
        "the random effects `{first}` and `{second}` both vary `{parameter}` between {level}: only the sum of their variances could be told; leave one out"
    )]
    SameParameter {
        /// an effect
        first: String,
        /// another
        second: String,
        /// the parameter
        parameter: String,
        /// individuals or occasions
        level: &'static str,
    },
    /// a correlation of an effect with itself, or of two levels, or given twice
    #[error("correlation of `{first}` and `{second}`: {why}")]
    Correlation {
        /// an effect
        first: String,
        /// another
        second: String,
        /// what is wrong
        why: &'static str,
    },
    /// correlations that no distribution has
    #[error(
        "the correlations of the random effects between {level} are not positive definite at the nominal values ({pairs}); no normal distribution has them: give values nearer 0"
    )]
    NotPositiveDefinite {
        /// individuals or occasions
        level: &'static str,
        /// its correlations with their values
        pairs: String,
    },
    /// a covariate that is missing or not a number
    #[error(
        "covariate `{covariate}` of `{parameter}`: individual `{individual}` has no finite value"
    )]
    Covariate {
        /// the covariate
        covariate: String,
        /// the parameter
        parameter: String,
        /// the individual
        individual: String,
    },
}
