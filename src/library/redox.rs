//! Oxidative stress: reactive oxygen species, glutathione, Nrf2 and the marks they leave, in the body and in the brain.
use super::influence::{Acting, Influences};
use crate::network::{Mechanism, Network, NetworkError, Reference};
use serde::{Deserialize, Serialize};

/// Oxidative stress in the body and, with `brain`, in the central nervous system: reactive oxygen species, glutathione, active Nrf2,
/// malondialdehyde and oxidised DNA (8-OHdG), each relative to a healthy reference.
///
/// $$ \dot x = k_x (F_x - x) $$
///
/// | letter | id | meaning | unit |
/// |---|---|---|---|
/// | \\(x\\) | `ROS`, `GSH`, `NRF2`, `MDA`, `oxidised_DNA` | of the body | 1 |
/// | | `ROS_brain`, `GSH_brain` | of the brain | 1 |
/// | \\(k_x\\) | `turnover_ROS` ... | turnover | 1/time |
/// | \\(F_x\\) | rates `ROS`, `GSH` ... of `influences` | see [`Source`](super::Source) | 1 |
///
/// Glutathione that scavenges is a negative elasticity of `ROS` with `GSH`; consumption of glutathione one of `GSH` with `ROS`; its
/// synthesis under Nrf2 a positive one with `NRF2`.
///
/// A state in `at_once` stands at its rest, \\(x = F_x\\).
///
/// Source of the form: Reed et al. 2008, doi:10.1186/1742-4682-5-8 (glutathione and its set points). Numbers stand in the models.
///
/// ```
/// use holobiont::{library::{Redox, Source}, network::Network};
/// let mut network = Network::new("redox");
/// let influences = [("ROS".to_string(), vec![Source::from("GSH")]), ("MDA".to_string(), vec![Source::from("ROS")])].into();
/// network.add(&Redox { influences, ..Redox::default() })?;
/// assert_eq!(network.all_species().len(), 5);
/// # Ok::<(), holobiont::network::NetworkError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Redox {
    /// Whether the brain has its own.
    pub brain: bool,
    /// States that stand where they would rest, as if their turnover had no end; what acts on them must not follow from them at once.
    pub at_once: Vec<String>,
    /// What acts on the rates.
    pub influences: Influences,
}

const BODY: &[(&str, &str)] = &[
    ("ROS", "reactive oxygen species"),
    ("GSH", "glutathione"),
    ("NRF2", "active Nrf2"),
    ("MDA", "malondialdehyde in plasma"),
    ("oxidised_DNA", "oxidised DNA"),
];
const BRAIN: &[(&str, &str)] = &[
    ("ROS_brain", "reactive oxygen species of the brain"),
    ("GSH_brain", "glutathione of the brain"),
];

impl Mechanism for Redox {
    fn add_to(&self, network: &mut Network) -> Result<(), NetworkError> {
        let brain = if self.brain { BRAIN } else { &[] };
        let states: Vec<_> = BODY.iter().chain(brain).collect();
        let acting = Acting {
            mechanism: "redox",
            influences: &self.influences,
            at_once: &self.at_once,
        };
        let ids: Vec<&str> = states.iter().map(|(id, _)| *id).collect();
        acting.check(&ids)?;
        acting.check_at_once(&ids)?;
        for (id, name) in states {
            acting.marker(network, id, name)?;
        }
        Ok(())
    }

    fn references(&self) -> &'static [Reference] {
        const REFERENCES: &[Reference] = &[Reference::new(
            "Reed et al. 2008, A mathematical model of glutathione metabolism, Theor Biol Med Model 5:8",
            "10.1186/1742-4682-5-8",
        )];
        REFERENCES
    }
}
