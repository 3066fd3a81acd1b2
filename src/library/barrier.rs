//! The wall of the gut: mucus, tight junctions, permeability.
use super::declare::declare;
use super::influence::{Acting, Influences, assigned, made_and_lost, rate_constant, ratio, state};
use crate::network::{Mechanism, Network, NetworkError, Reaction, Reference};
use serde::{Deserialize, Serialize};

/// The wall of the gut: mucus \\(M\\), tight junctions \\(J\\) and the permeability \\(P\\), each 1 in health.
///
/// Mucus and junctions are made and lost under influences; the two layers resist in series:
/// $$ \dot M = k_M (F_M - G_M M), \qquad \dot J = k_J (F_J - G_J J), \qquad P = \frac{1}{(1 - w) J + w M}. $$
///
/// | letter | id | meaning | unit |
/// |---|---|---|---|
/// | \\(M, J\\) | `mucus`, `junctions` | mucus layer, tight junctions | 1 |
/// | \\(P\\) | `permeability` | permeability, as of lactulose over mannitol | 1 |
/// | \\(k_M, k_J\\) | `turnover_mucus`, `turnover_junctions` | turnover | 1/time |
/// | \\(w\\) | `mucus_share` | share of the resistance that is mucus | 1 |
/// | \\(F_M, G_M\\) | rates `mucus`, `mucus_loss` of `influences` | see [`Source`](super::Source) | 1 |
/// | \\(F_J, G_J\\) | rates `junctions`, `junctions_loss` | | 1 |
///
/// A layer in `at_once` stands at its rest, \\(F/G\\).
///
/// With `secretion`, mucin is shed into that pool at `mucin_secretion` \\(F_M\\), an amount per time.
///
/// Sources of the form: Suzuki 2013, doi:10.1007/s00018-012-1070-x (regulation of tight junctions); Neumann et al. 2018,
/// doi:10.1186/s12918-018-0667-6 (butyrate and cytokines act on one barrier). Numbers stand in the models.
///
/// ```
/// use holobiont::{library::Barrier, network::Network};
/// let mut network = Network::new("wall");
/// network.add(&Barrier::default())?;
/// assert!(network.check().is_err(), "the turnovers have no values yet");
/// # Ok::<(), holobiont::network::NetworkError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Barrier {
    /// The pool that shed mucin goes to.
    pub secretion: Option<String>,
    /// States that stand where they would rest, as if their turnover had no end; what acts on them must not follow from them at once.
    pub at_once: Vec<String>,
    /// What acts on the rates.
    pub influences: Influences,
}

impl Mechanism for Barrier {
    fn add_to(&self, network: &mut Network) -> Result<(), NetworkError> {
        let acting = Acting {
            mechanism: "barrier",
            influences: &self.influences,
            at_once: &self.at_once,
        };
        acting.check(&["mucus", "mucus_loss", "junctions", "junctions_loss"])?;
        acting.check_at_once(&["mucus", "junctions"])?;
        let mucus = acting.factor(network, "mucus")?;
        assigned(network, "mucus_production", mucus, Some("1".to_string()))?;
        let junctions = acting.factor(network, "junctions")?;
        for (id, name, made) in [
            ("mucus", "mucus layer of the gut", "mucus_production"),
            ("junctions", "tight junctions of the gut", &junctions),
        ] {
            let lost = acting.factor(network, &format!("{id}_loss"))?;
            if acting.is_at_once(id) {
                let rest = format!("{made} / {lost}");
                assigned(network, id, rest, Some("1".to_string()))?;
                continue;
            }
            let turnover = format!("turnover_{id}");
            rate_constant(network, &turnover, &format!("turnover of {id}"));
            state(network, id, name)?;
            let made = format!("{turnover} * {made}");
            made_and_lost(network, id, &made, &format!("{turnover} * {lost}"))?;
        }
        ratio(
            network,
            "mucus_share",
            "share of the wall's resistance that is mucus",
        );
        network.constraint("mucus_share_in_0_1", "mucus_share >= 0 && mucus_share <= 1")?;
        let resistance = "((1 - mucus_share) * junctions + mucus_share * mucus)";
        let formula = format!("1 / {resistance}");
        assigned(network, "permeability", formula, Some("1".to_string()))?;
        if let Some(pool) = &self.secretion {
            let unit = network.time_unit.as_ref().map(|t| format!("mmol/{t}"));
            declare(network, "mucin_secretion", "mucin shed in health", unit);
            let rate = Reaction::rate("mucin_secretion * mucus_production");
            network.reaction("shedding_mucin", rate.produces(pool, 1.0))?;
        }
        Ok(())
    }

    fn references(&self) -> &'static [Reference] {
        const REFERENCES: &[Reference] = &[
            Reference::new(
                "Suzuki 2013, Regulation of intestinal epithelial permeability by tight junctions, Cell Mol Life Sci 70:631-659",
                "10.1007/s00018-012-1070-x",
            ),
            Reference::new(
                "Neumann et al. 2018, Investigating dietary influences on gut inflammation by a mathematical model, BMC Syst Biol 12:128",
                "10.1186/s12918-018-0667-6",
            ),
        ];
        REFERENCES
    }
}
