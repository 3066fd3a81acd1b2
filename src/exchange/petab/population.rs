//! Tables of the extension about individuals: who has which experiments, what varies between them, and what covariates do.
//!
//! Read here are the rows; what they mean together with the parameter table and the cohort is built in [`super::individuals`].
use super::{
    error::PetabErrorKind,
    rows::Origin,
    sheet::{Findings, Sheet},
    yaml::ProblemFiles,
};
use crate::population::{Individual, Level, PopulationProblem, Transform};
use std::path::Path;

/// A number or an id of the parameter table.
pub use super::rows::Override as NumberOrParameter;

/// A row of the table of individuals.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct IndividualRow {
    /// `individualId`
    pub individual: String,
    /// `experimentId`
    pub experiment: String,
    /// `occasionId`
    pub occasion: Option<String>,
    /// `occasionStart`, in the unit of the model's time; None: from the start of the experiment
    pub occasion_start: Option<f64>,
    /// cells of the covariate columns, in the order of [`PopulationRows::covariates`]; None: empty
    pub covariates: Vec<Option<f64>>,
    /// where it stood
    pub origin: Origin,
}

impl IndividualRow {
    /// When the occasion begins; minus infinity: with the experiment.
    pub(super) fn start(&self) -> f64 {
        self.occasion_start.unwrap_or(f64::NEG_INFINITY)
    }
}

/// A row of the table of random effects.
#[derive(Clone, Debug, PartialEq)]
pub struct RandomEffectRow {
    /// `randomEffectId`
    pub id: String,
    /// `parameterId`
    pub parameter: String,
    /// `transformation`, with `transformationLower` and `transformationUpper`
    pub transform: Transform,
    /// `level`
    pub level: Level,
    /// `standardDeviation`
    pub standard_deviation: NumberOrParameter,
    /// where it stood
    pub origin: Origin,
}

/// A row of the table of correlations of random effects.
#[derive(Clone, Debug, PartialEq)]
pub struct CorrelationRow {
    /// `randomEffectId1`
    pub first: String,
    /// `randomEffectId2`
    pub second: String,
    /// `correlation`
    pub value: NumberOrParameter,
    /// where it stood
    pub origin: Origin,
}

/// A row of the table of covariate effects.
#[derive(Clone, Debug, PartialEq)]
pub struct CovariateEffectRow {
    /// `parameterId`
    pub parameter: String,
    /// `covariate`: a formula of the columns of the table of individuals
    pub covariate: String,
    /// `coefficient`
    pub coefficient: NumberOrParameter,
    /// `transformation`, where the row gives it
    pub transform: Option<Transform>,
    /// where it stood
    pub origin: Origin,
}

/// All tables about individuals.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PopulationRows {
    /// names of the covariate columns
    pub covariates: Vec<String>,
    /// table of individuals; without one each experiment is an individual
    pub individuals: Vec<IndividualRow>,
    /// table of random effects
    pub effects: Vec<RandomEffectRow>,
    /// table of their correlations
    pub correlations: Vec<CorrelationRow>,
    /// table of covariate effects
    pub covariate_effects: Vec<CovariateEffectRow>,
}

impl PopulationRows {
    /// Whether parameters differ between individuals.
    pub fn is_mixed(&self) -> bool {
        !self.effects.is_empty() || !self.covariate_effects.is_empty()
    }

    /// The covariate columns of the table of individuals: (name, one number an individual of `population`, in their order); NaN where
    /// a cell is empty.
    pub fn covariates_of(&self, population: &PopulationProblem) -> Vec<(String, Vec<f64>)> {
        let value = |individual: &Individual, column: usize| {
            let own = self.individuals.iter();
            let mut own = own.filter(|row| row.individual == individual.id);
            own.find_map(|row| row.covariates[column])
                .unwrap_or(f64::NAN)
        };
        let columns = self.covariates.iter().enumerate();
        columns
            .map(|(column, name)| {
                let individuals = population.individuals.iter();
                (
                    name.clone(),
                    individuals.map(|i| value(i, column)).collect(),
                )
            })
            .collect()
    }
}

const INDIVIDUALS: [&str; 2] = ["individualId", "experimentId"];
/// Columns that are no covariates.
const OCCASIONS: [&str; 2] = ["occasionId", "occasionStart"];
const TRANSFORMS: [&str; 4] = ["identity", "log", "logit", "probit"];
const LEVELS: [&str; 2] = ["individual", "occasion"];

/// Reads them; faults are noted and their rows left out.
pub(super) fn tables(files: &ProblemFiles, findings: &mut Findings) -> PopulationRows {
    let mut rows = PopulationRows::default();
    for file in &files.individuals {
        individuals(file, &mut rows, findings);
    }
    for file in &files.random_effects {
        effects(file, &mut rows.effects, findings);
    }
    for file in &files.correlations {
        correlations(file, &mut rows.correlations, findings);
    }
    for file in &files.covariate_effects {
        covariate_effects(file, &mut rows.covariate_effects, findings);
    }
    rows
}

fn individuals(file: &Path, rows: &mut PopulationRows, findings: &mut Findings) {
    let Some(sheet) = Sheet::read_wide(file, &INDIVIDUALS, findings) else {
        return;
    };
    let columns: Vec<String> = sheet.columns().map(str::to_owned).collect();
    for column in &columns {
        let known = INDIVIDUALS.contains(&column.as_str()) || OCCASIONS.contains(&column.as_str());
        if !known && !rows.covariates.contains(column) {
            if sheet.len() > 0 && !sheet.check_id(0, column, column, findings) {
                continue;
            }
            rows.covariates.push(column.clone());
            for row in &mut rows.individuals {
                row.covariates.push(None);
            }
        }
    }
    for row in 0..sheet.len() {
        let individual = sheet.id(row, "individualId", findings);
        let experiment = sheet.id(row, "experimentId", findings);
        let occasion = sheet.optional_id(row, "occasionId", findings);
        let start = match sheet.text(row, "occasionStart") {
            None => Some(None),
            Some(_) => sheet.finite(row, "occasionStart", findings).map(Some),
        };
        let covariates: Option<Vec<Option<f64>>> = rows
            .covariates
            .iter()
            .map(|column| match sheet.text(row, column) {
                None => Some(None),
                Some(_) => sheet.finite(row, column, findings).map(Some),
            })
            .collect();
        let (
            Some(individual),
            Some(experiment),
            Some(occasion),
            Some(occasion_start),
            Some(covariates),
        ) = (individual, experiment, occasion, start, covariates)
        else {
            findings.left_out(&sheet, row, &INDIVIDUALS);
            continue;
        };
        let same =
            |r: &&IndividualRow| r.experiment == experiment && r.occasion_start == occasion_start;
        if let Some(first) = rows.individuals.iter().find(same) {
            let what = match occasion_start {
                None => format!("the experiment `{experiment}`"),
                Some(time) => format!("the experiment `{experiment}` from {time} on"),
            };
            findings.duplicate(sheet.place(row, "experimentId"), what, &first.origin);
            continue;
        }
        rows.individuals.push(IndividualRow {
            individual,
            experiment,
            occasion,
            occasion_start,
            covariates,
            origin: sheet.origin(row),
        });
    }
}

/// A cell that is a number or an id.
fn number_or_parameter(
    sheet: &Sheet,
    row: usize,
    column: &str,
    findings: &mut Findings,
) -> Option<NumberOrParameter> {
    let text = sheet.required(row, column, findings)?;
    if super::sheet::is_id(&text) {
        return sheet
            .check_id(row, column, &text, findings)
            .then_some(NumberOrParameter::Parameter(text));
    }
    sheet
        .finite(row, column, findings)
        .map(NumberOrParameter::Number)
}

/// The transform of a row; the outer None is an error, the inner one an empty cell.
fn transform(sheet: &Sheet, row: usize, findings: &mut Findings) -> Option<Option<Transform>> {
    let word = sheet.word(row, "transformation", &TRANSFORMS, findings)?;
    let mut end = |column: &str, default: f64| match sheet.text(row, column) {
        None => Some(default),
        Some(_) => sheet.finite(row, column, findings),
    };
    let (lower, upper) = (
        end("transformationLower", 0.0)?,
        end("transformationUpper", 1.0)?,
    );
    let bounded = matches!(word, Some("logit" | "probit"));
    if bounded && lower >= upper {
        let kind = PetabErrorKind::Bounds { lower, upper };
        findings.error(sheet.place(row, "transformationLower"), kind);
        return None;
    }
    Some(word.map(|word| match word {
        "log" => Transform::Log,
        "logit" => Transform::Logit { lower, upper },
        "probit" => Transform::Probit { lower, upper },
        _ => Transform::Identity,
    }))
}

fn effects(file: &Path, rows: &mut Vec<RandomEffectRow>, findings: &mut Findings) {
    let required = [
        "randomEffectId",
        "parameterId",
        "transformation",
        "standardDeviation",
    ];
    let optional = ["level", "transformationLower", "transformationUpper"];
    let Some(sheet) = Sheet::read(file, &required, &optional, findings) else {
        return;
    };
    for row in 0..sheet.len() {
        let id = sheet.id(row, "randomEffectId", findings);
        let parameter = sheet.id(row, "parameterId", findings);
        let transform = transform(&sheet, row, findings);
        let level = sheet.word(row, "level", &LEVELS, findings);
        let deviation = number_or_parameter(&sheet, row, "standardDeviation", findings);
        if transform == Some(None) {
            sheet.missing(row, "transformation", findings);
        }
        let (Some(id), Some(parameter), Some(Some(transform)), Some(level), Some(deviation)) =
            (id, parameter, transform, level, deviation)
        else {
            findings.left_out(&sheet, row, &["randomEffectId"]);
            continue;
        };
        if let Some(first) = rows.iter().find(|r| r.id == id) {
            let what = format!("the random effect `{id}`");
            findings.duplicate(sheet.place(row, "randomEffectId"), what, &first.origin);
            continue;
        }
        rows.push(RandomEffectRow {
            id,
            parameter,
            transform,
            level: match level {
                Some("occasion") => Level::Occasion,
                _ => Level::Individual,
            },
            standard_deviation: deviation,
            origin: sheet.origin(row),
        });
    }
}

fn correlations(file: &Path, rows: &mut Vec<CorrelationRow>, findings: &mut Findings) {
    let required = ["randomEffectId1", "randomEffectId2", "correlation"];
    let Some(sheet) = Sheet::read(file, &required, &[], findings) else {
        return;
    };
    for row in 0..sheet.len() {
        let first = sheet.id(row, "randomEffectId1", findings);
        let second = sheet.id(row, "randomEffectId2", findings);
        let value = number_or_parameter(&sheet, row, "correlation", findings);
        let (Some(first), Some(second), Some(value)) = (first, second, value) else {
            findings.left_out(&sheet, row, &["randomEffectId1", "randomEffectId2"]);
            continue;
        };
        rows.push(CorrelationRow {
            first,
            second,
            value,
            origin: sheet.origin(row),
        });
    }
}

fn covariate_effects(file: &Path, rows: &mut Vec<CovariateEffectRow>, findings: &mut Findings) {
    let required = ["parameterId", "covariate", "coefficient"];
    let optional = [
        "transformation",
        "transformationLower",
        "transformationUpper",
    ];
    let Some(sheet) = Sheet::read(file, &required, &optional, findings) else {
        return;
    };
    for row in 0..sheet.len() {
        let parameter = sheet.id(row, "parameterId", findings);
        let covariate = sheet.required(row, "covariate", findings);
        let coefficient = number_or_parameter(&sheet, row, "coefficient", findings);
        let transform = transform(&sheet, row, findings);
        let (Some(parameter), Some(covariate), Some(coefficient), Some(transform)) =
            (parameter, covariate, coefficient, transform)
        else {
            findings.left_out(&sheet, row, &["parameterId"]);
            continue;
        };
        let same = |r: &&CovariateEffectRow| r.parameter == parameter && r.covariate == covariate;
        if let Some(first) = rows.iter().find(same) {
            let what = format!("the effect of `{covariate}` on `{parameter}`");
            findings.duplicate(sheet.place(row, "covariate"), what, &first.origin);
            continue;
        }
        rows.push(CovariateEffectRow {
            parameter,
            covariate,
            coefficient,
            transform,
            origin: sheet.origin(row),
        });
    }
}
