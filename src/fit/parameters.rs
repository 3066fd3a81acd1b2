//! The parameter table and the one map between natural and search values.
use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scale { Linear, Log, Log10, Logit }

/// Prior on the natural scale (PEtab v2 names).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Prior { Uniform { lower: f64, upper: f64 }, Normal { mean: f64, sd: f64 }, Laplace { location: f64, scale: f64 }, LogNormal { log_mean: f64, log_sd: f64 }, LogLaplace { log_location: f64, log_scale: f64 }, LogUniform { lower: f64, upper: f64 }, Cauchy { location: f64, scale: f64 }, Gamma { shape: f64, scale: f64 }, Exponential { scale: f64 }, ChiSquared { dof: f64 }, Rayleigh { scale: f64 } }

/// One row.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Parameter { pub id: String, pub name: Option<String>, pub unit: Option<String>, pub scale: Scale, pub lower: f64, pub upper: f64, pub nominal: f64, pub estimate: bool, pub prior: Option<Prior> }

/// All rows, in file order; those with `estimate` are searched.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ParameterTable { pub rows: Vec<Parameter> }

/// Natural values of all rows of the table.
#[derive(Clone, Debug, PartialEq)] pub struct Natural(pub Vec<f64>);
/// Search values of the estimated rows only, on their scales.
#[derive(Clone, Debug, PartialEq)] pub struct Search(pub Vec<f64>);

/// A problem as it stands on disk: cohort, parameter table; what `exchange::petab` reads and `fit` fits.
#[derive(Clone, Debug)]
pub struct FitProblem { pub cohort: crate::cohort::Cohort, pub parameters: ParameterTable }
