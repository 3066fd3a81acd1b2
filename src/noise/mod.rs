//! Log-densities of readings given predictions, censoring included, with derivatives. Only numbers here.
//!
//! A reading $y$ has a prediction $f$ and noise parameters; together they are the *arguments* of a [`Noise`]. The families are one
//! scheme: a location $\mu = f$, or $\mu = \ln f$ for the logarithm of the reading, a scale $s$, and a standard distribution with
//! density $p_0$ and distribution function $F$.
//!
//! | family | arguments | $\mu$ | $s$ | $\ln p_0(z)$ |
//! |---|---|---|---|---|
//! | [`Normal`] | $[f, \sigma]$ | $f$ | $\sigma$ | $-\tfrac12 z^2 - \tfrac12\ln 2\pi$ |
//! | [`NormalError`] | $[f, a, b]$ | $f$ | $\sigma(f, a, b)$ | the same |
//! | [`LogNormal`] | $[f, \sigma]$ | $\ln f$ | $\sigma$ | the same |
//! | [`Laplace`], [`LogLaplace`] | $[f, b]$ | $f$, $\ln f$ | $b$ | $-\lvert z\rvert - \ln 2$ |
//! | [`StudentT`], [`LogStudentT`] | $[f, s, \nu]$ | $f$, $\ln f$ | $s$ | $-\tfrac{\nu+1}2\ln(1+z^2/\nu) + \ln\Gamma(\tfrac{\nu+1}2) - \ln\Gamma(\tfrac\nu2) - \tfrac12\ln\pi\nu$ |
//!
//! With $z = (y - \mu)/s$, or $z = (\ln y - \mu)/s$:
//!
//! | reading | $\ln p$ |
//! |---|---|
//! | value | $\ln p_0(z) - \ln s$ (and $-\ln y$ on a logarithmic scale) |
//! | below a limit | $\ln F(z)$ |
//! | above a limit | $\ln F(-z)$ |
//! | between two limits | $\ln(F(z_2) - F(z_1))$ |
//!
//! An impossible prediction (a negative one on a logarithmic scale, a scale or degrees of freedom that are not positive) has the
//! value $-\infty$ and zero derivatives, never NaN: the objective turns it into an infeasible point.

mod error_model;
mod gaussian;
mod laplace;
mod location_scale;
mod normal;
mod residual;
mod student_t;
mod tails;

pub use error_model::NormalError;
pub use laplace::{Laplace, LogLaplace};
pub use normal::{LogNormal, Normal};
pub use residual::quantile_residual;
pub use student_t::{LogStudentT, StudentT};
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
    /// Positive semidefinite information: of a value the expected (Fisher) information. Of a censored reading under normal noise the
    /// observed information with the limits' standardised distances linearised (the generalised Gauss-Newton matrix, exact in the
    /// location); under the other distributions, whose tails are straight or convex, the square of the gradient, whose mean over
    /// readings is the Fisher information (Berndt, Hall, Hall & Hausman 1974, <https://www.nber.org/chapters/c10206>).
    pub information: Vec<f64>,
    /// squared residual in units of the scale, as PEtab's `calculate_chi2` sums it for its four distributions (chi-squared
    /// distributed under normal and log-normal noise only); `None` for Student's t, which PEtab does not know, and for censored or
    /// impossible readings
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

/// A normal distribution of a reading or its logarithm, with derivatives in the arguments.
#[derive(Clone, Debug, PartialEq)]
pub struct Gaussian {
    /// mean
    pub location: f64,
    /// standard deviation
    pub scale: f64,
    /// d location / d argument
    pub location_slopes: Vec<f64>,
    /// d scale / d argument
    pub scale_slopes: Vec<f64>,
}

/// A distribution of readings.
pub trait Noise: Send + Sync + std::fmt::Debug {
    /// The name used in messages and tables.
    fn name(&self) -> &'static str;
    /// number of arguments: predictions, then noise parameters
    fn arguments(&self) -> usize;
    /// ln p of the reading with all derivatives; never NaN for finite arguments
    fn ln_density(&self, reading: &Reading, arguments: &[f64], out: &mut LnDensity);
    /// ln p of the reading alone: the same number as [`ln_density`](Self::ln_density) gives, with `memory` to write to
    fn ln_p(&self, reading: &Reading, arguments: &[f64], memory: &mut LnDensity) -> f64 {
        self.ln_density(reading, arguments, memory);
        memory.value
    }
    /// draws one reading; `uniform` gives numbers in (0, 1)
    fn sample(&self, arguments: &[f64], uniform: &mut dyn FnMut() -> f64) -> f64;
    /// whether a reading is in the support; else a reason
    fn check(&self, reading: &Reading) -> Result<(), &'static str>;
    /// whether readings are positive and spread by factors, so that a logarithmic axis shows them best
    fn logarithmic(&self) -> bool {
        false
    }
    /// location and scale where the reading (or its logarithm, see [`logarithmic`](Self::logarithmic)) is normal; `None` for
    /// other distributions and impossible arguments
    fn gaussian(&self, _arguments: &[f64]) -> Option<Gaussian> {
        None
    }
    /// a distribution near this one without its kinks, for what needs a second derivative (modes of random effects and what is built
    /// on them: FOCE, FOCEI, Laplace's approximation, centres of proposals and grids); `None` where there are none
    fn without_kinks(&self) -> Option<&dyn Noise> {
        None
    }
    /// the value below which a reading lies with probability p in (0, 1); `None` where it is not known
    fn quantile(&self, _p: f64, _arguments: &[f64]) -> Option<f64> {
        None
    }
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
