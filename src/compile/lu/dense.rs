//! The iteration matrix of one lane factored densely: row exchanges after equilibration (nalgebra).
use nalgebra::{DMatrix, DVector, Dyn, LU};

use super::SparseLu;
use crate::lanes::Lane;

/// A dense factorisation, equilibrated: rows times `row_scale`, columns times `column_scale`.
#[derive(Clone, Debug)]
pub(super) struct DenseLu {
    factors: LU<f64, Dyn, Dyn>,
    row_scale: DVector<f64>,
    column_scale: DVector<f64>,
}

impl DenseLu {
    /// The solution for a right-hand side; NaN if singular.
    pub(super) fn solve(&self, right: impl Fn(usize) -> f64) -> DVector<f64> {
        let mut b = DVector::from_fn(self.row_scale.len(), |i, _| right(i) * self.row_scale[i]);
        if self.factors.solve_mut(&mut b) {
            b.component_mul_assign(&self.column_scale);
        } else {
            b.fill(f64::NAN);
        }
        b
    }
}

impl SparseLu {
    /// One lane by dense elimination with row exchanges; `None` if singular or not finite.
    pub(super) fn factor_densely<const W: usize>(
        &self,
        lane: usize,
        scale: f64,
        registers: &[Lane<W>],
    ) -> Option<DenseLu> {
        let n = self.n;
        let mut matrix = DMatrix::zeros(n, n);
        for (i, &mass) in self.mass.iter().enumerate() {
            if mass != 0.0 {
                matrix[(i, i)] = mass * scale;
            }
        }
        for (&(row, column), &register) in self.pattern.iter().zip(&self.jacobian) {
            matrix[(row as usize, column as usize)] -= registers[register as usize].0[lane];
        }
        if matrix.iter().any(|value| !value.is_finite()) {
            return None;
        }
        let row_scale = DVector::from_fn(n, |i, _| 1.0 / matrix.row(i).amax());
        for i in 0..n {
            matrix.row_mut(i).scale_mut(row_scale[i]);
        }
        let column_scale = DVector::from_fn(n, |i, _| 1.0 / matrix.column(i).amax());
        for i in 0..n {
            matrix.column_mut(i).scale_mut(column_scale[i]);
        }
        if matrix.iter().any(|value| !value.is_finite()) {
            return None;
        }
        let factors = matrix.lu();
        let smallest = factors.lu_internal().diagonal().amin();
        // entries are at most 1 now: a pivot of this size is what rounding leaves of zero
        (smallest > n as f64 * f64::EPSILON * 0.5).then_some(DenseLu {
            factors,
            row_scale,
            column_scale,
        })
    }
}
