//! The mapping table: other names for entities of a model whose own names are no ids.
use super::{
    changes::entity,
    error::{PetabErrorKind, PetabWarning, PetabWarningKind},
    rows::PetabProblem,
    sheet::{Findings, is_id},
};
use crate::expr::suggest;

/// What a row maps to must exist; its name must be new.
pub(super) fn check(problem: &PetabProblem, findings: &mut Findings) {
    let known = |id: &str| {
        problem
            .models
            .iter()
            .any(|model| model.entities.contains_key(id))
    };
    for row in &problem.mappings {
        let place = |column| row.origin.place("mapping.tsv", column);
        let Some(model_id) = row.model_id.as_deref() else {
            continue;
        };
        if !known(&entity(model_id)) {
            let ids = problem
                .models
                .iter()
                .flat_map(|model| model.entities.keys());
            let kind = PetabErrorKind::UnknownId {
                what: "entity of the model",
                id: model_id.to_owned(),
                near: suggest(model_id, ids.map(String::as_str)),
            };
            findings.error(place("modelEntityId"), kind);
        }
        if row.petab_id == model_id {
            continue;
        }
        if known(&row.petab_id) {
            let kind = PetabErrorKind::Shadows {
                id: row.petab_id.clone(),
                what: "a name of the mapping table",
                other: "an element of the model",
            };
            findings.error(place("petabEntityId"), kind);
        }
        if is_id(model_id) {
            let what =
                format!("by the standard `{model_id}`, an id already, must not have another name");
            let kind = PetabWarningKind::NotStandard { what };
            let place = place("modelEntityId");
            findings.warnings.push(PetabWarning { place, kind });
        }
    }
}
