//! Pools of compounds: supply, breakdown of polymers, absorption, washout, and the pH that the acids set.
use super::acidity::Acidity;
use super::declare::{
    declare, declare_molar_mass, option_error, pools_of, products_and_reactants, rate_factor,
    simplified,
};
use crate::chemistry::{Compound, Pathway};
use crate::network::{
    Formula, Mechanism, Network, NetworkError, Observable, Reaction, Reference, Species,
};
use serde::{Deserialize, Serialize};

/// Pools of compounds: supply, breakdown of polymers, absorption, washout, and the pH that the acids set.
///
/// For a pool \\(c\\) in a compartment of volume \\(V\\) (1 where there is none),
/// $$ V \dot c = F_c + V \Bigl(\sum_P n_{cP}\\, b_P - a_c\\, c - D\\, c\Bigr) $$
/// with supply \\(F_c\\) (times \\(u\\)), absorption \\(a_c\\), washout \\(D\\) and the breakdown \\(b_P\\) of polymers \\(P\\), of which \\(n_{cP}\\) becomes
/// \\(c\\) (-1 for the polymer itself); it is of first order, or of Contois by a biomass \\(B\\):
/// $$ b_P = k\\, P, \qquad b_P = k\\, \frac{B\\, P}{K B + P}. $$
///
/// | letter | id | meaning | unit |
/// |---|---|---|---|
/// | \\(c\\) | `POOL` | concentration | `unit` |
/// | \\(F_c\\) | `inflow_POOL`, an input if the network has one of this id | supply as amount or mass per time, converted by `molar_mass_POOL` | mmol/d, g/d; per litre without compartment |
/// | \\(u\\) | the formula `eaten`, where there is one | factor of every supply, as the share of the usual that is eaten | 1 |
/// | \\(a_c\\) | `a_POOL` | absorption; what is absorbed leaves or goes to `absorbed_into` | 1/time |
/// | \\(D\\) | the formula `washout`, as `1 / T_t` | washout; none in a batch | 1/time |
/// | \\(k\\) | `breakdown_POOL` | breakdown | 1/time; Contois: `unit`/time per biomass |
/// | \\(K\\) | `half_breakdown_POOL` | half-saturation of Contois | `unit` per biomass |
///
/// The observable `tscfa` sums the pools marked `acid`; [`Acidity`] makes the observable `pH` of it. Reactions are
/// `supply_POOL`, `splitting_POOL`, `absorption_POOL` and `washout_POOL`.
///
/// Every pool states its elemental formula, so that pathways ([`super::Microbiota`]) are balanced. Acids are counted undissociated.
///
/// References: Kettle et al. 2018 (microPop), doi:10.1111/2041-210X.12873; Contois 1959, doi:10.1099/00221287-21-1-40.
///
/// ```
/// use holobiont::{library::{Metabolites, Pool}, network::Network};
/// let mut network = Network::new("lumen");
/// let acetate = Pool { absorbed: true, ..Pool::new("acetate", "C2H4O2") };
/// network.add(&Metabolites { pools: vec![acetate], ..Metabolites::default() })?;
/// assert_eq!(network.all_parameters()[0].0, "a_acetate");
/// # Ok::<(), holobiont::network::NetworkError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Metabolites {
    /// The compartment that holds the pools; without one, rates are per volume.
    pub compartment: Option<String>,
    /// Unit of the pools, an amount in mmol per volume; mmol/l unless stated.
    pub unit: String,
    /// Formula of the washout rate of all pools; none: a batch.
    pub washout: Option<String>,
    /// Formula of a factor of every supply, as the share of the usual that is eaten.
    pub eaten: Option<String>,
    /// The pools.
    pub pools: Vec<Pool>,
    /// How the acids set the pH; none: they do not.
    pub acidity: Option<Acidity>,
}

impl Default for Metabolites {
    fn default() -> Self {
        Metabolites {
            compartment: None,
            unit: "mmol/l".to_string(),
            washout: None,
            eaten: None,
            pools: Vec::new(),
            acidity: None,
        }
    }
}

/// A pool of one compound.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pool {
    /// Id.
    pub id: String,
    /// Elemental formula, as `C2H4O2`.
    pub formula: String,
    /// Name for people.
    #[serde(default)]
    pub name: Option<String>,
    /// How the stock is kept.
    #[serde(default)]
    pub stock: Stock,
    /// Supply from outside; none if there is none.
    #[serde(default)]
    pub inflow: Option<Inflow>,
    /// Whether the host absorbs it (of gases: takes up or exhales).
    #[serde(default)]
    pub absorbed: bool,
    /// The species that receives what is absorbed; it leaves the model if there is none.
    #[serde(default)]
    pub absorbed_into: Option<String>,
    /// Formula of a washout rate of its own.
    #[serde(default)]
    pub washout: Option<String>,
    /// Whether it counts as a short-chain fatty acid in `tscfa`.
    #[serde(default)]
    pub acid: bool,
    /// How it is split into other pools.
    #[serde(default)]
    pub breakdown: Option<Breakdown>,
}

impl Pool {
    /// A pool that nothing but pathways changes.
    pub fn new(id: &str, formula: &str) -> Pool {
        Pool {
            id: id.to_string(),
            formula: formula.to_string(),
            name: None,
            stock: Stock::default(),
            inflow: None,
            absorbed: false,
            absorbed_into: None,
            washout: None,
            acid: false,
            breakdown: None,
        }
    }
}

/// How the stock of a compound is kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Stock {
    /// A state; every rate that consumes it must vanish with it.
    #[default]
    Followed,
    /// A state that counts the net change of something always there (water); it may fall below its start.
    Plentiful,
    /// No state: it stands in the reactions for their balance alone.
    Unfollowed,
}

/// Measure of a supply.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Inflow {
    /// Amount per time.
    Amount,
    /// Mass per time.
    Mass,
}

/// The splitting of a polymer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Breakdown {
    /// What becomes of it, as `starch + H2O -> hexose`.
    pub pathway: String,
    /// Formula of the biomass that splits it: then the rate is that of Contois, else of first order.
    #[serde(default)]
    pub by: Option<String>,
    /// Unit of that biomass.
    #[serde(default)]
    pub by_unit: Option<String>,
}

const MECHANISM: &str = "metabolites";

impl Metabolites {
    fn check(&self) -> Result<(), NetworkError> {
        if self.pools.is_empty() {
            let problem = "at least one pool is needed".to_string();
            return Err(option_error(MECHANISM, "pools", problem));
        }
        for (number, pool) in self.pools.iter().enumerate() {
            let wrong = |problem: &str| {
                Err(option_error(
                    MECHANISM,
                    "pools",
                    format!("`{}` {problem}", pool.id),
                ))
            };
            if self.pools[..number].iter().any(|other| other.id == pool.id) {
                return wrong("stands twice");
            }
            let moved = pool.inflow.is_some() || pool.absorbed || pool.breakdown.is_some();
            if pool.stock == Stock::Unfollowed && (moved || pool.washout.is_some() || pool.acid) {
                return wrong("is unfollowed, so nothing can flow in or out of it");
            }
            if pool.absorbed_into.is_some() && !pool.absorbed {
                return wrong("has `absorbed_into`, but is not absorbed");
            }
        }
        if self.acidity.is_some() && !self.pools.iter().any(|pool| pool.acid) {
            let problem = "no pool is marked `acid`".to_string();
            return Err(option_error(MECHANISM, "acidity", problem));
        }
        Ok(())
    }

    fn species(&self, pool: &Pool) -> Species {
        let unfollowed = pool.stock == Stock::Unfollowed;
        Species {
            name: pool.name.clone(),
            unit: Some(self.unit.clone()).filter(|_| !unfollowed),
            compartment: self.compartment.clone().filter(|_| !unfollowed),
            nonnegative: pool.stock == Stock::Followed,
            chemical_formula: Some(pool.formula.clone()),
            // no stock: it stands still at 0
            initial: unfollowed.then_some(Formula::Number(0.0)),
            boundary: unfollowed,
            constant: unfollowed,
            ..Species::default()
        }
    }

    /// Unit of a flow in amount or mass per time, of the volume or per litre.
    fn flow_unit(&self, network: &Network, inflow: Inflow) -> Option<String> {
        let time = network.time_unit.as_ref()?;
        let mut unit = format!("({})/{time}", self.unit);
        if let Some(compartment) = &self.compartment {
            let mut all = network.all_compartments().iter();
            let (_, compartment) = all.find(|(id, _)| id == compartment)?;
            unit += &format!("*({})", compartment.unit.as_ref()?);
        }
        if inflow == Inflow::Mass {
            unit += "*(g/mmol)";
        }
        Some(simplified(unit))
    }

    fn supply(
        &self,
        network: &mut Network,
        pool: &Pool,
        inflow: Inflow,
    ) -> Result<(), NetworkError> {
        let id = &pool.id;
        let flow = format!("inflow_{id}");
        let unit = self.flow_unit(network, inflow);
        declare(network, &flow, &format!("supply of {id}"), unit);
        let rate = match inflow {
            Inflow::Amount => flow,
            Inflow::Mass => {
                let compound = compound(pool)?;
                format!("{flow} / {}", declare_molar_mass(network, id, &compound))
            }
        };
        let rate = match &self.eaten {
            Some(eaten) => format!("{rate} * ({eaten})"),
            None => rate,
        };
        network.reaction(
            &format!("supply_{id}"),
            Reaction::rate(rate).produces(id, 1.0),
        )?;
        Ok(())
    }

    fn breakdown(
        &self,
        network: &mut Network,
        pool: &Pool,
        breakdown: &Breakdown,
    ) -> Result<(), NetworkError> {
        let id = &pool.id;
        let wrong =
            |problem: String| option_error(MECHANISM, "breakdown", format!("`{id}`: {problem}"));
        let pathway = Pathway::parse(&breakdown.pathway).map_err(|e| wrong(e.to_string()))?;
        let pools = pools_of(network);
        let find = |id: &str| {
            pools
                .iter()
                .find(|p| p.id == id)
                .map(|p| p.compound.clone())
        };
        pathway.check(&find).map_err(|e| wrong(e.to_string()))?;
        let net = pathway.per(id).map_err(|e| wrong(e.to_string()))?;
        for (other, number) in &net {
            let followed = pools.iter().any(|p| p.id == *other && p.followed);
            if other != id && number.numerator() < 0 && followed {
                let problem = format!(
                    "the pathway consumes `{other}`, and the rate does not vanish without it"
                );
                return Err(wrong(problem));
            }
        }
        let time = network.time_unit.clone();
        let constant = format!("breakdown_{id}");
        let name = format!("breakdown of {id}");
        let law = match &breakdown.by {
            None => {
                declare(network, &constant, &name, time.map(|t| format!("1/{t}")));
                format!("{constant} * {id}")
            }
            Some(biomass) => {
                let half = format!("half_breakdown_{id}");
                let per = breakdown
                    .by_unit
                    .as_ref()
                    .map(|by| format!("({})/({by})", self.unit));
                let unit = time.and_then(|t| Some(simplified(format!("{}/{t}", per.clone()?))));
                declare(network, &constant, &name, unit);
                let name = format!("half-saturation of the breakdown of {id}");
                declare(network, &half, &name, per.map(simplified));
                // 0/0 where there is neither biomass nor polymer
                let below = format!("({half} * ({biomass}) + {id})");
                format!("piecewise({constant} * ({biomass}) * {id} / {below}, {below} > 0, 0)")
            }
        };
        let rate = format!("{}{law}", rate_factor(&self.compartment));
        let reaction = products_and_reactants(Reaction::rate(rate), &net);
        network.reaction(&format!("splitting_{id}"), reaction)?;
        Ok(())
    }
}

fn compound(pool: &Pool) -> Result<Compound, NetworkError> {
    Compound::parse(&pool.formula)
        .map_err(|e| option_error(MECHANISM, "pools", format!("`{}`: {e}", pool.id)))
}

impl Mechanism for Metabolites {
    fn add_to(&self, network: &mut Network) -> Result<(), NetworkError> {
        self.check()?;
        let volume = rate_factor(&self.compartment);
        let rate_unit = network.time_unit.as_ref().map(|t| format!("1/{t}"));
        for pool in &self.pools {
            compound(pool)?;
            network.species(&pool.id, self.species(pool))?;
        }
        for pool in &self.pools {
            let id = &pool.id;
            if let Some(inflow) = pool.inflow {
                self.supply(network, pool, inflow)?;
            }
            if let Some(breakdown) = &pool.breakdown {
                self.breakdown(network, pool, breakdown)?;
            }
            if pool.absorbed {
                let constant = format!("a_{id}");
                declare(
                    network,
                    &constant,
                    &format!("absorption of {id}"),
                    rate_unit.clone(),
                );
                let mut absorption =
                    Reaction::rate(format!("{volume}{constant} * {id}")).consumes(id, 1.0);
                if let Some(target) = &pool.absorbed_into {
                    absorption = absorption.produces(target, 1.0);
                }
                network.reaction(&format!("absorption_{id}"), absorption)?;
            }
            if let Some(washout) = pool.washout.as_ref().or(self.washout.as_ref())
                && pool.stock != Stock::Unfollowed
            {
                let rate = Reaction::rate(format!("{volume}({washout}) * {id}"));
                network.reaction(&format!("washout_{id}"), rate.consumes(id, 1.0))?;
            }
        }
        let acids: Vec<&str> = self
            .pools
            .iter()
            .filter(|p| p.acid)
            .map(|p| p.id.as_str())
            .collect();
        if !acids.is_empty() {
            let sum = Observable::new(acids.join(" + ")).unit(&self.unit);
            let name = Some("total short-chain fatty acids".to_string());
            network.observable("tscfa", Observable { name, ..sum })?;
        }
        if let Some(acidity) = &self.acidity {
            acidity.add_to(network, &self.unit)?;
        }
        Ok(())
    }

    fn references(&self) -> &'static [Reference] {
        const REFERENCES: &[Reference] = &[
            Reference::new(
                "Kettle et al. 2018, microPop: modelling microbial populations and communities in R, Methods Ecol Evol 9:399-409",
                "10.1111/2041-210X.12873",
            ),
            Reference::new(
                "Prohaska et al. 2022, Standard atomic weights of the elements 2021 (IUPAC Technical Report), Pure Appl Chem 94:573-600",
                "10.1515/pac-2019-0603",
            ),
        ];
        REFERENCES
    }
}
