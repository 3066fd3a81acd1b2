//! A pair of cytokines: the pro-inflammatory one drives itself and its opponent, the anti-inflammatory one damps it.
use super::declare::declare;
use crate::network::{Mechanism, Network, NetworkError, Reaction, Reference, Species};
use serde::{Deserialize, Serialize};

/// A pair of cytokines: the pro-inflammatory one drives itself and its opponent, the anti-inflammatory one damps it.
///
/// $$ \frac{\dot p}{\mu} = \frac{1}{1 + a^2} \Bigl( \alpha_1 + \alpha_2 \frac{p^2}{1 + p^2} \Bigr) - \gamma p, \qquad
///    \frac{\dot a}{\mu} = \alpha_4 \frac{p^2}{\alpha_3^2 + p^2} - a. $$
///
/// | letter | id | meaning | unit |
/// |---|---|---|---|
/// | \\(p\\) | `p` | pro-inflammatory cytokines; at 1 they drive themselves at half speed | 1 |
/// | \\(a\\) | `a` | anti-inflammatory cytokines; at 1 they halve the production of \\(p\\) | 1 |
/// | \\(\mu\\) | `mu` | clearance of \\(a\\); 1 where time is counted in lifetimes of \\(a\\), as published | 1/time |
/// | \\(\gamma\\) | `gamma` | clearance of \\(p\\) as a multiple of \\(\mu\\) | 1 |
/// | \\(\alpha_1\\) | `alpha_1` | production of \\(p\\) without any | 1 |
/// | \\(\alpha_2\\) | `alpha_2` | greatest production of \\(p\\) driven by \\(p\\) | 1 |
/// | \\(\alpha_3\\) | `alpha_3` | \\(p\\) of half the production of \\(a\\) | 1 |
/// | \\(\alpha_4\\) | `alpha_4` | greatest production of \\(a\\) | 1 |
///
/// At rest \\(a\\) follows \\(p\\), and \\(p\\) solves one equation, with one or three solutions. The pair may rest at one state, at either of two,
/// or swing between them.
///
/// Reference: Baker et al. 2013, doi:10.1093/imammb/dqs043.
///
/// ```
/// use holobiont::{library::CytokinePair, network::Network};
/// let mut network = Network::new("pair");
/// network.add(&CytokinePair {})?;
/// assert_eq!(network.all_species().len(), 2);
/// assert_eq!(network.all_parameters().len(), 6);
/// # Ok::<(), holobiont::network::NetworkError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CytokinePair {}

impl Mechanism for CytokinePair {
    fn add_to(&self, network: &mut Network) -> Result<(), NetworkError> {
        let one = || Some("1".to_string());
        for (id, name) in [
            ("p", "pro-inflammatory cytokines"),
            ("a", "anti-inflammatory cytokines"),
        ] {
            let species = Species {
                name: Some(name.to_string()),
                unit: one(),
                ..Species::default()
            };
            network.species(id, species)?;
        }
        let rate = network.time_unit.as_ref().map(|t| format!("1/{t}"));
        declare(network, "mu", "clearance of a", rate);
        for (id, name) in [
            ("gamma", "clearance of p as a multiple of that of a"),
            ("alpha_1", "production of p without any"),
            ("alpha_2", "greatest production of p driven by p"),
            ("alpha_3", "p of half the production of a"),
            ("alpha_4", "greatest production of a"),
        ] {
            declare(network, id, name, one());
        }
        let production_p = "mu * (alpha_1 + alpha_2 * hill(p, 1, 2)) / (1 + a^2)";
        let production_a = "mu * alpha_4 * hill(p, alpha_3, 2)";
        for (id, rate) in [("p", production_p), ("a", production_a)] {
            network.reaction(
                &format!("production_{id}"),
                Reaction::rate(rate).produces(id, 1.0),
            )?;
        }
        for (id, rate) in [("p", "mu * gamma * p"), ("a", "mu * a")] {
            network.reaction(
                &format!("clearance_{id}"),
                Reaction::rate(rate).consumes(id, 1.0),
            )?;
        }
        Ok(())
    }

    fn references(&self) -> &'static [Reference] {
        const REFERENCES: &[Reference] = &[Reference::new(
            "Baker et al. 2013, Mathematical modelling of cytokine-mediated inflammation in rheumatoid arthritis, Math Med Biol 30:311-337",
            "10.1093/imammb/dqs043",
        )];
        REFERENCES
    }
}
