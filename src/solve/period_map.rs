//! The map of the states over one interval of a regimen, its fixed point by Newton's method, and the derivatives of that.
//!
//! With $P(y, \theta)$ the states after one interval from $y$, $M = \partial P/\partial y$ and $r = P - y$ the correction is
//! $$ (I - M)\,\delta = r, $$
//! exact where the model is linear; at the fixed point $y^*$ the implicit function theorem gives
//! $$ (I - M)\,\frac{\mathrm{d} y^*}{\mathrm{d}\theta} = \frac{\partial P}{\partial\theta}. $$
//! Conservation laws $L$ (rows with $L (I - M) = 0$ and $L r = 0$) make $I - M$ singular; then
//! $(I - M + L^T L)\,\delta = r + L^T L (y_0 - y)$ keeps the totals of the state $y_0$ that the regimen found, and likewise their
//! derivatives. A row with $L r \neq 0$ is a quantity that every interval adds to: there is no steady state.
//!
//! This is linear algebra alone; the passes over the interval stand in `regimen`.
use super::{NoRegimenState, steady::left_null_space};
use nalgebra::{DMatrix, DVector, Schur};

/// A total that an interval changes by more than this of its terms is not conserved.
const CONSERVED: f64 = 1e-10;
/// Disturbances that grow by more than this in an interval grow for ever.
const GROWTH: f64 = 1e-6;
/// What is remembered for more intervals than the inverse of this leaves nothing of a correction but rounding.
const MEMORY: f64 = 1e-10;

/// One pass over the interval.
pub(super) struct Pass {
    /// states at its beginning
    pub from: DVector<f64>,
    /// states at its end
    pub to: DVector<f64>,
    /// d `to` / d `from`
    pub map: DMatrix<f64>,
    /// d `to` / d direction where `from` rests: states x directions
    pub direct: DMatrix<f64>,
}

/// I - M, with the conservation laws that make it singular.
pub(super) struct Linear {
    factors: nalgebra::LU<f64, nalgebra::Dyn, nalgebra::Dyn>,
    laws: DMatrix<f64>,
}

impl Pass {
    /// P - y.
    pub(super) fn defect(&self) -> DVector<f64> {
        &self.to - &self.from
    }

    /// Size of each state in units of the tolerances: absolute + relative max(|y|, |P|).
    pub(super) fn scale(&self, absolute: f64, relative: f64) -> DVector<f64> {
        self.from
            .zip_map(&self.to, |a, b| absolute + relative * a.abs().max(b.abs()))
    }

    /// I - M, ready to be solved.
    ///
    /// # Errors
    /// [`NoRegimenState::Gains`] with the position of a state that gains without end; [`NoRegimenState::Singular`].
    pub(super) fn linear(&self, scale: &DVector<f64>) -> Result<Linear, Trouble> {
        let n = self.from.len();
        let matrix = DMatrix::identity(n, n) - &self.map;
        if !matrix.iter().chain(self.to.iter()).all(|x| x.is_finite()) {
            return Err(Trouble::Singular);
        }
        if n == 0 {
            let laws = DMatrix::zeros(0, 0);
            let factors = matrix.lu();
            return Ok(Linear { factors, laws });
        }
        let laws = left_null_space(&matrix, scale.as_slice()).ok_or(Trouble::Singular)?;
        let defect = self.defect();
        for law in laws.row_iter() {
            let parts = law.iter().zip(self.from.iter().zip(self.to.iter()));
            let size: f64 = parts
                .map(|(l, (a, b))| l.abs() * a.abs().max(b.abs()))
                .sum();
            let gain: f64 = law.iter().zip(defect.iter()).map(|(l, r)| l * r).sum();
            if gain.abs() > CONSERVED * size {
                return Err(gaining(&matrix).map_or(Trouble::Singular, Trouble::Gains));
            }
        }
        let factors = (matrix + laws.transpose() * &laws).lu();
        Ok(Linear { factors, laws })
    }

    /// Newton's correction of `from`, where `found` are the states that the regimen found.
    pub(super) fn correction(&self, linear: &Linear, found: &[f64]) -> Option<DVector<f64>> {
        let away = DVector::from_column_slice(found) - &self.from;
        linear.solve(self.defect(), away)
    }

    /// Total derivatives of the fixed point: directions, each a vector of states. `found` are those of the states that the
    /// regimen found.
    pub(super) fn derivatives(&self, linear: &Linear, found: &[f64]) -> Option<Vec<Vec<f64>>> {
        let n = self.from.len();
        let along = |j: usize| {
            let found = DVector::from_column_slice(&found[j * n..(j + 1) * n]);
            let solved = linear.solve(self.direct.column(j).into_owned(), found)?;
            Some(solved.as_slice().to_vec())
        };
        (0..self.direct.ncols()).map(along).collect()
    }

    /// Why repeated doses do not lead to the fixed point, though there is one: a disturbance grows, or nothing but a conservation
    /// law may stay as it is for so long.
    pub(super) fn repels(&self, linear: &Linear) -> Option<NoRegimenState> {
        if self.map.is_empty() {
            return None;
        }
        let schur = Schur::try_new(self.map.clone(), f64::EPSILON, 10_000)?;
        let multipliers = schur.complex_eigenvalues();
        let multiplier = multipliers.iter().map(|m| m.norm()).fold(0.0, f64::max);
        if multiplier > 1.0 + GROWTH {
            return Some(NoRegimenState::Unstable { multiplier });
        }
        let stays = multipliers.iter().filter(|m| (*m - 1.0).norm() < MEMORY);
        (stays.count() > linear.laws.nrows()).then_some(NoRegimenState::Singular)
    }
}

/// The state that most of what stays from interval to interval gathers in: (I - M) v = 0.
fn gaining(matrix: &DMatrix<f64>) -> Option<usize> {
    let ones = vec![1.0; matrix.nrows()];
    let kept = left_null_space(&matrix.transpose(), &ones)?;
    let sizes = kept.column_iter().map(|column| column.norm());
    let most = sizes.enumerate().max_by(|a, b| a.1.total_cmp(&b.1));
    most.map(|(state, _)| state)
}

impl Linear {
    /// (I - M + L^T L) x = right + L^T L totals.
    fn solve(&self, right: DVector<f64>, totals: DVector<f64>) -> Option<DVector<f64>> {
        let right = if self.laws.nrows() == 0 {
            right
        } else {
            right + self.laws.transpose() * (&self.laws * totals)
        };
        let solved = self.factors.solve(&right)?;
        solved.iter().all(|x| x.is_finite()).then_some(solved)
    }
}

/// Why a pass leads nowhere, with positions in place of ids.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Trouble {
    Singular,
    Gains(usize),
}

impl Trouble {
    pub(super) fn named(self, ids: &[String]) -> NoRegimenState {
        match self {
            Trouble::Singular => NoRegimenState::Singular,
            Trouble::Gains(state) => NoRegimenState::Gains {
                state: ids[state].clone(),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pass(map: &[f64], from: &[f64], constant: &[f64]) -> Pass {
        let n = from.len();
        let map = DMatrix::from_row_slice(n, n, map);
        let from = DVector::from_column_slice(from);
        let to = &map * &from + DVector::from_column_slice(constant);
        let direct = DMatrix::from_column_slice(n, 1, constant);
        Pass {
            from,
            to,
            map,
            direct,
        }
    }

    #[test]
    fn the_correction_of_a_linear_map_leads_to_its_fixed_point() {
        let pass = pass(&[0.5, 0.0, 0.2, 0.8], &[3.0, -1.0], &[1.0, 2.0]);
        let linear = pass.linear(&pass.scale(1e-9, 1e-6)).expect("regular");
        let fixed = &pass.from + pass.correction(&linear, &[0.0, 0.0]).expect("regular");
        // y1 = 1 / 0.5, y2 = (2 + 0.2 y1) / 0.2; rounding alone
        assert!((fixed[0] - 2.0).abs() < 1e-13 && (fixed[1] - 12.0).abs() < 1e-12);
        let slopes = pass.derivatives(&linear, &[0.0, 0.0]).expect("regular");
        assert!((slopes[0][0] - 2.0).abs() < 1e-13 && (slopes[0][1] - 12.0).abs() < 1e-12);
    }

    #[test]
    fn a_conserved_total_keeps_what_the_regimen_found() {
        // two forms of one thing, of which 0.3 and 0.1 turn into the other
        let pass = pass(&[0.7, 0.1, 0.3, 0.9], &[0.0, 0.0], &[0.0, 0.0]);
        let linear = pass.linear(&pass.scale(1e-9, 1e-6)).expect("conserved");
        let fixed = pass.correction(&linear, &[3.0, 1.0]).expect("regular");
        assert!((fixed[0] - 1.0).abs() < 1e-13 && (fixed[1] - 3.0).abs() < 1e-13);
    }

    #[test]
    fn a_state_that_gains_without_end_is_named() {
        let pass = pass(&[0.5, 0.0, 0.4, 1.0], &[0.0, 0.0], &[1.0, 0.2]);
        let trouble = pass.linear(&pass.scale(1e-9, 1e-6)).err();
        assert_eq!(trouble, Some(Trouble::Gains(1)));
    }
}
