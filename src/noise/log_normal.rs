//! Log-normal noise: the logarithm of the reading is normal about the logarithm of the prediction.

use super::gaussian::Parts;
use super::{LnDensity, Noise, Reading, check_finite, normal_quantile, standard_normal};

/// $\ln y \sim N(\ln f, \sigma^2)$, arguments $[f, \sigma]$: the prediction is the median, $\sigma$ the standard deviation of
/// $\ln y$ (PEtab's `log-normal`). The density is that of $y$ itself, so $-\ln y$ is part of it; whether a table shows readings
/// as log10 changes nothing.
///
/// A prediction of exactly 0 is possible only under a reading below a limit, which is then certain; a negative one is impossible.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LogNormal;

impl Noise for LogNormal {
    fn name(&self) -> &'static str {
        "log-normal"
    }
    fn arguments(&self) -> usize {
        2
    }
    fn ln_density(&self, reading: &Reading, arguments: &[f64], out: &mut LnDensity) {
        let (f, sigma) = (arguments[0], arguments[1]);
        out.reset(2);
        if self.check(reading).is_err() || f < 0.0 || f.is_nan() {
            return;
        }
        if f == 0.0 {
            let certain = matches!(reading, Reading::Below(_))
                || matches!(reading, Reading::Between(lower, _) if *lower == 0.0);
            if certain && sigma > 0.0 {
                out.value = 0.0;
            }
            return;
        }
        let on_log_scale = match *reading {
            Reading::Value(y) => Reading::Value(libm::log(y)),
            Reading::Below(y) => Reading::Below(libm::log(y)),
            Reading::Above(y) => Reading::Above(libm::log(y)),
            Reading::Between(0.0, upper) => Reading::Below(libm::log(upper)),
            Reading::Between(lower, upper) => Reading::Between(libm::log(lower), libm::log(upper)),
        };
        let offset = match on_log_scale {
            Reading::Value(ln_y) => -ln_y,
            _ => 0.0,
        };
        Parts {
            arguments: 2,
            mu: libm::log(f),
            mu_first: 1.0 / f,
            mu_second: -1.0 / (f * f),
            sigma,
            sigma_first: [0.0, 1.0, 0.0],
            sigma_second: [[0.0; 3]; 3],
        }
        .ln_density(&on_log_scale, offset, out);
    }
    fn sample(&self, arguments: &[f64], uniform: &mut dyn FnMut() -> f64) -> f64 {
        arguments[0] * libm::exp(arguments[1] * standard_normal(uniform))
    }
    fn quantile(&self, arguments: &[f64], p: f64) -> f64 {
        if arguments[0] < 0.0 {
            return f64::NAN;
        }
        arguments[0] * libm::exp(arguments[1] * normal_quantile(p))
    }
    fn is_logarithmic(&self) -> bool {
        true
    }
    fn check(&self, reading: &Reading) -> Result<(), &'static str> {
        check_finite(reading)?;
        match *reading {
            Reading::Value(y) if y <= 0.0 => Err("a log-normal reading must be positive"),
            Reading::Below(y) | Reading::Above(y) if y <= 0.0 => {
                Err("a limit under log-normal noise must be positive")
            }
            Reading::Between(lower, _) if lower < 0.0 => {
                Err("a lower limit under log-normal noise must not be negative")
            }
            _ => Ok(()),
        }
    }
}
