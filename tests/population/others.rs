//! Faults that other programs had, each by what would have shown it (nlmixr2est NEWS of 7.0.3: #867, and a residual of the last endpoint alone).
use crate::problems::{Files, oral, table};
use crate::values::gradient_is_that_of_the_value;
use holobiont::fit::{Control, ObjectiveOptions};
use holobiont::population::{
    Method, PopulationFitOptions, PopulationObjective, PopulationOptions, fit_population,
};

/// Readings at the moment of the dose, where the model predicts 0, with log-normal noise.
fn at_the_dose(censoring: &str) -> Files {
    let files = oral();
    let text = |name: &str| {
        let found = files.0.iter().find(|(own, _)| *own == name);
        found.expect("a file of the problem").1.clone()
    };
    let mut measurements = text("measurements.tsv");
    for i in 0..8 {
        measurements += &format!("conc\te{i}\t0\t0.05\t{censoring}\n");
    }
    oral().with("measurements.tsv", measurements).with(
        "observables.tsv",
        table(
            "observableId observableFormula noiseFormula noiseDistribution
                 conc central/V a+b log-normal
                 effect base+slope*central/V c log-normal",
        ),
    )
}

/// A logarithm that is clamped has a likelihood where there is none, and a gradient of something else.
#[test]
fn a_logarithm_of_a_prediction_of_0_is_no_number_and_not_clamped() {
    let problem = at_the_dose("none").problem();
    let options = PopulationOptions::default();
    let objective = PopulationObjective::new(&problem, Method::Laplace, options).unwrap();
    let natural = problem.problem.parameters.nominal();
    let error = objective.marginal(&natural).expect_err("it is impossible");
    assert!(format!("{error:?}").contains("e0"), "{error:?}");
    // below a limit is certain: it adds nothing, and moves nothing
    let value = |files: &Files| {
        let problem = files.problem();
        let objective = PopulationObjective::new(&problem, Method::Laplace, options).unwrap();
        objective
            .marginal(&natural)
            .unwrap()
            .minus_two_log_likelihood
    };
    let without = at_the_dose("left").with(
        "measurements.tsv",
        oral()
            .0
            .iter()
            .find(|(n, _)| *n == "measurements.tsv")
            .unwrap()
            .1
            .clone(),
    );
    let (with, without) = (value(&at_the_dose("left")), value(&without));
    // steps end at other times
    assert!((with - without).abs() < 1e-4, "{with} and {without}");
    gradient_is_that_of_the_value(&at_the_dose("left"), Method::Laplace, 5e-6);
}

/// Standard errors of the noise of each of two endpoints, 40 readings of one and 8 of the other: about 1/sqrt(2 n) of the logarithm where
/// effects take a part of the readings.
#[test]
fn the_information_holds_the_noise_of_every_endpoint() {
    let files = oral().with(
        "random_effects.tsv",
        table(
            "randomEffectId parameterId transformation level standardDeviation
             eta_CL CL log individual omega_CL",
        ),
    );
    let files = files.without("random_effect_correlations.tsv").with(
        "parameters.tsv",
        table(
            "parameterId lowerBound upperBound nominalValue estimate scale
             ka 0.01 100 0.9 true log
             V 1 500 19 true log
             CL 0.1 100 4.1 true log
             base 0 20 5.1 true lin
             slope -3 3 0.35 true lin
             on_weight -3 3 0 false lin
             omega_CL 0.001 3 0.3 true log
             a 0.001 10 0.3 true log
             b 0.001 1 0 false lin
             c 0.001 1 0.06 true log",
        ),
    );
    let problem = files.problem();
    let options = PopulationFitOptions {
        routes: vec![],
        population: PopulationOptions {
            objective: ObjectiveOptions::default(),
            ..PopulationOptions::default()
        },
        ..PopulationFitOptions::default()
    };
    let fit = fit_population(&problem, &options, &[], Control::default(), None).unwrap();
    assert!(fit.converged, "{:?}", fit.stop);
    for (id, readings) in [("a", 40.0f64), ("c", 8.0)] {
        let own = fit.estimates.iter().find(|e| e.id == id).unwrap();
        let alone = 1.0 / (2.0 * readings).sqrt();
        for error in [own.standard_error.unwrap(), own.linearised.unwrap()] {
            assert!(
                (0.9..1.6).contains(&(error / alone)),
                "{id}: {error} for about {alone}"
            );
        }
    }
}
