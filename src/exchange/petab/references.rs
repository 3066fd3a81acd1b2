//! Ids across tables: everything that a row names must exist, and everything that is defined is used.
use super::{
    error::{PetabErrorKind, PetabWarning, PetabWarningKind},
    formula::Values,
    rows::{ObservableRow, PetabProblem},
    sheet::Findings,
};
use crate::expr::suggest;
use std::collections::HashSet;

/// Observables must not take the ids of the model's quantities or of parameters.
pub(super) fn check_names(rows: &[ObservableRow], values: &Values, findings: &mut Findings) {
    for row in rows {
        let other = if values.is_model_id(&row.id) {
            "a quantity of the model"
        } else if values.row(&row.id).is_some() {
            "a row of the parameter table"
        } else {
            continue;
        };
        let kind = PetabErrorKind::Shadows {
            id: row.id.clone(),
            what: "an observable",
            other,
        };
        findings.error(row.origin.place("observables.tsv", "observableId"), kind);
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
