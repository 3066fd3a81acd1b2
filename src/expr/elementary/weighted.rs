//! Products with a logarithm or a power that are 0 where their factor is 0.
use super::{ln, pow, select};

/// a ln(b) for every lane, and 0 where a = 0.
#[inline(always)]
pub(crate) fn xlogy<const W: usize>(a: &[f64; W], b: &[f64; W]) -> [f64; W] {
    let logarithm = ln(b);
    let mut y = [0.0; W];
    for l in 0..W {
        let nothing = (a[l] == 0.0) & !b[l].is_nan();
        y[l] = select(nothing, 0.0, a[l] * logarithm[l]);
    }
    y
}

/// coefficient * base^exponent for every lane, and 0 where the coefficient is 0.
#[inline(always)]
pub(crate) fn scaled_pow<const W: usize>(
    coefficient: &[f64; W],
    base: &[f64; W],
    exponent: &[f64; W],
) -> [f64; W] {
    let power = pow(base, exponent);
    let mut y = [0.0; W];
    for l in 0..W {
        let known = !(base[l].is_nan() | exponent[l].is_nan());
        let nothing = (coefficient[l] == 0.0) & known;
        y[l] = select(nothing, 0.0, coefficient[l] * power[l]);
    }
    y
}
