//! Hash-consed mathematical expressions: one graph owns every node, equal expressions are the same handle.
//!
//! | file | what |
//! |---|---|
//! | `graph` | nodes, interning, traversal |
//! | `simplify` | the constructors |
//! | `parse` | the maths language of PEtab, and our functions |
//! | `derivative`, `substitute`, `evaluate` | what is done with expressions |
//! | `functions` | the numeric kernels |
//! | `text`, `latex` | display |
//! | `near` | near names for error messages |
mod derivative;
mod dimension;
mod evaluate;
pub mod functions;
mod graph;
mod latex;
mod parse;
mod simplify;
mod substitute;
mod text;

pub use crate::units::{did_you_mean, suggest};
pub use dimension::{UnitMismatch, infer_unit};
pub use evaluate::EvaluateError;
pub use graph::{Children, Compare, Expr, Function, Graph, Node, Symbol, Variable};
pub use latex::latex_name;
pub use parse::{ParseError, function_names, is_identifier, is_reserved, unknown_function};
