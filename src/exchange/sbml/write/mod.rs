//! Networks written as SBML Level 3 (core), as other programs read them.
//!
//! | file | what |
//! |---|---|
//! | `document` | the whole file, in the order that SBML wants |
//! | `quantities`, `rules`, `reactions`, `events` | the elements |
//! | `formulas` | all formulas of a network as expressions |
//! | `mathml`, `functions` | expressions as MathML, and functions that it lacks |
//! | `inputs` | tables as functions of time |
//! | `units` | unit definitions |
//! | `annotations` | notes, MIRIAM annotations, what only we know |
//! | `scenario` | a model under a protocol as a network of its own |
//! | `xml`, `ids` | what all of them write with |
mod annotations;
mod document;
mod error;
mod events;
mod formulas;
mod functions;
mod ids;
mod inputs;
mod mathml;
mod quantities;
mod reactions;
mod rules;
mod scenario;
mod units;
mod xml;

pub use document::write;
pub use error::SbmlWriteError;
pub(in crate::exchange) use functions::definition;
pub use scenario::under_scenario;

use std::fmt;

/// Level and version of SBML.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Version {
    /// Level 3 Version 1.
    L3V1,
    /// Level 3 Version 2.
    #[default]
    L3V2,
}
impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Version::L3V1 => "Level 3 Version 1",
            Version::L3V2 => "Level 3 Version 2",
        })
    }
}
impl Version {
    fn namespace(self) -> &'static str {
        match self {
            Version::L3V1 => "http://www.sbml.org/sbml/level3/version1/core",
            Version::L3V2 => "http://www.sbml.org/sbml/level3/version2/core",
        }
    }
    fn number(self) -> u8 {
        match self {
            Version::L3V1 => 1,
            Version::L3V2 => 2,
        }
    }
}

/// How a network is written.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct WriteOptions {
    /// Level and version.
    pub version: Version,
    /// What the model is about, for its notes; one paragraph each.
    pub notes: Vec<String>,
}
