//! How a table is laid out: what the standard does not have, although its meaning is plain, is told.
use super::{
    error::{PetabWarning, PetabWarningKind},
    findings::Findings,
};
use crate::exchange::tables::{Place, Table};
use std::fs;

/// Notes separators at the ends of lines and spaces around the text of cells: here they are taken off.
pub(super) fn check(table: &Table, findings: &mut Findings) {
    let Ok(text) = fs::read_to_string(&table.file) else {
        return;
    };
    let comma = table
        .file
        .extension()
        .is_some_and(|e| e.eq_ignore_ascii_case("csv"));
    let delimiter = if comma { ',' } else { '\t' };
    let mut note = |row: usize, column: Option<&String>, what: &str| {
        let what = what.to_owned();
        let mut place = Place::file(&table.file).row(row);
        place.column = column.cloned();
        let kind = PetabWarningKind::NotStandard { what };
        findings.warnings.push(PetabWarning { place, kind });
    };
    let header = text.lines().next().unwrap_or_default();
    let wide = header.ends_with(delimiter);
    if wide {
        let what = "by the standard the header does not end with separators";
        note(1, None, what);
    }
    let mut rows = table.rows.iter().peekable();
    for (line, text) in text.lines().enumerate() {
        if rows.next_if(|row| row.number == line + 1).is_none() || text.contains('"') {
            continue;
        }
        let cells: Vec<&str> = text.split(delimiter).collect();
        if cells.len() > table.columns.len() && !wide {
            let what = "the row has more cells than the header, the last of them empty";
            note(line + 1, None, what);
        }
        for (cell, column) in cells.into_iter().zip(&table.columns) {
            if cell.trim().len() < cell.len() && !cell.trim().is_empty() {
                let what = "there are spaces around the text of the cell";
                note(line + 1, Some(column), what);
            }
        }
    }
}
