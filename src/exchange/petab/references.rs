//! Ids across tables: everything that a row names must exist, and everything that is defined is used.
use super::{
    error::{PetabErrorKind, PetabWarning, PetabWarningKind},
    sheet::Findings,
    subjects::Tables,
};
use crate::expr::suggest;
use std::collections::HashSet;

/// Checks ids across tables: everything that a row names must exist.
pub(super) fn check(tables: &Tables, findings: &mut Findings) {
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
    for row in tables.experiments {
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
    for row in tables.measurements {
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
    for row in tables.conditions {
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
    for row in tables.experiments {
        let id = row.experiment.as_str();
        if !measured.contains(id) && !findings.broken.contains(id) && told.insert(id) {
            let kind = PetabErrorKind::NoMeasurements {
                experiment: id.to_owned(),
            };
            findings.error(row.origin.place("experiments.tsv", "experimentId"), kind);
        }
    }
}
