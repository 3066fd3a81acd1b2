//! The community of a fibre study: one guild a followed genus and one for the rest, on three substrates, with three acids.
//!
//! Genera are states of their own, not fixed shares of a guild: within a guild some bloom and some vanish on the same fibre. What
//! a genus makes of a substrate is the pathway of its way of life (`models/gut_scfa/taxa.tsv`); how fast it grows on it is fitted.
use super::scores::Quantities;
use super::tables::ACIDS;
use holobiont::{
    compile::System,
    library::{Crowding, Feed, FeedKind, Guild, Inflow, Metabolites, Microbiota, Pool, Stock},
    network::{Network, Parameter},
};
use std::{collections::HashMap, error::Error, sync::Arc};

/// What is eaten, in hexose: the host's mucin and what all diets share; resistant starch; inulin.
pub const SUBSTRATES: [&str; 3] = ["base", "starch", "inulin"];
/// Ids of the acids, in the order of the tables.
pub const ACID_IDS: [&str; 3] = ["acetate", "propionate", "butyrate"];
/// Products that leave unseen.
const UNFOLLOWED: [(&str, &str); 7] = [
    ("CO2", "CO2"),
    ("H2", "H2"),
    ("H2O", "H2O"),
    ("lactate", "C3H6O3"),
    ("succinate", "C4H6O4"),
    ("formate", "CH2O2"),
    ("ethanol", "C2H6O"),
];
/// Id of the guild that holds all other genera.
pub const REST: &str = "rest";
/// The way of life of genera that are not in the table, and of the rest.
const OTHER: &str = "other";

/// Numbers that are not fitted, with their grounds.
#[derive(Clone, Copy, Debug)]
pub struct Constants {
    /// washout, 1/d
    pub washout: f64,
    /// half-saturation of every substrate, mmol hexose/l
    pub half_saturation: f64,
    /// dry biomass per mass of substrate (doi:10.1111/2041-210X.12873)
    pub growth_yield: f64,
    /// absorption of acids, 1/d (Ruppin et al. 1980, as in doi:10.1111/2041-210X.12873)
    pub absorption: f64,
    /// arrival of every guild, g/l/d: enough to return, too little to be seen
    pub arrival: f64,
    /// copies per g of faeces that a biomass of 1 g/l reads
    pub copies: f64,
}

impl Default for Constants {
    fn default() -> Self {
        Constants {
            washout: crate::study::e("WASH", 0.4),
            half_saturation: crate::study::e("HALF", 92.5),
            growth_yield: 0.3,
            absorption: 9.6,
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

/// The way of life of each genus that the table knows.
fn ways_of_life() -> HashMap<&'static str, &'static str> {
    let table = include_str!("../../models/gut_scfa/taxa.tsv");
    let rows = table.lines().skip(1);
    rows.filter_map(|row| {
        let mut cells = row.split('\t');
        Some((cells.next()?, cells.next()?))
    })
    .collect()
}

impl Community {
    /// Builds and compiles the community of the followed genera. `pathways` maps ways of life to pathways.
    ///
    /// # Errors
    /// A network that does not hold together.
    pub fn new(
        quantities: &Quantities,
        pathways: &HashMap<String, String>,
        constants: Constants,
    ) -> Result<Community, Box<dyn Error>> {
        let ways = ways_of_life();
        let mut guilds: Vec<String> = Vec::new();
        let mut members = Vec::new();
        for name in quantities.genera.iter().map(String::as_str).chain([REST]) {
            let mut id = identifier(name);
            while guilds.contains(&id) {
                id.push('_');
            }
            let way = ways.get(name).copied().unwrap_or(OTHER);
            let pathway = pathways.get(way).ok_or_else(|| {
                format!("`{name}` lives as `{way}` (models/gut_scfa/taxa.tsv), for which the model has no pathway")
            })?;
            let feeds = SUBSTRATES.map(|substrate| Feed {
                kind: FeedKind::Essential,
                ..Feed::new(substrate, pathway)
            });
            members.push(Guild {
                name: Some(name.to_string()),
                feeds: feeds.to_vec(),
                inoculation: true,
                crowding: vec![Crowding::Own],
                ..Guild::new(&id)
            });
            guilds.push(id);
        }

        let mut network = Network::new("fibre_mice");
        network.time_unit = Some("d".into());
        let washout = Some("washout".to_string());
        network.parameter("washout", Parameter::new(constants.washout).unit("1/d"));
        let substrate = |id: &str| Pool {
            inflow: Some(Inflow::Amount),
            ..Pool::new(id, "C6H12O6")
        };
        let acid = |(id, formula): (&str, &str)| Pool {
            absorbed: true,
            acid: true,
            ..Pool::new(id, formula)
        };
        let unfollowed = |(id, formula): (&str, &str)| Pool {
            stock: Stock::Unfollowed,
            ..Pool::new(id, formula)
        };
        let mut pools: Vec<Pool> = SUBSTRATES.into_iter().map(substrate).collect();
        let formulas = ["C2H4O2", "C3H6O2", "C4H8O2"];
        pools.extend(ACID_IDS.into_iter().zip(formulas).map(acid));
        pools.extend(UNFOLLOWED.map(unfollowed));
        network.add(&Metabolites {
            pools,
            washout: washout.clone(),
            ..Metabolites::default()
        })?;
        network.add(&Microbiota {
            guilds: members,
            washout,
            ..Microbiota::default()
        })?;

        let mut set = |id: &str, value: f64| {
            if let Some(parameter) = network.parameter_mut(id) {
                parameter.value = Some(value);
            }
        };
        for substrate in SUBSTRATES {
            set(&format!("inflow_{substrate}"), 0.0);
        }
        for acid in ACID_IDS {
            set(&format!("a_{acid}"), constants.absorption);
        }
        for guild in &guilds {
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
        for id in guilds
            .iter()
            .map(String::as_str)
            .chain(SUBSTRATES)
            .chain(ACID_IDS)
        {
            network.initial_value(id, 1.0)?;
        }
        let system = network.compile()?;
        debug_assert_eq!(ACIDS.len(), ACID_IDS.len());
        Ok(Community {
            system: Arc::new(system),
            guilds,
            constants,
        })
    }

    /// The register of a parameter of the community.
    pub fn register(&self, id: &str) -> usize {
        self.system
            .parameter_index(id)
            .expect("the mechanisms declare this parameter")
    }
}
