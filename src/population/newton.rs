//! Newton steps on the exact likelihood: gradients by quadrature, curvature of the linearised model.

use super::marginal::{Grid, PopulationObjective};
use crate::fit::{Derivatives, Objective, Order, Search};
use nalgebra::{DMatrix, DVector};

/// Largest step of an entry on the search scale.
const STEP: f64 = 0.5;
/// Steps, and halvings of one.
const STEPS: usize = 30;
const HALVINGS: usize = 5;
/// A step that makes the objective worse by more than this is halved: below it the grid's own change would decide.
const WORSE: f64 = 1e-3;

/// What is known of the exact likelihood at a point.
pub(super) struct ExactEnd {
    /// -ln L - ln prior and its gradient on the search scale, by quadrature; None where there are too many effects
    pub exact: Option<(f64, DVector<f64>)>,
    /// information of the linearised model
    information: Option<DMatrix<f64>>,
    /// how far entries are from their bounds
    range: Vec<(f64, f64)>,
}

impl ExactEnd {
    pub fn of(objective: &PopulationObjective, x: &Search, grid: Grid) -> ExactEnd {
        let table = &objective.problem().problem.parameters;
        let mut out = Derivatives::new(objective.layout());
        let answer = objective.evaluate(x, Order::GaussNewton, &mut out);
        let (lower, upper) = table.search_bounds();
        ExactEnd {
            exact: objective.exact(&table.natural(x), grid),
            information: answer.value().map(|_| out.curvature.to_dense()),
            range: (x.0.iter().zip(lower.iter().zip(&upper)))
                .map(|(x, (lower, upper))| (lower - x, upper - x))
                .collect(),
        }
    }

    /// Standard errors of the linearised model; None where it has none.
    pub fn errors(&self) -> Option<Vec<Option<f64>>> {
        let inverse = self.information.clone()?.cholesky()?.inverse();
        let error = |v: &f64| (*v > 0.0).then(|| v.sqrt());
        Some(inverse.diagonal().iter().map(error).collect())
    }

    /// The step, and what it promises: twice the fall of the objective. Entries stay within their bounds.
    fn step(&self) -> Option<(Vec<f64>, f64)> {
        let (_, gradient) = self.exact.as_ref()?;
        let range: Vec<(f64, f64)> = self
            .range
            .iter()
            .map(|(down, up)| (down.clamp(-STEP, 0.0), up.clamp(0.0, STEP)))
            .collect();
        let step = within(self.information.as_ref()?, &-gradient, &range)?;
        let promise = -step.iter().zip(gradient).map(|(s, g)| s * g).sum::<f64>();
        Some((step, promise))
    }

    /// The Newton decrement within the bounds.
    pub fn decrement(&self) -> Option<f64> {
        self.step().map(|(_, promise)| promise)
    }
}

/// Newton steps until the decrement is below `enough`: where they end, and how many there were. None where the exact likelihood or
/// the information is not to be had.
pub(super) fn newton(
    objective: &PopulationObjective,
    start: &Search,
    enough: f64,
    grid: Grid,
) -> Option<(Search, usize)> {
    let mut x = start.clone();
    let mut here = ExactEnd::of(objective, &x, grid);
    for taken in 0..STEPS {
        let (step, promise) = here.step()?;
        if promise < enough {
            return Some((x, taken));
        }
        let value = here.exact.as_ref()?.0;
        let mut length = 1.0;
        let better = (0..=HALVINGS).find_map(|_| {
            let moved = x.0.iter().zip(&step).map(|(x, s)| x + length * s);
            let moved = Search(moved.collect());
            length *= 0.5;
            let there = ExactEnd::of(objective, &moved, grid);
            let found = there.exact.as_ref().is_some_and(|e| e.0 < value + WORSE);
            (found && there.information.is_some()).then_some((moved, there))
        });
        match better {
            Some((moved, there)) => (x, here) = (moved, there),
            None => return Some((x, taken)),
        }
    }
    Some((x, STEPS))
}

/// The maximum of $g^\top s - s^\top W s / 2$ where entries that leave their range stay at its end, in the order they leave it; None
/// where W is not positive definite.
pub(super) fn within(
    weight: &DMatrix<f64>,
    gradient: &DVector<f64>,
    range: &[(f64, f64)],
) -> Option<Vec<f64>> {
    let n = range.len();
    let mut step = vec![0.0; n];
    let mut held = vec![false; n];
    loop {
        let free: Vec<usize> = (0..n).filter(|&k| !held[k]).collect();
        if free.is_empty() {
            return Some(step);
        }
        let right = free.iter().map(|&k| {
            let others = (0..n).filter(|&l| held[l]);
            gradient[k] - others.map(|l| weight[(k, l)] * step[l]).sum::<f64>()
        });
        let right = DVector::from_iterator(free.len(), right);
        let factor = weight.select_rows(&free).select_columns(&free).cholesky()?;
        let solved = factor.solve(&right);
        let mut all_within = true;
        for (&k, &s) in free.iter().zip(solved.iter()) {
            let (down, up) = range[k];
            step[k] = s.clamp(down, up);
            if step[k] != s {
                held[k] = true;
                all_within = false;
            }
        }
        if all_within {
            return Some(step);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By hand: W = (2 1; 1 2), g = (3, 0) has the maximum (2, -1); with the first held at 1 the second is -0.5, and at its end -0.25.
    #[test]
    fn entries_beyond_their_range_are_held_and_the_others_follow() {
        let weight = DMatrix::from_row_slice(2, 2, &[2.0, 1.0, 1.0, 2.0]);
        let gradient = DVector::from_vec(vec![3.0, 0.0]);
        let at = |first: f64, second: f64| {
            within(&weight, &gradient, &[(-first, first), (-second, second)]).unwrap()
        };
        let near = |found: Vec<f64>, wanted: [f64; 2]| {
            assert!(
                found.iter().zip(wanted).all(|(a, b)| (a - b).abs() < 1e-14),
                "{found:?}"
            );
        };
        near(at(5.0, 5.0), [2.0, -1.0]);
        near(at(1.0, 5.0), [1.0, -0.5]);
        near(at(1.0, 0.25), [1.0, -0.25]);
        assert_eq!(within(&-weight, &gradient, &[(-1.0, 1.0); 2]), None);
    }
}
