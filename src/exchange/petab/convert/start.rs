//! Values at the start of an experiment: the standard lets them depend on rows of the parameter table only.
//!
//! What else a value depends on has a number there, if it is a parameter of the model or a state with a number as its start value.
use super::{
    error::{ConvertErrorKind, Notes},
    formulas::replaced,
};
use crate::exchange::petab::{
    changes::aliases,
    rows::{ConditionRow, PetabModel, PetabProblem},
};
use std::collections::{HashMap, HashSet};

/// Puts numbers in the place of what is not in the parameter table. A condition that also stands later in an experiment stays, and the
/// start gets a condition of its own.
pub(super) fn of_parameters(problem: &mut PetabProblem, notes: &mut Notes) {
    let aliases: HashMap<String, String> = (aliases(&problem.mappings).into_iter())
        .map(|(name, id)| (name.to_owned(), id))
        .collect();
    let mut first: HashMap<String, f64> = HashMap::new();
    for row in &problem.experiments {
        let time = first.entry(row.experiment.clone()).or_insert(row.time);
        *time = time.min(row.time);
    }
    let is_first = |experiment: &str, time: f64| first.get(experiment) == Some(&time);
    // conditions at starts, with the models that they are applied to
    let mut starts: HashMap<String, HashSet<usize>> = HashMap::new();
    let mut later: HashSet<String> = HashSet::new();
    let subjects = problem.subjects();
    for row in &problem.experiments {
        let Some(condition) = &row.condition else {
            continue;
        };
        if !is_first(&row.experiment, row.time) {
            later.insert(condition.clone());
            continue;
        }
        let measured = (subjects.iter())
            .filter(|(_, id)| id.as_deref() == Some(&row.experiment))
            .map(|(model, _)| *model);
        starts
            .entry(condition.clone())
            .or_default()
            .extend(measured);
    }
    let mut renamed: HashMap<String, String> = HashMap::new();
    let mut added: Vec<ConditionRow> = Vec::new();
    let mut changed: Vec<(usize, String)> = Vec::new();
    for (position, row) in problem.conditions.iter().enumerate() {
        let Some(models) = starts.get(&row.condition) else {
            continue;
        };
        let models: Vec<&PetabModel> = models.iter().map(|m| &problem.models[*m]).collect();
        let place = row.origin.place("conditions.tsv", "targetValue");
        let mut refused: Vec<(String, &'static str)> = Vec::new();
        let value = replaced(&row.value, &place, notes, |graph, name| {
            if problem.parameters.index_of(name).is_some() {
                return None;
            }
            let id = aliases.get(name).map_or(name, String::as_str);
            let numbers: Vec<Option<f64>> = models.iter().map(|m| number(m, id)).collect();
            match numbers.as_slice() {
                // measured nowhere: it says nothing
                [] => None,
                [Some(first), rest @ ..] if rest.iter().all(|other| other == &Some(*first)) => {
                    Some(graph.number(*first))
                }
                [Some(_), ..] => {
                    refused.push((name.to_owned(), "which has another value in another model"));
                    None
                }
                _ => {
                    refused.push((name.to_owned(), "which a formula determines there"));
                    None
                }
            }
        });
        if notes.format.is_plain() {
            for (id, why) in refused {
                let format = notes.format;
                notes.error(
                    place.clone(),
                    ConvertErrorKind::StartValue { id, why, format },
                );
            }
        }
        if value != row.value {
            changed.push((position, value));
        }
    }
    for (position, value) in changed {
        let condition = problem.conditions[position].condition.clone();
        if later.contains(&condition) {
            renamed.entry(condition.clone()).or_insert_with(|| {
                let name = fresh(problem, &format!("{condition}_start"));
                let rows = problem
                    .conditions
                    .iter()
                    .filter(|r| r.condition == condition);
                added.extend(rows.cloned().map(|row| ConditionRow {
                    condition: name.clone(),
                    ..row
                }));
                name
            });
            let target = &problem.conditions[position].target;
            let copy = added
                .iter_mut()
                .find(|row| row.condition == renamed[&condition] && row.target == *target);
            if let Some(copy) = copy {
                copy.value = value;
            }
        } else {
            problem.conditions[position].value = value;
        }
    }
    problem.conditions.extend(added);
    for row in &mut problem.experiments {
        if let Some(condition) = &mut row.condition
            && first.get(&row.experiment) == Some(&row.time)
            && let Some(name) = renamed.get(condition)
        {
            condition.clone_from(name);
        }
    }
}

/// The number that a parameter has in the model, or a state at its start.
pub(super) fn number(model: &PetabModel, id: &str) -> Option<f64> {
    let system = &model.system;
    let register = system.parameter_index(id);
    let register = register.or_else(|| system.parameter_index(&format!("initial({id})")));
    register.map(|register| system.parameters()[register])
}

/// An id for a condition that no condition has.
pub(super) fn fresh(problem: &PetabProblem, wanted: &str) -> String {
    let taken = |id: &str| problem.conditions.iter().any(|row| row.condition == id);
    let mut id = wanted.to_owned();
    let mut number = 1;
    while taken(&id) {
        number += 1;
        id = format!("{wanted}_{number}");
    }
    id
}
