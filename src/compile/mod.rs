//! From the equations of a network to an immutable `System` of instruction tapes.
//!
//! `const W` lanes: the value of every register is `Lane<W>`, one number a subject; lanes never mix.
mod system;
pub use system::{CompileError, Formulas, Outputs, Point, Sensitivity, System};
pub(crate) use system::{Lane, Workspace};
