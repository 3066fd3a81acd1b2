//! `parameters.tsv`: one row a parameter, with value, unit, bounds, prior, source and evidence.
use super::document::Document;
use super::{ModelError, Spot};
use crate::expr::{did_you_mean, suggest};
use crate::fit::Prior;
use crate::network::{ElementKind, Evidence, Parameter, SearchScale};
use crate::units::{Unit, UnitError};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::path::Path;

/// A row of the parameter table.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ParameterRow {
    /// Id of the parameter.
    pub id: String,
    /// Its value.
    pub value: f64,
    /// Unit of value and bounds.
    pub unit: Option<String>,
    /// Scale of a search.
    pub scale: SearchScale,
    /// Lower bound of a search.
    pub lower: Option<f64>,
    /// Upper bound of a search.
    pub upper: Option<f64>,
    /// Name of the prior, as PEtab names it.
    pub prior_distribution: Option<String>,
    /// Its parameters.
    pub prior_parameters: Vec<f64>,
    /// Source, a DOI where there is one.
    pub source: Option<String>,
    /// Grade of the evidence.
    pub evidence: Option<Evidence>,
    /// Name for people.
    pub name: Option<String>,
}

impl ParameterRow {
    /// The prior, in the unit of the row; none if there is none or it cannot be (which reading reports).
    pub fn prior(&self) -> Option<Prior> {
        prior(self.prior_distribution.as_deref()?, &self.prior_parameters).ok()
    }
}

/// The distribution that PEtab v2 calls `name`, or what is wrong with it.
fn prior(name: &str, parameters: &[f64]) -> Result<Prior, String> {
    let prior = match (name, parameters) {
        ("uniform", &[lower, upper]) => Prior::Uniform { lower, upper },
        ("normal", &[mean, sd]) => Prior::Normal { mean, sd },
        ("laplace", &[location, scale]) => Prior::Laplace { location, scale },
        ("log-normal", &[log_mean, log_sd]) => Prior::LogNormal { log_mean, log_sd },
        ("log-laplace", &[log_location, log_scale]) => Prior::LogLaplace {
            log_location,
            log_scale,
        },
        ("log-uniform", &[lower, upper]) => Prior::LogUniform { lower, upper },
        ("cauchy", &[location, scale]) => Prior::Cauchy { location, scale },
        ("gamma", &[shape, scale]) => Prior::Gamma { shape, scale },
        ("exponential", &[scale]) => Prior::Exponential { scale },
        ("chisquare", &[dof]) => Prior::ChiSquared { dof },
        ("rayleigh", &[scale]) => Prior::Rayleigh { scale },
        _ if PRIORS.contains(&name) => {
            return Err(format!(
                "{} is the wrong number of parameters",
                parameters.len()
            ));
        }
        _ => {
            return Err(format!(
                "there is no such distribution{}",
                did_you_mean(name, PRIORS)
            ));
        }
    };
    prior.check().map(|()| prior).map_err(str::to_string)
}

const PRIORS: [&str; 11] = [
    "uniform",
    "normal",
    "laplace",
    "log-normal",
    "log-laplace",
    "log-uniform",
    "cauchy",
    "gamma",
    "exponential",
    "chisquare",
    "rayleigh",
];

/// A row and where it stands.
pub(super) struct LocatedRow {
    pub row: ParameterRow,
    pub spot: Spot,
}

const COLUMNS: [&str; 11] = [
    "parameterId",
    "value",
    "unit",
    "scale",
    "lower",
    "upper",
    "priorDistribution",
    "priorParameters",
    "source",
    "evidence",
    "name",
];

/// Reads a table; errors are collected and rows with errors left out.
pub(super) fn read(file: &Path, text: &str, errors: &mut Vec<ModelError>) -> Vec<LocatedRow> {
    let spot = |line: Option<usize>, column: Option<&str>| Spot {
        file: file.to_path_buf(),
        line,
        column: column.map(str::to_string),
    };
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(b'\t')
        .flexible(true)
        .from_reader(text.as_bytes());
    let headers: Vec<String> = match reader.headers() {
        Ok(headers) => headers.iter().map(|h| h.trim().to_string()).collect(),
        Err(error) => {
            errors.push(ModelError::Table {
                spot: spot(Some(1), None),
                message: error.to_string(),
            });
            return Vec::new();
        }
    };
    for header in &headers {
        if !COLUMNS.contains(&header.as_str()) {
            let near = suggest(header, COLUMNS);
            errors.push(ModelError::UnknownColumn {
                spot: spot(Some(1), None),
                column: header.clone(),
                near,
            });
        }
    }
    for column in ["parameterId", "value"] {
        if !headers.iter().any(|h| h == column) {
            let near = suggest(column, headers.iter().map(String::as_str));
            errors.push(ModelError::MissingColumn {
                spot: spot(Some(1), None),
                column,
                near,
            });
            return Vec::new();
        }
    }
    let mut rows: Vec<LocatedRow> = Vec::new();
    let mut first: HashMap<String, usize> = HashMap::new();
    for record in reader.records() {
        let record = match record {
            Ok(record) => record,
            Err(error) => {
                let line = error.position().map(|p| p.line() as usize);
                errors.push(ModelError::Table {
                    spot: spot(line, None),
                    message: error.to_string(),
                });
                continue;
            }
        };
        let line = record.position().map(|p| p.line() as usize);
        if record.len() > headers.len() {
            let message = format!(
                "{} cells, but the table has {} columns",
                record.len(),
                headers.len()
            );
            errors.push(ModelError::Table {
                spot: spot(line, None),
                message,
            });
            continue;
        }
        let cell = |column: &str| -> Option<String> {
            let text = record
                .get(headers.iter().position(|h| h == column)?)?
                .trim();
            (!text.is_empty()).then(|| text.to_string())
        };
        let before = errors.len();
        let mut number = |column: &str| -> Option<f64> {
            let text = cell(column)?;
            match text.parse::<f64>() {
                Ok(value) if value.is_finite() => Some(value),
                _ => {
                    errors.push(ModelError::NotANumber {
                        spot: spot(line, Some(column)),
                        text,
                    });
                    None
                }
            }
        };
        let (value, lower, upper) = (number("value"), number("lower"), number("upper"));
        let mut prior_parameters = Vec::new();
        for part in cell("priorParameters")
            .iter()
            .flat_map(|text| text.split(';'))
        {
            match part.trim().parse::<f64>() {
                Ok(value) if value.is_finite() => prior_parameters.push(value),
                _ => errors.push(ModelError::NotANumber {
                    spot: spot(line, Some("priorParameters")),
                    text: part.to_string(),
                }),
            }
        }
        let scale =
            word(&cell("scale"), &SCALES, spot(line, Some("scale")), errors).unwrap_or_default();
        let evidence = word(
            &cell("evidence"),
            &Evidence::ALL,
            spot(line, Some("evidence")),
            errors,
        );
        let Some(id) = cell("parameterId") else {
            errors.push(ModelError::Table {
                spot: spot(line, Some("parameterId")),
                message: "the id is missing".to_string(),
            });
            continue;
        };
        if value.is_none() && cell("value").is_none() {
            errors.push(ModelError::Table {
                spot: spot(line, Some("value")),
                message: format!("`{id}` has no value"),
            });
        }
        if let Some(first) = first.get(&id) {
            errors.push(ModelError::DuplicateRow {
                spot: spot(line, Some("parameterId")),
                id,
                first: *first,
            });
            continue;
        }
        first.insert(id.clone(), line.unwrap_or(0));
        match cell("priorDistribution") {
            Some(distribution) => {
                if let Err(problem) = prior(&distribution, &prior_parameters) {
                    let spot = spot(line, Some("priorDistribution"));
                    errors.push(ModelError::Prior {
                        spot,
                        id: id.clone(),
                        distribution,
                        problem,
                    });
                }
            }
            None if prior_parameters.is_empty() => {}
            None => {
                let message = format!("`{id}` has prior parameters and no distribution");
                errors.push(ModelError::Table {
                    spot: spot(line, Some("priorDistribution")),
                    message,
                });
            }
        }
        if errors.len() > before {
            continue;
        }
        let Some(value) = value else { continue };
        let row = ParameterRow {
            id,
            value,
            unit: cell("unit"),
            scale,
            lower,
            upper,
            prior_distribution: cell("priorDistribution"),
            prior_parameters,
            source: cell("source"),
            evidence,
            name: cell("name"),
        };
        rows.push(LocatedRow {
            row,
            spot: spot(line, None),
        });
    }
    rows
}

const SCALES: [(&str, SearchScale); 4] = [
    ("linear", SearchScale::Linear),
    ("log", SearchScale::Log),
    ("log10", SearchScale::Log10),
    ("logit", SearchScale::Logit),
];

fn word<T: Copy>(
    text: &Option<String>,
    words: &[(&'static str, T)],
    spot: Spot,
    errors: &mut Vec<ModelError>,
) -> Option<T> {
    let text = text.as_ref()?;
    let found = words
        .iter()
        .find(|(word, _)| word == text)
        .map(|(_, value)| *value);
    if found.is_none() {
        errors.push(ModelError::UnknownWord {
            spot,
            text: text.clone(),
            words: words.iter().map(|(word, _)| *word).collect(),
        });
    }
    found
}

/// Gives the rows' numbers to the network; a row that neither the model file nor a mechanism declares declares a parameter.
///
/// Values and bounds are converted to the unit that the model declares.
pub(super) fn apply(rows: &[LocatedRow], document: &mut Document, errors: &mut Vec<ModelError>) {
    let without_row: Vec<String> = (document.network.all_parameters().iter())
        .filter(|(id, p)| p.value.is_none() && !rows.iter().any(|row| row.row.id == *id))
        .map(|(id, _)| id.clone())
        .collect();
    for LocatedRow { row, spot } in rows {
        let network = &mut document.network;
        match network.kind_of(&row.id) {
            Some(ElementKind::Parameter) => {}
            Some(kind) => {
                errors.push(ModelError::NoParameter {
                    spot: spot.clone(),
                    id: row.id.clone(),
                    kind,
                });
                continue;
            }
            None => {
                let in_scenarios = document
                    .scenarios
                    .iter()
                    .any(|(_, s)| s.set.contains_key(&row.id));
                if network.graph().lookup(&row.id).is_none() && !in_scenarios {
                    let near = suggest(&row.id, without_row.iter().map(String::as_str));
                    errors.push(ModelError::UnusedParameter {
                        spot: spot.clone(),
                        id: row.id.clone(),
                        near,
                    });
                }
                network.parameter(&row.id, Parameter::unset());
            }
        }
        let Some(parameter) = network.parameter_mut(&row.id) else {
            continue;
        };
        let factor = match (&row.unit, &parameter.unit) {
            (Some(found), Some(expected)) => match conversion(found, expected) {
                Ok(factor) => factor,
                Err(source) => {
                    let (spot, id, expected) = (spot.clone(), row.id.clone(), expected.clone());
                    errors.push(ModelError::Unit {
                        spot,
                        id,
                        expected,
                        source,
                    });
                    continue;
                }
            },
            _ => 1.0,
        };
        parameter.value = Some(factor * row.value);
        parameter.lower = row.lower.map(|bound| factor * bound);
        parameter.upper = row.upper.map(|bound| factor * bound);
        parameter.scale = row.scale;
        if parameter.unit.is_none() {
            parameter.unit = row.unit.clone();
        }
        parameter.source = row.source.clone().or(parameter.source.take());
        parameter.evidence = row.evidence.or(parameter.evidence);
        parameter.name = row.name.clone().or(parameter.name.take());
    }
}

/// The factor from a row's unit to the model's.
fn conversion(found: &str, expected: &str) -> Result<f64, UnitError> {
    if found == expected {
        return Ok(1.0);
    }
    let found = Unit::parse(found)?;
    // a unit of the model that cannot be read is reported by the check of the network
    let Ok(expected) = Unit::parse(expected) else {
        return Ok(1.0);
    };
    found.conversion_factor(&expected)
}

/// The rows as a table; columns that no row uses are left out.
pub fn write_parameters(rows: &[ParameterRow]) -> String {
    let number = |value: Option<f64>| value.map_or(String::new(), |v| v.to_string());
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    let cells: Vec<[String; 11]> = rows
        .iter()
        .map(|row| {
            let scale = SCALES
                .iter()
                .find(|(_, s)| *s == row.scale)
                .map_or("", |(word, _)| word);
            let prior: Vec<String> = row.prior_parameters.iter().map(f64::to_string).collect();
            [
                row.id.clone(),
                row.value.to_string(),
                text(&row.unit),
                if row.scale == SearchScale::Linear {
                    String::new()
                } else {
                    scale.to_string()
                },
                number(row.lower),
                number(row.upper),
                text(&row.prior_distribution),
                prior.join(";"),
                text(&row.source),
                row.evidence.map_or(String::new(), |e| e.word().to_string()),
                text(&row.name),
            ]
        })
        .collect();
    let used: Vec<usize> = (0..COLUMNS.len())
        .filter(|c| *c < 2 || cells.iter().any(|row| !row[*c].is_empty()))
        .collect();
    let line = |row: &dyn Fn(usize) -> String| {
        used.iter().map(|c| row(*c)).collect::<Vec<_>>().join("\t") + "\n"
    };
    let mut out = line(&|c| COLUMNS[c].to_string());
    for row in &cells {
        out += &line(&|c| row[c].clone());
    }
    out
}
