//! Ids that the file uses, so that new ones are new.
use std::collections::HashSet;

/// The ids in use.
#[derive(Default)]
pub(super) struct Ids(HashSet<String>);

impl Ids {
    pub fn new<'a>(taken: impl Iterator<Item = &'a str>) -> Self {
        Ids(taken.map(str::to_owned).collect())
    }

    /// Whether the id is free; from now on it is taken.
    pub fn take(&mut self, id: &str) -> bool {
        self.0.insert(id.to_owned())
    }

    /// A new id that begins with `wanted`, which must be an SId.
    pub fn fresh(&mut self, wanted: &str) -> String {
        let mut id = wanted.to_owned();
        let mut number = 1;
        while !self.take(&id) {
            number += 1;
            id = format!("{wanted}_{number}");
        }
        id
    }
}
