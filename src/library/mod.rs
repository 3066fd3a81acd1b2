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
mod autoimmunity;
mod barrier;
mod brain;
mod chemostat;
mod cytokine_pair;
mod declare;
mod energy;
mod feed;
mod ileum;
mod inflammation;
mod influence;
mod lotka_volterra;
mod metabolites;
mod microbiota;
mod mucosa;
mod oxygen;
mod plasma;
mod redox;
mod regulatory_t_cells;
mod self_tolerance;
mod vagus;

pub use crate::network::{Mechanism, Reference};
pub use acidity::{Acidity, PhWindow};
pub use acute_inflammation::AcuteInflammation;
pub use autoimmunity::Autoimmunity;
pub use barrier::Barrier;
pub use brain::Brain;
pub use chemostat::{Chemostat, ChemostatParameters, ChemostatState};
pub use cytokine_pair::CytokinePair;
pub use energy::Energy;
pub use feed::{Booster, Feed, FeedKind};
pub use ileum::Ileum;
pub use inflammation::Inflammation;
pub use influence::{Influences, Source};
pub use lotka_volterra::LotkaVolterra;
pub use metabolites::{Breakdown, Inflow, Metabolites, Pool, Stock};
pub use microbiota::{Crowding, Dead, Guild, Microbiota};
pub use mucosa::Mucosa;
pub use oxygen::Oxygen;
pub use plasma::PlasmaAcids;
pub use redox::Redox;
pub use regulatory_t_cells::RegulatoryTCells;
pub use self_tolerance::SelfTolerance;
pub use vagus::Vagus;

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
    /// Microbes at the wall.
    Mucosa(Mucosa),
    /// Microbes of the ileum.
    Ileum(Ileum),
    /// Oxygen and nitrate of an inflamed lumen.
    Oxygen(Oxygen),
    /// Short-chain fatty acids in plasma.
    PlasmaAcids(PlasmaAcids),
    /// The wall of the gut.
    Barrier(Barrier),
    /// Systemic immunity.
    Inflammation(Inflammation),
    /// Adaptive immunity against myelin.
    Autoimmunity(Autoimmunity),
    /// Oxidative stress.
    Redox(Redox),
    /// Energy metabolism.
    Energy(Energy),
    /// The vagus nerve.
    Vagus(Vagus),
    /// Damage in the central nervous system.
    Brain(Brain),
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
        "mucosa",
        "ileum",
        "oxygen",
        "plasma_acids",
        "barrier",
        "inflammation",
        "autoimmunity",
        "redox",
        "energy",
        "vagus",
        "brain",
        "acute_inflammation",
        "self_tolerance",
        "cytokine_pair",
        "regulatory_t_cells",
    ];

    /// What acts on its rates, for mechanisms that know influences.
    pub(crate) fn influences(&self) -> Option<&Influences> {
        match self {
            LibraryMechanism::Barrier(mechanism) => Some(&mechanism.influences),
            LibraryMechanism::Inflammation(mechanism) => Some(&mechanism.influences),
            LibraryMechanism::Autoimmunity(mechanism) => Some(&mechanism.influences),
            LibraryMechanism::Redox(mechanism) => Some(&mechanism.influences),
            LibraryMechanism::Energy(mechanism) => Some(&mechanism.influences),
            LibraryMechanism::Vagus(mechanism) => Some(&mechanism.influences),
            LibraryMechanism::Brain(mechanism) => Some(&mechanism.influences),
            _ => None,
        }
    }

    fn mechanism(&self) -> &dyn Mechanism {
        match self {
            LibraryMechanism::LotkaVolterra(mechanism) => mechanism,
            LibraryMechanism::Chemostat(mechanism) => mechanism,
            LibraryMechanism::Metabolites(mechanism) => mechanism,
            LibraryMechanism::Microbiota(mechanism) => mechanism,
            LibraryMechanism::Mucosa(mechanism) => mechanism,
            LibraryMechanism::Ileum(mechanism) => mechanism,
            LibraryMechanism::Oxygen(mechanism) => mechanism,
            LibraryMechanism::PlasmaAcids(mechanism) => mechanism,
            LibraryMechanism::Barrier(mechanism) => mechanism,
            LibraryMechanism::Inflammation(mechanism) => mechanism,
            LibraryMechanism::Autoimmunity(mechanism) => mechanism,
            LibraryMechanism::Redox(mechanism) => mechanism,
            LibraryMechanism::Energy(mechanism) => mechanism,
            LibraryMechanism::Vagus(mechanism) => mechanism,
            LibraryMechanism::Brain(mechanism) => mechanism,
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
