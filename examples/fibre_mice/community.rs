//! The community of a fibre study: one guild a followed genus and one for the rest, on three substrates, with three acids.
//!
//! Genera are states of their own, not fixed shares of a guild: within one family some bloom and some vanish on the same fibre.
//! All of them ferment a substrate to lactate (C6H12O6 -> 2 C3H6O3), of which one pool a substrate is kept, and the community
//! turns that into acids by three balanced reactions, so that what a fibre gives depends on the fibre:
//!
//! | acid | of lactate |
//! |---|---|
//! | acetate | C3H6O3 + H2O -> C2H4O2 + CO2 + 2 H2 |
//! | propionate | 3 C3H6O3 -> 2 C3H6O2 + C2H4O2 + CO2 + H2O |
//! | butyrate | 2 C3H6O3 -> C4H8O2 + 2 CO2 + 2 H2 |
//!
//! Pathways of the genera's own (the guilds of `gut_scfa`) were tried: they forecast no better.
use super::scores::Quantities;
use holobiont::{
    compile::System,
    library::{Crowding, Feed, FeedKind, Guild, Inflow, Metabolites, Microbiota, Pool, Stock},
    network::{Network, NetworkError, Parameter, Reaction},
};
use std::{error::Error, sync::Arc};

/// What is eaten, in hexose: the host's mucin and what all diets share; resistant starch; inulin.
pub const SUBSTRATES: [&str; 3] = ["base", "starch", "inulin"];
/// Ids of the acids, in the order of the tables.
pub const ACID_IDS: [&str; 3] = ["acetate", "propionate", "butyrate"];
/// Id of the guild that holds all other genera.
pub const REST: &str = "rest";

/// Elemental formulas of the acids.
const ACID_FORMULAS: [&str; 3] = ["C2H4O2", "C3H6O2", "C4H8O2"];
/// Stands in the reactions for their balance alone.
const UNFOLLOWED: [&str; 3] = ["CO2", "H2", "H2O"];
/// What one lactate gives on the way to each acid; what is consumed is negative.
const PRODUCTS: [&[(&str, f64)]; 3] = [
    &[("acetate", 1.0), ("CO2", 1.0), ("H2", 2.0), ("H2O", -1.0)],
    &[
        ("propionate", 2.0 / 3.0),
        ("acetate", 1.0 / 3.0),
        ("CO2", 1.0 / 3.0),
        ("H2O", 1.0 / 3.0),
    ],
    &[("butyrate", 0.5), ("CO2", 1.0), ("H2", 1.0)],
];
/// Ids that a genus cannot have.
const TAKEN: [&str; 6] = ["rest", "washout", "biomass", "tscfa", "time", "pi"];

/// Numbers that are not fitted, with their grounds. Where none is named they are assumed; forecasts hardly change with them.
#[derive(Clone, Copy, Debug)]
pub struct Constants {
    /// net washout, 1/d: what the mucosa holds back leaves later than the fluid
    pub washout: f64,
    /// half-saturation of every substrate, mmol hexose/l: fibre that is bound in particles, far above that of dissolved sugar
    pub half_saturation: f64,
    /// dry biomass per mass of substrate, g/g (doi:10.1111/2041-210X.12873: 0.29 to 0.33)
    pub growth_yield: f64,
    /// absorption of acids, 1/d (doi:10.1111/2041-210X.12873)
    pub absorption: f64,
    /// conversion of lactate into each acid, and its absorption, 1/d; of starch and inulin the former is fitted
    pub conversion: f64,
    /// arrival of every guild, g/l/d: enough to return, too little to be seen
    pub arrival: f64,
    /// copies per g of faeces that a biomass of 1 g/l reads: the tables' 1e8 copies/g are then 10 g/l, as in a full gut
    pub copies: f64,
}

impl Default for Constants {
    fn default() -> Self {
        Constants {
            washout: 0.4,
            half_saturation: 92.5,
            growth_yield: 0.3,
            absorption: 9.6,
            conversion: 3.0,
            arrival: 1e-5,
            copies: 1e7,
        }
    }
}

/// The compiled community with its ids.
pub struct Community {
    /// the compiled model
    pub system: Arc<System>,
    /// ids of the guilds: the followed genera in their order, then the rest
    pub guilds: Vec<String>,
    /// the constants it was built with
    pub constants: Constants,
}

/// An id that formulas can hold: other letters become `_`.
pub fn identifier(name: &str) -> String {
    let id: String = name
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '_' })
        .collect();
    if id.starts_with(|c: char| c.is_ascii_digit()) {
        format!("_{id}")
    } else {
        id
    }
}

/// Id of the pool of lactate that a substrate gives.
fn lactate(substrate: &str) -> String {
    format!("lactate_{substrate}")
}

/// Ids of the genera, none twice and none that the network uses otherwise.
fn guild_ids(genera: &[String]) -> Vec<String> {
    let mut ids: Vec<String> = Vec::new();
    for name in genera {
        let mut id = identifier(name);
        let taken = |id: &String| {
            let used = TAKEN
                .iter()
                .chain(&SUBSTRATES)
                .chain(&ACID_IDS)
                .chain(&UNFOLLOWED);
            ids.contains(id) || used.into_iter().any(|known| known == id)
        };
        while taken(&id) {
            id.push('_');
        }
        ids.push(id);
    }
    ids.push(REST.to_string());
    ids
}

impl Community {
    /// Builds and compiles the community of the followed genera.
    ///
    /// # Errors
    /// A network that does not hold together.
    pub fn new(quantities: &Quantities, constants: Constants) -> Result<Community, Box<dyn Error>> {
        let guilds = guild_ids(&quantities.genera);
        let mut network = Network::new("fibre_mice");
        network.time_unit = Some("d".into());
        network.parameter("washout", Parameter::new(constants.washout).unit("1/d"));
        network.add(&metabolites())?;
        network.add(&microbiota(&guilds, &quantities.genera))?;
        add_conversions(&mut network, constants.conversion)?;
        set_constants(&mut network, &guilds, &constants);
        // mice replace them; the pools of lactate fill within a day
        for id in guilds
            .iter()
            .map(String::as_str)
            .chain(SUBSTRATES)
            .chain(ACID_IDS)
        {
            network.initial_value(id, 1.0)?;
        }
        for substrate in SUBSTRATES {
            network.initial_value(&lactate(substrate), 0.0)?;
        }
        Ok(Community {
            system: Arc::new(network.compile()?),
            guilds,
            constants,
        })
    }

    /// The register of a parameter of the community.
    pub fn register(&self, id: &str) -> usize {
        let register = self.system.parameter_index(id);
        register.expect("the mechanisms declare this parameter")
    }
}

fn metabolites() -> Metabolites {
    let mut pools: Vec<Pool> = SUBSTRATES
        .into_iter()
        .map(|id| Pool {
            inflow: Some(Inflow::Amount),
            ..Pool::new(id, "C6H12O6")
        })
        .collect();
    pools.extend(
        ACID_IDS
            .into_iter()
            .zip(ACID_FORMULAS)
            .map(|(id, formula)| Pool {
                absorbed: true,
                acid: true,
                ..Pool::new(id, formula)
            }),
    );
    pools.extend(SUBSTRATES.map(|id| Pool {
        absorbed: true,
        ..Pool::new(&lactate(id), "C3H6O3")
    }));
    pools.extend(UNFOLLOWED.map(|id| Pool {
        stock: Stock::Unfollowed,
        ..Pool::new(id, id)
    }));
    Metabolites {
        pools,
        washout: Some("washout".into()),
        ..Metabolites::default()
    }
}

fn microbiota(guilds: &[String], genera: &[String]) -> Microbiota {
    let guild = |(position, id): (usize, &String)| Guild {
        name: genera.get(position).cloned(),
        feeds: SUBSTRATES
            .map(|substrate| Feed {
                kind: FeedKind::Essential,
                ..Feed::new(substrate, &format!("substrate -> 2 {}", lactate(substrate)))
            })
            .to_vec(),
        inoculation: true,
        crowding: vec![Crowding::Own],
        ..Guild::new(id)
    };
    Microbiota {
        guilds: guilds.iter().enumerate().map(guild).collect(),
        washout: Some("washout".into()),
        ..Microbiota::default()
    }
}

/// The community's way from the lactate of each substrate to the acids.
fn add_conversions(network: &mut Network, rate: f64) -> Result<(), NetworkError> {
    for substrate in SUBSTRATES {
        for (acid, products) in ACID_IDS.into_iter().zip(PRODUCTS) {
            let constant = format!("conversion_{substrate}_{acid}");
            network.parameter(&constant, Parameter::new(rate).unit("1/d"));
            let pool = lactate(substrate);
            let mut reaction = Reaction::rate(format!("{constant} * {pool}")).consumes(&pool, 1.0);
            for &(id, number) in products {
                reaction = match number > 0.0 {
                    true => reaction.produces(id, number),
                    false => reaction.consumes(id, -number),
                };
            }
            network.reaction(&format!("{acid}_from_{substrate}"), reaction)?;
        }
    }
    Ok(())
}

fn set_constants(network: &mut Network, guilds: &[String], constants: &Constants) {
    let mut set = |id: &str, value: f64| {
        let parameter = network.parameter_mut(id);
        parameter
            .expect("the mechanisms declare this parameter")
            .value = Some(value);
    };
    for substrate in SUBSTRATES {
        set(&format!("inflow_{substrate}"), 0.0);
        set(&format!("a_{}", lactate(substrate)), constants.conversion);
    }
    for acid in ACID_IDS {
        set(&format!("a_{acid}"), constants.absorption);
    }
    for guild in guilds {
        set(&format!("inoculation_{guild}"), constants.arrival);
        set(&format!("crowding_{guild}"), 1.0);
        for substrate in SUBSTRATES {
            set(&format!("gmax_{guild}_{substrate}"), 1.0);
            set(&format!("k_{guild}_{substrate}"), constants.half_saturation);
            set(
                &format!("yield_{guild}_{substrate}"),
                constants.growth_yield,
            );
        }
    }
}
