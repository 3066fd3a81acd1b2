//! The vagus nerve: what it senses and what it sends back.
use super::influence::{Acting, Influences, relative};
use crate::network::{Mechanism, Network, NetworkError, Reference};
use serde::{Deserialize, Serialize};

/// The vagus nerve: afferent signals \\(A\\) and efferent tone \\(V\\), each 1 in health.
///
/// $$ \dot A = k_A (F_A\\, (1 - c) - A), \qquad \dot V = k_V \bigl((F_V + s)(1 - c) - V\bigr) $$
/// with the stimulation \\(s\\) by a device and the cut share \\(c\\) of the nerve (1 after vagotomy).
///
/// | letter | id | meaning | unit |
/// |---|---|---|---|
/// | \\(A, V\\) | `vagal_afferent`, `vagal_tone` | afferent signals, efferent tone | 1 |
/// | \\(k_A, k_V\\) | `turnover_vagal_afferent`, `turnover_vagal_tone` | turnover | 1/time |
/// | \\(s, c\\) | the formulas `stimulation`, `cut` | stimulation, cut share | 1 |
/// | \\(F_A, F_V\\) | rates `vagal_afferent`, `vagal_tone` of `influences` | see [`Source`](super::Source) | 1 |
///
/// Source of the form: Tracey 2002, doi:10.1038/nature01321 (the inflammatory reflex). Numbers stand in the models.
///
/// ```
/// use holobiont::{library::Vagus, network::Network};
/// let mut network = Network::new("reflex");
/// network.add(&Vagus { stimulation: "0.5".to_string(), ..Vagus::default() })?;
/// assert_eq!(network.all_species()[1].0, "vagal_tone");
/// # Ok::<(), holobiont::network::NetworkError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Vagus {
    /// Formula of the stimulation by a device.
    pub stimulation: String,
    /// Formula of the share of the nerve that is cut.
    pub cut: String,
    /// What acts on the rates.
    pub influences: Influences,
}

impl Default for Vagus {
    fn default() -> Self {
        Vagus {
            stimulation: "0".to_string(),
            cut: "0".to_string(),
            influences: Influences::new(),
        }
    }
}

impl Mechanism for Vagus {
    fn add_to(&self, network: &mut Network) -> Result<(), NetworkError> {
        let acting = Acting {
            mechanism: "vagus",
            influences: &self.influences,
            at_once: &[],
        };
        acting.check(&["vagal_afferent", "vagal_tone"])?;
        let (stimulation, cut) = (&self.stimulation, &self.cut);
        let afferent = acting.factor(network, "vagal_afferent")?;
        let whole = format!("{afferent} * (1 - ({cut}))");
        relative(
            network,
            "vagal_afferent",
            "afferent signals of the vagus",
            &whole,
        )?;
        let tone = acting.factor(network, "vagal_tone")?;
        let whole = format!("({tone} + ({stimulation})) * (1 - ({cut}))");
        relative(network, "vagal_tone", "efferent tone of the vagus", &whole)
    }

    fn references(&self) -> &'static [Reference] {
        const REFERENCES: &[Reference] = &[Reference::new(
            "Tracey 2002, The inflammatory reflex, Nature 420:853-859",
            "10.1038/nature01321",
        )];
        REFERENCES
    }
}
