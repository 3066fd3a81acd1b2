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
mod acute_inflammation;
mod chemostat;
mod cytokine_pair;
mod declare;
mod feed;
mod lotka_volterra;
mod metabolites;
mod microbiota;
mod regulatory_t_cells;
mod self_tolerance;

pub use crate::network::{Mechanism, Reference};
pub use acidity::{Acidity, PhWindow};
pub use acute_inflammation::AcuteInflammation;
pub use chemostat::{Chemostat, ChemostatParameters, ChemostatState};
pub use cytokine_pair::CytokinePair;
pub use feed::{Booster, Feed, FeedKind};
pub use lotka_volterra::LotkaVolterra;
pub use metabolites::{Breakdown, Inflow, Metabolites, Pool, Stock};
pub use microbiota::{Crowding, Dead, Guild, Microbiota};
pub use regulatory_t_cells::RegulatoryTCells;
pub use self_tolerance::SelfTolerance;

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
    /// A pathogen, phagocytes, damage and a calming mediator.
    AcuteInflammation(AcuteInflammation),
    /// T cells of a self-antigen with a threshold to autoimmunity.
    SelfTolerance(SelfTolerance),
    /// A pro- and an anti-inflammatory cytokine.
    CytokinePair(CytokinePair),
    /// Regulatory T cells of tissues in series.
    RegulatoryTCells(RegulatoryTCells),
}

impl LibraryMechanism {
    /// The words that a model file may name as `type`.
    pub const TYPES: &[&'static str] = &[
        "lotka_volterra",
        "chemostat",
        "metabolites",
        "microbiota",
        "acute_inflammation",
        "self_tolerance",
        "cytokine_pair",
        "regulatory_t_cells",
    ];

    fn mechanism(&self) -> &dyn Mechanism {
        match self {
            LibraryMechanism::LotkaVolterra(mechanism) => mechanism,
            LibraryMechanism::Chemostat(mechanism) => mechanism,
            LibraryMechanism::Metabolites(mechanism) => mechanism,
            LibraryMechanism::Microbiota(mechanism) => mechanism,
            LibraryMechanism::AcuteInflammation(mechanism) => mechanism,
            LibraryMechanism::SelfTolerance(mechanism) => mechanism,
            LibraryMechanism::CytokinePair(mechanism) => mechanism,
            LibraryMechanism::RegulatoryTCells(mechanism) => mechanism,
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
