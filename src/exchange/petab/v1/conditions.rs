//! Wide condition tables of version 1: one row a condition, one column a target.
use super::available;
use crate::exchange::petab::{
    error::PetabErrorKind,
    rows::{ConditionRow, Origin},
    sheet::{Findings, Sheet, is_id},
};
use std::path::PathBuf;

/// One condition: what it sets, in the order of the columns.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Condition {
    pub id: String,
    pub rows: Vec<ConditionRow>,
    origin: Origin,
}

/// Reads the conditions of one model.
pub(super) fn read(files: &[PathBuf], findings: &mut Findings) -> Vec<Condition> {
    let mut found: Vec<Condition> = Vec::new();
    for file in files {
        let Some(sheet) = Sheet::read_wide(file, &["conditionId"], findings) else {
            continue;
        };
        let targets: Vec<&str> = sheet
            .columns()
            .filter(|c| !["conditionId", "conditionName"].contains(c))
            .collect();
        for target in &targets {
            if !is_id(target) {
                let id = (*target).to_owned();
                let place = crate::exchange::tables::Place::file(file)
                    .row(1)
                    .column(*target);
                findings.error(place, PetabErrorKind::InvalidId { id });
            }
        }
        for row in 0..sheet.len() {
            let Some(id) = sheet.id(row, "conditionId", findings) else {
                findings.left_out(&sheet, row, &["conditionId"]);
                continue;
            };
            if let Some(first) = found.iter().find(|c| c.id == id) {
                let what = format!("the condition `{id}`");
                findings.duplicate(sheet.place(row, "conditionId"), what, &first.origin);
                continue;
            }
            let set = targets.iter().filter(|target| is_id(target));
            let rows = set.filter_map(|target| {
                Some(ConditionRow {
                    condition: id.clone(),
                    target: (*target).to_owned(),
                    value: available(sheet.text(row, target))?.to_owned(),
                    origin: sheet.origin(row).in_column(target),
                })
            });
            let rows = rows.collect();
            let origin = sheet.origin(row);
            found.push(Condition { id, rows, origin });
        }
    }
    found
}
