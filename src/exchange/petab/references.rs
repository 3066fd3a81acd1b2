//! Ids across tables: everything that a row names must exist, and everything that is defined is used.
use super::{
    error::{PetabErrorKind, PetabWarning, PetabWarningKind},
    formula::Values,
    rows::{ObservableRow, PetabProblem},
    sheet::Findings,
};
use crate::{expr::suggest, network::ElementKind};
use std::collections::HashSet;

/// Observables and placeholders must not take the ids of elements of the model or of parameters.
pub(super) fn check_names(
    problem: &PetabProblem,
    rows: &[ObservableRow],
    values: &Values,
    findings: &mut Findings,
) {
    for row in rows {
        let id = row.id.clone();
        let place = |column| row.origin.place("observables.tsv", column);
        let what = "an observable";
        if let Some(other) = of_model(&id, values) {
            let kind = PetabErrorKind::Shadows { id, what, other };
            findings.error(place("observableId"), kind);
        } else if values.row(&id).is_some() {
            let other = "a row of the parameter table";
            let kind = PetabErrorKind::Shadows { id, what, other };
            findings.error(place("observableId"), kind);
        }
        let (first, second) = (&row.placeholders, &row.noise_placeholders);
        let columns = std::iter::repeat_n("observablePlaceholders", first.len());
        let columns = columns.chain(std::iter::repeat("noisePlaceholders"));
        for (id, column) in first.iter().chain(second).zip(columns) {
            let id = id.clone();
            if let Some(other) = of_model(&id, values) {
                let what = "a placeholder";
                findings.error(place(column), PetabErrorKind::Shadows { id, what, other });
            } else if let Some(parameter) = values.row(&id) {
                let (what, other) = ("a row of the parameter table", "a placeholder");
                let origin = problem.parameter_origins.get(parameter).cloned();
                let place = origin
                    .unwrap_or_default()
                    .place("parameters.tsv", "parameterId");
                findings.error(place, PetabErrorKind::Shadows { id, what, other });
            }
        }
    }
}

/// What an id is in the model.
pub(super) fn of_model(id: &str, values: &Values) -> Option<&'static str> {
    match values.kind_of(id) {
        Some(ElementKind::Reaction) => Some("a reaction of the model"),
        Some(ElementKind::Function) => Some("a function of the model"),
        Some(_) => Some("a quantity of the model"),
        None => values.is_model_id(id).then_some("a quantity of the model"),
    }
}

/// Checks ids across tables: everything that a row names must exist.
pub(super) fn check(tables: &PetabProblem, findings: &mut Findings) {
    let experiments: HashSet<&str> = tables
        .experiments
        .iter()
        .map(|r| r.experiment.as_str())
        .collect();
    let conditions: HashSet<&str> = tables
        .conditions
        .iter()
        .map(|r| r.condition.as_str())
        .collect();
    let observables: HashSet<&str> = tables.observables.iter().map(|r| r.id.as_str()).collect();
    let unknown = |place, what, id: &str, known: &HashSet<&str>, findings: &mut Findings| {
        if !known.contains(id) && !findings.broken.contains(id) {
            let near = suggest(id, known.iter().copied());
            findings.error(
                place,
                PetabErrorKind::UnknownId {
                    what,
                    id: id.to_owned(),
                    near,
                },
            );
        }
    };
    for row in &tables.experiments {
        if let Some(condition) = &row.condition {
            unknown(
                row.origin.place("experiments.tsv", "conditionId"),
                "condition",
                condition,
                &conditions,
                findings,
            );
        }
    }
    for row in &tables.measurements {
        let place = |column| row.origin.place("measurements.tsv", column);
        unknown(
            place("observableId"),
            "observable",
            &row.observable,
            &observables,
            findings,
        );
        if let Some(experiment) = &row.experiment {
            unknown(
                place("experimentId"),
                "experiment",
                experiment,
                &experiments,
                findings,
            );
        }
    }
    for (origin, table, experiment) in tables
        .inputs
        .iter()
        .map(|r| (&r.origin, "inputs.tsv", &r.experiment))
        .chain(
            tables
                .doses
                .iter()
                .map(|r| (&r.origin, "doses.tsv", &r.experiment)),
        )
    {
        if let Some(experiment) = experiment {
            unknown(
                origin.place(table, "experimentId"),
                "experiment",
                experiment,
                &experiments,
                findings,
            );
        }
    }
    let applied: HashSet<&str> = tables
        .experiments
        .iter()
        .filter_map(|r| r.condition.as_deref())
        .collect();
    let mut told = HashSet::new();
    for row in &tables.conditions {
        if !applied.contains(row.condition.as_str()) && told.insert(&row.condition) {
            findings.warnings.push(PetabWarning {
                place: row.origin.place("conditions.tsv", "conditionId"),
                kind: PetabWarningKind::UnusedCondition {
                    id: row.condition.clone(),
                },
            });
        }
    }
    let measured: HashSet<&str> = tables
        .measurements
        .iter()
        .filter_map(|r| r.experiment.as_deref())
        .collect();
    let mut told = HashSet::new();
    for row in &tables.experiments {
        let id = row.experiment.as_str();
        if !measured.contains(id) && !findings.broken.contains(id) && told.insert(id) {
            findings.warnings.push(PetabWarning {
                place: row.origin.place("experiments.tsv", "experimentId"),
                kind: PetabWarningKind::NoMeasurements {
                    experiment: id.to_owned(),
                },
            });
        }
    }
}
