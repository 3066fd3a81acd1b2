//! Tables of version 1: wide conditions, transformations of observables, scales and priors of the search value.
//!
//! One parameter table serves all models; observables, conditions and measurements stand in tables of each model.
mod conditions;
mod observables;
mod parameters;

use super::error::Notes;
use crate::exchange::{
    petab::{
        model::file_name,
        rows::{Override, PetabProblem},
        write::{Location, YAML, overrides, quoted},
    },
    tables::{TableWriter, number_text},
};
use crate::noise::Reading;
use conditions::Conditions;
use observables::Observables;

/// Adds all tables and, last, the YAML file.
pub(super) fn write(
    problem: &PetabProblem,
    locations: &[Location],
    files: &mut Vec<(String, Vec<u8>)>,
    notes: &mut Notes,
) {
    let parameters = "parameters.tsv";
    let text = parameters::table(problem, notes);
    files.push((parameters.to_owned(), text.into_bytes()));
    let mut problems = Vec::new();
    for (position, (model, location)) in problem.models.iter().zip(locations).enumerate() {
        let several = problem.models.len() > 1;
        let name = |table: &str| match several {
            true => format!("{table}_{}_{}.tsv", position + 1, file_name(&model.id)),
            false => format!("{table}.tsv"),
        };
        let observables = Observables::of(problem, position, notes);
        let conditions = Conditions::of(problem, position, notes);
        let entry = Entry {
            model: location.location.clone(),
            observables: name("observables"),
            conditions: name("conditions"),
            measurements: name("measurements"),
        };
        let tables = [
            (&entry.observables, observables.table()),
            (&entry.conditions, conditions.table()),
            (
                &entry.measurements,
                measurements(problem, position, &observables, &conditions),
            ),
        ];
        for (name, text) in tables {
            files.push((name.clone(), text.into_bytes()));
        }
        problems.push(entry);
    }
    files.push((YAML.to_owned(), yaml(parameters, &problems).into_bytes()));
}

/// The measurements of one model.
fn measurements(
    problem: &PetabProblem,
    model: usize,
    observables: &Observables,
    conditions: &Conditions,
) -> String {
    let rows = || (problem.measurements.iter()).filter(|row| problem.model_of(row) == Some(model));
    let mut columns = vec!["observableId"];
    let equilibrated = rows().any(|row| conditions.before(row.experiment.as_deref()).is_some());
    if equilibrated {
        columns.push("preequilibrationConditionId");
    }
    columns.extend(["simulationConditionId", "measurement", "time"]);
    columns.extend([
        "observableParameters",
        "noiseParameters",
        "datasetId",
        "replicateId",
    ]);
    let mut writer = TableWriter::tsv(&columns);
    for row in rows() {
        let mut cells = vec![row.observable.clone()];
        let experiment = row.experiment.as_deref();
        if equilibrated {
            cells.push(conditions.before(experiment).unwrap_or_default().to_owned());
        }
        cells.push(conditions.simulation(experiment).to_owned());
        // others were refused
        let (Reading::Value(value)
        | Reading::Below(value)
        | Reading::Above(value)
        | Reading::Between(value, _)) = row.reading;
        cells.push(number_text(value));
        cells.push(number_text(row.time));
        let (of_observable, of_noise) = observables.used(&row.observable);
        let used = |values: &[Override], used: &[usize]| {
            let values: Vec<Override> = used
                .iter()
                .filter_map(|k| values.get(*k))
                .cloned()
                .collect();
            overrides(&values)
        };
        cells.push(used(&row.observable_parameters, of_observable));
        cells.push(used(&row.noise_parameters, of_noise));
        cells.push(row.dataset.clone().unwrap_or_default());
        cells.push(row.replicate.clone().unwrap_or_default());
        writer.row(cells);
    }
    writer.finish()
}

/// The files of one entry of `problems`.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Entry {
    model: String,
    observables: String,
    conditions: String,
    measurements: String,
}

/// The YAML file of version 1.
fn yaml(parameters: &str, problems: &[Entry]) -> String {
    let mut yaml = format!("format_version: 1\nparameter_file: {parameters}\nproblems:\n");
    for problem in problems {
        yaml.push_str(&format!(
            "- sbml_files:\n  - {}\n  observable_files:\n  - {}\n  condition_files:\n  - {}\n  measurement_files:\n  - {}\n",
            quoted(&problem.model),
            problem.observables,
            problem.conditions,
            problem.measurements,
        ));
    }
    yaml
}
