//! From rows to a [`FitProblem`]: the tables meet the model, and each other.
use super::{
    changes, conditions, degrees_of_freedom,
    error::{PetabError, PetabErrorKind, PetabWarning, PetabWarningKind},
    formula::Values,
    groups, individuals, mappings, observation, references, repeats,
    rows::{MeasurementRow, ObservableRow, Origin, PetabModel, PetabProblem},
    sheet::{Findings, is_id},
    subjects::{self, Tables},
    units,
};
use crate::{
    cohort::{Cohort, CohortModel, Endpoint, Subject},
    compile::{Formulas, System},
    exchange::tables::Place,
    expr::suggest,
    fit::{FitProblem, ParameterTable},
    network::ElementKind,
};
use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

impl PetabProblem {
    /// The problem as `fit` takes it. A problem that came from [`super::read`] and was not changed has no errors.
    ///
    /// A row of the parameter table in another unit than the model's is converted on its way into the model; estimates stay
    /// in the unit of the table.
    pub fn fit_problem(&self) -> Result<FitProblem, Vec<PetabError>> {
        let mut findings = Findings::default();
        let problem = with_formulas(self, &mut findings);
        match problem {
            Some((problem, _)) if findings.errors.is_empty() => Ok(problem),
            _ => {
                repeats::join(&mut findings);
                Err(findings.errors)
            }
        }
    }
}

/// Checks everything across tables and builds; faults are noted. With the problem come the texts of the cohort's formulas.
pub(super) fn with_formulas(
    problem: &PetabProblem,
    findings: &mut Findings,
) -> Option<(FitProblem, Vec<String>)> {
    let table = &problem.parameters;
    let before = findings.errors.len();
    if problem.measurements.is_empty() && findings.broken.is_empty() {
        let place = problem
            .measurement_file
            .clone()
            .map_or_else(|| Place::file("measurements.tsv"), Place::file);
        findings.error(place, PetabErrorKind::EmptyCohort);
    }
    references::check(problem, findings);
    conditions::check_periods(problem, findings);
    mappings::check(problem, findings);
    groups::check(&problem.observables, findings);
    let aliases: HashMap<&str, String> = changes::aliases(&problem.mappings);
    let subjects = problem.subjects();
    let mut whole = Whole::default();
    for (position, model) in problem.models.iter().enumerate() {
        let own = |(of, _): &&(usize, Option<String>)| *of == position;
        let ids: Vec<_> = subjects.iter().filter(own).collect();
        one_model(
            problem, model, position, &ids, &aliases, &mut whole, findings,
        );
    }
    whole.used.extend(individuals::used(problem, findings));
    // without measurements nothing is used, which was told above
    let complete = findings.broken.is_empty() && !whole.incomplete;
    if complete && !problem.measurements.is_empty() {
        for (row, parameter) in table.rows.iter().enumerate() {
            if whole.used.contains(&row) {
                continue;
            }
            let ids = (problem.models.iter())
                .flat_map(|model| model.system.parameter_ids())
                .map(String::as_str);
            let near = suggest(&parameter.id, ids.filter(|id| is_id(id)));
            let place = origin(problem, row).place("parameters.tsv", "parameterId");
            let id = parameter.id.clone();
            findings.error(place, PetabErrorKind::UnusedParameter { id, near });
        }
    }
    if findings.errors.len() > before || whole.incomplete {
        return None;
    }
    let name = |id: &String| aliases.get(id.as_str()).unwrap_or(id).clone();
    let ids: Vec<String> = table.rows.iter().map(|p| name(&p.id)).collect();
    let formulas = if whole.formulas.is_empty() {
        None
    } else {
        match Formulas::compile(&whole.formulas, &ids) {
            Ok(formulas) => Some(formulas),
            Err(error) => {
                findings.error(
                    Place::file("conditions.tsv"),
                    PetabErrorKind::Model {
                        message: error.to_string(),
                    },
                );
                return None;
            }
        }
    };
    let mut built: HashMap<(usize, Option<String>), Subject> = whole.subjects;
    let cohort = Cohort {
        models: whole.models,
        endpoints: whole.endpoints,
        formulas,
        subjects: subjects
            .iter()
            .filter_map(|key| built.remove(key))
            .collect(),
    };
    let mut parameters = table.clone();
    for parameter in &mut parameters.rows {
        if parameter.unit.is_none() {
            let id = name(&parameter.id);
            let unit = problem.models.iter().find_map(|m| m.system.unit_of(&id));
            parameter.unit = unit.map(str::to_owned);
        }
    }
    Some((FitProblem { cohort, parameters }, whole.formulas))
}

/// What the models give together.
#[derive(Default)]
struct Whole {
    models: Vec<CohortModel>,
    endpoints: Vec<Endpoint>,
    formulas: Vec<String>,
    subjects: HashMap<(usize, Option<String>), Subject>,
    /// rows of the parameter table that occur somewhere
    used: HashSet<usize>,
    /// an observation model could not be built
    incomplete: bool,
}

/// Builds the subjects `ids` of one model.
fn one_model(
    problem: &PetabProblem,
    model: &PetabModel,
    position: usize,
    ids: &[&(usize, Option<String>)],
    aliases: &HashMap<&str, String>,
    whole: &mut Whole,
    findings: &mut Findings,
) {
    let (system, table): (&System, _) = (&model.system, &problem.parameters);
    let factors = factors(system, table, &problem.parameter_origins, findings);
    let formulas = std::mem::take(&mut whole.formulas);
    let mut values = Values::new(system, table, factors, aliases, &model.entities, formulas);
    let mut shared = Vec::new();
    for (row, parameter) in table.rows.iter().enumerate() {
        let id = values.name(&parameter.id).to_owned();
        if let Some(register) = system.parameter_index(&id) {
            if values.is_compartment(&id) {
                let what = format!(
                    "by the standard the compartment `{}` is no row of a parameter table",
                    parameter.id
                );
                let place = origin(problem, row).place("parameters.tsv", "parameterId");
                let kind = PetabWarningKind::NotStandard { what };
                findings.warnings.push(PetabWarning { place, kind });
            }
            let expression = values.row_expression(row, &id);
            shared.push((register, values.source(expression)));
        } else if values.is_model_id(&id) {
            let reason = match values.kind_of(&id) {
                Some(ElementKind::Species) => {
                    "the parameter table holds parameters; a condition sets the start of a state"
                }
                _ => "the parameter table holds parameters; the model determines it",
            };
            let place = origin(problem, row).place("parameters.tsv", "parameterId");
            let id = parameter.id.clone();
            findings.error(place, PetabErrorKind::Target { id, reason });
            values.used.insert(row);
        }
    }
    let measured = |row: &&ObservableRow| {
        let on =
            |m: &MeasurementRow| m.observable == row.id && problem.model_of(m) == Some(position);
        problem.models.len() == 1 || problem.measurements.iter().any(on)
    };
    let observables: Vec<ObservableRow> = problem
        .observables
        .iter()
        .filter(measured)
        .cloned()
        .collect();
    references::check_names(problem, &observables, &values, findings);
    degrees_of_freedom::check(problem, &observables, &mut values, findings);
    let before = (findings.errors.len(), whole.endpoints.len());
    let observation = observation::build(&observables, position, &mut values, findings);
    let tables = Tables {
        problem,
        model,
        observables: &observables,
        first_endpoint: before.1,
    };
    for &key in ids {
        let subject = subjects::subject(
            key,
            &tables,
            observation.as_ref(),
            &shared,
            &mut values,
            findings,
        );
        whole.subjects.insert(key.clone(), subject);
    }
    conditions::check(problem, &mut values, findings);
    whole.used.extend(&values.used);
    whole.formulas = values.formulas;
    match observation {
        None => whole.incomplete = true,
        Some(observation) => {
            whole.endpoints.extend(observation.endpoints);
            whole.models.push(CohortModel {
                id: model.id.clone(),
                system: Arc::clone(&model.system),
                outputs: observation.outputs,
            });
        }
    }
}

fn origin(problem: &PetabProblem, row: usize) -> Origin {
    problem
        .parameter_origins
        .get(row)
        .cloned()
        .unwrap_or_default()
}

/// What turns each row's value into the unit of the model.
fn factors(
    system: &System,
    table: &ParameterTable,
    origins: &[Origin],
    findings: &mut Findings,
) -> Vec<f64> {
    let mut factors = Vec::with_capacity(table.rows.len());
    for (row, parameter) in table.rows.iter().enumerate() {
        let checked = match (&parameter.unit, system.unit_of(&parameter.id)) {
            (Some(unit), Some(model_unit)) => units::factor(unit, model_unit),
            (Some(unit), None) => units::check(unit).map(|()| 1.0),
            (None, _) => Ok(1.0),
        };
        factors.push(checked.unwrap_or_else(|message| {
            let place = origins
                .get(row)
                .cloned()
                .unwrap_or_default()
                .place("parameters.tsv", "unit");
            findings.error(place, PetabErrorKind::Unit { message });
            1.0
        }));
    }
    factors
}
