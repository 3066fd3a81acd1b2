//! The natural logarithm of x and of 1 + x.
//!
//! With x = 2^k m, m in [sqrt(1/2), sqrt(2)), f = m - 1 (exact) and s = f/(2 + f), so that |s| <= 0.1716,
//!
//! $$\ln x = k \ln 2 + 2\,\mathrm{artanh}\,s,\qquad 2\,\mathrm{artanh}\,s = f - \bigl(f^2/2 - s (f^2/2 + R(s^2))\bigr)$$
//!
//! since 2s = f - sf and f^2/2 - s f^2/2 = sf. R(z) = 2z/3 + 2z^2/5 + ... is a minimax polynomial of degree 7, the error
//! of s R below 2^-61. The sums go from small to large; k times the leading bits of ln 2 is exact.
//!
//! Largest error seen over 5·10^8 random arguments (2026-11): 0.85 ulp of [`ln`], exact at 1. [`ln_1p`] adds the rounding
//! error c of u = 1 + x as c/u, with 1/m to within a percent: 0.88 ulp over 10^8.
//!
//! Reference: P. T. P. Tang (1990), doi:10.1145/98267.98294; the order of the sums is that of K. C. Ng's fdlibm (1993).
use super::{LN_2_HIGH, LN_2_LOW, SIGN, select};

/// The bits of sqrt(1/2) and of 1, and the bits below the exponent.
const SQRT_HALF: u64 = 0x3fe6_a09e_667f_3bcd;
const ONE: u64 = 0x3ff0_0000_0000_0000;
const FRACTION: u64 = 0x000f_ffff_ffff_ffff;

/// 2^52: the bits of an integer below it are the last bits of their sum.
const INTEGERS: f64 = 4_503_599_627_370_496.0;

/// What the exponent k of [`split`] is stored with.
pub(super) const OFFSET: f64 = INTEGERS + 1023.0;

/// The exponent k = `stored` - [`OFFSET`] and m of a positive normal number 2^k m, m in [sqrt(1/2), sqrt(2)).
#[inline(always)]
pub(super) fn split(x: f64) -> (u64, f64) {
    let bits = x.to_bits().wrapping_add(ONE - SQRT_HALF);
    let m = f64::from_bits((bits & FRACTION) + SQRT_HALF);
    (bits >> 52, m)
}

/// The stored exponent as a number, still with [`OFFSET`].
#[inline(always)]
pub(super) fn stored(exponent: u64) -> f64 {
    f64::from_bits(exponent | INTEGERS.to_bits())
}

/// f, s, f^2/2 and R(s^2) of m = 1 + f.
#[inline(always)]
fn terms(m: f64) -> (f64, f64, f64, f64) {
    /// R(z)/z, minimax for the absolute error of s R.
    const R: [f64; 7] = [
        0.666_666_666_666_681,
        0.399_999_999_990_138_9,
        0.285_714_288_185_816,
        0.222_221_916_361_454_22,
        0.181_838_918_258_406_78,
        0.153_063_148_864_324_34,
        0.148_682_529_046_064_94,
    ];
    let f = m - 1.0;
    let s = f / (2.0 + f);
    let half_square = 0.5 * f * f;
    let z = s * s;
    let z2 = z * z;
    let low = (R[0] + z * R[1]) + z2 * (R[2] + z * R[3]);
    let high = (R[4] + z * R[5]) + z2 * R[6];
    (f, s, half_square, z * (low + (z2 * z2) * high))
}

/// ln of one lane.
#[inline(always)]
fn ln_lane(x: f64) -> f64 {
    let subnormal = x < f64::MIN_POSITIVE;
    let normal = select(subnormal, x * 18_014_398_509_481_984.0, x);
    let offset = select(subnormal, OFFSET + 54.0, OFFSET);
    let (exponent, m) = split(normal);
    let k = stored(exponent) - offset;
    let (f, s, half_square, series) = terms(m);
    let y = k * LN_2_HIGH - ((half_square - (s * (half_square + series) + k * LN_2_LOW)) - f);
    outside(x, x, y)
}

/// ln(1 + x) of one lane.
#[inline(always)]
fn ln_1p_lane(x: f64) -> f64 {
    let u = 1.0 + x;
    let back = u - 1.0;
    let error = (1.0 - (u - back)) + (x - back);
    let (exponent, m) = split(u);
    let k = stored(exponent) - OFFSET;
    let (f, s, half_square, series) = terms(m);
    // 2^(1 - k) error times 1/(2m), to within a percent
    let scaled = error * f64::from_bits(2047u64.wrapping_sub(exponent) << 52);
    let rest = k * LN_2_LOW + scaled * (0.5 - s * (1.0 - s));
    let y = k * LN_2_HIGH - ((half_square - (s * (half_square + series) + rest)) - f);
    // the sign of zero; other signs agree
    let y = f64::from_bits(y.to_bits() | (x.to_bits() & SIGN));
    outside(u, x, y)
}

/// The logarithm of u, which is `y` where 0 < u < infinity; infinities and NaN come from x.
#[inline(always)]
fn outside(u: f64, x: f64, y: f64) -> f64 {
    let y = select(u < f64::INFINITY, y, x);
    let edge = select(u == 0.0, f64::NEG_INFINITY, f64::NAN);
    select(u <= 0.0, edge, y)
}

/// The natural logarithm of every lane.
#[inline(always)]
pub(crate) fn ln<const W: usize>(x: &[f64; W]) -> [f64; W] {
    let mut y = [0.0; W];
    for l in 0..W {
        y[l] = ln_lane(x[l]);
    }
    y
}

/// ln(1 + x) for every lane, accurate near 0.
#[inline(always)]
pub(crate) fn ln_1p<const W: usize>(x: &[f64; W]) -> [f64; W] {
    let mut y = [0.0; W];
    for l in 0..W {
        y[l] = ln_1p_lane(x[l]);
    }
    y
}
