//! Priors on standard deviations of effects: they pull in every estimator, and again when a fit is repeated from its end.
use crate::problems::{Files, table, wang};
use holobiont::fit::Control;
use holobiont::population::{
    Estimator, PopulationFit, PopulationFitOptions, PopulationProblem, fit_population,
};

fn with_prior() -> Files {
    wang().with(
        "parameters.tsv",
        table(
            "parameterId lowerBound upperBound nominalValue estimate scale priorDistribution priorParameters
             ke 0.01 10 0.5 true log NA NA
             omega 0.01 2 0.2 true log normal 0.4;0.03
             v 0.001 1 0.1 true log NA NA",
        ),
    )
}

fn fitted(problem: &PopulationProblem, estimator: Estimator) -> PopulationFit {
    let options = PopulationFitOptions {
        estimator,
        ..PopulationFitOptions::default()
    };
    fit_population(problem, &options, &[], Control::default(), None).unwrap()
}

#[test]
fn a_prior_on_a_standard_deviation_pulls_and_is_not_lost_on_the_way() {
    let omega = |fit: &PopulationFit| fit.estimates[1].value;
    let free = fitted(&wang().problem(), Estimator::Quadrature);
    let mut problem = with_prior().problem();
    let held = fitted(&problem, Estimator::Quadrature);
    // three of the prior's standard deviations apart
    let apart = omega(&held) - omega(&free);
    assert!(
        held.converged && apart > 0.09,
        "{} {}",
        omega(&held),
        omega(&free)
    );
    assert!(held.log_prior != 0.0 && free.log_prior == 0.0);
    // from the end of the fit the same end
    for (row, estimate) in problem
        .problem
        .parameters
        .rows
        .iter_mut()
        .zip(&held.estimates)
    {
        row.nominal = estimate.value;
    }
    let again = fitted(&problem, Estimator::Quadrature);
    assert!(
        (omega(&again) / omega(&held) - 1.0).abs() < 1e-3,
        "{} {}",
        omega(&again),
        omega(&held)
    );
    // SAEM ends there, but for chance: a tenth of a standard error of 0.03
    let saem = fitted(&problem, Estimator::Saem);
    assert!(
        (omega(&saem) - omega(&held)).abs() < 3e-3,
        "{} {}",
        omega(&saem),
        omega(&held)
    );
}
