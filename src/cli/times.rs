//! Times and values as people write them: a number, perhaps with its unit.
use crate::units::conversion_factor;

/// A time or value that cannot be read.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum TimeError {
    /// no number at its start
    #[error("`{text}` is not a number, with or without a unit")]
    Number {
        /// the text
        text: String,
    },
    /// a number beyond the range of numbers
    #[error("`{text}` is beyond the range of numbers")]
    TooLarge {
        /// the text
        text: String,
    },
    /// a unit where the model has none
    #[error("`{text}` has a unit, but {what} has none in the model")]
    NoUnit {
        /// the text
        text: String,
        /// what is set
        what: String,
    },
    /// a unit that does not fit
    #[error("`{text}`: {message}")]
    Unit {
        /// the text
        text: String,
        /// what is wrong with it
        message: String,
    },
}

/// Reads "10y", "12 h" or "30" as a time in the unit of a model.
///
/// ```
/// use holobiont::cli::parse_time;
/// assert_eq!(parse_time("12h", Some("d")).unwrap(), 0.5);
/// assert_eq!(parse_time("30", Some("d")).unwrap(), 30.0);
/// assert!(parse_time("30 kg", Some("d")).is_err());
/// ```
pub fn parse_time(text: &str, unit: Option<&str>) -> Result<f64, TimeError> {
    parse_quantity(text, unit, "time")
}

/// Reads a number, with or without a unit, as a number in `unit`; `what` is for messages.
pub(super) fn parse_quantity(text: &str, unit: Option<&str>, what: &str) -> Result<f64, TimeError> {
    let text = text.trim();
    let (number, own) = split(text).ok_or_else(|| TimeError::Number {
        text: text.to_owned(),
    })?;
    if !number.is_finite() {
        return Err(TimeError::TooLarge {
            text: text.to_owned(),
        });
    }
    if own.is_empty() {
        return Ok(number);
    }
    let unit = unit.ok_or_else(|| TimeError::NoUnit {
        text: text.to_owned(),
        what: what.to_owned(),
    })?;
    let factor = conversion_factor(own, unit).map_err(|e| TimeError::Unit {
        text: text.to_owned(),
        message: e.to_string(),
    })?;
    Ok(number * factor)
}

/// The longest number at the start, and the rest.
fn split(text: &str) -> Option<(f64, &str)> {
    let ends = text
        .char_indices()
        .map(|(i, _)| i)
        .chain([text.len()])
        .rev();
    for end in ends {
        let head = text[..end].trim_end();
        if head.ends_with(|c: char| c.is_ascii_digit() || c == '.')
            && let Ok(number) = head.parse::<f64>()
        {
            return Some((number, text[end..].trim()));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_units_are_told_apart() {
        assert_eq!(split("1e3"), Some((1000.0, "")));
        assert_eq!(split("1.5e-2 1/h"), Some((0.015, "1/h")));
        assert_eq!(split("-3d"), Some((-3.0, "d")));
        assert_eq!(split("d"), None);
        assert_eq!(split("nan"), None);
        let error = parse_time("1e400", Some("d")).unwrap_err();
        assert_eq!(error.to_string(), "`1e400` is beyond the range of numbers");
    }

    #[test]
    fn a_year_is_a_year_in_days() {
        let days = parse_time("10y", Some("d")).unwrap();
        assert!((3650.0..=3653.0).contains(&days), "{days}");
    }

    #[test]
    fn a_unit_without_a_model_unit_is_an_error() {
        let error = parse_time("10y", None).unwrap_err();
        assert_eq!(
            error.to_string(),
            "`10y` has a unit, but time has none in the model"
        );
    }
}
