//! Bands: the range of a finding's contrast over vectors that fit equally well. They are not credible intervals.
use super::evaluate::Scored;
use super::target::{Cells, TargetError, needed};
use crate::exchange::tables::Table;
use std::collections::BTreeMap;
use std::path::Path;

/// Least and largest contrast by the id of the finding.
pub type Bands = BTreeMap<String, (f64, f64)>;

/// Reads bands (columns `id`, `lower`, `upper`); `file` is for messages.
///
/// # Errors
/// Every cell that makes no sense.
pub fn read_bands(file: &Path, text: &str) -> Result<Bands, Vec<TargetError>> {
    let table = Table::parse(file, text, b'\t').map_err(|e| vec![e.into()])?;
    let mut errors = Vec::new();
    let mut bands = Bands::new();
    if !needed(&table, &["id", "lower", "upper"], &mut errors) {
        return Err(errors);
    }
    for row in 0..table.rows.len() {
        let mut cells = Cells {
            table: &table,
            row,
            errors: &mut errors,
        };
        let (lower, upper) = (cells.number("lower"), cells.number("upper"));
        if lower > upper {
            cells.wrong("lower", format!("{lower} lies above {upper}"));
        }
        bands.insert(cells.text("id"), (lower, upper));
    }
    match errors.is_empty() {
        true => Ok(bands),
        false => Err(errors),
    }
}

/// Gives each row the band of its finding.
pub fn with_bands(rows: &mut [Scored], bands: &Bands) {
    for row in rows {
        row.band = bands.get(&row.target.id).copied();
    }
}
