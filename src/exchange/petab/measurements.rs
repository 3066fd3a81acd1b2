//! The measurement table of version 2: readings, censored or not, and what placeholders become.
use super::{
    error::{PetabErrorKind, PetabWarning, PetabWarningKind},
    rows::{MeasurementRow, Origin, Override},
    sheet::{Findings, Sheet, is_id},
    yaml::ModelFile,
};
use crate::{expr::suggest, noise::Reading};
use std::{collections::HashMap, path::Path};

const CENSORING: [&str; 4] = ["none", "left", "right", "interval"];

/// What makes two readings the same: observable, experiment, time, reading, and the other columns.
pub(super) type SameReading = (String, Option<String>, u64, [u64; 3], String);

/// Reads one measurement file and appends its rows.
pub(super) fn read(
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
                sheet.missing(row, "modelId", findings);
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
        same_reading(
            &sheet,
            row,
            (&observable, experiment.as_deref(), time, &reading),
            seen,
            findings,
        );
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

/// Notes a reading that stands twice.
pub(super) fn same_reading(
    sheet: &Sheet,
    row: usize,
    (observable, experiment, time, reading): (&str, Option<&str>, f64, &Reading),
    seen: &mut HashMap<SameReading, Origin>,
    findings: &mut Findings,
) {
    let bits = match *reading {
        Reading::Value(v) => [0, v.to_bits(), 0],
        Reading::Below(v) => [1, v.to_bits(), 0],
        Reading::Above(v) => [2, v.to_bits(), 0],
        Reading::Between(a, b) => [3, a.to_bits(), b.to_bits()],
    };
    let rest = [
        "modelId",
        "replicateId",
        "datasetId",
        "observableParameters",
        "noiseParameters",
    ];
    let rest = rest
        .map(|c| sheet.text(row, c).unwrap_or_default())
        .join("\t");
    let experiment = experiment.map(str::to_owned);
    let key = (
        observable.to_owned(),
        experiment,
        time.to_bits(),
        bits,
        rest,
    );
    let Some(first) = seen.get(&key) else {
        seen.insert(key, sheet.origin(row));
        return;
    };
    let what = format!("the same reading of `{observable}` at time {time}");
    let place = sheet.place(row, "measurement");
    let first = Findings::first_place(&place, first);
    let kind = PetabWarningKind::SameReading { what, first };
    findings.warnings.push(PetabWarning { place, kind });
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
