//! The model chemostat against its closed form.
use approx::assert_relative_eq;
use holobiont::library::ChemostatParameters;
use holobiont::network::Equations;

fn equations() -> Equations {
    let model = holobiont::models::get("chemostat")
        .expect("a model of this name")
        .expect("a sound model");
    model.network.check().expect("a sound network").equations()
}
fn parameter(equations: &Equations, id: &str) -> f64 {
    equations
        .parameters
        .iter()
        .find(|p| p.id == id)
        .expect("a parameter of the model")
        .value
}
/// S, X, Z, W of the closed form.
fn closed_form(equations: &Equations, transit_time: f64) -> [f64; 4] {
    let value = |id| parameter(equations, id);
    let state = ChemostatParameters {
        substrate_inflow: value("S_in"),
        water_inflow: value("W_in"),
        transit_time,
        maximal_growth: value("mu_max"),
        half_saturation: value("K"),
        growth_yield: value("Y"),
        acid_share: value("f_s"),
        acid_absorption: value("a_Z"),
        water_absorption: value("a_W"),
    }
    .steady_state();
    [state.substrate, state.microbes, state.acids, state.water]
}

#[test]
fn the_right_hand_side_vanishes_at_the_closed_form_and_gives_the_expected_concentrations() {
    let equations = equations();
    let table = include_str!("../models/chemostat/expected/steady_state.tsv");
    assert_eq!(table.lines().count(), 4);
    for row in table.lines().skip(1) {
        let expected: Vec<f64> = row
            .split('\t')
            .skip(1)
            .map(|cell| cell.parse().expect("a number"))
            .collect();
        let (transit_time, expected) = (expected[0], &expected[1..]);
        let state = closed_form(&equations, transit_time);
        for (value, expected) in state.iter().zip(expected) {
            assert_relative_eq!(*value, *expected, max_relative = 1e-9); // ten digits in the table
        }
        let values = |id: &str| {
            let at = ["S", "X", "Z", "W"].iter().position(|s| *s == id);
            let known = || {
                equations
                    .parameters
                    .iter()
                    .find(|p| p.id == id)
                    .map(|p| p.value)
            };
            at.map(|i| state[i])
                .or((id == "T_t").then_some(transit_time))
                .or_else(known)
        };
        for equation in &equations.states {
            let derivative = equations
                .graph
                .evaluate(equation.right_hand_side, &values, 0.0)
                .expect("all symbols have values");
            // terms of order 1000 cancel; S enters as a small difference
            assert!(
                derivative.abs() < 1e-9,
                "d{}/dt = {derivative}",
                equation.id
            );
        }
        let tscfa = equations
            .graph
            .evaluate(equations.observables[0].expression, &values, 0.0)
            .expect("all symbols have values");
        assert_relative_eq!(tscfa, expected[4], max_relative = 1e-9);
    }
}

#[test]
fn microbes_are_washed_out_when_transit_is_faster_than_growth() {
    let equations = equations();
    let state = closed_form(&equations, 1.0 / (2.0 * parameter(&equations, "mu_max")));
    assert_eq!((state[1], state[2]), (0.0, 0.0));
}

#[test]
fn the_output_of_microbes_is_the_yield_of_the_inflow() {
    let equations = equations();
    let [substrate, microbes, ..] = closed_form(&equations, 1.0);
    let (inflow, y) = (parameter(&equations, "S_in"), parameter(&equations, "Y"));
    assert_relative_eq!(microbes, y * (inflow - substrate), max_relative = 1e-12);
}
