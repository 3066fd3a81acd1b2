//! One step of the bounded trust region: the quadratic model minimised within box and radius.
//!
//! For a multiplier $\lambda \ge 0$ the step $s(\lambda)$ minimises $g^T s + \tfrac12 s^T (B + \lambda D^2) s$ subject to
//! $l \le x + s \le u$, by a primal-dual active set (Hintermueller, Ito, Kunisch 2002, doi:10.1137/S1052623401383558).
//! $\lambda$ is raised until $\lVert D s\rVert \le \Delta$ (More 1978, doi:10.1007/BFb0067700). A projected-gradient
//! (Cauchy) step stands by, so that every step reduces the model at least as much (Conn, Gould, Toint 1988,
//! doi:10.1137/0725029).

use super::arrow::Arrow;

/// The quadratic model at the current point with its box.
#[derive(Clone, Copy, Debug)]
pub(super) struct Model<'a> {
    pub gradient: &'a [f64],
    pub curvature: &'a Arrow,
    /// D, positive
    pub scaling: &'a [f64],
    /// lower - x and upper - x
    pub lower: &'a [f64],
    pub upper: &'a [f64],
}

/// A step and what the model promises.
#[derive(Clone, Debug)]
pub(super) struct Step {
    pub step: Vec<f64>,
    /// reduction of the model, not negative
    pub reduction: f64,
    /// ||D s||
    pub length: f64,
    /// the multiplier of the radius; 0 when the radius does not bind
    pub lambda: f64,
}

/// Rounds in which all wrong bounds change at once.
const ALL_AT_ONCE: usize = 20;

impl Model<'_> {
    /// The gradient with the components that push against an active bound removed.
    pub(super) fn projected_gradient(&self) -> Vec<f64> {
        self.gradient
            .iter()
            .zip(self.lower.iter().zip(self.upper))
            .map(|(&g, (&lower, &upper))| {
                if (lower >= 0.0 && g > 0.0) || (upper <= 0.0 && g < 0.0) {
                    0.0
                } else {
                    g
                }
            })
            .collect()
    }

    fn length(&self, step: &[f64]) -> f64 {
        step.iter()
            .zip(self.scaling)
            .map(|(s, d)| (s * d) * (s * d))
            .sum::<f64>()
            .sqrt()
    }

    fn reduction(&self, step: &[f64]) -> f64 {
        let product = self.curvature.multiply(step);
        -step
            .iter()
            .zip(self.gradient.iter().zip(&product))
            .map(|(s, (g, b))| s * (g + 0.5 * b))
            .sum::<f64>()
    }

    fn finish(&self, step: Vec<f64>, lambda: f64) -> Step {
        Step {
            reduction: self.reduction(&step),
            length: self.length(&step),
            step,
            lambda,
        }
    }

    /// The minimiser within box and radius; `start` is the multiplier of the last step.
    pub(super) fn minimise(&self, radius: f64, start: f64) -> Step {
        let cauchy = self.cauchy(radius);
        let best = self.within_radius(radius, start);
        match best {
            Some(best) if best.reduction >= cauchy.reduction => best,
            _ => cauchy,
        }
    }

    fn within_radius(&self, radius: f64, start: f64) -> Option<Step> {
        if let Some(step) = self.boxed(0.0) {
            let step = self.finish(step, 0.0);
            if step.length <= 1.1 * radius {
                return Some(step);
            }
        }
        let slope = self
            .projected_gradient()
            .iter()
            .zip(self.scaling)
            .map(|(g, d)| (g / d) * (g / d))
            .sum::<f64>()
            .sqrt();
        // ||D s(lambda)|| <= ||D^-1 g|| / lambda
        let (mut low, mut high) = (0.0_f64, slope / radius);
        if !(high > 0.0 && high.is_finite()) {
            return None;
        }
        let mut lambda = if start > 0.0 {
            start.min(high)
        } else {
            1e-3 * high
        };
        let mut within: Option<Step> = None;
        for _ in 0..25 {
            let Some(step) = self.boxed(lambda) else {
                low = low.max(lambda);
                lambda = (10.0 * lambda).max(1e-12 * high).min(high);
                if low >= high {
                    break;
                }
                continue;
            };
            let step = self.finish(step, lambda);
            let ratio = step.length / radius;
            if ratio > 1.1 {
                low = low.max(lambda);
            } else {
                high = high.min(lambda);
                let done = ratio >= 0.8;
                within = Some(step);
                if done {
                    break;
                }
            }
            if high <= low * (1.0 + 1e-6) {
                break;
            }
            // the length falls about like 1/lambda where the radius binds hard, slower elsewhere
            let guess = lambda * ratio.clamp(1e-3, 1e3).powf(1.3);
            let (inner_low, inner_high) = (low + 0.01 * (high - low), high);
            lambda = if guess > inner_low && guess < inner_high {
                guess
            } else if low > 0.0 {
                (low * high).sqrt()
            } else {
                0.03 * high
            };
        }
        within
    }

    /// Minimiser in the box for one multiplier; `None` when the free part is not positive definite.
    fn boxed(&self, lambda: f64) -> Option<Vec<f64>> {
        let n = self.gradient.len();
        let shift: Vec<f64> = self.scaling.iter().map(|d| lambda * d * d).collect();
        // -1 at the lower bound, 1 at the upper, 0 free
        let mut side: Vec<i8> = (0..n)
            .map(|i| {
                if self.lower[i] >= 0.0 && self.gradient[i] > 0.0 {
                    -1
                } else if self.upper[i] <= 0.0 && self.gradient[i] < 0.0 {
                    1
                } else {
                    0
                }
            })
            .collect();
        let mut step = vec![0.0; n];
        for round in 0..ALL_AT_ONCE + 40 {
            let mut at_bounds = vec![0.0; n];
            for i in 0..n {
                at_bounds[i] = match side[i] {
                    -1 => self.lower[i],
                    1 => self.upper[i],
                    _ => 0.0,
                };
            }
            let moved = at_bounds.iter().any(|v| *v != 0.0);
            let product = if moved {
                self.curvature.multiply(&at_bounds)
            } else {
                vec![0.0; n]
            };
            let right: Vec<f64> = (0..n).map(|i| -self.gradient[i] - product[i]).collect();
            let free: Vec<bool> = side.iter().map(|s| *s == 0).collect();
            let solved = self.curvature.solve(&shift, &free, &right)?;
            for i in 0..n {
                step[i] = if free[i] { solved[i] } else { at_bounds[i] };
            }
            if step.iter().any(|s| !s.is_finite()) {
                return None;
            }
            let total = self.curvature.multiply(&step);
            let wanted = |i: usize| {
                if free[i] {
                    if step[i] < self.lower[i] {
                        -1
                    } else if step[i] > self.upper[i] {
                        1
                    } else {
                        0
                    }
                } else {
                    // an active bound whose multiplier has the wrong sign is released
                    let slope = self.gradient[i] + total[i] + shift[i] * step[i];
                    let wrong = (side[i] < 0 && slope < 0.0) || (side[i] > 0 && slope > 0.0);
                    if wrong { 0 } else { side[i] }
                }
            };
            let mut changes: Vec<(usize, i8)> = (0..n)
                .map(|i| (i, wanted(i)))
                .filter(|(i, new)| *new != side[*i])
                .collect();
            let Some(last) = changes.last().copied() else {
                break;
            };
            // all at once may cycle; one at a time, the last one first, ends (Murty's rule of principal pivoting)
            if round >= ALL_AT_ONCE {
                changes = vec![last];
            }
            for (i, new) in changes {
                side[i] = new;
            }
        }
        for (s, (lower, upper)) in step.iter_mut().zip(self.lower.iter().zip(self.upper)) {
            *s = s.clamp(*lower, *upper);
        }
        Some(step)
    }

    /// The projected steepest descent path in the scaled variables, cut where the model stops falling.
    fn cauchy(&self, radius: f64) -> Step {
        let path = |t: f64| -> Vec<f64> {
            self.gradient
                .iter()
                .zip(self.scaling)
                .zip(self.lower.iter().zip(self.upper))
                .map(|((g, d), (lower, upper))| (-t * g / (d * d)).clamp(*lower, *upper))
                .collect()
        };
        let direction: Vec<f64> = self
            .projected_gradient()
            .iter()
            .zip(self.scaling)
            .map(|(g, d)| -g / (d * d))
            .collect();
        let slope: f64 = direction
            .iter()
            .zip(self.gradient)
            .map(|(s, g)| s * g)
            .sum();
        let bend: f64 = direction
            .iter()
            .zip(self.curvature.multiply(&direction))
            .map(|(s, b)| s * b)
            .sum();
        let length = self.length(&direction);
        if !(length > 0.0 && slope < 0.0) {
            return self.finish(vec![0.0; direction.len()], 0.0);
        }
        let mut t = radius / length;
        if bend > 0.0 {
            t = t.min(-slope / bend);
        }
        let mut best = self.finish(path(t), 0.0);
        for _ in 0..30 {
            let linear: f64 = best
                .step
                .iter()
                .zip(self.gradient)
                .map(|(s, g)| s * g)
                .sum();
            if best.reduction >= -0.1 * linear && best.length <= radius * (1.0 + 1e-9) {
                break;
            }
            t *= 0.5;
            best = self.finish(path(t), 0.0);
        }
        best.lambda = if best.length > 0.9 * radius {
            1.0 / t
        } else {
            0.0
        };
        best
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fit::arrow::ArrowLayout;
    use proptest::prelude::*;
    use std::sync::Arc;

    fn arrow(n: usize, jacobian: &[f64]) -> Arrow {
        let j = nalgebra::DMatrix::from_row_slice(jacobian.len() / n, n, jacobian);
        let mut arrow = Arrow::zeros(Arc::new(ArrowLayout::dense(n)));
        arrow.add(&(0..n).collect::<Vec<_>>(), &j.tr_mul(&j));
        arrow
    }

    proptest! {
        /// Box and radius kept, no worse than the Cauchy step, and the Karush-Kuhn-Tucker conditions of the box where the
        /// radius does not bind. (Where it does, the search for the multiplier may end at the Cauchy step.)
        #[test]
        fn steps_are_optimal_in_box_and_radius(
            j in proptest::collection::vec(-1.0..1.0_f64, 24),
            g in proptest::collection::vec(-2.0..2.0_f64, 4),
            l in proptest::collection::vec(-1.0..0.0_f64, 4),
            u in proptest::collection::vec(0.0..1.0_f64, 4),
            radius in 0.01..5.0_f64,
        ) {
            let curvature = arrow(4, &j);
            let scaling = [1.0, 0.5, 2.0, 1.5];
            let model = Model { gradient: &g, curvature: &curvature, scaling: &scaling, lower: &l, upper: &u };
            let best = model.minimise(radius, 0.0);
            prop_assert!(best.reduction >= 0.0);
            prop_assert!(best.length <= 1.1 * radius * (1.0 + 1e-9));
            for i in 0..4 {
                prop_assert!(best.step[i] >= l[i] && best.step[i] <= u[i]);
            }
            prop_assert!(best.reduction >= model.cauchy(radius).reduction);
            if model.boxed(0.0).is_some_and(|free| model.length(&free) <= radius) {
                let product = curvature.multiply(&best.step);
                for i in 0..4 {
                    let slope = g[i] + product[i];
                    // solved by Cholesky with condition below about 1e6
                    let tolerance = 1e-8;
                    prop_assert!(best.step[i] <= l[i] || slope <= tolerance, "{} {}", slope, i);
                    prop_assert!(best.step[i] >= u[i] || slope >= -tolerance, "{} {}", slope, i);
                }
            }
        }
    }

    #[test]
    fn a_zero_curvature_model_still_moves() {
        let curvature = Arrow::zeros(Arc::new(ArrowLayout::dense(2)));
        let model = Model {
            gradient: &[1.0, 0.0],
            curvature: &curvature,
            scaling: &[1.0, 1.0],
            lower: &[-10.0, -10.0],
            upper: &[10.0, 10.0],
        };
        let step = model.minimise(2.0, 0.0);
        assert!(
            (step.step[0] + 2.0).abs() < 0.25 && step.step[1] == 0.0,
            "{step:?}"
        );
    }
}
