//! From the equations of a network to an immutable `System` of instruction tapes.
//!
//! Registers have W lanes, one number a subject; lanes never mix.
//!
//! | file | what |
//! |---|---|
//! | `layout` | where named quantities stand in the register file |
//! | `lower`, `emit` | expressions to instructions, instructions to tapes |
//! | `tape`, `run`, `functions_of_lanes`, `native`, `code` | operations, how they run interpreted and as machine code, and which of both |
//! | `derivatives` | J, df/dt, df/dp, directional derivatives, with their sparsity |
//! | `ordering`, `lu` | elimination order, sparse LU program, dense fallback |
//! | `build`, `system`, `workspace` | the compiled system, how it is made, what a solver runs |
//! | `events` | triggers, delays, priorities and assigned values |
//! | `sensitivity`, `outputs`, `formulas` | further tapes |
//! | `explain`, `error` | the listing; what can be wrong |
mod build;
mod code;
mod derivatives;
mod emit;
mod error;
mod events;
mod explain;
mod formulas;
mod functions_of_lanes;
mod layout;
mod lower;
mod lu;
mod native;
mod ordering;
mod outputs;
mod run;
mod sensitivity;
mod system;
mod tape;
mod workspace;

pub(crate) use crate::expr::Compare;
pub(crate) use crate::expr::functions::pow;
pub use crate::network::{InputEquation, InputKind};
pub use error::CompileError;
pub(crate) use events::{Event, Relation, Wishes};
pub use formulas::Formulas;
pub(crate) use lu::Packed;
pub(crate) use outputs::Scratch;
pub use outputs::{Outputs, Point};
pub use sensitivity::Sensitivity;
pub use system::System;
pub(crate) use workspace::Workspace;

#[cfg(test)]
mod tests;
