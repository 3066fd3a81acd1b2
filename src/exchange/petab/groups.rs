//! Groups of observables that form a composition: the column `group` of the observable table.
use super::{
    error::PetabErrorKind,
    rows::{ObservableRow, PetabProblem},
    sheet::Findings,
};

/// Observables of one unit that make up a whole, such as the taxa of a community.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Composition {
    /// name of the group
    pub name: String,
    /// rows of the observable table (from 0), which are the endpoints of the cohort
    pub observables: Vec<usize>,
}

impl PetabProblem {
    /// The compositions, in the order of their first observables.
    pub fn compositions(&self) -> Vec<Composition> {
        compositions(&self.observables)
    }
}

fn compositions(rows: &[ObservableRow]) -> Vec<Composition> {
    let mut found: Vec<Composition> = Vec::new();
    for (index, row) in rows.iter().enumerate() {
        let Some(name) = &row.group else { continue };
        match found.iter_mut().find(|c| c.name == *name) {
            Some(composition) => composition.observables.push(index),
            None => found.push(Composition {
                name: name.clone(),
                observables: vec![index],
            }),
        }
    }
    found
}

/// A composition has two or more observables, all of one unit.
pub(super) fn check(rows: &[ObservableRow], findings: &mut Findings) {
    for composition in compositions(rows) {
        let members = || composition.observables.iter().map(|i| &rows[*i]);
        let first = &rows[composition.observables[0]];
        let stranger = members().find(|row| row.unit != first.unit);
        let (row, reason) = if let Some(row) = stranger {
            (
                row,
                "its observables have different units, and shares need one; convert them or leave one out",
            )
        } else if composition.observables.len() < 2 {
            (
                first,
                "it has one observable, and shares need two; name the others too or leave the cell empty",
            )
        } else {
            continue;
        };
        let kind = PetabErrorKind::Group {
            group: composition.name.clone(),
            reason,
        };
        findings.error(row.origin.place("observables.tsv", "group"), kind);
    }
}
