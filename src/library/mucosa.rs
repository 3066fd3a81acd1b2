//! Microbes at the wall: a slow reservoir that exchanges with the lumen.
use super::declare::{option_error, rate_factor};
use super::influence::{rate_constant, ratio};
use crate::network::{Mechanism, Network, NetworkError, Reaction, Reference, Species};
use serde::{Deserialize, Serialize};

/// Microbes at the wall, in mucus and crypts or in the ileum: a slow reservoir of each guild that exchanges with the lumen.
///
/// In masses per litre of lumen, with the place \\(q\\),
/// $$ \dot Y_i = k_q (\alpha_q X_i - Y_i) - d_i Y_i, \qquad \dot X_i = \dots - k_q (\alpha_q X_i - Y_i). $$
/// What a treatment takes from the lumen comes back from the wall over \\(1/k_q\\); what arrives stays only when it has settled there.
///
/// | letter | id | meaning | unit |
/// |---|---|---|---|
/// | \\(X_i\\) | `GUILD` | biomass in the lumen, of [`Microbiota`](super::Microbiota) | g/l |
/// | \\(Y_i\\) | `PLACE_GUILD` | biomass at the wall, per volume of lumen | g/l |
/// | \\(k_q\\) | `exchange_PLACE` | exchange | 1/time |
/// | \\(\alpha_q\\) | `settling_PLACE` | biomass at the wall per biomass in the lumen, at rest | 1 |
/// | \\(d_i\\) | the formula `loss`, in which `GUILD` stands for the guild | loss at the wall, as by an antibiotic | 1/time |
///
/// Source of the form: Labarthe et al. 2019, doi:10.1016/j.jtbi.2018.12.009 (exchange of lumen and mucus). Numbers stand in the models.
///
/// ```
/// use holobiont::{library::{Mucosa, Microbiota, Guild}, network::Network};
/// let mut network = Network::new("wall");
/// network.add(&Microbiota { guilds: vec![Guild::new("A")], ..Microbiota::default() })?;
/// network.add(&Mucosa { guilds: vec!["A".to_string()], ..Mucosa::default() })?;
/// assert_eq!(network.all_species()[1].0, "mucosa_A");
/// # Ok::<(), holobiont::network::NetworkError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Mucosa {
    /// Id of the place.
    pub place: String,
    /// The compartment of the lumen.
    pub compartment: Option<String>,
    /// The guilds that settle there.
    pub guilds: Vec<String>,
    /// Formula of a loss rate at the wall; `GUILD` in it stands for each guild's id.
    pub loss: Option<String>,
}

impl Default for Mucosa {
    fn default() -> Self {
        Mucosa {
            place: "mucosa".to_string(),
            compartment: None,
            guilds: Vec::new(),
            loss: None,
        }
    }
}

impl Mechanism for Mucosa {
    fn add_to(&self, network: &mut Network) -> Result<(), NetworkError> {
        if self.guilds.is_empty() {
            let problem = "at least one guild is needed".to_string();
            return Err(option_error("mucosa", "guilds", problem));
        }
        let place = &self.place;
        rate_constant(
            network,
            &format!("exchange_{place}"),
            &format!("exchange of {place} and lumen"),
        );
        ratio(
            network,
            &format!("settling_{place}"),
            &format!("biomass at the {place} per biomass in the lumen"),
        );
        let volume = rate_factor(&self.compartment);
        for guild in &self.guilds {
            let known = network.all_species().iter().find(|(id, _)| id == guild);
            let Some((_, lumen)) = known else {
                let problem =
                    format!("there is no guild `{guild}`; declare it before, as in `microbiota`");
                return Err(option_error("mucosa", "guilds", problem));
            };
            let at_wall = format!("{place}_{guild}");
            let species = Species {
                name: Some(format!("{guild} at the {place}")),
                initial: None,
                ..lumen.clone()
            };
            network.species(&at_wall, species)?;
            let settle = Reaction::rate(format!(
                "{volume}exchange_{place} * settling_{place} * {guild}"
            ));
            network.reaction(
                &format!("settling_{place}_{guild}"),
                settle.consumes(guild, 1.0).produces(&at_wall, 1.0),
            )?;
            let leave = Reaction::rate(format!("{volume}exchange_{place} * {at_wall}"));
            network.reaction(
                &format!("leaving_{place}_{guild}"),
                leave.consumes(&at_wall, 1.0).produces(guild, 1.0),
            )?;
            if let Some(loss) = &self.loss {
                let rate = Reaction::rate(format!(
                    "{volume}({}) * {at_wall}",
                    loss.replace("GUILD", guild)
                ));
                network.reaction(&format!("loss_{at_wall}"), rate.consumes(&at_wall, 1.0))?;
            }
        }
        Ok(())
    }

    fn references(&self) -> &'static [Reference] {
        const REFERENCES: &[Reference] = &[Reference::new(
            "Labarthe et al. 2019, A mathematical model to investigate the key drivers of the biogeography of the colon microbiota, J Theor Biol 462:552-581",
            "10.1016/j.jtbi.2018.12.009",
        )];
        REFERENCES
    }
}
