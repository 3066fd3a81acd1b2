//! A problem on its way to the disk: the same problem gives the same bytes.
use super::{
    parameters::parameter_table,
    rows::{DoseKind, MeasurementRow, ModelSource, Override, PetabProblem},
};
use crate::{
    exchange::{
        files::{WriteError, write_files},
        tables::{TableWriter, number_text},
    },
    noise::Reading,
};
use std::path::{Path, PathBuf};

/// Writes a problem, as [`files`] gives it, into a folder and returns the path of the YAML file, which is put in
/// place last.
pub fn write(problem: &PetabProblem, folder: &Path) -> Result<PathBuf, WriteError> {
    let files = files(problem)?;
    write_files(folder, &files)?;
    Ok(folder.join("problem.yaml"))
}

/// The files of a problem: its tables and, last, `problem.yaml`; a model that is a file stands beside them.
///
/// # Errors
/// when the files of the model cannot be read.
pub fn files(problem: &PetabProblem) -> Result<Vec<(String, Vec<u8>)>, WriteError> {
    let mut files: Vec<(String, Vec<u8>)> = Vec::new();
    let mut yaml = "format_version: 2.0.0\nmodel_files:\n".to_owned();
    for model in &problem.models {
        let location = match &model.source {
            ModelSource::BuiltIn(name) => format!("builtin:{name}"),
            ModelSource::File(path) => super::model::copy(path, &mut files)?,
        };
        let language = match super::model::is_sbml(&model.source) {
            true => "sbml",
            false => "holobiont",
        };
        yaml.push_str(&format!(
            "  {}:\n    language: {language}\n    location: {}\n",
            model.id,
            quoted(&location)
        ));
    }
    let mut add = |key: &str, indent: &str, name: &str, text: Option<String>| {
        if let Some(text) = text {
            yaml.push_str(&format!("{indent}{key}:\n{indent}- {name}\n"));
            files.push((name.to_owned(), text.into_bytes()));
        }
    };
    add(
        "parameter_files",
        "",
        "parameters.tsv",
        Some(parameter_table(&problem.parameters)),
    );
    add(
        "observable_files",
        "",
        "observables.tsv",
        Some(observables(problem)),
    );
    add("condition_files", "", "conditions.tsv", conditions(problem));
    add(
        "experiment_files",
        "",
        "experiments.tsv",
        experiments(problem),
    );
    add(
        "measurement_files",
        "",
        "measurements.tsv",
        Some(measurement_table(&problem.measurements)),
    );
    let (inputs, doses) = (inputs(problem), doses(problem));
    let mut extension = String::new();
    let mut add = |key: &str, name: &str, text: Option<String>| {
        if let Some(text) = text {
            extension.push_str(&format!("    {key}:\n    - {name}\n"));
            files.push((name.to_owned(), text.into_bytes()));
        }
    };
    add("input_files", "inputs.tsv", inputs);
    add("dose_files", "doses.tsv", doses);
    yaml.push_str("extensions:\n  holobiont:\n    version: 1\n    required: true\n");
    yaml.push_str(&extension);
    files.push(("problem.yaml".to_owned(), yaml.into_bytes()));
    Ok(files)
}

/// A YAML string that cannot be taken for anything else.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

fn observables(problem: &PetabProblem) -> String {
    let mut writer = TableWriter::tsv(&[
        "observableId",
        "observableName",
        "observableFormula",
        "observablePlaceholders",
        "noiseFormula",
        "noiseDistribution",
        "noisePlaceholders",
        "degreesOfFreedom",
        "unit",
        "group",
    ]);
    for row in &problem.observables {
        writer.row([
            row.id.clone(),
            row.name.clone().unwrap_or_default(),
            row.formula.clone(),
            row.placeholders.join(";"),
            row.noise_formula.clone(),
            row.distribution.name().to_owned(),
            row.noise_placeholders.join(";"),
            row.degrees_of_freedom.clone().unwrap_or_default(),
            row.unit.clone().unwrap_or_default(),
            row.group.clone().unwrap_or_default(),
        ]);
    }
    writer.finish()
}

fn conditions(problem: &PetabProblem) -> Option<String> {
    let mut writer = TableWriter::tsv(&["conditionId", "targetId", "targetValue"]);
    for row in &problem.conditions {
        writer.row([row.condition.clone(), row.target.clone(), row.value.clone()]);
    }
    (!problem.conditions.is_empty()).then(|| writer.finish())
}

fn experiments(problem: &PetabProblem) -> Option<String> {
    let mut writer = TableWriter::tsv(&["experimentId", "time", "conditionId"]);
    for row in &problem.experiments {
        writer.row([
            row.experiment.clone(),
            number_text(row.time),
            row.condition.clone().unwrap_or_default(),
        ]);
    }
    (!problem.experiments.is_empty()).then(|| writer.finish())
}

fn inputs(problem: &PetabProblem) -> Option<String> {
    let mut writer = TableWriter::tsv(&["experimentId", "inputId", "time", "value"]);
    for row in &problem.inputs {
        let experiment = row.experiment.clone().unwrap_or_default();
        writer.row([
            experiment,
            row.input.clone(),
            row.time.clone(),
            row.value.clone(),
        ]);
    }
    (!problem.inputs.is_empty()).then(|| writer.finish())
}

fn doses(problem: &PetabProblem) -> Option<String> {
    let mut writer =
        TableWriter::tsv(&["experimentId", "targetId", "time", "lag", "value", "kind"]);
    for row in &problem.doses {
        writer.row([
            row.experiment.clone().unwrap_or_default(),
            row.target.clone(),
            row.time.clone(),
            row.lag.clone().unwrap_or_default(),
            row.value.clone(),
            if row.kind == DoseKind::Set {
                "set"
            } else {
                "add"
            }
            .to_owned(),
        ]);
    }
    (!problem.doses.is_empty()).then(|| writer.finish())
}

/// Censoring, measurement and its upper limit, as the columns carry them.
fn reading_cells(reading: &Reading) -> (&'static str, f64, Option<f64>) {
    match *reading {
        Reading::Value(value) => ("none", value, None),
        Reading::Below(limit) => ("left", limit, None),
        Reading::Above(limit) => ("right", limit, None),
        Reading::Between(lower, upper) => ("interval", lower, Some(upper)),
    }
}

fn overrides(values: &[Override]) -> String {
    let text = |value: &Override| match value {
        Override::Number(number) => number_text(*number),
        Override::Parameter(id) => id.clone(),
    };
    values.iter().map(text).collect::<Vec<_>>().join(";")
}

/// The columns around the number of a row.
const BEFORE: [&str; 3] = ["observableId", "experimentId", "time"];
const AFTER: [&str; 4] = [
    "observableParameters",
    "noiseParameters",
    "datasetId",
    "replicateId",
];

fn before(row: &MeasurementRow) -> [String; 3] {
    [
        row.observable.clone(),
        row.experiment.clone().unwrap_or_default(),
        number_text(row.time),
    ]
}

fn after(row: &MeasurementRow) -> [String; 4] {
    [
        overrides(&row.observable_parameters),
        overrides(&row.noise_parameters),
        row.dataset.clone().unwrap_or_default(),
        row.replicate.clone().unwrap_or_default(),
    ]
}

/// The text of a measurement table (PEtab v2, with the extension's columns `censoring` and `measurementUpper`).
pub fn measurement_table(rows: &[MeasurementRow]) -> String {
    let own = ["censoring", "measurementUpper"];
    let mut writer = TableWriter::tsv(&[&BEFORE[..], &["measurement"], &AFTER, &own].concat());
    for row in rows {
        let (censoring, value, upper) = reading_cells(&row.reading);
        let upper = upper.map_or_else(String::new, number_text);
        writer.row(
            (before(row).into_iter())
                .chain([number_text(value)])
                .chain(after(row))
                .chain([censoring.to_owned(), upper]),
        );
    }
    writer.finish()
}

/// The text of a simulation table: the rows of the measurement table with the model's `simulation` in place of the reading.
/// `values` has one number per row.
pub fn simulation_table(rows: &[MeasurementRow], values: &[f64]) -> String {
    let mut writer = TableWriter::tsv(&[&BEFORE[..], &["simulation"], &AFTER].concat());
    for (row, value) in rows.iter().zip(values) {
        writer.row(
            (before(row).into_iter())
                .chain([number_text(*value)])
                .chain(after(row)),
        );
    }
    writer.finish()
}
