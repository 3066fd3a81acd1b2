//! What can be wrong with a population or a design, and a solve that failed.
use crate::exchange::model::ScenarioError;
use crate::solve::SolveError;
use std::path::PathBuf;

/// An error of a file, or of what it asks for.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum TrialError {
    /// text that is no TOML, or a value of the wrong type
    #[error("{}, line {line}, column {column}: {message}", file.display())]
    Toml {
        /// the file
        file: PathBuf,
        /// from 1
        line: usize,
        /// from 1
        column: usize,
        /// what is wrong
        message: String,
    },
    /// a key whose value cannot be
    #[error("{}, {key}: {message}", file.display())]
    Key {
        /// the file
        file: PathBuf,
        /// the key, as `vary 2, parameter`
        key: String,
        /// what is wrong, and what to try
        message: String,
    },
    /// a scenario that does not fit the system
    #[error(transparent)]
    Scenario(#[from] ScenarioError),
    /// too few subjects can take part
    #[error(
        "only {found} of {screened} virtual subjects are eligible; widen `eligible`, or ask for fewer than {wanted}"
    )]
    TooFewEligible {
        /// eligible subjects
        found: usize,
        /// subjects looked at
        screened: usize,
        /// subjects needed
        wanted: usize,
    },
    /// so many solves failed that the rest says little
    #[error("{failed} of {of} solves failed, the first: {first}")]
    TooManyFailed {
        /// failed solves
        failed: usize,
        /// all
        of: usize,
        /// the first failure
        first: Failure,
    },
}

/// A life that could not be solved to its end.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("subject {subject}{}: {why}", arm.as_ref().map_or(" in the run-in".to_string(), |arm| format!(" in the arm `{arm}`")))]
pub struct Failure {
    /// number of the subject
    pub subject: usize,
    /// the arm; none in the run-in
    pub arm: Option<String>,
    /// when and why, in the model's time
    pub why: SolveError,
}

/// Reads TOML; what is wrong gets its place.
pub(super) fn from_toml<T: serde::de::DeserializeOwned>(
    file: &std::path::Path,
    text: &str,
) -> Result<T, TrialError> {
    toml::from_str(text).map_err(|error| {
        let before = &text[..error.span().map_or(0, |span| span.start.min(text.len()))];
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        TrialError::Toml {
            file: file.to_owned(),
            line: 1 + before.matches('\n').count(),
            column: 1 + before[line_start..].chars().count(),
            message: error.message().trim().replace('\n', "; "),
        }
    })
}
