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

/// a ln(b), and 0 where a = 0.
#[inline]
pub fn xlogy(a: f64, b: f64) -> f64 {
    super::xlogy(&[a], &[b])[0]
}

macro_rules! three_arguments {
    ($($(#[$doc:meta])* $name:ident($a:ident, $b:ident, $c:ident))*) => {$(
        $(#[$doc])*
        #[inline]
        pub fn $name($a: f64, $b: f64, $c: f64) -> f64 {
            super::$name(&[$a], &[$b], &[$c])[0]
        }
    )*};
}

three_arguments! {
    /// coefficient * base^exponent, and 0 where the coefficient is 0.
    scaled_pow(coefficient, base, exponent)
    /// x^n/(K^n + x^n) for x >= 0 and K > 0; 0 for negative x (1 where n < 0).
    hill(x, k, n)
    /// The derivative of [`hill`] with respect to x; 0 for negative x.
    ///
    /// At x = 0 it is 0 for n > 1, 1/K for n = 1 and infinite for n < 1.
    hill_slope(x, k, n)
    /// The second derivative of [`hill`] with respect to x; 0 for negative x.
    ///
    /// At x = 0 it is the limit from above, which is infinite for n < 2 other than n = 1.
    hill_curvature(x, k, n)
}
