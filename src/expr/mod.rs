//! Hash-consed mathematical expressions: one graph owns every node, equal expressions are the same handle.
//!
//! | file | what |
//! |---|---|
//! | `node`, `function` | what an expression is made of |
//! | `graph` | interning, traversal |
//! | `simplify` | the constructors |
//! | `language`, `tokens`, `parse` | the maths language of PEtab, and our functions |
//! | `derivative`, `affine`, `substitute`, `evaluate` | what is done with expressions |
//! | `functions` | the numeric kernels |
//! | `elementary` | exp, ln, pow and their relatives over lanes |
//! | `text`, `latex` | display |
//! | `dimension` | units of expressions |
mod affine;
mod derivative;
mod dimension;
pub(crate) mod elementary;
mod evaluate;
mod function;
pub mod functions;
mod graph;
mod language;
mod latex;
mod node;
mod parse;
mod simplify;
mod substitute;
mod text;
mod tokens;

pub use crate::units::{did_you_mean, suggest};
pub(crate) use affine::Affine;
pub use dimension::{UnitMismatch, infer_unit};
pub use evaluate::EvaluateError;
pub use function::Function;
pub use graph::Graph;
pub use language::{RATE_OF, function_names, is_identifier, is_reserved, unknown_function};
pub use latex::latex_name;
pub use node::{Children, Compare, Expr, Node, Symbol, Variable};
pub use parse::ParseError;
