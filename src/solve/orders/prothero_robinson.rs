//! Order reduction of Rodas5P: y' = lambda (y - cos t) - sin t with y(0) = 1, of Prothero and Robinson
//! (doi:10.1090/S0025-5718-1974-0331793-2), solved by y = cos t whatever lambda.
//!
//! `cargo test --lib prothero_robinson -- --nocapture` prints the table of `docs/order-reduction.md`.
use super::{super::rodas5p::Rosenbrock, system};
use crate::lanes::InstructionSet;
use crate::solve::{
    Tolerances,
    block::{Attempt, Block, Stepper},
};

/// Steps from 0 to 1: h from 0.2 to 0.003125.
const STEPS: [usize; 7] = [5, 10, 20, 40, 80, 160, 320];
/// Errors below this are rounding.
const ROUNDING: f64 = 1e-14;

/// Greatest error at the ends of steps, and between them.
fn errors(lambda: f64, steps: usize) -> [f64; 2] {
    let rhs = format!("{lambda:e} * (y0 - cos(time)) - sin(time)");
    let system = system(&[("1", &rhs, 1.0)]);
    let mut block: Block<1> = Block::new(
        &system,
        None,
        0,
        &Tolerances::default(),
        InstructionSet::detect(),
    );
    let mut stepper = Rosenbrock::<1>::new(&system, None, 0);
    system.initial(&mut block.workspace, &block.t.clone(), &mut block.y);
    let h = 1.0 / steps as f64;
    let (mut ends, mut between) = (0.0_f64, 0.0_f64);
    for step in 0..steps {
        let t = step as f64 * h;
        (block.t.0[0], block.h.0[0]) = (t, h);
        stepper.prepare(&mut block, &[step == 0]);
        block.h.0[0] = h;
        assert!(matches!(stepper.advance(&mut block)[0], Attempt::Tried(_)));
        for k in 1..10 {
            let theta = 0.1 * f64::from(k);
            let mut y = [0.0];
            stepper.interpolate(&mut block, 0, theta, &mut y);
            between = between.max((y[0] - (t + theta * h).cos()).abs());
        }
        block.move_lanes(&[true]);
        stepper.commit(&[true]);
        ends = ends.max((block.y[0].0[0] - (t + h).cos()).abs());
    }
    [ends, between]
}

/// Slope of log error over log h by least squares, without the errors that are rounding.
fn order(errors: &[f64]) -> f64 {
    let points: Vec<(f64, f64)> = STEPS
        .iter()
        .zip(errors)
        .filter(|(_, error)| **error > ROUNDING)
        .map(|(steps, error)| (-(*steps as f64).ln(), error.ln()))
        .collect();
    let n = points.len() as f64;
    let x = points.iter().map(|p| p.0).sum::<f64>() / n;
    let y = points.iter().map(|p| p.1).sum::<f64>() / n;
    let xy: f64 = points.iter().map(|p| (p.0 - x) * (p.1 - y)).sum();
    let xx: f64 = points.iter().map(|p| (p.0 - x).powi(2)).sum();
    xy / xx
}

/// Errors at the ends and between for all steps, and their orders.
fn measured(exponent: i32) -> [(Vec<f64>, f64); 2] {
    let lambda = -(10f64.powi(exponent));
    let all: Vec<[f64; 2]> = STEPS.iter().map(|steps| errors(lambda, *steps)).collect();
    [0, 1].map(|column| {
        let errors: Vec<f64> = all.iter().map(|e| e[column]).collect();
        let order = order(&errors);
        (errors, order)
    })
}

#[test]
fn rodas5p_falls_from_order_five_to_three_at_step_ends_and_to_four_between() {
    println!(
        "| lambda | ends: h = 0.2 | 0.025 | 0.003125 | order | between: h = 0.2 | 0.025 | 0.003125 | order |"
    );
    println!("|---:|---:|---:|---:|---:|---:|---:|---:|---:|");
    let cell = |error: f64| match error > ROUNDING {
        true => format!("{error:.1e}"),
        false => "< 1e-14".to_string(),
    };
    for exponent in 0..=8 {
        let [(ends, at_ends), (inside, between)] = measured(exponent);
        let row = |e: &[f64]| [e[0], e[3], e[6]].map(cell).join(" | ");
        let (left, right) = (row(&ends), row(&inside));
        println!("| -1e{exponent} | {left} | {at_ends:.2} | {right} | {between:.2} |");
        let (lowest, highest) = match exponent {
            // five, while lambda h is small
            0 | 1 => (4.8, 5.3),
            // from three to five as h falls, through a change of sign
            2 | 3 => (3.0, 4.5),
            _ => (2.9, 3.4),
        };
        assert!(
            (lowest..highest).contains(&at_ends),
            "-1e{exponent}: {at_ends}"
        );
        let (lowest, highest) = if exponent < 3 { (4.4, 5.2) } else { (3.8, 4.2) };
        assert!(
            (lowest..highest).contains(&between),
            "-1e{exponent}: {between}"
        );
    }
}

#[test]
fn what_rodas5p_loses_at_step_ends_falls_with_the_stiffness() {
    // error about 0.0066 h^3 / |lambda|: the reduced order meets a small constant
    let [(mild, _), (inside, _)] = measured(5);
    let [(stiff, _), (deep_inside, _)] = measured(7);
    for (k, ratio) in [(0, 100.0), (2, 100.0)] {
        let fall = mild[k] / stiff[k];
        assert!((0.9 * ratio..1.1 * ratio).contains(&fall), "{fall}");
    }
    // between the ends lambda does not matter: the curve is of order four, 5.5e-7 at h = 0.2
    assert!((inside[0] / deep_inside[0] - 1.0).abs() < 0.02);
    assert!(deep_inside[0] < 1e-6, "{}", deep_inside[0]);
}
