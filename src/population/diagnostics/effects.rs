//! Random effects at the estimates: modes, draws given the readings, correlations, covariates.
//!
//! Modes are drawn towards 0 where readings say little (shrinkage), so that their spread and correlations are not those of the
//! population. One draw from each individual's distribution given its readings has none of that: over all individuals such draws
//! are distributed as the effects themselves if the model is true (Lavielle & Ribba 2016, doi:10.1007/s11095-016-2020-3). They are drawn
//! from the normal approximation about the mode, $N(\hat z, H^{-1})$, with the curvature $H$ of the likelihood's method.

use super::normality::two_sided_t;
use crate::noise::normal_cdf;
use crate::population::laplace::Shares;
use crate::population::model::{Level, PopulationProblem};
use crate::population::person::{Person, Theta};
use crate::population::stream::{Purpose, Stream};
use nalgebra::DVector;
use serde::{Deserialize, Serialize};

/// A random effect of one individual, or on one of its occasions.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct EffectDraw {
    /// position among the individuals
    pub individual: usize,
    /// the occasion
    pub occasion: Option<usize>,
    /// its mode
    pub mode: f64,
    /// standard deviation given the readings
    pub deviation: f64,
    /// one draw given the readings
    pub drawn: f64,
}

/// A random effect over everybody who has a mode.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EffectSample {
    /// identifier
    pub id: String,
    /// what it varies between
    pub level: Level,
    /// its standard deviation in the population
    pub standard_deviation: f64,
    /// one an individual, or one an occasion of an individual
    pub draws: Vec<EffectDraw>,
}

/// Two effects of individuals.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Correlated {
    /// position among the effects
    pub first: usize,
    /// position of the other
    pub second: usize,
    /// correlation in the model
    pub model: f64,
    /// of the modes
    pub modes: Option<f64>,
    /// of the draws given the readings
    pub drawn: Option<f64>,
    /// p of a correlation of the draws as in the model (Fisher's transform)
    pub p: Option<f64>,
}

/// The modes of an effect of individuals beside a covariate.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CovariatePoints {
    /// name or formula
    pub covariate: String,
    /// position among the effects
    pub effect: usize,
    /// (covariate, mode)
    pub points: Vec<(f64, f64)>,
    /// Pearson's correlation
    pub correlation: Option<f64>,
    /// p of a correlation of 0 (t test), not adjusted for the number of pairs
    pub p: Option<f64>,
}

/// (position among the effects, draw), individual by individual.
pub(super) type Draws = Vec<(usize, EffectDraw)>;

/// Draws of everybody who has a mode.
pub(super) fn draws(
    problem: &PopulationProblem,
    people: &[Person],
    theta: &Theta,
    shares: &Shares,
    seed: u64,
) -> Draws {
    let mut found = Vec::new();
    debug_assert_eq!(problem.individuals.len(), people.len());
    for (person, share) in people.iter().zip(shares) {
        let Ok(share) = share else { continue };
        let factor = person.factor_at(theta);
        let mut stream = Stream::new(seed, Purpose::ConditionalDraws, 0, person.number);
        let normal = DVector::from_fn(person.dim(), |_, _| stream.normal());
        let Some(drawn) = super::curves::given_readings(share, &normal) else {
            continue;
        };
        let covariance = share.hessian.clone().cholesky().map(|c| c.inverse());
        let Some(covariance) = covariance.map(|v| &factor * v * factor.transpose()) else {
            continue;
        };
        let (modes, drawn) = (&factor * &share.mode.z, &factor * drawn);
        for (k, &(effect, occasion)) in person.effects.iter().enumerate() {
            let draw = EffectDraw {
                individual: person.number,
                occasion,
                mode: modes[k],
                deviation: covariance[(k, k)].max(0.0).sqrt(),
                drawn: drawn[k],
            };
            found.push((effect, draw));
        }
    }
    found
}

/// Effect by effect.
pub(super) fn samples(
    problem: &PopulationProblem,
    natural: &[f64],
    draws: &Draws,
) -> Vec<EffectSample> {
    let of = |effect: usize| draws.iter().filter(move |d| d.0 == effect).map(|d| d.1);
    let effects = problem.effects.iter().enumerate();
    effects
        .map(|(e, effect)| EffectSample {
            id: effect.id.clone(),
            level: effect.level,
            standard_deviation: effect.standard_deviation.value(natural),
            draws: of(e).collect(),
        })
        .collect()
}

/// All pairs of effects of individuals that vary.
pub(super) fn correlations(
    problem: &PopulationProblem,
    natural: &[f64],
    draws: &Draws,
) -> Vec<Correlated> {
    let own: Vec<usize> = problem
        .effects_of(Level::Individual)
        .into_iter()
        .filter(|&e| problem.effects[e].standard_deviation.value(natural) > 0.0)
        .collect();
    let all = |effect: usize| -> Vec<EffectDraw> {
        let own = draws.iter().filter(|d| d.0 == effect);
        own.map(|d| d.1).collect()
    };
    let mut found = Vec::new();
    for (i, &second) in own.iter().enumerate() {
        for &first in &own[..i] {
            let named = problem.correlations.iter().find(|c| {
                (c.first, c.second) == (first, second) || (c.second, c.first) == (first, second)
            });
            let model = named.map_or(0.0, |c| c.value.value(natural));
            let (a, b) = (all(first), all(second));
            let pairs = |of: fn(&EffectDraw) -> f64| -> Vec<(f64, f64)> {
                a.iter().map(of).zip(b.iter().map(of)).collect()
            };
            let drawn = pearson(&pairs(|d| d.drawn));
            let n = a.len() as f64;
            found.push(Correlated {
                first,
                second,
                model,
                modes: pearson(&pairs(|d| d.mode)),
                drawn,
                p: drawn.filter(|_| n > 3.0 && model.abs() < 1.0).map(|r| {
                    let z = (r.atanh() - model.atanh()) * (n - 3.0).sqrt();
                    2.0 * normal_cdf(-z.abs())
                }),
            });
        }
    }
    found
}

/// Every covariate beside every effect of individuals that varies.
pub(super) fn covariates(
    problem: &PopulationProblem,
    given: &[(String, Vec<f64>)],
    draws: &Draws,
) -> Vec<CovariatePoints> {
    let mut all: Vec<(&str, &[f64])> = Vec::new();
    let model = problem.covariate_effects.iter();
    let model = model.map(|c| (c.covariate.as_str(), c.values.as_slice()));
    for (name, values) in model.chain(given.iter().map(|(n, v)| (n.as_str(), v.as_slice()))) {
        if !all.iter().any(|(known, _)| *known == name) {
            all.push((name, values));
        }
    }
    let mut found = Vec::new();
    for (name, values) in all {
        for effect in problem.effects_of(Level::Individual) {
            let own = draws.iter().filter(|d| d.0 == effect);
            let points: Vec<(f64, f64)> = own
                .filter_map(|(_, d)| Some((*values.get(d.individual)?, d.mode)))
                .filter(|p| p.0.is_finite())
                .collect();
            let correlation = pearson(&points);
            let freedom = points.len() as f64 - 2.0;
            found.push(CovariatePoints {
                covariate: name.to_owned(),
                effect,
                correlation,
                p: correlation.filter(|_| freedom > 0.0).map(|r| {
                    let t = r * (freedom / (1.0 - r * r).max(f64::MIN_POSITIVE)).sqrt();
                    two_sided_t(t, freedom)
                }),
                points,
            });
        }
    }
    found
}

/// Pearson's correlation; None of fewer than three pairs, or where one side does not vary.
fn pearson(pairs: &[(f64, f64)]) -> Option<f64> {
    if pairs.len() < 3 {
        return None;
    }
    let n = pairs.len() as f64;
    let (sum_a, sum_b) = pairs.iter().fold((0.0, 0.0), |s, p| (s.0 + p.0, s.1 + p.1));
    let (mean_a, mean_b) = (sum_a / n, sum_b / n);
    let (mut aa, mut bb, mut ab) = (0.0, 0.0, 0.0);
    for (a, b) in pairs {
        let (a, b) = (a - mean_a, b - mean_b);
        aa += a * a;
        bb += b * b;
        ab += a * b;
    }
    let r = ab / (aa * bb).sqrt();
    r.is_finite().then(|| r.clamp(-1.0, 1.0))
}
