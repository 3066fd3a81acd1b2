//! Stability of a state of rest: eigenvalues of the Jacobian.
//!
//! Eigenvalues do not change with the units of the states, but their rounding does: they are those of $S^{-1} J S$ with the sizes $S$.
//! Algebraic equations are eliminated first, $J_{dd} - J_{da} J_{aa}^{-1} J_{ad}$.
use super::equations::{Linear, Rest, Scale};
use nalgebra::{DMatrix, Schur};

/// real parts within this share of the largest entry of J are rounding
const ROUNDING: f64 = 1e-13;

/// What the eigenvalues say; each is (real part, imaginary part).
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Spectrum {
    /// how many have a positive real part
    pub unstable: usize,
    /// the one with the largest real part
    pub leading: (f64, f64),
    /// the one nearest to the imaginary axis
    pub nearest: (f64, f64),
}

/// Eigenvalues at a point; None where they do not converge or algebraic equations do not fix their states.
pub(super) fn spectrum(rest: &Rest, linear: &Linear, scale: &Scale) -> Option<Spectrum> {
    let n = scale.states.len();
    let scaled = DMatrix::from_fn(n, n, |i, j| {
        linear.j[(i, j)] * scale.states[j] / scale.states[i]
    });
    let (algebraic, dynamic): (Vec<usize>, Vec<usize>) =
        (0..n).partition(|&k| rest.is_algebraic(k));
    let block =
        |rows: &[usize], columns: &[usize]| scaled.select_rows(rows).select_columns(columns);
    let mut matrix = block(&dynamic, &dynamic);
    if !algebraic.is_empty() {
        let inner = block(&algebraic, &algebraic).lu();
        let followed = inner.solve(&block(&algebraic, &dynamic))?;
        matrix -= block(&dynamic, &algebraic) * followed;
    }
    let none = (f64::NEG_INFINITY, 0.0);
    if matrix.is_empty() {
        return Some(Spectrum {
            unstable: 0,
            leading: none,
            nearest: none,
        });
    }
    let floor = ROUNDING * matrix.amax();
    let schur = Schur::try_new(matrix, f64::EPSILON, 10_000)?;
    let mut found = Spectrum {
        unstable: 0,
        leading: none,
        nearest: none,
    };
    for value in schur.complex_eigenvalues().iter() {
        if !value.re.is_finite() {
            return None;
        }
        found.unstable += usize::from(value.re > floor);
        let pair = (value.re, value.im.abs());
        if pair.0 > found.leading.0 {
            found.leading = pair;
        }
        if pair.0.abs() < found.nearest.0.abs() {
            found.nearest = pair;
        }
    }
    Some(found)
}
