//! Vectors that fit equally well: draws around an estimate whose misfit stays within a threshold, and a walk from there.
use super::information::Information;
use super::walk::{Ground, Walker, folded, normal};
use crate::compile::System;
use crate::exchange::model::Model;
use crate::fit::{ThreadError, in_order};
use crate::noise::normal_quantile;
use crate::scorecard::evaluate::{Outcome, score_at};
use crate::scorecard::target::{Quantities, Target};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

/// Draws that are looked at together; the same at any number of threads.
const BATCH: usize = 64;

/// How an ensemble is drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EnsembleOptions {
    /// members wanted
    pub members: usize,
    /// draws after which it is given up
    pub draws: usize,
    /// factor of the standard deviations of the draws
    pub spread: f64,
    /// steps that each member walks from its draw
    pub sweeps: usize,
    /// level of the threshold
    pub level: f64,
    /// seed
    pub seed: u64,
    /// threads; all where it is none
    pub threads: Option<usize>,
}

impl Default for EnsembleOptions {
    fn default() -> Self {
        EnsembleOptions {
            members: 200,
            draws: 20_000,
            spread: 0.05,
            sweeps: 60,
            level: 0.95,
            seed: 1,
            threads: None,
        }
    }
}

/// Vectors of the free parameters that fit equally well.
#[derive(Clone, Debug, PartialEq)]
pub struct Ensemble {
    /// ids of the parameters
    pub ids: Vec<String>,
    /// natural values of each member, the estimate first
    pub members: Vec<Vec<f64>>,
    /// their misfits
    pub misfits: Vec<f64>,
    /// the largest misfit that is kept
    pub threshold: f64,
    /// factor of the standard deviations of the draws
    pub spread: f64,
    /// seed of the draws
    pub seed: u64,
    /// draws that were looked at
    pub draws: usize,
    /// draws and steps whose solve failed
    pub failed: usize,
    /// steps that each member tried from its draw
    pub sweeps: usize,
    /// share of the steps that were taken
    pub taken: f64,
    /// contrasts of the members, one list a finding; empty where the model cannot speak
    pub contrasts: Vec<Vec<f64>>,
}

/// Why there is no ensemble.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EnsembleError {
    /// the estimate itself has no misfit
    #[error("the estimate has no misfit: finding `{id}`: {why}")]
    NoMisfit {
        /// the finding
        id: String,
        /// what became of it
        why: String,
    },
    /// the covariance has no factor
    #[error("the covariance of the estimate is not positive definite")]
    NotDefinite,
    /// a parameter that the model has not
    #[error("the model has no parameter `{0}`")]
    NoParameter(String),
    /// no threads
    #[error(transparent)]
    Threads(#[from] ThreadError),
}

/// The sum of squared distances of the findings, in standard deviations of their contrasts; an error where a solve failed.
fn misfit(targets: &[Target], outcomes: &[Outcome]) -> Result<f64, EnsembleError> {
    let mut sum = 0.0;
    for (target, outcome) in targets.iter().zip(outcomes) {
        let none = |why: String| EnsembleError::NoMisfit {
            id: target.id.clone(),
            why,
        };
        let contrast = match outcome {
            Outcome::Contrast(contrast) => *contrast,
            Outcome::NotRepresentable(why) | Outcome::Failed(why) => return Err(none(why.clone())),
        };
        let scale = |x: f64| match target.contrast.is_ratio() {
            true => x.ln(),
            false => x,
        };
        let distance = (scale(contrast) - scale(target.value)) / target.deviation();
        if !distance.is_finite() {
            return Err(none(format!("the contrast is {contrast}")));
        }
        sum += distance * distance;
    }
    Ok(sum)
}

/// Quantile of chi-squared by the cube of a normal (Wilson, Hilferty 1931, doi:10.1073/pnas.17.12.684).
fn chi_squared_quantile(level: f64, freedom: f64) -> f64 {
    let a = 2.0 / (9.0 * freedom);
    freedom * (1.0 - a + normal_quantile(level) * a.sqrt()).powi(3)
}

impl Information {
    /// Draws from the normal distribution of the estimate (covariance times `spread` squared), folded at the ends of the ranges; kept are
    /// those whose misfit of the `used` findings exceeds that of the estimate by less than the `level` quantile of chi-squared, with the effective number
    /// of directions as its degrees of freedom. From there every member but the estimate walks `sweeps` steps within that bound, towards the measure of the prior
    /// cut off at the bound. The same seed gives the same members at any number of threads.
    pub fn ensemble(
        &self,
        model: &Model,
        system: &System,
        (used, all): (&[Target], &[Target]),
        quantities: &Quantities,
        options: &EnsembleOptions,
    ) -> Result<Ensemble, EnsembleError> {
        let factor = self.covariance.clone().cholesky();
        let factor = factor.ok_or(EnsembleError::NotDefinite)?.unpack();
        let ids: Vec<String> = self.parameters.iter().map(|p| p.id.clone()).collect();
        let registers: Vec<usize> = (ids.iter())
            .map(|id| {
                let missing = || EnsembleError::NoParameter(id.clone());
                system.parameter_index(id).ok_or_else(missing)
            })
            .collect::<Result<_, _>>()?;
        let natural = |search: &[f64]| -> Vec<f64> {
            let values = self.parameters.iter().zip(search);
            values.map(|(p, x)| p.scale.natural(*x).value).collect()
        };
        let outcomes = |values: &[f64], targets: &[Target]| -> Vec<Outcome> {
            let values: Vec<(usize, f64)> = (registers.iter().copied())
                .zip(values.iter().copied())
                .collect();
            let scored = score_at(model, system, &values, targets, quantities);
            scored.into_iter().map(|row| row.outcome).collect()
        };
        let estimate: Vec<f64> = self.parameters.iter().map(|p| p.estimate).collect();
        let first = natural(&estimate);
        let best = misfit(used, &outcomes(&first, used))?;
        let threshold = best + chi_squared_quantile(options.level, self.effective());
        let draw = |number: usize| -> Vec<f64> {
            let mut stream = ChaCha8Rng::seed_from_u64(options.seed);
            stream.set_stream(number as u64 + 1);
            let z = nalgebra::DVector::from_fn(estimate.len(), |_, _| normal(&mut stream));
            let step = &factor * z * options.spread;
            let parts = self.parameters.iter().zip(step.iter());
            let folded: Vec<f64> = parts
                .map(|(p, step)| folded(p.estimate + step, p.range.0, p.range.1))
                .collect();
            folded
        };
        let mut ensemble = Ensemble {
            ids,
            members: vec![first.clone()],
            misfits: vec![best],
            sweeps: options.sweeps,
            taken: 0.0,
            threshold,
            spread: options.spread,
            seed: options.seed,
            draws: 0,
            failed: 0,
            contrasts: vec![Vec::new(); all.len()],
        };
        let mut walkers: Vec<Walker> = Vec::new();
        let wanted = options.members.saturating_sub(1);
        while walkers.len() < wanted && ensemble.draws < options.draws {
            let begin = ensemble.draws;
            let found = in_order(BATCH, options.threads, &|i| {
                let at = draw(begin + i);
                let misfit = misfit(used, &outcomes(&natural(&at), used));
                (at, misfit)
            })?;
            for (at, misfit) in found {
                if walkers.len() == wanted {
                    break;
                }
                ensemble.draws += 1;
                match misfit {
                    Err(_) => ensemble.failed += 1,
                    Ok(misfit) if misfit <= threshold => walkers.push(Walker { at, misfit }),
                    Ok(_) => {}
                }
            }
        }
        let ranges: Vec<(f64, f64)> = self.parameters.iter().map(|p| p.range).collect();
        let priors: Vec<(f64, f64)> = self.parameters.iter().map(|p| p.prior).collect();
        let ground = Ground {
            misfit: &|at| misfit(used, &outcomes(&natural(at), used)).ok(),
            threshold,
            ranges: &ranges,
            priors: &priors,
            factor: &factor,
            seed: options.seed,
            threads: options.threads,
        };
        let walked = ground.walk(&mut walkers, options.sweeps, options.spread)?;
        ensemble.failed += walked.failed;
        ensemble.taken = walked.taken as f64 / walked.tried.max(1) as f64;
        for walker in walkers {
            ensemble.members.push(natural(&walker.at));
            ensemble.misfits.push(walker.misfit);
        }
        let spoken = in_order(ensemble.members.len(), options.threads, &|i| {
            outcomes(&ensemble.members[i], all)
        })?;
        for outcomes in spoken {
            for (list, outcome) in ensemble.contrasts.iter_mut().zip(outcomes) {
                if let Outcome::Contrast(contrast) = outcome {
                    list.push(contrast);
                }
            }
        }
        Ok(ensemble)
    }
}
