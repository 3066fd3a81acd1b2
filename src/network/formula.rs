//! A formula as a user writes it: a number, a text, or an expression that already stands in the network's graph.
use crate::expr::{Expr, Graph, ParseError};
use serde::{Deserialize, Serialize};

/// A formula of a model element. Texts use the PEtab maths language.
///
/// ```
/// use holobiont::network::Formula;
/// let formula: Formula = "mu * X".into();
/// assert_eq!(formula, Formula::Text("mu * X".to_string()));
/// assert_eq!(Formula::from(2.0), Formula::Number(2.0));
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged, expecting = "a number or a formula (text) is needed here")]
pub enum Formula {
    /// A plain number.
    Number(f64),
    /// Text, as `"mu_max * S / (K + S)"`.
    Text(String),
    /// An expression of the graph of the network that holds the formula.
    #[serde(skip)]
    Expr(Expr),
}

impl Formula {
    /// The expression in `graph`, which must be the graph of the network that holds the formula.
    pub(crate) fn expr(&self, graph: &mut Graph) -> Result<Expr, ParseError> {
        match self {
            Formula::Number(value) => Ok(graph.number(*value)),
            Formula::Text(text) => graph.parse(text),
            Formula::Expr(e) => Ok(*e),
        }
    }

    /// The formula as text.
    pub(crate) fn text(&self, graph: &Graph) -> String {
        match self {
            Formula::Number(value) => value.to_string(),
            Formula::Text(text) => text.clone(),
            Formula::Expr(e) => graph.text(*e),
        }
    }

    /// Column (1-based, in characters) of the first place where `name` stands as a word.
    pub(crate) fn column_of(&self, name: &str) -> Option<usize> {
        let Formula::Text(text) = self else {
            return None;
        };
        let word = |c: char| c.is_alphanumeric() || c == '_';
        for (at, _) in text.match_indices(name) {
            let before = text[..at].chars().next_back();
            let after = text[at + name.len()..].chars().next();
            if !before.is_some_and(word) && !after.is_some_and(word) {
                return Some(text[..at].chars().count() + 1);
            }
        }
        None
    }
}

impl From<f64> for Formula {
    fn from(value: f64) -> Self {
        Formula::Number(value)
    }
}
impl From<&str> for Formula {
    fn from(text: &str) -> Self {
        Formula::Text(text.to_string())
    }
}
impl From<String> for Formula {
    fn from(text: String) -> Self {
        Formula::Text(text)
    }
}
impl From<&String> for Formula {
    fn from(text: &String) -> Self {
        Formula::Text(text.clone())
    }
}
impl From<Expr> for Formula {
    fn from(e: Expr) -> Self {
        Formula::Expr(e)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_column_of_a_name_ignores_longer_names() {
        let formula = Formula::from("mu_max * mu + X");
        assert_eq!(formula.column_of("mu"), Some(10));
        assert_eq!(formula.column_of("max"), None);
    }
}
