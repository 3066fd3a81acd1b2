//! The Hill function with its slope and curvature, over lanes.
//!
//! With y the smaller of x/K and K/x, so that no intermediate overflows, and r = y^n,
//!
//! $$h = \frac{x^n}{K^n + x^n} = \begin{cases} r/(1 + r) & x \le K\\ 1/(1 + r) & x > K\end{cases},\qquad h_x = \frac{n}{x} h (1 - h),\qquad h_{xx} = \frac{h_x}{x}\bigl(n (1 - 2h) - 1\bigr)$$
//!
//! For x <= K the slope is written with y^(n - 1), which is what it goes like at x = 0. A negative n is h(x, K, n) =
//! h(K, x, -n). Lanes where y is below 1e-75 go through [`hill_far`](super::hill_far).
//!
//! Reference: A. V. Hill (1910), J. Physiol. 40, iv-vii. Errors: a few ulp, beside the error of the power.
use super::{hill_far, pow, select};

/// The smallest ratio of the formulas; below it a lane goes through [`hill_far`](super::hill_far).
const FAR: f64 = 1e-75;

/// The arguments of one power for every lane.
struct Ratio<const W: usize> {
    /// The smaller of x/K and K/x; 1 where x <= 0.
    y: [f64; W],
    /// x <= K, or x <= 0.
    below: [bool; W],
    /// Whether any y is below [`FAR`].
    any_far: bool,
}

/// x against K.
#[inline(always)]
fn ratio<const W: usize>(x: &[f64; W], k: &[f64; W]) -> Ratio<W> {
    let (mut y, mut below, mut any_far) = ([0.0; W], [false; W], false);
    for l in 0..W {
        let low = x[l] <= k[l];
        let quotient = select(low, x[l], k[l]) / select(low, k[l], x[l]);
        // a zero costs a repaired power, 1 costs nothing
        y[l] = select(x[l] <= 0.0, 1.0, quotient);
        below[l] = low | (x[l] <= 0.0);
        any_far |= y[l] < FAR;
    }
    Ratio { y, below, any_far }
}

/// The lanes with a small ratio by the formulas of one lane.
#[cold]
#[inline(never)]
fn repaired<const W: usize>(
    arguments: [[f64; W]; 3],
    y: [f64; W],
    mut value: [f64; W],
    function: fn(f64, f64, f64) -> f64,
) -> [f64; W] {
    let [x, k, n] = arguments;
    for l in 0..W {
        if y[l] < FAR {
            value[l] = function(x[l], k[l], n[l]);
        }
    }
    value
}

/// x^n/(K^n + x^n) for x >= 0 and K > 0 in every lane; 0 for negative x (1 where n < 0).
#[inline(always)]
pub(crate) fn hill<const W: usize>(x: &[f64; W], k: &[f64; W], n: &[f64; W]) -> [f64; W] {
    let Ratio { y, below, any_far } = ratio(x, k);
    let power = pow(&y, &n.map(f64::abs));
    let mut h = [0.0; W];
    for l in 0..W {
        let r = select(x[l] <= 0.0, power_of_zero(n[l].abs()), power[l]);
        let value = select(below[l] == (n[l] >= 0.0), r, 1.0) / (1.0 + r);
        let unknown = x[l].is_nan() | k[l].is_nan() | n[l].is_nan();
        h[l] = select(unknown, f64::NAN, value);
    }
    if any_far {
        repaired([*x, *k, *n], y, h, hill_far::hill)
    } else {
        h
    }
}

/// y^(|n| - 1) for x <= K or y^|n| for x > K; y^|n|, 0 where x <= 0.
#[inline(always)]
fn slope_powers<const W: usize>(
    x: &[f64; W],
    n: &[f64; W],
    ratio: &Ratio<W>,
) -> ([f64; W], [f64; W]) {
    let mut exponent = [0.0; W];
    for l in 0..W {
        exponent[l] = n[l].abs() - select(ratio.below[l], 1.0, 0.0);
    }
    let power = pow(&ratio.y, &exponent);
    let mut r = [0.0; W];
    for l in 0..W {
        let full = select(ratio.below[l], power[l] * ratio.y[l], power[l]);
        r[l] = select(x[l] <= 0.0, 0.0, full);
    }
    (power, r)
}

/// 0^e: 0, 1 or infinite.
#[inline(always)]
fn power_of_zero(e: f64) -> f64 {
    select(e > 0.0, 0.0, select(e == 0.0, 1.0, f64::INFINITY))
}

/// The value for |n| with the sign of n; 0 for negative x and n = 0, NaN where an argument is.
#[inline(always)]
fn signed(value: f64, x: f64, k: f64, n: f64) -> f64 {
    let zero = (x < 0.0) | (n == 0.0);
    let value = select(zero, 0.0, select(n < 0.0, -value, value));
    select(x.is_nan() | k.is_nan() | n.is_nan(), f64::NAN, value)
}

/// The derivative of [`hill`] with respect to x; 0 for negative x.
///
/// At x = 0 it is 0 for n > 1, 1/K for n = 1 and infinite for n < 1.
#[inline(always)]
pub(crate) fn hill_slope<const W: usize>(x: &[f64; W], k: &[f64; W], n: &[f64; W]) -> [f64; W] {
    let ratio = ratio(x, k);
    let (power, r) = slope_powers(x, n, &ratio);
    let mut slope = [0.0; W];
    for l in 0..W {
        let m = n[l].abs();
        let p = select(x[l] == 0.0, power_of_zero(m - 1.0), power[l]);
        let larger = select(ratio.below[l], k[l], x[l]);
        let one = 1.0 + r[l];
        slope[l] = signed(m * p / larger / (one * one), x[l], k[l], n[l]);
    }
    if ratio.any_far {
        repaired([*x, *k, *n], ratio.y, slope, hill_far::hill_slope)
    } else {
        slope
    }
}

/// The second derivative of [`hill`] with respect to x; 0 for negative x.
///
/// At x = 0 it is the limit from above, which is infinite for n < 2 other than n = 1.
#[inline(always)]
pub(crate) fn hill_curvature<const W: usize>(x: &[f64; W], k: &[f64; W], n: &[f64; W]) -> [f64; W] {
    let ratio = ratio(x, k);
    let (power, r) = slope_powers(x, n, &ratio);
    let mut curvature = [0.0; W];
    for l in 0..W {
        let m = n[l].abs();
        let below = ratio.below[l];
        let bracket = select(
            below,
            (m - 1.0) - (m + 1.0) * r[l],
            (m - 1.0) * r[l] - (m + 1.0),
        );
        // y^(n - 2)/K^2 = y^(n - 1)/(x K)
        let p = bracket * power[l] / x[l] / select(below, k[l], x[l]);
        let limit = select(m == 1.0, -2.0, (m - 1.0) * power_of_zero(m - 2.0)) / k[l] / k[l];
        let one = 1.0 + r[l];
        let value = m * select(x[l] == 0.0, limit, p) / (one * one * one);
        curvature[l] = signed(value, x[l], k[l], n[l]);
    }
    if ratio.any_far {
        repaired([*x, *k, *n], ratio.y, curvature, hill_far::hill_curvature)
    } else {
        curvature
    }
}
