//! From files to rows. What the rows mean together is checked in [`super::build`].
use super::{
    error::PetabErrorKind,
    mappings, measurements, parameters,
    population::{self, PopulationRows},
    rows::{
        ConditionRow, DoseKind, DoseRow, ExperimentRow, InputRow, MappingRow, MeasurementRow,
        NoiseDistribution, ObservableRow, Origin, SteadyState,
    },
    sheet::{Findings, Sheet},
    yaml::ProblemFiles,
};
use crate::{exchange::tables::Place, fit::ParameterTable};
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
    pub population: PopulationRows,
    /// targets of version 1 that no condition gives a value
    pub unset: Vec<(String, Place)>,
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
        measurements::read(
            file,
            &files.models,
            &mut seen,
            &mut rows.measurements,
            findings,
        );
    }
    for file in &files.mappings {
        mappings::read(file, &mut rows.mappings, findings);
    }
    for file in &files.inputs {
        inputs(file, &mut rows.inputs, findings);
    }
    for file in &files.doses {
        doses(file, &mut rows.doses, findings);
    }
    rows.population = population::tables(files, findings);
    rows
}

/// Further doses of one row.
const MOST_DOSES: f64 = 100_000.0;

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
    let optional = [
        "experimentId",
        "lag",
        "kind",
        "duration",
        "rate",
        "bioavailability",
        "interval",
        "additional",
        "steadyState",
    ];
    let Some(sheet) = Sheet::read(file, &["targetId", "time", "value"], &optional, findings) else {
        return;
    };
    for row in 0..sheet.len() {
        let experiment = sheet.optional_id(row, "experimentId", findings);
        let target = sheet.id(row, "targetId", findings);
        let time = sheet.required(row, "time", findings);
        let value = sheet.required(row, "value", findings);
        let kind = sheet.word(row, "kind", &["add", "set"], findings);
        let formula = |column: &str| sheet.text(row, column).map(str::to_owned);
        let additional = count(&sheet, row, "additional", findings);
        let steady = sheet.word(row, "steadyState", &SteadyState::WORDS, findings);
        let (Some(experiment), Some(target), Some(time)) = (experiment, target, time) else {
            continue;
        };
        let (Some(value), Some(kind)) = (value, kind) else {
            continue;
        };
        let (Some(additional), Some(steady)) = (additional, steady) else {
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
            lag: formula("lag"),
            value,
            kind,
            duration: formula("duration"),
            rate: formula("rate"),
            bioavailability: formula("bioavailability"),
            interval: formula("interval"),
            additional,
            steady_state: match steady {
                Some("reset") => SteadyState::Reset,
                Some("add") => SteadyState::Add,
                _ => SteadyState::None,
            },
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

/// A whole number, 0 where the cell is empty.
fn count(sheet: &Sheet, row: usize, column: &str, findings: &mut Findings) -> Option<usize> {
    let Some(text) = sheet.text(row, column) else {
        return Some(0);
    };
    // a table program may have written 3.0
    let number = text.parse::<f64>().ok();
    let whole = number.filter(|n| n.fract() == 0.0 && (0.0..=MOST_DOSES).contains(n));
    if whole.is_none() {
        let kind = PetabErrorKind::NotACount {
            text: text.to_owned(),
            most: MOST_DOSES as usize,
        };
        findings.error(sheet.place(row, column), kind);
    }
    whole.map(|n| n as usize)
}
