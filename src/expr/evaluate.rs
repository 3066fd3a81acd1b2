//! The slow reference evaluation: the definition that compiled tapes are tested against.
use super::functions;
use super::graph::{Graph, QuickMap};
use super::node::{Expr, Node};

/// A symbol without value in a reference evaluation, or a user function that was not inlined.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("no value for `{0}`")]
pub struct EvaluateError(pub String);

impl Graph {
    /// Value of an expression; `values` gives the symbols.
    ///
    /// The branch of a select that is not taken is not evaluated. Sums and products run in the order of their operands.
    pub fn evaluate(
        &self,
        e: Expr,
        values: &dyn Fn(&str) -> Option<f64>,
        time: f64,
    ) -> Result<f64, EvaluateError> {
        let mut known: QuickMap<u32, f64> = QuickMap::default();
        let mut stack = vec![e];
        let mut operands = Vec::new();
        while let Some(&e) = stack.last() {
            if known.contains_key(&e.0) {
                stack.pop();
                continue;
            }
            let node = self.node(e);
            if let Node::Select(condition, then, otherwise) = node {
                let Some(truth) = known.get(&condition.0) else {
                    stack.push(*condition);
                    continue;
                };
                let branch = if *truth != 0.0 { then } else { otherwise };
                match known.get(&branch.0).copied() {
                    Some(value) => {
                        known.insert(e.0, value);
                        stack.pop();
                    }
                    None => stack.push(*branch),
                }
                continue;
            }
            let depth = stack.len();
            operands.clear();
            for child in node.children() {
                match known.get(&child.0) {
                    Some(value) => operands.push(*value),
                    None => stack.push(child),
                }
            }
            if stack.len() == depth {
                known.insert(e.0, self.evaluate_node(node, &operands, values, time)?);
                stack.pop();
            }
        }
        Ok(known[&e.0])
    }

    fn evaluate_node(
        &self,
        node: &Node,
        operands: &[f64],
        values: &dyn Fn(&str) -> Option<f64>,
        time: f64,
    ) -> Result<f64, EvaluateError> {
        let truth = |condition: bool| f64::from(condition);
        Ok(match node {
            Node::Number(bits) => f64::from_bits(*bits),
            Node::Symbol(symbol) => {
                let name = self.name(*symbol);
                values(name).ok_or_else(|| EvaluateError(name.to_owned()))?
            }
            Node::Time => time,
            Node::Sum(_) => operands.iter().skip(1).fold(operands[0], |sum, x| sum + x),
            Node::Product(_) => operands
                .iter()
                .skip(1)
                .fold(operands[0], |product, x| product * x),
            Node::Divide(..) => operands[0] / operands[1],
            Node::Call(function, _) => functions::apply(*function, operands),
            Node::Compare(relation, ..) => truth(relation.holds(operands[0], operands[1])),
            Node::And(_) => truth(operands.iter().all(|x| *x != 0.0)),
            Node::Or(_) => truth(operands.iter().any(|x| *x != 0.0)),
            Node::Not(_) => truth(operands[0] == 0.0),
            Node::Select(..) => operands[if operands[0] != 0.0 { 1 } else { 2 }],
            Node::User(name, _) => return Err(EvaluateError(self.name(*name).to_owned())),
        })
    }
}
