//! Order of Dopri5 and Dop853, which choose their own steps: the error against the number of steps as the tolerance falls.
//!
//! The methods stepped by this crate are measured at fixed steps, beside their sources (`src/solve/orders.rs`). Those of
//! ode_solvers take no fixed step and are not asked for states between steps: each output time is the end of a step.
use crate::support::*;
use holobiont::{
    schedule::{Register, Schedule},
    solve::{Dop853, Dopri5, Method, Tsit5},
};

/// y0 = exp(p sin t) and y1 = y0^2 up to `end`: steps, errors of y0 and of its derivative by p, the greatest over the times.
fn measure(method: &Method, relative: f64, times: &[f64]) -> [f64; 3] {
    let system = system(
        &[
            ("y0", "1", "p * cos(time) * y1 / y0"),
            ("y1", "1", "2 * p * cos(time) * y0^2"),
        ],
        &[("p", 1.0)],
    );
    let solution = run_with_sensitivities(
        &system,
        &Schedule::default(),
        system.parameters(),
        &[Register(0)],
        times,
        method,
        relative,
    )
    .finished()
    .unwrap();
    let (mut state, mut slope): (f64, f64) = (0.0, 0.0);
    for (k, t) in times.iter().enumerate() {
        let y = t.sin().exp();
        state = state.max((solution.states(k)[0] - y).abs());
        slope = slope.max((solution.sensitivity(k, 0)[0] - t.sin() * y).abs());
    }
    [solution.statistics.steps as f64, state, slope]
}

/// Slopes of log error over log steps, by least squares over the tolerances.
fn orders(method: &Method, tolerances: &[f64]) -> [f64; 2] {
    let points: Vec<[f64; 3]> = tolerances
        .iter()
        .map(|relative| measure(method, *relative, &[40.0]).map(f64::ln))
        .collect();
    let mean = |c: usize| points.iter().map(|p| p[c]).sum::<f64>() / points.len() as f64;
    let m = [mean(0), mean(1), mean(2)];
    let about = |a: usize, b: usize| {
        points
            .iter()
            .map(|p| (p[a] - m[a]) * (p[b] - m[b]))
            .sum::<f64>()
    };
    [-about(0, 1) / about(0, 0), -about(0, 2) / about(0, 0)]
}

const TOLERANCES: [f64; 7] = [1e-4, 1e-5, 1e-6, 1e-7, 1e-8, 1e-9, 1e-10];

#[test]
fn dopri5_has_order_five_also_for_sensitivities() {
    // the coefficients of its leading error are small, so the sixth order shows: 6.3 and 5.7 here
    let [states, sensitivities] = orders(&Method::Dopri5(Dopri5::default()), &TOLERANCES);
    println!("{states:.2} {sensitivities:.2}");
    assert!((4.8..7.0).contains(&states), "{states}");
    assert!((4.8..6.4).contains(&sensitivities), "{sensitivities}");
}

#[test]
fn dop853_has_order_eight_also_for_sensitivities() {
    let [states, sensitivities] = orders(&Method::Dop853(Dop853::default()), &TOLERANCES);
    println!("{states:.2} {sensitivities:.2}");
    assert!((7.6..9.0).contains(&states), "{states}");
    assert!((7.6..9.0).contains(&sensitivities), "{sensitivities}");
}

#[test]
fn tsit5_has_order_five_when_it_chooses_its_steps() {
    let [states, sensitivities] = orders(&Method::Tsit5(Tsit5::default()), &TOLERANCES);
    println!("{states:.2} {sensitivities:.2}");
    assert!((4.8..6.4).contains(&states), "{states}");
    assert!((4.8..6.4).contains(&sensitivities), "{sensitivities}");
}

#[test]
fn states_between_the_steps_of_ode_solvers_are_ends_of_shorter_steps() {
    let times: Vec<f64> = (1..=400).map(|k| 0.1 * k as f64).collect();
    for method in [
        Method::Dopri5(Dopri5::default()),
        Method::Dop853(Dop853::default()),
    ] {
        let [steps, state, _] = measure(&method, 1e-6, &times);
        assert!(steps >= 400.0, "{method:?}: {steps}");
        // steps this short are more exact than those that the tolerance asks for: 2e-6 at the end alone
        assert!(state < 1e-6, "{method:?}: {state:e}");
    }
}
