//! Integration of a `System` under a `Schedule`: methods, controller, driver, sensitivities, steady states.
mod interface;
pub use interface::*;
