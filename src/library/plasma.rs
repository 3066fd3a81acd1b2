//! Short-chain fatty acids in plasma: what the gut absorbs and the liver lets pass, and what is swallowed.
use super::declare::{declare, declare_molar_mass, option_error, pools_of};
use super::influence::{made_and_lost, rate_constant, ratio};
use crate::network::{Mechanism, Network, NetworkError, Reference, Species};
use serde::{Deserialize, Serialize};

/// Short-chain fatty acids in plasma: what the gut absorbs and the liver lets pass, and what is swallowed.
///
/// Of an acid \\(c\\) in the gut (in mmol/l, in a volume \\(V\\) of l) the flux \\(a_c\\, c\\, V\\) is absorbed; the share \\(\phi_c\\) reaches plasma:
/// $$ \dot p_c = \frac{10^3}{V_p} \bigl(\phi_c\\, a_c\\, c\\, V + \phi_o\\, u_c/M_c\bigr) - k_c\\, p_c. $$
///
/// | letter | id | meaning | unit |
/// |---|---|---|---|
/// | \\(p_c\\) | `plasma_ACID` | concentration in plasma | umol/l |
/// | \\(a_c\\) | `a_ACID` | absorption, of [`Metabolites`](super::Metabolites) | 1/time |
/// | \\(\phi_c\\) | `passage_ACID` | share that reaches plasma | 1 |
/// | \\(V_p\\) | `volume_plasma` | volume of distribution | l |
/// | \\(k_c\\) | `turnover_plasma_ACID` | turnover in plasma | 1/time |
/// | \\(u_c\\) | `oral_ACID`, an input if the network has one of this id | swallowed acid, of those in `oral` | g/time |
/// | \\(\phi_o\\) | `passage_oral` | share of it that reaches plasma | 1 |
/// | \\(M_c\\) | `molar_mass_ACID` | molar mass | g/mmol |
/// | \\(10^3\\) | `micro` | umol per mmol | umol/mmol |
///
/// Source of the form: Boets et al. 2017, doi:10.1113/JP272613 (systemic availability of acids of the colon). Numbers stand in the models.
///
/// ```
/// use holobiont::{library::{Metabolites, PlasmaAcids, Pool}, network::Network};
/// let mut network = Network::new("acids");
/// let pools = vec![Pool { absorbed: true, ..Pool::new("butyrate", "C4H8O2") }];
/// network.add(&Metabolites { pools, ..Metabolites::default() })?;
/// network.add(&PlasmaAcids { acids: vec!["butyrate".to_string()], ..PlasmaAcids::default() })?;
/// assert_eq!(network.all_species()[1].0, "plasma_butyrate");
/// # Ok::<(), holobiont::network::NetworkError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PlasmaAcids {
    /// The compartment of the gut that holds the acids; without one, they are per litre of it.
    pub compartment: Option<String>,
    /// The acids.
    pub acids: Vec<String>,
    /// Those that are swallowed too.
    pub oral: Vec<String>,
}

impl Mechanism for PlasmaAcids {
    fn add_to(&self, network: &mut Network) -> Result<(), NetworkError> {
        let wrong = |option, problem: String| option_error("plasma_acids", option, problem);
        if self.acids.is_empty() {
            return Err(wrong("acids", "at least one acid is needed".to_string()));
        }
        if let Some(id) = self.oral.iter().find(|id| !self.acids.contains(id)) {
            return Err(wrong("oral", format!("`{id}` is none of the acids")));
        }
        declare(
            network,
            "volume_plasma",
            "volume of distribution",
            Some("l".to_string()),
        );
        declare(
            network,
            "micro",
            "micromoles per millimole",
            Some("umol/mmol".to_string()),
        );
        let volume = self
            .compartment
            .as_ref()
            .map_or(String::new(), |id| format!(" * {id}"));
        for acid in &self.acids {
            let id = format!("plasma_{acid}");
            let species = Species {
                name: Some(format!("{acid} in plasma")),
                unit: Some("umol/l".to_string()),
                ..Species::default()
            };
            network.species(&id, species)?;
            ratio(
                network,
                &format!("passage_{acid}"),
                &format!("share of absorbed {acid} that reaches plasma"),
            );
            let mut flux = format!("passage_{acid} * a_{acid} * {acid}{volume}");
            if self.oral.contains(acid) {
                let flow = network.time_unit.as_ref().map(|t| format!("g/{t}"));
                declare(
                    network,
                    &format!("oral_{acid}"),
                    &format!("swallowed {acid}"),
                    flow,
                );
                ratio(
                    network,
                    "passage_oral",
                    "share of swallowed acid that reaches plasma",
                );
                let pools = pools_of(network);
                let Some(pool) = pools.iter().find(|pool| pool.id == *acid) else {
                    return Err(wrong(
                        "oral",
                        format!(
                            "`{acid}` is no pool with a chemical formula; declare it before, as in `metabolites`"
                        ),
                    ));
                };
                declare_molar_mass(network, acid, &pool.compound);
                flux += &format!(" + passage_oral * oral_{acid} / molar_mass_{acid}");
            }
            let made = format!("micro * ({flux}) / volume_plasma");
            let turnover = format!("turnover_{id}");
            rate_constant(network, &turnover, &format!("turnover of {acid} in plasma"));
            made_and_lost(network, &id, &made, &turnover)?;
        }
        Ok(())
    }

    fn references(&self) -> &'static [Reference] {
        const REFERENCES: &[Reference] = &[Reference::new(
            "Boets et al. 2017, Systemic availability and metabolism of colonic-derived short-chain fatty acids in healthy subjects, J Physiol 595:541-555",
            "10.1113/JP272613",
        )];
        REFERENCES
    }
}
