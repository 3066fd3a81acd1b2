//! What limits growth: substrates, pH, booster, competition; the chemostat and the batch as special cases.
use crate::support::*;
use approx::assert_relative_eq;
use holobiont::chemistry::Compound;
use holobiont::compile::System;
use holobiont::library::{
    Acidity, Dead, Feed, Guild, Inflow, Metabolites, Microbiota, PhWindow, Pool, Stock,
};
use holobiont::network::{Equations, Network, Parameter, Reaction};
use holobiont::solve::Solution;

#[test]
fn without_substrate_nothing_grows() {
    let network = small_gut(PhWindow::Trapezoid, Acidity::Clipped);
    let equations = equations(&network);
    let empty = ["hexose", "lactate", "H2", "starch", "inulin"];
    let value = |id: &str| match id {
        id if empty.contains(&id) => Some(0.0),
        "inoculation_But" | "T_t" => None,
        id => equations.states.iter().any(|s| s.id == id).then_some(2.0),
    };
    let change = derivatives(&equations, &value);
    for guild in ["Lact", "Ace", "Prop"] {
        assert!(derivative(&change, guild) < 0.0, "{guild}");
    }
    // loss and arrival alone: washout, crowding by itself and by all four
    let per_litre = 0.01 / 0.6;
    let expected = per_litre - 2.0 / 1.25 - 0.1 * 2.0 * 2.0 - 0.1 * 8.0 * 2.0;
    assert_relative_eq!(derivative(&change, "But"), expected, max_relative = 1e-12);
}

#[test]
fn the_ph_falls_with_the_acids_between_its_bounds_and_opens_the_window() {
    let clipped = equations(&small_gut(PhWindow::Trapezoid, Acidity::Clipped));
    let smooth = equations(&small_gut(PhWindow::Smooth, Acidity::Smooth));
    let at = |equations: &Equations, id: &str, acetate: f64| {
        observed(equations, id, &|id| match id {
            "acetate" => Some(acetate),
            "propionate" | "butyrate" => Some(0.0),
            _ => None,
        })
    };
    for (acetate, ph) in [(0.0, 8.0), (80.0, 8.02 - 0.0174 * 80.0), (200.0, 5.0)] {
        assert_relative_eq!(at(&clipped, "pH", acetate), ph, max_relative = 1e-14);
    }
    // the middle of the bounds, 6.5, is on both curves
    let middle = (8.02 - 6.5) / 0.0174;
    assert_relative_eq!(at(&smooth, "pH", middle), 6.5, max_relative = 1e-14);
    let mut last = 8.0;
    for acetate in [0.0, 50.0, 100.0, 150.0, 400.0] {
        let ph = at(&smooth, "pH", acetate);
        assert!(ph < last && ph > 5.0);
        last = ph;
        let limit = at(&smooth, "ph_limit_But", acetate);
        assert!(limit > 0.0 && limit < 1.0);
    }
    // pH 6.5 is inside the plateau; half-way up the flank from 5.2 to 5.7 is 5.45
    assert_eq!(at(&clipped, "ph_limit_But", middle), 1.0);
    let flank = (8.02 - 5.45) / 0.0174;
    assert_relative_eq!(
        at(&clipped, "ph_limit_But", flank),
        0.5,
        max_relative = 1e-12
    );
    // at the bound 5 growth has ended at 5.2
    assert_eq!(at(&clipped, "ph_limit_But", 400.0), 0.0);
}

#[test]
fn the_booster_multiplies_growth_and_acetate_is_taken_up_only_through_the_boosted_part() {
    let network = small_gut(PhWindow::Trapezoid, Acidity::Clipped);
    let equations = equations(&network);
    let change = |acetate: f64| {
        let changes = derivatives(&equations, &|id| match id {
            "acetate" => Some(acetate),
            "propionate" => Some(80.0 - acetate),
            "hexose" => Some(1.0),
            "But" => Some(1.0),
            id => equations.states.iter().any(|s| s.id == id).then_some(0.0),
        });
        (
            derivative(&changes, "But"),
            derivative(&changes, "acetate"),
            derivative(&changes, "butyrate"),
        )
    };
    let losses = 0.01 / 0.6 - 1.0 / 1.25 - 0.1 - 0.1;
    let full = 9.0 * (1.0 / 0.02) / (1.0 + 1.0 / 0.02);
    let mass = Compound::parse("C6H12O6")
        .expect("a formula")
        .grams_per_millimole();
    for acetate in [0.0, 0.02, 40.0] {
        let theta = acetate / (0.02 + acetate);
        let (growth, acetate_change, butyrate) = change(acetate);
        let factor = 0.75 + 0.25 * theta;
        assert_relative_eq!(growth - losses, full * factor, max_relative = 1e-12);
        // hexose that is not biomass, through either pathway
        let rate = full * (1.0 - 0.33) / (0.33 * mass);
        let expected = rate * (1.5 * theta + 0.75 * (1.0 - theta));
        assert_relative_eq!(butyrate, expected, max_relative = 1e-11);
        let out = acetate * (9.6 + 1.0 / 1.25);
        assert_relative_eq!(
            acetate_change + out,
            -rate * theta,
            epsilon = 1e-9,
            max_relative = 1e-11
        );
    }
}

#[test]
fn one_guild_on_one_substrate_is_the_chemostat() {
    let acetate = Pool {
        absorbed: true,
        acid: true,
        ..Pool::new("acetate", "C2H4O2")
    };
    let substrate = Pool {
        inflow: Some(Inflow::Mass),
        ..Pool::new("hexose", "C6H12O6")
    };
    let washout = Some("1 / T_t".to_string());
    let mut ours = Network::new("guild");
    ours.time_unit = Some("d".to_string());
    ours.parameter("T_t", Parameter::new(1.25).unit("d"));
    ours.add(&Metabolites {
        pools: vec![substrate, acetate],
        washout: washout.clone(),
        ..Metabolites::default()
    })
    .expect("pools");
    ours.add(&Microbiota {
        washout,
        guilds: vec![Guild {
            feeds: vec![Feed::new("hexose", "hexose -> 3 acetate")],
            ..Guild::new("X")
        }],
        ..Microbiota::default()
    })
    .expect("a guild");
    let mass = |formula: &str| {
        Compound::parse(formula)
            .expect("a formula")
            .grams_per_millimole()
    };
    let (hexose, acid) = (mass("C6H12O6"), mass("C2H4O2"));
    let half = 0.001;
    let values = [
        ("inflow_hexose", 65.0),
        ("gmax", 20.0),
        ("k_", half / hexose),
        ("yield", 0.3),
        ("a_acetate", 9.6),
    ];
    set(&mut ours, &values);
    for (id, value) in [("hexose", 1.0 / hexose), ("acetate", 0.0), ("X", 1.0)] {
        ours.species_mut(id).expect("a species").initial = Some(value.into());
    }
    let model = holobiont::models::get("chemostat")
        .expect("a model of this name")
        .expect("a sound model");
    let mut chemostat = model.network.clone();
    // all products are acetate; a litre of reactor
    chemostat.parameter_mut("f_s").expect("a parameter").value = Some(1.0);
    chemostat.parameter_mut("K").expect("a parameter").value = Some(half);
    let (ours, chemostat) = (system(&ours), system(&chemostat));
    let times = [0.0, 0.02, 0.1, 0.5, 2.0, 10.0];
    let (a, b) = (run(&ours, &times), run(&chemostat, &times));
    for k in 0..times.len() {
        let get = |solution: &Solution, system: &System, id: &str| {
            solution.states(k)[system.state_index(id).expect("a state")]
        };
        for (id, other, factor) in [
            ("hexose", "S", hexose),
            ("X", "X", 1.0),
            ("acetate", "Z", acid),
        ] {
            let (x, y) = (factor * get(&a, &ours, id), get(&b, &chemostat, other));
            // two solutions at relative tolerance 1e-10
            assert_relative_eq!(x, y, epsilon = 1e-9, max_relative = 1e-8);
        }
    }
}

#[test]
fn substitutable_substrates_share_one_uptake() {
    let pools = ["a", "b", "c"].map(|id| Pool::new(id, "C6H12O6"));
    let products = Pool::new("acetate", "C2H4O2");
    let metabolites = Metabolites {
        pools: pools.into_iter().chain([products]).collect(),
        ..Metabolites::default()
    };
    let microbiota = Microbiota {
        pathways: [("p".to_string(), "substrate -> 3 acetate".to_string())].into(),
        guilds: vec![Guild {
            feeds: ["a", "b", "c"].map(|id| Feed::new(id, "p")).to_vec(),
            ..Guild::new("X")
        }],
        ..Microbiota::default()
    };
    let mut network = network(&[&metabolites, &microbiota]);
    let values = [
        ("gmax", 12.0),
        ("k_X_a", 1.0),
        ("k_X_b", 2.0),
        ("k_X_c", 4.0),
        ("yield", 0.3),
    ];
    set(&mut network, &values);
    start(&mut network, 1.0);
    let equations = equations(&network);
    let change = derivatives(&equations, &|id| match id {
        "a" => Some(3.0),
        "b" => Some(4.0),
        "c" | "acetate" => Some(0.0),
        "X" => Some(1.0),
        _ => None,
    });
    // R/K = 3, 2, 0: five of six parts of the maximal rate
    assert_relative_eq!(
        derivative(&change, "X"),
        12.0 * 5.0 / 6.0,
        max_relative = 1e-14
    );
    let mass = Compound::parse("C6H12O6")
        .expect("a formula")
        .grams_per_millimole();
    assert_relative_eq!(
        derivative(&change, "a"),
        -12.0 * 3.0 / 6.0 / (0.3 * mass),
        max_relative = 1e-14
    );
    assert_eq!(derivative(&change, "c"), 0.0);
}

#[test]
fn biomass_in_another_unit_is_converted_by_its_dry_mass() {
    let grow = |unit: Option<&str>, start_value: f64| {
        let metabolites = Metabolites {
            pools: vec![
                Pool::new("hexose", "C6H12O6"),
                Pool::new("acetate", "C2H4O2"),
            ],
            ..Metabolites::default()
        };
        let microbiota = Microbiota {
            unit: unit.map(str::to_string),
            guilds: vec![Guild {
                feeds: vec![Feed::new("hexose", "hexose -> 3 acetate")],
                ..Guild::new("X")
            }],
            ..Microbiota::default()
        };
        let mut network = network(&[&metabolites, &microbiota]);
        set(
            &mut network,
            &[
                ("gmax", 5.0),
                ("k_", 1.0),
                ("yield", 0.3),
                ("dry_mass", 1e-3),
            ],
        );
        start(&mut network, 10.0);
        network.species_mut("X").expect("a guild").initial = Some(start_value.into());
        let system = system(&network);
        run(&system, &[0.0, 0.5]).states(1)[system.state_index("X").expect("a state")]
    };
    let (grams, cells) = (grow(None, 0.05), grow(Some("1e9 cells/ml"), 50.0));
    assert!(grams > 0.1);
    assert_relative_eq!(1000.0 * grams, cells, max_relative = 1e-8);
}

#[test]
fn a_batch_without_washout_keeps_its_dead_cells() {
    let metabolites = Metabolites {
        pools: vec![
            Pool::new("trehalose", "C12H22O11"),
            Pool::new("hexose", "C6H12O6"),
            Pool::new("acetate", "C2H4O2"),
            Pool {
                stock: Stock::Unfollowed,
                ..Pool::new("H2O", "H2O")
            },
        ],
        ..Metabolites::default()
    };
    let microbiota = Microbiota {
        guilds: vec![Guild {
            death: true,
            dead: Dead::Kept,
            feeds: vec![
                Feed::new("hexose", "hexose -> 3 acetate"),
                Feed::new("trehalose", "trehalose + H2O -> 6 acetate"),
            ],
            ..Guild::new("X")
        }],
        ..Microbiota::default()
    };
    let mut network = network(&[&metabolites, &microbiota]);
    set(
        &mut network,
        &[("gmax", 8.0), ("k_", 0.5), ("yield", 0.3), ("death", 0.5)],
    );
    start(&mut network, 10.0);
    network.species_mut("X").expect("a guild").initial = Some(0.01.into());
    network.species_mut("dead_X").expect("dead cells").initial = Some(0.0.into());
    // a reaction of the model's own beside the mechanisms
    network.parameter("leaking", Parameter::new(0.1).unit("1/d"));
    network
        .reaction(
            "leak",
            Reaction::rate("leaking * acetate").consumes("acetate", 1.0),
        )
        .expect("a reaction");
    let system = system(&network);
    let solution = run(&system, &[0.0, 20.0]);
    let of = |id: &str| solution.states(1)[system.state_index(id).expect("a state")];
    // all sugar is eaten; live and dead make up the yield of both sugars, and water stands still
    let grams = |formula: &str| {
        10.0 * Compound::parse(formula)
            .expect("a formula")
            .grams_per_millimole()
    };
    let eaten = grams("C6H12O6") + grams("C12H22O11");
    assert!(of("hexose") < 1e-9 && of("trehalose") < 1e-9);
    assert_relative_eq!(
        of("X") + of("dead_X"),
        0.01 + 0.3 * eaten,
        max_relative = 1e-8
    );
    assert!(of("dead_X") > of("X"));
    assert!(system.state_index("H2O").is_none());
}
