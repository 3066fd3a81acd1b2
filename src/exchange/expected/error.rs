//! What can be wrong with reference trajectories.
use crate::exchange::{
    model::{Model, Scenario, ScenarioError},
    tables::{Place, TableError},
};
use crate::expr::suggest;
use crate::solve::SolveError;
use std::path::{Path, PathBuf};

/// Why reference trajectories cannot be made, read or compared.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ExpectedError {
    /// a file that cannot be read
    #[error("{} cannot be read: {source}", .file.display())]
    Unreadable {
        /// the file
        file: PathBuf,
        /// what the operating system said
        source: std::io::Error,
    },
    /// many scenarios and no list
    #[error(
        "the model has {count} scenarios: name those that shall have a table, one a line, in {}",
        .file.display()
    )]
    NoList {
        /// the list that is missing
        file: PathBuf,
        /// how many scenarios there are
        count: usize,
    },
    /// a list without an entry
    #[error("{} names no scenario", .file.display())]
    EmptyList {
        /// the list
        file: PathBuf,
    },
    /// an entry of the list that is no scenario, or stands there twice
    #[error("{place}: {problem}")]
    Listed {
        /// the list and the row
        place: Place,
        /// what is wrong
        problem: String,
    },
    /// a scenario that the model does not have
    #[error("the model has no scenario `{scenario}`")]
    Unknown {
        /// its id
        scenario: String,
    },
    /// a scenario that does not fit the system
    #[error(transparent)]
    Scenario(#[from] ScenarioError),
    /// a solve that failed
    #[error("scenario `{scenario}` at a relative tolerance of {relative}: {source}")]
    Solve {
        /// the scenario
        scenario: String,
        /// the tolerance
        relative: f64,
        /// what happened
        source: Box<SolveError>,
    },
    /// a table that cannot be read
    #[error(transparent)]
    Table(#[from] TableError),
    /// a first line that does not say how the table was made
    #[error(
        "{}, row 1: `# reference trajectory: rtol X, atol Y` is needed here; write the table anew with `holobiont models expected --force`",
        .file.display()
    )]
    NoTolerance {
        /// the table
        file: PathBuf,
    },
    /// a cell that is no finite number
    #[error("{place}: `{text}` is no finite number")]
    Number {
        /// the cell
        place: Place,
        /// what stands there
        text: String,
    },
    /// a table whose columns are not the states of the model
    #[error("{}: {problem}", .file.display())]
    Columns {
        /// the table
        file: PathBuf,
        /// what is missing or too much
        problem: String,
    },
    /// a table without rows, or with times out of order
    #[error("{}: {problem}", .file.display())]
    Times {
        /// the table
        file: PathBuf,
        /// what is wrong
        problem: &'static str,
    },
}

impl ExpectedError {
    /// An entry of the list that is not `known`, or stands there for the second time.
    pub(super) fn list(
        file: &Path,
        row: usize,
        id: &str,
        known: Option<&Scenario>,
        model: &Model,
    ) -> Self {
        let problem = match known {
            Some(_) => format!("`{id}` stands there twice"),
            None => {
                let near = suggest(id, model.scenarios.iter().map(|s| s.id.as_str()));
                let hint = near.first().map(|near| format!("; did you mean `{near}`?"));
                format!("unknown scenario `{id}`{}", hint.unwrap_or_default())
            }
        };
        ExpectedError::Listed {
            place: Place::file(file).row(row),
            problem,
        }
    }
}
