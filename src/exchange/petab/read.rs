//! From files to rows. What the rows mean together is checked in [`super::build`].
use super::{
    error::{PetabErrorKind, PetabWarning, PetabWarningKind},
    parameters,
    rows::{
        ConditionRow, DoseKind, DoseRow, ExperimentRow, InputRow, MappingRow, MeasurementRow,
        NoiseDistribution, ObservableRow, Origin, Override,
    },
    sheet::{Findings, Sheet, is_id},
    yaml::{ModelFile, ProblemFiles},
};
use crate::{expr::suggest, fit::ParameterTable, noise::Reading};
use std::{collections::HashMap, path::Path};

/// All tables of version 2, row by row.
#[derive(Debug, Default)]
pub(super) struct Rows {
    pub parameters: ParameterTable,
    pub parameter_origins: Vec<Origin>,
    pub observables: Vec<ObservableRow>,
    pub conditions: Vec<ConditionRow>,
    pub experiments: Vec<ExperimentRow>,
    pub measurements: Vec<MeasurementRow>,
    pub inputs: Vec<InputRow>,
    pub doses: Vec<DoseRow>,
    pub mappings: Vec<MappingRow>,
}

/// Reads every table; faults are noted and their rows left out.
pub(super) fn tables(files: &ProblemFiles, findings: &mut Findings) -> Rows {
    let mut rows = Rows::default();
    for file in &files.parameters {
        parameters::read(
            file,
            &mut rows.parameters,
            &mut rows.parameter_origins,
            findings,
        );
    }
    for file in &files.observables {
        observables(file, files.extension, &mut rows.observables, findings);
    }
    for file in &files.conditions {
        conditions(file, &mut rows.conditions, findings);
    }
    for file in &files.experiments {
        experiments(file, &mut rows.experiments, findings);
    }
    let mut seen = HashMap::new();
    for file in &files.measurements {
        measurements(
            file,
            &files.models,
            &mut seen,
            &mut rows.measurements,
            findings,
        );
    }
    for file in &files.mappings {
        mappings(file, &mut rows.mappings, findings);
    }
    for file in &files.inputs {
        inputs(file, &mut rows.inputs, findings);
    }
    for file in &files.doses {
        doses(file, &mut rows.doses, findings);
    }
    rows
}

const NOISE: [&str; 6] = [
    "normal",
    "log-normal",
    "laplace",
    "log-laplace",
    "student-t",
    "log-student-t",
];

fn observables(
    file: &Path,
    extension: bool,
    rows: &mut Vec<ObservableRow>,
    findings: &mut Findings,
) {
    let optional = [
        "degreesOfFreedom",
        "observableName",
        "observablePlaceholders",
        "noiseDistribution",
        "noisePlaceholders",
        "unit",
        "group",
    ];
    let required = ["observableId", "observableFormula", "noiseFormula"];
    let Some(sheet) = Sheet::read(file, &required, &optional, findings) else {
        return;
    };
    for row in 0..sheet.len() {
        let id = sheet.id(row, "observableId", findings);
        let formula = sheet.required(row, "observableFormula", findings);
        let noise_formula = sheet.required(row, "noiseFormula", findings);
        let distribution = sheet
            .word(row, "noiseDistribution", &NOISE, findings)
            .map(|word| {
                let mut named = NoiseDistribution::ALL.into_iter();
                named.find(|d| word == Some(d.name())).unwrap_or_default()
            });
        if let Some(distribution) = distribution
            && distribution.has_degrees_of_freedom()
            && !extension
        {
            let word = distribution.name();
            findings.error(
                sheet.place(row, "noiseDistribution"),
                PetabErrorKind::NeedsExtension { word },
            );
        }
        let mut list = |column: &str| {
            let ids = sheet.list(row, column);
            ids.iter()
                .all(|id| sheet.check_id(row, column, id, findings))
                .then_some(ids)
        };
        let (placeholders, noise_placeholders) =
            (list("observablePlaceholders"), list("noisePlaceholders"));
        let (
            Some(id),
            Some(formula),
            Some(noise_formula),
            Some(distribution),
            Some(placeholders),
            Some(noise_placeholders),
        ) = (
            id,
            formula,
            noise_formula,
            distribution,
            placeholders,
            noise_placeholders,
        )
        else {
            findings.left_out(&sheet, row, &["observableId"]);
            continue;
        };
        if let Some(first) = rows.iter().find(|r| r.id == id) {
            let what = format!("the observable `{id}`");
            findings.duplicate(sheet.place(row, "observableId"), what, &first.origin);
            continue;
        }
        rows.push(ObservableRow {
            id,
            name: sheet.text(row, "observableName").map(str::to_owned),
            formula,
            placeholders,
            noise_formula,
            distribution,
            noise_placeholders,
            degrees_of_freedom: sheet.text(row, "degreesOfFreedom").map(str::to_owned),
            unit: sheet.text(row, "unit").map(str::to_owned),
            group: sheet.text(row, "group").map(str::to_owned),
            origin: sheet.origin(row),
        });
    }
}

fn conditions(file: &Path, rows: &mut Vec<ConditionRow>, findings: &mut Findings) {
    let optional = ["conditionName"];
    let Some(sheet) = Sheet::read(
        file,
        &["conditionId", "targetId", "targetValue"],
        &optional,
        findings,
    ) else {
        return;
    };
    for row in 0..sheet.len() {
        let condition = sheet.id(row, "conditionId", findings);
        let target = sheet.id(row, "targetId", findings);
        let value = sheet.required(row, "targetValue", findings);
        let (Some(condition), Some(target), Some(value)) = (condition, target, value) else {
            findings.left_out(&sheet, row, &["conditionId"]);
            continue;
        };
        if let Some(first) = rows
            .iter()
            .find(|r| r.condition == condition && r.target == target)
        {
            let what = format!("the target `{target}` of the condition `{condition}`");
            findings.duplicate(sheet.place(row, "targetId"), what, &first.origin);
            continue;
        }
        rows.push(ConditionRow {
            condition,
            target,
            value,
            origin: sheet.origin(row),
        });
    }
}

fn experiments(file: &Path, rows: &mut Vec<ExperimentRow>, findings: &mut Findings) {
    let optional = ["experimentName"];
    let Some(sheet) = Sheet::read(
        file,
        &["experimentId", "time", "conditionId"],
        &optional,
        findings,
    ) else {
        return;
    };
    for row in 0..sheet.len() {
        let experiment = sheet.id(row, "experimentId", findings);
        let time = sheet.number(row, "time", findings).filter(|time| {
            let sound = *time != f64::INFINITY;
            if !sound {
                findings.error(
                    sheet.place(row, "time"),
                    PetabErrorKind::NotFinite {
                        text: "inf".to_owned(),
                    },
                );
            }
            sound
        });
        let condition = sheet.optional_id(row, "conditionId", findings);
        let (Some(experiment), Some(time), Some(condition)) = (experiment, time, condition) else {
            findings.left_out(&sheet, row, &["experimentId", "conditionId"]);
            continue;
        };
        if let Some(first) = rows
            .iter()
            .find(|r| r.experiment == experiment && r.time == time && r.condition == condition)
        {
            let what = format!("this period of the experiment `{experiment}`");
            findings.duplicate(sheet.place(row, "time"), what, &first.origin);
            continue;
        }
        rows.push(ExperimentRow {
            experiment,
            time,
            condition,
            origin: sheet.origin(row),
        });
    }
}

const CENSORING: [&str; 4] = ["none", "left", "right", "interval"];

/// What makes two readings the same: observable, experiment, time, reading, and the other columns.
type SameReading = (String, Option<String>, u64, [u64; 3], String);

fn measurements(
    file: &Path,
    models: &[ModelFile],
    seen: &mut HashMap<SameReading, Origin>,
    rows: &mut Vec<MeasurementRow>,
    findings: &mut Findings,
) {
    let required = ["observableId", "time", "measurement"];
    let optional = [
        "modelId",
        "experimentId",
        "observableParameters",
        "noiseParameters",
        "datasetId",
        "replicateId",
        "censoring",
        "measurementUpper",
    ];
    let Some(sheet) = Sheet::read(file, &required, &optional, findings) else {
        return;
    };
    for row in 0..sheet.len() {
        let model = match sheet.text(row, "modelId") {
            None if models.len() > 1 => {
                findings.error(sheet.place(row, "modelId"), PetabErrorKind::MissingValue);
                None
            }
            None => None,
            Some(id) if models.iter().any(|model| model.id == id) => Some(id.to_owned()),
            Some(id) => {
                let kind = PetabErrorKind::UnknownId {
                    what: "model",
                    id: id.to_owned(),
                    near: suggest(id, models.iter().map(|model| model.id.as_str())),
                };
                findings.error(sheet.place(row, "modelId"), kind);
                None
            }
        };
        let observable = sheet.id(row, "observableId", findings);
        let experiment = sheet.optional_id(row, "experimentId", findings);
        let time = sheet.number(row, "time", findings).filter(|time| {
            let sound = *time != f64::NEG_INFINITY;
            if !sound {
                findings.error(
                    sheet.place(row, "time"),
                    PetabErrorKind::NotFinite {
                        text: "-inf".to_owned(),
                    },
                );
            }
            sound
        });
        let reading = reading(&sheet, row, findings);
        let observable_parameters = overrides(&sheet, row, "observableParameters", findings);
        let noise_parameters = overrides(&sheet, row, "noiseParameters", findings);
        let (Some(observable), Some(experiment), Some(time), Some(reading)) =
            (observable, experiment, time, reading)
        else {
            findings.left_out(&sheet, row, &["experimentId"]);
            continue;
        };
        let (Some(observable_parameters), Some(noise_parameters)) =
            (observable_parameters, noise_parameters)
        else {
            findings.left_out(&sheet, row, &["experimentId"]);
            continue;
        };
        let replicate = sheet.text(row, "replicateId").map(str::to_owned);
        let bits = match reading {
            Reading::Value(v) => [0, v.to_bits(), 0],
            Reading::Below(v) => [1, v.to_bits(), 0],
            Reading::Above(v) => [2, v.to_bits(), 0],
            Reading::Between(a, b) => [3, a.to_bits(), b.to_bits()],
        };
        let rest = [
            "replicateId",
            "datasetId",
            "observableParameters",
            "noiseParameters",
        ]
        .map(|c| sheet.text(row, c).unwrap_or_default().to_owned())
        .join("\t");
        let key = (
            observable.clone(),
            experiment.clone(),
            time.to_bits(),
            bits,
            rest,
        );
        if let Some(first) = seen.get(&key) {
            let what = format!("the same reading of `{observable}` at time {time}");
            let place = sheet.place(row, "measurement");
            let first = Findings::first_place(&place, first);
            let kind = PetabWarningKind::SameReading { what, first };
            findings.warnings.push(PetabWarning { place, kind });
        } else {
            seen.insert(key, sheet.origin(row));
        }
        rows.push(MeasurementRow {
            observable,
            model,
            experiment,
            time,
            reading,
            observable_parameters,
            noise_parameters,
            dataset: sheet.text(row, "datasetId").map(str::to_owned),
            replicate,
            origin: sheet.origin(row),
        });
    }
}

fn reading(sheet: &Sheet, row: usize, findings: &mut Findings) -> Option<Reading> {
    let value = sheet.finite(row, "measurement", findings);
    let censoring = sheet
        .word(row, "censoring", &CENSORING, findings)?
        .unwrap_or("none");
    if censoring == "interval" {
        let upper = sheet.finite(row, "measurementUpper", findings);
        let (lower, upper) = (value?, upper?);
        if lower >= upper {
            findings.error(
                sheet.place(row, "measurementUpper"),
                PetabErrorKind::EmptyInterval { lower, upper },
            );
            return None;
        }
        return Some(Reading::Between(lower, upper));
    }
    if sheet.text(row, "measurementUpper").is_some() {
        findings.error(
            sheet.place(row, "measurementUpper"),
            PetabErrorKind::UpperWithoutInterval,
        );
        return None;
    }
    let value = value?;
    Some(match censoring {
        "left" => Reading::Below(value),
        "right" => Reading::Above(value),
        _ => Reading::Value(value),
    })
}

pub(super) fn overrides(
    sheet: &Sheet,
    row: usize,
    column: &str,
    findings: &mut Findings,
) -> Option<Vec<Override>> {
    let mut found = Vec::new();
    for text in sheet.list(row, column) {
        if is_id(&text) && !["nan", "inf", "infinity"].contains(&text.to_lowercase().as_str()) {
            found.push(Override::Parameter(text));
            continue;
        }
        let number = sheet.parse(row, column, &text, findings)?;
        if number.is_infinite() {
            findings.error(sheet.place(row, column), PetabErrorKind::NotFinite { text });
            return None;
        }
        found.push(Override::Number(number));
    }
    Some(found)
}

/// The mapping table.
pub(super) fn mappings(file: &Path, rows: &mut Vec<MappingRow>, findings: &mut Findings) {
    let required = ["petabEntityId", "modelEntityId"];
    let Some(sheet) = Sheet::read(file, &required, &["name"], findings) else {
        return;
    };
    for row in 0..sheet.len() {
        let Some(petab_id) = sheet.id(row, "petabEntityId", findings) else {
            continue;
        };
        if let Some(first) = rows.iter().find(|r| r.petab_id == petab_id) {
            let what = format!("the entity `{petab_id}`");
            findings.duplicate(sheet.place(row, "petabEntityId"), what, &first.origin);
            continue;
        }
        rows.push(MappingRow {
            petab_id,
            model_id: sheet.text(row, "modelEntityId").map(str::to_owned),
            name: sheet.text(row, "name").map(str::to_owned),
            origin: sheet.origin(row),
        });
    }
}

fn inputs(file: &Path, rows: &mut Vec<InputRow>, findings: &mut Findings) {
    let Some(sheet) = Sheet::read(
        file,
        &["inputId", "time", "value"],
        &["experimentId"],
        findings,
    ) else {
        return;
    };
    for row in 0..sheet.len() {
        let experiment = sheet.optional_id(row, "experimentId", findings);
        let input = sheet.id(row, "inputId", findings);
        let time = sheet.required(row, "time", findings);
        let value = sheet.required(row, "value", findings);
        if let (Some(experiment), Some(input), Some(time), Some(value)) =
            (experiment, input, time, value)
        {
            rows.push(InputRow {
                experiment,
                input,
                time,
                value,
                origin: sheet.origin(row),
            });
        }
    }
}

fn doses(file: &Path, rows: &mut Vec<DoseRow>, findings: &mut Findings) {
    let optional = ["experimentId", "lag", "kind"];
    let Some(sheet) = Sheet::read(file, &["targetId", "time", "value"], &optional, findings) else {
        return;
    };
    for row in 0..sheet.len() {
        let experiment = sheet.optional_id(row, "experimentId", findings);
        let target = sheet.id(row, "targetId", findings);
        let time = sheet.required(row, "time", findings);
        let value = sheet.required(row, "value", findings);
        let kind = sheet.word(row, "kind", &["add", "set"], findings);
        let lag = sheet.text(row, "lag").map(str::to_owned);
        let (Some(experiment), Some(target), Some(time)) = (experiment, target, time) else {
            continue;
        };
        let (Some(value), Some(kind)) = (value, kind) else {
            continue;
        };
        let kind = if kind == Some("set") {
            DoseKind::Set
        } else {
            DoseKind::Add
        };
        let row = DoseRow {
            experiment,
            target,
            time,
            lag,
            value,
            kind,
            origin: sheet.origin(row),
        };
        if let Some(first) = rows.iter().find(|r| **r == row) {
            let what = format!("this dose of `{}`", row.target);
            findings.duplicate(
                row.origin.place("doses.tsv", "targetId"),
                what,
                &first.origin,
            );
            continue;
        }
        rows.push(row);
    }
}
