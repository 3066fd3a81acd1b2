//! Estimators and objectives of populations, and the options of `recover`.
use super::Numerics;
use crate::population;
use clap::{Args, ValueEnum};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(in crate::cli) struct Recover {
    /// YAML file of the problem whose design is used; refits begin at its nominal values
    pub problem: PathBuf,
    /// Folder for recovery.md, recovery.tsv, recovery.json and what --resume needs
    #[arg(long, value_name = "DIR")]
    pub output: PathBuf,
    /// Populations that are drawn and refitted
    #[arg(long, value_name = "N", default_value_t = 200)]
    pub replicates: usize,
    /// How they are refitted: a population estimator, `focei` by default
    #[arg(long, value_name = "ESTIMATOR")]
    pub estimator: Option<Estimator>,
    /// True values that replace the nominal ones: a table with parameterId and nominalValue (or value)
    #[arg(long, value_name = "FILE.tsv")]
    pub parameters: Option<PathBuf>,
    /// Detection limit of an observable: lower draws are only known to lie below it; by default that of its censored readings
    #[arg(long = "limit", value_name = "ID=VALUE")]
    pub limits: Vec<String>,
    /// Probability of the intervals whose coverage is counted
    #[arg(long, value_name = "P", default_value_t = 0.9)]
    pub level: f64,
    /// Sampled starts of each refit, besides the nominal values
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub starts: usize,
    /// Seed of the draws
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,
    /// Refits at the same time; as many as the machine has threads by default. The result does not depend on their number
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub threads: Option<u32>,
    /// Go on with a stopped or killed run in the same folder, to the same result; all other options as before
    #[arg(long)]
    pub resume: bool,
    #[command(flatten)]
    pub numerics: Numerics,
}

/// What is searched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(in crate::cli) enum Estimator {
    /// Maximum a posteriori; random effects are left out: everybody has the typical parameters
    Map,
    /// Maximum likelihood: the same without priors
    Mle,
    /// Population: first order
    Fo,
    /// Population: first-order conditional estimation without interaction
    Foce,
    /// Population: first-order conditional estimation with interaction
    Focei,
    /// Population: Laplace's approximation with the exact Hessian
    Laplace,
    /// Population: adaptive Gauss-Hermite quadrature, up to four random effects
    Quadrature,
    /// Population: stochastic approximation of expectation and maximisation
    Saem,
}

impl Estimator {
    /// Of a population.
    pub fn population(self) -> Option<population::Estimator> {
        match self {
            Self::Map | Self::Mle => None,
            Self::Fo => Some(population::Estimator::Fo),
            Self::Foce => Some(population::Estimator::Foce),
            Self::Focei => Some(population::Estimator::Focei),
            Self::Laplace => Some(population::Estimator::Laplace),
            Self::Quadrature => Some(population::Estimator::Quadrature),
            Self::Saem => Some(population::Estimator::Saem),
        }
    }
}

/// How an integral over random effects is computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum Marginal {
    /// First order: linear about random effects of 0
    Fo,
    /// First-order conditional estimation without interaction
    Foce,
    /// first-order conditional estimation with interaction
    Focei,
    /// Laplace's approximation with the exact Hessian
    Laplace,
    /// adaptive Gauss-Hermite quadrature, with as many nodes as it takes
    Quadrature,
    /// importance sampling
    Importance,
}

impl From<Marginal> for population::Method {
    fn from(method: Marginal) -> Self {
        match method {
            Marginal::Fo => Self::Fo,
            Marginal::Foce => Self::Foce,
            Marginal::Focei => Self::Focei,
            Marginal::Laplace => Self::Laplace,
            Marginal::Quadrature => Self::Quadrature,
            Marginal::Importance => Self::Importance,
        }
    }
}
