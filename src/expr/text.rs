//! Display of expressions (being written).
use super::graph::{Expr, Graph};

impl Graph {
    /// Text that parses back to the same expression.
    pub fn text(&self, e: Expr) -> String {
        format!("{:?}", self.node(e))
    }
    /// LaTeX.
    pub fn latex(&self, e: Expr) -> String {
        format!("{:?}", self.node(e))
    }
}
