//! A problem at its nominal values: log-likelihood, gradient, and the gradient against finite differences.
use crate::arguments::{Arguments, name_of};
use cpu_time::ProcessTime;
use holobiont::{
    exchange::petab,
    fit::{CohortObjective, Derivatives, FitProblem, Objective, ObjectiveOptions, Order, Search},
    solve::Tolerances,
};
use std::path::Path;

/// What was found.
pub struct Nominal {
    /// name of the problem
    pub name: String,
    /// the problem
    pub problem: FitProblem,
    /// natural logarithm of the likelihood
    pub llh: f64,
    /// ln of the prior density
    pub log_prior: f64,
    /// sum of squared residuals
    pub chi2: Option<f64>,
    /// d llh / d search value
    pub gradient: Vec<(String, f64)>,
    /// largest difference to finite differences, relative to the component or a thousandth of the largest one
    pub gradient_error: f64,
    /// CPU ms of reading and compiling
    pub import_ms: f64,
    /// CPU ms of one log-likelihood
    pub value_ms: f64,
    /// CPU ms of one gradient
    pub gradient_ms: f64,
    /// states of all models
    pub states: usize,
}

/// Reads a problem and evaluates it.
pub fn evaluate(file: &Path, arguments: &Arguments) -> Result<Nominal, String> {
    let clock = ProcessTime::now();
    let lines = |errors: Vec<petab::PetabError>| {
        let lines: Vec<String> = errors.iter().map(ToString::to_string).collect();
        lines.join("\n")
    };
    let read = petab::read(file).map_err(lines)?;
    let problem = read.fit_problem().map_err(lines)?;
    let options = options(arguments.rtol, arguments.atol);
    let objective = CohortObjective::new(&problem, options).map_err(|e| e.to_string())?;
    let import_ms = clock.elapsed().as_secs_f64() * 1e3;
    let natural = problem.parameters.nominal();
    let likelihood = objective
        .likelihood(&natural)
        .map_err(|answer| format!("at nominal: {answer}"))?;
    let x = problem.parameters.search(&natural);
    let mut out = Derivatives::new(objective.layout());
    let value_ms = fastest(|| {
        objective.evaluate(&x, Order::Value, &mut out);
    });
    let gradient_ms = fastest(|| {
        objective.evaluate(&x, Order::Gradient, &mut out);
    });
    let ids = problem.parameters.estimated();
    let ids = ids
        .iter()
        .map(|&row| problem.parameters.rows[row].id.clone());
    let gradient: Vec<(String, f64)> = ids.zip(out.gradient.iter().map(|g| -g)).collect();
    drop(objective);
    let gradient_error = check_gradient(&problem, &x)?;
    let states = read
        .models
        .iter()
        .map(|model| model.system.state_ids().len());
    Ok(Nominal {
        name: name_of(file),
        llh: likelihood.log_likelihood,
        log_prior: likelihood.log_prior,
        chi2: likelihood.chi2,
        gradient,
        gradient_error,
        import_ms,
        value_ms,
        gradient_ms,
        states: states.sum(),
        problem,
    })
}

/// The likelihood alone, by these tolerances.
pub fn options(relative: f64, absolute: f64) -> ObjectiveOptions {
    ObjectiveOptions {
        tolerances: Tolerances {
            relative,
            absolute,
        },
        prior: false,
        ..ObjectiveOptions::default()
    }
}

/// CPU ms of the fastest of several runs.
fn fastest(mut run: impl FnMut()) -> f64 {
    run();
    let mut best = f64::INFINITY;
    let mut spent = 0.0;
    for _ in 0..200 {
        let clock = ProcessTime::now();
        run();
        let took = clock.elapsed().as_secs_f64() * 1e3;
        best = best.min(took);
        spent += took;
        if spent > 1500.0 {
            break;
        }
    }
    best
}

/// The exact gradient against differences of fourth order at tight tolerances, at a point a little off the nominal values (where
/// the gradient of a fitted problem vanishes).
fn check_gradient(problem: &FitProblem, nominal: &Search) -> Result<f64, String> {
    let objective =
        CohortObjective::new(problem, options(1e-12, 1e-14)).map_err(|e| e.to_string())?;
    let (lower, upper) = problem.parameters.search_bounds();
    let x: Vec<f64> = (nominal.0.iter().enumerate())
        .map(|(i, x)| {
            let sign = if i % 2 == 0 { 1.0 } else { -1.0 };
            (x + sign * 0.01).clamp(lower[i].max(-1e300) + 0.03, upper[i].min(1e300) - 0.03)
        })
        .collect();
    let mut out = Derivatives::new(objective.layout());
    let mut value = |x: &[f64], want: Order| {
        let answer = objective.evaluate(&Search(x.to_vec()), want, &mut out);
        match answer.value() {
            Some(value) => Ok((value, out.gradient.clone())),
            None => Err(format!("gradient check: {answer}")),
        }
    };
    let (_, exact) = value(&x, Order::Gradient)?;
    let largest = exact.iter().fold(0.0_f64, |a, g| a.max(g.abs()));
    let mut worst = 0.0_f64;
    for i in 0..x.len() {
        let mut best = f64::INFINITY;
        for h in [1e-2, 2e-3, 4e-4, 8e-5] {
            let mut at = |k: f64| {
                let mut moved = x.clone();
                moved[i] += k * h;
                value(&moved, Order::Value).map(|(value, _)| value)
            };
            // outside of the domain of the scale or of the model there is no difference
            let points = [at(1.0), at(-1.0), at(2.0), at(-2.0)];
            let [Ok(a), Ok(b), Ok(c), Ok(d)] = points else {
                continue;
            };
            let slope = (8.0 * (a - b) - (c - d)) / (12.0 * h);
            let scale = exact[i].abs().max(1e-3 * largest).max(1e-12);
            best = best.min((slope - exact[i]).abs() / scale);
        }
        worst = worst.max(best);
    }
    Ok(worst)
}
