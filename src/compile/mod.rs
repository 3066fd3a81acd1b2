//! From the equations of a network to an immutable `System` of instruction tapes.
//!
//! `const W` lanes: the value of every register is `Lane<W>`, one number a subject; lanes never mix.
//!
//! | file | what |
//! |---|---|
//! | `layout` | where named quantities stand in the register file |
//! | `lower`, `emit` | expressions to instructions, instructions to tapes |
//! | `tape`, `run` | operations, and the one loop that runs them |
//! | `native` | tapes as machine code |
//! | `derivatives` | J, df/dt, df/dp, directional derivatives, with their sparsity |
//! | `ordering`, `lu` | elimination order, sparse LU program, dense fallback |
//! | `build`, `system`, `workspace` | the compiled system, how it is made, what a solver runs |
//! | `events` | triggers, delays, priorities and assigned values |
//! | `sensitivity`, `outputs`, `formulas` | further tapes |
//! | `explain`, `error` | the listing; what can be wrong |
mod build;
mod derivatives;
mod emit;
mod error;
mod events;
mod explain;
mod formulas;
mod layout;
mod lower;
mod lu;
#[allow(dead_code, unused_imports)] // until a system compiles its tapes with it
mod native;
mod ordering;
mod outputs;
mod run;
mod sensitivity;
mod system;
mod tape;
mod workspace;

pub(crate) use crate::expr::Compare;
pub use crate::network::{InputEquation, InputKind};
pub use error::CompileError;
pub(crate) use events::{Event, Relation, Wishes};
pub use formulas::Formulas;
pub use outputs::{Outputs, Point};
pub use sensitivity::Sensitivity;
pub use system::System;
pub(crate) use tape::Lane;
pub(crate) use workspace::Workspace;

#[cfg(test)]
mod tests;
