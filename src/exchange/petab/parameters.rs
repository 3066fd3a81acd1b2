//! The parameter table: bounds, nominal values, priors, and the search scale of the extension.
use super::{
    error::{PetabErrorKind, PetabWarning, PetabWarningKind},
    rows::Origin,
    sheet::{Findings, Sheet},
};
use crate::{
    exchange::tables::{TableWriter, number_text},
    fit::{Parameter, ParameterTable, Prior, Scale},
};
use std::{collections::HashMap, path::Path};

const REQUIRED: [&str; 2] = ["parameterId", "estimate"];
const OPTIONAL: [&str; 11] = [
    "parameterName",
    "lowerBound",
    "upperBound",
    "nominalValue",
    "priorDistribution",
    "priorParameters",
    "priorTruncated",
    "scale",
    "unit",
    "initializationPriorDistribution",
    "initializationPriorParameters",
];
/// Columns of the standard, in the order in which they are written.
const COLUMNS: [&str; 8] = [
    "parameterId",
    "parameterName",
    "lowerBound",
    "upperBound",
    "nominalValue",
    "estimate",
    "priorDistribution",
    "priorParameters",
];
const SCALES: [&str; 4] = ["lin", "log", "log10", "logit"];
/// Those of the standard, then those of the extension.
const PRIORS: [&str; 14] = {
    let mut names = [""; 14];
    let mut i = 0;
    while i < 14 {
        names[i] = match i < 11 {
            true => Prior::NAMES[i],
            false => Prior::ON_SCALE[i - 11].0,
        };
        i += 1;
    }
    names
};
const BOOLEANS: [&str; 6] = ["true", "false", "True", "False", "1", "0"];

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
    let mut rows: HashMap<String, usize> = table
        .rows
        .iter()
        .enumerate()
        .map(|(i, p)| (p.id.clone(), i))
        .collect();
    for row in 0..sheet.len() {
        if let Some(parameter) = parameter(&sheet, row, findings) {
            if let Some(first) = rows.get(&parameter.id) {
                let what = format!("the parameter `{}`", parameter.id);
                findings.duplicate(sheet.place(row, "parameterId"), what, &origins[*first]);
                continue;
            }
            rows.insert(parameter.id.clone(), table.rows.len());
            table.rows.push(parameter);
            origins.push(sheet.origin(row));
        } else {
            findings.left_out(&sheet, row, &["parameterId"]);
        }
    }
}

/// What the cells of a row say, whatever the version.
pub(super) struct Cells {
    pub id: String,
    pub name: Option<String>,
    pub unit: Option<String>,
    pub estimate: bool,
    pub lower: Option<f64>,
    pub upper: Option<f64>,
    pub nominal: Option<f64>,
    pub scale: Option<Scale>,
    pub prior: Option<Prior>,
    pub initialization: Option<Prior>,
}

fn parameter(sheet: &Sheet, row: usize, findings: &mut Findings) -> Option<Parameter> {
    let id = sheet.id(row, "parameterId", findings);
    let estimate = match sheet.word(row, "estimate", &BOOLEANS, findings) {
        Some(Some(word)) => {
            if ["0", "1"].contains(&word) {
                let what = "by the standard the words are `true` and `false`";
                sheet.not_standard(row, "estimate", what, findings);
            }
            Some(matches!(word, "true" | "True" | "1"))
        }
        Some(None) => {
            sheet.missing(row, "estimate", findings);
            None
        }
        None => None,
    };
    let lower = sheet.optional_number(row, "lowerBound", findings);
    let upper = sheet.optional_number(row, "upperBound", findings);
    let nominal = match sheet.text(row, "nominalValue") {
        None => Some(None),
        Some(_) => sheet.finite(row, "nominalValue", findings).map(Some),
    };
    let scale = sheet.word(row, "scale", &SCALES, findings);
    let (estimate, lower, upper) = (estimate?, lower?, upper?);
    let scale = scale?.map(|word| match word {
        "log" => Scale::Log,
        "log10" => Scale::Log10,
        "logit" => Scale::Logit,
        _ => Scale::Linear,
    });
    let (low, high) = (
        lower.unwrap_or(f64::NEG_INFINITY),
        upper.unwrap_or(f64::INFINITY),
    );
    let scale = scale.unwrap_or_else(|| default_scale(low, high, estimate));
    let mut distribution = |column, numbers| prior(sheet, row, (column, numbers), scale, findings);
    let prior = distribution("priorDistribution", "priorParameters");
    let initialization = distribution(
        "initializationPriorDistribution",
        "initializationPriorParameters",
    );
    let truncated = sheet.word(row, "priorTruncated", &BOOLEANS, findings);
    let untruncated = matches!(truncated?, Some("false" | "False" | "0"));
    let prior = prior?.map(|prior| match untruncated {
        true => Prior::Untruncated(Box::new(prior)),
        false => prior,
    });
    let cells = Cells {
        id: id?,
        name: sheet.text(row, "parameterName").map(str::to_owned),
        unit: sheet.text(row, "unit").map(str::to_owned),
        estimate,
        lower,
        upper,
        nominal: nominal?,
        scale: Some(scale),
        prior,
        initialization: initialization?,
    };
    assemble(sheet, row, cells, "priorParameters", findings)
}

/// Checks what the cells say together; the column of the prior's parameters is named for messages.
pub(super) fn assemble(
    sheet: &Sheet,
    row: usize,
    cells: Cells,
    prior_column: &str,
    findings: &mut Findings,
) -> Option<Parameter> {
    let (estimate, lower, upper) = (cells.estimate, cells.lower, cells.upper);
    let before = findings.errors.len();
    let fault = |column: &str, kind: PetabErrorKind, findings: &mut Findings| {
        findings.error(sheet.place(row, column), kind);
    };
    let (low, high) = (
        lower.unwrap_or(f64::NEG_INFINITY),
        upper.unwrap_or(f64::INFINITY),
    );
    if estimate {
        if cells.prior.is_none() {
            for (column, bound) in [("lowerBound", lower), ("upperBound", upper)] {
                match bound {
                    None => sheet.missing(row, column, findings),
                    Some(b) if b.is_infinite() => {
                        fault(column, PetabErrorKind::InfiniteBound, findings);
                    }
                    Some(_) => {}
                }
            }
        }
        let what = "by the standard an estimated parameter has two bounds, prior or not";
        for (column, bound) in [("lowerBound", lower), ("upperBound", upper)] {
            let told = matches!(cells.scale, Some(Scale::Log | Scale::Log10));
            if bound.is_none() && cells.prior.is_some() && !told {
                sheet.not_standard(row, column, what, findings);
            }
        }
    }
    // version 1 does not look at the bounds of what is not estimated
    if estimate && low >= high || low > high && findings.reserves_words {
        let kind = PetabErrorKind::Bounds {
            lower: low,
            upper: high,
        };
        fault("lowerBound", kind, findings);
    }
    let scale = (cells.scale).unwrap_or_else(|| default_scale(low, high, estimate));
    let bound = |low: bool| if low { "lowerBound" } else { "upperBound" };
    // a bound that is missing was told above
    if estimate && (findings.errors.len() == before) {
        match scale {
            Scale::Log | Scale::Log10 if lower.is_none() || upper.is_none() => {
                for (column, bound) in [("lowerBound", lower), ("upperBound", upper)] {
                    if bound.is_none() {
                        sheet.missing(row, column, findings);
                    }
                }
            }
            Scale::Log | Scale::Log10 if low <= 0.0 || high == f64::INFINITY => {
                let kind = PetabErrorKind::ScaleBounds {
                    scale: scale_name(scale),
                    needs: "above 0 and finite",
                };
                fault(bound(low <= 0.0), kind, findings);
            }
            Scale::Logit if low <= 0.0 || high >= 1.0 => {
                let kind = PetabErrorKind::ScaleBounds {
                    scale: "logit",
                    needs: "between 0 and 1",
                };
                fault(bound(low <= 0.0), kind, findings);
            }
            _ => {}
        }
    }
    if cells.nominal.is_none() && !estimate {
        sheet.missing(row, "nominalValue", findings);
    }
    if let Some(value) = cells.nominal.filter(|value| !value.is_finite()) {
        let text = value.to_string();
        fault("nominalValue", PetabErrorKind::NotFinite { text }, findings);
    }
    if let Some(prior) = &cells.prior
        && estimate
        && low < high
        && prior.ln_probability(low, high) == f64::NEG_INFINITY
    {
        let distribution = prior.name_and_parameters().0.to_owned();
        let kind = PetabErrorKind::PriorOutside { distribution };
        fault(prior_column, kind, findings);
    }
    if findings.errors.len() > before {
        return None;
    }
    if let Some(value) = cells.nominal
        && estimate
        && (value < low || value > high)
    {
        let kind = PetabWarningKind::NominalOutside {
            nominal: value,
            lower: low,
            upper: high,
        };
        let place = sheet.place(row, "nominalValue");
        findings.warnings.push(PetabWarning { place, kind });
    }
    let nominal = cells.nominal.unwrap_or_else(|| centre(low, high, scale));
    Some(Parameter {
        id: cells.id,
        name: cells.name,
        unit: cells.unit,
        scale,
        lower: low,
        upper: high,
        nominal,
        estimate,
        prior: cells.prior,
        initialization: cells.initialization,
    })
}

/// The search scale of a row that names none: log10 where the bounds are positive and at least a factor of 100 apart,
/// else linear.
pub(super) fn default_scale(lower: f64, upper: f64, estimate: bool) -> Scale {
    if estimate && lower > 0.0 && upper.is_finite() && upper / lower >= 100.0 {
        Scale::Log10
    } else {
        Scale::Linear
    }
}

/// The middle between the bounds on the search scale; the finite bound, or 0, where there is none.
fn centre(lower: f64, upper: f64, scale: Scale) -> f64 {
    match (lower.is_finite(), upper.is_finite()) {
        (true, true) if lower > 0.0 && matches!(scale, Scale::Log | Scale::Log10) => {
            (lower * upper).sqrt().clamp(lower, upper)
        }
        (true, true) => 0.5 * lower + 0.5 * upper,
        (true, false) => lower + 1.0,
        (false, true) => upper - 1.0,
        (false, false) => 0.0,
    }
}

/// The prior of a row, or where its searches start; the outer None is an error.
fn prior(
    sheet: &Sheet,
    row: usize,
    (column, numbers): (&str, &str),
    scale: Scale,
    findings: &mut Findings,
) -> Option<Option<Prior>> {
    let distribution = sheet.word(row, column, &PRIORS, findings)?;
    let texts = sheet.list(row, numbers);
    let Some(distribution) = distribution else {
        if texts.is_empty() {
            return Some(None);
        }
        sheet.missing(row, column, findings);
        return None;
    };
    if texts.is_empty() {
        sheet.missing(row, numbers, findings);
        return None;
    }
    let mut values = Vec::new();
    for text in &texts {
        let value = sheet.parse(row, numbers, text, findings)?;
        if value.is_infinite() {
            findings.error(
                sheet.place(row, numbers),
                PetabErrorKind::NotFinite { text: text.clone() },
            );
            return None;
        }
        values.push(value);
    }
    match Prior::named_on_scale(distribution, &values, scale) {
        Ok(prior) => Some(Some(prior)),
        Err(source) => {
            let kind = PetabErrorKind::Prior {
                distribution: distribution.to_owned(),
                source,
            };
            findings.error(sheet.place(row, numbers), kind);
            None
        }
    }
}

/// Name of a scale on disk.
pub(super) fn scale_name(scale: Scale) -> &'static str {
    match scale {
        Scale::Linear => "lin",
        Scale::Log => "log",
        Scale::Log10 => "log10",
        Scale::Logit => "logit",
    }
}

/// The text of a parameter table (PEtab v2, with the extension's columns).
pub fn parameter_table(parameters: &ParameterTable) -> String {
    table(parameters, true)
}

/// The parameter table. Those of the extension's columns that say where searches start stand there only if they say something.
pub(super) fn table(parameters: &ParameterTable, extension: bool) -> String {
    let mut columns = COLUMNS.to_vec();
    let starts = parameters.rows.iter().any(|p| p.initialization.is_some());
    if extension {
        columns.extend(["priorTruncated", "scale", "unit"]);
        if starts {
            columns.extend([
                "initializationPriorDistribution",
                "initializationPriorParameters",
            ]);
        }
    }
    let mut writer = TableWriter::tsv(&columns);
    for p in &parameters.rows {
        let bound = |b: f64| {
            if !p.estimate && b.is_infinite() {
                String::new()
            } else {
                number_text(b)
            }
        };
        let [prior, prior_parameters] = prior_cells(p.prior.as_ref());
        let mut cells = vec![
            p.id.clone(),
            p.name.clone().unwrap_or_default(),
            bound(p.lower),
            bound(p.upper),
            number_text(p.nominal),
            p.estimate.to_string(),
            prior,
            prior_parameters,
        ];
        if extension {
            cells.push(match p.prior {
                Some(Prior::Untruncated(_)) => "false".to_owned(),
                _ => String::new(),
            });
            cells.push(scale_name(p.scale).to_owned());
            cells.push(p.unit.clone().unwrap_or_default());
            if starts {
                cells.extend(prior_cells(p.initialization.as_ref()));
            }
        }
        writer.row(cells);
    }
    writer.finish()
}

/// Name and numbers of a distribution, as two cells carry them.
fn prior_cells(prior: Option<&Prior>) -> [String; 2] {
    let (name, numbers) = prior.map_or(("", Vec::new()), Prior::name_and_parameters);
    let numbers: Vec<String> = numbers.into_iter().map(number_text).collect();
    [name.to_owned(), numbers.join(";")]
}
