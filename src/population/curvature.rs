//! Second derivatives at the end of a search, and what they say: standard errors, intervals, whether the point is stationary.

use super::fit::ParameterEstimate;
use super::laplace::Depth;
use super::marginal::{PopulationObjective, infeasible};
use super::model::PopulationProblem;
use crate::fit::{Derivatives, Evaluation, Objective, Order, Search};
use crate::noise::normal_quantile;
use nalgebra::{DMatrix, DVector};

/// Second derivatives at the end of a search, on the search scale.
pub(super) struct Curvature {
    gradient: DVector<f64>,
    linearised: DMatrix<f64>,
    observed: Option<DMatrix<f64>>,
    /// squares of the individuals' scores
    scores: DMatrix<f64>,
    at_bound: Vec<bool>,
    /// entries at a bound from which the objective falls all the same
    leaving: Vec<usize>,
}

/// How far from a bound it is looked whether the objective falls, as a share of the range or on its own scale, and by how much it must.
const INSIDE: f64 = 0.05;
const LOWER: f64 = 1e-3;

impl Curvature {
    pub fn at(objective: &PopulationObjective, x: &Search) -> Result<Curvature, Box<Evaluation>> {
        let table = &objective.problem().problem.parameters;
        let mut out = Derivatives::new(objective.layout());
        let answer = objective.evaluate(x, Order::GaussNewton, &mut out);
        if answer.value().is_none() {
            return Err(Box::new(answer));
        }
        let gradient = DVector::from_vec(out.gradient.clone());
        let theta = (objective.theta(&table.natural(x), true)).map_err(infeasible)?;
        let shares = (objective.searched(&theta, Depth::Gradient, &objective.starts()))
            .map_err(infeasible)?;
        // beside this point modes are beside these
        let modes: Vec<DVector<f64>> = shares.iter().map(|share| share.mode.z.clone()).collect();
        let linearised = out.curvature.to_dense();
        let (lower, upper) = table.search_bounds();
        let n = x.0.len();
        let at_bound: Vec<bool> = (0..n)
            .map(|i| {
                let near = 1e-8 * (upper[i] - lower[i]).min(1e8);
                (x.0[i] - lower[i] <= near && gradient[i] >= 0.0)
                    || (upper[i] - x.0[i] <= near && gradient[i] <= 0.0)
            })
            .collect();
        // at a standard deviation of 0 the slope is 0 by symmetry, and says nothing
        let here = answer.value().unwrap_or(f64::INFINITY);
        let leaving = (0..n).filter(|&i| at_bound[i] && gradient[i].abs() < LOWER);
        let leaving = leaving
            .filter(|&i| {
                let inside = INSIDE * (upper[i] - lower[i]).min(2.0);
                let mut moved = x.clone();
                moved.0[i] += if x.0[i] - lower[i] < upper[i] - x.0[i] {
                    inside
                } else {
                    -inside
                };
                let there = objective.evaluate(&moved, Order::Value, &mut out);
                there.value().is_some_and(|value| value < here - LOWER)
            })
            .collect();
        let sd = inverse(&linearised, &at_bound);
        // a twentieth of a standard error: far above the noise of gradients, and the third derivative does not show
        let step = |i: usize| {
            0.05 * sd
                .as_ref()
                .map_or(0.1, |v| v[(i, i)].max(0.0).sqrt())
                .clamp(1e-6, 0.5)
        };
        let mut observed = Some(DMatrix::zeros(n, n));
        for i in 0..n {
            if at_bound[i] {
                continue;
            }
            let mut side = |sign: f64| -> Option<DVector<f64>> {
                let mut moved = x.clone();
                moved.0[i] = (moved.0[i] + sign * step(i)).clamp(lower[i], upper[i]);
                objective
                    .evaluate_from(&modes, &moved, Order::Gradient, &mut out)
                    .value()?;
                Some(DVector::from_vec(out.gradient.clone()).push(moved.0[i]))
            };
            let column = match (side(1.0), side(-1.0)) {
                (Some(up), Some(down)) => {
                    let width = up[n] - down[n];
                    Some((up - down).rows(0, n) / width)
                }
                _ => None,
            };
            match (&mut observed, column) {
                (Some(matrix), Some(column)) => matrix.set_column(i, &column),
                _ => observed = None,
            }
        }
        let observed = observed.map(|m| 0.5 * (&m + m.transpose()));
        let slopes = table.derivatives(x);
        let mut scores = DMatrix::zeros(n, n);
        for share in shares {
            let own = DVector::from_fn(n, |i, _| share.gradient[i] * slopes[i].first);
            scores += &own * own.transpose();
        }
        Ok(Curvature {
            gradient,
            linearised,
            observed,
            scores,
            at_bound,
            leaving,
        })
    }

    /// Whether the observed information is positive definite.
    pub fn is_observed(&self) -> bool {
        self.observed
            .as_ref()
            .is_some_and(|h| inverse(h, &self.at_bound).is_some())
    }

    /// The gradient on the search scale.
    pub fn gradient(&self) -> &DVector<f64> {
        &self.gradient
    }

    /// Whether the objective falls from a bound that an entry lies at, although its slope there does not say so.
    pub fn leaves_a_bound(&self) -> bool {
        !self.leaving.is_empty()
    }

    /// Largest free entry of a gradient.
    pub fn steepest(&self, gradient: &DVector<f64>) -> f64 {
        let free = (0..gradient.len()).filter(|&i| !self.at_bound[i]);
        free.map(|i| gradient[i].abs()).fold(0.0, f64::max)
    }

    /// g' H^-1 g over the free entries.
    pub fn decrement(&self, gradient: &DVector<f64>) -> Option<f64> {
        let inverse = self
            .observed
            .as_ref()
            .and_then(|h| inverse(h, &self.at_bound))
            .or_else(|| inverse(&self.linearised, &self.at_bound))?;
        let mut g = gradient.clone();
        for (value, at) in g.iter_mut().zip(&self.at_bound) {
            if *at {
                *value = 0.0;
            }
        }
        Some((g.transpose() * inverse * &g)[0])
    }

    pub fn estimates(&self, problem: &PopulationProblem, x: &Search) -> Vec<ParameterEstimate> {
        let table = &problem.problem.parameters;
        let observed = self
            .observed
            .as_ref()
            .and_then(|h| inverse(h, &self.at_bound));
        let linearised = inverse(&self.linearised, &self.at_bound);
        let sandwich = observed.as_ref().map(|v| v * &self.scores * v);
        let z = normal_quantile(0.975);
        let slopes = table.derivatives(x);
        let (lower, upper) = table.search_bounds();
        table
            .estimated()
            .into_iter()
            .enumerate()
            .map(|(i, row)| {
                let parameter = &table.rows[row];
                let sd = |v: &Option<DMatrix<f64>>| {
                    let variance = v.as_ref()?[(i, i)];
                    (variance > 0.0 && !self.at_bound[i]).then(|| variance.sqrt())
                };
                let standard_error = sd(&observed);
                let end = |t: f64| parameter.scale.natural(t.clamp(lower[i], upper[i])).value;
                ParameterEstimate {
                    id: parameter.id.clone(),
                    unit: parameter.unit.clone(),
                    value: slopes[i].value.clamp(parameter.lower, parameter.upper),
                    search: x.0[i],
                    standard_error,
                    natural_standard_error: standard_error.map(|s| s * slopes[i].first.abs()),
                    linearised: sd(&linearised),
                    sandwich: sd(&sandwich),
                    interval: standard_error.map(|s| (end(x.0[i] - z * s), end(x.0[i] + z * s))),
                    at_bound: self.at_bound[i],
                }
            })
            .collect()
    }
}

/// Inverse over the entries that are free, 0 elsewhere; None where it is not positive definite.
fn inverse(matrix: &DMatrix<f64>, held: &[bool]) -> Option<DMatrix<f64>> {
    let mut free = matrix.clone();
    for (i, held) in held.iter().enumerate() {
        if *held {
            free.row_mut(i).fill(0.0);
            free.column_mut(i).fill(0.0);
            free[(i, i)] = 1.0;
        }
    }
    let mut inverse = free.cholesky()?.inverse();
    for (i, held) in held.iter().enumerate() {
        if *held {
            inverse[(i, i)] = 0.0;
        }
    }
    Some(inverse)
}
