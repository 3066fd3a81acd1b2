//! Random effects: $b = L z$ with $L = D\,C$, standard deviations $D$ and the Cholesky factor $C$ of their correlations; $z$ is
//! standard normal.
//!
//! In $z$ nothing is singular where a standard deviation is 0, and the scale of every effect is 1. The derivatives of $L$ are
//! $\partial D\,C$, and $D\,C\,\Phi(C^{-1}\,\partial R\,C^{-\top})$ with $\Phi$ the lower triangle with half the diagonal.

use super::model::{Coefficient, Level, PopulationProblem};
use nalgebra::DMatrix;

/// The factors at one parameter point, for the effects of individuals and those of occasions.
#[derive(Clone, Debug)]
pub(crate) struct Spread {
    pub individual: DMatrix<f64>,
    pub occasion: DMatrix<f64>,
    /// of each row of the parameter table that takes part: d L / d natural value
    pub slopes: Vec<Slope>,
}

/// d L / d natural value of a row, and the derivative of the covariance.
#[derive(Clone, Debug)]
pub(crate) struct Slope {
    pub row: usize,
    pub level: Level,
    pub factor: DMatrix<f64>,
    pub covariance: DMatrix<f64>,
}

impl Spread {
    /// None where a standard deviation is negative or the correlations are not positive definite.
    pub fn new(problem: &PopulationProblem, natural: &[f64], slopes: bool) -> Option<Spread> {
        let mut found = Spread {
            individual: DMatrix::zeros(0, 0),
            occasion: DMatrix::zeros(0, 0),
            slopes: Vec::new(),
        };
        for level in [Level::Individual, Level::Occasion] {
            let factor = one(problem, natural, level, slopes.then_some(&mut found.slopes))?;
            match level {
                Level::Individual => found.individual = factor,
                Level::Occasion => found.occasion = factor,
            }
        }
        Some(found)
    }
}

fn one(
    problem: &PopulationProblem,
    natural: &[f64],
    level: Level,
    slopes: Option<&mut Vec<Slope>>,
) -> Option<DMatrix<f64>> {
    let effects = problem.effects_of(level);
    let n = effects.len();
    let sd: Vec<f64> = effects
        .iter()
        .map(|&e| problem.effects[e].standard_deviation.value(natural))
        .collect();
    if sd.iter().any(|s| s.is_nan() || *s < 0.0 || s.is_infinite()) {
        return None;
    }
    let place = |effect: usize| effects.iter().position(|&e| e == effect);
    let mut correlations = Vec::new();
    let mut r = DMatrix::identity(n, n);
    for pair in &problem.correlations {
        let (Some(i), Some(j)) = (place(pair.first), place(pair.second)) else {
            continue;
        };
        let value = pair.value.value(natural);
        (r[(i, j)], r[(j, i)]) = (value, value);
        correlations.push((pair.value, i, j));
    }
    let c = if correlations.is_empty() {
        r.clone()
    } else {
        r.clone().cholesky()?.unpack()
    };
    let scale = |mut m: DMatrix<f64>| {
        for (mut row, s) in m.row_iter_mut().zip(&sd) {
            row *= *s;
        }
        m
    };
    let Some(slopes) = slopes else {
        return Some(scale(c));
    };
    let mut add = |row: usize, factor: DMatrix<f64>, covariance: DMatrix<f64>| {
        let same = |s: &&mut Slope| s.row == row && s.level == level;
        match slopes.iter_mut().find(same) {
            Some(slope) => {
                slope.factor += factor;
                slope.covariance += covariance;
            }
            None => slopes.push(Slope {
                row,
                level,
                factor,
                covariance,
            }),
        }
    };
    for (i, &effect) in effects.iter().enumerate() {
        if let Coefficient::Row(row) = problem.effects[effect].standard_deviation {
            let mut factor = DMatrix::zeros(n, n);
            factor.set_row(i, &c.row(i));
            let mut covariance = DMatrix::zeros(n, n);
            for j in 0..n {
                let slope = r[(i, j)] * sd[j];
                covariance[(i, j)] += slope;
                covariance[(j, i)] += slope;
            }
            add(row, factor, covariance);
        }
    }
    for (value, i, j) in correlations {
        if let Coefficient::Row(row) = value {
            let mut dr = DMatrix::zeros(n, n);
            (dr[(i, j)], dr[(j, i)]) = (1.0, 1.0);
            let half = c.solve_lower_triangular(&dr)?;
            let mut inner = c.solve_lower_triangular(&half.transpose())?;
            inner.fill_upper_triangle(0.0, 1);
            for k in 0..n {
                inner[(k, k)] *= 0.5;
            }
            let mut covariance = DMatrix::zeros(n, n);
            (covariance[(i, j)], covariance[(j, i)]) = (sd[i] * sd[j], sd[i] * sd[j]);
            add(row, scale(&c * inner), covariance);
        }
    }
    Some(scale(c))
}
