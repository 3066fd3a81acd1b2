//! The ileum: guilds that live on simple sugars of food, hold on against transit, oxygen and bile, and are washed into the colon.
use super::declare::{declare, option_error, rate_factor};
use super::influence::{rate_constant, ratio};
use crate::network::{Mechanism, Network, NetworkError, Reaction, Reference, Species};
use serde::{Deserialize, Serialize};

/// The ileum: guilds that live on simple sugars of food, hold on against transit, oxygen and bile, and are washed into the colon.
///
/// For the sugars \\(s\\) and the biomass \\(Z_i\\) of each guild, in masses per litre of ileal fluid of volume \\(V\\) (1 where there is no
/// `compartment`),
/// $$ V \dot s = F - V (D + a)\\, s - V \sum_i \mu_i Z_i/Y_i, \qquad
///    V \dot Z_i = J_i + V (\mu_i - w_i D - c_i Z_i - d_i)\\, Z_i, $$
/// $$ \mu_i = g_i\\, \frac{s}{K_i + s}\\, \frac{1 + \alpha_i + \beta_i}{1 + \alpha_i\\, o + \beta_i\\, b}. $$
/// At the oxygen \\(o\\) and the bile \\(b\\) of health, both 1, growth is \\(g_i s/(K_i + s)\\). A guild whose growth cannot follow the transit lives on what
/// arrives. With `colon`, cells that are washed out join the guild of the same id there, in masses per time.
///
/// | letter | id | meaning | unit |
/// |---|---|---|---|
/// | \\(s\\) | `ileum_sugars` | simple sugars that the host has left | g/l |
/// | \\(Z_i\\) | `ileum_GUILD` | biomass in the ileum | g/l |
/// | \\(F\\) | `inflow_ileum_sugars`, an input if the network has one of this id | sugars of food | g/time; per litre without compartment |
/// | \\(D\\) | `washout_ileum` | washout, the inverse of the transit time | 1/time |
/// | \\(a\\) | `absorption_ileum` | absorption of sugars by the host | 1/time |
/// | \\(g_i, K_i, Y_i\\) | `gmax_ileum_GUILD`, `k_ileum_GUILD`, `yield_ileum_GUILD` | maximal growth, half-saturation, yield | 1/time, g/l, g/g |
/// | \\(w_i\\) | `shedding_ileum_GUILD` | washout of the guild per that of the fluid: below 1 for cells that cling | 1 |
/// | \\(c_i\\) | `crowding_ileum_GUILD` | crowding by itself | l/g/time |
/// | \\(J_i\\) | `inoculation_ileum_GUILD`, an input if the network has one of this id | arrival from mouth and colon | g/time |
/// | \\(\alpha_i, \beta_i\\) | `oxygen_ileum_GUILD`, `bile_ileum_GUILD` | harm by oxygen, by bile; 0: none | 1 |
/// | \\(o, b\\) | the formulas `oxygen`, `bile` | relative to health | 1 |
/// | \\(d_i\\) | the formula `loss`, in which `GUILD` stands for the guild | loss, as by an antibiotic | 1/time |
///
/// Cells that arrive in the colon are few beside those that grow there; what they eat in the ileum, and the acids that they make of it, are left out of the
/// balance of the colon. An influence on immunity reads `ileum_GUILD` like any other source.
///
/// Sources: Zoetendal et al. 2012, doi:10.1038/ismej.2011.212 (simple sugars rule the small intestine of man); Yoon et al. 2025,
/// doi:10.1073/pnas.2419689122 (ileal microbes of twins with multiple sclerosis, in mice). Numbers stand in the models.
///
/// ```
/// use holobiont::{library::Ileum, network::Network};
/// let mut network = Network::new("ileum");
/// network.add(&Ileum { guilds: vec!["Lch".to_string(), "Ent".to_string()], ..Ileum::default() })?;
/// assert_eq!(network.all_species()[1].0, "ileum_Lch");
/// # Ok::<(), holobiont::network::NetworkError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Ileum {
    /// The compartment that holds the fluid of the ileum; without one, rates are per volume.
    pub compartment: Option<String>,
    /// The guilds that live there.
    pub guilds: Vec<String>,
    /// Whether washed-out cells join the guilds of the colon; both places need a compartment.
    pub colon: bool,
    /// Formula of the oxygen, 1 in health.
    pub oxygen: String,
    /// Formula of the bile, 1 in health.
    pub bile: String,
    /// Formula of a further loss rate; `GUILD` in it stands for each guild's id.
    pub loss: Option<String>,
}

impl Default for Ileum {
    fn default() -> Self {
        Ileum {
            compartment: None,
            guilds: Vec::new(),
            colon: false,
            oxygen: "1".to_string(),
            bile: "1".to_string(),
            loss: None,
        }
    }
}

impl Ileum {
    /// Refuses guilds that stand twice, and those that have no place in the colon to be washed into.
    fn check(&self, network: &Network) -> Result<(), NetworkError> {
        let wrong = |option, problem| Err(option_error("ileum", option, problem));
        if self.guilds.is_empty() {
            return wrong("guilds", "at least one guild is needed".to_string());
        }
        for (number, guild) in self.guilds.iter().enumerate() {
            if self.guilds[..number].contains(guild) {
                return wrong("guilds", format!("`{guild}` stands twice"));
            }
            if !self.colon {
                continue;
            }
            let known = network.all_species().iter().find(|(id, _)| id == guild);
            let placed = known.is_some_and(|(_, species)| species.compartment.is_some());
            if self.compartment.is_none() || !placed {
                let problem = format!(
                    "to be washed into the colon, `{guild}` must live there in a compartment, as of `microbiota` before, and the ileum needs one too"
                );
                return wrong("colon", problem);
            }
        }
        Ok(())
    }

    fn species(&self, network: &mut Network, id: &str, name: String) -> Result<(), NetworkError> {
        let species = Species {
            name: Some(name),
            unit: Some("g/l".to_string()),
            compartment: self.compartment.clone(),
            ..Species::default()
        };
        network.species(id, species).map(drop)
    }

    /// Mass per time, or per litre and time.
    fn flow_unit(&self, network: &Network) -> Option<String> {
        let volume = match self.compartment {
            Some(_) => "",
            None => "/l",
        };
        network.time_unit.as_ref().map(|t| format!("g{volume}/{t}"))
    }

    fn sugars(&self, network: &mut Network) -> Result<(), NetworkError> {
        let volume = rate_factor(&self.compartment);
        let flow = self.flow_unit(network);
        declare(
            network,
            "inflow_ileum_sugars",
            "sugars of food that reach the ileum",
            flow,
        );
        rate_constant(network, "washout_ileum", "washout of the ileum");
        rate_constant(
            network,
            "absorption_ileum",
            "absorption of sugars by the host",
        );
        let sugars = "ileum_sugars";
        self.species(network, sugars, "simple sugars in the ileum".to_string())?;
        network.reaction(
            "supply_ileum_sugars",
            Reaction::rate("inflow_ileum_sugars").produces(sugars, 1.0),
        )?;
        for (id, rate) in [
            ("absorption", "absorption_ileum"),
            ("washout", "washout_ileum"),
        ] {
            let rate = Reaction::rate(format!("{volume}{rate} * {sugars}"));
            network.reaction(&format!("{id}_{sugars}"), rate.consumes(sugars, 1.0))?;
        }
        Ok(())
    }

    fn parameters(&self, network: &mut Network, guild: &str) {
        let per_time = network.time_unit.clone();
        let per_biomass = per_time.map(|t| format!("l/g/{t}"));
        let flow = self.flow_unit(network);
        let id = |word: &str| format!("{word}_ileum_{guild}");
        rate_constant(
            network,
            &id("gmax"),
            &format!("maximal growth of {guild} in the ileum"),
        );
        let name = format!("half-saturation of {guild} with sugars");
        declare(network, &id("k"), &name, Some("g/l".to_string()));
        let name = format!("dry biomass of {guild} per mass of sugars");
        declare(network, &id("yield"), &name, Some("g/g".to_string()));
        let name = format!("washout of {guild} per that of the ileum");
        ratio(network, &id("shedding"), &name);
        ratio(
            network,
            &id("oxygen"),
            &format!("harm by oxygen to {guild} in the ileum"),
        );
        ratio(network, &id("bile"), &format!("harm by bile to {guild}"));
        let name = format!("crowding of {guild} in the ileum by itself");
        declare(network, &id("crowding"), &name, per_biomass);
        let name = format!("arrival of {guild} in the ileum");
        declare(network, &id("inoculation"), &name, flow);
    }

    fn guild(&self, network: &mut Network, guild: &str) -> Result<(), NetworkError> {
        self.parameters(network, guild);
        let volume = rate_factor(&self.compartment);
        let (oxygen, bile) = (&self.oxygen, &self.bile);
        let z = format!("ileum_{guild}");
        self.species(network, &z, format!("{guild} in the ileum"))?;
        network.reaction(
            &format!("arrival_{z}"),
            Reaction::rate(format!("inoculation_{z}")).produces(&z, 1.0),
        )?;
        let harm = format!(
            "(1 + oxygen_{z} + bile_{z}) / (1 + oxygen_{z} * ({oxygen}) + bile_{z} * ({bile}))"
        );
        let growth =
            format!("{volume}gmax_{z} * ileum_sugars / (k_{z} + ileum_sugars) * {harm} * {z}");
        let growth = Reaction::rate(growth).consumes("ileum_sugars", format!("1 / yield_{z}"));
        network.reaction(&format!("growth_{z}"), growth.produces(&z, 1.0))?;
        let loss = self.loss.as_ref().map_or(String::new(), |loss| {
            format!(" + ({})", loss.replace("GUILD", guild))
        });
        let lost = Reaction::rate(format!("{volume}(crowding_{z} * {z}{loss}) * {z}"));
        network.reaction(&format!("loss_{z}"), lost.consumes(&z, 1.0))?;
        let washed = format!("{volume}shedding_{z} * washout_ileum * {z}");
        let mut washed = Reaction::rate(washed).consumes(&z, 1.0);
        if self.colon {
            washed = washed.produces(guild, 1.0);
        }
        network.reaction(&format!("washout_{z}"), washed).map(drop)
    }
}

impl Mechanism for Ileum {
    fn add_to(&self, network: &mut Network) -> Result<(), NetworkError> {
        self.check(network)?;
        self.sugars(network)?;
        for guild in &self.guilds {
            self.guild(network, guild)?;
        }
        Ok(())
    }

    fn references(&self) -> &'static [Reference] {
        const REFERENCES: &[Reference] = &[
            Reference::new(
                "Zoetendal et al. 2012, The human small intestinal microbiota is driven by rapid uptake and conversion of simple carbohydrates, ISME J 6:1415-1426",
                "10.1038/ismej.2011.212",
            ),
            Reference::new(
                "Yoon et al. 2025, Multiple sclerosis and gut microbiota: Lachnospiraceae from the ileum of MS twins trigger MS-like disease in germfree transgenic mice, PNAS 122",
                "10.1073/pnas.2419689122",
            ),
        ];
        REFERENCES
    }
}
