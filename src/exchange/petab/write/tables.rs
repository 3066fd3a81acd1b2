//! Texts of the tables of version 2, with the columns of the extension or without them.
use crate::exchange::petab::rows::{
    DoseKind, MappingRow, MeasurementRow, Override, PetabProblem, SteadyState,
};
use crate::{
    exchange::tables::{TableWriter, number_text},
    noise::Reading,
};

/// The observable table.
pub(in crate::exchange::petab) fn observables(problem: &PetabProblem, extension: bool) -> String {
    let own = ["degreesOfFreedom", "unit", "group"];
    let own = if extension { &own[..] } else { &[] };
    let standard = [
        "observableId",
        "observableName",
        "observableFormula",
        "observablePlaceholders",
        "noiseFormula",
        "noiseDistribution",
        "noisePlaceholders",
    ];
    let mut writer = TableWriter::tsv(&[&standard[..], own].concat());
    for row in &problem.observables {
        let standard = [
            row.id.clone(),
            row.name.clone().unwrap_or_default(),
            row.formula.clone(),
            row.placeholders.join(";"),
            row.noise_formula.clone(),
            row.distribution.name().to_owned(),
            row.noise_placeholders.join(";"),
        ];
        let own = [&row.degrees_of_freedom, &row.unit, &row.group];
        let own = own.map(|cell| cell.clone().unwrap_or_default());
        let own = own.into_iter().filter(|_| extension);
        writer.row(standard.into_iter().chain(own));
    }
    writer.finish()
}

/// The condition table, if there are conditions.
pub(in crate::exchange::petab) fn conditions(problem: &PetabProblem) -> Option<String> {
    let mut writer = TableWriter::tsv(&["conditionId", "targetId", "targetValue"]);
    for row in &problem.conditions {
        writer.row([row.condition.clone(), row.target.clone(), row.value.clone()]);
    }
    (!problem.conditions.is_empty()).then(|| writer.finish())
}

/// The experiment table, if there are experiments.
pub(in crate::exchange::petab) fn experiments(problem: &PetabProblem) -> Option<String> {
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

/// The input table of the extension, if it has rows.
pub(in crate::exchange::petab) fn inputs(problem: &PetabProblem) -> Option<String> {
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

/// The dose table of the extension, if it has rows.
pub(in crate::exchange::petab) fn doses(problem: &PetabProblem) -> Option<String> {
    // columns that no row fills are left out
    let all = &problem.doses;
    let standard = ["experimentId", "targetId", "time", "lag", "value", "kind"];
    let more = [
        ("duration", all.iter().any(|row| row.duration.is_some())),
        ("rate", all.iter().any(|row| row.rate.is_some())),
        (
            "bioavailability",
            all.iter().any(|row| row.bioavailability.is_some()),
        ),
        ("interval", all.iter().any(|row| row.interval.is_some())),
        ("additional", all.iter().any(|row| row.additional > 0)),
        (
            "steadyState",
            (all.iter()).any(|row| row.steady_state != SteadyState::None),
        ),
    ];
    let used = more.iter().filter(|(_, used)| *used);
    let columns: Vec<&str> = (standard.into_iter())
        .chain(used.map(|(name, _)| *name))
        .collect();
    let mut writer = TableWriter::tsv(&columns);
    for row in all {
        let standard = [
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
        ];
        let text = |cell: &Option<String>| cell.clone().unwrap_or_default();
        let own = [
            text(&row.duration),
            text(&row.rate),
            text(&row.bioavailability),
            text(&row.interval),
            row.additional.to_string(),
            row.steady_state.name().to_owned(),
        ];
        let own = own.into_iter().zip(more).filter(|(_, (_, used))| *used);
        writer.row(standard.into_iter().chain(own.map(|(cell, _)| cell)));
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

/// Values for placeholders in one cell.
pub(in crate::exchange::petab) fn overrides(values: &[Override]) -> String {
    let text = |value: &Override| match value {
        Override::Number(number) => number_text(*number),
        Override::Parameter(id) => id.clone(),
    };
    values.iter().map(text).collect::<Vec<_>>().join(";")
}

/// The mapping table, if it has rows.
pub(in crate::exchange::petab) fn mappings(rows: &[MappingRow]) -> Option<String> {
    let mut writer = TableWriter::tsv(&["petabEntityId", "modelEntityId", "name"]);
    for row in rows {
        let text = |cell: &Option<String>| cell.clone().unwrap_or_default();
        writer.row([row.petab_id.clone(), text(&row.model_id), text(&row.name)]);
    }
    (!rows.is_empty()).then(|| writer.finish())
}

/// The columns of a row around its number; the model is named where a problem has several.
const BEFORE: [&str; 4] = ["modelId", "observableId", "experimentId", "time"];
const AFTER: [&str; 4] = [
    "observableParameters",
    "noiseParameters",
    "datasetId",
    "replicateId",
];

/// How many of the columns before the number are left out.
fn first(rows: &[MeasurementRow]) -> usize {
    usize::from(rows.iter().all(|row| row.model.is_none()))
}

fn before(row: &MeasurementRow) -> [String; 4] {
    [
        row.model.clone().unwrap_or_default(),
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
    measurements(rows, true)
}

/// The measurement table.
pub(in crate::exchange::petab) fn measurements(rows: &[MeasurementRow], extension: bool) -> String {
    let own = ["censoring", "measurementUpper"];
    let own = if extension { &own[..] } else { &[] };
    let skipped = first(rows);
    let mut writer =
        TableWriter::tsv(&[&BEFORE[skipped..], &["measurement"], &AFTER, own].concat());
    for row in rows {
        let (censoring, value, upper) = reading_cells(&row.reading);
        let upper = upper.map_or_else(String::new, number_text);
        let own = [censoring.to_owned(), upper].into_iter();
        writer.row(
            (before(row).into_iter().skip(skipped))
                .chain([number_text(value)])
                .chain(after(row))
                .chain(own.filter(|_| extension)),
        );
    }
    writer.finish()
}

/// The text of a simulation table: the rows of the measurement table with the model's `simulation` in place of the reading.
/// `values` has one number per row.
pub fn simulation_table(rows: &[MeasurementRow], values: &[f64]) -> String {
    let skipped = first(rows);
    let mut writer = TableWriter::tsv(&[&BEFORE[skipped..], &["simulation"], &AFTER].concat());
    for (row, value) in rows.iter().zip(values) {
        writer.row(
            (before(row).into_iter().skip(skipped))
                .chain([number_text(*value)])
                .chain(after(row)),
        );
    }
    writer.finish()
}
