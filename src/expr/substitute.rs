//! Substitution within a graph and copies between graphs.
#[cfg(feature = "sbml")]
use super::function::Function;
use super::graph::{Graph, QuickMap, TIME_BIT, mention_bit};
use super::language::RATE_OF;
use super::node::{Expr, Node, Symbol};
use std::collections::HashMap;

/// What stands for a call of a user function, by its name and arguments; nothing leaves it.
type Replacement<'a> = dyn FnMut(&mut Graph, Symbol, &[Expr]) -> Option<Expr> + 'a;

/// What stands for a call of an elementary function; nothing leaves it.
#[cfg(feature = "sbml")]
type Spelling<'a> = dyn FnMut(&mut Graph, Function, &[Expr]) -> Option<Expr> + 'a;

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
        // with many symbols every bit is set
        let mask = match replacements.len() {
            ..200 => (replacements.keys()).fold(0, |mask, symbol| mask | mention_bit(*symbol)),
            _ => !TIME_BIT,
        };
        let mut done: QuickMap<u32, Expr> = QuickMap::default();
        for e in self.reachable(expressions, |e| self.may_mention_any(e, mask)) {
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

    /// Replaces calls of user functions, inner ones first. `replacement` gets the name of the function and its arguments, in
    /// which calls are replaced already, and gives what stands for the call, or nothing to leave it.
    pub(crate) fn replace_calls(
        &mut self,
        expressions: &[Expr],
        replacement: &mut Replacement,
    ) -> Vec<Expr> {
        let mut done: QuickMap<u32, Expr> = QuickMap::default();
        for e in self.reachable(expressions, |e| self.has_calls(e)) {
            let known = |operand: Expr| done.get(&operand.0).copied().unwrap_or(operand);
            let node = self.node(e).clone();
            let new = match &node {
                Node::User(name, arguments) => {
                    let arguments: Vec<Expr> = arguments.iter().map(|a| known(*a)).collect();
                    match replacement(self, *name, &arguments) {
                        Some(new) => new,
                        None => self.add_node(Node::User(*name, arguments.into())),
                    }
                }
                _ if node.children().all(|child| known(child) == child) => e,
                _ => self.rebuild(&node, known).unwrap_or(e),
            };
            done.insert(e.0, new);
        }
        expressions.iter().map(|e| done[&e.0]).collect()
    }

    /// Replaces calls of elementary functions, inner ones first; `replacement` gives what stands for a call, or nothing to leave it.
    #[cfg(feature = "sbml")]
    pub(crate) fn replace_functions(&mut self, e: Expr, replacement: &mut Spelling) -> Expr {
        let mut done: QuickMap<u32, Expr> = QuickMap::default();
        for e in self.reachable(&[e], |_| true) {
            let known = |operand: Expr| done.get(&operand.0).copied().unwrap_or(operand);
            let node = self.node(e).clone();
            let called = match &node {
                Node::Call(function, arguments) => {
                    let arguments: Vec<Expr> = arguments.iter().map(|a| known(*a)).collect();
                    replacement(self, *function, &arguments)
                }
                _ => None,
            };
            let new = match called {
                Some(new) => new,
                None if node.children().all(|child| known(child) == child) => e,
                None => self.rebuild(&node, known).unwrap_or(e),
            };
            done.insert(e.0, new);
        }
        done[&e.0]
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
                    match other.name(*name) {
                        RATE_OF => self.user(RATE_OF, &arguments),
                        name => self.user(&rename(name), &arguments),
                    }
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
