//! Prior densities on the natural scale (the families of PEtab v2), truncated to the parameter's bounds.
//!
//! PEtab v2: bounds truncate the prior, so the density is divided by the probability of the bounds. That factor does not
//! depend on the parameter: it shifts the objective but not the estimate. Maximum a posteriori uses this density as it stands,
//! on the natural scale and without a Jacobian, whatever the scale of the search.

use super::parameters::Scale;
use crate::noise::{ln_normal_interval, normal_cdf};
use serde::{Deserialize, Serialize};
use std::f64::consts::PI;

/// Prior on the natural scale (PEtab v2 names).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Prior {
    /// constant between its limits
    Uniform {
        /// lower limit
        lower: f64,
        /// upper limit
        upper: f64,
    },
    /// normal
    Normal {
        /// mean
        mean: f64,
        /// standard deviation
        sd: f64,
    },
    /// double exponential
    Laplace {
        /// location
        location: f64,
        /// scale
        scale: f64,
    },
    /// the logarithm is normal
    LogNormal {
        /// mean of the logarithm
        log_mean: f64,
        /// standard deviation of the logarithm
        log_sd: f64,
    },
    /// the logarithm is double exponential
    LogLaplace {
        /// location of the logarithm
        log_location: f64,
        /// scale of the logarithm
        log_scale: f64,
    },
    /// the logarithm is uniform
    LogUniform {
        /// lower limit, natural
        lower: f64,
        /// upper limit, natural
        upper: f64,
    },
    /// Cauchy
    Cauchy {
        /// location
        location: f64,
        /// scale
        scale: f64,
    },
    /// gamma with shape and scale
    Gamma {
        /// shape
        shape: f64,
        /// scale
        scale: f64,
    },
    /// exponential
    Exponential {
        /// scale (the mean)
        scale: f64,
    },
    /// chi-squared
    ChiSquared {
        /// degrees of freedom
        dof: f64,
    },
    /// Rayleigh
    Rayleigh {
        /// scale
        scale: f64,
    },
    /// a density of the search value, taken as it stands (`parameterScale...` of PEtab v1): no Jacobian leads to the natural scale
    OnScale {
        /// scale of the search value
        scale: Scale,
        /// its density
        density: Box<Prior>,
    },
    /// the bounds do not truncate it (PEtab v1)
    Untruncated(Box<Prior>),
}

/// A log-density with its first two derivatives.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PriorDensity {
    /// ln p, minus infinity outside the support
    pub value: f64,
    /// d ln p / d theta
    pub first: f64,
    /// second derivative (0 at the kinks of the Laplace families)
    pub second: f64,
}

const OUTSIDE: PriorDensity = PriorDensity {
    value: f64::NEG_INFINITY,
    first: 0.0,
    second: 0.0,
};

impl Prior {
    /// Whether the prior's own parameters are sound, else a reason.
    pub fn check(&self) -> Result<(), &'static str> {
        let positive = |v: f64| v > 0.0 && v.is_finite();
        let sound = match *self {
            Prior::OnScale { ref density, .. } | Prior::Untruncated(ref density) => {
                return density.check();
            }
            Prior::Uniform { lower, upper } => {
                lower.is_finite() && upper.is_finite() && lower < upper
            }
            Prior::LogUniform { lower, upper } => {
                positive(lower) && upper.is_finite() && lower < upper
            }
            Prior::Normal {
                mean: at,
                sd: spread,
            }
            | Prior::Laplace {
                location: at,
                scale: spread,
            }
            | Prior::LogNormal {
                log_mean: at,
                log_sd: spread,
            }
            | Prior::LogLaplace {
                log_location: at,
                log_scale: spread,
            }
            | Prior::Cauchy {
                location: at,
                scale: spread,
            } => at.is_finite() && positive(spread),
            Prior::Gamma { shape, scale } => positive(shape) && positive(scale),
            Prior::Exponential { scale } | Prior::Rayleigh { scale } => positive(scale),
            Prior::ChiSquared { dof } => positive(dof),
        };
        match (sound, self) {
            (true, _) => Ok(()),
            (false, Prior::Uniform { .. }) => Err("its limits must be finite and ascending"),
            (false, Prior::LogUniform { .. }) => {
                Err("its limits must be positive, finite and ascending")
            }
            (
                false,
                Prior::Gamma { .. }
                | Prior::Exponential { .. }
                | Prior::ChiSquared { .. }
                | Prior::Rayleigh { .. },
            ) => Err("its parameters must be positive"),
            _ => Err("its second parameter must be positive, its first one finite"),
        }
    }

    /// ln p at a natural value, without truncation.
    pub fn ln_density(&self, x: f64) -> PriorDensity {
        let ln_sqrt_tau = 0.5 * (2.0 * PI).ln();
        match *self {
            Prior::OnScale { scale, ref density } => {
                let u = scale.search(x);
                if u.is_nan() {
                    return OUTSIDE;
                }
                let (q, at) = (density.ln_density(u), scale.natural(u));
                let slope = 1.0 / at.first;
                PriorDensity {
                    value: q.value,
                    first: q.first * slope,
                    second: (q.second - q.first * at.second * slope) * slope * slope,
                }
            }
            Prior::Untruncated(ref density) => density.ln_density(x),
            Prior::Uniform { lower, upper } => {
                if (lower..=upper).contains(&x) {
                    PriorDensity {
                        value: -libm::log(upper - lower),
                        first: 0.0,
                        second: 0.0,
                    }
                } else {
                    OUTSIDE
                }
            }
            Prior::LogUniform { lower, upper } => {
                if (lower..=upper).contains(&x) {
                    PriorDensity {
                        value: -libm::log(x) - libm::log(libm::log(upper / lower)),
                        first: -1.0 / x,
                        second: 1.0 / (x * x),
                    }
                } else {
                    OUTSIDE
                }
            }
            Prior::Normal { mean, sd } => {
                let z = (x - mean) / sd;
                PriorDensity {
                    value: -0.5 * z * z - libm::log(sd) - ln_sqrt_tau,
                    first: -z / sd,
                    second: -1.0 / (sd * sd),
                }
            }
            Prior::Laplace { location, scale } => PriorDensity {
                value: -(x - location).abs() / scale - libm::log(2.0 * scale),
                first: -kink(x - location) / scale,
                second: 0.0,
            },
            Prior::LogNormal { log_mean, log_sd } => of_logarithm(x, |u| {
                let z = (u - log_mean) / log_sd;
                PriorDensity {
                    value: -0.5 * z * z - libm::log(log_sd) - ln_sqrt_tau,
                    first: -z / log_sd,
                    second: -1.0 / (log_sd * log_sd),
                }
            }),
            Prior::LogLaplace {
                log_location,
                log_scale,
            } => of_logarithm(x, |u| PriorDensity {
                value: -(u - log_location).abs() / log_scale - libm::log(2.0 * log_scale),
                first: -kink(u - log_location) / log_scale,
                second: 0.0,
            }),
            Prior::Cauchy { location, scale } => {
                let z = (x - location) / scale;
                let w = 1.0 + z * z;
                PriorDensity {
                    value: -libm::log(PI * scale) - libm::log1p(z * z),
                    first: -2.0 * z / (w * scale),
                    second: -2.0 * (1.0 - z * z) / (w * w * scale * scale),
                }
            }
            Prior::Gamma { shape, scale } => gamma_density(x, shape, scale),
            Prior::ChiSquared { dof } => gamma_density(x, 0.5 * dof, 2.0),
            Prior::Exponential { scale } => gamma_density(x, 1.0, scale),
            Prior::Rayleigh { scale } => {
                if x <= 0.0 {
                    return OUTSIDE;
                }
                let z = x / scale;
                PriorDensity {
                    value: libm::log(z / scale) - 0.5 * z * z,
                    first: 1.0 / x - z / scale,
                    second: -1.0 / (x * x) - 1.0 / (scale * scale),
                }
            }
        }
    }

    /// ln of the probability between two natural values; truncation to bounds subtracts it from [`Prior::ln_density`].
    pub fn ln_probability(&self, lower: f64, upper: f64) -> f64 {
        match *self {
            Prior::Untruncated(_) => 0.0,
            Prior::OnScale { scale, ref density } => {
                density.ln_probability(scale.search(lower), scale.search(upper))
            }
            Prior::Normal { mean, sd } => {
                ln_normal_interval((lower - mean) / sd, (upper - mean) / sd)
            }
            Prior::LogNormal { log_mean, log_sd } => ln_normal_interval(
                (libm::log(lower.max(0.0)) - log_mean) / log_sd,
                (libm::log(upper.max(0.0)) - log_mean) / log_sd,
            ),
            _ => {
                let p = self.cdf(upper) - self.cdf(lower);
                if p > 0.0 {
                    libm::log(p)
                } else {
                    f64::NEG_INFINITY
                }
            }
        }
    }

    /// Distribution function at a natural value.
    pub fn cdf(&self, x: f64) -> f64 {
        let laplace = |z: f64| {
            if z < 0.0 {
                0.5 * libm::exp(z)
            } else {
                1.0 - 0.5 * libm::exp(-z)
            }
        };
        match *self {
            Prior::OnScale { scale, ref density } => match scale.search(x) {
                u if u.is_nan() => f64::from(u8::from(x > 0.0)),
                u => density.cdf(u),
            },
            Prior::Untruncated(ref density) => density.cdf(x),
            Prior::Uniform { lower, upper } => ((x - lower) / (upper - lower)).clamp(0.0, 1.0),
            Prior::LogUniform { lower, upper } => {
                if x <= lower {
                    0.0
                } else {
                    (libm::log(x / lower) / libm::log(upper / lower)).min(1.0)
                }
            }
            Prior::Normal { mean, sd } => normal_cdf((x - mean) / sd),
            Prior::LogNormal { log_mean, log_sd } => {
                if x <= 0.0 {
                    0.0
                } else {
                    normal_cdf((libm::log(x) - log_mean) / log_sd)
                }
            }
            Prior::Laplace { location, scale } => laplace((x - location) / scale),
            Prior::LogLaplace {
                log_location,
                log_scale,
            } => {
                if x <= 0.0 {
                    0.0
                } else {
                    laplace((libm::log(x) - log_location) / log_scale)
                }
            }
            Prior::Cauchy { location, scale } => 0.5 + libm::atan((x - location) / scale) / PI,
            Prior::Gamma { shape, scale } => gamma_cdf(shape, x / scale),
            Prior::ChiSquared { dof } => gamma_cdf(0.5 * dof, 0.5 * x),
            Prior::Exponential { scale } => {
                if x <= 0.0 {
                    0.0
                } else {
                    -libm::expm1(-x / scale)
                }
            }
            Prior::Rayleigh { scale } => {
                if x <= 0.0 {
                    0.0
                } else {
                    -libm::expm1(-0.5 * (x / scale) * (x / scale))
                }
            }
        }
    }

    /// The value below which the share `u` in (0, 1) of the prior truncated to the bounds lies; found by bisection.
    pub fn quantile_within(&self, u: f64, lower: f64, upper: f64) -> f64 {
        // a finite bracket: unbounded sides are cut where less than 1e-9 of the probability remains
        let mut low = if lower.is_finite() { lower } else { -1.0 };
        let mut high = if upper.is_finite() { upper } else { 1.0 };
        while !lower.is_finite() && self.cdf(low) > 1e-9 && low > -1e300 {
            low *= 2.0;
        }
        while !upper.is_finite() && self.cdf(high) < 1.0 - 1e-9 && high < 1e300 {
            high *= 2.0;
        }
        let (from, to) = (self.cdf(low), self.cdf(high));
        let target = from + u * (to - from);
        for _ in 0..200 {
            let middle = 0.5 * (low + high);
            if middle <= low || middle >= high {
                break;
            }
            if self.cdf(middle) < target {
                low = middle;
            } else {
                high = middle;
            }
        }
        0.5 * (low + high)
    }
}

fn kink(x: f64) -> f64 {
    if x == 0.0 { 0.0 } else { x.signum() }
}

/// Density of x = e^u from that of u: ln p(x) = ln q(ln x) - ln x.
fn of_logarithm(x: f64, density: impl Fn(f64) -> PriorDensity) -> PriorDensity {
    if x <= 0.0 {
        return OUTSIDE;
    }
    let u = libm::log(x);
    let q = density(u);
    PriorDensity {
        value: q.value - u,
        first: (q.first - 1.0) / x,
        second: (q.second - q.first + 1.0) / (x * x),
    }
}

fn gamma_density(x: f64, shape: f64, scale: f64) -> PriorDensity {
    if x < 0.0 || (x == 0.0 && shape != 1.0) {
        return OUTSIDE;
    }
    let power = shape - 1.0;
    let (ln_x, first, second) = if power == 0.0 {
        (0.0, 0.0, 0.0)
    } else {
        (power * libm::log(x), power / x, -power / (x * x))
    };
    PriorDensity {
        value: ln_x - x / scale - libm::lgamma(shape) - shape * libm::log(scale),
        first: first - 1.0 / scale,
        second,
    }
}

/// Regularised lower incomplete gamma function by its series (x < a + 1) or Lentz's continued fraction
/// (Abramowitz & Stegun 6.5.29 and 6.5.31).
pub(crate) fn gamma_cdf(a: f64, x: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    if x == f64::INFINITY {
        return 1.0;
    }
    let front = libm::exp(a * libm::log(x) - x - libm::lgamma(a));
    if x < a + 1.0 {
        let (mut term, mut sum, mut n) = (1.0 / a, 1.0 / a, a);
        for _ in 0..10_000 {
            n += 1.0;
            term *= x / n;
            sum += term;
            if term < sum * 1e-17 {
                break;
            }
        }
        front * sum
    } else {
        let mut b = x + 1.0 - a;
        let mut c = 1e300;
        let mut d = 1.0 / b;
        let mut h = d;
        for i in 1..10_000 {
            let i = f64::from(i);
            let an = -i * (i - a);
            b += 2.0;
            d = 1.0 / (an * d + b);
            c = b + an / c;
            let factor = d * c;
            h *= factor;
            if (factor - 1.0).abs() < 1e-16 {
                break;
            }
        }
        1.0 - front * h
    }
}

#[cfg(test)]
mod tests;
