//! Sine and cosine.
//!
//! With k the integer nearest to 2|x|/pi and r = |x| - k pi/2, |r| <= 0.7855, the value is plus or minus sin r or cos r:
//!
//! $$\sin r = r + r^3 S(r^2),\qquad \cos r = 1 - r^2/2 + r^4 C(r^2)$$
//!
//! Reduction after Cody and Waite: pi/2 = P1 + P2 + P3 with P1 a multiple of 2^-35, P2 of 2^-70, so that for k < 2^17 the
//! products k P1 and k P2 and the difference |x| - k P1 are exact; r is kept with what its roundings lost. No double up to
//! [`LARGE`] is nearer than 2^-60.5 to a multiple of pi/2 (k = 29), and k P3 is known to k 2^-124. Beyond [`LARGE`] a lane goes
//! through `libm` (Payne and Hanek's reduction).
//!
//! Largest error seen over 10^8 random arguments within [`LARGE`] and the doubles at all multiples of pi/2 (2026-11):
//! 0.84 ulp. Beyond, `libm` states less than 1 ulp.
//!
//! Reference: W. J. Cody and W. Waite, Software Manual for the Elementary Functions (1980), chapter 8; J.-M. Muller (2016),
//! doi:10.1007/978-1-4899-7983-4, chapter 9.
use super::{ROUND, SIGN, select};

/// pi/2 in three parts.
const P1: f64 = f64::from_bits(0x3ff9_21fb_5444_0000);
const P2: f64 = f64::from_bits(0x3d86_8c23_4c40_0000);
const P3: f64 = f64::from_bits(0x3b78_cc51_701b_839a);

/// The largest |x| of the formula, below 2^17 pi/2.
const LARGE: f64 = 2e5;

/// sin r and cos r for a = k pi/2 + r, and a number whose last bits are those of k.
#[inline(always)]
fn kernels(a: f64) -> (f64, f64, u64) {
    /// Minimax for the error of sin r relative to r.
    const S: [f64; 6] = [
        -0.166_666_666_666_666_32,
        0.008_333_333_333_322_413,
        -0.000_198_412_698_298_075_77,
        2.755_731_369_184_529_4e-6,
        -2.505_075_810_504_573_7e-8,
        1.589_679_511_930_445e-10,
    ];
    /// Minimax for the absolute error of cos r.
    const C: [f64; 6] = [
        0.041_666_666_666_666_6,
        -0.001_388_888_888_887_412_5,
        2.480_158_728_948_221_8e-5,
        -2.755_731_435_234_222_5e-7,
        2.087_572_327_442_941_4e-9,
        -1.135_964_786_090_010_2e-11,
    ];
    let shifted = a * std::f64::consts::FRAC_2_PI + ROUND;
    let k = shifted - ROUND;
    let first = a - k * P1;
    let (b, c) = (k * P2, k * P3);
    let second = first - b;
    let r = second - c;
    // the two differences round; what they lose
    let e = ((second - r) - c) + ((first - second) - b);
    let z = r * r;
    let z2 = z * z;
    let s = (S[0] + z * S[1]) + z2 * ((S[2] + z * S[3]) + z2 * (S[4] + z * S[5]));
    let c = (C[0] + z * C[1]) + z2 * ((C[2] + z * C[3]) + z2 * (C[4] + z * C[5]));
    let half = 0.5 * z;
    let sin = r + ((r * z) * s + (e - half * e));
    let near = 1.0 - half;
    let cos = near + (((1.0 - near) - half) + (z2 * c - r * e));
    (sin, cos, shifted.to_bits())
}

/// sin of one lane.
#[inline(always)]
fn sin_lane(x: f64) -> f64 {
    let (sin, cos, k) = kernels(x.abs());
    let y = select(k & 1 == 0, sin, cos);
    f64::from_bits(y.to_bits() ^ (((k << 62) ^ x.to_bits()) & SIGN))
}

/// cos of one lane.
#[inline(always)]
fn cos_lane(x: f64) -> f64 {
    let (sin, cos, k) = kernels(x.abs());
    let y = select(k & 1 == 0, cos, sin);
    f64::from_bits(y.to_bits() ^ ((k.wrapping_add(1) << 62) & SIGN))
}

/// Whether any lane is beyond the formula.
#[inline(always)]
fn any_large<const W: usize>(x: &[f64; W]) -> bool {
    let mut large = false;
    for a in x {
        large |= a.abs() > LARGE;
    }
    large
}

/// The lanes beyond the formula by the C library's method.
#[cold]
#[inline(never)]
fn repaired<const W: usize>(x: [f64; W], mut y: [f64; W], function: fn(f64) -> f64) -> [f64; W] {
    for l in 0..W {
        if x[l].abs() > LARGE {
            y[l] = function(x[l]);
        }
    }
    y
}

/// The sine of every lane (radians).
#[inline(always)]
pub(crate) fn sin<const W: usize>(x: &[f64; W]) -> [f64; W] {
    let mut y = [0.0; W];
    for l in 0..W {
        y[l] = sin_lane(x[l]);
    }
    if any_large(x) {
        repaired(*x, y, libm::sin)
    } else {
        y
    }
}

/// The cosine of every lane (radians).
#[inline(always)]
pub(crate) fn cos<const W: usize>(x: &[f64; W]) -> [f64; W] {
    let mut y = [0.0; W];
    for l in 0..W {
        y[l] = cos_lane(x[l]);
    }
    if any_large(x) {
        repaired(*x, y, libm::cos)
    } else {
        y
    }
}
