//! `parameters.tsv`: one row a parameter, with value, unit, bounds, prior, source and evidence.
use super::document::Document;
use super::{ModelError, Spot};
use crate::exchange::tables::{Table, TableError};
use crate::expr::{did_you_mean, suggest};
use crate::fit::{Prior, PriorNameError};
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
        Prior::named(self.prior_distribution.as_deref()?, &self.prior_parameters).ok()
    }
}

/// A row and where it stands.
pub(super) struct LocatedRow {
    pub row: ParameterRow,
    pub spot: Spot,
    /// whether it is the base's, which has more parameters than a model that builds on it
    pub inherited: bool,
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
pub(super) fn read(
    file: &Path,
    text: &str,
    inherited: bool,
    errors: &mut Vec<ModelError>,
) -> Vec<LocatedRow> {
    let spot = |line: Option<usize>, column: Option<&str>| Spot {
        file: file.to_path_buf(),
        line,
        column: column.map(str::to_string),
    };
    let mut faults = Vec::new();
    let table = Table::parse_recoverable(file, text, b'\t', &mut faults);
    for fault in faults {
        let (row, message) = match fault {
            TableError::Malformed { place, message } => (place.row, message),
            fault @ TableError::Unreadable { .. } => (None, fault.to_string()),
        };
        let spot = spot(row, None);
        errors.push(ModelError::Table { spot, message });
    }
    let Some(table) = table else {
        return Vec::new();
    };
    for column in &table.columns {
        if !COLUMNS.contains(&column.as_str()) {
            errors.push(ModelError::UnknownColumn {
                spot: spot(Some(1), None),
                column: column.clone(),
                near: suggest(column, COLUMNS),
            });
        }
    }
    for column in ["parameterId", "value"] {
        if table.column(column).is_none() {
            errors.push(ModelError::MissingColumn {
                spot: spot(Some(1), None),
                column,
                near: suggest(column, table.columns.iter().map(String::as_str)),
            });
            return Vec::new();
        }
    }
    let mut rows: Vec<LocatedRow> = Vec::new();
    let mut first: HashMap<String, usize> = HashMap::new();
    for row in &table.rows {
        let cell = |column: &str| -> Option<String> {
            let text = &row.cells[table.column(column)?];
            (!text.is_empty()).then(|| text.clone())
        };
        let before = errors.len();
        let cells = Cells {
            cell: &cell,
            spot: &|column| spot(Some(row.number), Some(column)),
        };
        let Some(id) = cell("parameterId") else {
            errors.push(ModelError::Table {
                spot: spot(Some(row.number), Some("parameterId")),
                message: "the id is missing".to_string(),
            });
            continue;
        };
        let found = cells.row(&id, errors);
        if let Some(first) = first.get(&id) {
            errors.push(ModelError::DuplicateRow {
                spot: spot(Some(row.number), Some("parameterId")),
                id,
                first: *first,
            });
            continue;
        }
        first.insert(id, row.number);
        if errors.len() == before
            && let Some(found) = found
        {
            rows.push(LocatedRow {
                row: found,
                spot: spot(Some(row.number), Some("parameterId")),
                inherited,
            });
        }
    }
    rows
}

/// A model's own rows over those of its base.
pub(super) fn lay(rows: &mut Vec<LocatedRow>, own: Vec<LocatedRow>) {
    for row in own {
        match rows.iter_mut().find(|known| known.row.id == row.row.id) {
            Some(known) => *known = row,
            None => rows.push(row),
        }
    }
}

/// The cells of one row.
struct Cells<'a> {
    cell: &'a dyn Fn(&str) -> Option<String>,
    spot: &'a dyn Fn(&str) -> Spot,
}

impl Cells<'_> {
    /// The row, as far as it can be read; faults are noted.
    fn row(&self, id: &str, errors: &mut Vec<ModelError>) -> Option<ParameterRow> {
        let value = self.number("value", errors);
        let (lower, upper) = (self.number("lower", errors), self.number("upper", errors));
        let scale = self.word("scale", &SCALES, errors).unwrap_or_default();
        let evidence = self.word("evidence", &Evidence::ALL, errors);
        if (self.cell)("value").is_none() {
            errors.push(ModelError::Table {
                spot: (self.spot)("value"),
                message: format!("`{id}` has no value"),
            });
        }
        let (low, high) = (
            lower.unwrap_or(f64::NEG_INFINITY),
            upper.unwrap_or(f64::INFINITY),
        );
        if value.is_some_and(|value| low < high && !(low..=high).contains(&value)) {
            errors.push(ModelError::Table {
                spot: (self.spot)("value"),
                message: format!("the value of `{id}` lies outside of its bounds"),
            });
        }
        if lower.is_some_and(|lower| lower <= 0.0)
            && matches!(scale, SearchScale::Log | SearchScale::Log10)
        {
            errors.push(ModelError::Table {
                spot: (self.spot)("lower"),
                message: format!("a logarithmic scale needs a lower bound of `{id}` above 0"),
            });
        }
        let prior_parameters = self.prior(id, errors);
        Some(ParameterRow {
            id: id.to_string(),
            value: value?,
            unit: (self.cell)("unit"),
            scale,
            lower,
            upper,
            prior_distribution: (self.cell)("priorDistribution"),
            prior_parameters,
            source: (self.cell)("source"),
            evidence,
            name: (self.cell)("name"),
        })
    }

    fn number(&self, column: &str, errors: &mut Vec<ModelError>) -> Option<f64> {
        let text = (self.cell)(column)?;
        self.parse(column, &text, errors)
    }

    fn parse(&self, column: &str, text: &str, errors: &mut Vec<ModelError>) -> Option<f64> {
        let number = text.trim().parse::<f64>().ok().filter(|v| v.is_finite());
        if number.is_none() {
            errors.push(ModelError::NotANumber {
                spot: (self.spot)(column),
                text: text.to_string(),
            });
        }
        number
    }

    fn word<T: Copy>(
        &self,
        column: &str,
        words: &[(&'static str, T)],
        errors: &mut Vec<ModelError>,
    ) -> Option<T> {
        let text = (self.cell)(column)?;
        let found = words
            .iter()
            .find(|(word, _)| *word == text)
            .map(|(_, value)| *value);
        if found.is_none() {
            errors.push(ModelError::UnknownWord {
                spot: (self.spot)(column),
                text,
                words: words.iter().map(|(word, _)| *word).collect(),
            });
        }
        found
    }

    /// The numbers of a prior that can be.
    fn prior(&self, id: &str, errors: &mut Vec<ModelError>) -> Vec<f64> {
        let text = (self.cell)("priorParameters");
        let texts: Vec<&str> = text.iter().flat_map(|text| text.split(';')).collect();
        let parameters: Vec<f64> = texts
            .iter()
            .filter_map(|text| self.parse("priorParameters", text, errors))
            .collect();
        match (self.cell)("priorDistribution") {
            Some(distribution) if parameters.len() == texts.len() => {
                if let Err(problem) = Prior::named(&distribution, &parameters) {
                    let hint = match problem {
                        PriorNameError::Unknown => did_you_mean(&distribution, Prior::NAMES),
                        _ => String::new(),
                    };
                    errors.push(ModelError::Prior {
                        spot: (self.spot)("priorDistribution"),
                        id: id.to_string(),
                        distribution,
                        problem: format!("{problem}{hint}"),
                    });
                }
            }
            None if !texts.is_empty() => errors.push(ModelError::Table {
                spot: (self.spot)("priorDistribution"),
                message: format!("`{id}` has prior parameters and no distribution"),
            }),
            _ => {}
        }
        parameters
    }
}

const SCALES: [(&str, SearchScale); 4] = [
    ("linear", SearchScale::Linear),
    ("log", SearchScale::Log),
    ("log10", SearchScale::Log10),
    ("logit", SearchScale::Logit),
];

/// Gives the rows' numbers to the network; a row that neither the model file nor a mechanism declares declares a parameter.
///
/// Values and bounds are converted to the unit that the model declares. Rows of a base for what is gone are left out.
pub(super) fn apply(
    rows: &mut Vec<LocatedRow>,
    document: &mut Document,
    errors: &mut Vec<ModelError>,
) {
    let network = &document.network;
    rows.retain(|LocatedRow { row, inherited, .. }| {
        !inherited
            || match network.kind_of(&row.id) {
                Some(kind) => kind == ElementKind::Parameter,
                None => network.graph().lookup(&row.id).is_some(),
            }
    });
    let without_row: Vec<String> = (document.network.all_parameters().iter())
        .filter(|(id, p)| p.value.is_none() && !rows.iter().any(|row| row.row.id == *id))
        .map(|(id, _)| id.clone())
        .collect();
    for LocatedRow { row, spot, .. } in &*rows {
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
                    let mut spot = spot.clone();
                    spot.column = Some("unit".to_string());
                    let (id, expected) = (row.id.clone(), expected.clone());
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
