//! The Hill function and its derivatives in one lane, for any ratio of x to K, by cases.
//!
//! Where x/K is not a normal number the power is exp(n (ln x - ln K)); each derivative has the power it goes like, so that
//! nothing is infinite before the result is. The meaning of the functions stands in [`hill`](super::hill).
use super::scalar::{exp, ln, pow};

/// (x/K)^n / x^d for x > 0, without overflow of the ratio.
fn ratio_power(x: f64, k: f64, n: f64, d: f64) -> f64 {
    if n.is_nan() {
        return n; // 1^NaN is 1 by IEEE 754
    }
    let y = x / k;
    if (f64::MIN_POSITIVE..=f64::MAX).contains(&y) {
        let power = if n - d == 1.0 {
            y
        } else if n - d == 2.0 {
            y * y
        } else {
            pow(y, n - d)
        };
        if d == 0.0 {
            power
        } else if d == 1.0 {
            power / k
        } else {
            power / k / k
        }
    } else {
        exp(n * (ln(x) - ln(k)) - d * ln(x))
    }
}

/// x^n/(K^n + x^n) for x >= 0 and K > 0; 0 for negative x (1 where n < 0).
pub(super) fn hill(x: f64, k: f64, n: f64) -> f64 {
    if n < 0.0 {
        return if x <= 0.0 { 1.0 } else { hill(k, x, -n) };
    }
    if x <= 0.0 {
        return if k.is_nan() || n.is_nan() {
            f64::NAN
        } else if n == 0.0 {
            0.5
        } else {
            0.0
        };
    }
    if x <= k {
        let r = ratio_power(x, k, n, 0.0);
        r / (1.0 + r)
    } else {
        1.0 / (1.0 + ratio_power(k, x, n, 0.0))
    }
}

/// The derivative of [`hill`] with respect to x; 0 for negative x.
///
/// At x = 0 it is 0 for n > 1, 1/K for n = 1 and infinite for n < 1.
pub(super) fn hill_slope(x: f64, k: f64, n: f64) -> f64 {
    if n < 0.0 {
        return -hill_slope(x, k, -n);
    }
    if n == 0.0 || x < 0.0 {
        return if x.is_nan() || k.is_nan() {
            f64::NAN
        } else {
            0.0
        };
    }
    if x == 0.0 {
        return n / k * pow(0.0, n - 1.0);
    }
    if x <= k {
        let r = ratio_power(x, k, n, 0.0);
        n * ratio_power(x, k, n, 1.0) / (1.0 + r) / (1.0 + r)
    } else {
        let q = ratio_power(k, x, n, 0.0);
        n * q / x / (1.0 + q) / (1.0 + q)
    }
}

/// The second derivative of [`hill`] with respect to x; 0 for negative x.
///
/// At x = 0 it is the limit from above, which is infinite for n < 2 other than n = 1.
pub(super) fn hill_curvature(x: f64, k: f64, n: f64) -> f64 {
    if n < 0.0 {
        return -hill_curvature(x, k, -n);
    }
    if n == 0.0 || x < 0.0 {
        return if x.is_nan() || k.is_nan() {
            f64::NAN
        } else {
            0.0
        };
    }
    if x <= k || x == 0.0 {
        let r = if x == 0.0 {
            0.0
        } else {
            ratio_power(x, k, n, 0.0)
        };
        let denominator = (1.0 + r) * (1.0 + r) * (1.0 + r);
        if n == 1.0 {
            return -2.0 / denominator / k / k;
        }
        let power = if x == 0.0 {
            pow(0.0, n - 2.0) / k / k
        } else {
            ratio_power(x, k, n, 2.0)
        };
        n * ((n - 1.0) - (n + 1.0) * r) * power / denominator
    } else {
        let q = ratio_power(k, x, n, 0.0);
        n * ((n - 1.0) * q - (n + 1.0)) * q / x / x / ((1.0 + q) * (1.0 + q) * (1.0 + q))
    }
}
