//! What the Gauss-Newton matrix leaves out of the second derivatives, learnt from gradients along the way.
//!
//! The Hessian is B + S, where B is the Gauss-Newton matrix and S comes from the curvature of the predictions. After a step s the
//! gradients tell S s = y = g_new - g_old - B_new s, and the symmetric rank-one update (Conn, Gould, Toint 1991,
//! doi:10.1007/BF01594934) makes it so; before, S is sized by min(1, |s y / s S s|), so that it fades where the predictions become
//! straight. Of the two models, with and without S, the one that foretold the last fall better is used (both ideas: Dennis, Gay,
//! Welsch 1981, doi:10.1145/355958.355965).
use super::arrow::{Arrow, ArrowLayout};
use nalgebra::DMatrix;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// More entries than this are left without a correction: it has no arrow structure.
const MOST: usize = 256;
/// An update whose divisor is smaller, relative to its vectors, is left out.
const DEGENERATE: f64 = 1e-6;
/// The other model must have been this much better to take over.
const CLEARLY: f64 = 1.5;

/// The correction S of a search.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Secant {
    dim: usize,
    /// row by row; empty where there is no correction
    matrix: Vec<f64>,
    /// whether the model with S is the one in use
    used: bool,
}

impl Secant {
    /// No correction yet.
    pub(super) fn new(dim: usize) -> Self {
        let kept = if dim <= MOST { dim } else { 0 };
        Secant {
            dim: kept,
            matrix: vec![0.0; kept * kept],
            used: false,
        }
    }

    /// B + S, where S is in use.
    pub(super) fn corrected(&self, curvature: &Arrow) -> Option<Arrow> {
        if !self.used {
            return None;
        }
        let n = self.dim;
        let whole = curvature.to_dense() + DMatrix::from_row_slice(n, n, &self.matrix);
        let mut arrow = Arrow::zeros(Arc::new(ArrowLayout::dense(n)));
        arrow.add(&(0..n).collect::<Vec<_>>(), &whole);
        Some(arrow)
    }

    fn multiply(&self, s: &[f64]) -> Vec<f64> {
        let rows = self.matrix.chunks_exact(self.dim.max(1));
        rows.map(|row| dot(row, s)).collect()
    }

    /// After a trial step that promised a fall and had another: chooses the model for the next one.
    pub(super) fn judge(&mut self, step: &[f64], promised: f64, actual: f64) {
        if self.dim == 0 {
            return;
        }
        let bend = 0.5 * dot(&self.multiply(step), step);
        let other = if self.used {
            promised + bend
        } else {
            promised - bend
        };
        if CLEARLY * (actual - other).abs() < (actual - promised).abs() {
            self.used = !self.used;
        }
    }

    /// After a step s over which the gradients changed by y beyond B s.
    pub(super) fn learn(&mut self, s: &[f64], y: &[f64]) {
        if self.dim == 0 {
            return;
        }
        let product = self.multiply(s);
        let (known, wanted) = (dot(&product, s), dot(y, s));
        let size = match known.abs() > 0.0 {
            true => (wanted / known).abs().min(1.0),
            false => 1.0,
        };
        let rest: Vec<f64> = (y.iter().zip(&product))
            .map(|(y, p)| y - size * p)
            .collect();
        let divisor = dot(&rest, s);
        for entry in &mut self.matrix {
            *entry *= size;
        }
        // also false for NaN
        if divisor.abs() > DEGENERATE * dot(&rest, &rest).sqrt() * dot(s, s).sqrt() {
            for (i, row) in self.matrix.chunks_exact_mut(self.dim).enumerate() {
                for (entry, r) in row.iter_mut().zip(&rest) {
                    *entry += rest[i] * r / divisor;
                }
            }
        }
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// For a quadratic with a constant remainder, n independent steps teach all of it.
    #[test]
    fn steps_teach_the_remainder() {
        let truth = [[2.0, -1.0, 0.5], [-1.0, -3.0, 0.2], [0.5, 0.2, 1.0]];
        let steps = [[1.0, 0.2, -0.3], [0.1, -1.0, 0.4], [0.3, 0.1, 0.8]];
        let mut secant = Secant::new(3);
        for s in &steps {
            let y: Vec<f64> = truth.iter().map(|row| dot(row, s)).collect();
            // sizing never shrinks what is right
            secant.learn(s, &y);
            let now = secant.multiply(s);
            for (now, y) in now.iter().zip(&y) {
                assert!((now - y).abs() < 1e-12);
            }
        }
    }

    #[test]
    fn the_better_model_is_chosen() {
        let mut secant = Secant::new(1);
        secant.learn(&[1.0], &[4.0]);
        assert!(
            secant
                .corrected(&Arrow::zeros(Arc::new(ArrowLayout::dense(1))))
                .is_none()
        );
        // without S a fall of 1 was promised; S takes 2 away, and so it came
        secant.judge(&[1.0], 1.0, -1.0);
        assert!(secant.used);
        let sum = secant.corrected(&Arrow::zeros(Arc::new(ArrowLayout::dense(1))));
        assert_eq!(sum.map(|sum| sum.get(0, 0)), Some(4.0));
        secant.judge(&[1.0], -1.0, 1.0);
        assert!(!secant.used);
    }

    #[test]
    fn large_problems_have_none() {
        let mut secant = Secant::new(MOST + 1);
        let s = vec![1.0; MOST + 1];
        secant.learn(&s, &s);
        secant.judge(&s, 1.0, 0.0);
        assert!(secant.matrix.is_empty() && !secant.used);
    }
}
