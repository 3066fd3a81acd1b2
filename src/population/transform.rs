//! The scale on which an individual parameter is normal: $\varphi = h^{-1}(t)$ with $t = h(\mu) + \beta^\top c + \eta + \kappa$.
//!
//! | transform | $h(\varphi)$ | $\varphi(t)$ | domain |
//! |---|---|---|---|
//! | identity | $\varphi$ | $t$ | all numbers |
//! | log | $\ln\varphi$ | $e^t$ | positive |
//! | logit | $\ln\frac{\varphi-a}{b-\varphi}$ | $a + (b-a)/(1+e^{-t})$ | between $a$ and $b$ |
//! | probit | $\Phi^{-1}\bigl(\frac{\varphi-a}{b-a}\bigr)$ | $a + (b-a)\,\Phi(t)$ | between $a$ and $b$ |

use crate::noise::{normal_cdf, normal_quantile};
use serde::{Deserialize, Serialize};

/// On which scale an individual parameter is normal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Transform {
    /// the parameter itself
    #[default]
    Identity,
    /// its natural logarithm
    Log,
    /// the logit of its place between two ends
    Logit {
        /// lower end
        lower: f64,
        /// upper end
        upper: f64,
    },
    /// the probit of its place between two ends
    Probit {
        /// lower end
        lower: f64,
        /// upper end
        upper: f64,
    },
}

impl Transform {
    /// Name on disk.
    pub fn name(self) -> &'static str {
        match self {
            Transform::Identity => "identity",
            Transform::Log => "log",
            Transform::Logit { .. } => "logit",
            Transform::Probit { .. } => "probit",
        }
    }

    /// The value at t, and its slope.
    pub fn value(self, t: f64) -> (f64, f64) {
        match self {
            Transform::Identity => (t, 1.0),
            Transform::Log => {
                let value = libm::exp(t);
                (value, value)
            }
            Transform::Logit { lower, upper } => {
                // of the smaller tail, so that both ends keep their digits
                let e = libm::exp(-t.abs());
                let small = e / (1.0 + e);
                let share = if t < 0.0 { small } else { 1.0 / (1.0 + e) };
                let width = upper - lower;
                (lower + width * share, width * small / (1.0 + e))
            }
            Transform::Probit { lower, upper } => {
                let width = upper - lower;
                let density = libm::exp(-0.5 * t * t) / (2.0 * std::f64::consts::PI).sqrt();
                (lower + width * normal_cdf(t), width * density)
            }
        }
    }

    /// h of a value, and its slope; NaN outside the domain.
    pub fn scaled(self, value: f64) -> (f64, f64) {
        let t = match self {
            Transform::Identity => value,
            Transform::Log => libm::log(value),
            Transform::Logit { lower, upper } => libm::log((value - lower) / (upper - value)),
            Transform::Probit { lower, upper } => {
                let share = (value - lower) / (upper - lower);
                if share > 0.0 && share < 1.0 {
                    normal_quantile(share)
                } else {
                    f64::NAN
                }
            }
        };
        (t, 1.0 / self.value(t).1)
    }

    /// Whether a value lies within the domain.
    pub fn contains(self, value: f64) -> bool {
        match self {
            Transform::Identity => value.is_finite(),
            Transform::Log => value > 0.0 && value.is_finite(),
            Transform::Logit { lower, upper } | Transform::Probit { lower, upper } => {
                lower < value && value < upper
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ENDS: (f64, f64) = (-0.5, 3.0);

    proptest! {
        #[test]
        fn scaled_inverts_value_and_slopes_are_those_of_the_map(t in -4.0..4.0_f64) {
            let (lower, upper) = ENDS;
            for h in [
                Transform::Identity,
                Transform::Log,
                Transform::Logit { lower, upper },
                Transform::Probit { lower, upper },
            ] {
                let (value, slope) = h.value(t);
                let (back, inverse) = h.scaled(value);
                // towards an end the distance from it loses digits: 4 probits off it is 1e-4 of the width
                prop_assert!((back - t).abs() < 1e-10, "{h:?} {t} {back}");
                prop_assert!((inverse * slope - 1.0).abs() < 1e-9);
                let e = 1e-5;
                let difference = (h.value(t + e).0 - h.value(t - e).0) / (2.0 * e);
                // central difference: e^2 truncation and rounding over e
                prop_assert!((difference - slope).abs() < 1e-9 * (1.0 + value.abs() * 60.0));
            }
        }
    }
}
