//! Facts about compiled systems that need the solver's view of them.
mod derivatives;
mod gut40;
mod lanes;
mod modes;
mod tapes;
mod third;

use crate::compile::System;
use crate::expr::Graph;
use crate::lanes::{InstructionSet, Lane};
use crate::network::{
    Equations, InputEquation, InputKind, ObservableEquation, ParameterEquation, StateEquation,
};

/// A system from text: states as (id, initial, right-hand side, mass), parameters as (id, value), inputs by id.
pub(super) fn equations(
    states: &[(&str, &str, &str, f64)],
    parameters: &[(&str, f64)],
    inputs: &[&str],
) -> Equations {
    let mut graph = Graph::new();
    let mut read = |text: &str| {
        graph
            .parse(text)
            .unwrap_or_else(|error| panic!("{text}: {error}"))
    };
    let states = states
        .iter()
        .map(|&(id, initial, f, mass)| StateEquation {
            id: id.into(),
            unit: None,
            initial: read(initial),
            right_hand_side: read(f),
            mass,
            nonnegative: true,
        })
        .collect();
    Equations {
        id: "test".into(),
        time_unit: Some("d".into()),
        graph,
        states,
        parameters: parameters
            .iter()
            .map(|&(id, value)| ParameterEquation {
                id: id.into(),
                value,
                unit: None,
            })
            .collect(),
        inputs: inputs
            .iter()
            .map(|&id| InputEquation {
                id: id.into(),
                kind: InputKind::Step,
                unit: None,
                knots: vec![(0.0, 1.0)],
            })
            .collect(),
        observables: Vec::new(),
        rates: Vec::new(),
        events: Vec::new(),
        requirements: Vec::new(),
    }
}

/// A system with every feature: an input, a mode, an algebraic state, powers, quotients, a branch that must not leak.
pub(super) fn rich() -> Equations {
    let mut equations = equations(
        &[
            (
                "x",
                "x0",
                "k1*u - x*y/(km + x) - piecewise(ln(y - 1), y > 1, 0)",
                1.0,
            ),
            (
                "y",
                "2*x0 + k1",
                "x*y/(km + x) - k2*y^2 + sin(time)*k1",
                1.0,
            ),
            ("z", "1", "z - x - y^0.5", 0.0),
        ],
        &[("x0", 1.0), ("k1", 0.3), ("k2", 0.7), ("km", 2.0)],
        &["u"],
    );
    let total = equations.graph.parse("x + y").expect("a formula");
    equations.observables.push(ObservableEquation {
        id: "total".into(),
        expression: total,
        unit: None,
    });
    equations
}

#[test]
fn a_system_evaluates_its_right_hand_side_and_initial_values() {
    let system = System::compile(&rich()).expect("compiles");
    let mut ws = system.workspace::<1>(InstructionSet::detect());
    let mut y = [Lane([0.0]); 3];
    system.initial(&mut ws, &Lane([0.0]), &mut y);
    assert_eq!(y.map(|l| l.0[0]), [1.0, 2.3, 1.0]);
    system.set_modes(&mut ws, 0, 0.0, &[1.0, 0.5, 1.0]);
    assert_eq!(system.modes(&ws, 0), [false]);
    let mut dy = [Lane([0.0]); 3];
    system.rhs(
        &mut ws,
        &Lane([0.5]),
        &[Lane([1.0]), Lane([0.5]), Lane([1.0])],
        &mut dy,
    );
    let expected = [
        0.3 - 0.5 / 3.0,
        0.5 / 3.0 - 0.7 * 0.25 + 0.3 * 0.5f64.sin(),
        -(0.5f64.sqrt()),
    ];
    for (value, expected) in dy.iter().zip(expected) {
        assert!((value.0[0] - expected).abs() < 1e-15, "{dy:?} {expected}");
    }
}

#[test]
fn the_listing_names_what_was_compiled() {
    let text = System::compile(&rich()).expect("compiles").explain();
    println!("{text}");
    for part in [
        "system test [d]",
        "mode0 = ",
        "u: step, 1 knots",
        "LU:",
        "d x/dt = ",
    ] {
        assert!(text.contains(part), "{part} is missing in\n{text}");
    }
}
