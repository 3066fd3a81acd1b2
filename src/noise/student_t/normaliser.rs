//! The constant of Student's density and its derivatives in the degrees of freedom, without cancellation for many of them.
//!
//! $$ c(\nu) = \ln\Gamma(\tfrac{\nu+1}2) - \ln\Gamma(\tfrac\nu2) - \tfrac12\ln\pi\nu = M(\tfrac\nu2) - \tfrac12\ln 2\pi $$
//!
//! with $M(x) = \ln\Gamma(x+\tfrac12) - \ln\Gamma(x) - \tfrac12\ln x$. From $x = 15$ on its asymptotic series
//! $\sum_{k\,\text{odd}} (2^{-k} - 2) B_{k+1} / (k(k+1) x^k)$ (DLMF 5.11.8 with $h = \tfrac12$ and $h = 0$) is used, below it the
//! recursion $M(x) = M(x+1) - \tfrac12\ln(1 + 1/(4x(x+1)))$, both of small terms only.

use crate::noise::tails::LN_SQRT_TAU;

/// c with its first two derivatives in nu.
#[derive(Clone, Copy, Debug)]
pub(super) struct Normaliser {
    pub value: f64,
    pub first: f64,
    pub second: f64,
}

/// B_2, B_4, ...: with eight terms the remainder at x = 15 is below 1e-18
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

const FAR: f64 = 15.0;

pub(super) fn normaliser(nu: f64) -> Normaliser {
    let mut x = 0.5 * nu;
    let mut m = [0.0; 3];
    while x < FAR {
        let pair = x * (x + 1.0);
        let odd = 2.0 * x + 1.0;
        m[0] -= 0.5 * libm::log1p(0.25 / pair);
        m[1] += 0.5 / (pair * odd);
        m[2] -= 0.5 * (6.0 * pair + 1.0) / (pair * odd * pair * odd);
        x += 1.0;
    }
    for (index, bernoulli) in BERNOULLI.iter().enumerate().rev() {
        let k = 2.0 * index as f64 + 1.0;
        let power = libm::pow(x, -k);
        let term = (libm::exp2(-k) - 2.0) * bernoulli / (k * (k + 1.0)) * power;
        m[0] += term;
        m[1] -= k * term / x;
        m[2] += k * (k + 1.0) * term / (x * x);
    }
    Normaliser {
        value: m[0] - LN_SQRT_TAU,
        first: 0.5 * m[1],
        second: 0.25 * m[2],
    }
}
