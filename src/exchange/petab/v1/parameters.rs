//! The parameter table of version 1: scales, and priors that are not truncated.
use super::available;
use crate::exchange::petab::{
    error::PetabErrorKind,
    parameters::{Cells, assemble},
    rows::Origin,
    sheet::{Findings, Sheet},
};
use crate::fit::{ParameterTable, Prior, Scale};
use std::path::Path;

const REQUIRED: [&str; 3] = ["parameterId", "parameterScale", "estimate"];
const OPTIONAL: [&str; 8] = [
    "parameterName",
    "lowerBound",
    "upperBound",
    "nominalValue",
    "initializationPriorType",
    "initializationPriorParameters",
    "objectivePriorType",
    "objectivePriorParameters",
];
const PRIORS: [&str; 8] = [
    "uniform",
    "normal",
    "laplace",
    "logNormal",
    "logLaplace",
    "parameterScaleUniform",
    "parameterScaleNormal",
    "parameterScaleLaplace",
];

/// Reads one parameter file and appends its rows.
pub(super) fn read(
    path: &Path,
    table: &mut ParameterTable,
    origins: &mut Vec<Origin>,
    findings: &mut Findings,
) {
    let Some(sheet) = Sheet::read(path, &REQUIRED, &OPTIONAL, findings) else {
        return;
    };
    for row in 0..sheet.len() {
        let Some(cells) = cells(&sheet, row, findings) else {
            findings.left_out(&sheet, row, &["parameterId"]);
            continue;
        };
        let first = table.rows.iter().position(|p| p.id == cells.id);
        if let Some(first) = first {
            let what = format!("the parameter `{}`", cells.id);
            findings.duplicate(sheet.place(row, "parameterId"), what, &origins[first]);
            continue;
        }
        match assemble(
            &sheet,
            row,
            cells,
            ("parameterScale", "objectivePriorParameters"),
            findings,
        ) {
            None => findings.left_out(&sheet, row, &["parameterId"]),
            Some(parameter) => {
                table.rows.push(parameter);
                origins.push(sheet.origin(row));
            }
        }
    }
}

fn cells(sheet: &Sheet, row: usize, findings: &mut Findings) -> Option<Cells> {
    let id = sheet.id(row, "parameterId", findings);
    let estimate = match sheet.finite(row, "estimate", findings) {
        Some(0.0) => Some(false),
        Some(1.0) => Some(true),
        Some(_) => {
            let kind = PetabErrorKind::NotOneOf {
                text: sheet.text(row, "estimate").unwrap_or_default().to_owned(),
                expected: &["0", "1"],
            };
            findings.error(sheet.place(row, "estimate"), kind);
            None
        }
        None => None,
    };
    let scale = match sheet.word(row, "parameterScale", &["lin", "log", "log10"], findings) {
        Some(Some("log")) => Some(Scale::Log),
        Some(Some("log10")) => Some(Scale::Log10),
        Some(Some(_)) => Some(Scale::Linear),
        Some(None) => {
            let place = sheet.place(row, "parameterScale");
            findings.error(place, PetabErrorKind::MissingValue);
            None
        }
        None => None,
    };
    let mut number = |column: &str| -> Option<Option<f64>> {
        match available(sheet.text(row, column)) {
            None => Some(None),
            Some(_) => sheet.number(row, column, findings).map(Some),
        }
    };
    let (lower, upper, nominal) = (
        number("lowerBound"),
        number("upperBound"),
        number("nominalValue"),
    );
    let (id, estimate, scale) = (id?, estimate?, scale?);
    let mut prior = |kind: &str| prior(sheet, row, kind, scale, findings);
    let (objective, initialization) = (prior("objective"), prior("initialization"));
    let (lower, upper, nominal) = (lower?, upper?, nominal?);
    let objective = objective?;
    let initialization = match (initialization?, &objective) {
        (Some(prior), _) => Some(prior),
        // starts are uniform on the search scale unless the table says otherwise
        (None, Some(_)) => {
            let (low, high) = (scale.search(lower?), scale.search(upper?));
            let density = Prior::Uniform {
                lower: low,
                upper: high,
            };
            (low < high).then(|| on_scale(scale, density))
        }
        (None, None) => None,
    };
    Some(Cells {
        id,
        name: available(sheet.text(row, "parameterName")).map(str::to_owned),
        unit: None,
        estimate,
        lower,
        upper,
        nominal,
        scale: Some(scale),
        prior: objective.map(|prior| Prior::Untruncated(Box::new(prior))),
        initialization,
    })
}

fn on_scale(scale: Scale, density: Prior) -> Prior {
    let density = Box::new(density);
    Prior::OnScale { scale, density }
}

/// `objective` or `initialization` prior; the outer None is an error.
fn prior(
    sheet: &Sheet,
    row: usize,
    kind: &str,
    scale: Scale,
    findings: &mut Findings,
) -> Option<Option<Prior>> {
    let (column, parameters) = (format!("{kind}PriorType"), format!("{kind}PriorParameters"));
    let Some(text) = available(sheet.text(row, &column)) else {
        return Some(None);
    };
    if !PRIORS.contains(&text) {
        let kind = PetabErrorKind::NotOneOf {
            text: text.to_owned(),
            expected: &PRIORS,
        };
        findings.error(sheet.place(row, &column), kind);
        return None;
    }
    let mut values = Vec::new();
    if available(sheet.text(row, &parameters)).is_some() {
        for text in sheet.list(row, &parameters) {
            values.push(sheet.parse(row, &parameters, &text, findings)?);
        }
    } else {
        // without numbers those of the bounds
        for column in ["lowerBound", "upperBound"] {
            let bound = sheet.number(row, column, findings)?;
            let scaled = text.starts_with("parameterScale");
            values.push(if scaled { scale.search(bound) } else { bound });
        }
    }
    let inner = match text {
        "logNormal" => "log-normal",
        "logLaplace" => "log-laplace",
        "parameterScaleUniform" => "parameter-scale-uniform",
        "parameterScaleNormal" => "parameter-scale-normal",
        "parameterScaleLaplace" => "parameter-scale-laplace",
        plain => plain,
    };
    match Prior::named_on_scale(inner, &values, scale) {
        Ok(prior) => Some(Some(prior)),
        Err(source) => {
            let kind = PetabErrorKind::Prior {
                distribution: text.to_owned(),
                source,
            };
            findings.error(sheet.place(row, &parameters), kind);
            None
        }
    }
}
