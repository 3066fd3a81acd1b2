//! The standard normal distribution in its location and scale.
//!
//! For a censored reading the information is the generalised Gauss-Newton matrix $-J^T H J$: $\ln\Phi(z)$ and
//! $\ln(\Phi(z_2)-\Phi(z_1))$ are concave in the standardised limits $z$, with Hessian $H \preceq 0$, and
//! $J = \partial z/\partial(\mu,\sigma)$. It is positive semidefinite, and equal to the observed information in $\mu$.

use super::Reading;
use super::location_scale::Standardised;
use super::tails::{LN_SQRT_TAU, interval, ln_cdf_with_derivatives};

/// ln p of a standardised reading.
pub(super) fn standard(z: &Reading) -> Standardised {
    match *z {
        Reading::Value(z) => Standardised {
            value: -0.5 * z * z - LN_SQRT_TAU,
            gradient: [z, z * z - 1.0, 0.0],
            hessian: symmetric([-1.0, -2.0 * z, 1.0 - 3.0 * z * z]),
            information: symmetric([1.0, 0.0, 2.0]),
            chi2: Some(z * z),
        },
        Reading::Below(z) => one_sided(z, 1.0),
        Reading::Above(z) => one_sided(-z, -1.0),
        Reading::Between(lower, upper) => {
            let m = interval(lower, upper);
            // Louis (1982): Hessian = E[complete Hessian] + Var[complete score] under the truncated distribution
            Standardised {
                value: m.value,
                gradient: [m.mean, m.square - 1.0, 0.0],
                hessian: symmetric([
                    m.variance - 1.0,
                    m.covariance - 2.0 * m.mean,
                    1.0 - 3.0 * m.square + m.variance_square,
                ]),
                information: symmetric([
                    (1.0 - m.variance).max(0.0),
                    m.mean - m.covariance,
                    (1.0 + m.square - m.variance_square).max(0.0),
                ]),
                chi2: None,
            }
        }
    }
}

fn one_sided(u: f64, side: f64) -> Standardised {
    let at = ln_cdf_with_derivatives(u);
    Standardised::one_sided(u, side, at.value, at.slope, at.curvature)
}

/// \[location location, location scale, scale scale\]
pub(super) fn symmetric([a, b, c]: [f64; 3]) -> [[f64; 3]; 3] {
    [[a, b, 0.0], [b, c, 0.0], [0.0; 3]]
}

/// By the method of Box and Muller, doi:10.1214/aoms/1177706645.
pub(super) fn sample(uniform: &mut dyn FnMut() -> f64) -> f64 {
    let (u, v) = (uniform(), uniform());
    (-2.0 * libm::log(u)).sqrt() * libm::cos(2.0 * std::f64::consts::PI * v)
}
