//! The modules of the host, each alone: elasticities mean what they say, and options that make no sense are refused.
mod ileum;

use holobiont::compile::System;
use holobiont::library::{
    Autoimmunity, Barrier, Brain, Energy, Guild, Inflammation, Influences, LibraryMechanism,
    Metabolites, Microbiota, Mucosa, Oxygen, PlasmaAcids, Pool, Redox, Source, Vagus,
};
use holobiont::network::{Formula, Mechanism, Network, Parameter};
use holobiont::schedule::Schedule;
use holobiont::solve::{Method, Problem, Tolerances, solve};

fn influences(list: &[(&str, &[Source])]) -> Influences {
    list.iter()
        .map(|(rate, sources)| (rate.to_string(), sources.to_vec()))
        .collect()
}

/// Values for all parameters and initial values: 1 where nothing is given.
fn settled(network: &mut Network, given: &[(&str, f64)]) -> System {
    let ids: Vec<String> = network
        .all_parameters()
        .iter()
        .map(|(id, _)| id.clone())
        .collect();
    for id in ids {
        let value = given
            .iter()
            .find(|(known, _)| *known == id)
            .map(|(_, value)| *value);
        let parameter = network.parameter_mut(&id).expect("a parameter");
        parameter.value = parameter.value.or(Some(1.0));
        if let Some(value) = value {
            parameter.value = Some(value);
        }
    }
    let species: Vec<String> = network
        .all_species()
        .iter()
        .map(|(id, _)| id.clone())
        .collect();
    for id in species {
        network
            .initial_value(&id, Formula::Number(1.0))
            .expect("a species");
    }
    let equations = network
        .check()
        .unwrap_or_else(|e| panic!("{e:?}"))
        .equations();
    System::compile(&equations).expect("a system")
}

fn at_rest(system: &System, id: &str, replaced: &[(&str, f64)]) -> f64 {
    let mut parameters = system.parameters().to_vec();
    for (id, value) in replaced {
        parameters[system.parameter_index(id).expect("a parameter")] = *value;
    }
    let schedule = Schedule::default();
    let problem = Problem {
        system,
        parameters: &parameters,
        schedule: &schedule,
        times: &[1e3],
        sensitivity: None,
    };
    let tolerances = Tolerances {
        relative: 1e-10,
        absolute: 1e-12,
    };
    let solution = solve(&problem, &Method::default(), &tolerances)
        .finished()
        .expect("finished");
    solution.series(system.state_index(id).expect("a state"))[0]
}

#[test]
fn an_elasticity_is_the_slope_on_the_logarithms_and_saturates() {
    let mut network = Network::new("tnf");
    network.time_unit = Some("d".to_string());
    network.parameter("dose", Parameter::new(0.0).unit("1"));
    network.parameter("signal", Parameter::new(1.0).unit("1"));
    let sources = [
        Source::from("signal"),
        Source::Dose {
            dose: "dose".to_string(),
        },
    ];
    network
        .add(&Inflammation {
            influences: influences(&[("TNF", &sources)]),
            ..Inflammation::default()
        })
        .expect("a sound mechanism");
    for elasticity in [0.4, -0.7] {
        let given = [
            ("e_TNF_signal", elasticity),
            ("e_TNF_dose", 0.3),
            ("signal", 1.0),
            ("dose", 0.0),
        ];
        let system = settled(&mut network, &given);
        let tnf =
            |signal, dose| at_rest(&system, "TNF", &[("signal", signal), ("dose", dose)]).ln();
        assert!(tnf(1.0, 0.0).abs() < 1e-9);
        let slope = (tnf(1.001, 0.0) - tnf(0.999, 0.0)) / (1.001_f64 / 0.999).ln();
        // the next term of the slope is of the order of 1e-6
        assert!((slope - elasticity).abs() < 1e-5, "{slope}");
        assert!((tnf(1e9, 0.0) - 2.0 * elasticity).abs() < 1e-6);
        assert!((tnf(0.0, 0.0) + 2.0 * elasticity).abs() < 1e-6);
        assert!((tnf(1.0, 2.0) - 0.6).abs() < 1e-9);
    }
}

#[test]
fn endotoxin_follows_permeability_and_its_makers() {
    let mut network = Network::new("leak");
    network.parameter("makers", Parameter::new(3.0).unit("g/l"));
    network.parameter("width", Parameter::new(2.0).unit("1"));
    let mechanism = Inflammation {
        permeability: "width".to_string(),
        load: Some("makers".to_string()),
        load_unit: Some("g/l".to_string()),
        ..Inflammation::default()
    };
    network.add(&mechanism).expect("a sound mechanism");
    let system = settled(
        &mut network,
        &[("makers", 3.0), ("width", 2.0), ("ref_endotoxin", 1.5)],
    );
    assert!((at_rest(&system, "LPS", &[]) - 4.0).abs() < 1e-8);
}

#[test]
fn states_at_once_rest_where_the_others_come_to_rest() {
    let sources = influences(&[
        ("TNF", &[Source::from("LPS")]),
        ("IL6", &[Source::from("TNF")]),
        ("CRP", &[Source::from("IL6")]),
    ]);
    let body = |at_once: &[&str]| {
        let mut network = Network::new("leak");
        network.parameter("width", Parameter::new(2.0).unit("1"));
        let mechanism = Inflammation {
            permeability: "width".to_string(),
            at_once: at_once.iter().map(|id| id.to_string()).collect(),
            influences: sources.clone(),
            ..Inflammation::default()
        };
        network.add(&mechanism).expect("a sound mechanism");
        let brain = Brain {
            attackers: "CRP".to_string(),
            at_once: at_once.iter().take(1).map(|_| "NfL".to_string()).collect(),
            ..Brain::default()
        };
        network.add(&brain).expect("a sound mechanism");
        let states = network.all_species().len();
        let system = settled(&mut network, &[("width", 2.0)]);
        let tnf = at_rest(&system, "TNF", &[]);
        (states, system.state_index("CRP").is_some(), tnf)
    };
    let (all, few) = (body(&[]), body(&["IL6", "IL10", "CRP"]));
    assert_eq!((all.0, few.0), (9, 5));
    assert!(all.1 && !few.1);
    assert!((all.2 - few.2).abs() < 1e-9);
}

#[test]
fn t_cells_rest_at_one_and_grow_beyond_the_threshold() {
    let mut network = Network::new("cells");
    network.parameter("genes", Parameter::new(1.0).unit("1"));
    network
        .add(&Autoimmunity {
            susceptibility: "genes".to_string(),
            ..Autoimmunity::default()
        })
        .expect("a sound mechanism");
    let given = [
        ("genes", 1.0),
        ("reproduction", 0.4),
        ("induced_share", 0.1),
        ("crowding_effector", 1e3),
        ("crowding_regulatory", 30.0),
        ("regulation_half", 1.0),
        ("entry_base", 0.3),
        ("death_effector", 0.1),
        ("death_regulatory", 0.05),
    ];
    let system = settled(&mut network, &given);
    for id in [
        "effector",
        "regulatory",
        "effector_brain",
        "regulatory_brain",
        "leak",
        "microglia",
    ] {
        assert!((at_rest(&system, id, &[]) - 1.0).abs() < 1e-7, "{id}");
    }
    // 0.4 x 2 stays below 1, 0.4 x 5 above
    assert!(at_rest(&system, "effector", &[("genes", 2.0)]) < 5.0);
    assert!(at_rest(&system, "effector", &[("genes", 5.0)]) > 5.0);
}

#[test]
fn the_wall_resists_in_series() {
    let mut network = Network::new("wall");
    network
        .add(&Barrier {
            influences: influences(&[("junctions_loss", &[Source::from("mucus")])]),
            ..Barrier::default()
        })
        .expect("a sound mechanism");
    let system = settled(&mut network, &[("mucus_share", 0.25)]);
    assert!(
        (at_rest(&system, "junctions", &[("ref_mucus", 2.0)]) - (2.0_f64 / 3.0).exp()).abs() < 1e-8
    );
}

#[test]
fn every_module_stands_alone() {
    let modules: Vec<Box<dyn Mechanism>> = vec![
        Box::new(Barrier::default()),
        Box::new(Inflammation::default()),
        Box::new(Autoimmunity::default()),
        Box::new(Redox {
            brain: true,
            ..Redox::default()
        }),
        Box::new(Energy::default()),
        Box::new(Vagus::default()),
        Box::new(Brain::default()),
    ];
    for module in modules {
        let mut network = Network::new("alone");
        network.time_unit = Some("d".to_string());
        network.add(module.as_ref()).expect("a sound mechanism");
        let given = [
            ("reproduction", 0.5),
            ("demyelination", 1e-4),
            ("axon_loss_age", 1e-4),
            ("axon_loss_inflamed", 1e-4),
            ("axon_loss_bare", 1e-4),
        ];
        let system = settled(&mut network, &given);
        assert!(
            system
                .state_ids()
                .iter()
                .all(|id| at_rest(&system, id, &[]).is_finite())
        );
        assert!(!network.references().is_empty());
    }
}

#[test]
fn options_that_make_no_sense_are_refused() {
    let refused = |mechanism: &dyn Mechanism, words: &[&str]| {
        let mut network = Network::new("wrong");
        let error = network
            .add(mechanism)
            .map(|_| ())
            .expect_err("an option that makes no sense");
        let text = error.to_string();
        for word in words {
            assert!(text.contains(word), "{text}");
        }
    };
    let twice = [Source::from("LPS"), Source::from("LPS")];
    refused(
        &Inflammation {
            influences: influences(&[("TNFa", &[])]),
            ..Inflammation::default()
        },
        &["there is no rate `TNFa`", "`TNF`"],
    );
    refused(
        &Inflammation {
            influences: influences(&[("TNF", &twice)]),
            ..Inflammation::default()
        },
        &["`LPS` acts twice on `TNF`"],
    );
    refused(
        &Mucosa {
            guilds: vec!["A".to_string()],
            ..Mucosa::default()
        },
        &["no guild `A`", "microbiota"],
    );
    refused(&Mucosa::default(), &["at least one guild"]);
    refused(
        &Barrier {
            at_once: vec!["mucous".to_string()],
            ..Barrier::default()
        },
        &["at_once", "`mucous` is none of mucus, junctions"],
    );
    refused(&Oxygen::default(), &["inflammatory signal"]);
    refused(&PlasmaAcids::default(), &["at least one acid"]);
    let oral = PlasmaAcids {
        acids: vec!["acetate".to_string()],
        oral: vec!["butyrate".to_string()],
        ..PlasmaAcids::default()
    };
    refused(&oral, &["`butyrate` is none of the acids"]);
    // a source that nothing provides is found when the network is checked
    let mut network = Network::new("port");
    network
        .add(&Inflammation {
            influences: influences(&[("TNF", &[Source::from("endotoxin")])]),
            ..Inflammation::default()
        })
        .expect("added");
    let errors = network.check().expect_err("an id that is not there");
    assert!(
        errors
            .iter()
            .any(|e| e.to_string().contains("unknown id `endotoxin`")),
        "{errors:?}"
    );
    // two modules that own one state
    let mut network = Network::new("twice");
    network.add(&Redox::default()).expect("once");
    let errors = match network.add(&Redox::default()) {
        Err(error) => vec![error],
        Ok(network) => network.check().expect_err("a state of two owners"),
    };
    assert!(
        errors.iter().any(|e| e.to_string().contains("ROS")),
        "{errors:?}"
    );
}

#[test]
fn microbes_return_from_the_wall() {
    let mut network = Network::new("wall");
    network.time_unit = Some("d".to_string());
    network
        .add(&Metabolites {
            pools: vec![Pool::new("hexose", "C6H12O6")],
            ..Metabolites::default()
        })
        .and_then(|n| {
            n.add(&Microbiota {
                guilds: vec![Guild::new("A")],
                ..Microbiota::default()
            })
        })
        .and_then(|n| {
            n.add(&Mucosa {
                guilds: vec!["A".to_string()],
                ..Mucosa::default()
            })
        })
        .expect("sound mechanisms");
    let system = settled(
        &mut network,
        &[("settling_mucosa", 3.0), ("exchange_mucosa", 0.1)],
    );
    // two in all, a quarter of them in the lumen
    assert!((at_rest(&system, "A", &[]) - 0.5).abs() < 1e-8);
    assert!((at_rest(&system, "mucosa_A", &[]) - 1.5).abs() < 1e-8);
}

#[test]
fn files_name_the_modules() {
    for word in [
        "mucosa",
        "ileum",
        "oxygen",
        "plasma_acids",
        "barrier",
        "inflammation",
        "autoimmunity",
        "redox",
        "energy",
        "vagus",
        "brain",
    ] {
        assert!(LibraryMechanism::TYPES.contains(&word));
        let read: Result<LibraryMechanism, _> = toml::from_str(&format!("type = '{word}'"));
        assert!(read.is_ok(), "{word}: {read:?}");
    }
    let text = "type = 'inflammation'\ninfluences = { TNF = ['LPS', { dose = 'infection' }] }";
    let read: LibraryMechanism = toml::from_str(text).expect("a sound table");
    let LibraryMechanism::Inflammation(read) = read else {
        panic!("{read:?}")
    };
    assert_eq!(
        read.influences["TNF"][1],
        Source::Dose {
            dose: "infection".to_string()
        }
    );
}

#[test]
fn a_guild_may_respire_and_be_harmed() {
    let mut network = Network::new("both");
    let list = |ids: &[&str]| ids.iter().map(|id| id.to_string()).collect();
    let oxygen = Oxygen {
        signal: "1".to_string(),
        respire: list(&["A", "B"]),
        harmed: list(&["A"]),
    };
    network.add(&oxygen).expect("a sound mechanism");
    let assigned = network.all_rules().len();
    // nitrate and one factor a guild
    assert_eq!(assigned, 3);
    let errors = network.check().expect_err("no values yet");
    assert!(
        errors.iter().all(|e| !e.to_string().contains("twice")),
        "{errors:?}"
    );
}

#[test]
fn a_reference_of_nothing_is_refused() {
    let mut network = Network::new("nothing");
    let sources = [Source::from("LPS")];
    network
        .add(&Inflammation {
            influences: influences(&[("TNF", &sources)]),
            ..Inflammation::default()
        })
        .expect("a sound mechanism");
    for (id, value) in [("turnover_LPS", 1.0), ("ref_LPS", 0.0)] {
        network.parameter_mut(id).expect("a parameter").value = Some(value);
    }
    let errors = network.check().expect_err("a reference of 0");
    assert!(
        errors.iter().any(|e| e.to_string().contains("ref_LPS")),
        "{errors:?}"
    );
}
