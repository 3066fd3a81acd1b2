//! What can be wrong with a model on disk, and where.
use crate::network::{NetworkError, suggestion};
use crate::units::{UnitError, did_you_mean};
use std::fmt;
use std::path::PathBuf;

/// Where in a file: line and column count from 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spot {
    /// The file.
    pub file: PathBuf,
    /// The line, which for a table with a header line is its row plus one.
    pub line: Option<usize>,
    /// The column: a character in TOML, a name in a table.
    pub column: Option<String>,
}
impl fmt::Display for Spot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file.display())?;
        if let Some(line) = self.line {
            write!(f, ", line {line}")?;
        }
        if let Some(column) = &self.column {
            write!(f, ", column {column}")?;
        }
        Ok(())
    }
}

/// One error of a model on disk.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ModelError {
    /// A file that cannot be read or written.
    #[error("{}: {message}", file.display())]
    Io {
        /// The file.
        file: PathBuf,
        /// What the system says.
        message: String,
    },
    /// What is wrong with an SBML file.
    #[cfg(feature = "sbml")]
    #[error("{}, {source}", file.display())]
    Sbml {
        /// The file.
        file: PathBuf,
        /// What is wrong, with line and element.
        source: super::super::sbml::SbmlError,
    },
    /// TOML that cannot be read, or a value of the wrong type.
    #[error("{spot}: {message}")]
    Toml {
        /// Where.
        spot: Spot,
        /// What is wrong.
        message: String,
    },
    /// A key that means nothing.
    #[error("{spot}: unknown key `{key}`{}", suggestion(near))]
    UnknownKey {
        /// Where.
        spot: Spot,
        /// The key.
        key: String,
        /// Keys that resemble it.
        near: Vec<String>,
    },
    /// A key that is needed.
    #[error("{spot}: `{key}` is missing")]
    MissingKey {
        /// Where.
        spot: Spot,
        /// The key.
        key: &'static str,
    },
    /// A base that is no model of the crate.
    #[error(
        "{spot}: there is no model `{name}` in the crate to build on{}",
        choices(name, known)
    )]
    UnknownBase {
        /// Where.
        spot: Spot,
        /// The base.
        name: String,
        /// Models that there are.
        known: Vec<String>,
    },
    /// A model that is its own base, at once or over others.
    #[error(
        "{spot}: a model cannot build on itself: {}; give it another `id` or another `base`",
        chain.join(" -> ")
    )]
    CircularBase {
        /// Where.
        spot: Spot,
        /// The models, each the base of the one before.
        chain: Vec<String>,
    },
    /// Something taken away or changed that the base does not have.
    #[error("{spot}: the base `{base}` has no {what} `{id}`{}", choices(id, known))]
    NotInBase {
        /// Where.
        spot: Spot,
        /// The base.
        base: String,
        /// What it is.
        what: String,
        /// Its id.
        id: String,
        /// What the base has of the kind.
        known: Vec<String>,
    },
    /// A change of a base in a model that has none.
    #[error("{spot}: `{key}` changes a base; say which one with `base`")]
    NoBase {
        /// Where.
        spot: Spot,
        /// The key.
        key: &'static str,
    },
    /// A scenario of the base that names what this model does not have.
    #[error(
        "{source} (a scenario of the base `{base}`: state it anew under the same id, or take it away with `[[without]]`, section = \"scenario\", ids = [\"{scenario}\"])"
    )]
    InheritedScenario {
        /// The base.
        base: String,
        /// The scenario.
        scenario: String,
        /// What is wrong.
        source: Box<ModelError>,
    },
    /// A table without a column that it needs.
    #[error("{spot}: the table has no column `{column}`{}", suggestion(near))]
    MissingColumn {
        /// Where.
        spot: Spot,
        /// The column.
        column: &'static str,
        /// Columns that resemble it.
        near: Vec<String>,
    },
    /// A column that means nothing.
    #[error("{spot}: unknown column `{column}`{}", suggestion(near))]
    UnknownColumn {
        /// Where.
        spot: Spot,
        /// The column.
        column: String,
        /// Columns that resemble it.
        near: Vec<String>,
    },
    /// A table that cannot be read.
    #[error("{spot}: {message}")]
    Table {
        /// Where.
        spot: Spot,
        /// What is wrong.
        message: String,
    },
    /// A cell that is not a number.
    #[error("{spot}: `{text}` is not a finite number")]
    NotANumber {
        /// Where.
        spot: Spot,
        /// The cell.
        text: String,
    },
    /// A cell that is none of the words it may be.
    #[error("{spot}: `{text}` is none of {}", words.join(", "))]
    UnknownWord {
        /// Where.
        spot: Spot,
        /// The cell.
        text: String,
        /// What it may be.
        words: Vec<&'static str>,
    },
    /// A prior that cannot be.
    #[error("{spot}: the prior `{distribution}` of `{id}`: {problem}")]
    Prior {
        /// Where.
        spot: Spot,
        /// The parameter.
        id: String,
        /// Name of the distribution.
        distribution: String,
        /// What is wrong.
        problem: String,
    },
    /// One id in two rows.
    #[error("{spot}: the parameter `{id}` already stands in line {first}")]
    DuplicateRow {
        /// Where.
        spot: Spot,
        /// The parameter.
        id: String,
        /// Line of the first row.
        first: usize,
    },
    /// A row for a parameter that nothing uses.
    #[error(
        "{spot}: nothing in the model uses the parameter `{id}`{}",
        suggestion(near)
    )]
    UnusedParameter {
        /// Where.
        spot: Spot,
        /// The parameter.
        id: String,
        /// Parameters without a row that resemble it.
        near: Vec<String>,
    },
    /// A row for something that is no parameter.
    #[error("{spot}: `{id}` is a {kind}, not a parameter")]
    NoParameter {
        /// Where.
        spot: Spot,
        /// The id.
        id: String,
        /// What it is.
        kind: crate::network::ElementKind,
    },
    /// A unit that does not fit what the model declares.
    #[error("{spot}: `{id}` is in `{expected}` in the model: {source}")]
    Unit {
        /// Where.
        spot: Spot,
        /// The parameter.
        id: String,
        /// Unit in the model.
        expected: String,
        /// What is wrong.
        source: UnitError,
    },
    /// An error of the network.
    #[error("{spot}: {source}")]
    Network {
        /// Where.
        spot: Spot,
        /// The error.
        source: NetworkError,
    },
    /// A scenario that names something the model does not have.
    #[error("{spot}: {source}")]
    Scenario {
        /// Where.
        spot: Spot,
        /// What it names.
        source: ScenarioError,
    },
    /// A number of a scenario that cannot be.
    #[error("{spot}: scenario `{scenario}`, {part}: {problem}")]
    ScenarioValue {
        /// Where.
        spot: Spot,
        /// The scenario.
        scenario: String,
        /// Part of the scenario.
        part: String,
        /// What is wrong.
        problem: String,
    },
}

impl ModelError {
    /// Where in a file, as far as the error tells.
    pub fn spot(&self) -> Spot {
        match self {
            ModelError::Io { file, .. } => Spot {
                file: file.clone(),
                line: None,
                column: None,
            },
            #[cfg(feature = "sbml")]
            ModelError::Sbml { file, source } => Spot {
                file: file.clone(),
                line: Some(source.line() as usize).filter(|line| *line > 0),
                column: None,
            },
            ModelError::InheritedScenario { source, .. } => source.spot(),
            ModelError::Toml { spot, .. }
            | ModelError::UnknownKey { spot, .. }
            | ModelError::MissingKey { spot, .. }
            | ModelError::UnknownBase { spot, .. }
            | ModelError::CircularBase { spot, .. }
            | ModelError::NotInBase { spot, .. }
            | ModelError::NoBase { spot, .. }
            | ModelError::MissingColumn { spot, .. }
            | ModelError::UnknownColumn { spot, .. }
            | ModelError::Table { spot, .. }
            | ModelError::NotANumber { spot, .. }
            | ModelError::UnknownWord { spot, .. }
            | ModelError::Prior { spot, .. }
            | ModelError::DuplicateRow { spot, .. }
            | ModelError::UnusedParameter { spot, .. }
            | ModelError::NoParameter { spot, .. }
            | ModelError::Unit { spot, .. }
            | ModelError::Network { spot, .. }
            | ModelError::Scenario { spot, .. }
            | ModelError::ScenarioValue { spot, .. } => spot.clone(),
        }
    }
}

/// What resembles a name, or else what there is.
fn choices(name: &str, known: &[String]) -> String {
    let near = did_you_mean(name, known.iter().map(String::as_str));
    match (near.is_empty(), known.is_empty()) {
        (false, _) => near,
        (true, true) => "; it has none".to_string(),
        (true, false) => format!("; there are {}", known.join(", ")),
    }
}

/// A scenario that names something the model does not have.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error(
    "scenario `{scenario}`, {part}: the model has no {expected} `{id}`{}",
    suggestion(near)
)]
pub struct ScenarioError {
    /// The scenario.
    pub scenario: String,
    /// Part of the scenario.
    pub part: String,
    /// What is needed.
    pub expected: &'static str,
    /// The id.
    pub id: String,
    /// Ids that resemble it.
    pub near: Vec<String>,
}
