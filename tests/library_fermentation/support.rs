//! Pools, pathways and a small gut for the laws; numbers given, compiled and run.
use holobiont::chemistry::Compound;
use holobiont::compile::System;
use holobiont::library::{
    Acidity, Booster, Breakdown, Crowding, Dead, Feed, FeedKind, Guild, Inflow, Metabolites,
    Microbiota, PhWindow, Pool, Stock,
};
use holobiont::network::{Compartment, Equations, Network, Parameter, Species};
use holobiont::schedule::Schedule;
use holobiont::solve::{Method, Problem, Solution, Tolerances, solve};

/// Pools of the ten groups of microPop.
pub const POOLS: &[(&str, &str)] = &[
    ("hexose", "C6H12O6"),
    ("acetate", "C2H4O2"),
    ("propionate", "C3H6O2"),
    ("butyrate", "C4H8O2"),
    ("lactate", "C3H6O3"),
    ("succinate", "C4H6O4"),
    ("formate", "CH2O2"),
    ("ethanol", "C2H6O"),
    ("H2", "H2"),
    ("CO2", "CO2"),
    ("CH4", "CH4"),
    ("NH3", "NH3"),
];

/// The pathways of the groups: group, substrate, pathway, what else it consumes, yield in g/g.
/// Source: Kettle et al. 2018, doi:10.1111/2041-210X.12873, tables of the package.
pub const PATHWAYS: &[(&str, &str, &str, &[&str], f64)] = &[
    (
        "Bacteroides",
        "hexose",
        "2 hexose -> 2 acetate + propionate + succinate + 2 H2 + CO2",
        &[],
        0.333,
    ),
    (
        "NoButyStarchDeg",
        "hexose",
        "hexose + 2 H2O -> 2 acetate + 4 H2 + 2 CO2",
        &[],
        0.333,
    ),
    (
        "NoButyFibreDeg",
        "hexose",
        "hexose -> acetate + succinate + H2",
        &[],
        0.286,
    ),
    (
        "LactateProducers",
        "hexose",
        "6 hexose + H2O -> 10 acetate + 4 lactate + 2 formate + ethanol",
        &[],
        0.333,
    ),
    (
        "ButyrateProducers1",
        "hexose",
        "2 hexose + 2 acetate -> 3 butyrate + 2 H2 + 4 CO2 + 2 H2O",
        &["acetate"],
        0.333,
    ),
    (
        "ButyrateProducers2",
        "hexose",
        "6 hexose + 4 acetate -> 7 butyrate + 2 lactate + 6 formate + 4 CO2 + 4 H2O",
        &["acetate"],
        0.333,
    ),
    (
        "ButyrateProducers3",
        "hexose",
        "10 hexose + 2 H2O -> 2 acetate + 9 butyrate + 12 formate + 10 H2 + 8 CO2",
        &[],
        0.286,
    ),
    (
        "ButyrateProducers3",
        "lactate",
        "4 lactate + 2 acetate -> 3 butyrate + 2 H2 + 4 CO2 + 2 H2O",
        &["acetate"],
        0.111,
    ),
    (
        "PropionateProducers",
        "hexose",
        "3 hexose -> 2 acetate + 4 propionate + 2 CO2 + 2 H2O",
        &[],
        0.333,
    ),
    (
        "PropionateProducers",
        "lactate",
        "3 lactate -> acetate + 2 propionate + CO2 + H2O",
        &[],
        0.111,
    ),
    ("Acetogens", "hexose", "hexose -> 3 acetate", &[], 0.333),
    (
        "Acetogens",
        "H2",
        "4 H2 + 2 CO2 -> acetate + 2 H2O",
        &["CO2"],
        0.03,
    ),
    (
        "Acetogens",
        "formate",
        "hexose + 2 formate -> 3 acetate + 2 H2 + 2 CO2",
        &["hexose"],
        0.03,
    ),
    (
        "Methanogens",
        "H2",
        "4 H2 + CO2 -> CH4 + 2 H2O",
        &["CO2"],
        0.03,
    ),
    (
        "Methanogens",
        "formate",
        "4 formate -> CH4 + 3 CO2 + 2 H2O",
        &[],
        0.00724,
    ),
];

pub fn pools() -> Vec<Pool> {
    let mut pools: Vec<Pool> = POOLS
        .iter()
        .map(|(id, formula)| Pool::new(id, formula))
        .collect();
    pools.push(Pool {
        stock: Stock::Plentiful,
        ..Pool::new("H2O", "H2O")
    });
    pools
}

/// The fifteen pathways as guilds; with nitrogen in the biomass, every feed needs ammonia.
pub fn groups(nitrogen: bool) -> Vec<Guild> {
    let mut guilds: Vec<Guild> = Vec::new();
    for (group, substrate, pathway, needs, _) in PATHWAYS {
        let mut needs: Vec<String> = needs.iter().map(|id| id.to_string()).collect();
        if nitrogen {
            needs.push("NH3".to_string());
        }
        let feed = Feed {
            needs,
            kind: FeedKind::Essential,
            ..Feed::new(substrate, pathway)
        };
        match guilds.iter_mut().find(|guild| guild.id == *group) {
            Some(guild) => guild.feeds.push(feed),
            None => guilds.push(Guild {
                feeds: vec![feed],
                ..Guild::new(group)
            }),
        }
    }
    guilds
}

pub fn network(mechanisms: &[&dyn holobiont::network::Mechanism]) -> Network {
    let mut network = Network::new("gut");
    network.time_unit = Some("d".to_string());
    for mechanism in mechanisms {
        network.add(*mechanism).expect("a sound mechanism");
    }
    network
}
/// Gives every parameter without a number one, by the beginning of its id; the first that fits wins.
pub fn set(network: &mut Network, values: &[(&str, f64)]) {
    let ids: Vec<String> = network
        .all_parameters()
        .iter()
        .map(|(id, _)| id.clone())
        .collect();
    for id in ids {
        let fits = values.iter().find(|(start, _)| id.starts_with(start));
        let parameter = network
            .parameter_mut(&id)
            .expect("a parameter of the network");
        if parameter.value.is_none() {
            parameter.value = Some(fits.unwrap_or_else(|| panic!("no value for {id}")).1);
        }
    }
}
pub fn start(network: &mut Network, value: f64) {
    let ids: Vec<String> = network
        .all_species()
        .iter()
        .map(|(id, _)| id.clone())
        .collect();
    for id in ids {
        let species = network.species_mut(&id).expect("a species of the network");
        if species.initial.is_none() {
            species.initial = Some(value.into());
        }
    }
}
pub fn equations(network: &Network) -> Equations {
    network
        .check()
        .unwrap_or_else(|errors| panic!("{errors:#?}"))
        .equations()
}
pub fn system(network: &Network) -> System {
    System::compile(&equations(network)).expect("a system")
}
pub fn run(system: &System, times: &[f64]) -> Solution {
    let tolerances = Tolerances {
        relative: 1e-10,
        absolute: 1e-13,
    };
    let problem = Problem {
        system,
        parameters: system.parameters(),
        schedule: &Schedule::default(),
        times,
        sensitivity: None,
    };
    solve(&problem, &Method::default(), &tolerances)
        .finished()
        .expect("a finished solution")
}
/// Derivatives of all states where `value` gives states and overrides parameters.
pub fn derivatives(
    equations: &Equations,
    value: &dyn Fn(&str) -> Option<f64>,
) -> Vec<(String, f64)> {
    let known = |id: &str| {
        let parameter = || {
            equations
                .parameters
                .iter()
                .find(|p| p.id == id)
                .map(|p| p.value)
        };
        value(id).or_else(parameter)
    };
    let evaluate = |e| {
        equations
            .graph
            .evaluate(e, &known, 0.0)
            .expect("all symbols have values")
    };
    let states = equations.states.iter();
    states
        .map(|s| (s.id.clone(), evaluate(s.right_hand_side)))
        .collect()
}
pub fn derivative(of: &[(String, f64)], id: &str) -> f64 {
    of.iter().find(|(known, _)| known == id).expect("a state").1
}

/// Atoms of an element in one unit of each species: mole of a pool, gram of a guild.
pub fn atoms(network: &Network, biomass: &str, element: &str) -> Vec<f64> {
    let biomass = Compound::parse(biomass).expect("a formula");
    let count = |species: &Species| match &species.chemical_formula {
        Some(formula) => Compound::parse(formula)
            .expect("a formula")
            .count(element)
            .value(),
        None => biomass.count(element).value() / biomass.grams_per_millimole(),
    };
    network
        .all_species()
        .iter()
        .map(|(_, species)| count(species))
        .collect()
}

/// A small gut with everything that the mechanisms offer.
pub fn small_gut(window: PhWindow, acidity: Acidity) -> Network {
    let mut pools = pools();
    pools.push(Pool {
        breakdown: Some(Breakdown {
            pathway: "starch + H2O -> hexose".to_string(),
            by: Some("biomass".to_string()),
            by_unit: Some("g/l".to_string()),
        }),
        inflow: Some(Inflow::Mass),
        ..Pool::new("starch", "C6H10O5")
    });
    pools.push(Pool {
        inflow: Some(Inflow::Amount),
        breakdown: Some(Breakdown {
            pathway: "inulin + H2O -> hexose".to_string(),
            by: None,
            by_unit: None,
        }),
        ..Pool::new("inulin", "C6H10O5")
    });
    for pool in &mut pools {
        let absorbed = ["acetate", "propionate", "butyrate", "lactate", "H2", "CO2"];
        pool.absorbed = absorbed.contains(&pool.id.as_str());
        pool.acid = ["acetate", "propionate", "butyrate"].contains(&pool.id.as_str());
        if pool.id == "acetate" {
            pool.absorbed_into = Some("plasma_acetate".to_string());
        }
    }
    let mut network = Network::new("small_gut");
    network.time_unit = Some("d".to_string());
    network.compartment("lumen", Compartment::new(0.6).unit("l"));
    network.compartment("plasma", Compartment::new(3.0).unit("l"));
    network
        .species(
            "plasma_acetate",
            Species::new(0.0).unit("mmol/l").within("plasma"),
        )
        .expect("a species");
    network.parameter("T_t", Parameter::new(1.25).unit("d"));
    let metabolites = Metabolites {
        compartment: Some("lumen".to_string()),
        washout: Some("1 / T_t".to_string()),
        pools,
        acidity: Some(acidity),
        ..Metabolites::default()
    };
    let butyrate = Feed {
        booster: Some(Booster {
            compound: "acetate".to_string(),
            unboosted: Some("hexose -> butyrate + 2 H2 + 2 CO2".to_string()),
        }),
        ..Feed::new(
            "hexose",
            "2 substrate + 2 acetate -> 3 butyrate + 2 H2 + 4 CO2 + 2 H2O",
        )
    };
    let acetogenesis = Feed {
        kind: FeedKind::Essential,
        needs: vec!["CO2".to_string()],
        inhibitors: vec!["lactate".to_string()],
        ..Feed::new("H2", "4 H2 + 2 CO2 -> acetate + 2 H2O")
    };
    let guild = |id: &str, feeds: Vec<Feed>| Guild {
        feeds,
        ph_window: Some(window),
        ..Guild::new(id)
    };
    let microbiota = Microbiota {
        compartment: Some("lumen".to_string()),
        washout: Some("1 / T_t".to_string()),
        copies: true,
        pathways: [("lactic".to_string(), "substrate -> 2 lactate".to_string())].into(),
        guilds: vec![
            Guild {
                crowding: vec![Crowding::Own, Crowding::Total],
                inoculation: true,
                ..guild("But", vec![butyrate])
            },
            Guild {
                death: true,
                dead: Dead::Kept,
                ..guild("Lact", vec![Feed::new("hexose", "lactic")])
            },
            guild(
                "Ace",
                vec![Feed::new("hexose", "substrate -> 3 acetate"), acetogenesis],
            ),
            Guild {
                growth_factor: Some("1 - drug".to_string()),
                loss: Some("kill * drug".to_string()),
                ..guild(
                    "Prop",
                    vec![Feed::new(
                        "lactate",
                        "3 lactate -> acetate + 2 propionate + CO2 + H2O",
                    )],
                )
            },
        ],
        ..Microbiota::default()
    };
    network.parameter("drug", Parameter::new(0.2).unit("1"));
    network.parameter("kill", Parameter::new(1.0).unit("1/d"));
    network.add(&metabolites).expect("pools");
    network.add(&microbiota).expect("guilds");
    let values = [
        ("a_", 9.6),
        ("inflow_starch", 30.0),
        ("inflow_inulin", 40.0),
        ("inoculation", 0.01),
        ("half_breakdown", 20.0),
        ("breakdown", 8.0),
        ("gmax", 9.0),
        ("yield_Ace_H2", 0.03),
        ("yield_Prop", 0.11),
        ("yield", 0.33),
        ("k_", 0.02),
        ("ki_", 5.0),
        ("unboosted", 0.75),
        ("crowding", 0.1),
        ("death", 0.3),
        ("copies_per_gram", 5e12),
        ("ph_intercept", 8.02),
        ("ph_slope", 0.0174),
        ("ph_min", 5.0),
        ("ph_max", 8.0),
        ("ph1", 5.2),
        ("ph2", 5.7),
        ("ph3", 7.2),
        ("ph4", 8.6),
    ];
    set(&mut network, &values);
    start(&mut network, 0.5);
    network
}

/// The observable's value where `value` gives the states.
pub fn observed(equations: &Equations, id: &str, value: &dyn Fn(&str) -> Option<f64>) -> f64 {
    let known = |id: &str| {
        let parameter = || {
            equations
                .parameters
                .iter()
                .find(|p| p.id == id)
                .map(|p| p.value)
        };
        value(id).or_else(parameter)
    };
    let observable = equations
        .observables
        .iter()
        .find(|o| o.id == id)
        .expect("an observable");
    equations
        .graph
        .evaluate(observable.expression, &known, 0.0)
        .expect("all symbols have values")
}
