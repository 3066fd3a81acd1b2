//! Normal noise with its standard deviation given directly.

use super::gaussian::Parts;
use super::{LnDensity, Noise, Reading, check_finite, normal_quantile, standard_normal};

/// $y \sim N(f, \sigma^2)$, arguments $[f, \sigma]$; $\sigma$ may itself be any formula.
///
/// ```
/// use holobiont::noise::{LnDensity, Noise, Normal, Reading};
/// let mut p = LnDensity::default();
/// Normal.ln_density(&Reading::Value(1.0), &[1.0, 2.0], &mut p);
/// assert!((p.value + (2.0_f64 * (2.0 * std::f64::consts::PI).sqrt()).ln()).abs() < 1e-15);
/// assert_eq!(p.chi2, Some(0.0));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Normal;

impl Noise for Normal {
    fn name(&self) -> &'static str {
        "normal"
    }
    fn arguments(&self) -> usize {
        2
    }
    fn ln_density(&self, reading: &Reading, arguments: &[f64], out: &mut LnDensity) {
        Parts {
            arguments: 2,
            mu: arguments[0],
            mu_first: 1.0,
            mu_second: 0.0,
            sigma: arguments[1],
            sigma_first: [0.0, 1.0, 0.0],
            sigma_second: [[0.0; 3]; 3],
        }
        .ln_density(reading, 0.0, out);
    }
    fn sample(&self, arguments: &[f64], uniform: &mut dyn FnMut() -> f64) -> f64 {
        arguments[0] + arguments[1] * standard_normal(uniform)
    }
    fn quantile(&self, arguments: &[f64], p: f64) -> f64 {
        arguments[0] + arguments[1] * normal_quantile(p)
    }
    fn check(&self, reading: &Reading) -> Result<(), &'static str> {
        check_finite(reading)
    }
}
