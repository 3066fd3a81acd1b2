//! Guilds of microbes that grow on pools by balanced fermentation pathways, crowd each other and are washed out.
use super::acidity::PhWindow;
use super::declare::{
    declare, declare_molar_mass, option_error, pools_of, rate_factor, simplified,
};
use super::feed::{Feed, Growth};
use crate::chemistry::Compound;
use crate::network::{Mechanism, Network, NetworkError, Observable, Reaction, Reference, Species};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Guilds of microbes that grow on pools by balanced fermentation pathways, crowd each other and are washed out.
///
/// Guild \\(i\\) grows on its feeds \\(f\\), in a compartment or per volume:
/// $$ \dot X_i = \sum_f \mu_{if} X_i + I_i - (D + d_i + c_i X_i + t_i \textstyle\sum_j X_j) X_i, $$
/// $$ \mu_{if} = G_{if}\\; h_i(\mathrm{pH})\\; \lambda_{if} \prod_{n} \frac{n}{K_{in} + n} \prod_{q} \frac{J_{iq}}{J_{iq} + q}, \qquad
///    \lambda_{if} = \frac{R_f/K_{if}}{1 + \sum_s R_s/K_{is}} $$
/// where \\(s\\) runs over the guild's substitutable substrates, \\(n\\) over what the feed needs and \\(q\\) over its inhibitors; an
/// essential feed has \\(\lambda = R/(K + R)\\). A booster \\(B\\) multiplies growth by \\(u + (1 - u) \theta\\), \\(\theta = B/(K + B)\\), as two
/// reactions: \\(\theta\\) through the pathway that takes the booster up and \\(u (1 - \theta)\\) through the one that does not.
///
/// **Stoichiometry.** Per mole of substrate consumed the share \\(y = Y M_S/(b M_X)\\) becomes \\(b\\) formula units of biomass, closed
/// with CO2, water and ammonia ([`biosynthesis`](crate::chemistry::biosynthesis)); the rest follows the pathway. The rate of the reaction is
/// \\(\mu X/(Y M_S)\\), in substrate. Every element balances exactly, for any yield. A pathway may consume nothing whose lack does not stop it.
///
/// | letter | id | meaning | unit |
/// |---|---|---|---|
/// | \\(X_i\\) | `GUILD` | dry biomass | g/l, or `unit` |
/// | \\(G\\) | `gmax_GUILD_FEED` | maximal growth; `FEED` is the feed's substrate unless it has an id | 1/time |
/// | \\(K\\) | `k_GUILD_POOL` | half-saturation of a substrate, need or booster | as the pool |
/// | \\(Y\\) | `yield_GUILD_FEED` | dry biomass per mass of substrate | g/g |
/// | \\(u\\) | `unboosted_GUILD_FEED` | growth without the booster, as share | 1 |
/// | \\(J\\) | `ki_GUILD_POOL` | half-inhibition | as the pool |
/// | \\(h\\) | `ph1_GUILD` ... `ph4_GUILD` | corners of the [`PhWindow`] | pH |
/// | \\(I\\) | `inoculation_GUILD`, an input if the network has one of this id | arrival | biomass/time |
/// | \\(d\\) | `death_GUILD` | death; `loss` adds a formula to it | 1/time |
/// | \\(c, t\\) | `crowding_GUILD`, `crowding_total_GUILD` | loss by the guild's own and by all biomass | 1/time per biomass |
/// | \\(D\\) | the formula `washout` | washout | 1/time |
/// | \\(M\\) | `molar_mass_POOL`, `molar_mass_biomass` | from standard atomic weights | g/mmol |
/// | | `dry_mass` | with `unit`: dry mass per biomass | g/l per `unit` |
/// | | `copies_per_gram` | with `copies`: 16S copies per dry mass | copies/g |
///
/// Observables: `biomass` (sum of the living), `share_GUILD` of it, `ph_limit_GUILD`, and with `copies` also `copies` and `copies_GUILD`.
/// Reactions: `growth_GUILD_FEED` (`_unboosted`), `arrival_GUILD`, `loss_GUILD`, `washout_GUILD`. Dead cells are lost, or kept as
/// `dead_GUILD` or together as `dead`. Parameters that guilds share are set equal by assignments of the model.
///
/// References: Kettle et al. 2018 (microPop), doi:10.1111/2041-210X.12873; Roels 1980, doi:10.1002/bit.260221202 (biomass by electrons).
///
/// ```
/// use holobiont::{library::{Feed, Guild, Metabolites, Microbiota, Pool}, network::Network};
/// let mut network = Network::new("acetogen");
/// let pools = vec![Pool::new("hexose", "C6H12O6"), Pool::new("acetate", "C2H4O2")];
/// network.add(&Metabolites { pools, ..Metabolites::default() })?;
/// let guild = Guild { feeds: vec![Feed::new("hexose", "hexose -> 3 acetate")], ..Guild::new("A") };
/// network.add(&Microbiota { guilds: vec![guild], ..Microbiota::default() })?;
/// assert_eq!(network.all_reactions()[0].0, "growth_A_hexose");
/// # Ok::<(), holobiont::network::NetworkError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Microbiota {
    /// The compartment that holds the guilds; without one, rates are per volume.
    pub compartment: Option<String>,
    /// Unit of the biomass, if it is not g/l; then `dry_mass` converts it.
    pub unit: Option<String>,
    /// Elemental formula of dry biomass.
    pub biomass: String,
    /// Formula of the washout rate of all guilds; none: a batch.
    pub washout: Option<String>,
    /// Id of the quantity that pH windows read.
    pub ph: String,
    /// Whether to offer 16S copies as observables.
    pub copies: bool,
    /// Pathways by name, for feeds to share; `substrate` stands for the feed's substrate.
    pub pathways: BTreeMap<String, String>,
    /// The guilds.
    pub guilds: Vec<Guild>,
}

impl Default for Microbiota {
    fn default() -> Self {
        Microbiota {
            compartment: None,
            unit: None,
            biomass: "CH2O".to_string(),
            washout: None,
            ph: "pH".to_string(),
            copies: false,
            pathways: BTreeMap::new(),
            guilds: Vec::new(),
        }
    }
}

/// A guild: microbes with the same way of life.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Guild {
    /// Id.
    pub id: String,
    /// Name for people.
    #[serde(default)]
    pub name: Option<String>,
    /// What it lives on.
    #[serde(default)]
    pub feeds: Vec<Feed>,
    /// Whether it arrives from outside.
    #[serde(default)]
    pub inoculation: bool,
    /// What crowds it.
    #[serde(default)]
    pub crowding: Vec<Crowding>,
    /// Whether it dies at a rate of its own.
    #[serde(default)]
    pub death: bool,
    /// What becomes of dead cells.
    #[serde(default)]
    pub dead: Dead,
    /// Formula of a further loss rate, as `kill * drug`.
    #[serde(default)]
    pub loss: Option<String>,
    /// Formula of a factor of growth, as `1 - drug`.
    #[serde(default)]
    pub growth_factor: Option<String>,
    /// Formula of a washout rate of its own.
    #[serde(default)]
    pub washout: Option<String>,
    /// How growth depends on the pH; none: it does not.
    #[serde(default)]
    pub ph_window: Option<PhWindow>,
}

impl Guild {
    /// A guild that does nothing yet.
    pub fn new(id: &str) -> Guild {
        Guild {
            id: id.to_string(),
            name: None,
            feeds: Vec::new(),
            inoculation: false,
            crowding: Vec::new(),
            death: false,
            dead: Dead::default(),
            loss: None,
            growth_factor: None,
            washout: None,
            ph_window: None,
        }
    }
}

impl Guild {
    /// The species that its dead cells become, if any.
    fn dead_id(&self) -> Option<String> {
        match self.dead {
            Dead::Lost => None,
            Dead::Kept => Some(format!("dead_{}", self.id)),
            Dead::Pooled => Some("dead".to_string()),
        }
    }
}

/// What crowds a guild.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Crowding {
    /// Its own biomass.
    #[serde(rename = "self")]
    Own,
    /// The biomass of all guilds.
    Total,
}

/// What becomes of dead cells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Dead {
    /// They leave the model.
    #[default]
    Lost,
    /// They stay, as `dead_GUILD`, until they are washed out.
    Kept,
    /// They stay, those of all guilds together as `dead`.
    Pooled,
}

pub(super) const MECHANISM: &str = "microbiota";

impl Microbiota {
    fn check(&self) -> Result<Compound, NetworkError> {
        let wrong = |problem: String| option_error(MECHANISM, "guilds", problem);
        if self.guilds.is_empty() {
            return Err(wrong("at least one guild is needed".to_string()));
        }
        for (number, guild) in self.guilds.iter().enumerate() {
            if self.guilds[..number]
                .iter()
                .any(|other| other.id == guild.id)
            {
                return Err(wrong(format!("`{}` stands twice", guild.id)));
            }
            for (number, feed) in guild.feeds.iter().enumerate() {
                if guild.feeds[..number]
                    .iter()
                    .any(|other| other.id() == feed.id())
                {
                    let (guild, feed) = (&guild.id, feed.id());
                    return Err(wrong(format!(
                        "`{guild}` has the feed `{feed}` twice; give one another `id`"
                    )));
                }
            }
        }
        Compound::parse(&self.biomass)
            .map_err(|e| option_error(MECHANISM, "biomass", e.to_string()))
    }

    /// Dry mass per volume of a guild.
    pub(super) fn mass_of(&self, guild: &str) -> String {
        match &self.unit {
            None => guild.to_string(),
            Some(_) => format!("dry_mass * {guild}"),
        }
    }

    /// Biomass in its own unit that a dry mass is.
    pub(super) fn biomass_of(&self, mass: &str) -> String {
        match &self.unit {
            None => mass.to_string(),
            Some(_) => format!("{mass} / dry_mass"),
        }
    }

    fn unit(&self) -> &str {
        self.unit.as_deref().unwrap_or("g/l")
    }

    /// Unit of arrival: biomass per time, times volume where there is a compartment.
    fn arrival_unit(&self, network: &Network) -> Option<String> {
        let time = network.time_unit.as_ref()?;
        let per_time = format!("({})/{time}", self.unit());
        let Some(compartment) = &self.compartment else {
            return Some(simplified(per_time));
        };
        let mut all = network.all_compartments().iter();
        let (_, compartment) = all.find(|(id, _)| id == compartment)?;
        Some(simplified(format!(
            "{per_time}*({})",
            compartment.unit.as_ref()?
        )))
    }

    fn add_species(
        &self,
        network: &mut Network,
        id: &str,
        name: Option<String>,
    ) -> Result<(), NetworkError> {
        let species = Species {
            name,
            unit: Some(self.unit().to_string()),
            compartment: self.compartment.clone(),
            ..Species::default()
        };
        network.species(id, species).map(drop)
    }

    /// Everything of a guild but its growth.
    fn add_losses(&self, network: &mut Network, guild: &Guild) -> Result<(), NetworkError> {
        let id = &guild.id;
        let volume = rate_factor(&self.compartment);
        let per_time = network.time_unit.as_ref().map(|t| format!("1/{t}"));
        let per_biomass = per_time
            .as_ref()
            .map(|rate| format!("{rate}/({})", self.unit()));
        let dead = guild.dead_id();
        if guild.inoculation {
            let arrival = format!("inoculation_{id}");
            let unit = self.arrival_unit(network);
            declare(network, &arrival, &format!("arrival of {id}"), unit);
            network.reaction(
                &format!("arrival_{id}"),
                Reaction::rate(arrival).produces(id, 1.0),
            )?;
        }
        let mut losses: Vec<String> = Vec::new();
        if guild.death {
            losses.push(format!("death_{id}"));
            declare(network, &losses[0], &format!("death of {id}"), per_time);
        }
        for crowding in &guild.crowding {
            let (parameter, by, name) = match crowding {
                Crowding::Own => (format!("crowding_{id}"), id.as_str(), "itself"),
                Crowding::Total => (format!("crowding_total_{id}"), "biomass", "all"),
            };
            declare(
                network,
                &parameter,
                &format!("crowding of {id} by {name}"),
                per_biomass.clone(),
            );
            losses.push(format!("{parameter} * {by}"));
        }
        losses.extend(guild.loss.iter().map(|loss| format!("({loss})")));
        if !losses.is_empty() {
            let rate = format!("{volume}({}) * {id}", losses.join(" + "));
            let mut loss = Reaction::rate(rate).consumes(id, 1.0);
            if let Some(dead) = &dead {
                loss = loss.produces(dead, 1.0);
            }
            network.reaction(&format!("loss_{id}"), loss)?;
        }
        self.add_washout(network, id, guild.washout.as_ref())
    }

    /// Washout at a rate of its own or that of all.
    fn add_washout(
        &self,
        network: &mut Network,
        id: &str,
        own: Option<&String>,
    ) -> Result<(), NetworkError> {
        if let Some(washout) = own.or(self.washout.as_ref()) {
            let volume = rate_factor(&self.compartment);
            let rate = Reaction::rate(format!("{volume}({washout}) * {id}"));
            network.reaction(&format!("washout_{id}"), rate.consumes(id, 1.0))?;
        }
        Ok(())
    }

    fn add_observables(&self, network: &mut Network) -> Result<(), NetworkError> {
        let ids: Vec<&str> = self.guilds.iter().map(|guild| guild.id.as_str()).collect();
        let mut observe = |id: &str, name: String, formula: String, unit: &str| {
            let observable = Observable::new(formula).unit(unit);
            network
                .observable(
                    id,
                    Observable {
                        name: Some(name),
                        ..observable
                    },
                )
                .map(drop)
        };
        observe(
            "biomass",
            "living biomass".to_string(),
            ids.join(" + "),
            self.unit(),
        )?;
        for id in &ids {
            observe(
                &format!("share_{id}"),
                format!("share of {id}"),
                format!("{id} / biomass"),
                "1",
            )?;
        }
        if self.copies {
            for id in ids.iter().chain(&["biomass"]) {
                let (observable, name) = match *id {
                    "biomass" => ("copies".to_string(), "gene copies".to_string()),
                    id => (format!("copies_{id}"), format!("gene copies of {id}")),
                };
                let formula = format!("copies_per_gram * {}", self.mass_of(id));
                observe(&observable, name, formula, "copies/l")?;
            }
            declare(
                network,
                "copies_per_gram",
                "gene copies per dry mass",
                Some("copies/g".to_string()),
            );
        }
        Ok(())
    }
}

impl Mechanism for Microbiota {
    fn add_to(&self, network: &mut Network) -> Result<(), NetworkError> {
        let biomass = self.check()?;
        let pools = pools_of(network);
        for guild in &self.guilds {
            self.add_species(network, &guild.id, guild.name.clone())?;
            // those of the pool stand there once
            if let Some(dead) = guild.dead_id()
                && network.kind_of(&dead).is_none()
            {
                let whose = match guild.dead {
                    Dead::Pooled => "dead cells".to_string(),
                    _ => format!("dead cells of {}", guild.id),
                };
                self.add_species(network, &dead, Some(whose))?;
                self.add_washout(network, &dead, None)?;
            }
        }
        declare_molar_mass(network, "biomass", &biomass);
        if let Some(unit) = &self.unit {
            let unit = Some(format!("(g/l)/({unit})"));
            declare(network, "dry_mass", "dry mass per biomass", unit);
        }
        for guild in &self.guilds {
            let limit = match guild.ph_window {
                Some(window) => Some(window.add_to(network, &guild.id, &self.ph)?),
                None => None,
            };
            for feed in &guild.feeds {
                let growth = Growth::new(self, guild, feed, &pools, &biomass)?;
                growth.add_to(network, limit.as_deref())?;
            }
            self.add_losses(network, guild)?;
        }
        self.add_observables(network)
    }

    fn references(&self) -> &'static [Reference] {
        const REFERENCES: &[Reference] = &[
            Reference::new(
                "Kettle et al. 2018, microPop: modelling microbial populations and communities in R, Methods Ecol Evol 9:399-409",
                "10.1111/2041-210X.12873",
            ),
            Reference::new(
                "Roels 1980, Application of macroscopic principles to microbial metabolism, Biotechnol Bioeng 22:2457-2514",
                "10.1002/bit.260221202",
            ),
        ];
        REFERENCES
    }
}
