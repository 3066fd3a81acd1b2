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

/// (2^-k - 2) B_(k+1) / (k (k + 1)) for k = 1, 3, 5, ...: the remainder at x = 15 is below 1e-18
const SERIES: [f64; 8] = [
    -1.0 / 8.0,
    1.0 / 192.0,
    -1.0 / 640.0,
    17.0 / 14336.0,
    -31.0 / 18432.0,
    691.0 / 180224.0,
    -5461.0 / 425984.0,
    929569.0 / 15728640.0,
];

const FAR: f64 = 15.0;

pub(super) fn normaliser(nu: f64) -> Normaliser {
    let mut x = 0.5 * nu;
    let mut product = 1.0;
    let (mut first, mut second) = (0.0, 0.0);
    while x < FAR {
        let pair = x * (x + 1.0);
        let triple = pair * (2.0 * x + 1.0);
        product *= 1.0 + 0.25 / pair;
        first += 0.5 / triple;
        second -= 0.5 * (6.0 * pair + 1.0) / (triple * triple);
        x += 1.0;
    }
    // sums of a_k / x^k, k a_k / x^k and k (k + 1) a_k / x^k over odd k
    let square = 1.0 / (x * x);
    let mut sums = [0.0; 3];
    for (index, a) in SERIES.iter().enumerate().rev() {
        let k = 2.0 * index as f64 + 1.0;
        for (sum, factor) in sums.iter_mut().zip([1.0, k, k * (k + 1.0)]) {
            *sum = *sum * square + factor * a;
        }
    }
    let value = sums[0] / x - 0.5 * libm::log(product);
    first -= sums[1] * square;
    second += sums[2] * square / x;
    Normaliser {
        value: value - LN_SQRT_TAU,
        first: 0.5 * first,
        second: 0.25 * second,
    }
}
