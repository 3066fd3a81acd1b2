//! Energy metabolism: feeding and fasting, insulin, free fatty acids, ketones, leptin.
use super::influence::{Acting, Influences, relative};
use crate::network::{Mechanism, Network, NetworkError, Reference};
use serde::{Deserialize, Serialize};

/// Feeding and fasting: insulin, free fatty acids, ketones and leptin, each relative to the fed reference.
///
/// With the feeding \\(u\\) (1: fed as usual, 0: nothing), insulin follows it down to a basal share; the others follow their influences:
/// $$ \dot I = k_I \bigl((b + (1 - b)\\, u)\\, F_I - I\bigr), \qquad \dot x = k_x (F_x - x). $$
///
/// | letter | id | meaning | unit |
/// |---|---|---|---|
/// | \\(I\\) | `insulin` | insulin in plasma | 1 |
/// | \\(x\\) | `fatty_acids`, `ketones`, `leptin` | free fatty acids, beta-hydroxybutyrate, leptin in plasma | 1 |
/// | \\(u\\) | the formula `feeding` | energy eaten, as share of the usual | 1 |
/// | \\(b\\) | `insulin_basal` | insulin without food | 1 |
/// | \\(k_I, k_x\\) | `turnover_insulin` ... | turnover | 1/time |
/// | \\(F_I, F_x\\) | rates `insulin`, `fatty_acids`, `ketones`, `leptin` of `influences` | see [`Source`](super::Source) | 1 |
///
/// Insulin that holds lipolysis back is a negative elasticity of `fatty_acids` with `insulin`.
///
/// Source of the form: Cahill 2006, doi:10.1146/annurev.nutr.26.061505.111258 (fuels in starvation). Numbers stand in the models.
///
/// ```
/// use holobiont::{library::{Energy, Source}, network::Network};
/// let mut network = Network::new("fast");
/// let influences = [("ketones".to_string(), vec![Source::from("fatty_acids")])].into();
/// network.add(&Energy { influences, ..Energy::default() })?;
/// assert_eq!(network.all_species().len(), 4);
/// # Ok::<(), holobiont::network::NetworkError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Energy {
    /// Formula of the energy eaten, as share of the usual.
    pub feeding: String,
    /// What acts on the rates.
    pub influences: Influences,
}

impl Default for Energy {
    fn default() -> Self {
        Energy {
            feeding: "1".to_string(),
            influences: Influences::new(),
        }
    }
}

const FOLLOWERS: &[(&str, &str)] = &[
    ("fatty_acids", "free fatty acids in plasma"),
    ("ketones", "beta-hydroxybutyrate in plasma"),
    ("leptin", "leptin in plasma"),
];

impl Mechanism for Energy {
    fn add_to(&self, network: &mut Network) -> Result<(), NetworkError> {
        let acting = Acting {
            mechanism: "energy",
            influences: &self.influences,
            at_once: &[],
        };
        acting.check(&["insulin", "fatty_acids", "ketones", "leptin"])?;
        super::influence::ratio(network, "insulin_basal", "insulin without food");
        let factor = acting.factor(network, "insulin")?;
        let fed = format!(
            "(insulin_basal + (1 - insulin_basal) * ({})) * {factor}",
            self.feeding
        );
        relative(network, "insulin", "insulin in plasma", &fed)?;
        for (id, name) in FOLLOWERS {
            acting.marker(network, id, name)?;
        }
        Ok(())
    }

    fn references(&self) -> &'static [Reference] {
        const REFERENCES: &[Reference] = &[Reference::new(
            "Cahill 2006, Fuel metabolism in starvation, Annu Rev Nutr 26:1-22",
            "10.1146/annurev.nutr.26.061505.111258",
        )];
        REFERENCES
    }
}
