//! The marginal likelihood by adaptive Gauss-Hermite quadrature about the mode, with as many nodes as it takes.
//!
//! $$ L_i = 2^{q/2}\,\lvert C\rvert \sum_k w_k\,e^{x_k^\top x_k}\,p\bigl(y_i \mid \psi(z_k)\bigr)\,\phi(z_k), \qquad z_k = \hat z + \sqrt2\,C\,x_k,
//! \quad C\,C^\top = H^{-1} $$
//!
//! (Pinheiro & Bates 1995, doi:10.1080/10618600.1995.10474663; nodes by Golub & Welsch 1969, doi:10.1090/S0025-5718-69-99647-1). The number of
//! nodes a dimension rises until the logarithm of an individual's likelihood moves by less than the tolerance; the last move is
//! its error. Where even the finest grid moves it, or where there are several peaks, a grid as wide as the population tells
//! ([`super::wide`]) of one or two effects.

use super::conditional::{Evaluator, Point, Want};
use super::laplace::{Share, half_ln_det};
use super::person::Theta;
use super::wide::wide;
use nalgebra::{DMatrix, DVector};

/// When quadrature is fine enough.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub struct QuadratureOptions {
    /// an individual's ln L moves by less than this from one grid to the next
    pub tolerance: f64,
    /// grids of more nodes than this, over all dimensions, are not tried
    pub most: usize,
}

impl Default for QuadratureOptions {
    fn default() -> Self {
        QuadratureOptions {
            tolerance: 1e-6,
            most: 300_000,
        }
    }
}

/// Nodes a dimension, from grid to grid.
const GRIDS: [usize; 13] = [3, 5, 7, 9, 12, 16, 21, 28, 37, 50, 66, 88, 117];
/// Points that are solved together.
const TOGETHER: usize = 4096;

/// An individual's marginal likelihood.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Integral {
    /// ln L
    pub ln_likelihood: f64,
    /// by how much the last finer grid moved it
    pub error: f64,
    /// nodes a dimension
    pub nodes: usize,
    /// nodes without a density: a solve failed there, and they count as impossible
    pub failed: usize,
    /// whether there are other peaks that the grid may miss
    pub between_peaks: bool,
}

/// Nodes x for the weight function exp(-x^2), and ln(w exp(x^2)) of their weights w.
///
/// The nodes are eigenvalues; the weights come from the Hermite functions, $w_k e^{x_k^2} = 1/\sum_{j<n}\psi_j(x_k)^2$, so that those of
/// far nodes keep their digits.
pub(crate) fn gauss_hermite(n: usize) -> (Vec<f64>, Vec<f64>) {
    let mut jacobi = DMatrix::zeros(n, n);
    for k in 1..n {
        let off = (k as f64 / 2.0).sqrt();
        (jacobi[(k, k - 1)], jacobi[(k - 1, k)]) = (off, off);
    }
    let mut nodes: Vec<f64> = jacobi.symmetric_eigenvalues().iter().copied().collect();
    nodes.sort_by(f64::total_cmp);
    let weight = |&x: &f64| {
        let (mut before, mut here) = (0.0, libm::exp(-0.5 * x * x));
        let mut sum = here * here;
        for j in 1..n {
            let j = j as f64;
            let next = x * (2.0 / j).sqrt() * here - ((j - 1.0) / j).sqrt() * before;
            (before, here) = (here, next);
            sum += here * here;
        }
        0.5 * libm::log(std::f64::consts::PI) - libm::log(sum)
    };
    let weights = nodes.iter().map(weight).collect();
    (nodes, weights)
}

/// ln of a sum of exponentials.
pub(crate) fn ln_sum_exp(terms: &[f64]) -> f64 {
    let most = terms.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if most == f64::NEG_INFINITY {
        return most;
    }
    most + libm::log(terms.iter().map(|t| libm::exp(t - most)).sum())
}

/// ln L of every individual with a mode; None where there is none.
pub(crate) fn integrals(
    evaluator: &Evaluator,
    theta: &Theta,
    shares: &[Option<&Share>],
    several: &[bool],
    options: QuadratureOptions,
) -> Vec<Option<Integral>> {
    let mut found: Vec<Option<Integral>> = vec![None; shares.len()];
    let mut open: Vec<usize> = (0..shares.len()).filter(|&i| shares[i].is_some()).collect();
    for n in GRIDS {
        let fits =
            |q: usize| (n as f64).powi(i32::try_from(q).unwrap_or(i32::MAX)) <= options.most as f64;
        open.retain(|&i| shares[i].is_some_and(|s| fits(s.mode.z.len())));
        if open.is_empty() {
            break;
        }
        let grid = gauss_hermite(n);
        let finer = on_grid(evaluator, theta, shares, &open, &grid);
        let mut left = Vec::new();
        for (&i, (ln_likelihood, failed)) in open.iter().zip(finer) {
            let q = shares[i].map_or(0, |s| s.mode.z.len());
            let before = found[i].map(|f| f.ln_likelihood);
            let error = match before {
                _ if q == 0 => 0.0,
                Some(before) => (ln_likelihood - before).abs(),
                None => f64::INFINITY,
            };
            found[i] = Some(Integral {
                ln_likelihood,
                error,
                nodes: n,
                failed,
                between_peaks: false,
            });
            if error > options.tolerance {
                left.push(i);
            }
        }
        open = left;
    }
    for (i, own) in found.iter_mut().enumerate() {
        let (Some(share), Some(narrow)) = (shares[i], *own) else {
            continue;
        };
        // a grid about one of several peaks may settle on that one alone
        let several = several.get(i).copied().unwrap_or(false);
        if !several && narrow.error <= options.tolerance {
            continue;
        }
        match wide(evaluator, theta, (i, share), options) {
            Some(wide) if several || wide.error < narrow.error => *own = Some(wide),
            Some(_) => {}
            None => {
                let between_peaks = several;
                *own = Some(Integral {
                    between_peaks,
                    ..narrow
                });
            }
        }
    }
    found
}

/// The nodes of one individual in z, and the logarithm of what multiplies the likelihood there.
fn nodes_of(share: &Share, (x, w): &(Vec<f64>, Vec<f64>), mut each: impl FnMut(DVector<f64>, f64)) {
    let (mode, q) = (&share.mode, share.mode.z.len());
    let half_ln_two_pi = 0.5 * libm::log(2.0 * std::f64::consts::PI);
    let factor = share
        .hessian
        .clone()
        .cholesky()
        .expect("its determinant was taken");
    let c = factor.l().transpose();
    let ln_width = 0.5 * q as f64 * std::f64::consts::LN_2
        - half_ln_det(&share.hessian).expect("it is positive definite");
    let n = x.len();
    for number in 0..n.pow(u32::try_from(q).expect("few dimensions")) {
        let mut left = number;
        let mut at = DVector::zeros(q);
        let mut ln_weight = ln_width;
        for k in 0..q {
            let node = left % n;
            left /= n;
            at[k] = x[node];
            ln_weight += w[node];
        }
        let step = c
            .solve_upper_triangular(&at)
            .expect("a factor has no zero on its diagonal");
        let z = &mode.z + std::f64::consts::SQRT_2 * step;
        let base = ln_weight - 0.5 * z.norm_squared() - q as f64 * half_ln_two_pi;
        each(z, base);
    }
}

/// ln L of some individuals on one grid, and the number of nodes without a density.
fn on_grid(
    evaluator: &Evaluator,
    theta: &Theta,
    shares: &[Option<&Share>],
    open: &[usize],
    grid: &(Vec<f64>, Vec<f64>),
) -> Vec<(f64, usize)> {
    let mut waiting: Vec<(usize, Point, f64)> = Vec::new();
    let mut terms: Vec<Vec<f64>> = vec![Vec::new(); open.len()];
    let flush = |waiting: &mut Vec<(usize, Point, f64)>, terms: &mut Vec<Vec<f64>>| {
        let (places, points): (Vec<(usize, f64)>, Vec<Point>) = waiting
            .drain(..)
            .map(|(slot, point, base)| ((slot, base), point))
            .unzip();
        let answers = evaluator.evaluate(&theta.natural, &points, Want::Value);
        for ((slot, base), answer) in places.into_iter().zip(answers) {
            terms[slot].push(answer.map_or(f64::NEG_INFINITY, |at| base + at.ln_p));
        }
    };
    for (slot, &i) in open.iter().enumerate() {
        let share = shares[i].expect("only those with a mode are open");
        let mode = &share.mode;
        let psi = &mode.psi - &mode.by_effects * &mode.z;
        nodes_of(share, grid, |z, base| {
            let point = Point {
                person: i,
                psi: &psi + &mode.by_effects * &z,
                frozen: None,
            };
            waiting.push((slot, point, base));
            if waiting.len() == TOGETHER {
                flush(&mut waiting, &mut terms);
            }
        });
    }
    flush(&mut waiting, &mut terms);
    let count = |own: &Vec<f64>| own.iter().filter(|t| **t == f64::NEG_INFINITY).count();
    terms
        .iter()
        .map(|own| (ln_sum_exp(own), count(own)))
        .collect()
}

/// Value and gradient of one individual's -ln L on a grid of its own.
pub(crate) struct OnGrid {
    pub value: f64,
    /// by natural values of the estimated rows; the nodes are held where they are, which a fine grid does not feel
    pub gradient: DVector<f64>,
}

/// -ln L of every individual on a grid of so many nodes a dimension, with gradients where they are wanted.
pub(crate) fn on_grids(
    evaluator: &Evaluator,
    theta: &Theta,
    shares: &[Share],
    nodes: &[usize],
    gradient: bool,
) -> Vec<OnGrid> {
    let want = if gradient { Want::First } else { Want::Value };
    let mut grids: Vec<Option<(Vec<f64>, Vec<f64>)>> =
        vec![None; 1 + nodes.iter().max().unwrap_or(&0)];
    let mut results = Vec::new();
    for (i, share) in shares.iter().enumerate() {
        let grid = grids[nodes[i]]
            .get_or_insert_with(|| gauss_hermite(nodes[i]))
            .clone();
        let mode = &share.mode;
        let typical = &mode.psi - &mode.by_effects * &mode.z;
        let (mut points, mut zs, mut bases) = (Vec::new(), Vec::new(), Vec::new());
        nodes_of(share, &grid, |z, base| {
            points.push(Point {
                person: i,
                psi: &typical + &mode.by_effects * &z,
                frozen: None,
            });
            zs.push(z);
            bases.push(base);
        });
        let mut answers = Vec::new();
        for some in points.chunks(TOGETHER) {
            answers.extend(evaluator.evaluate(&theta.natural, some, want));
        }
        let term = |(answer, base): (&super::conditional::Answer, &f64)| {
            answer
                .as_ref()
                .map_or(f64::NEG_INFINITY, |at| base + at.ln_p)
        };
        let terms: Vec<f64> = answers.iter().zip(&bases).map(term).collect();
        let ln_likelihood = ln_sum_exp(&terms);
        let mut own = OnGrid {
            value: -ln_likelihood,
            gradient: DVector::zeros(0),
        };
        if gradient {
            let (n, q) = (mode.psi.len(), mode.z.len());
            let mut mean = DVector::zeros(n);
            let mut with_z = DMatrix::zeros(n, q);
            for ((answer, term), z) in answers.iter().zip(&terms).zip(&zs) {
                let Ok(at) = answer else { continue };
                let weight = libm::exp(term - ln_likelihood);
                mean += weight * &at.gradient;
                with_z += weight * &at.gradient * z.transpose();
            }
            let person = &evaluator.people[i];
            let slopes =
                person.typical_slopes(evaluator.problem, &theta.natural, &evaluator.estimated);
            own.gradient = -slopes.tr_mul(&mean);
            for (row, factor, _) in person.spread_slopes(theta) {
                if let Ok(entry) = evaluator.estimated.binary_search(&row) {
                    own.gradient[entry] -= factor.dot(&with_z);
                }
            }
        }
        results.push(own);
    }
    results
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nodes_integrate_polynomials_up_to_twice_their_number() {
        for n in [1, 3, 12, 37, 117] {
            let (x, w) = gauss_hermite(n);
            let root_pi = std::f64::consts::PI.sqrt();
            // moments of exp(-x^2): 0, 1/2, 3/4 of the square root of pi
            for (power, moment) in [(0, 1.0), (1, 0.0), (2, 0.5), (4, 0.75)] {
                if power as usize >= 2 * n {
                    continue;
                }
                let term = |(x, w): (&f64, &f64)| libm::exp(w - x * x) * x.powi(power);
                let sum: f64 = x.iter().zip(&w).map(term).sum();
                assert!((sum - moment * root_pi).abs() < 1e-12, "{n} {power} {sum}");
            }
        }
    }
}
