//! What keeps a network from being written as SBML.
use super::Version;
use crate::compile::CompileError;
use crate::exchange::model::ScenarioError;
use crate::expr::ParseError;
use crate::network::{NetworkError, Place};

/// Why a network cannot be written as SBML.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum SbmlWriteError {
    /// The network has errors; all of them.
    #[error("the network has errors: {}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Network(Vec<NetworkError>),
    /// A formula that cannot be read.
    #[error("{place}: `{text}` cannot be read: {source}")]
    Formula {
        /// Where.
        place: Place,
        /// The formula.
        text: String,
        /// What is wrong with it.
        source: ParseError,
    },
    /// A function that SBML has no form for.
    #[error("{place}: `{function}` cannot be written in SBML: {why}")]
    Function {
        /// Where.
        place: Place,
        /// The function.
        function: String,
        /// What is missing.
        why: &'static str,
    },
    /// Something that the chosen version of SBML lacks.
    #[error("{place}: {what} does not exist in SBML {version}; write SBML {newer}", newer = Version::default())]
    Version {
        /// Where.
        place: Place,
        /// The thing.
        what: &'static str,
        /// The version asked for.
        version: Version,
    },
    /// A formula that is too large when its shared parts are spelt out.
    #[error(
        "{place}: the formula has more than {limit} operations when its shared parts are written out; give the parts rules of their own"
    )]
    TooLarge {
        /// Where.
        place: Place,
        /// The most that is written.
        limit: u64,
    },
    /// A network that cannot be compiled, which a protocol needs.
    #[error(transparent)]
    Compile(#[from] CompileError),
    /// A protocol that does not fit the model.
    #[error(transparent)]
    Scenario(#[from] ScenarioError),
    /// A protocol with a part that SBML cannot say.
    #[error("scenario `{scenario}`, {part}: {why}")]
    Protocol {
        /// Id of the scenario.
        scenario: String,
        /// The part.
        part: String,
        /// Why it cannot be said.
        why: &'static str,
    },
}
