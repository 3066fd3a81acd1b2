//! The normal distribution function and its logarithm, accurate in both tails.
//!
//! Not a distribution of readings; those are built on top in the neighbouring files. The letters: $\varphi$ the standard
//! normal density, $\Phi$ its distribution function, $R(t) = \Phi(-t)/\varphi(t)$ Mills' ratio, evaluated for large $t$
//! by Laplace's continued fraction $R(t) = 1/(t + 1/(t + 2/(t + 3/(t + \dots))))$
//! (Abramowitz & Stegun 26.2.14).

use std::f64::consts::{FRAC_1_SQRT_2, SQRT_2};

/// ln sqrt(2 pi)
pub(super) const LN_SQRT_TAU: f64 = 0.918_938_533_204_672_8;
/// From here on the continued fraction is used; below, the complementary error function.
const FAR: f64 = 5.0;
/// Levels of the continued fraction: at t = 5 the remainder is below 1e-17.
const LEVELS: u32 = 60;

/// $K(t)$ with $R(t) = 1/(t + K(t))$, for $t \ge 5$.
fn excess(t: f64) -> f64 {
    let mut k = 0.0;
    for level in (1..=LEVELS).rev() {
        k = f64::from(level) / (t + k);
    }
    k
}

/// Mills' ratio $R(t) = \Phi(-t)/\varphi(t)$ for $t \ge 0$.
fn mills(t: f64) -> f64 {
    if t >= FAR {
        1.0 / (t + excess(t))
    } else {
        // 0.5 erfc(t / sqrt 2) / phi(t)
        0.5 * libm::erfc(t * FRAC_1_SQRT_2) * libm::exp(0.5 * t * t + LN_SQRT_TAU)
    }
}

/// $\Phi(z)$.
pub fn normal_cdf(z: f64) -> f64 {
    0.5 * libm::erfc(-z * FRAC_1_SQRT_2)
}

/// $\ln\Phi(z)$, to a relative accuracy of about 1e-15 for every finite $z$.
///
/// ```
/// let far = holobiont::noise::ln_normal_cdf(-1e8);
/// assert!((far / -5.0000000000000193e15 - 1.0).abs() < 1e-14);
/// ```
pub fn ln_normal_cdf(z: f64) -> f64 {
    if z > 0.0 {
        libm::log1p(-0.5 * libm::erfc(z * FRAC_1_SQRT_2))
    } else if z > -FAR {
        libm::log(0.5 * libm::erfc(-z * FRAC_1_SQRT_2))
    } else if z == f64::NEG_INFINITY {
        f64::NEG_INFINITY
    } else {
        let t = -z;
        -0.5 * t * t - LN_SQRT_TAU - libm::log(t + excess(t))
    }
}

/// $\ln\Phi$ with its first two derivatives and the stable sum $z + h$, $h = \varphi(z)/\Phi(z)$.
#[derive(Clone, Copy, Debug)]
pub(super) struct LnCdf {
    pub value: f64,
    /// h = d ln Phi / dz
    pub slope: f64,
    /// second derivative, -h (z + h), always in (-1, 0]
    pub curvature: f64,
}

pub(super) fn ln_cdf_with_derivatives(z: f64) -> LnCdf {
    let value = ln_normal_cdf(z);
    if z <= -FAR {
        let k = excess(-z);
        let slope = k - z;
        return LnCdf {
            value,
            slope,
            curvature: -slope * k,
        };
    }
    let slope = libm::exp(-0.5 * z * z - LN_SQRT_TAU - value);
    LnCdf {
        value,
        slope,
        curvature: -slope * (z + slope),
    }
}

/// $\ln(\Phi(b) - \Phi(a))$ for $a < b$ without cancellation, infinite limits allowed; minus infinity when $a \ge b$.
pub fn ln_normal_interval(a: f64, b: f64) -> f64 {
    interval(a, b).value
}

/// $\ln P$ of an interval and the moments of the standard normal truncated to it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Interval {
    pub value: f64,
    /// E z
    pub mean: f64,
    /// E z^2
    pub square: f64,
    /// Var z
    pub variance: f64,
    /// Cov(z, z^2)
    pub covariance: f64,
    /// Var z^2
    pub variance_square: f64,
}

pub(super) fn interval(a: f64, b: f64) -> Interval {
    if a.is_nan() || b.is_nan() || a >= b {
        return Interval {
            value: f64::NEG_INFINITY,
            mean: 0.0,
            square: 0.0,
            variance: 0.0,
            covariance: 0.0,
            variance_square: 0.0,
        };
    }
    if a >= 0.0 || -a < b {
        // mirror, so that the bulk of the interval lies in the lower half, where the formulas below are stable
        let mirrored = interval(-b, -a);
        return Interval {
            mean: -mirrored.mean,
            covariance: -mirrored.covariance,
            ..mirrored
        };
    }
    let width = b - a;
    let nearest = if b < 0.0 { -b } else { 0.0 };
    if width * (nearest + width) <= 1.0 {
        narrow(a, b)
    } else {
        wide(a, b)
    }
}

/// Nodes and weights of the 10-point Gauss-Legendre rule on [-1, 1] (positive half; Abramowitz & Stegun table 25.4).
pub(super) const GAUSS_LEGENDRE: [(f64, f64); 5] = [
    (0.148_874_338_981_631_22, 0.295_524_224_714_752_87),
    (0.433_395_394_129_247_2, 0.269_266_719_309_996_35),
    (0.679_409_568_299_024_4, 0.219_086_362_515_982_04),
    (0.865_063_366_688_984_5, 0.149_451_349_150_580_6),
    (0.973_906_528_517_171_7, 0.066_671_344_308_688_14),
];

/// By quadrature about the middle m: P = phi(m) times the integral of exp(-m t - t^2/2); moments about m do not cancel.
fn narrow(a: f64, b: f64) -> Interval {
    let half = 0.5 * (b - a);
    let middle = a + half;
    let mut moments = [0.0; 5];
    for (node, weight) in GAUSS_LEGENDRE {
        for t in [-node * half, node * half] {
            let mut term = weight * half * libm::exp(-middle * t - 0.5 * t * t);
            for moment in &mut moments {
                *moment += term;
                term *= t;
            }
        }
    }
    let p = moments[0];
    let mean = moments[1] / p;
    let (second, third, fourth) = (moments[2] / p, moments[3] / p, moments[4] / p);
    // central moments about the mean of t
    let variance = second - mean * mean;
    let skew = third - 3.0 * mean * second + 2.0 * mean.powi(3);
    let fourth = fourth - 4.0 * mean * third + 6.0 * mean * mean * second - 3.0 * mean.powi(4);
    from_central(
        -0.5 * middle * middle - LN_SQRT_TAU + libm::log(p),
        middle + mean,
        variance,
        skew,
        fourth,
    )
}

fn from_central(value: f64, mean: f64, variance: f64, skew: f64, fourth: f64) -> Interval {
    Interval {
        value,
        mean,
        square: mean * mean + variance,
        variance,
        covariance: 2.0 * mean * variance + skew,
        variance_square: 4.0 * mean * mean * variance + 4.0 * mean * skew + fourth
            - variance * variance,
    }
}

/// By the distribution function and the densities at both ends.
fn wide(a: f64, b: f64) -> Interval {
    let (value, at_a, at_b) = if b <= 0.0 {
        // Phi(b) - Phi(a) = phi(b) [R(-b) - R(-a) + R(-a)(1 - e^-d)], d = (a^2 - b^2)/2: only positive terms
        let (near, far) = (-b, -a);
        let d = 0.5 * (far - near) * (far + near);
        let (r_near, r_far) = (mills(near), if far.is_finite() { mills(far) } else { 0.0 });
        let bracket = (r_near - r_far) + r_far * -libm::expm1(-d);
        // the densities over P, without the factor that underflows
        let at_b = 1.0 / bracket;
        let at_a = if far.is_finite() {
            libm::exp(-d) / bracket
        } else {
            0.0
        };
        (
            -0.5 * near * near - LN_SQRT_TAU + libm::log(bracket),
            at_a,
            at_b,
        )
    } else {
        let outside = normal_cdf(a) + normal_cdf(-b);
        let value = if outside < 0.5 {
            libm::log1p(-outside)
        } else {
            libm::log(0.5 * (libm::erf(b / SQRT_2) - libm::erf(a / SQRT_2)))
        };
        let density = |z: f64| libm::exp(-0.5 * z * z - LN_SQRT_TAU - value);
        (value, density(a), density(b))
    };
    // recursion of the moments of a truncated normal: E z^k = (k-1) E z^(k-2) + a^(k-1) phi(a)/P - b^(k-1) phi(b)/P
    let edge = |power: i32| {
        let one = |z: f64, density: f64| {
            if density == 0.0 {
                0.0
            } else {
                z.powi(power) * density
            }
        };
        one(a, at_a) - one(b, at_b)
    };
    if b < -FAR {
        // deep tail: moments of the distance s = b - z >= 0 from the near end, which do not cancel like powers of z
        return deep(a, b, value);
    }
    let mean = edge(0);
    let second = 1.0 + edge(1);
    let third = 2.0 * mean + edge(2);
    let fourth = 3.0 * second + edge(3);
    Interval {
        value,
        mean,
        square: second,
        variance: (second - mean * mean).max(0.0),
        covariance: third - mean * second,
        variance_square: (fourth - second * second).max(0.0),
    }
}

/// Moments in the deep lower tail by quadrature of exp(-t s - s^2/2), s = b - z, in the scaled distance x = t s: the weight is
/// close to exp(-x), cut off at `t (b - a)` or where it no longer matters.
fn deep(a: f64, b: f64, value: f64) -> Interval {
    let t = -b;
    let end = (t * (b - a)).min(60.0);
    let panels = 24;
    let half = 0.5 * end / f64::from(panels);
    let mut moments = [0.0; 5];
    for panel in 0..panels {
        let middle = (2.0 * f64::from(panel) + 1.0) * half;
        for (node, weight) in GAUSS_LEGENDRE {
            for x in [middle - node * half, middle + node * half] {
                let mut term = weight * libm::exp(-x - 0.5 * (x / t) * (x / t));
                for moment in &mut moments {
                    *moment += term;
                    term *= x;
                }
            }
        }
    }
    let raw = |k: usize| moments[k] / moments[0];
    let mean = raw(1);
    let variance = raw(2) - mean * mean;
    let skew = raw(3) - 3.0 * mean * raw(2) + 2.0 * mean.powi(3);
    let fourth = raw(4) - 4.0 * mean * raw(3) + 6.0 * mean * mean * raw(2) - 3.0 * mean.powi(4);
    from_central(
        value,
        b - mean / t,
        variance / (t * t),
        -skew / t.powi(3),
        fourth / t.powi(4),
    )
}

/// $\Phi^{-1}(p)$ for $0 < p < 1$; the infinities at the ends. By Newton's method on $\ln\Phi$, which is concave.
pub fn normal_quantile(p: f64) -> f64 {
    if !(p > 0.0 && p < 1.0) {
        return if p == 0.0 {
            f64::NEG_INFINITY
        } else if p == 1.0 {
            f64::INFINITY
        } else {
            f64::NAN
        };
    }
    if p > 0.5 {
        // 1 - p is exact for p in [0.5, 1]
        return -normal_quantile(1.0 - p);
    }
    normal_quantile_of_ln(libm::log(p))
}

/// $\Phi^{-1}(e^t)$ for $t \le \ln\tfrac12$: it reaches tails whose probability is no floating-point number.
pub(super) fn normal_quantile_of_ln(target: f64) -> f64 {
    if target == f64::NEG_INFINITY {
        return target;
    }
    // start left of the root: a concave increasing function then converges monotonically
    let mut z = -(-2.0 * target).sqrt() - 1.0;
    for _ in 0..100 {
        let at = ln_cdf_with_derivatives(z);
        let step = (target - at.value) / at.slope;
        z += step;
        if step.abs() <= 1e-15 * (1.0 + z.abs()) {
            break;
        }
    }
    z
}

#[cfg(test)]
mod tests;
