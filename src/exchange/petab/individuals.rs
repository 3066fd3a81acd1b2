//! From the tables about individuals to a [`PopulationProblem`].
//!
//! A parameter that differs between occasions gets a row of its own for every occasion (`CL__morning`), which the experiments of
//! that occasion, or the parts of experiments, read in place of the common one; the row is filled for each individual and never
//! estimated itself.
mod covariates;
pub(super) mod occasions;
mod within;

use super::{
    build,
    error::{PetabError, PetabErrorKind},
    findings::Findings,
    population::{NumberOrParameter, PopulationRows},
    repeats,
    rows::PetabProblem,
};
use crate::{
    expr::suggest,
    fit::{FitProblem, ParameterTable},
    population::{
        Coefficient, Correlation, CovariateEffect, Individual, Level, PopulationFault,
        PopulationProblem, RandomEffect, Transform,
    },
};
use covariates::covariate_values;
use occasions::{Timeline, split};
use std::collections::{BTreeMap, HashMap, HashSet};

/// What a parameter's individual values are made of.
struct Varying {
    row: usize,
    transform: Transform,
    between_occasions: bool,
}

impl PetabProblem {
    /// Whether parameters differ between individuals.
    pub fn is_mixed(&self) -> bool {
        self.population.is_mixed()
    }

    /// The problem as `population` takes it; without random effects every experiment has the common parameters.
    ///
    /// # Errors
    /// all faults of the tables. A problem that came from [`super::read`] and was not changed has none.
    pub fn population_problem(&self) -> Result<PopulationProblem, Vec<PetabError>> {
        let mut findings = Findings::default();
        let built = build::with_formulas(self, &mut findings);
        let problem = built.and_then(|(fit, texts)| population(self, fit, &texts, &mut findings));
        match problem {
            Some(problem) if findings.errors.is_empty() => Ok(problem),
            _ => {
                repeats::join(&mut findings);
                Err(findings.errors)
            }
        }
    }
}

/// Rows of the parameter table that the tables about individuals name; unknown ids are noted.
pub(super) fn used(problem: &PetabProblem, findings: &mut Findings) -> HashSet<usize> {
    let mut used = HashSet::new();
    let rows = &problem.population;
    let mut name = |id: &str, place, findings: &mut Findings| match problem.parameters.index_of(id)
    {
        Some(row) => {
            used.insert(row);
        }
        None if findings.broken.contains(id) => {}
        None => {
            let ids = problem.parameters.rows.iter().map(|r| r.id.as_str());
            let kind = PetabErrorKind::UnknownId {
                what: "parameter",
                id: id.to_owned(),
                near: suggest(id, ids),
            };
            findings.error(place, kind);
        }
    };
    let mut value = |value: &NumberOrParameter, place, findings: &mut Findings| {
        if let NumberOrParameter::Parameter(id) = value {
            name(id, place, findings);
        }
    };
    for row in &rows.effects {
        let place = row.origin.place("random_effects.tsv", "standardDeviation");
        value(&row.standard_deviation, place, findings);
    }
    for row in &rows.correlations {
        let place = row
            .origin
            .place("random_effect_correlations.tsv", "correlation");
        value(&row.value, place, findings);
    }
    for row in &rows.covariate_effects {
        let place = row.origin.place("covariate_effects.tsv", "coefficient");
        value(&row.coefficient, place, findings);
    }
    for row in &rows.effects {
        let place = row.origin.place("random_effects.tsv", "parameterId");
        name(&row.parameter, place, findings);
    }
    for row in &rows.covariate_effects {
        let place = row.origin.place("covariate_effects.tsv", "parameterId");
        name(&row.parameter, place, findings);
    }
    used
}

/// Builds and checks; faults are noted.
pub(super) fn population(
    problem: &PetabProblem,
    fit: FitProblem,
    texts: &[String],
    findings: &mut Findings,
) -> Option<PopulationProblem> {
    let rows = &problem.population;
    let before = findings.errors.len();
    let (individuals, occasions, tabled) = individuals(problem, findings);
    let varying = varying(rows, &fit.parameters, &occasions, findings);
    let covariates = covariate_values(rows, &individuals, &tabled, findings);
    let row_of = |id: &str| fit.parameters.index_of(id);
    let coefficient = |value: &NumberOrParameter| match value {
        NumberOrParameter::Number(number) => Some(Coefficient::Constant(*number)),
        NumberOrParameter::Parameter(id) => row_of(id).map(Coefficient::Row),
    };
    let mut effects = Vec::new();
    for row in &rows.effects {
        effects.push(RandomEffect {
            id: row.id.clone(),
            typical: row_of(&row.parameter)?,
            level: row.level,
            standard_deviation: coefficient(&row.standard_deviation)?,
        });
    }
    let mut correlations = Vec::new();
    for row in &rows.correlations {
        let mut effect = |id: &String, column: &str| {
            let found = rows.effects.iter().position(|e| e.id == *id);
            if found.is_none() {
                let kind = PetabErrorKind::UnknownId {
                    what: "random effect",
                    id: id.clone(),
                    near: suggest(id, rows.effects.iter().map(|e| e.id.as_str())),
                };
                let place = row.origin.place("random_effect_correlations.tsv", column);
                findings.error(place, kind);
            }
            found
        };
        let (first, second) = (
            effect(&row.first, "randomEffectId1"),
            effect(&row.second, "randomEffectId2"),
        );
        if let (Some(first), Some(second), Some(value)) = (first, second, coefficient(&row.value)) {
            correlations.push(Correlation {
                first,
                second,
                value,
            });
        }
    }
    let mut covariate_effects = Vec::new();
    for (row, values) in rows.covariate_effects.iter().zip(covariates) {
        covariate_effects.push(CovariateEffect {
            typical: row_of(&row.parameter)?,
            covariate: row.covariate.clone(),
            coefficient: coefficient(&row.coefficient)?,
            values,
        });
    }
    if findings.errors.len() > before {
        return None;
    }
    let names: Vec<&String> = occasions.iter().collect();
    let (fit, parameters) = split(fit, texts, &varying, &names, &individuals, findings)?;
    let population = PopulationProblem {
        problem: fit,
        parameters,
        effects,
        correlations,
        covariate_effects,
        individuals: individuals.into_iter().map(|(own, _)| own).collect(),
    };
    if let Err(error) = population.check() {
        let place = |fault: &PopulationFault| place_of(rows, fault);
        match error {
            crate::population::PopulationError::Model { faults } => {
                for fault in faults {
                    findings.error(place(&fault), PetabErrorKind::Population { fault });
                }
            }
            // cohort and table were checked when they were built
            other => findings.error(
                crate::exchange::tables::Place::file("parameters.tsv"),
                PetabErrorKind::Model {
                    message: other.to_string(),
                },
            ),
        }
        return None;
    }
    Some(population)
}

/// Where the row stands that a fault is about.
fn place_of(rows: &PopulationRows, fault: &PopulationFault) -> crate::exchange::tables::Place {
    let effect = |id: &str| rows.effects.iter().find(|r| r.id == id);
    let found = match fault {
        PopulationFault::StandardDeviation { effect: id, .. } => {
            effect(id).map(|r| r.origin.place("random_effects.tsv", "standardDeviation"))
        }
        PopulationFault::Correlation { first, second, .. } => rows
            .correlations
            .iter()
            .rev()
            .find(|r| r.first == *first && r.second == *second)
            .map(|r| {
                r.origin
                    .place("random_effect_correlations.tsv", "randomEffectId2")
            }),
        PopulationFault::NotPositiveDefinite { .. } => rows
            .correlations
            .first()
            .map(|r| r.origin.table("random_effect_correlations.tsv")),
        PopulationFault::StartsAtZero { effect: id } => {
            effect(id).map(|r| r.origin.place("random_effects.tsv", "standardDeviation"))
        }
        PopulationFault::SameParameter { second: id, .. } => {
            effect(id).map(|r| r.origin.place("random_effects.tsv", "parameterId"))
        }
        PopulationFault::Covariate { covariate, .. } => rows
            .covariate_effects
            .iter()
            .find(|r| r.covariate == *covariate)
            .map(|r| r.origin.place("covariate_effects.tsv", "covariate")),
        PopulationFault::Domain { parameter, .. } => rows
            .effects
            .iter()
            .find(|r| r.parameter == *parameter)
            .map(|r| r.origin.place("random_effects.tsv", "transformation")),
        _ => None,
    };
    found.unwrap_or_else(|| crate::exchange::tables::Place::file("random_effects.tsv"))
}

/// An individual and the occasions of each of its subjects.
type WithOccasions = (Individual, Vec<Timeline>);

/// Rows of the table of individuals about an experiment, in the order in which their occasions begin.
fn rows_of(problem: &PetabProblem, experiment: &Option<String>) -> Vec<usize> {
    let table = &problem.population.individuals;
    let mut own: Vec<usize> = (0..table.len())
        .filter(|&r| Some(&table[r].experiment) == experiment.as_ref())
        .collect();
    own.sort_by(|&a, &b| table[a].start().total_cmp(&table[b].start()));
    own
}

/// The names of all occasions in the order in which they are counted, and the occasions of every subject.
pub(super) fn timelines(problem: &PetabProblem) -> (Vec<String>, Vec<Timeline>) {
    let table = &problem.population.individuals;
    let mut names: Vec<String> = Vec::new();
    let mut all = Vec::new();
    for (_, experiment) in problem.subjects() {
        let own = rows_of(problem, &experiment);
        let mut timeline: Timeline = Vec::new();
        let first = own.first();
        if first.is_none_or(|&r| table[r].occasion_start.is_some()) {
            timeline.push((f64::NEG_INFINITY, None));
        }
        for row in own {
            let occasion = table[row].occasion.as_ref().map(|name| {
                let known = names.iter().position(|o| o == name);
                known.unwrap_or_else(|| {
                    names.push(name.clone());
                    names.len() - 1
                })
            });
            timeline.push((table[row].start(), occasion));
        }
        all.push(timeline);
    }
    (names, all)
}

/// The individuals in the order of their first measured experiment, the names of all occasions, and of every individual a row of
/// its table.
fn individuals(
    problem: &PetabProblem,
    findings: &mut Findings,
) -> (Vec<WithOccasions>, Vec<String>, Vec<Option<usize>>) {
    let table = &problem.population.individuals;
    let mut found: Vec<WithOccasions> = Vec::new();
    let (occasions, timelines) = timelines(problem);
    let mut tabled = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    let known: HashSet<&str> = problem
        .experiments
        .iter()
        .map(|r| r.experiment.as_str())
        .collect();
    for row in table {
        let measured = problem
            .measurements
            .iter()
            .any(|m| m.experiment.as_ref() == Some(&row.experiment));
        if !known.contains(row.experiment.as_str()) && !measured {
            let kind = PetabErrorKind::UnknownId {
                what: "experiment",
                id: row.experiment.clone(),
                near: suggest(&row.experiment, known.iter().copied()),
            };
            findings.error(row.origin.place("individuals.tsv", "experimentId"), kind);
        }
    }
    for (number, key) in problem.subjects().iter().enumerate() {
        let name = problem.name_of(key);
        let own = rows_of(problem, &key.1);
        let row = own.first().copied();
        if row.is_none() && !table.is_empty() {
            let place = table[0].origin.table("individuals.tsv");
            findings.error(
                place,
                PetabErrorKind::NoIndividual {
                    experiment: name.clone(),
                },
            );
            continue;
        }
        let id = row.map_or(name, |r| table[r].individual.clone());
        for &other in own.iter().filter(|&&r| table[r].individual != id) {
            let kind = PetabErrorKind::TwoIndividuals {
                experiment: table[other].experiment.clone(),
                individual: id.clone(),
            };
            let place = table[other].origin.place("individuals.tsv", "individualId");
            findings.error(place, kind);
        }
        let timeline = timelines[number].clone();
        let at = *places.entry(id.clone()).or_insert_with(|| {
            found.push((
                Individual {
                    id,
                    subjects: Vec::new(),
                    occasions: Vec::new(),
                },
                Vec::new(),
            ));
            tabled.push(row);
            found.len() - 1
        });
        let (individual, own) = &mut found[at];
        individual.subjects.push(number);
        individual
            .occasions
            .extend(timeline.iter().filter_map(|(_, occasion)| *occasion));
        individual.occasions.sort_unstable();
        individual.occasions.dedup();
        own.push(timeline);
    }
    (found, occasions, tabled)
}

/// The parameters that vary, with one transform each.
fn varying(
    rows: &PopulationRows,
    table: &ParameterTable,
    occasions: &[String],
    findings: &mut Findings,
) -> Vec<Varying> {
    let mut found: BTreeMap<usize, Varying> = BTreeMap::new();
    for row in &rows.effects {
        let Some(number) = table.index_of(&row.parameter) else {
            continue;
        };
        let between_occasions = row.level == Level::Occasion;
        if between_occasions && occasions.is_empty() {
            let place = row.origin.place("random_effects.tsv", "level");
            findings.error(
                place,
                PetabErrorKind::NoOccasions {
                    effect: row.id.clone(),
                },
            );
        }
        let entry = found.entry(number).or_insert(Varying {
            row: number,
            transform: row.transform,
            between_occasions: false,
        });
        entry.between_occasions |= between_occasions;
        if entry.transform != row.transform {
            let parameter = row.parameter.clone();
            let place = row.origin.place("random_effects.tsv", "transformation");
            findings.error(place, PetabErrorKind::Transformations { parameter });
        }
    }
    for row in &rows.covariate_effects {
        let Some(number) = table.index_of(&row.parameter) else {
            continue;
        };
        let place = row.origin.place("covariate_effects.tsv", "transformation");
        match (found.get(&number), row.transform) {
            (Some(known), Some(transform)) if known.transform != transform => {
                let parameter = row.parameter.clone();
                findings.error(place, PetabErrorKind::Transformations { parameter });
            }
            (Some(_), _) => {}
            (None, Some(transform)) => {
                found.insert(
                    number,
                    Varying {
                        row: number,
                        transform,
                        between_occasions: false,
                    },
                );
            }
            (None, None) => {
                let parameter = row.parameter.clone();
                findings.error(place, PetabErrorKind::NoTransformation { parameter });
            }
        }
    }
    found.into_values().collect()
}
