//! Where the first search of a calibration begins, when that is not where the model stands.
use super::super::target::{Cells, TargetError, needed};
use super::design::{Design, DesignError};
use crate::compile::System;
use crate::exchange::model::Model;
use crate::exchange::tables::Table;
use crate::units::did_you_mean;
use std::path::Path;

/// Reads starting values: the columns `parameterId` and `value`, in the units of the model's table; `file` is for messages.
///
/// A model keeps its estimates in its own table. Starting values that stand beside them let the same command find them again.
///
/// # Errors
/// Missing columns, cells that are no number, parameters that stand twice.
///
/// ```
/// use holobiont::scorecard::read_start;
///
/// let start = read_start("start.tsv".as_ref(), "parameterId\tvalue\nk\t0.2\n").unwrap();
/// assert_eq!(start, [("k".to_string(), 0.2)]);
/// let twice = read_start("start.tsv".as_ref(), "parameterId\tvalue\nk\t0.2\nk\t0.3\n").unwrap_err();
/// assert_eq!(twice[0].to_string(), "start.tsv, row 3, column parameterId: `k` stands twice");
/// ```
pub fn read_start(file: &Path, text: &str) -> Result<Vec<(String, f64)>, Vec<TargetError>> {
    let table = Table::parse(file, text, b'\t').map_err(|e| vec![e.into()])?;
    let mut errors = Vec::new();
    if !needed(&table, &["parameterId", "value"], &mut errors) {
        return Err(errors);
    }
    let mut start: Vec<(String, f64)> = Vec::new();
    for row in 0..table.rows.len() {
        let mut cells = Cells {
            table: &table,
            row,
            errors: &mut errors,
        };
        let (id, value) = (cells.text("parameterId"), cells.number("value"));
        if start.iter().any(|(known, _)| *known == id) {
            cells.wrong("parameterId", format!("`{id}` stands twice"));
        }
        start.push((id, value));
    }
    match errors.is_empty() {
        true => Ok(start),
        false => Err(errors),
    }
}

impl Design {
    /// The starting value of a parameter, where it has one of its own.
    pub(super) fn start_of(&self, id: &str) -> Option<f64> {
        let mut start = self.start.iter();
        start
            .find(|(known, _)| known == id)
            .map(|(_, value)| *value)
    }

    /// Registers and values of the parameters that are moved and have a starting value.
    ///
    /// # Errors
    /// Starting values of what no model has, of what the design never moves, or outside the declared range.
    pub(super) fn started(
        &self,
        model: &Model,
        system: &System,
    ) -> Result<Vec<(usize, f64)>, Vec<DesignError>> {
        let whole = Design {
            only: Vec::new(),
            ..self.clone()
        };
        let (free, moved) = (whole.free(model)?, self.free(model)?);
        let mut errors = Vec::new();
        for (id, value) in &self.start {
            let id = id.clone();
            let Some(row) = free.iter().find(|row| row.id == id) else {
                let near = did_you_mean(&id, free.iter().map(|row| row.id.as_str()));
                errors.push(DesignError::StartOfFixed { id, near });
                continue;
            };
            if let (Some(lower), Some(upper)) = (row.lower, row.upper)
                && !(lower..=upper).contains(value)
            {
                let value = *value;
                errors.push(DesignError::StartOutside {
                    id,
                    value,
                    lower,
                    upper,
                });
            }
        }
        let values = moved.iter().filter_map(|row| {
            let value = self.start_of(&row.id)?;
            Some((system.parameter_index(&row.id)?, value))
        });
        match errors.is_empty() {
            true => Ok(values.collect()),
            false => Err(errors),
        }
    }
}
