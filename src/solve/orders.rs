//! Tests: the order of each stepper and of its curve, at fixed steps on problems with known solutions.
#![cfg(test)]
use super::{
    Tolerances,
    block::{Attempt, Block, Stepper},
    rodas5p::Rosenbrock,
    tsit5::Tsitouras,
};
use crate::{
    compile::System,
    lanes::InstructionSet,
    expr::Graph,
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

/// Errors of state 0 and of its derivative by p at t = 1, and the greatest error between the steps.
fn errors<S: Stepper<1>>(
    system: &System,
    steps: usize,
    exact: impl Fn(f64) -> (f64, f64),
) -> [f64; 3] {
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
    let (mut between, mut fresh): (f64, bool) = (0.0, true);
    for step in 0..steps {
        block.t.0[0] = step as f64 * h;
        block.h.0[0] = h;
        stepper.prepare(&mut block, &[fresh]);
        block.h.0[0] = h;
        fresh = false;
        assert!(matches!(stepper.advance(&mut block)[0], Attempt::Tried(_)));
        stepper.sensitivities(&mut block, &[true]);
        for theta in [0.2, 0.5, 0.8] {
            let mut y = vec![0.0; block.states];
            stepper.interpolate(&mut block, 0, theta, &mut y);
            between = between.max((y[0] - exact(block.t.0[0] + theta * h).0).abs());
        }
        block.move_lanes(&[true]);
        stepper.commit(&[true]);
    }
    let (y, s) = exact(1.0);
    [
        (block.y[0].0[0] - y).abs(),
        (*block.sensitivity(0, 0, 0) - s).abs(),
        between,
    ]
}

/// Observed orders from two halvings.
fn orders<S: Stepper<1>>(
    system: &System,
    steps: usize,
    exact: impl Fn(f64) -> (f64, f64),
) -> [f64; 3] {
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
    let [ends, sensitivities, between] = orders::<Rosenbrock<1>>(&system, 8, exact);
    assert!((4.7..5.6).contains(&ends), "{ends}");
    assert!((4.7..5.6).contains(&sensitivities), "{sensitivities}");
    assert!(between > 3.8, "{between}");
}

#[test]
fn tsit5_has_order_five_at_step_ends_also_for_sensitivities_and_four_between() {
    let (system, exact) = swinging();
    let [ends, sensitivities, between] = orders::<Tsitouras<1>>(&system, 16, exact);
    assert!((4.5..5.8).contains(&ends), "{ends}");
    assert!((4.5..5.8).contains(&sensitivities), "{sensitivities}");
    assert!(between > 3.8, "{between}");
}

#[test]
fn rodas5p_keeps_its_order_on_an_algebraic_equation() {
    // y0 = 1/(1 + p t), y1 = y0^2
    let system = system(&[("1", "-p * y1", 1.0), ("1", "y1 - y0^2", 0.0)]);
    let [ends, _, between] = orders::<Rosenbrock<1>>(&system, 8, |t: f64| {
        (1.0 / (1.0 + t), -t / (1.0 + t).powi(2))
    });
    assert!((4.5..5.8).contains(&ends), "{ends}");
    assert!(between > 3.6, "{between}");
}

#[test]
fn rodas5p_keeps_order_three_at_step_ends_and_four_between_on_the_problem_of_prothero_and_robinson()
{
    // y' = -1e4 (y - cos t) - sin t, y = cos t; the error at the ends is 1e-8 already with four steps
    let system = system(&[("1", "-1e4 * (y0 - cos(time)) - sin(time) + 0 * p", 1.0)]);
    let [ends, _, between] = orders::<Rosenbrock<1>>(&system, 4, |t: f64| (t.cos(), 1.0));
    assert!(ends > 2.9, "{ends}");
    assert!(between > 3.5, "{between}");
}
