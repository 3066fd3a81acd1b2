//! An objective with one search entry held at a value: what is left for the others to minimise.

use crate::fit::arrow::ArrowLayout;
use crate::fit::objective::{Derivatives, Evaluation, Objective, Order};
use crate::fit::parameters::Search;
use std::sync::Arc;

/// An [`Objective`] over all entries but one. Its search vectors leave that entry out; those after it move up by one, and so do
/// gradient, layout and Gauss-Newton matrix.
///
/// ```
/// use holobiont::fit::{Derivatives, Evaluation, Fixed, Objective, Order, Search};
/// struct Sum;
/// impl Objective for Sum {
///     fn dim(&self) -> usize { 2 }
///     fn evaluate(&self, x: &Search, _: Order, _: &mut Derivatives) -> Evaluation { Evaluation::Value(x.0[0] + 10.0 * x.0[1]) }
/// }
/// let fixed = Fixed::new(&Sum, 0, 3.0);
/// let mut out = Derivatives::new(fixed.layout());
/// assert_eq!(fixed.evaluate(&Search(vec![1.0]), Order::Value, &mut out).value(), Some(13.0));
/// ```
pub struct Fixed<'a> {
    objective: &'a dyn Objective,
    entry: usize,
    value: f64,
    whole: Arc<ArrowLayout>,
    layout: Arc<ArrowLayout>,
}

impl<'a> Fixed<'a> {
    /// Holds search entry `entry` at `value`.
    ///
    /// # Panics
    /// when there is no such entry.
    pub fn new(objective: &'a dyn Objective, entry: usize, value: f64) -> Self {
        let whole = objective.layout();
        Fixed {
            layout: Arc::new(whole.without(entry)),
            objective,
            entry,
            value,
            whole,
        }
    }

    /// The whole search vector.
    pub fn whole(&self, rest: &Search) -> Search {
        let mut x = rest.0.clone();
        x.insert(self.entry, self.value);
        Search(x)
    }
}

/// A vector without one entry.
pub(super) fn without(x: &[f64], entry: usize) -> Vec<f64> {
    let mut rest = x.to_vec();
    rest.remove(entry);
    rest
}

impl Objective for Fixed<'_> {
    fn dim(&self) -> usize {
        self.layout.dim()
    }

    fn layout(&self) -> Arc<ArrowLayout> {
        self.layout.clone()
    }

    fn evaluate(&self, x: &Search, want: Order, out: &mut Derivatives) -> Evaluation {
        let mut whole = Derivatives::new(self.whole.clone());
        let answer = self.objective.evaluate(&self.whole(x), want, &mut whole);
        if want > Order::Value && answer.value().is_some() {
            out.gradient = without(&whole.gradient, self.entry);
            if want == Order::GaussNewton {
                whole.curvature.copy_without(self.entry, &mut out.curvature);
            }
        }
        answer
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use nalgebra::{DMatrix, DVector};

    /// Half a quadratic form with two own blocks (entries 1 and 2) and two shared entries.
    struct Form(DMatrix<f64>);

    impl Objective for Form {
        fn dim(&self) -> usize {
            4
        }
        fn layout(&self) -> Arc<ArrowLayout> {
            Arc::new(ArrowLayout::new(&[None, Some(0), Some(1), None]))
        }
        fn evaluate(&self, x: &Search, _: Order, out: &mut Derivatives) -> Evaluation {
            let x = DVector::from_column_slice(&x.0);
            let slope = &self.0 * &x;
            out.clear();
            out.gradient = slope.as_slice().to_vec();
            for entries in [&[0, 1, 3][..], &[2]] {
                out.curvature.add(
                    entries,
                    &self.0.select_rows(entries).select_columns(entries),
                );
            }
            // the cross terms of entry 2 with the shared ones, without the shared block again
            let mut cross = DMatrix::zeros(3, 3);
            for (k, j) in [(0, 0), (2, 3)] {
                cross[(1, k)] = self.0[(2, j)];
                cross[(k, 1)] = self.0[(2, j)];
            }
            out.curvature.add(&[0, 2, 3], &cross);
            Evaluation::Value(0.5 * x.dot(&slope))
        }
    }

    #[test]
    fn gradient_and_curvature_are_those_without_the_entry() {
        let mut matrix = DMatrix::from_fn(4, 4, |i, j| 1.0 / (1 + i + j) as f64);
        matrix[(1, 2)] = 0.0;
        matrix[(2, 1)] = 0.0;
        let form = Form(matrix.clone());
        for entry in 0..4 {
            let fixed = Fixed::new(&form, entry, 0.7);
            let mut out = Derivatives::new(fixed.layout());
            let rest = Search(vec![1.0, -2.0, 0.5]);
            fixed.evaluate(&rest, Order::GaussNewton, &mut out);
            let whole = fixed.whole(&rest);
            assert_eq!(whole.0[entry], 0.7);
            let slope = &matrix * DVector::from_column_slice(&whole.0);
            assert_eq!(out.gradient, without(slope.as_slice(), entry));
            let small = matrix.clone().remove_row(entry).remove_column(entry);
            assert_eq!(out.curvature.to_dense(), small);
        }
    }
}
