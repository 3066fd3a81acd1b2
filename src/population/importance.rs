//! The marginal likelihood by importance sampling: a t distribution about the mode, a tenth from the population, errors and k-hat.
//!
//! $$ \hat L_i = \frac1S\sum_s \frac{p(y_i \mid \psi(z_s))\,\phi(z_s)}{(1-\alpha)\,t_5(z_s; \hat z, H^{-1}) + \alpha\,\phi(z_s)} $$
//!
//! The second part of the mixture bounds the weights (Hesterberg 1995, doi:10.1080/00401706.1995.10484303). The error of
//! $\ln\hat L_i$ is that of a mean over the mean.

use super::conditional::{Evaluator, Point, Want};
use super::laplace::{Share, half_ln_det};
use super::pareto::k_hat;
use super::person::Theta;
use super::quadrature::ln_sum_exp;
use super::stream::{Purpose, Stream};
use nalgebra::DVector;

/// How many draws, and which.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub struct ImportanceOptions {
    /// draws an individual
    pub draws: usize,
    /// seed
    pub seed: u64,
    /// the proposal is so many times as wide as the curvature at the mode says
    pub width: f64,
}

impl Default for ImportanceOptions {
    fn default() -> Self {
        ImportanceOptions {
            draws: 3000,
            seed: 1,
            width: 1.0,
        }
    }
}

/// Every so many draws come from the population.
const DEFENSIVE: usize = 10;
/// Degrees of freedom of the proposal.
const NU: f64 = 5.0;
/// Points that are solved together.
const TOGETHER: usize = 4096;

/// An individual's marginal likelihood.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct ImportanceEstimate {
    /// ln L
    pub ln_likelihood: f64,
    /// its Monte Carlo standard error
    pub error: f64,
    /// shape of the weights' tail; below 0.7 estimate and error can be trusted
    pub k_hat: Option<f64>,
    /// draws without a density: a solve failed there, and they count as impossible
    pub failed: usize,
}

/// Estimates of every individual with a mode.
pub(crate) fn estimates(
    evaluator: &Evaluator,
    theta: &Theta,
    shares: &[Option<&Share>],
    options: ImportanceOptions,
) -> Vec<Option<ImportanceEstimate>> {
    let mut results = Vec::new();
    let at_once = (TOGETHER / options.draws.max(1)).max(1);
    let people: Vec<usize> = (0..shares.len()).collect();
    for some in people.chunks(at_once) {
        let mut points = Vec::new();
        let mut bases = Vec::new();
        for &i in some {
            if let Some(share) = shares[i] {
                draw(i, share, options, &mut points, &mut bases);
            }
        }
        let mut answers = evaluator
            .evaluate(&theta.natural, &points, Want::Value)
            .into_iter()
            .zip(bases);
        for &i in some {
            results.push(shares[i].map(|share| {
                if share.mode.z.is_empty() {
                    let (answer, _) = answers.next().expect("one point without effects");
                    let ln_likelihood = answer.map_or(f64::NEG_INFINITY, |at| at.ln_p);
                    let (error, k_hat, failed) = (0.0, None, 0);
                    return ImportanceEstimate {
                        ln_likelihood,
                        error,
                        k_hat,
                        failed,
                    };
                }
                let ln_weights: Vec<f64> = answers
                    .by_ref()
                    .take(options.draws)
                    .map(|(answer, base)| answer.map_or(f64::NEG_INFINITY, |at| base + at.ln_p))
                    .collect();
                summary(&ln_weights)
            }));
        }
    }
    results
}

/// The draws of one individual, and the logarithm of prior over proposal at each.
fn draw(
    i: usize,
    share: &Share,
    options: ImportanceOptions,
    points: &mut Vec<Point>,
    bases: &mut Vec<f64>,
) {
    let (mode, q) = (&share.mode, share.mode.z.len());
    let psi = &mode.psi - &mode.by_effects * &mode.z;
    if q == 0 {
        points.push(Point {
            person: i,
            psi,
            frozen: None,
        });
        bases.push(0.0);
        return;
    }
    let mut stream = Stream::new(options.seed, Purpose::Importance, 0, i);
    let factor = share
        .hessian
        .clone()
        .cholesky()
        .expect("its determinant was taken")
        .l();
    let c = factor.transpose();
    let dim = q as f64;
    let ln_pi = libm::log(std::f64::consts::PI);
    let constant = libm::lgamma(0.5 * (NU + dim))
        - libm::lgamma(0.5 * NU)
        - 0.5 * dim * (libm::log(NU) + ln_pi)
        - dim * libm::log(options.width)
        + half_ln_det(&share.hessian).expect("it is positive definite");
    let ln_two_pi = libm::log(2.0) + ln_pi;
    let share_of_prior = 1.0 / DEFENSIVE as f64;
    for number in 0..options.draws {
        let normal = DVector::from_fn(q, |_, _| stream.normal());
        let z = if number % DEFENSIVE == DEFENSIVE - 1 {
            normal
        } else {
            let chi2: f64 = (0..NU as usize).map(|_| stream.normal().powi(2)).sum();
            let u = normal / (chi2 / NU).sqrt();
            &mode.z
                + options.width
                    * c.solve_upper_triangular(&u)
                        .expect("a factor has no zero on its diagonal")
        };
        let u = (c.clone() * (&z - &mode.z)) / options.width;
        let ln_t = constant - 0.5 * (NU + dim) * libm::log1p(u.norm_squared() / NU);
        let ln_prior = -0.5 * (z.norm_squared() + dim * ln_two_pi);
        let ln_proposal = ln_sum_exp(&[
            libm::log1p(-share_of_prior) + ln_t,
            libm::log(share_of_prior) + ln_prior,
        ]);
        points.push(Point {
            person: i,
            psi: &psi + &mode.by_effects * &z,
            frozen: None,
        });
        bases.push(ln_prior - ln_proposal);
    }
}

fn summary(ln_weights: &[f64]) -> ImportanceEstimate {
    let n = ln_weights.len() as f64;
    let sum = ln_sum_exp(ln_weights);
    let ln_likelihood = sum - libm::log(n);
    let squares: f64 = ln_weights
        .iter()
        .map(|w| libm::exp(w - ln_likelihood) - 1.0)
        .map(|d| d * d)
        .sum();
    ImportanceEstimate {
        ln_likelihood,
        error: (squares / (n * (n - 1.0))).sqrt(),
        k_hat: k_hat(ln_weights),
        failed: ln_weights
            .iter()
            .filter(|w| **w == f64::NEG_INFINITY)
            .count(),
    }
}
