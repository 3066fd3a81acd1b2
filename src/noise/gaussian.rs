//! ln p of a normal variable in its location and standard deviation, and the chain rule to a noise model's arguments.
//!
//! All derivatives are taken in $(\mu, \sigma)$. For a censored reading the information is the generalised Gauss-Newton
//! matrix $-J^T H J$: $\ln\Phi(z)$ and $\ln(\Phi(z_2)-\Phi(z_1))$ are concave in the standardised limits $z$, with Hessian
//! $H \preceq 0$, and $J = \partial z/\partial(\mu,\sigma)$. It is positive semidefinite, and equal to the observed
//! information in $\mu$.

use super::tails::{LN_SQRT_TAU, interval, ln_cdf_with_derivatives};
use super::{LnDensity, Reading};

/// ln p and derivatives in (mu, sigma): [mu, sigma], [mu mu, mu sigma, sigma sigma].
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Gaussian {
    pub value: f64,
    pub gradient: [f64; 2],
    pub hessian: [f64; 3],
    pub information: [f64; 3],
    pub chi2: Option<f64>,
}

/// ln p of a reading (limits already on the scale where the noise is normal).
pub(super) fn gaussian(reading: &Reading, mu: f64, sigma: f64) -> Gaussian {
    let s2 = sigma * sigma;
    match *reading {
        Reading::Value(y) => {
            let z = (y - mu) / sigma;
            Gaussian {
                value: -0.5 * z * z - libm::log(sigma) - LN_SQRT_TAU,
                gradient: [z / sigma, (z * z - 1.0) / sigma],
                hessian: [-1.0 / s2, -2.0 * z / s2, (1.0 - 3.0 * z * z) / s2],
                information: [1.0 / s2, 0.0, 2.0 / s2],
                chi2: Some(z * z),
            }
        }
        Reading::Below(limit) => one_sided((limit - mu) / sigma, 1.0, sigma),
        Reading::Above(limit) => one_sided((mu - limit) / sigma, -1.0, sigma),
        Reading::Between(lower, upper) => {
            let m = interval((lower - mu) / sigma, (upper - mu) / sigma);
            // Louis (1982): Hessian = E[complete Hessian] + Var[complete score] under the truncated distribution
            Gaussian {
                value: m.value,
                gradient: [m.mean / sigma, (m.square - 1.0) / sigma],
                hessian: [
                    (m.variance - 1.0) / s2,
                    (m.covariance - 2.0 * m.mean) / s2,
                    (1.0 - 3.0 * m.square + m.variance_square) / s2,
                ],
                information: [
                    ((1.0 - m.variance) / s2).max(0.0),
                    (m.mean - m.covariance) / s2,
                    ((1.0 + m.square - m.variance_square) / s2).max(0.0),
                ],
                chi2: None,
            }
        }
    }
}

/// u = side (limit - mu) / sigma; side is 1 below a limit, -1 above.
fn one_sided(u: f64, side: f64, sigma: f64) -> Gaussian {
    if u == f64::INFINITY {
        // the limit is infinitely far away: the reading is certain
        return Gaussian::default();
    }
    let at = ln_cdf_with_derivatives(u);
    let s2 = sigma * sigma;
    let (h, c) = (at.slope, at.curvature);
    // far inside the allowed side h underflows before u matters; keep 0 * inf out
    let hu = if h == 0.0 { 0.0 } else { h * u };
    let cu = if c == 0.0 { 0.0 } else { c * u };
    Gaussian {
        value: at.value,
        gradient: [-side * h / sigma, -hu / sigma],
        hessian: [c / s2, side * (cu + h) / s2, (cu * u + 2.0 * hu) / s2],
        information: [-c / s2, -side * cu / s2, -cu * u / s2],
        chi2: None,
    }
}

/// How the location and the standard deviation depend on m <= 3 arguments (the location on the first one only).
#[derive(Clone, Copy, Debug)]
pub(super) struct Parts {
    pub arguments: usize,
    pub mu: f64,
    pub mu_first: f64,
    pub mu_second: f64,
    pub sigma: f64,
    pub sigma_first: [f64; 3],
    pub sigma_second: [[f64; 3]; 3],
}

impl Parts {
    /// ln p of the reading, all derivatives carried over to the arguments; `offset` is added to the value of `Reading::Value`.
    pub(super) fn ln_density(&self, reading: &Reading, offset: f64, out: &mut LnDensity) {
        let m = self.arguments;
        out.reset(m);
        if !(self.sigma > 0.0 && self.sigma.is_finite() && self.mu.is_finite()) {
            return;
        }
        let at = gaussian(reading, self.mu, self.sigma);
        out.value = at.value;
        if matches!(reading, Reading::Value(_)) {
            out.value += offset;
        }
        if out.value.is_nan() || out.value == f64::NEG_INFINITY {
            out.value = f64::NEG_INFINITY;
            return;
        }
        out.chi2 = at.chi2;
        for i in 0..m {
            let mu_i = if i == 0 { self.mu_first } else { 0.0 };
            let s_i = self.sigma_first[i];
            out.gradient[i] = at.gradient[0] * mu_i + at.gradient[1] * s_i;
            for j in 0..m {
                let mu_j = if j == 0 { self.mu_first } else { 0.0 };
                let s_j = self.sigma_first[j];
                let mu_ij = if i == 0 && j == 0 {
                    self.mu_second
                } else {
                    0.0
                };
                let form = |[a, b, c]: [f64; 3]| {
                    a * mu_i * mu_j + b * (mu_i * s_j + s_i * mu_j) + c * s_i * s_j
                };
                out.hessian[i * m + j] = form(at.hessian)
                    + at.gradient[0] * mu_ij
                    + at.gradient[1] * self.sigma_second[i][j];
                out.information[i * m + j] = form(at.information);
            }
        }
    }
}
