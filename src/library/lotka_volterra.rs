//! A generalised Lotka-Volterra community with susceptibilities to perturbations.
use crate::network::{
    ElementKind, Input, Mechanism, Network, NetworkError, Parameter, Reaction, Reference, Species,
};
use serde::{Deserialize, Serialize};
use std::collections::HashSet;

/// A generalised Lotka-Volterra community with susceptibilities to perturbations.
///
/// $$ \frac{\mathrm{d} x_i}{\mathrm{d} t} = x_i \Bigl( \mu_i + \sum_j m_{ij}\\, x_j + \sum_k \epsilon_{ik}\\, u_k(t) \Bigr) $$
///
/// | letter | id | meaning | unit |
/// |---|---|---|---|
/// | \\(x_i\\) | `TAXON` | density of a taxon | `unit` |
/// | \\(\mu_i\\) | `mu_TAXON` | growth rate without others | 1/time |
/// | \\(m_{ij}\\) | `m_AFFECTED_ACTOR` | effect of the actor on the growth rate of the affected | 1/(unit time) |
/// | \\(\epsilon_{ik}\\) | `eps_TAXON_PERTURBATION` | susceptibility | 1/time |
/// | \\(u_k\\) | `PERTURBATION` | signal of a perturbation, an input of 0 unless the network declares it otherwise | 1 |
///
/// Each taxon grows in a reaction `growth_TAXON` of its own, so that other mechanisms may add losses.
/// Reference: Stein et al. 2013, doi:10.1371/journal.pcbi.1003388, equation 1.
///
/// ```
/// use holobiont::{library::LotkaVolterra, network::Network};
/// let mut network = Network::new("pair");
/// network.add(&LotkaVolterra { taxa: vec!["A".into(), "B".into()], ..LotkaVolterra::default() })?;
/// assert_eq!(network.all_parameters().len(), 6); // mu_A, mu_B and four interactions
/// # Ok::<(), holobiont::network::NetworkError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LotkaVolterra {
    /// Ids of the taxa.
    pub taxa: Vec<String>,
    /// Ids of the perturbations.
    pub perturbations: Vec<String>,
    /// Unit of the densities; none leaves them undeclared.
    pub unit: Option<String>,
}

impl LotkaVolterra {
    /// Id of the growth rate of a taxon.
    pub fn growth(taxon: &str) -> String {
        format!("mu_{taxon}")
    }
    /// Id of the effect of `actor` on `affected`.
    pub fn interaction(affected: &str, actor: &str) -> String {
        format!("m_{affected}_{actor}")
    }
    /// Id of the susceptibility of a taxon to a perturbation.
    pub fn susceptibility(taxon: &str, perturbation: &str) -> String {
        format!("eps_{taxon}_{perturbation}")
    }
    /// Ids of all parameters: growth rates, interactions by affected taxon, susceptibilities by taxon.
    pub fn parameters(&self) -> Vec<String> {
        let growth = self.taxa.iter().map(|taxon| Self::growth(taxon));
        let pairs = self
            .taxa
            .iter()
            .flat_map(|i| self.taxa.iter().map(move |j| Self::interaction(i, j)));
        let drugs = self.taxa.iter().flat_map(|i| {
            self.perturbations
                .iter()
                .map(move |k| Self::susceptibility(i, k))
        });
        growth.chain(pairs).chain(drugs).collect()
    }

    fn check(&self) -> Result<(), NetworkError> {
        let problem = |option, problem| {
            Err(NetworkError::Option {
                mechanism: "lotka_volterra",
                option,
                problem,
            })
        };
        if self.taxa.is_empty() {
            return problem("taxa", "at least one taxon is needed".to_string());
        }
        let mut seen = HashSet::new();
        for taxon in &self.taxa {
            if !seen.insert(taxon) {
                return problem("taxa", format!("`{taxon}` stands twice"));
            }
        }
        for perturbation in &self.perturbations {
            if !seen.insert(perturbation) {
                return problem(
                    "perturbations",
                    format!("`{perturbation}` stands twice or is a taxon"),
                );
            }
        }
        Ok(())
    }
}

impl Mechanism for LotkaVolterra {
    fn add_to(&self, network: &mut Network) -> Result<(), NetworkError> {
        self.check()?;
        let rate_unit = network.time_unit.as_ref().map(|t| format!("1/{t}"));
        let interaction_unit = match (&network.time_unit, &self.unit) {
            (Some(t), Some(x)) => Some(format!("1/({x})/{t}")),
            _ => None,
        };
        for perturbation in &self.perturbations {
            if network
                .kind_of(perturbation)
                .is_none_or(|kind| kind == ElementKind::Event)
            {
                network.input(perturbation, Input::default());
            }
        }
        for taxon in &self.taxa {
            network.species(
                taxon,
                Species {
                    unit: self.unit.clone(),
                    ..Species::default()
                },
            )?;
        }
        for taxon in &self.taxa {
            let name = Some(format!("growth rate of {taxon}"));
            network.parameter(
                &Self::growth(taxon),
                Parameter {
                    name,
                    unit: rate_unit.clone(),
                    ..Parameter::default()
                },
            );
        }
        for affected in &self.taxa {
            for actor in &self.taxa {
                let name = Some(format!("effect of {actor} on {affected}"));
                let parameter = Parameter {
                    name,
                    unit: interaction_unit.clone(),
                    ..Parameter::default()
                };
                network.parameter(&Self::interaction(affected, actor), parameter);
            }
        }
        for taxon in &self.taxa {
            for perturbation in &self.perturbations {
                let name = Some(format!("susceptibility of {taxon} to {perturbation}"));
                let parameter = Parameter {
                    name,
                    unit: rate_unit.clone(),
                    ..Parameter::default()
                };
                network.parameter(&Self::susceptibility(taxon, perturbation), parameter);
            }
        }
        for taxon in &self.taxa {
            let mut terms = vec![Self::growth(taxon)];
            terms.extend(
                self.taxa
                    .iter()
                    .map(|actor| format!("{} * {actor}", Self::interaction(taxon, actor))),
            );
            terms.extend(
                self.perturbations
                    .iter()
                    .map(|u| format!("{} * {u}", Self::susceptibility(taxon, u))),
            );
            let rate = format!("{taxon} * ({})", terms.join(" + "));
            network.reaction(
                &format!("growth_{taxon}"),
                Reaction::rate(rate).produces(taxon, 1.0),
            )?;
        }
        Ok(())
    }

    fn references(&self) -> &'static [Reference] {
        const REFERENCES: &[Reference] = &[Reference::new(
            "Stein et al. 2013, Ecological modeling from time-series inference: insight into dynamics and stability of intestinal microbiota, PLoS Comput Biol 9:e1003388",
            "10.1371/journal.pcbi.1003388",
        )];
        REFERENCES
    }
}
