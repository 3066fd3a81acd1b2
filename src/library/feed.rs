//! A guild's feed: a substrate and the pathway it runs through, as growth reactions that balance every element.
use super::declare::{
    Pooled, declare, declare_molar_mass, number, option_error, rate_factor, ratio_text,
};
use super::microbiota::{Guild, MECHANISM, Microbiota};
use crate::chemistry::{Biosynthesis, Compound, Pathway, biosynthesis};
use crate::network::{Formula, Network, NetworkError, Reaction};
use crate::units::{Ratio, did_you_mean};
use serde::{Deserialize, Serialize};

/// A substrate that a guild lives on, and the pathway it runs through.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Feed {
    /// Id of the feed in parameters; the substrate unless stated. Two feeds on one substrate need different ids.
    #[serde(default)]
    pub id: Option<String>,
    /// The pool that gives the energy.
    pub substrate: String,
    /// The pathway, as `hexose -> 3 acetate`, or the name of one in `pathways`. The word `substrate` in it is this feed's.
    pub pathway: String,
    /// Whether the guild can do without this substrate where it has others.
    #[serde(default)]
    pub kind: FeedKind,
    /// Further pools without which the pathway stands still.
    #[serde(default)]
    pub needs: Vec<String>,
    /// Pools that slow the feed down.
    #[serde(default)]
    pub inhibitors: Vec<String>,
    /// A pool that speeds it up.
    #[serde(default)]
    pub booster: Option<Booster>,
}

impl Feed {
    /// A substitutable substrate and its pathway.
    pub fn new(substrate: &str, pathway: &str) -> Feed {
        Feed {
            substrate: substrate.to_string(),
            pathway: pathway.to_string(),
            ..Feed::default()
        }
    }

    /// The id in parameters and reactions.
    pub fn id(&self) -> &str {
        self.id.as_deref().unwrap_or(&self.substrate)
    }
}

/// How feeds of one guild stand to each other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FeedKind {
    /// The substrates compete for the same uptake: each takes the share that its saturation gives it.
    #[default]
    Substitutable,
    /// Limited by its own substrate alone.
    Essential,
}

/// A pool that speeds a feed up.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Booster {
    /// The pool.
    pub compound: String,
    /// The pathway without it; needed where the boosted pathway consumes the booster.
    #[serde(default)]
    pub unboosted: Option<String>,
}

/// A feed with everything that its reactions need.
pub(super) struct Growth<'a> {
    microbiota: &'a Microbiota,
    guild: &'a Guild,
    feed: &'a Feed,
    pools: &'a [Pooled],
    substrate: &'a Pooled,
    made: Biosynthesis,
}

impl<'a> Growth<'a> {
    /// Looks up the substrate and what biomass it makes.
    pub fn new(
        microbiota: &'a Microbiota,
        guild: &'a Guild,
        feed: &'a Feed,
        pools: &'a [Pooled],
        biomass: &Compound,
    ) -> Result<Self, NetworkError> {
        let wrong = |problem: String| Self::wrong(guild, feed, problem);
        let needed = [&feed.substrate]
            .into_iter()
            .chain(&feed.needs)
            .chain(&feed.inhibitors);
        for id in needed.chain(feed.booster.iter().map(|b| &b.compound)) {
            if !pools.iter().any(|pool| pool.id == *id && pool.changes) {
                let ids = pools.iter().map(|pool| pool.id.as_str());
                let near = did_you_mean(id, ids);
                return Err(wrong(format!(
                    "`{id}` is no pool with a chemical formula; declare it before, as in `metabolites`{near}"
                )));
            }
        }
        let substrate = pools.iter().find(|pool| pool.id == feed.substrate);
        let substrate = substrate.expect("every id of the feed was looked up above");
        let made = biosynthesis(&substrate.compound, biomass).map_err(|e| wrong(e.to_string()))?;
        Ok(Growth {
            microbiota,
            guild,
            feed,
            pools,
            substrate,
            made,
        })
    }

    fn wrong(guild: &Guild, feed: &Feed, problem: String) -> NetworkError {
        let problem = format!("`{}`, feed `{}`: {problem}", guild.id, feed.id());
        option_error(MECHANISM, "guilds", problem)
    }

    /// Declares the parameters and adds the reactions; `ph_limit` is the factor of the pH.
    pub fn add_to(
        &self,
        network: &mut Network,
        ph_limit: Option<&str>,
    ) -> Result<(), NetworkError> {
        let Growth { guild, feed, .. } = self;
        let (g, f) = (&guild.id, feed.id());
        let per_time = network.time_unit.as_ref().map(|t| format!("1/{t}"));
        let (gmax, growth_yield) = (format!("gmax_{g}_{f}"), format!("yield_{g}_{f}"));
        declare(
            network,
            &gmax,
            &format!("maximal growth of {g} on {f}"),
            per_time,
        );
        let name = format!("dry biomass of {g} per mass of {f}");
        declare(network, &growth_yield, &name, Some("g/g".to_string()));
        let molar_mass = declare_molar_mass(network, &self.substrate.id, &self.substrate.compound);
        // biomass of the substrate's electrons cannot exceed what they suffice for
        let most = times("molar_mass_biomass", self.made.biomass);
        let condition = format!("{growth_yield} * {molar_mass} <= {most}");
        network.constraint(&format!("yield_of_{g}_{f}"), condition)?;

        let mut rate = format!("{gmax} * {}", self.limitation(network));
        for id in &feed.needs {
            rate += &format!(" * {}", self.saturation(network, id));
        }
        for id in &feed.inhibitors {
            let half = format!("ki_{g}_{id}");
            self.declare_concentration(
                network,
                &half,
                &format!("half-inhibition of {g} by {id}"),
                id,
            );
            rate += &format!(" * ({half} / ({half} + {id}))");
        }
        for factor in ph_limit.into_iter().chain(guild.growth_factor.as_deref()) {
            rate += &format!(" * ({factor})");
        }
        let mass = self.microbiota.mass_of(g);
        let volume = rate_factor(&self.microbiota.compartment);
        let rate = format!("{volume}{rate} * {mass} / ({growth_yield} * {molar_mass})");
        let share = format!("{growth_yield} * {molar_mass} / ({most})");
        let Some(booster) = &feed.booster else {
            return self.reaction(network, "", &feed.pathway, &rate, &share, &[]);
        };
        let boost = self.saturation(network, &booster.compound);
        let unboosted = format!("unboosted_{g}_{f}");
        let name = format!(
            "growth of {g} on {f} without {}, as share",
            booster.compound
        );
        declare(network, &unboosted, &name, Some("1".to_string()));
        let half = format!("k_{g}_{}", booster.compound);
        let lack = format!("{unboosted} * {half} / ({half} + {})", booster.compound);
        let boosted = format!("{rate} * {boost}");
        self.reaction(
            network,
            "",
            &feed.pathway,
            &boosted,
            &share,
            &[&booster.compound],
        )?;
        let without = booster.unboosted.as_ref().unwrap_or(&feed.pathway);
        self.reaction(
            network,
            "_unboosted",
            without,
            &format!("{rate} * {lack}"),
            &share,
            &[],
        )
    }

    /// Monod's factor of the substrate, with the competition of the other substitutable ones.
    fn limitation(&self, network: &mut Network) -> String {
        let (guild, substrate) = (self.guild, &self.feed.substrate);
        if self.feed.kind == FeedKind::Essential {
            return self.saturation(network, substrate);
        }
        let mut rivals: Vec<&str> = Vec::new();
        for feed in guild
            .feeds
            .iter()
            .filter(|f| f.kind == FeedKind::Substitutable)
        {
            if !rivals.contains(&feed.substrate.as_str()) {
                rivals.push(&feed.substrate);
            }
        }
        let saturations: Vec<String> = (rivals.iter())
            .map(|id| format!("{id} / {}", self.half_saturation(network, id)))
            .collect();
        let own = self.half_saturation(network, substrate);
        format!("({substrate} / {own} / (1 + {}))", saturations.join(" + "))
    }

    fn saturation(&self, network: &mut Network, id: &str) -> String {
        let half = self.half_saturation(network, id);
        format!("({id} / ({half} + {id}))")
    }

    fn half_saturation(&self, network: &mut Network, id: &str) -> String {
        let g = &self.guild.id;
        let half = format!("k_{g}_{id}");
        self.declare_concentration(
            network,
            &half,
            &format!("half-saturation of {g} with {id}"),
            id,
        );
        half
    }

    /// Declares a parameter in the unit of a pool.
    fn declare_concentration(&self, network: &mut Network, id: &str, name: &str, pool: &str) {
        let all = network.all_species().iter();
        let unit = all
            .filter(|(known, _)| known == pool)
            .find_map(|(_, s)| s.unit.clone());
        declare(network, id, name, unit);
    }

    /// Adds the reaction of one pathway; `vanishing` are pools, beside the substrate and `needs`, without which its rate is zero.
    fn reaction(
        &self,
        network: &mut Network,
        suffix: &str,
        pathway: &str,
        rate: &str,
        share: &str,
        vanishing: &[&String],
    ) -> Result<(), NetworkError> {
        let Growth { guild, feed, .. } = self;
        let wrong = |problem: String| Self::wrong(guild, feed, problem);
        let text = self
            .microbiota
            .pathways
            .get(pathway)
            .map_or(pathway, String::as_str);
        let pathway = Pathway::parse(text).map_err(|e| wrong(e.to_string()))?;
        let pathway = pathway.rename("substrate", &feed.substrate);
        let find = |id: &str| {
            self.pools
                .iter()
                .find(|p| p.id == id)
                .map(|p| p.compound.clone())
        };
        pathway.check(&find).map_err(|e| wrong(e.to_string()))?;
        let catabolism = pathway
            .per(&feed.substrate)
            .map_err(|e| wrong(e.to_string()))?;
        let anabolism = self.anabolism()?;
        let mut ids: Vec<&String> = catabolism.iter().map(|(id, _)| id).collect();
        ids.extend(
            anabolism
                .iter()
                .map(|(id, _)| id)
                .filter(|id| find_ratio(&catabolism, id).is_none()),
        );

        let mut reaction = Reaction::rate(rate);
        for id in ids {
            let [cat, ana] =
                [&catabolism, &anabolism].map(|net| find_ratio(net, id).unwrap_or(Ratio::ZERO));
            let limits =
                *id == feed.substrate || feed.needs.contains(id) || vanishing.contains(&id);
            let followed = self.pools.iter().any(|p| p.id == *id && p.followed);
            if followed && !limits && (cat.numerator() < 0 || ana.numerator() < 0) {
                return Err(wrong(format!(
                    "`{pathway}` with its biomass consumes `{id}`, and the rate does not vanish without it; name it in `needs`"
                )));
            }
            let sign = if cat.numerator() < 0 || (cat == Ratio::ZERO && ana.numerator() < 0) {
                -1
            } else {
                1
            };
            let coefficient = mixture(cat, ana, sign, share)
                .ok_or_else(|| wrong(format!("the numbers of `{pathway}` are too long")))?;
            reaction = match sign {
                1 => reaction.produces(id, coefficient),
                _ => reaction.consumes(id, coefficient),
            };
        }
        let biomass = format!(
            "yield_{}_{} * molar_mass_{}",
            guild.id,
            feed.id(),
            feed.substrate
        );
        let biomass = self.microbiota.biomass_of(&biomass);
        let reaction = reaction.produces(&guild.id, biomass);
        let id = format!("growth_{}_{}{suffix}", guild.id, feed.id());
        let name = Some(format!("{} on {}: {pathway}", guild.id, feed.substrate));
        network.reaction(&id, Reaction { name, ..reaction })?;
        Ok(())
    }

    /// Net production of pools per mole of substrate that becomes biomass.
    fn anabolism(&self) -> Result<Vec<(String, Ratio)>, NetworkError> {
        let mut net = vec![(self.feed.substrate.clone(), Ratio::integer(-1))];
        for (formula, number) in [
            ("CO2", self.made.carbon_dioxide),
            ("H2O", self.made.water),
            ("NH3", self.made.ammonia),
        ] {
            if number == Ratio::ZERO {
                continue;
            }
            let is_it = |pool: &&Pooled| {
                Compound::parse(formula).is_ok_and(|compound| compound == pool.compound)
            };
            let Some(pool) = self.pools.iter().find(is_it) else {
                let problem = format!(
                    "biomass made from `{}` leaves or takes up {formula}, and no pool has this formula; declare one, `unfollowed` if need be",
                    self.feed.substrate
                );
                return Err(Self::wrong(self.guild, self.feed, problem));
            };
            net.push((pool.id.clone(), number));
        }
        Ok(net)
    }
}

fn find_ratio(net: &[(String, Ratio)], id: &str) -> Option<Ratio> {
    net.iter().find(|(known, _)| known == id).map(|(_, n)| *n)
}

/// A factor times a ratio, as text.
fn times(factor: &str, ratio: Ratio) -> String {
    match ratio {
        Ratio::ONE => factor.to_string(),
        ratio => format!("{} * {factor}", ratio_text(ratio)),
    }
}

/// `sign ((1 - share) catabolism + share anabolism)`; none if the numbers are too long.
fn mixture(catabolism: Ratio, anabolism: Ratio, sign: i32, share: &str) -> Option<Formula> {
    let sign = Ratio::integer(sign);
    let (start, end) = (catabolism.times(sign)?, anabolism.times(sign)?);
    let slope = end.plus(start.negative())?;
    if slope == Ratio::ZERO {
        return Some(number(start));
    }
    if start == Ratio::ZERO {
        return Some(times(share, slope).into());
    }
    if end == Ratio::ZERO {
        return Some(times(&format!("(1 - {share})"), start).into());
    }
    let start = ratio_text(start);
    Some(
        match slope.numerator() {
            n if n < 0 => format!("{start} - {}", times(share, slope.negative())),
            _ => format!("{start} + {}", times(share, slope)),
        }
        .into(),
    )
}
