//! Log-densities of readings given predictions, censoring included, with derivatives. Only numbers here.

/// What was read.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub enum Reading { Value(f64), /** value < limit */ Below(f64), /** value > limit */ Above(f64), /** between */ Between(f64, f64) }

/// Value, gradient, Hessian and expected information of ln p with respect to the arguments (m arguments; matrices m x m row-major).
#[derive(Clone, Debug, Default)]
pub struct LnDensity { pub value: f64, pub gradient: Vec<f64>, pub hessian: Vec<f64>, pub information: Vec<f64>, /** squared normalised residual, None where undefined */ pub chi2: Option<f64> }

/// A distribution of readings.
pub trait Noise: Send + Sync + std::fmt::Debug {
    fn name(&self) -> &'static str;
    /// number of arguments: predictions, then noise parameters
    fn arguments(&self) -> usize;
    fn ln_density(&self, reading: &Reading, arguments: &[f64], out: &mut LnDensity);
    /// draws one reading; `uniform` gives numbers in (0, 1)
    fn sample(&self, arguments: &[f64], uniform: &mut dyn FnMut() -> f64) -> f64;
    /// whether a reading is in the support; else a reason
    fn check(&self, reading: &Reading) -> Result<(), &'static str>;
}
