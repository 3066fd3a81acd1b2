//! One fault, one message: what stands in many rows of a column is told once, with the rows.
use super::{
    error::{PetabError, PetabErrorKind, PetabWarning, PetabWarningKind},
    sheet::Findings,
};
use crate::exchange::tables::Place;
use std::{
    collections::{HashMap, hash_map::Entry},
    path::PathBuf,
};

/// Rows that are named one by one.
const NAMED: usize = 8;

/// Joins equal messages about one column; the first place stays.
pub(super) fn join(findings: &mut Findings) {
    findings.errors = joined(
        std::mem::take(&mut findings.errors),
        |error| (&error.place, error.kind.to_string()),
        |PetabError { place, kind }, rows| {
            let kind = Box::new(kind);
            PetabError::new(place, PetabErrorKind::Repeated { kind, rows })
        },
    );
    findings.warnings = joined(
        std::mem::take(&mut findings.warnings),
        |warning| (&warning.place, warning.kind.to_string()),
        |PetabWarning { place, kind }, rows| {
            let kind = PetabWarningKind::Repeated {
                kind: Box::new(kind),
                rows,
            };
            PetabWarning { place, kind }
        },
    );
}

fn joined<T>(
    found: Vec<T>,
    text: impl Fn(&T) -> (&Place, String),
    repeated: impl Fn(T, Vec<usize>) -> T,
) -> Vec<T> {
    type Key = (PathBuf, Option<String>, String);
    let mut known: HashMap<Key, usize> = HashMap::new();
    let mut kept: Vec<(T, Vec<usize>)> = Vec::new();
    for one in found {
        let (place, words) = text(&one);
        let row = place.row;
        match known.entry((place.file.clone(), place.column.clone(), words)) {
            Entry::Vacant(entry) => {
                entry.insert(kept.len());
                kept.push((one, Vec::new()));
            }
            Entry::Occupied(entry) => {
                let (first, rows) = &mut kept[*entry.get()];
                // the very same message of two models needs no second one
                rows.extend(
                    row.filter(|row| text(first).0.row != Some(*row) && !rows.contains(row)),
                );
            }
        }
    }
    let join = |(one, rows): (T, Vec<usize>)| match rows.is_empty() {
        true => one,
        false => repeated(one, rows),
    };
    kept.into_iter().map(join).collect()
}

/// "row 3", "rows 3, 4 and 9 more".
pub(super) fn list(rows: &[usize]) -> String {
    let number = |row: &usize| row.to_string();
    match rows {
        [row] => format!("row {row}"),
        rows if rows.len() <= NAMED => {
            let (last, before) = rows.split_last().expect("there are two rows or more");
            let before: Vec<String> = before.iter().map(number).collect();
            format!("rows {} and {last}", before.join(", "))
        }
        rows => {
            let named: Vec<String> = rows[..NAMED].iter().map(number).collect();
            format!("rows {} and {} more", named.join(", "), rows.len() - NAMED)
        }
    }
}
