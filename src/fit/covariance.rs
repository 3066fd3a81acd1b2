//! The covariance of the estimated parameters on the search scale, kept in blocks: no dense matrix over all subjects.
//!
//! It is the inverse of the Gauss-Newton matrix. Parameters at an active bound are held there. The free part is scaled to a unit
//! diagonal; with own blocks $B_b$, cross blocks $C_b$ and the Schur complement $S$ of the shared part,
//!
//! $$ g^T V g = \sum_b q_b^T B_b^{-1} q_b + u^T S^{-1} u, \qquad u = g_s - \sum_b C_b^T B_b^{-1} q_b $$
//!
//! for a gradient with parts $q_b$ and $g_s$. A direction whose eigenvalue is below `rank_tolerance` times the largest of its block
//! is not determined: it is named, and held.

use super::arrow::Arrow;
use super::objective::Derivatives;
use super::parameters::{ParameterTable, Search};
use super::uncertainty::{COMPONENT, UncertaintyOptions, active_bounds};
use nalgebra::{DMatrix, DVector};

/// Covariance of the estimated parameters on the search scale.
#[derive(Clone, Debug)]
pub struct Covariance {
    pub(super) variance: Vec<f64>,
    /// whether an entry takes part in a direction that is not determined
    pub(super) loose: Vec<bool>,
    pub(super) eigenvalues: Vec<f64>,
    /// eigenvalue, unit vector over all entries on the search scale
    pub(super) null: Vec<(f64, Vec<f64>)>,
    /// entries are divided by these to reach the unit diagonal
    unit: Vec<f64>,
    shared: Vec<usize>,
    shared_inverse: DMatrix<f64>,
    own: Vec<OwnBlock>,
}

/// One subject's free entries, the inverse of their block, and that inverse times the cross block.
#[derive(Clone, Debug)]
struct OwnBlock {
    entries: Vec<usize>,
    inverse: DMatrix<f64>,
    spread: DMatrix<f64>,
}

impl Covariance {
    /// The covariance at `x`, from gradient and Gauss-Newton matrix there.
    pub fn at(
        table: &ParameterTable,
        x: &Search,
        derivatives: &Derivatives,
        options: &UncertaintyOptions,
    ) -> Self {
        let free: Vec<bool> = active_bounds(table, x, derivatives, options)
            .iter()
            .map(Option::is_none)
            .collect();
        Self::new(&derivatives.curvature, &free, options.rank_tolerance)
    }

    pub(super) fn new(matrix: &Arrow, free: &[bool], tolerance: f64) -> Self {
        let n = free.len();
        let mut scaled = matrix.clone();
        let unit: Vec<f64> = matrix
            .diagonal()
            .iter()
            .map(|d| if *d > 0.0 { d.sqrt().recip() } else { 1.0 })
            .collect();
        scaled.scale(&unit);
        let layout = matrix.layout().clone();
        let keep = |entries: &[usize]| -> Vec<usize> {
            entries.iter().copied().filter(|&i| free[i]).collect()
        };
        let block = |rows: &[usize], columns: &[usize]| {
            DMatrix::from_fn(rows.len(), columns.len(), |i, j| {
                scaled.get(rows[i], columns[j])
            })
        };
        let shared = keep(layout.shared());
        let mut result = Covariance {
            variance: vec![0.0; n],
            loose: vec![false; n],
            eigenvalues: Vec::new(),
            null: Vec::new(),
            unit,
            shared_inverse: DMatrix::zeros(0, 0),
            shared: Vec::new(),
            own: Vec::new(),
        };
        let mut schur = block(&shared, &shared);
        let mut own = Vec::new();
        for entries in layout.blocks() {
            let entries = keep(entries);
            if entries.is_empty() {
                continue;
            }
            let inverse =
                result.pseudo_inverse(block(&entries, &entries), &entries, &[], tolerance);
            let cross = block(&entries, &shared);
            let spread = &inverse * &cross;
            schur -= cross.tr_mul(&spread);
            own.push(OwnBlock {
                entries,
                inverse,
                spread,
            });
        }
        result.shared_inverse = result.pseudo_inverse(schur, &shared, &own, tolerance);
        result.shared = shared;
        result.own = own;
        result.variance = (0..n).map(|i| result.along(&[(i, 1.0)])).collect();
        result.eigenvalues.sort_by(|a, b| b.total_cmp(a));
        result
    }

    /// Variance of a number with this gradient, given as (search entry, derivative), by the delta method. Entries at a bound and
    /// directions that are not determined count as known.
    pub fn along(&self, gradient: &[(usize, f64)]) -> f64 {
        let mut scaled = vec![0.0; self.unit.len()];
        for (entry, slope) in gradient {
            scaled[*entry] += slope * self.unit[*entry];
        }
        let part = |entries: &[usize]| {
            DVector::from_iterator(entries.len(), entries.iter().map(|&entry| scaled[entry]))
        };
        let mut shared = part(&self.shared);
        let mut variance = 0.0;
        for block in &self.own {
            if block.entries.iter().all(|&entry| scaled[entry] == 0.0) {
                continue;
            }
            let own = part(&block.entries);
            variance += own.dot(&(&block.inverse * &own));
            shared -= block.spread.tr_mul(&own);
        }
        variance + shared.dot(&(&self.shared_inverse * &shared))
    }

    /// Number of directions that are not determined.
    pub fn undetermined(&self) -> usize {
        self.null.len()
    }

    /// Pseudo-inverse of one symmetric block; its null vectors are carried on to the own blocks and noted on the search scale.
    fn pseudo_inverse(
        &mut self,
        matrix: DMatrix<f64>,
        entries: &[usize],
        own: &[OwnBlock],
        tolerance: f64,
    ) -> DMatrix<f64> {
        let size = entries.len();
        if size == 0 {
            return matrix;
        }
        let eigen = matrix.symmetric_eigen();
        let largest = eigen.eigenvalues.iter().fold(0.0_f64, |a, b| a.max(*b));
        let mut inverse = DMatrix::zeros(size, size);
        for (value, vector) in eigen
            .eigenvalues
            .iter()
            .zip(eigen.eigenvectors.column_iter())
        {
            self.eigenvalues.push(*value);
            if *value > tolerance * largest.max(f64::MIN_POSITIVE) {
                inverse += vector * vector.transpose() / *value;
                continue;
            }
            let mut full = vec![0.0; self.unit.len()];
            for (&i, v) in entries.iter().zip(vector.iter()) {
                full[i] = v * self.unit[i];
            }
            for block in own {
                let moved: DVector<f64> = -(&block.spread * vector);
                for (&i, v) in block.entries.iter().zip(moved.iter()) {
                    full[i] = v * self.unit[i];
                }
            }
            let length = full.iter().map(|v| v * v).sum::<f64>().sqrt();
            for (v, loose) in full.iter_mut().zip(&mut self.loose) {
                *v /= length;
                *loose |= v.abs() >= COMPONENT;
            }
            self.null.push((*value, full));
        }
        inverse
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fit::arrow::ArrowLayout;
    use std::sync::Arc;

    #[test]
    fn the_variance_along_a_gradient_is_that_of_the_dense_inverse() {
        // entry 0 shared, 1 and 2 own of two subjects, 3 at a bound
        let layout = Arc::new(ArrowLayout::new(&[None, Some(0), Some(1), None]));
        let mut matrix = Arrow::zeros(layout);
        let rows: [(&[usize], &[f64]); 4] = [
            (&[0, 1, 3], &[3.0, 1.0, 0.5]),
            (&[0, 1, 3], &[1.0, 2.0, 0.1]),
            (&[0, 2, 3], &[1.0, 4.0, 0.7]),
            (&[0, 2, 3], &[2.0, -1.0, 0.2]),
        ];
        for (entries, row) in rows {
            let j = DVector::from_column_slice(row);
            matrix.add(entries, &(&j * j.transpose()));
        }
        let free = [true, true, true, false];
        let covariance = Covariance::new(&matrix, &free, 1e-9);
        let inverse = matrix
            .to_dense()
            .remove_row(3)
            .remove_column(3)
            .try_inverse()
            .unwrap();
        let gradient = [0.7, -0.3, 1.1];
        let g = DVector::from_column_slice(&gradient);
        let want = g.dot(&(&inverse * &g));
        let with_bound: Vec<(usize, f64)> = gradient
            .iter()
            .copied()
            .enumerate()
            .chain([(3, 9.0)])
            .collect();
        let got = covariance.along(&with_bound);
        // 3 x 3 matrices with entries near 1
        assert!((got - want).abs() < 1e-12 * want, "{got} {want}");
    }
}
