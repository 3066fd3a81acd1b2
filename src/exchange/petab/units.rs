//! Units of table columns against units of the model.
use crate::units::{Unit, conversion_factor};

/// What a number in `from` is multiplied by to be in `to`.
pub(super) fn factor(from: &str, to: &str) -> Result<f64, String> {
    if from == to {
        return Ok(1.0);
    }
    conversion_factor(from, to).map_err(|error| error.to_string())
}

/// Whether a unit can be read.
pub(super) fn check(unit: &str) -> Result<(), String> {
    Unit::parse(unit)
        .map(|_| ())
        .map_err(|error| error.to_string())
}
