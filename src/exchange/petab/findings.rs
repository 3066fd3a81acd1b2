//! All that was found while a problem is read; what is a repetition of something told before is left out or joined later (`repeats`).
use super::{
    error::{PetabError, PetabErrorKind, PetabWarning},
    rows::Origin,
    sheet::Sheet,
};
use crate::exchange::tables::Place;
use std::collections::HashSet;

/// All that went wrong or looked odd so far.
#[derive(Debug, Default)]
pub(super) struct Findings {
    pub errors: Vec<PetabError>,
    pub warnings: Vec<PetabWarning>,
    /// a table, or rows of one, could not be read: what the tables mean together cannot be said
    pub incomplete: bool,
    /// ids that stand in faulty rows; further messages about them would only repeat the fault
    pub broken: HashSet<String>,
    /// whether the words of the mathematics may not be ids (version 2)
    pub reserves_words: bool,
}

impl Findings {
    pub fn error(&mut self, place: Place, kind: PetabErrorKind) {
        self.errors.push(PetabError::new(place, kind));
    }

    /// Where something stands first: "row 3", with the file where it is another one than that of `place`.
    pub fn first_place(place: &Place, first: &Origin) -> String {
        match &first.row {
            Some((file, row)) if **file != *place.file => {
                Place::file(&**file).row(*row).to_string()
            }
            _ => format!("row {}", first.row()),
        }
    }

    /// Notes that something stands twice, first in the row `first`.
    pub fn duplicate(&mut self, place: Place, what: String, first: &Origin) {
        let first = Self::first_place(&place, first);
        self.error(place, PetabErrorKind::Duplicate { what, first });
    }

    /// Notes the ids of a row that is left out.
    pub fn left_out(&mut self, sheet: &Sheet, row: usize, columns: &[&str]) {
        for column in columns {
            if let Some(id) = sheet.text(row, column) {
                self.broken.insert(id.to_owned());
            }
        }
    }
}
