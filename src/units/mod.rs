//! Units of measurement as exponent vectors over base dimensions with a factor; parsing, checking, conversion.
//!
//! ```
//! use holobiont::units::Unit;
//! let production = Unit::parse("mmol/L/d")?;
//! let per_hour = Unit::parse("µM/h")?;
//! assert_eq!(production.conversion_factor(&per_hour)?, 1000.0 / 24.0);
//! assert_eq!(production.multiply(&Unit::parse("d")?).to_string(), "mmol/L");
//! # Ok::<(), holobiont::units::UnitError>(())
//! ```
mod factors;
mod message;
mod near;
mod parse;
mod ratio;
mod scale;
mod symbols;
mod unit;

pub use factors::UnitFactor;
pub use message::{excerpt, number_text};
pub use near::{did_you_mean, suggest};
pub use ratio::Ratio;
pub use symbols::unit_symbols;
pub use unit::{Unit, UnitError, conversion_factor};
