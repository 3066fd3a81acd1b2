//! Tests: the order of each stepper and of its curve, at fixed steps on problems with known solutions.
#![cfg(test)]
mod prothero_robinson;

use super::{
    Tolerances,
    block::{Attempt, Block, Stepper},
    rodas5p::Rosenbrock,
    tsit5::Tsitouras,
};
use crate::{
    compile::System,
    expr::Graph,
    lanes::InstructionSet,
    network::{Equations, ParameterEquation, StateEquation},
};

/// States as (initial value, right-hand side, mass), named y0, y1, ...; one parameter p = 1.
fn system(states: &[(&str, &str, f64)]) -> System {
    let mut graph = Graph::new();
    let states = states
        .iter()
        .enumerate()
        .map(|(i, (initial, rhs, mass))| StateEquation {
            id: format!("y{i}"),
            unit: None,
            initial: graph.parse(initial).unwrap(),
            right_hand_side: graph.parse(rhs).unwrap(),
            mass: *mass,
            nonnegative: false,
        })
        .collect();
    System::compile(&Equations {
        id: "test".into(),
        time_unit: None,
        graph,
        states,
        parameters: vec![ParameterEquation {
            id: "p".into(),
            value: 1.0,
            unit: None,
        }],
        inputs: Vec::new(),
        observables: Vec::new(),
        rates: Vec::new(),
        events: Vec::new(),
        requirements: Vec::new(),
    })
    .unwrap()
}

/// Errors of state 0 and of its derivative by p at t = 1, and the greatest errors of both between the steps.
fn errors<S: Stepper<1>>(
    system: &System,
    steps: usize,
    exact: impl Fn(f64) -> (f64, f64),
) -> [f64; 4] {
    let tapes = system.sensitivity(&[0]).unwrap();
    let mut block: Block<1> = Block::new(
        system,
        Some(&tapes),
        1,
        &Tolerances::default(),
        InstructionSet::detect(),
    );
    let mut stepper = S::new(system, Some(&tapes), 1);
    system.initial(&mut block.workspace, &block.t.clone(), &mut block.y);
    block.set_tangent(0, 0, 0, 1.0);
    block.find_direct(0);
    let h = 1.0 / steps as f64;
    let mut fresh = true;
    let mut between = [0.0_f64; 2];
    for step in 0..steps {
        block.t.0[0] = step as f64 * h;
        block.h.0[0] = h;
        stepper.prepare(&mut block, &[fresh]);
        block.h.0[0] = h;
        fresh = false;
        assert!(matches!(stepper.advance(&mut block)[0], Attempt::Tried(_)));
        stepper.sensitivities(&mut block, &[true]);
        for theta in [0.2, 0.5, 0.8] {
            let (mut y, mut s) = (vec![0.0; block.states], vec![0.0; block.states]);
            stepper.interpolate(&mut block, 0, theta, &mut y);
            stepper.interpolate_sensitivity(&block, 0, 0, theta, &mut s);
            let expected = exact(block.t.0[0] + theta * h);
            between[0] = between[0].max((y[0] - expected.0).abs());
            between[1] = between[1].max((s[0] - expected.1).abs());
        }
        block.move_lanes(&[true]);
        stepper.commit(&[true]);
    }
    let (y, s) = exact(1.0);
    [
        (block.y[0].0[0] - y).abs(),
        (*block.sensitivity(0, 0, 0) - s).abs(),
        between[0],
        between[1],
    ]
}

/// Observed orders from two halvings.
fn orders<S: Stepper<1>>(
    system: &System,
    steps: usize,
    exact: impl Fn(f64) -> (f64, f64),
) -> [f64; 4] {
    let (coarse, fine) = (
        errors::<S>(system, steps, &exact),
        errors::<S>(system, 4 * steps, &exact),
    );
    std::array::from_fn(|i| (coarse[i] / fine[i]).log2() / 2.0)
}

/// y' = p cos(t) y^2 / y hidden in a non-linear, non-autonomous pair: y0 = exp(p sin t), y1 = y0^2.
fn swinging() -> (System, impl Fn(f64) -> (f64, f64)) {
    let system = system(&[
        ("1", "p * cos(time) * y1 / y0", 1.0),
        ("1", "2 * p * cos(time) * y0^2", 1.0),
    ]);
    (system, |t: f64| (t.sin().exp(), t.sin() * t.sin().exp()))
}

#[test]
fn rodas5p_has_order_five_at_step_ends_also_for_sensitivities_and_four_between() {
    let (system, exact) = swinging();
    let [ends, sensitivities, between, curves] = orders::<Rosenbrock<1>>(&system, 8, exact);
    assert!((4.7..5.6).contains(&ends), "{ends}");
    assert!((4.7..5.6).contains(&sensitivities), "{sensitivities}");
    // the local order of the curve is five, on top of what the ends carry
    assert!((3.8..5.6).contains(&between), "{between}");
    assert!((3.8..5.6).contains(&curves), "{curves}");
}

#[test]
fn tsit5_has_order_five_at_step_ends_also_for_sensitivities_and_four_between() {
    let (system, exact) = swinging();
    let [ends, sensitivities, between, curves] = orders::<Tsitouras<1>>(&system, 16, exact);
    assert!((4.5..5.8).contains(&ends), "{ends}");
    assert!((4.5..5.8).contains(&sensitivities), "{sensitivities}");
    assert!((3.8..5.8).contains(&between), "{between}");
    assert!((3.8..5.8).contains(&curves), "{curves}");
}

#[test]
fn rodas5p_keeps_its_order_on_an_algebraic_equation() {
    // y0 = 1/(1 + p t), y1 = y0^2
    let system = system(&[("1", "-p * y1", 1.0), ("1", "y1 - y0^2", 0.0)]);
    let [ends, _, between, _] = orders::<Rosenbrock<1>>(&system, 8, |t: f64| {
        (1.0 / (1.0 + t), -t / (1.0 + t).powi(2))
    });
    assert!((4.5..5.8).contains(&ends), "{ends}");
    assert!(between > 3.6, "{between}");
}
