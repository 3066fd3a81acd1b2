//! Random effects on lags, durations and regimens: gradients pass through moving dose times and periodic steady states.
use crate::problems::{Files, ORAL, table};
use crate::values::gradient_is_that_of_the_value;
use holobiont::population::Method;

/// Four subjects at the steady state of a dose every twelve hours, absorbed after a lag, or infused.
fn regimen(dose: &str, noise: &str) -> Files {
    let mut measurements = "observableId experimentId time measurement\n".to_owned();
    let mut experiments = "experimentId time conditionId\n".to_owned();
    let mut doses =
        "experimentId targetId time lag value duration interval steadyState\n".to_owned();
    let concentrations = [
        [2.9, 4.4, 3.6, 2.1, 0.9],
        [2.3, 3.3, 3.1, 2.6, 1.4],
        [3.3, 4.9, 3.4, 1.6, 0.5],
        [2.5, 3.9, 3.7, 2.2, 1.0],
    ];
    for (i, row) in concentrations.iter().enumerate() {
        experiments.push_str(&format!("e{i} 0 NA\n"));
        doses.push_str(&format!("e{i} {dose}\n"));
        for (time, c) in [1.0, 2.0, 3.5, 6.5, 11.0].iter().zip(row) {
            measurements.push_str(&format!("conc e{i} {time} {c}\n"));
        }
    }
    Files(vec![
        ("model.toml", ORAL.to_owned()),
        ("measurements.tsv", table(&measurements)),
        ("experiments.tsv", table(&experiments)),
        ("doses.tsv", table(&doses)),
        (
            "observables.tsv",
            table(&format!(
                "observableId observableFormula noiseFormula\nconc central/V {noise}"
            )),
        ),
        (
            "parameters.tsv",
            table(
                "parameterId lowerBound upperBound nominalValue estimate scale
                 ka 0.01 100 1.1 true log
                 V 1 500 19 true log
                 CL 0.1 100 4.1 true log
                 wait 0.01 5 0.4 true log
                 omega_CL 0.001 3 0.25 true log
                 omega_wait 0.001 3 0.3 true log
                 a 0.001 10 0.2 true log",
            ),
        ),
        (
            "random_effects.tsv",
            table(
                "randomEffectId parameterId transformation standardDeviation
                 eta_CL CL log omega_CL
                 eta_wait wait log omega_wait",
            ),
        ),
    ])
}

#[test]
fn gradients_pass_through_a_random_lag_of_a_dose() {
    let files = regimen("depot 0 wait 100 NA NA none", "a");
    for method in [Method::Foce, Method::Focei, Method::Laplace] {
        gradient_is_that_of_the_value(&files, method, 5e-6);
    }
}

#[test]
fn gradients_pass_through_the_steady_state_of_a_regimen_with_a_random_lag() {
    let files = regimen("depot 0 wait 100 NA 12 reset", "a+0.05*central/V");
    for method in [Method::Focei, Method::Laplace] {
        gradient_is_that_of_the_value(&files, method, 5e-6);
    }
}

#[test]
fn gradients_pass_through_the_steady_state_of_an_infusion_of_random_duration() {
    // ka reaches no reading here; what it does not reach has no slope
    let files = regimen("central 0 NA 100 wait 12 reset", "a");
    for method in [Method::Focei, Method::Laplace] {
        gradient_is_that_of_the_value(&files, method, 5e-6);
    }
}
