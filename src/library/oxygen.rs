//! Oxygen and nitrate that an inflamed wall lets into the lumen, and how guilds take them.
use super::declare::{declare, option_error};
use super::influence::{assigned, ratio};
use crate::network::{Mechanism, Network, NetworkError, Reference};
use serde::{Deserialize, Serialize};

/// Oxygen and nitrate that an inflamed wall lets into the lumen, and how they change the growth of guilds.
///
/// With an inflammatory signal \\(s > 0\\), 1 in health,
/// $$ o = \frac{s^n}{s^n + K^n}, \qquad g_i = \frac{1 + \alpha_i\\, o}{1 + \beta_i\\, o} $$
/// where \\(\alpha_i\\) is the gain of a guild that respires and \\(\beta_i\\) the harm to one that does not tolerate oxygen.
///
/// | letter | id | meaning | unit |
/// |---|---|---|---|
/// | \\(o\\) | `nitrate` | acceptors of electrons in the lumen, as share of the most | 1 |
/// | \\(K\\) | `nitrate_half` | signal of half of it | 1 |
/// | \\(n\\) | `nitrate_power` | steepness at half | 1 |
/// | \\(\alpha_i\\) | `respiration_GUILD` | gain, of guilds in `respire` | 1 |
/// | \\(\beta_i\\) | `oxygen_harm_GUILD` | harm, of guilds in `harmed` | 1 |
/// | \\(g_i\\) | `aeration_GUILD` | factor of growth, for `growth_factor` of a [`Guild`](super::Guild) | 1 |
///
/// Sources: Winter et al. 2013, doi:10.1126/science.1232467 (nitrate of the inflamed gut feeds Escherichia coli, in mice); Byndloss et al.
/// 2017, doi:10.1126/science.aam9949 (oxygen, butyrate and Enterobacteriaceae, in mice). The form is assumed. Numbers stand in the models.
///
/// ```
/// use holobiont::{library::Oxygen, network::Network};
/// let mut network = Network::new("inflamed");
/// network.add(&Oxygen { signal: "1".to_string(), respire: vec!["E".to_string()], harmed: vec![] })?;
/// assert_eq!(network.all_parameters()[2].0, "respiration_E");
/// # Ok::<(), holobiont::network::NetworkError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Oxygen {
    /// Formula of the inflammatory signal.
    pub signal: String,
    /// Guilds that respire.
    pub respire: Vec<String>,
    /// Guilds that are harmed.
    pub harmed: Vec<String>,
}

impl Mechanism for Oxygen {
    fn add_to(&self, network: &mut Network) -> Result<(), NetworkError> {
        let signal = self.signal.trim();
        if signal.is_empty() {
            let problem = "a formula of the inflammatory signal is needed, as `TNF`".to_string();
            return Err(option_error("oxygen", "signal", problem));
        }
        ratio(
            network,
            "nitrate_half",
            "inflammatory signal of half the nitrate",
        );
        ratio(
            network,
            "nitrate_power",
            "steepness of nitrate with the inflammatory signal",
        );
        let formula = format!(
            "({signal})^nitrate_power / (({signal})^nitrate_power + nitrate_half^nitrate_power)"
        );
        assigned(network, "nitrate", formula, Some("1".to_string()))?;
        let harmed_only = (self.harmed.iter()).filter(|guild| !self.respire.contains(guild));
        let guilds = self.respire.iter().chain(harmed_only);
        for guild in guilds {
            let part = |network: &mut Network, list: &[String], id: String, name: &str| {
                if !list.contains(guild) {
                    return "1".to_string();
                }
                declare(
                    network,
                    &id,
                    &format!("{name} {guild}"),
                    Some("1".to_string()),
                );
                format!("(1 + {id} * nitrate)")
            };
            let gain = part(
                network,
                &self.respire,
                format!("respiration_{guild}"),
                "growth gained by respiration of",
            );
            let harm = part(
                network,
                &self.harmed,
                format!("oxygen_harm_{guild}"),
                "harm by oxygen to",
            );
            assigned(
                network,
                &format!("aeration_{guild}"),
                format!("{gain} / {harm}"),
                Some("1".to_string()),
            )?;
        }
        Ok(())
    }

    fn references(&self) -> &'static [Reference] {
        const REFERENCES: &[Reference] = &[
            Reference::new(
                "Winter et al. 2013, Host-derived nitrate boosts growth of E. coli in the inflamed gut, Science 339:708-711",
                "10.1126/science.1232467",
            ),
            Reference::new(
                "Byndloss et al. 2017, Microbiota-activated PPAR-gamma signaling inhibits dysbiotic Enterobacteriaceae expansion, Science 357:570-575",
                "10.1126/science.aam9949",
            ),
        ];
        REFERENCES
    }
}
