//! The model gut_scfa: an independent solution, the criteria of its source, balanced reactions, little work.
use approx::assert_relative_eq;
use holobiont::chemistry::Compound;
use holobiont::compile::System;
use holobiont::exchange::model::Model;
use holobiont::network::Formula;
use holobiont::solve::{Method, Problem, Solution, Tolerances, solve};

fn model() -> (Model, System) {
    let model = holobiont::models::get("gut_scfa")
        .expect("a model of this name")
        .expect("a sound model");
    let equations = model.network.check().expect("a sound network").equations();
    let system = System::compile(&equations).expect("a system");
    (model, system)
}
fn run(model: &Model, system: &System, scenario: &str, tolerances: Tolerances) -> Solution {
    let scenario = model.scenario(scenario).expect("a scenario");
    let (schedule, parameters) = scenario.schedule(system).expect("a schedule");
    let problem = Problem {
        system,
        parameters: &parameters,
        schedule: &schedule,
        times: &[0.0, 60.0],
        sensitivity: None,
    };
    solve(&problem, &Method::default(), &tolerances)
        .finished()
        .expect("a finished solution")
}
fn observables_at_the_end(
    model: &Model,
    system: &System,
    scenario: &str,
) -> impl Fn(&str) -> f64 + use<> {
    let solution = run(model, system, scenario, TIGHT);
    let values = solution.observables(system)[1].clone();
    let ids = system.observable_ids().to_vec();
    move |id: &str| {
        values[ids
            .iter()
            .position(|known| known == id)
            .expect("an observable")]
    }
}
const TIGHT: Tolerances = Tolerances {
    relative: 1e-10,
    absolute: 1e-13,
};

#[test]
fn every_scenario_ends_where_an_independent_program_ends() {
    let (model, system) = model();
    let table = include_str!("../models/gut_scfa/expected/trajectories.tsv");
    let mut rows = table
        .lines()
        .map(|line| line.split('\t').collect::<Vec<_>>());
    let header = rows.next().expect("a header");
    let rows: Vec<_> = rows.collect();
    assert_eq!(rows.len(), model.scenarios.len());
    for row in rows {
        let solution = run(&model, &system, row[0], TIGHT);
        for (id, cell) in header.iter().zip(&row).skip(2) {
            let value = solution.states(1)[system.state_index(id).expect("a state")];
            let expected: f64 = cell.parse().expect("a number");
            // ten digits in the table, both solutions at tolerances near 1e-10
            assert_relative_eq!(value, expected, epsilon = 1e-11, max_relative = 1e-6);
        }
    }
}

#[test]
fn the_human_setting_meets_the_criteria_that_one_compartment_can_meet() {
    let (model, system) = model();
    let end = |scenario: &str| observables_at_the_end(&model, &system, scenario);
    let diet = end("diet");
    // doi:10.1101/2022.07.04.498646
    assert!((80.0..=123.0).contains(&diet("tscfa")));
    for (share, published) in [
        ("share_acetate", 0.6),
        ("share_propionate", 0.2),
        ("share_butyrate", 0.2),
    ] {
        assert_relative_eq!(diet(share), published, epsilon = 0.05);
    }
    assert!((5.7..=6.6).contains(&diet("pH")));
    assert!((14.0..=28.0).contains(&diet("microbial_output")));
    // one compartment: a/(a + 1/T_t), with 9.6/d and 1.25 d
    assert_relative_eq!(
        diet("absorbed_share"),
        9.6 / (9.6 + 0.8),
        max_relative = 1e-9
    );
    assert!(end("transit_2")("absorbed_share") > 0.95);
    let falling = ["transit_0_75", "diet", "transit_2", "transit_3"].map(|s| end(s)("tscfa"));
    assert!(
        falling.windows(2).all(|pair| pair[1] < pair[0]),
        "{falling:?}"
    );
}

#[test]
fn the_mouse_setting_gives_acids_and_load_of_the_measured_order() {
    let (model, system) = model();
    let end = |scenario: &str| observables_at_the_end(&model, &system, scenario);
    let [chow, cellulose, starch, inulin] = [
        "mouse_chow",
        "mouse_cellulose",
        "mouse_starch",
        "mouse_inulin",
    ]
    .map(end);
    // conventional mice on chow: 125 mmol/kg in the caecum, doi:10.1093/jn/116.9.1772; within a factor of two
    assert!((62.0..=250.0).contains(&chow("tscfa")));
    assert!(chow("share_acetate") > 0.5);
    // 1e11 cells/ml, doi:10.1371/journal.pbio.1002533, with a few copies each
    assert!((1e14..=1e15).contains(&chow("copies")));
    // cellulose alone feeds least, starch and inulin make butyrate
    assert!(cellulose("copies") < chow("copies"));
    for fed in [&starch, &inulin] {
        assert!(fed("copies") > cellulose("copies"));
        assert!(fed("share_butyrate") > cellulose("share_butyrate"));
    }
    assert!(starch("share_Rbro") > 0.1 && inulin("share_Bifi") > 0.05);
}

#[test]
fn every_growth_reaction_balances_carbon_hydrogen_and_oxygen() {
    let (model, _) = model();
    let network = &model.network;
    let parameter = |id: &str| {
        let mut all = network.all_parameters().iter();
        all.find(|(known, _)| known == id)
            .and_then(|(_, p)| p.value)
    };
    let mut graph = network.graph().clone();
    let mut number = |formula: &Formula| match formula {
        Formula::Number(value) => *value,
        Formula::Text(text) => {
            let e = graph.parse(text).expect("a formula");
            graph
                .evaluate(e, &parameter, 0.0)
                .expect("parameters alone")
        }
        _ => panic!("mechanisms write formulas as text"),
    };
    let biomass = Compound::parse("CH2O").expect("a formula");
    let mut seen = 0;
    for (id, reaction) in network.all_reactions() {
        if !id.starts_with("growth_") {
            continue;
        }
        seen += 1;
        for element in ["C", "H", "O"] {
            let (mut sum, mut size) = (0.0, 1.0);
            let sides = [(&reaction.reactants, -1.0), (&reaction.products, 1.0)];
            for (side, sign) in sides {
                for (species, formula) in side {
                    let mut all = network.all_species().iter();
                    let (_, found) = all.find(|(known, _)| known == species).expect("a species");
                    // one mole of a pool, one gram of a guild
                    let atoms = match &found.chemical_formula {
                        Some(formula) => {
                            let compound = Compound::parse(formula).expect("a formula");
                            compound.count(element).value()
                        }
                        None => biomass.count(element).value() / biomass.grams_per_millimole(),
                    };
                    let atoms = atoms * number(formula);
                    sum += sign * atoms;
                    size = f64::max(size, atoms);
                }
            }
            // rounding of at most ten terms
            assert!(f64::abs(sum) <= 1e-12 * size, "{element} of {id}: {sum}");
        }
    }
    assert_eq!(seen, 34);
}

#[test]
fn every_parameter_of_the_table_has_unit_bounds_and_evidence_and_a_source_unless_assumed() {
    let (model, _) = model();
    for row in &model.parameters {
        assert!(
            row.unit.is_some() && row.evidence.is_some() && row.name.is_some(),
            "{}",
            row.id
        );
        let inside = row.lower <= Some(row.value) && Some(row.value) <= row.upper;
        assert!(
            inside && row.lower.is_some() && row.upper.is_some(),
            "{}",
            row.id
        );
        let assumed = row.evidence == Some(holobiont::network::Evidence::Assumed);
        assert!(assumed || row.source.is_some(), "{}", row.id);
    }
}

#[test]
fn the_stiff_model_takes_few_steps() {
    let (model, system) = model();
    let tolerances = Tolerances {
        relative: 1e-6,
        absolute: 1e-9,
    };
    let solution = run(&model, &system, "diet", tolerances);
    // 60 days with time constants from seconds to weeks: about ten steps a day
    assert!(solution.statistics.steps < 700, "{:?}", solution.statistics);
}
