//! The ileum: a chemostat with a closed form, cells that arrive in the colon, and a place in `gut_ms`.
use super::{at_rest, settled};
use holobiont::compile::System;
use holobiont::exchange::model::{Model, ModelText, read_text};
use holobiont::library::{Guild, Ileum, Microbiota};
use holobiont::network::{Compartment, Network, Parameter};
use holobiont::solve::{Method, Problem, Tolerances, solve};

fn guilds(ids: &[&str]) -> Vec<String> {
    ids.iter().map(|id| id.to_string()).collect()
}

/// One guild without crowding, harm and arrival.
const ALONE: &[(&str, f64)] = &[
    ("inflow_ileum_sugars", 30.0),
    ("washout_ileum", 8.0),
    ("absorption_ileum", 20.0),
    ("gmax_ileum_A", 12.0),
    ("k_ileum_A", 0.05),
    ("yield_ileum_A", 0.3),
    ("shedding_ileum_A", 0.5),
    ("crowding_ileum_A", 0.0),
    ("inoculation_ileum_A", 0.0),
    ("oxygen_ileum_A", 0.4),
    ("bile_ileum_A", 0.6),
];

#[test]
fn a_guild_alone_rests_as_in_a_chemostat() {
    let mut network = Network::new("ileum");
    network.parameter("o2", Parameter::new(1.0).unit("1"));
    network.parameter("bile_salts", Parameter::new(1.0).unit("1"));
    let ileum = Ileum {
        guilds: guilds(&["A"]),
        oxygen: "o2".to_string(),
        bile: "bile_salts".to_string(),
        ..Ileum::default()
    };
    network.add(&ileum).expect("a sound mechanism");
    let system = settled(&mut network, ALONE);
    let rest = |growth: f64| {
        let lost = 0.5 * 8.0;
        let sugars = 0.05 * lost / (growth - lost);
        (sugars, 0.3 * (30.0 - 28.0 * sugars) / lost)
    };
    let found = |given: &[(&str, f64)]| {
        let value = |id| at_rest(&system, id, given);
        (value("ileum_sugars"), value("ileum_A"))
    };
    let close = |a: (f64, f64), b: (f64, f64)| {
        assert!(
            (a.0 - b.0).abs() < 1e-7 && (a.1 - b.1).abs() < 1e-7,
            "{a:?} {b:?}"
        );
    };
    close(found(&[]), rest(12.0));
    // 2 / (1 + 0.4 x 2 + 0.6) and 2 / (1 + 0.4 + 0.6 x 2)
    close(found(&[("o2", 2.0)]), rest(12.0 * 2.0 / 2.4));
    close(found(&[("bile_salts", 2.0)]), rest(12.0 * 2.0 / 2.6));
    // what grows slower than it is shed lives on what arrives
    let starved = found(&[("gmax_ileum_A", 3.0), ("inoculation_ileum_A", 0.01)]);
    assert!(starved.1 < 0.02, "{starved:?}");
}

#[test]
fn every_cell_that_is_washed_out_arrives_in_the_colon() {
    let mut network = Network::new("gut");
    network.time_unit = Some("d".to_string());
    for (id, size) in [("ileum", 0.1), ("lumen", 0.4)] {
        let compartment = Compartment {
            size: Some(size),
            unit: Some("l".to_string()),
            ..Compartment::default()
        };
        network.compartment(id, compartment);
    }
    let colon = Microbiota {
        compartment: Some("lumen".to_string()),
        washout: Some("washout_colon".to_string()),
        guilds: vec![Guild::new("A")],
        ..Microbiota::default()
    };
    network.parameter("washout_colon", Parameter::new(0.8).unit("1/d"));
    network.add(&colon).expect("a colon");
    let ileum = Ileum {
        compartment: Some("ileum".to_string()),
        guilds: guilds(&["A"]),
        colon: true,
        loss: Some("0 * shedding_ileum_GUILD / shedding_ileum_GUILD * washout_ileum".to_string()),
        ..Ileum::default()
    };
    network.add(&ileum).expect("an ileum");
    let given: Vec<(&str, f64)> = (ALONE.iter().copied())
        .map(|(id, value)| {
            if id == "inflow_ileum_sugars" {
                (id, 3.0)
            } else {
                (id, value)
            }
        })
        .chain([("washout_colon", 0.8)])
        .collect();
    let system = settled(&mut network, &given);
    let (z, x) = (at_rest(&system, "ileum_A", &[]), at_rest(&system, "A", &[]));
    // grams a day out of the ileum and out of the colon
    assert!(
        (0.1 * 0.5 * 8.0 * z - 0.4 * 0.8 * x).abs() < 1e-6,
        "{z} {x}"
    );
    assert!(x > 1.0);
}

#[test]
fn options_of_the_ileum_that_make_no_sense_are_refused() {
    let refused = |ileum: Ileum, words: &str| {
        let error = Network::new("x")
            .add(&ileum)
            .map(drop)
            .expect_err("refused");
        assert!(error.to_string().contains(words), "{error}");
    };
    refused(Ileum::default(), "at least one guild");
    let twice = Ileum {
        guilds: guilds(&["A", "A"]),
        ..Ileum::default()
    };
    refused(twice, "`A` stands twice");
    let nowhere = Ileum {
        guilds: guilds(&["A"]),
        colon: true,
        ..Ileum::default()
    };
    refused(nowhere, "`A` must live there");
}

const IN_GUT_MS: &str = r#"
id = "gut_ms_ileum"
base = "gut_ms"

[compartments.ileum]
name = "fluid of the ileum"
unit = "l"
size = 0.1

[[mechanism]]
type = "ileum"
compartment = "ileum"
guilds = ["Lch", "Ent"]
colon = true
loss = "kill_GUILD * antibiotic"

[[change]]
module = "autoimmunity"
influences = { effector = ["ileum_Lch"] }
reason = "microbes of the ileum of twins made disease in mice (10.1073/pnas.2419689122)"

[initial]
ileum_sugars = 0.7
ileum_Lch = 0.02
ileum_Ent = 0.001
"#;

#[test]
fn it_stands_in_gut_ms_as_a_source_of_the_drive_of_effector_cells() {
    let mut table = "parameterId\tvalue\tunit\n".to_string();
    for row in [
        "inflow_ileum_sugars\t3\tg/d",
        "washout_ileum\t8\t1/d",
        "absorption_ileum\t30\t1/d",
        "e_effector_ileum_Lch\t0.3\t1",
        "ref_ileum_Lch\t0.02\tg/l",
    ] {
        table += &format!("{row}\n");
    }
    for (guild, growth, crowding) in [("Lch", 12, 400), ("Ent", 10, 4000)] {
        for (word, value, unit) in [
            ("gmax", growth.to_string(), "1/d"),
            ("k", "0.05".to_string(), "g/l"),
            ("yield", "0.3".to_string(), "g/g"),
            ("shedding", "0.3".to_string(), "1"),
            ("oxygen", "0.5".to_string(), "1"),
            ("bile", "0.5".to_string(), "1"),
            ("crowding", crowding.to_string(), "l/g/d"),
            ("inoculation", "0.00001".to_string(), "g/d"),
        ] {
            table += &format!("{word}_ileum_{guild}\t{value}\t{unit}\n");
        }
    }
    let read = |model: &str| -> Model {
        let text = ModelText {
            model,
            parameters: Some(&table),
            ..ModelText::default()
        };
        read_text(&text).unwrap_or_else(|errors| panic!("{errors:#?}"))
    };
    let model = read(IN_GUT_MS);
    let system =
        System::compile(&model.network.check().expect("sound").equations()).expect("tapes");
    let cells = |crowding: f64| {
        let scenario = model.scenario("twin_healthy").expect("a scenario");
        let (schedule, mut parameters) = scenario.schedule(&system).expect("a schedule");
        parameters[system.parameter_index("crowding_ileum_Lch").expect("there")] = crowding;
        let problem = Problem {
            system: &system,
            parameters: &parameters,
            schedule: &schedule,
            times: &[365.0],
            sensitivity: None,
        };
        let tolerances = Tolerances {
            relative: 1e-6,
            absolute: 1e-9,
        };
        let solution = solve(&problem, &Method::default(), &tolerances)
            .finished()
            .expect("solved");
        let value = |id| solution.states(0)[system.state_index(id).expect("a state")];
        (value("ileum_Lch"), value("effector_brain"))
    };
    let (few, many) = (cells(4000.0), cells(100.0));
    assert!(
        many.0 > 5.0 * few.0 && many.1 > 1.3 * few.1,
        "{few:?} {many:?}"
    );
}
