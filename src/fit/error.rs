//! What can go wrong before and around a fit. A failed solve is no error: it is an [`super::Evaluation`].

use super::multistart::MultiStartError;
use super::parameters::ParameterError;
use crate::cohort::CohortError;
use crate::compile::CompileError;

/// Errors of the layer `fit`.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FitError {
    /// cohort and parameter table have errors, all of them here
    #[error("{}", list(.parameters, .cohort))]
    Problem {
        /// of the parameter table
        parameters: Vec<ParameterError>,
        /// of the cohort
        cohort: Vec<CohortError>,
    },
    /// there is nothing to estimate
    #[error("no parameter is estimated")]
    NothingToEstimate,
    /// derivatives could not be compiled
    #[error(transparent)]
    Compile(#[from] CompileError),
    /// the starts could not be run
    #[error(transparent)]
    MultiStart(#[from] MultiStartError),
    /// no start had a value
    #[error("none of the {starts} starts has a value; the first: {first}")]
    NoFeasibleStart {
        /// number of starts
        starts: usize,
        /// why the first one failed
        first: String,
    },
}

fn list(parameters: &[ParameterError], cohort: &[CohortError]) -> String {
    let lines: Vec<String> = parameters
        .iter()
        .map(ToString::to_string)
        .chain(cohort.iter().map(ToString::to_string))
        .collect();
    lines.join("\n")
}
