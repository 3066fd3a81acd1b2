//! Units of table columns against units of the model.

/// What a number in `from` is multiplied by to be in `to`.
pub(super) fn factor(from: &str, to: &str) -> Result<f64, String> {
    if from == to { Ok(1.0) } else { Err(format!("`{from}` does not fit `{to}`")) }
}

/// Whether a unit can be read.
pub(super) fn check(_unit: &str) -> Result<(), String> {
    Ok(())
}
