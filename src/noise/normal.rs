//! Normal and log-normal noise with the standard deviation given directly.

use super::location_scale::{Axis, LocationScale, Standard};

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

impl LocationScale for Normal {
    fn name(&self) -> &'static str {
        "normal"
    }
    fn standard(&self, _: &[f64]) -> Standard {
        Standard::Normal
    }
}

/// $\ln y \sim N(\ln f, \sigma^2)$, arguments $[f, \sigma]$: the prediction is the median, $\sigma$ the standard deviation of
/// $\ln y$ (PEtab's `log-normal`). The density is that of $y$ itself, so $-\ln y$ is part of it; whether a table shows readings
/// as log10 changes nothing.
///
/// A prediction of exactly 0 is possible only under a reading below a limit, which is then certain; a negative one is impossible.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LogNormal;

impl LocationScale for LogNormal {
    fn name(&self) -> &'static str {
        "log-normal"
    }
    fn axis(&self) -> Axis {
        Axis::Logarithmic
    }
    fn standard(&self, _: &[f64]) -> Standard {
        Standard::Normal
    }
}
