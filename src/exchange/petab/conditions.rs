//! Conditions as a whole: those that no measured experiment applies must be sound too, and what the standard forbids is told.
use super::{
    changes::aliases,
    error::{PetabErrorKind, PetabWarning, PetabWarningKind},
    formula::Values,
    periods::{check_ids, refusal},
    read::Rows,
    rows::{ConditionRow, ExperimentRow, PetabModel, PetabProblem, PetabVersion},
    sheet::Findings,
};
use crate::expr::{Graph, suggest};
use std::collections::HashSet;

/// Checks what no subject of the model meets. Of several models each may know its own part of a condition only.
pub(super) fn check(problem: &PetabProblem, values: &mut Values, findings: &mut Findings) {
    let single = problem.models.len() == 1;
    let met = met(problem);
    for row in &problem.conditions {
        if met.contains(row.condition.as_str()) {
            continue;
        }
        if single {
            if let Some(kind) = refusal(&row.target, values, findings) {
                findings.error(row.origin.place("conditions.tsv", "targetId"), kind);
            }
            check_ids(row, values, findings);
        } else {
            use_parameters(row, values);
        }
    }
    let mut begun: HashSet<&str> = HashSet::new();
    for group in periods(problem) {
        if !begun.insert(&group[0].experiment) {
            continue;
        }
        let ids: Vec<&String> = group
            .iter()
            .filter_map(|row| row.condition.as_ref())
            .collect();
        for row in problem
            .conditions
            .iter()
            .filter(|row| ids.contains(&&row.condition))
        {
            check_first(row, problem, values, findings);
        }
    }
}

/// Targets that nothing gives a value must be there all the same, in one model or another.
pub(super) fn check_unset(rows: &Rows, models: &[PetabModel], findings: &mut Findings) {
    let aliases = aliases(&rows.mappings);
    for (target, place) in &rows.unset {
        let id = aliases.get(target.as_str()).unwrap_or(target);
        if models.iter().any(|model| model.entities.contains_key(id)) {
            continue;
        }
        let ids = models.iter().flat_map(|model| model.entities.keys());
        let kind = PetabErrorKind::UnknownId {
            what: "target",
            id: target.clone(),
            near: suggest(target, ids.map(String::as_str)),
        };
        findings.error(place.clone(), kind);
    }
}

/// Conditions of experiments with measurements.
fn met(problem: &PetabProblem) -> HashSet<&str> {
    let measured: HashSet<&str> = (problem.measurements.iter())
        .filter_map(|row| row.experiment.as_deref())
        .collect();
    (problem.experiments.iter())
        .filter(|row| measured.contains(row.experiment.as_str()))
        .filter_map(|row| row.condition.as_deref())
        .collect()
}

/// The rows that a condition needs are in use, whether or not it is applied.
fn use_parameters(row: &ConditionRow, values: &mut Values) {
    let Ok(expression) = values.graph.parse(&row.value) else {
        return;
    };
    for symbol in values.graph.symbols_of(expression) {
        if let Some(parameter) = values.row(values.graph.name(symbol)) {
            values.used.insert(parameter);
        }
    }
}

/// The standard lets values of a first period name rows of the parameter table and time only.
fn check_first(
    row: &ConditionRow,
    problem: &PetabProblem,
    values: &Values,
    findings: &mut Findings,
) {
    if problem.version == PetabVersion::V1 {
        return;
    }
    let mut graph = Graph::new();
    let Ok(expression) = graph.parse(&row.value) else {
        return;
    };
    for symbol in graph.symbols_of(expression) {
        let name = graph.name(symbol);
        if values.row(name).is_some() || !values.is_model_id(values.name(name)) {
            continue;
        }
        let what = format!(
            "by the standard a value of a first period may name rows of the parameter table and `time` only, not `{name}`"
        );
        let place = row.origin.place("conditions.tsv", "targetValue");
        let kind = PetabWarningKind::NotStandard { what };
        findings.warnings.push(PetabWarning { place, kind });
    }
}

/// The rows of each period, experiment by experiment in the order of time.
fn periods(problem: &PetabProblem) -> Vec<Vec<&ExperimentRow>> {
    let mut sorted: Vec<&ExperimentRow> = problem.experiments.iter().collect();
    sorted.sort_by(|a, b| {
        a.experiment
            .cmp(&b.experiment)
            .then(a.time.total_cmp(&b.time))
    });
    let together =
        |a: &&ExperimentRow, b: &&ExperimentRow| a.experiment == b.experiment && a.time == b.time;
    sorted.chunk_by(together).map(<[_]>::to_vec).collect()
}

/// Conditions that start together: none of them empty, no target twice.
pub(super) fn check_periods(problem: &PetabProblem, findings: &mut Findings) {
    let measured: HashSet<&str> = (problem.measurements.iter())
        .filter_map(|row| row.experiment.as_deref())
        .collect();
    for group in periods(problem).into_iter().filter(|group| group.len() > 1) {
        if let Some(empty) = group.iter().find(|row| row.condition.is_none()) {
            let kind = PetabErrorKind::NoConditionBesideOthers {
                experiment: empty.experiment.clone(),
                time: empty.time,
            };
            findings.error(empty.origin.place("experiments.tsv", "conditionId"), kind);
        }
        // those of a measured experiment meet when its subject is built
        if measured.contains(group[0].experiment.as_str()) {
            continue;
        }
        let rows: Vec<&ConditionRow> = (group.iter())
            .filter_map(|row| row.condition.as_deref())
            .flat_map(|id| {
                problem
                    .conditions
                    .iter()
                    .filter(move |row| row.condition == id)
            })
            .collect();
        for (i, row) in rows.iter().enumerate() {
            if let Some(first) = rows[..i].iter().find(|r| r.target == row.target) {
                twice(row, first, &group, findings);
            }
        }
    }
}

/// Notes that two conditions of one period set the same target.
pub(super) fn twice(
    row: &ConditionRow,
    first: &ConditionRow,
    period: &[&ExperimentRow],
    findings: &mut Findings,
) {
    let second = period
        .iter()
        .find(|r| r.condition.as_ref() == Some(&row.condition));
    let origin = second.map(|r| r.origin.clone()).unwrap_or_default();
    let kind = PetabErrorKind::SetTwice {
        target: row.target.clone(),
        first: first.condition.clone(),
        second: row.condition.clone(),
    };
    findings.error(origin.place("experiments.tsv", "time"), kind);
}
