//! Derivatives by time in formulas, `rateOf(x)`, and reaction rates as outputs: the numbers are worked out by hand.
use holobiont::compile::{CompileError, Point};
use holobiont::expr::Graph;
use holobiont::network::{
    Compartment, Equations, Event, Input, InputKind, Network, NetworkError, Observable, Parameter,
    Reaction, Species,
};
use holobiont::schedule::Schedule;
use holobiont::solve::{Method, Problem, Tolerances, solve};

/// The value of an observable where all states are 2, parameters have their values, inputs are 7 with slope 3, and time is 5.
fn observed(network: &Network, id: &str) -> f64 {
    let equations = network.check().expect("a sound network").equations();
    let observable = equations
        .observables
        .iter()
        .find(|o| o.id == id)
        .expect("an observable");
    value(&equations, observable.expression)
}

fn value(equations: &Equations, e: holobiont::expr::Expr) -> f64 {
    let of = |name: &str| match name {
        _ if equations.states.iter().any(|s| s.id == name) => Some(2.0),
        _ if equations.inputs.iter().any(|u| u.id == name) => Some(7.0),
        _ if name.ends_with(".rate") => Some(3.0),
        _ => equations
            .parameters
            .iter()
            .find(|p| p.id == name)
            .map(|p| p.value),
    };
    equations
        .graph
        .evaluate(e, &of, 5.0)
        .expect("every symbol has a value")
}

fn vessel() -> Network {
    let mut network = Network::new("vessel");
    network
        .compartment(
            "V",
            Compartment {
                constant: false,
                ..Compartment::new(4.0)
            },
        )
        .parameter("k", Parameter::new(0.5))
        .parameter("f", Parameter::new(3.0))
        .parameter(
            "z",
            Parameter {
                constant: false,
                ..Parameter::new(1.0)
            },
        );
    network.rate_rule("V", "0.25 * V").unwrap();
    network.species("c", Species::new(1.0).within("V")).unwrap();
    network
        .species(
            "plain",
            Species {
                conversion_factor: Some("f".into()),
                ..Species::new(1.0)
            },
        )
        .unwrap();
    network
        .reaction(
            "decay",
            Reaction::rate("k * V * c")
                .consumes("c", 2.0)
                .produces("plain", 1.0),
        )
        .unwrap();
    network
        .event("reset", Event::when("time > 3").set("z", 1.0))
        .unwrap();
    network
}

#[test]
fn the_rate_of_a_concentration_counts_the_dilution() {
    let mut network = vessel();
    network
        .observable("o", Observable::new("rateOf(c)"))
        .unwrap();
    // states amount(c) = 2 and V = 2: c = 1; the amount falls by 2 k V c = 2, V grows by 0.5: (-2 - 1 * 0.5) / 2
    assert_eq!(observed(&network, "o"), -1.25);
}

#[test]
fn conversion_factors_and_stoichiometry_are_in_the_rate() {
    let mut network = vessel();
    network
        .observable("o", Observable::new("rateOf(plain) + 10 * rateOf(V)"))
        .unwrap();
    // f * k V c = 3, and 10 * 0.25 * 2
    assert_eq!(observed(&network, "o"), 3.0 + 5.0);
}

#[test]
fn what_is_constant_or_changed_by_events_alone_has_rate_zero() {
    let mut network = vessel();
    network
        .observable("o", Observable::new("1 + rateOf(k) + rateOf(z)"))
        .unwrap();
    assert_eq!(observed(&network, "o"), 1.0);
}

#[test]
fn an_assigned_quantity_has_its_total_derivative() {
    let mut network = vessel();
    network.input(
        "u",
        Input {
            kind: InputKind::Linear,
            ..Input::default()
        },
    );
    network.assignment("a", "V^2 + time * u + k").unwrap();
    network
        .observable("o", Observable::new("rateOf(a)"))
        .unwrap();
    network
        .observable("r", Observable::new("rateOf(decay)"))
        .unwrap();
    // 2 V V' + u + t u' = 2 * 2 * 0.5 + 7 + 5 * 3
    assert_eq!(observed(&network, "o"), 24.0);
    // k V c is k times the amount, which changes by -2 k V c = -2
    assert_eq!(observed(&network, "r"), -1.0);
    network.assignment("b", "rateOf(V)").unwrap();
    network
        .observable("second", Observable::new("rateOf(b)"))
        .unwrap();
    assert_eq!(observed(&network, "second"), 0.125); // 0.25^2 * 2
}

#[test]
fn a_function_may_take_the_rate_of_its_argument() {
    let mut network = vessel();
    network
        .function("relative", &["x"], "rateOf(x) / x")
        .unwrap();
    network
        .observable("o", Observable::new("relative(V) + relative(5)"))
        .unwrap();
    assert_eq!(observed(&network, "o"), 0.25);
}

#[test]
fn rates_are_read_by_rules_events_and_start_values_alike() {
    let mut network = Network::new("rates");
    network.species("x", Species::new(3.0)).unwrap();
    network.species("y", Species::new("rateOf(x)")).unwrap();
    network.species("w", Species::new(0.0)).unwrap();
    network.rate_rule("x", "-2 * x").unwrap();
    network.rate_rule("y", "rateOf(x) + 1").unwrap();
    network
        .reaction("r", Reaction::rate("1").produces("w", "rateOf(x)"))
        .unwrap();
    network
        .event("e", Event::when("rateOf(x) > -1").set("w", "rateOf(y)"))
        .unwrap();
    let equations = network.check().expect("a sound network").equations();
    assert_eq!(value(&equations, equations.states[1].initial), -6.0);
    assert_eq!(value(&equations, equations.states[1].right_hand_side), -3.0);
    assert_eq!(value(&equations, equations.states[2].right_hand_side), -4.0);
    assert_eq!(
        equations.graph.text(equations.events[0].trigger),
        "-2 * x > -1"
    );
    assert_eq!(
        value(&equations, equations.events[0].assignments[0].value),
        -3.0
    );
}

#[test]
fn rates_that_define_each_other_are_a_circle() {
    let mut network = Network::new("circle");
    network.species("x", Species::new(3.0)).unwrap();
    network.species("y", Species::new(1.0)).unwrap();
    network.rate_rule("x", "rateOf(y)").unwrap();
    network.rate_rule("y", "rateOf(x)").unwrap();
    let errors = network.check().unwrap_err();
    let [NetworkError::Circular { cycle }] = &errors[..] else {
        panic!("{errors:?}");
    };
    assert_eq!(cycle.len(), 3);
    assert!(cycle.contains(&"rateOf(x)".to_string()) && cycle[0] == cycle[2]);
}

#[test]
fn an_endless_chain_of_derivatives_is_refused() {
    let mut network = Network::new("endless");
    network.assignment("a", "rateOf(a)").unwrap();
    let errors = network.check().unwrap_err();
    assert!(
        errors
            .iter()
            .any(|e| matches!(e, NetworkError::NoDerivative { of, .. } if &**of == "a")),
        "{errors:?}"
    );
}

#[test]
fn unknown_ids_and_expressions_in_rates_are_refused_at_their_place() {
    let mut network = Network::new("typo");
    network.species("butyrate", Species::new(1.0)).unwrap();
    network
        .observable("o", Observable::new("rateOf(butyrat)"))
        .unwrap();
    network
        .observable("p", Observable::new("rateOf(2 * butyrate)"))
        .unwrap();
    network
        .observable("q", Observable::new("rateof(butyrate)"))
        .unwrap();
    let messages: Vec<String> = network
        .check()
        .unwrap_err()
        .iter()
        .map(|e| e.to_string())
        .collect();
    assert_eq!(
        messages,
        [
            "observable `o`, column 8: unknown id `butyrat`; did you mean `butyrate`?",
            "observable `p`: there is no `rateOf(2 * butyrate)`: its argument is the id of one quantity",
            "observable `q`, column 1: unknown function `rateof`; did you mean `rateOf`?",
        ]
    );
}

#[test]
fn a_rate_is_text_and_latex_and_keeps_its_name_under_a_prefix() {
    let mut graph = Graph::new();
    let e = graph.parse("2 * rateOf(x)").unwrap();
    assert_eq!(graph.text(e), "2 * rateOf(x)");
    assert_eq!(graph.latex(e), r"2\,\frac{\mathrm{d}x}{\mathrm{d}t}");
    assert!(graph.parse("rateOf(x, y)").is_err());
    let mut whole = Network::new("whole");
    whole.compose(&vessel(), "gut");
    whole
        .observable("o", Observable::new("rateOf(gut__V)"))
        .unwrap();
    assert_eq!(observed(&whole, "o"), 0.5);
}

#[test]
fn the_unit_of_a_rate_is_that_of_the_quantity_per_time() {
    let mut network = Network::new("units");
    network.time_unit = Some("d".into());
    network.species("x", Species::new(3.0).unit("g")).unwrap();
    network.rate_rule("x", "-x / time").unwrap();
    network
        .observable("right", Observable::new("rateOf(x)").unit("g/d"))
        .unwrap();
    assert!(network.check().is_ok());
    network
        .observable("wrong", Observable::new("rateOf(x)").unit("g/h"))
        .unwrap();
    assert!(matches!(
        network.check().unwrap_err()[..],
        [NetworkError::WrongUnit { .. }]
    ));
}

#[test]
fn outputs_read_reaction_rates_and_derivatives() {
    let mut network = vessel();
    network.assignment("half", "V / 2").unwrap();
    let system = network.compile().unwrap();
    let formulas = [
        ("rate", "2 * decay"),
        ("slope", "rateOf(V)"),
        ("assigned", "rateOf(half) + rateOf(k)"),
    ];
    let formulas = formulas.map(|(id, text)| (id.to_string(), text.to_string()));
    let outputs = system.outputs(&formulas, &[]).unwrap();
    let states = vec![2.0; system.state_ids().len()];
    let at = Point {
        time: 0.0,
        states: &states,
        registers: system.parameters(),
        placeholders: &[],
    };
    let mut values = [0.0; 3];
    outputs.evaluate(&at, &[0, 1, 2], &mut values);
    // k times the amount 2; 0.25 V; half of it
    assert_eq!(values, [2.0, 0.5, 0.25]);
    let (n, m) = (states.len(), system.register_count());
    let (mut by_state, mut by_register) = (vec![0.0; 3 * n], vec![0.0; 3 * m]);
    outputs.differentiate(
        &at,
        &[0, 1, 2],
        &mut values,
        &mut by_state,
        &mut by_register,
        &mut [],
    );
    let amount = system.state_index("amount(c)").unwrap();
    let k = system.parameter_index("k").unwrap();
    assert_eq!((by_state[amount], by_register[k]), (1.0, 4.0));
    let unknown = system
        .outputs(&[("o".into(), "decai".into())], &[])
        .unwrap_err();
    assert_eq!(
        unknown.to_string(),
        "formula `o`: unknown id `decai`; did you mean `decay`?"
    );
    let refused = system.outputs(&[("o".into(), "rateOf(2 * V)".into())], &[]);
    assert!(matches!(refused, Err(CompileError::NoDerivative { .. })));
}

#[test]
fn a_rate_rule_that_copies_the_rate_of_another_keeps_their_difference() {
    let mut network = Network::new("twins");
    network.species("x", Species::new(3.0)).unwrap();
    network.species("y", Species::new(1.0)).unwrap();
    network.rate_rule("x", "-0.7 * x").unwrap();
    network.rate_rule("y", "rateOf(x)").unwrap();
    let system = network.compile().unwrap();
    let schedule = Schedule::default();
    let problem = Problem {
        system: &system,
        parameters: system.parameters(),
        schedule: &schedule,
        times: &[4.0],
        sensitivity: None,
    };
    let solution = solve(&problem, &Method::default(), &Tolerances::default())
        .finished()
        .unwrap();
    let states = solution.states(0);
    // 3 exp(-2.8), and 2 less; the tolerance is that of the solver
    assert!((states[0] - 3.0 * (-2.8f64).exp()).abs() < 1e-5);
    assert!((states[0] - states[1] - 2.0).abs() < 1e-5);
}
