//! Systemic immunity: endotoxin in plasma, cytokines, C-reactive protein.
use super::declare::declare;
use super::influence::{Acting, Influences, assigned};
use crate::network::{Mechanism, Network, NetworkError, Reference};
use serde::{Deserialize, Serialize};

/// Systemic immunity: endotoxin that leaks from the gut, the cytokines TNF, IL-6 and IL-10, and C-reactive protein, each relative to
/// a healthy reference.
///
/// Endotoxin \\(L\\) follows the load \\(S\\) of its makers in the gut and the permeability \\(P\\) of the wall, the others their influences:
/// $$ \dot L = k_L (P\\, S/S_0 - L), \qquad \dot x = k_x (F_x - x), \quad x \in \\{\mathrm{TNF}, \mathrm{IL6}, \mathrm{IL10}, \mathrm{CRP}\\}. $$
///
/// | letter | id | meaning | unit |
/// |---|---|---|---|
/// | \\(L\\) | `LPS` | endotoxin in plasma | 1 |
/// | | `TNF`, `IL6`, `IL10`, `CRP` | concentrations in plasma | 1 |
/// | \\(k_x\\) | `turnover_LPS`, `turnover_TNF` ... | turnover | 1/time |
/// | \\(P\\) | the formula `permeability` | permeability of the gut | 1 |
/// | \\(S/S_0\\) | the formula `load` over `ref_endotoxin` | makers of endotoxin in the gut | as the load |
/// | \\(F_x\\) | rates `TNF`, `IL6`, `IL10`, `CRP` of `influences` | see [`Source`](super::Source) | 1 |
///
/// A state in `at_once` stands at its rest, as \\(x = F_x\\): fewer states where it is fast, or where no data tell its turnover.
///
/// Sources of the rates: Copeland et al. 2005, doi:10.1128/CDLI.12.1.60-67.2005 (endotoxin raises TNF and IL-6 in man); the
/// chain from IL-6 to CRP: Castell et al. 1989, doi:10.1016/0014-5793(89)80476-4. Numbers stand in the models.
///
/// ```
/// use holobiont::{library::{Inflammation, Source}, network::Network};
/// let mut network = Network::new("endotoxaemia");
/// let influences = [("TNF".to_string(), vec![Source::from("LPS")])].into();
/// network.add(&Inflammation { influences, ..Inflammation::default() })?;
/// assert_eq!(network.all_species()[0].0, "LPS");
/// # Ok::<(), holobiont::network::NetworkError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Inflammation {
    /// Formula of the permeability of the gut, 1 in health.
    pub permeability: String,
    /// Formula of the makers of endotoxin in the gut; its reference is `ref_endotoxin`.
    pub load: Option<String>,
    /// Unit of the load.
    pub load_unit: Option<String>,
    /// States that stand where they would rest, as if their turnover had no end; what acts on them must not follow from them at once.
    pub at_once: Vec<String>,
    /// What acts on the rates.
    pub influences: Influences,
}

impl Default for Inflammation {
    fn default() -> Self {
        Inflammation {
            permeability: "1".to_string(),
            load: None,
            load_unit: None,
            at_once: Vec::new(),
            influences: Influences::new(),
        }
    }
}

const MARKERS: &[(&str, &str)] = &[
    ("TNF", "tumour necrosis factor in plasma"),
    ("IL6", "interleukin IL6 in plasma"),
    ("IL10", "interleukin IL10 in plasma"),
    ("CRP", "C-reactive protein in plasma"),
];

impl Mechanism for Inflammation {
    fn add_to(&self, network: &mut Network) -> Result<(), NetworkError> {
        let acting = Acting {
            mechanism: "inflammation",
            influences: &self.influences,
            at_once: &self.at_once,
        };
        let ids: Vec<&str> = MARKERS.iter().map(|(id, _)| *id).collect();
        acting.check(&ids)?;
        acting.check_at_once(&[&["LPS"], &ids[..]].concat())?;
        let source = match &self.load {
            None => "1".to_string(),
            Some(load) => {
                let name = "reference of the makers of endotoxin";
                declare(network, "ref_endotoxin", name, self.load_unit.clone());
                let formula = format!("({load}) / ref_endotoxin");
                assigned(network, "endotoxin_source", formula, Some("1".to_string()))?;
                "endotoxin_source".to_string()
            }
        };
        let rest = format!("({}) * {source}", self.permeability);
        acting.relative(network, "LPS", "endotoxin in plasma", &rest)?;
        for (id, name) in MARKERS {
            acting.marker(network, id, name)?;
        }
        Ok(())
    }

    fn references(&self) -> &'static [Reference] {
        const REFERENCES: &[Reference] = &[
            Reference::new(
                "Copeland et al. 2005, Acute inflammatory response to endotoxin in mice and humans, Clin Diagn Lab Immunol 12:60-67",
                "10.1128/CDLI.12.1.60-67.2005",
            ),
            Reference::new(
                "Castell et al. 1989, Interleukin-6 is the major regulator of acute phase protein synthesis in adult human hepatocytes, FEBS Lett 242:237-239",
                "10.1016/0014-5793(89)80476-4",
            ),
        ];
        REFERENCES
    }
}
