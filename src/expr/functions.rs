//! The numeric kernels: every elementary function as a function of f64, shared by the reference evaluator and the tapes.
//!
//! Nothing else in the crate defines what a [`Function`] means; exp, ln, pow, sin, cos, the Hill function and
//! their relatives stand in `elementary`. The kernels never panic; outside its domain a function is NaN.
use super::Function;
pub use super::elementary::scalar::{
    cos, exp, expm1, hill, hill_curvature, hill_slope, ln, ln_1p, pow, scaled_pow, sigmoid, sin,
    tanh, xlogy,
};

/// The value of `function` at `arguments`, in the order of the function's documentation.
///
/// Missing arguments count as NaN; surplus ones are ignored.
///
/// ```
/// use holobiont::expr::{Function, functions};
/// assert_eq!(functions::apply(Function::Hill, &[2.0, 2.0, 4.0]), 0.5);
/// ```
pub fn apply(function: Function, arguments: &[f64]) -> f64 {
    let argument = |i: usize| arguments.get(i).copied().unwrap_or(f64::NAN);
    let (a, b, c) = (argument(0), argument(1), argument(2));
    match function {
        Function::Exp => exp(a),
        Function::Ln => ln(a),
        Function::Log1p => ln_1p(a),
        Function::Expm1 => expm1(a),
        Function::Sqrt => a.sqrt(),
        Function::Abs => a.abs(),
        Function::Sign => sign(a),
        Function::Floor => a.floor(),
        Function::Ceil => a.ceil(),
        Function::Sin => sin(a),
        Function::Cos => cos(a),
        Function::Tan => a.tan(),
        Function::Asin => a.asin(),
        Function::Acos => a.acos(),
        Function::Atan => a.atan(),
        Function::Sinh => a.sinh(),
        Function::Cosh => a.cosh(),
        Function::Tanh => tanh(a),
        Function::Asinh => libm::asinh(a),
        Function::Acosh => libm::acosh(a),
        Function::Atanh => libm::atanh(a),
        Function::Sigmoid => sigmoid(a),
        Function::Factorial => factorial(a),
        Function::Polygamma => polygamma(a, b),
        Function::Pow => pow(a, b),
        Function::Min => min(a, b),
        Function::Max => max(a, b),
        Function::Quotient => quotient(a, b),
        Function::Remainder => remainder(a, b),
        Function::Hill => hill(a, b, c),
        Function::HillSlope => hill_slope(a, b, c),
        Function::HillCurvature => hill_curvature(a, b, c),
        Function::XLogY => xlogy(a, b),
        Function::ScaledPow => scaled_pow(a, b, c),
    }
}

/// -1, 0 or 1; NaN stays NaN.
pub fn sign(x: f64) -> f64 {
    if x > 0.0 {
        1.0
    } else if x < 0.0 {
        -1.0
    } else if x == 0.0 {
        0.0
    } else {
        f64::NAN
    }
}

/// The smaller of two numbers, the second of equal ones (of 0 and -0 too); NaN if either is NaN.
pub fn min(a: f64, b: f64) -> f64 {
    if a.is_nan() || b.is_nan() {
        f64::NAN
    } else if a < b {
        a
    } else {
        b
    }
}

/// The larger of two numbers, the second of equal ones (of 0 and -0 too); NaN if either is NaN.
pub fn max(a: f64, b: f64) -> f64 {
    if a.is_nan() || b.is_nan() {
        f64::NAN
    } else if a > b {
        a
    } else {
        b
    }
}

/// a/b rounded towards zero.
pub fn quotient(a: f64, b: f64) -> f64 {
    (a / b).trunc()
}

/// The remainder of a/b with the sign of a.
pub fn remainder(a: f64, b: f64) -> f64 {
    a % b
}

/// The gamma function of x + 1.
pub fn factorial(x: f64) -> f64 {
    libm::tgamma(x + 1.0)
}

/// The polygamma function of integer order m >= 0 (0: digamma, 1: trigamma, ...); NaN for other orders.
///
/// Recurrence up to x >= 15 + m, then the asymptotic series (Abramowitz & Stegun 6.3.18, 6.4.11); reflection is not used:
/// negative x goes up by the same recurrence, so keep |x| moderate.
pub fn polygamma(order: f64, x: f64) -> f64 {
    /// Bernoulli numbers B2, B4, ... B16.
    const BERNOULLI: [f64; 8] = [
        1.0 / 6.0,
        -1.0 / 30.0,
        1.0 / 42.0,
        -1.0 / 30.0,
        5.0 / 66.0,
        -691.0 / 2730.0,
        7.0 / 6.0,
        -3617.0 / 510.0,
    ];
    if order < 0.0
        || order.fract() != 0.0
        || order > 100.0
        || x.is_nan()
        || x < -1e6
        || (x <= 0.0 && x.fract() == 0.0)
    {
        return f64::NAN;
    }
    let m = order as i32;
    // psi_m(x) = (-1)^(m+1) m! * sum_k 1/(x+k)^(m+1) for m >= 1; digamma is its regularised form.
    let scale = if m % 2 == 0 {
        -factorial(order)
    } else {
        factorial(order)
    };
    let mut shifted = x;
    let mut sum = 0.0;
    while shifted < 15.0 + order {
        sum += shifted.powi(-(m + 1));
        shifted += 1.0;
    }
    let inverse = 1.0 / shifted;
    if m == 0 {
        let mut tail = ln(shifted) - 0.5 * inverse;
        let mut power = 1.0;
        for (i, bernoulli) in BERNOULLI.iter().enumerate() {
            power *= inverse * inverse;
            tail -= bernoulli * power / (2.0 * (i as f64 + 1.0));
        }
        return tail - sum;
    }
    // sum_{k>=0} 1/(x+k)^s by Euler-Maclaurin with s = m + 1
    let s = order + 1.0;
    let mut tail = shifted.powi(-m) / order + 0.5 * shifted.powi(-(m + 1));
    let mut term = s * shifted.powi(-(m + 2));
    let mut factorial_2j = 2.0;
    for (i, bernoulli) in BERNOULLI.iter().enumerate() {
        tail += bernoulli / factorial_2j * term;
        let j = 2.0 * (i as f64 + 1.0);
        term *= (s + j - 1.0) * (s + j) * inverse * inverse;
        factorial_2j *= (j + 1.0) * (j + 2.0);
    }
    scale * (sum + tail)
}
