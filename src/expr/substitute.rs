//! Substitution within a graph and copies between graphs.
use super::graph::{Graph, QuickMap};
use super::node::{Expr, Node, Symbol, Variable};
use std::collections::HashMap;

impl Graph {
    /// Replaces symbols by expressions, all at once (a replacement is not searched for symbols again).
    pub fn substitute(&mut self, e: Expr, replacements: &HashMap<Symbol, Expr>) -> Expr {
        self.substitute_all(&[e], replacements)[0]
    }

    /// [`Graph::substitute`] for many expressions, the work on shared parts done once.
    pub fn substitute_all(
        &mut self,
        expressions: &[Expr],
        replacements: &HashMap<Symbol, Expr>,
    ) -> Vec<Expr> {
        let affected = |graph: &Graph, e: Expr| {
            replacements
                .keys()
                .any(|&symbol| graph.may_mention(e, Variable::Symbol(symbol)))
        };
        let mut done: QuickMap<u32, Expr> = QuickMap::default();
        for e in self.reachable(expressions, |e| affected(self, e)) {
            let known = |operand: Expr| done.get(&operand.0).copied().unwrap_or(operand);
            let node = self.node(e).clone();
            let new = match &node {
                Node::Symbol(symbol) => replacements.get(symbol).copied().unwrap_or(e),
                Node::User(name, arguments) => {
                    let arguments = arguments.iter().map(|&argument| known(argument)).collect();
                    self.add_node(Node::User(*name, arguments))
                }
                _ if node.children().all(|child| known(child) == child) => e,
                _ => self.rebuild(&node, known).unwrap_or(e),
            };
            done.insert(e.0, new);
        }
        expressions.iter().map(|e| done[&e.0]).collect()
    }

    /// Copies an expression from another graph, renaming symbols (and the names of user functions).
    pub fn import(
        &mut self,
        other: &Graph,
        e: Expr,
        rename: &mut dyn FnMut(&str) -> String,
    ) -> Expr {
        self.import_all(other, &[e], rename)[0]
    }

    /// [`Graph::import`] for many expressions, the work on shared parts done once.
    pub fn import_all(
        &mut self,
        other: &Graph,
        expressions: &[Expr],
        rename: &mut dyn FnMut(&str) -> String,
    ) -> Vec<Expr> {
        let mut done: QuickMap<u32, Expr> = QuickMap::default();
        for e in other.reachable(expressions, |_| true) {
            let node = other.node(e);
            let new = match node {
                Node::Symbol(symbol) => self.symbol(&rename(other.name(*symbol))),
                Node::User(name, arguments) => {
                    let arguments: Vec<Expr> =
                        arguments.iter().map(|argument| done[&argument.0]).collect();
                    self.user(&rename(other.name(*name)), &arguments)
                }
                _ => self
                    .rebuild(node, |operand| done[&operand.0])
                    .expect("only symbols and user functions cannot be rebuilt"),
            };
            done.insert(e.0, new);
        }
        expressions.iter().map(|e| done[&e.0]).collect()
    }
}
