//! The marginal likelihood on a regular grid as wide as the population, for individuals with one or two random effects whose density
//! has several peaks or none that grids about the mode resolve.
//!
//! The trapezoidal rule over $\\lvert z\\rvert \\le 8.5$ and beyond the mode: for a smooth integrand that is negligible at both ends
//! it converges faster than any power of the step (Trefethen & Weideman 2014, doi:10.1137/130932132). The step is halved until the
//! logarithm moves by less than the tolerance, or the grid has more points than may be.

use super::conditional::{Evaluator, Point, Want};
use super::laplace::Share;
use super::person::Theta;
use super::quadrature::{Integral, QuadratureOptions, ln_sum_exp};
use nalgebra::DVector;

/// Half the width; the population beyond has 2e-17 of its mass.
const HALF: f64 = 8.5;
/// Steps of the first grid, at least; those of a narrow density are no longer than its standard deviation at the mode.
const STEPS: usize = 64;
/// Points that are solved together.
const TOGETHER: usize = 4096;

/// ln L of an individual with one or two effects, with the change of the last halving as its error.
pub(super) fn wide(
    evaluator: &Evaluator,
    theta: &Theta,
    (person, share): (usize, &Share),
    options: QuadratureOptions,
) -> Option<Integral> {
    let mode = &share.mode;
    let q = mode.z.len();
    if !(1..=2).contains(&q) {
        return None;
    }
    let psi = &mode.psi - &mode.by_effects * &mode.z;
    let half = HALF + mode.z.amax();
    let half_ln_two_pi = 0.5 * libm::log(2.0 * std::f64::consts::PI);
    let narrowest = share.hessian.symmetric_eigenvalues().max().max(0.0).sqrt();
    let mut steps = STEPS.max((2.0 * half * narrowest).ceil() as usize);
    let mut found: Option<Integral> = None;
    while (steps + 1).pow(q as u32) <= options.most {
        let step = 2.0 * half / steps as f64;
        let ln_cell = q as f64 * (libm::log(step) - half_ln_two_pi);
        let side = steps + 1;
        let (mut terms, mut failed) = (Vec::new(), 0);
        let all: Vec<usize> = (0..side.pow(q as u32)).collect();
        for some in all.chunks(TOGETHER) {
            let place = |number: usize| {
                let mut left = number;
                DVector::from_fn(q, |_, _| {
                    let node = left % side;
                    left /= side;
                    step * node as f64 - half
                })
            };
            let zs: Vec<DVector<f64>> = some.iter().map(|&number| place(number)).collect();
            let points: Vec<Point> = zs
                .iter()
                .map(|z| Point {
                    person,
                    psi: &psi + &mode.by_effects * z,
                    frozen: None,
                })
                .collect();
            let answers = evaluator.evaluate(&theta.natural, &points, Want::Value);
            for (z, answer) in zs.iter().zip(answers) {
                match answer {
                    Ok(at) => terms.push(at.ln_p + ln_cell - 0.5 * z.norm_squared()),
                    Err(_) => failed += 1,
                }
            }
        }
        let ln_likelihood = ln_sum_exp(&terms);
        let error = found.map_or(f64::INFINITY, |f| (f.ln_likelihood - ln_likelihood).abs());
        found = Some(Integral {
            ln_likelihood,
            error,
            nodes: side,
            failed,
            between_peaks: false,
        });
        if error <= options.tolerance {
            break;
        }
        steps *= 2;
    }
    found
}
