//! `holobiont evaluate`: log-likelihood, chi2 and gradient of a problem.
use super::{
    Failure,
    arguments::Evaluate,
    date::today,
    terminal,
    values::{open, problem, values},
};
use crate::{
    exchange::{
        files::write_files,
        petab::{PetabVersion, simulation_table},
    },
    fit::{CohortObjective, ObjectiveOptions},
    population::{self, ImportanceOptions, PopulationObjective, PopulationOptions},
    report::{Report, ReportOptions, Sources},
    solve::Status,
};
use serde_json::{Map, Value, json};

pub(super) fn run(command: &Evaluate) -> Result<(), Failure> {
    if let Some(method) = command.objective {
        return marginal(command, method.into());
    }
    let (opened, built) = problem(&command.problem)?;
    let problem = &opened.problem;
    let natural = values(&built, command.parameters.as_deref())?;
    let options = ObjectiveOptions {
        method: command.numerics.method(),
        tolerances: command.numerics.tolerances()?,
        ..ObjectiveOptions::default()
    };
    let objective = CohortObjective::new(&built, options).map_err(Failure::input)?;
    let likelihood = objective
        .likelihood(&natural)
        .map_err(|e| Failure::Numerical(e.to_string()))?;
    let mut answer = Map::new();
    answer.insert(
        "log_likelihood".to_owned(),
        json!(likelihood.log_likelihood),
    );
    answer.insert("chi2".to_owned(), json!(likelihood.chi2));
    answer.insert("log_prior".to_owned(), json!(likelihood.log_prior));
    if command.gradient {
        let gradient = objective
            .likelihood_gradient(&natural)
            .map_err(|e| Failure::Numerical(e.to_string()))?;
        let object = |list: Vec<(String, f64)>| {
            let entries = list.into_iter().map(|(id, slope)| (id, json!(slope)));
            Value::Object(entries.collect::<Map<String, Value>>())
        };
        if problem.version == PetabVersion::V1 {
            let table = &built.parameters;
            let scales = table.derivatives(&table.search(&natural));
            let scaled = gradient.iter().zip(scales);
            let scaled = scaled.map(|((id, slope), scale)| (id.clone(), slope * scale.first));
            let scaled = object(scaled.collect());
            answer.insert("gradient_on_parameter_scale".to_owned(), scaled);
        }
        answer.insert("gradient".to_owned(), object(gradient));
    }
    let mut text = serde_json::to_string_pretty(&Value::Object(answer))
        .expect("numbers and names can be written as JSON");
    text.push('\n');
    if let Some(folder) = &command.output {
        let simulations = built
            .cohort
            .simulate(&natural.0, &options.method, &options.tolerances);
        let mut predicted = vec![f64::NAN; problem.measurements.len()];
        for (rows, simulation) in problem.measurements_of_subjects().iter().zip(&simulations) {
            if let Status::Failed { time, cause } = &simulation.status {
                return Err(Failure::Numerical(format!("at time {time}: {cause}")));
            }
            for (row, prediction) in rows.iter().zip(&simulation.predictions) {
                predicted[*row] = prediction.arguments[0];
            }
        }
        let table = simulation_table(&problem.measurements, &predicted);
        let sources = Sources::of(problem).map_err(Failure::input)?;
        let shown = ReportOptions {
            sources: Some(&sources),
            subject_table: command.subject_table,
            date: Some(&today()),
            ..ReportOptions::default()
        };
        let report =
            Report::of_evaluation(&built, natural, options, shown).map_err(Failure::input)?;
        let mut files = report.files().map_err(Failure::input)?;
        files.push(("simulations.tsv".to_owned(), table.into_bytes()));
        files.push(("evaluation.json".to_owned(), text.clone().into_bytes()));
        write_files(folder, &files).map_err(Failure::input)?;
    }
    terminal::print(&text);
    Ok(())
}

/// The marginal likelihood by one method.
fn marginal(command: &Evaluate, method: population::Method) -> Result<(), Failure> {
    let opened = open(&command.problem)?;
    let problem = opened
        .problem
        .population_problem()
        .map_err(Failure::inputs)?;
    let natural = values(&problem.problem, command.parameters.as_deref())?;
    let options = PopulationOptions {
        objective: ObjectiveOptions {
            method: command.numerics.method(),
            tolerances: command.numerics.tolerances()?,
            ..ObjectiveOptions::default()
        },
        exact_linear: command.numerics.solver.is_none(),
        importance: ImportanceOptions {
            draws: command.draws as usize,
            seed: command.seed,
            ..ImportanceOptions::default()
        },
        ..PopulationOptions::default()
    };
    let objective = PopulationObjective::new(&problem, method, options).map_err(Failure::input)?;
    let found = objective
        .marginal(&natural)
        .map_err(|e| Failure::Numerical(e.to_string()))?;
    let worst = found.individuals.iter().filter_map(|i| i.k_hat);
    let failed: usize = found.individuals.iter().map(|i| i.failed).sum();
    let by_individual: Vec<Value> = (found.individuals.iter())
        .map(|i| {
            json!({
                "id": i.id,
                "minus_two_log_likelihood": -2.0 * i.ln_likelihood,
                "error": i.error.map(|e| 2.0 * e),
                "k_hat": i.k_hat,
                "nodes": i.nodes,
                "failed_solves": i.failed,
            })
        })
        .collect();
    let answer = json!({
        "objective": method,
        "minus_two_log_likelihood": found.minus_two_log_likelihood,
        "ofv": found.ofv(),
        "error": found.error,
        "readings": found.readings,
        "individuals": found.individuals.len(),
        "most_nodes": found.individuals.iter().filter_map(|i| i.nodes).max(),
        "worst_k_hat": worst.reduce(f64::max),
        "failed_solves": failed,
        "by_individual": by_individual,
    });
    let mut text = serde_json::to_string_pretty(&answer).map_err(Failure::input)?;
    text.push('\n');
    terminal::print(&text);
    Ok(())
}
