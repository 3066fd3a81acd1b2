//! Normal noise whose standard deviation follows the prediction: additive, proportional and combined error models.

use super::location_scale::{Dependent, LocationScale, Standard};
use serde::{Deserialize, Serialize};

/// $y \sim N(f, \sigma(f)^2)$.
///
/// | model | arguments | $\sigma$ |
/// |---|---|---|
/// | `Additive` | $[f, a]$ | $a$ |
/// | `Proportional` | $[f, b]$ | $b\,\lvert f\rvert$ |
/// | `Combined` | $[f, a, b]$ | $\sqrt{a^2 + (b f)^2}$ |
/// | `CombinedSum` | $[f, a, b]$ | $a + b\,\lvert f\rvert$ |
///
/// $a$ has the unit of the reading, $b$ is a number. Under `Proportional` a prediction of exactly 0 is impossible.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NormalError {
    /// constant standard deviation
    Additive,
    /// constant coefficient of variation
    Proportional,
    /// variances of an additive and a proportional part added
    Combined,
    /// standard deviations of an additive and a proportional part added
    CombinedSum,
}

impl LocationScale for NormalError {
    fn name(&self) -> &'static str {
        match self {
            NormalError::Additive => "normal, additive error",
            NormalError::Proportional => "normal, proportional error",
            NormalError::Combined => "normal, combined error",
            NormalError::CombinedSum => "normal, combined error (sum)",
        }
    }
    fn arguments(&self) -> usize {
        match self {
            NormalError::Additive | NormalError::Proportional => 2,
            NormalError::Combined | NormalError::CombinedSum => 3,
        }
    }
    fn standard(&self, _: &[f64]) -> Standard {
        Standard::Normal
    }
    fn scale(&self, x: &[f64]) -> Dependent {
        let sign = if x[0] < 0.0 { -1.0 } else { 1.0 };
        let f = x[0];
        let mut second = [[0.0; 3]; 3];
        let (value, first) = match self {
            NormalError::Additive => (x[1], [0.0, 1.0, 0.0]),
            NormalError::Proportional => {
                second[0][1] = sign;
                second[1][0] = sign;
                (x[1] * f.abs(), [x[1] * sign, f.abs(), 0.0])
            }
            NormalError::Combined => {
                let (a, b) = (x[1], x[2]);
                let sigma = a.hypot(b * f);
                // g = grad(sigma^2)/2, H = hessian(sigma^2)/2: grad sigma = g/sigma, hessian = (H - g g'/sigma^2)/sigma
                let g = [b * b * f, a, b * f * f];
                let mut h = [[0.0; 3]; 3];
                h[0][0] = b * b;
                h[1][1] = 1.0;
                h[2][2] = f * f;
                h[0][2] = 2.0 * b * f;
                h[2][0] = h[0][2];
                for i in 0..3 {
                    for j in 0..3 {
                        second[i][j] = (h[i][j] - (g[i] / sigma) * (g[j] / sigma)) / sigma;
                    }
                }
                (sigma, g.map(|v| v / sigma))
            }
            NormalError::CombinedSum => {
                let (a, b) = (x[1], x[2]);
                second[0][2] = sign;
                second[2][0] = sign;
                (a + b * f.abs(), [b * sign, 1.0, f.abs()])
            }
        };
        Dependent {
            value,
            first,
            second,
        }
    }
}
