//! The mapping table: other names for entities of a model whose own names are no ids.
use super::{
    changes::entity,
    error::{PetabErrorKind, PetabWarning, PetabWarningKind},
    rows::{MappingRow, PetabProblem},
    sheet::{Findings, Sheet, is_id},
};
use crate::expr::suggest;
use std::path::Path;

/// Reads one mapping file and appends its rows.
pub(super) fn read(file: &Path, rows: &mut Vec<MappingRow>, findings: &mut Findings) {
    let required = ["petabEntityId", "modelEntityId"];
    let Some(sheet) = Sheet::read(file, &required, &["name"], findings) else {
        return;
    };
    for row in 0..sheet.len() {
        let Some(petab_id) = sheet.id(row, "petabEntityId", findings) else {
            findings.left_out(&sheet, row, &["petabEntityId"]);
            continue;
        };
        if let Some(first) = rows.iter().find(|r| r.petab_id == petab_id) {
            let what = format!("the entity `{petab_id}`");
            findings.duplicate(sheet.place(row, "petabEntityId"), what, &first.origin);
            continue;
        }
        rows.push(MappingRow {
            petab_id,
            model_id: sheet.text(row, "modelEntityId").map(str::to_owned),
            name: sheet.text(row, "name").map(str::to_owned),
            origin: sheet.origin(row),
        });
    }
}

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
