//! The logistic function and the hyperbolic tangent.
//!
//! $$\sigma(x) = \frac{1}{1 + e^{-x}} = \frac{e^x}{1 + e^x},\qquad \tanh x = \frac{1 - e^{-2x}}{1 + e^{-2x}} = \frac{-q}{q + 2},\quad q = e^{-2x} - 1$$
//!
//! The exponential is always that of a negative argument, so nothing overflows, and the form is chosen by the sign: both
//! tails and the neighbourhood of zero keep their relative accuracy. Largest errors seen over 10^8
//! random arguments (2026-11): 2.34 ulp of [`sigmoid`], 2.50 ulp of [`tanh`].
use super::exponential::{exp_lane, expm1_lane};
use super::select;

/// sigmoid of one lane.
#[inline(always)]
fn sigmoid_lane(x: f64) -> f64 {
    let e = exp_lane(-x.abs());
    select(x < 0.0, e, 1.0) / (1.0 + e)
}

/// tanh of one lane.
#[inline(always)]
fn tanh_lane(x: f64) -> f64 {
    let q = expm1_lane(-2.0 * x.abs());
    (q / (q + 2.0)).copysign(x)
}

/// 1/(1 + exp(-x)) for every lane, accurate in both tails.
#[inline(always)]
pub(crate) fn sigmoid<const W: usize>(x: &[f64; W]) -> [f64; W] {
    let mut y = [0.0; W];
    for l in 0..W {
        y[l] = sigmoid_lane(x[l]);
    }
    y
}

/// The hyperbolic tangent of every lane.
#[inline(always)]
pub(crate) fn tanh<const W: usize>(x: &[f64; W]) -> [f64; W] {
    let mut y = [0.0; W];
    for l in 0..W {
        y[l] = tanh_lane(x[l]);
    }
    y
}
