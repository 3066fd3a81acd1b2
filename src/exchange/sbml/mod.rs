//! SBML: models of Level 2 and Level 3 (core and hierarchical composition) read into a network, and networks written as Level 3.
//!
//! | file | what |
//! |---|---|
//! | `error` | what can be wrong, with line and element |
mod error;
mod write;

pub use write::{SbmlWriteError, Version, WriteOptions, under_scenario, write};
