//! Mixed effects: cohorts whose parameters vary between individuals and occasions, and their marginal likelihood.
//!
//! An individual parameter is $\varphi_{ik} = h^{-1}\bigl(h(\mu) + \beta^\top c_i + \eta_i + \kappa_{ik}\bigr)$ with $\eta_i \sim N(0, \Omega)$ and, for
//! occasions $k$, $\kappa_{ik} \sim N(0, \Gamma)$. $\mu$, $\beta$, the standard deviations and correlations in $\Omega$ and $\Gamma$ are rows of
//! the parameter table (or numbers), as are all parameters that do not vary. The likelihood of an individual is
//! $$ L_i(\theta) = \int p\bigl(y_i \mid \varphi(\theta, z)\bigr)\,\phi(z)\,dz, \qquad (\eta, \kappa) = L(\theta)\,z, $$
//! with any noise, several endpoints, and censored readings.
//!
//! | file | job |
//! |---|---|
//! | `model`, `check`, `error` | the statistical model as data, and its faults |
//! | `transform` | $h$ |
//! | `effects` | $L$ from standard deviations and correlations |
//! | `person` | one individual: which coordinates its readings depend on |
//! | `conditional` | $\ln p(y_i \mid \psi)$ of many points at once |
//! | `modes`, `moved` | modes of the random effects; derivatives there |
//! | `laplace` | FOCEI and Laplace's approximation, with total gradients |
//! | `linearised` | FO, FOCE without interaction |
//! | `quadrature` | adaptive Gauss-Hermite quadrature |
//! | `importance`, `pareto` | importance sampling, and how far it can be trusted |
//! | `saem` | stochastic approximation of expectation and maximisation |
//! | `fit`, `search` | a fit, and where its estimates come from |
//! | `curvature`, `certificate`, `summary` | standard errors; the likelihood by independent routes; individuals, effects, criteria |
//! | `simulate` | populations drawn from the model |
//! | `recovery` | simulation and refit: bias and coverage of an estimator on a design |
//! | `diagnostics` | residuals, prediction errors, predictive checks, effects, curves of individuals |
//! | `limits` | limits of quantification of readings |
//! | `compare` | likelihood ratio of nested fits |
//! | `stream` | random numbers |

mod certificate;
mod check;
mod compare;
mod conditional;
mod curvature;
mod diagnostics;
mod effects;
mod error;
mod fit;
mod highest;
mod importance;
mod laplace;
mod limits;
mod linearised;
mod marginal;
mod model;
mod modes;
mod moved;
mod newton;
mod pareto;
mod person;
mod quadrature;
mod recovery;
mod saem;
mod search;
mod simulate;
mod stream;
mod summary;
mod transform;
mod wide;

pub use certificate::{Certificate, Route, Seeds};
pub use compare::{LikelihoodRatio, likelihood_ratio};
pub use diagnostics::{
    Correlated, CovariatePoints, Curve, DiagnosticOptions, Diagnostics, EffectDraw, EffectSample,
    Normality, ReadingDiagnostic, Share, Vpc, VpcBin, diagnose, diagnose_at,
};
pub use error::{PopulationError, PopulationFault};
pub use fit::{
    Criteria, Effect, Estimator, IndividualFit, ParameterEstimate, PopulationFit,
    PopulationFitOptions, fit_population,
};
pub use importance::{ImportanceEstimate, ImportanceOptions};
pub use marginal::{Marginal, Method, PopulationObjective, PopulationOptions};
pub use model::{
    Coefficient, Correlation, CovariateEffect, Individual, IndividualParameter, Level,
    PopulationProblem, RandomEffect,
};
pub use quadrature::{Integral, QuadratureOptions};
pub use recovery::{Recovered, Recovery, RecoveryOptions, Refit, RefitEstimate, recover};
pub use saem::{SaemOptions, SaemRun};
pub use simulate::{
    PopulationSimulation, PopulationSimulator, ReadingPlace, SimulatedIndividual,
    SimulationOptions, virtual_population,
};
pub use transform::Transform;
