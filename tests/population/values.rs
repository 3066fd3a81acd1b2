//! Values of the marginal likelihood and their gradients.
use crate::problems::{oral, wang};
use holobiont::fit::{Derivatives, Objective, ObjectiveOptions, Order, Search};
use holobiont::population::{Method, PopulationObjective, PopulationOptions, QuadratureOptions};
use holobiont::solve::Tolerances;

fn options() -> PopulationOptions {
    PopulationOptions {
        objective: ObjectiveOptions {
            tolerances: Tolerances {
                relative: 1e-10,
                absolute: 1e-12,
            },
            ..ObjectiveOptions::default()
        },
        // its gradient holds the nodes, which only a fine grid does not feel
        quadrature: QuadratureOptions {
            tolerance: 1e-9,
            ..QuadratureOptions::default()
        },
        ..PopulationOptions::default()
    }
}

/// inference.md T1: proportional variance 0.1, ke 0.5, variance of eta 0.04.
#[test]
fn the_methods_give_the_published_values_of_wang_2007() {
    let problem = wang().problem();
    let natural = problem.problem.parameters.nominal();
    for (method, ofv) in [
        (Method::Fo, 39.2132),
        (Method::Foce, 39.2067),
        (Method::Focei, 39.4576),
        (Method::Laplace, 39.2268),
        (Method::Quadrature, 39.3548),
    ] {
        let objective = PopulationObjective::new(&problem, method, options()).unwrap();
        let found = objective.marginal(&natural).unwrap();
        assert!(
            (found.ofv() - ofv).abs() < 5e-4,
            "{method:?}: {} for {ofv}",
            found.ofv()
        );
    }
    let objective = PopulationObjective::new(&problem, Method::Importance, options()).unwrap();
    let found = objective.marginal(&natural).unwrap();
    let error = found.error.unwrap();
    assert!(
        (found.ofv() - 39.3548).abs() < 3.0 * error,
        "{} +- {error}",
        found.ofv()
    );
}

/// Gradients against differences of values of the same method. A value has the noise of steps chosen anew, about 1e-10 of it; with a
/// step of 1e-4 and Richardson's extrapolation a slope is known to about 1e-5.
pub fn gradient_is_that_of_the_value(
    files: &crate::problems::Files,
    method: Method,
    tolerance: f64,
) {
    let problem = files.problem();
    let objective = PopulationObjective::new(&problem, method, options()).unwrap();
    // quadrature with as many nodes as it takes: its gradient holds the nodes
    let objective = objective
        .near(&problem.problem.parameters.nominal())
        .unwrap();
    let x = problem
        .problem
        .parameters
        .search(&problem.problem.parameters.nominal());
    let mut out = Derivatives::new(objective.layout());
    objective
        .evaluate(&x, Order::GaussNewton, &mut out)
        .value()
        .unwrap();
    let gradient = out.gradient.clone();
    let mut value = |k: usize, by: f64| {
        let mut moved = x.0.clone();
        moved[k] += by;
        objective
            .evaluate(&Search(moved), Order::Value, &mut out)
            .value()
            .unwrap()
    };
    for (k, id) in problem
        .problem
        .parameters
        .rows
        .iter()
        .filter(|r| r.estimate)
        .enumerate()
    {
        let h = 1e-3;
        let mut central = |h: f64| (value(k, h) - value(k, -h)) / (2.0 * h);
        let slope = (4.0 * central(h) - central(2.0 * h)) / 3.0;
        let scale = 1.0 + slope.abs();
        assert!(
            (slope - gradient[k]).abs() < tolerance * scale,
            "{method:?} {}: {} for {slope}",
            id.id,
            gradient[k]
        );
    }
}

#[test]
fn gradients_are_those_of_the_values_without_correlations() {
    for method in [
        Method::Fo,
        Method::Foce,
        Method::Focei,
        Method::Laplace,
        Method::Quadrature,
    ] {
        gradient_is_that_of_the_value(&wang(), method, 2e-6);
    }
}

#[test]
fn gradients_are_those_of_the_values_with_correlations_covariates_and_occasions() {
    for method in [Method::Fo, Method::Foce, Method::Focei, Method::Laplace] {
        gradient_is_that_of_the_value(&oral(), method, 2e-6);
    }
}
