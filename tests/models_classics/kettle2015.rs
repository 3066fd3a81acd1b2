//! The model kettle2015: an independent solution, balanced pathways, conserved carbon, published bands, feedback of the pH.
use super::support::{Classic, classic};
use approx::assert_relative_eq;
use holobiont::chemistry::Compound;
use holobiont::network::Formula;

#[test]
fn numbers_and_readme_are_complete() {
    classic("kettle2015").assert_documented();
}

#[test]
fn the_scenarios_follow_an_independent_program() {
    let table = include_str!("../../models/kettle2015/expected/trajectories.tsv");
    // ten digits in the table; traces below 1e-9 mmol/l or g/l are left out of the comparison
    classic("kettle2015").assert_follows(table, 1e-9, 1e-6);
}

fn compound(classic: &Classic, species: &str) -> Compound {
    let mut all = classic.model.network.all_species().iter();
    let (_, found) = all
        .find(|(known, _)| known == species)
        .expect("a species of the model");
    // a group has the composition of biomass, in g
    let formula = found.chemical_formula.as_deref().unwrap_or("CH2O");
    Compound::parse(formula).expect("a formula")
}
fn is_group(species: &str) -> bool {
    [
        "B", "NBSD", "NBFD", "LP", "BP1", "BP2", "BP3", "PP", "A", "M",
    ]
    .contains(&species)
}
/// Atoms of an element in one mole of a pool, or in what one gram of a group is of it.
fn atoms(classic: &Classic, species: &str, element: &str) -> f64 {
    let compound = compound(classic, species);
    let count = compound.count(element).value();
    match is_group(species) {
        true => count / compound.grams_per_millimole(),
        false => count,
    }
}

#[test]
fn every_growth_reaction_balances_carbon_hydrogen_oxygen_and_nitrogen() {
    let classic = classic("kettle2015");
    let parameter = |id: &str| classic.parameter(id, &[]);
    let mut graph = classic.model.network.graph().clone();
    let mut seen = 0;
    for (id, reaction) in classic.model.network.all_reactions() {
        if !id.starts_with("growth_") {
            continue;
        }
        seen += 1;
        for element in ["C", "H", "O", "N"] {
            let (mut sum, mut size) = (0.0, 1.0);
            for (side, sign) in [(&reaction.reactants, -1.0), (&reaction.products, 1.0)] {
                for (species, formula) in side {
                    let number = match formula {
                        Formula::Number(value) => *value,
                        Formula::Text(text) => {
                            let e = graph.parse(text).expect("a formula");
                            graph
                                .evaluate(e, &parameter, 0.0)
                                .expect("parameters alone")
                        }
                        _ => panic!("mechanisms write formulas as text"),
                    };
                    let atoms = atoms(&classic, species, element) * number;
                    sum += sign * atoms;
                    size = f64::max(size, atoms);
                }
            }
            // rounding of at most ten terms
            assert!(f64::abs(sum) <= 1e-12 * size, "{element} of {id}: {sum}");
        }
    }
    // 33 pathways of the publication, six of them also without acetate
    assert_eq!(seen, 39);
}

fn carbon(classic: &Classic, states: &[f64]) -> f64 {
    let ids = classic.system.state_ids().iter();
    ids.zip(states)
        .map(|(id, amount)| atoms(classic, id, "C") * amount)
        .sum()
}

#[test]
fn carbon_is_conserved_in_a_batch() {
    let classic = classic("kettle2015");
    let closed = [
        ("dilution", 0.0),
        ("inflow_protein", 0.0),
        ("inflow_NSP", 0.0),
        ("inflow_RS", 0.0),
        ("inflow_CO2", 0.0),
    ];
    for scenario in ["ph_shift", "ph_feedback"] {
        let times = [0.0, 0.1, 1.0, 10.0, 20.0];
        let solution = classic.run(scenario, &closed, &times, 1e-12);
        let start = carbon(&classic, solution.states(0));
        assert!(start > 500.0);
        // the method keeps linear invariants to rounding
        for k in 1..times.len() {
            let now = carbon(&classic, solution.states(k));
            assert_relative_eq!(now, start, max_relative = 1e-9);
        }
        // and something happened
        let fed = classic.system.state_index("RS").expect("a state");
        assert!(solution.states(4)[fed] < 0.01 * solution.states(0)[fed]);
    }
}

#[test]
fn carbon_that_flows_in_leaves_by_dilution_and_absorption() {
    let classic = classic("kettle2015");
    // supply in mmol carbon/l/d at once, then what any state loses
    let scenario = classic.model.scenario("colon").expect("a scenario");
    let set: Vec<(&str, f64)> = scenario
        .set
        .iter()
        .map(|(id, v)| (id.as_str(), *v))
        .collect();
    let value = |id: &str| classic.parameter(id, &set).expect("a parameter");
    let supplied: f64 = [("protein", 4.0), ("NSP", 6.0), ("RS", 6.0), ("CO2", 1.0)]
        .iter()
        .map(|(id, carbons)| {
            let mass = compound(&classic, id).grams_per_millimole();
            carbons * value(&format!("inflow_{id}")) / mass
        })
        .sum();
    let solution = classic.run("colon", &[], &[0.0, 1.0, 5.0, 2000.0], 1e-12);
    for k in 0..4 {
        let states = solution.states(k);
        let mut lost = value("dilution") * carbon(&classic, states);
        for (id, amount) in classic.system.state_ids().iter().zip(states) {
            let absorption = classic.parameter(&format!("a_{id}"), &set).unwrap_or(0.0);
            lost += absorption * amount * atoms(&classic, id, "C");
        }
        // the flows of one time, and over a day at rest
        if k == 3 {
            assert_relative_eq!(lost, supplied, max_relative = 1e-6);
        }
        let rates = classic.derivatives(states, &set);
        assert_relative_eq!(
            carbon(&classic, &rates),
            supplied - lost,
            epsilon = 1e-9 * supplied
        );
    }
}

/// Observables and states of a scenario at a time, by id.
fn end(
    classic: &Classic,
    scenario: &str,
    replaced: &[(&str, f64)],
) -> impl Fn(&str) -> f64 + use<> {
    let solution = classic.run(scenario, replaced, &[0.0, 60.0], 1e-12);
    let values = solution.observables(&classic.system)[1].clone();
    let mut ids = classic.system.observable_ids().to_vec();
    ids.extend_from_slice(classic.system.state_ids());
    let values = [&values[..], solution.states(1)].concat();
    move |id| {
        let at = ids.iter().position(|known| known == id);
        values[at.expect("an observable or state")]
    }
}

#[test]
fn the_colon_meets_the_published_criteria_that_one_compartment_can_meet() {
    let classic = classic("kettle2015");
    let (colon, slow) = (end(&classic, "colon", &[]), end(&classic, "colon_3", &[]));
    // 80 to 123 mmol/l along the colon, doi:10.1101/2022.07.04.498646; one compartment ends 1 % above
    assert!((80.0..=123.0 * 1.02).contains(&colon("tscfa")));
    for (share, published) in [
        ("share_acetate", 0.6),
        ("share_propionate", 0.2),
        ("share_butyrate", 0.2),
    ] {
        assert_relative_eq!(colon(share), published, epsilon = 0.05);
    }
    assert!((5.7..=6.6).contains(&colon("culture_pH")));
    // g/l in 1100 g/d of water of which 3/d is absorbed
    let output = colon("biomass") * 1.1 / (3.0 + 0.8) * 0.8;
    assert!((14.0..=28.0).contains(&output), "{output} g/d");
    assert_relative_eq!(colon("absorbed_share"), 9.6 / 10.4, max_relative = 1e-9);
    assert!(slow("absorbed_share") > 0.95);
    assert!(slow("tscfa") < colon("tscfa"));
}

#[test]
fn a_rise_of_the_ph_brings_bacteroides_and_propionate_for_butyrate() {
    let classic = classic("kettle2015");
    let solution = classic.run("ph_shift", &[], &[0.0, 10.0, 20.0], 1e-12);
    let at =
        |k: usize, id: &str| solution.states(k)[classic.system.state_index(id).expect("a state")];
    // below its first corner Bacteroides does not grow: exp(-10) of it is left, and protein stays
    assert_relative_eq!(at(1, "B"), 0.036 * (-10.0_f64).exp(), max_relative = 1e-6);
    assert_relative_eq!(at(1, "protein"), at(0, "protein"), max_relative = 1e-4);
    assert!(at(1, "butyrate") > 15.0 && at(2, "butyrate") < 0.1);
    assert!(at(2, "propionate") > at(1, "propionate"));
    assert!(at(2, "B") > 3.0 && at(2, "protein") < 1e-3);
}

#[test]
fn acids_set_the_ph_and_the_ph_sets_who_makes_them() {
    let classic = classic("kettle2015");
    let feed = |times: f64| {
        [
            ("inflow_protein", 34.5455 * times),
            ("inflow_NSP", 38.0 * times),
            ("inflow_RS", 134.727 * times),
        ]
    };
    let held = [("ph_slope", 0.0), ("ph_intercept", 5.865)];
    let run = |supply: f64, free: bool| {
        let mut replaced = feed(supply).to_vec();
        replaced.extend(held.iter().filter(|_| !free));
        end(&classic, "colon", &replaced)
    };
    let [half, base, double] = [0.5, 1.0, 2.0].map(|supply| run(supply, true));
    let line = 8.02 - 0.0174 * base("tscfa");
    assert_relative_eq!(base("culture_pH"), line, max_relative = 1e-9);
    // food makes acid, acid keeps Bacteroides down
    assert!(half("culture_pH") > base("culture_pH") && base("culture_pH") > double("culture_pH"));
    assert!(half("share_B") > 0.95 && (0.5..0.9).contains(&base("share_B")));
    assert!(double("share_B") < 1e-6);
    // at a held pH food changes how many live there, hardly who
    let [one, two] = [1.0, 2.0].map(|supply| run(supply, false));
    assert_relative_eq!(one("share_B"), two("share_B"), epsilon = 0.02);
    assert_relative_eq!(two("tscfa"), 2.0 * one("tscfa"), max_relative = 0.02);
}

#[test]
fn a_fermenter_whose_acids_set_the_ph_ends_as_one_at_that_ph() {
    let classic = classic("kettle2015");
    let free = end(&classic, "ph_feedback", &[]);
    assert!((6.4..6.6).contains(&free("culture_pH")));
    let held = end(&classic, "ph_6_5", &[]);
    for id in ["acetate", "propionate", "B", "A"] {
        assert_relative_eq!(free(id), held(id), max_relative = 1e-3);
    }
}
