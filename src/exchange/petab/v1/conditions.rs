//! Wide condition tables of version 1: one row a condition, one column a target.
use super::available;
use crate::exchange::petab::{
    error::PetabErrorKind,
    rows::{ConditionRow, Origin},
    sheet::{Findings, Sheet, is_id},
};
use crate::exchange::tables::Place;
use std::path::PathBuf;

/// One condition: what it sets, in the order of the columns.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Condition {
    pub id: String,
    pub rows: Vec<ConditionRow>,
    origin: Origin,
}

/// The conditions of one model.
pub(super) struct Conditions {
    /// whether all of their tables could be read
    pub complete: bool,
    pub rows: Vec<Condition>,
}

/// Reads the conditions of one model; `unset` gets the columns without any value.
pub(super) fn read(
    files: &[PathBuf],
    unset: &mut Vec<(String, Place)>,
    findings: &mut Findings,
) -> Vec<Condition> {
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
                let place = Place::file(file).row(1).column(*target);
                findings.error(place, PetabErrorKind::InvalidId { id });
            }
        }
        let unused = |target: &&str| {
            let mut cells = (0..sheet.len()).map(|row| available(sheet.text(row, target)));
            is_id(target) && cells.all(|cell| cell.is_none())
        };
        for target in targets.iter().copied().filter(unused) {
            let place = Place::file(file).row(1).column(target);
            unset.push((target.to_owned(), place));
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
            let mut rows = Vec::new();
            for target in targets.iter().filter(|target| is_id(target)) {
                let Some(value) = available(sheet.text(row, target)) else {
                    continue;
                };
                if value.parse::<f64>().is_err() && !is_id(value) {
                    let what = "by the standard of version 1 the value is a number or an id";
                    sheet.not_standard(row, target, what, findings);
                }
                rows.push(ConditionRow {
                    condition: id.clone(),
                    target: (*target).to_owned(),
                    value: value.to_owned(),
                    origin: sheet.origin(row).in_column(target),
                });
            }
            let origin = sheet.origin(row);
            found.push(Condition { id, rows, origin });
        }
    }
    found
}
