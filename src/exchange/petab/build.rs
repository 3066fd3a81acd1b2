//! From rows to a [`FitProblem`]: the tables meet the model, and each other.
use super::{
    degrees_of_freedom,
    error::{PetabError, PetabErrorKind},
    formula::Values,
    groups, observation, references,
    rows::{Origin, PetabProblem},
    sheet::Findings,
    subjects::{self, Tables},
    units,
};
use crate::{
    cohort::{Cohort, CohortModel},
    compile::{Formulas, System},
    exchange::tables::Place,
    expr::suggest,
    fit::{FitProblem, ParameterTable},
};
use std::sync::Arc;

impl PetabProblem {
    /// The problem as `fit` takes it. A problem that came from [`super::read`] and was not changed has no errors.
    ///
    /// A row of the parameter table in another unit than the model's is converted on its way into the model; estimates stay
    /// in the unit of the table.
    pub fn fit_problem(&self) -> Result<FitProblem, Vec<PetabError>> {
        let mut findings = Findings::default();
        let problem = build(self, &mut findings);
        match problem {
            Some(problem) if findings.errors.is_empty() => Ok(problem),
            _ => Err(findings.errors),
        }
    }
}

/// Checks everything across tables and builds; faults are noted.
pub(super) fn build(problem: &PetabProblem, findings: &mut Findings) -> Option<FitProblem> {
    let system: &System = &problem.system;
    let table = &problem.parameters;
    let before = findings.errors.len();
    let tables = Tables {
        observables: &problem.observables,
        conditions: &problem.conditions,
        experiments: &problem.experiments,
        measurements: &problem.measurements,
        inputs: &problem.inputs,
        doses: &problem.doses,
    };
    if problem.measurements.is_empty() && findings.broken.is_empty() {
        let place = problem
            .measurement_file
            .clone()
            .map_or_else(|| Place::file("measurements.tsv"), Place::file);
        findings.error(place, PetabErrorKind::EmptyCohort);
    }
    let factors = factors(system, table, &problem.parameter_origins, findings);
    let mut values = Values::new(system, table, factors);
    let mut shared = Vec::new();
    for (row, parameter) in table.rows.iter().enumerate() {
        if let Some(register) = system.parameter_index(&parameter.id) {
            let expression = values.row_expression(row, &parameter.id);
            shared.push((register, values.source(expression)));
        } else if values.is_model_id(&parameter.id) {
            let reason =
                "the parameter table holds parameters; a condition sets the start of a state";
            let place = origin(problem, row).place("parameters.tsv", "parameterId");
            findings.error(
                place,
                PetabErrorKind::Target {
                    id: parameter.id.clone(),
                    reason,
                },
            );
            values.used.insert(row);
        }
    }
    references::check(&tables, findings);
    groups::check(&problem.observables, findings);
    degrees_of_freedom::check(problem, &mut values, findings);
    let observation = observation::build(&problem.observables, &mut values, findings);
    let subjects: Vec<_> = problem
        .experiment_ids()
        .iter()
        .map(|id| {
            subjects::subject(
                id.as_deref(),
                &tables,
                observation.as_ref(),
                &shared,
                &mut values,
                findings,
            )
        })
        .collect();
    if findings.broken.is_empty() && observation.is_some() {
        for (row, parameter) in table
            .rows
            .iter()
            .enumerate()
            .filter(|(row, _)| !values.used.contains(row))
        {
            let near = suggest(
                &parameter.id,
                system.parameter_ids().iter().map(String::as_str),
            );
            let place = origin(problem, row).place("parameters.tsv", "parameterId");
            findings.error(
                place,
                PetabErrorKind::UnusedParameter {
                    id: parameter.id.clone(),
                    near,
                },
            );
        }
    }
    if findings.errors.len() > before {
        return None;
    }
    let observation = observation?;
    let ids: Vec<String> = table.rows.iter().map(|p| p.id.clone()).collect();
    let formulas = if values.formulas.is_empty() {
        None
    } else {
        match Formulas::compile(&values.formulas, &ids) {
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
    let cohort = Cohort {
        models: vec![CohortModel::new(
            Arc::clone(&problem.system),
            observation.outputs,
        )],
        endpoints: observation.endpoints,
        formulas,
        subjects,
    };
    let mut parameters = table.clone();
    for parameter in &mut parameters.rows {
        if parameter.unit.is_none() {
            parameter.unit = system.unit_of(&parameter.id).map(str::to_owned);
        }
    }
    Some(FitProblem { cohort, parameters })
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
