//! The elementary functions of one number: the array forms with one lane.

macro_rules! one_argument {
    ($($(#[$doc:meta])* $name:ident)*) => {$(
        $(#[$doc])*
        #[inline]
        pub fn $name(x: f64) -> f64 {
            super::$name(&[x])[0]
        }
    )*};
}

one_argument! {
    /// e^x.
    exp
    /// e^x - 1, accurate near 0.
    expm1
    /// The natural logarithm.
    ln
    /// ln(1 + x), accurate near 0.
    ln_1p
    /// The sine of x in radians.
    sin
    /// The cosine of x in radians.
    cos
    /// The hyperbolic tangent.
    tanh
    /// 1/(1 + exp(-x)), accurate in both tails.
    sigmoid
}

/// `base` to the `exponent`, as IEEE 754 defines it (0^0 = 1).
#[inline]
pub fn pow(base: f64, exponent: f64) -> f64 {
    super::pow(&[base], &[exponent])[0]
}
