//! Hash-consed mathematical expressions: one graph owns every node, equal expressions are the same handle.
mod graph;
pub use graph::{Compare, Expr, Function, Graph, Node, Symbol, Variable};
