//! Individuals, effects and criteria of a fit.

use super::fit::{Criteria, Effect, IndividualFit, ParameterEstimate};
use super::laplace::Share;
use super::marginal::PopulationObjective;
use super::model::{Coefficient, PopulationProblem};
use crate::fit::Natural;

/// A row that holds the values of individuals on one occasion.
pub(super) fn is_filled(problem: &PopulationProblem, row: usize) -> bool {
    problem
        .parameters
        .iter()
        .any(|p| p.row == row && p.typical != row)
}

/// Criteria at -2 ln L; `readings` is their number.
pub(super) fn criteria(problem: &PopulationProblem, minus_two: f64, readings: usize) -> Criteria {
    let estimated = problem.problem.parameters.estimated();
    let random = random_rows(problem);
    let of_random = estimated.iter().filter(|row| random.contains(row)).count();
    let rest = estimated.len() - of_random;
    Criteria {
        aic: minus_two + 2.0 * estimated.len() as f64,
        bicc: minus_two
            + of_random as f64 * libm::log(problem.individuals.len() as f64)
            + rest as f64 * libm::log(readings as f64),
    }
}

/// Rows whose estimates rest on the number of individuals: typical values, covariate coefficients and spreads of random effects.
fn random_rows(problem: &PopulationProblem) -> Vec<usize> {
    let mut rows: Vec<usize> = problem.effects.iter().map(|e| e.typical).collect();
    let mut add = |value: Coefficient| {
        if let Coefficient::Row(row) = value {
            rows.push(row);
        }
    };
    problem
        .effects
        .iter()
        .for_each(|e| add(e.standard_deviation));
    problem.correlations.iter().for_each(|c| add(c.value));
    let random: Vec<usize> = problem.effects.iter().map(|e| e.typical).collect();
    let of_random = problem
        .covariate_effects
        .iter()
        .filter(|c| random.contains(&c.typical));
    of_random.for_each(|c| add(c.coefficient));
    rows
}

pub(super) fn individuals(
    objective: &PopulationObjective,
    theta: &super::person::Theta,
    shares: &[Share],
    ln_likelihoods: &[f64],
) -> Vec<IndividualFit> {
    let problem = objective.problem();
    let table = &problem.problem.parameters;
    let people = &objective.evaluator().people;
    people
        .iter()
        .zip(shares)
        .zip(ln_likelihoods)
        .map(|((person, share), &ln_likelihood)| {
            let factor = person.factor_at(theta);
            let modes = &factor * &share.mode.z;
            let covariance = share
                .hessian
                .clone()
                .cholesky()
                .map(|c| &factor * c.inverse() * factor.transpose());
            let (natural, _) = person.natural(problem, &theta.natural, &share.mode.psi);
            IndividualFit {
                id: problem.individuals[person.number].id.clone(),
                effects: person
                    .effects
                    .iter()
                    .enumerate()
                    .map(|(k, (effect, occasion))| {
                        let sd = covariance
                            .as_ref()
                            .map_or(f64::NAN, |v| v[(k, k)].max(0.0).sqrt());
                        (problem.effects[*effect].id.clone(), *occasion, modes[k], sd)
                    })
                    .collect(),
                parameters: problem
                    .parameters
                    .iter()
                    .filter(|p| person.rows.contains(&p.row))
                    .map(|p| (table.rows[p.row].id.clone(), natural[p.row]))
                    .collect(),
                ln_likelihood,
            }
        })
        .collect()
}

pub(super) fn effects(
    problem: &PopulationProblem,
    natural: &Natural,
    individuals: &[IndividualFit],
    estimates: &[ParameterEstimate],
) -> Vec<Effect> {
    problem
        .effects
        .iter()
        .map(|effect| {
            let sd = effect.standard_deviation.value(&natural.0);
            let modes: Vec<f64> = individuals
                .iter()
                .flat_map(|i| &i.effects)
                .filter(|(id, ..)| *id == effect.id)
                .map(|(_, _, mode, _)| *mode)
                .collect();
            let n = modes.len() as f64;
            let mean = modes.iter().sum::<f64>() / n;
            let variance = modes.iter().map(|m| (m - mean).powi(2)).sum::<f64>() / (n - 1.0);
            let at_bound = match effect.standard_deviation {
                Coefficient::Row(row) => {
                    let id = &problem.problem.parameters.rows[row].id;
                    estimates.iter().any(|e| e.id == *id && e.at_bound)
                }
                Coefficient::Constant(_) => false,
            };
            Effect {
                id: effect.id.clone(),
                level: effect.level,
                standard_deviation: sd,
                shrinkage: (sd > 0.0 && n > 1.0).then(|| 1.0 - variance.sqrt() / sd),
                boundary: sd == 0.0 || at_bound,
            }
        })
        .collect()
}
