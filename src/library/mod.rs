//! Mechanisms: pieces of biology as structs whose equations stand in their doc comments.
//!
//! A mechanism adds species, reactions and parameters to a [`Network`]; it carries no numbers.
//! Values, units, sources and evidence stand in `models/`, in the parameter table of each model. Every mechanism reads
//! from a table of `model.toml`, whose `type` names it:
//!
//! ```
//! use holobiont::library::LibraryMechanism;
//! let mechanism: LibraryMechanism = toml::from_str("type = 'lotka_volterra'\ntaxa = ['A', 'B']").expect("a sound table");
//! assert!(matches!(mechanism, LibraryMechanism::LotkaVolterra(_)));
//! ```
mod acidity;
mod chemostat;
mod declare;
mod feed;
mod lotka_volterra;
mod metabolites;
mod microbiota;

pub use crate::network::{Mechanism, Reference};
pub use acidity::{Acidity, PhWindow};
pub use chemostat::{Chemostat, ChemostatParameters, ChemostatState};
pub use feed::{Booster, Feed, FeedKind};
pub use lotka_volterra::LotkaVolterra;
pub use metabolites::{Breakdown, Inflow, Metabolites, Pool, Stock};
pub use microbiota::{Crowding, Dead, Guild, Microbiota};

use crate::network::{Network, NetworkError};
use serde::{Deserialize, Serialize};

/// Any mechanism of the library, as a model file names it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[non_exhaustive]
pub enum LibraryMechanism {
    /// A generalised Lotka-Volterra community.
    LotkaVolterra(LotkaVolterra),
    /// A chemostat with one fermenter.
    Chemostat(Chemostat),
    /// Pools of compounds.
    Metabolites(Metabolites),
    /// Guilds of microbes.
    Microbiota(Microbiota),
}

impl LibraryMechanism {
    /// The words that a model file may name as `type`.
    pub const TYPES: &[&'static str] =
        &["lotka_volterra", "chemostat", "metabolites", "microbiota"];

    fn mechanism(&self) -> &dyn Mechanism {
        match self {
            LibraryMechanism::LotkaVolterra(mechanism) => mechanism,
            LibraryMechanism::Chemostat(mechanism) => mechanism,
            LibraryMechanism::Metabolites(mechanism) => mechanism,
            LibraryMechanism::Microbiota(mechanism) => mechanism,
        }
    }
}

impl Mechanism for LibraryMechanism {
    fn add_to(&self, network: &mut Network) -> Result<(), NetworkError> {
        self.mechanism().add_to(network)
    }
    fn references(&self) -> &'static [Reference] {
        self.mechanism().references()
    }
}
