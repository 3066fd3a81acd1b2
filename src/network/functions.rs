//! Inlining of a user's functions: every call is replaced by the function's body with the arguments put in.
use super::NetworkError;
use crate::expr::{Expr, Graph, Node, Symbol};
use std::collections::{HashMap, HashSet};

/// Bodies of functions, ready to be put in place of calls.
#[derive(Default)]
pub(super) struct Functions {
    /// arguments and body, by name
    bodies: HashMap<Symbol, (Vec<Symbol>, Expr)>,
    done: HashMap<Expr, Expr>,
}

impl Functions {
    /// Takes all definitions; those that call each other in a circle are reported and left out.
    pub fn new(
        graph: &mut Graph,
        definitions: &[(String, Vec<String>, Expr)],
        errors: &mut Vec<NetworkError>,
    ) -> Self {
        let mut bodies = HashMap::new();
        for (id, arguments, body) in definitions {
            let arguments = arguments.iter().map(|a| graph.intern(a)).collect();
            bodies.insert(graph.intern(id), (arguments, *body));
        }
        let mut reported = HashSet::new();
        for (id, ..) in definitions {
            let start = graph.intern(id);
            let mut path = Vec::new();
            if let Some(cycle) = circle(graph, &bodies, start, &mut path) {
                let names: Vec<String> = cycle.iter().map(|s| graph.name(*s).to_string()).collect();
                if cycle.iter().all(|s| !reported.contains(s)) {
                    errors.push(NetworkError::RecursiveFunction { cycle: names });
                }
                reported.extend(cycle);
            }
        }
        bodies.retain(|name, _| !reported.contains(name));
        Functions {
            bodies,
            done: HashMap::new(),
        }
    }

    /// Number of arguments of a function.
    pub fn arity(&self, name: Symbol) -> Option<usize> {
        self.bodies.get(&name).map(|(arguments, _)| arguments.len())
    }

    /// The expression without calls of known functions.
    pub fn inline(&mut self, graph: &mut Graph, e: Expr) -> Expr {
        if let Some(done) = self.done.get(&e) {
            return *done;
        }
        let node = graph.node(e).clone();
        let result = match node {
            Node::User(name, arguments) if self.arity(name) == Some(arguments.len()) => {
                let values: Vec<Expr> = arguments.iter().map(|a| self.inline(graph, *a)).collect();
                let (names, body) = self.bodies[&name].clone();
                let body = self.inline(graph, body);
                graph.substitute(body, &names.into_iter().zip(values).collect())
            }
            node => rebuild(graph, node, e, &mut |graph, child| {
                self.inline(graph, child)
            }),
        };
        self.done.insert(e, result);
        result
    }
}

/// A circle of calls that `name` begins, closed: its last is its first.
fn circle(
    graph: &Graph,
    bodies: &HashMap<Symbol, (Vec<Symbol>, Expr)>,
    name: Symbol,
    path: &mut Vec<Symbol>,
) -> Option<Vec<Symbol>> {
    if let Some(at) = path.iter().position(|s| *s == name) {
        let mut cycle = path[at..].to_vec();
        cycle.push(name);
        return Some(cycle);
    }
    let (_, body) = bodies.get(&name)?;
    path.push(name);
    let found = calls_of(graph, *body)
        .into_iter()
        .find_map(|(called, _)| circle(graph, bodies, called, path));
    path.pop();
    found
}

/// All calls of user functions in an expression: name and number of arguments, each once.
pub(super) fn calls_of(graph: &Graph, e: Expr) -> Vec<(Symbol, usize)> {
    let mut calls = Vec::new();
    let mut seen = HashSet::new();
    let mut open = vec![e];
    while let Some(e) = open.pop() {
        if !seen.insert(e) {
            continue;
        }
        if let Node::User(name, arguments) = graph.node(e)
            && !calls.contains(&(*name, arguments.len()))
        {
            calls.push((*name, arguments.len()));
        }
        open.extend(graph.node(e).children());
    }
    calls
}

/// The node with each operand mapped; `e` itself if none changed.
fn rebuild(
    graph: &mut Graph,
    node: Node,
    e: Expr,
    map: &mut dyn FnMut(&mut Graph, Expr) -> Expr,
) -> Expr {
    let old: Vec<Expr> = node.children().collect();
    let new: Vec<Expr> = old.iter().map(|child| map(graph, *child)).collect();
    if old == new {
        return e;
    }
    match node {
        Node::Number(_) | Node::Symbol(_) | Node::Time => e,
        Node::Sum(_) => graph.sum(&new),
        Node::Product(_) => graph.product(&new),
        Node::Divide(..) => graph.div(new[0], new[1]),
        Node::Call(f, _) => graph.call(f, &new),
        Node::Compare(relation, ..) => graph.compare(relation, new[0], new[1]),
        Node::And(_) => graph.and(&new),
        Node::Or(_) => graph.or(&new),
        Node::Not(_) => graph.not(new[0]),
        Node::Select(..) => graph.select(new[0], new[1], new[2]),
        // an unknown function or a wrong number of arguments: reported where the formula is resolved
        Node::User(..) => e,
    }
}
