//! Log-densities of readings given predictions, censoring included, with derivatives. Only numbers here.
//!
//! A reading $y$ has a prediction $f$ and noise parameters; together they are the *arguments* of a [`Noise`].
//! With the location $\mu$ and the standard deviation $\sigma$ on the scale where the noise is normal
//! ($\mu = f$ for [`Normal`] and [`NormalError`], $\mu = \ln f$ for [`LogNormal`]) and $z = (y - \mu)/\sigma$:
//!
//! | reading | $\ln p$ |
//! |---|---|
//! | value | $-\tfrac12 z^2 - \ln\sigma - \tfrac12\ln 2\pi$ (and $-\ln y$ for [`LogNormal`]) |
//! | below a limit | $\ln\Phi(z)$ |
//! | above a limit | $\ln\Phi(-z)$ |
//! | between two limits | $\ln(\Phi(z_2) - \Phi(z_1))$ |
//!
//! An impossible prediction (a negative one under [`LogNormal`], a standard deviation that is not positive) has the value
//! $-\infty$ and zero derivatives, never NaN: the objective turns it into an infeasible point.

mod error_model;
mod gaussian;
mod log_normal;
mod normal;
mod residual;
mod tails;

pub use error_model::NormalError;
pub use log_normal::LogNormal;
pub use normal::Normal;
pub use residual::quantile_residual;
pub use tails::{ln_normal_cdf, ln_normal_interval, normal_cdf, normal_quantile};

/// What was read.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub enum Reading {
    /// The value itself.
    Value(f64),
    /// value < limit
    Below(f64),
    /// value > limit
    Above(f64),
    /// lower limit < value < upper limit
    Between(f64, f64),
}

impl Reading {
    /// Whether only limits of the value are known.
    pub fn is_censored(&self) -> bool {
        !matches!(self, Reading::Value(_))
    }
}

/// Value, gradient, Hessian and information of ln p with respect to the arguments (m arguments; matrices m x m row-major).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LnDensity {
    /// ln p, natural logarithm; minus infinity where the prediction is impossible
    pub value: f64,
    /// d ln p / d argument
    pub gradient: Vec<f64>,
    /// second derivatives of ln p
    pub hessian: Vec<f64>,
    /// Positive semidefinite information: of a value the expected (Fisher) information; of a censored reading the observed
    /// information with the limits' standardised distances linearised (the generalised Gauss-Newton matrix, exact in the location).
    pub information: Vec<f64>,
    /// squared normalised residual, `None` where undefined (censored or impossible)
    pub chi2: Option<f64>,
}

impl LnDensity {
    /// Makes room for `m` arguments and clears everything.
    pub(crate) fn reset(&mut self, m: usize) {
        self.value = f64::NEG_INFINITY;
        self.chi2 = None;
        for (list, length) in [
            (&mut self.gradient, m),
            (&mut self.hessian, m * m),
            (&mut self.information, m * m),
        ] {
            list.clear();
            list.resize(length, 0.0);
        }
    }
}

/// A distribution of readings.
pub trait Noise: Send + Sync + std::fmt::Debug {
    /// The name used in messages and tables.
    fn name(&self) -> &'static str;
    /// number of arguments: predictions, then noise parameters
    fn arguments(&self) -> usize;
    /// ln p of the reading with all derivatives; never NaN for finite arguments
    fn ln_density(&self, reading: &Reading, arguments: &[f64], out: &mut LnDensity);
    /// draws one reading; `uniform` gives numbers in (0, 1)
    fn sample(&self, arguments: &[f64], uniform: &mut dyn FnMut() -> f64) -> f64;
    /// the value below which a reading lies with probability `p`, 0 < p < 1; NaN where the prediction is impossible
    fn quantile(&self, arguments: &[f64], p: f64) -> f64;
    /// whether spread is a factor rather than a sum: such readings belong on a logarithmic axis
    fn is_logarithmic(&self) -> bool {
        false
    }
    /// whether a reading is in the support; else a reason
    fn check(&self, reading: &Reading) -> Result<(), &'static str>;
}

/// A standard normal number by the method of Box and Muller, doi:10.1214/aoms/1177706645.
fn standard_normal(uniform: &mut dyn FnMut() -> f64) -> f64 {
    let (u, v) = (uniform(), uniform());
    (-2.0 * libm::log(u)).sqrt() * libm::cos(2.0 * std::f64::consts::PI * v)
}

/// The checks that all real-valued readings share.
fn check_finite(reading: &Reading) -> Result<(), &'static str> {
    match *reading {
        Reading::Value(y) | Reading::Below(y) | Reading::Above(y) if !y.is_finite() => {
            Err("the reading is not a finite number")
        }
        Reading::Between(a, b) if a.is_nan() || b.is_nan() => Err("a limit is not a number"),
        Reading::Between(a, b) if a >= b => Err("the lower limit is not below the upper limit"),
        _ => Ok(()),
    }
}
