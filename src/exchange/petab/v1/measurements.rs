//! Measurements of version 1: pairs of conditions become experiments.
use super::{available, conditions::Condition};
use crate::exchange::petab::{
    error::PetabErrorKind,
    read::{Rows, overrides},
    rows::{ExperimentRow, MeasurementRow},
    sheet::{Findings, Sheet},
};
use crate::{expr::suggest, noise::Reading};
use std::{
    collections::{HashMap, HashSet},
    path::PathBuf,
};

const REQUIRED: [&str; 4] = [
    "observableId",
    "simulationConditionId",
    "measurement",
    "time",
];
const OPTIONAL: [&str; 5] = [
    "preequilibrationConditionId",
    "observableParameters",
    "noiseParameters",
    "datasetId",
    "replicateId",
];

/// A pre-equilibration condition, if there is one, and a simulation condition.
type Pair = (Option<String>, String);

/// Reads the measurements of one model; appends them with the experiments and conditions that they use. `names` are the
/// observables' names here by those on disk.
pub(super) fn read(
    files: &[PathBuf],
    model: Option<&str>,
    names: &HashMap<String, String>,
    conditions: &[Condition],
    rows: &mut Rows,
    findings: &mut Findings,
) {
    let mut experiments: HashMap<Pair, String> = HashMap::new();
    let mut renamed: HashMap<String, String> = HashMap::new();
    for file in files {
        let Some(sheet) = Sheet::read(file, &REQUIRED, &OPTIONAL, findings) else {
            continue;
        };
        for row in 0..sheet.len() {
            let Some((pair, mut read)) = measurement(&sheet, row, conditions, findings) else {
                continue;
            };
            if let Some(name) = names.get(&read.observable) {
                read.observable.clone_from(name);
            }
            let experiment = match experiments.get(&pair) {
                Some(id) => id.clone(),
                None => {
                    for id in pair.0.iter().chain([&pair.1]) {
                        add_condition(id, model, conditions, rows, &mut renamed);
                    }
                    let id = add_experiment(&pair, &renamed, &sheet, row, rows);
                    experiments.insert(pair, id.clone());
                    id
                }
            };
            read.experiment = Some(experiment);
            read.model = model.map(str::to_owned);
            rows.measurements.push(read);
        }
    }
    // conditions that nothing uses stay in the table
    for condition in conditions {
        add_condition(&condition.id, model, conditions, rows, &mut renamed);
    }
}

/// Puts a condition into the table under a name that no other one has.
fn add_condition(
    id: &str,
    model: Option<&str>,
    conditions: &[Condition],
    rows: &mut Rows,
    renamed: &mut HashMap<String, String>,
) {
    if renamed.contains_key(id) {
        return;
    }
    let Some(condition) = conditions.iter().find(|c| c.id == id) else {
        return;
    };
    let before: Vec<_> = (rows.conditions.iter().filter(|r| r.condition == id)).collect();
    let same = before.len() == condition.rows.len()
        && before.iter().zip(&condition.rows).all(|(a, b)| **a == *b);
    let name = match model {
        Some(model) if !before.is_empty() && !same => format!("{id}__{model}"),
        _ => id.to_owned(),
    };
    if before.is_empty() || !same {
        rows.conditions.extend(condition.rows.iter().map(|row| {
            let mut row = row.clone();
            row.condition.clone_from(&name);
            row
        }));
    }
    renamed.insert(id.to_owned(), name);
}

/// Adds the periods of a pair and returns the experiment's id.
fn add_experiment(
    (before, simulation): &Pair,
    renamed: &HashMap<String, String>,
    sheet: &Sheet,
    row: usize,
    rows: &mut Rows,
) -> String {
    let name = |id: &String| renamed.get(id).unwrap_or(id).clone();
    let mut id = match before {
        None => name(simulation),
        Some(before) => format!("{}__{}", name(before), name(simulation)),
    };
    let taken: HashSet<&str> = rows
        .experiments
        .iter()
        .map(|r| r.experiment.as_str())
        .collect();
    while taken.contains(id.as_str()) {
        id.push('_');
    }
    let periods = before
        .iter()
        .map(|before| (f64::NEG_INFINITY, before))
        .chain([(0.0, simulation)]);
    for (time, condition) in periods {
        let condition = name(condition);
        let sets = rows.conditions.iter().any(|r| r.condition == condition);
        rows.experiments.push(ExperimentRow {
            experiment: id.clone(),
            time,
            condition: sets.then_some(condition),
            origin: sheet.origin(row),
        });
    }
    id
}

fn measurement(
    sheet: &Sheet,
    row: usize,
    conditions: &[Condition],
    findings: &mut Findings,
) -> Option<(Pair, MeasurementRow)> {
    let observable = sheet.id(row, "observableId", findings);
    let mut condition = |column: &str, required: bool| -> Option<Option<String>> {
        let Some(id) = available(sheet.text(row, column)) else {
            if required {
                findings.error(sheet.place(row, column), PetabErrorKind::MissingValue);
            }
            return (!required).then_some(None);
        };
        if !conditions.iter().any(|c| c.id == id) {
            if !findings.broken.contains(id) {
                let kind = PetabErrorKind::UnknownId {
                    what: "condition",
                    id: id.to_owned(),
                    near: suggest(id, conditions.iter().map(|c| c.id.as_str())),
                };
                findings.error(sheet.place(row, column), kind);
            }
            return None;
        }
        Some(Some(id.to_owned()))
    };
    let before = condition("preequilibrationConditionId", false);
    let simulation = condition("simulationConditionId", true);
    let value = sheet.finite(row, "measurement", findings);
    let time = sheet.number(row, "time", findings).filter(|time| {
        let sound = *time >= 0.0;
        if !sound {
            let kind = PetabErrorKind::NegativeTime { time: *time };
            findings.error(sheet.place(row, "time"), kind);
        }
        sound
    });
    let observable_parameters = overrides(sheet, row, "observableParameters", findings);
    let noise_parameters = overrides(sheet, row, "noiseParameters", findings);
    let text = |column: &str| available(sheet.text(row, column)).map(str::to_owned);
    Some((
        (before?, simulation??),
        MeasurementRow {
            observable: observable?,
            model: None,
            experiment: None,
            time: time?,
            reading: Reading::Value(value?),
            observable_parameters: observable_parameters?,
            noise_parameters: noise_parameters?,
            dataset: text("datasetId"),
            replicate: text("replicateId"),
            origin: sheet.origin(row),
        },
    ))
}
