//! Inlining of a user's functions: every call is replaced by the function's body with the arguments put in.
use super::definitions::dependency_order;
use super::{ElementKind, NetworkError, Place};
use crate::expr::{Expr, Graph, Node, Symbol};
use std::collections::{HashMap, HashSet};

/// Nodes that inlining may add to the graph of a model.
const MOST_NODES: usize = 1 << 19;

/// Bodies of functions, ready to be put in place of calls: they call none of the others.
#[derive(Default)]
pub(super) struct Functions {
    /// arguments and body, by name
    bodies: HashMap<Symbol, (Vec<Symbol>, Expr)>,
    /// nodes that may still be added
    left: usize,
}

impl Functions {
    /// Takes all definitions; those that call each other in a circle are reported and left out.
    pub fn new(
        graph: &mut Graph,
        definitions: &[(String, Vec<String>, Expr)],
        errors: &mut Vec<NetworkError>,
    ) -> Self {
        let names: Vec<Symbol> = definitions
            .iter()
            .map(|(id, ..)| graph.intern(id))
            .collect();
        let position: HashMap<Symbol, usize> = names
            .iter()
            .enumerate()
            .map(|(i, name)| (*name, i))
            .collect();
        let uses: Vec<Vec<usize>> = (definitions.iter())
            .map(|(_, _, body)| {
                let calls = calls_of(graph, *body).into_iter();
                calls
                    .filter_map(|(called, _)| position.get(&called).copied())
                    .collect()
            })
            .collect();
        let mut in_circle = vec![false; definitions.len()];
        let order = dependency_order(&uses, &mut |cycle| {
            cycle.iter().for_each(|at| in_circle[*at] = true);
            let cycle = cycle.iter().map(|at| definitions[*at].0.clone()).collect();
            errors.push(NetworkError::RecursiveFunction { cycle });
        });
        let mut functions = Functions {
            bodies: HashMap::new(),
            left: MOST_NODES,
        };
        for at in order.into_iter().filter(|at| !in_circle[*at]) {
            let (id, arguments, body) = &definitions[at];
            let arguments = arguments.iter().map(|a| graph.intern(a)).collect();
            let place = Place::of(ElementKind::Function, id);
            let body = functions.inline(graph, *body, &place, errors);
            functions.bodies.insert(names[at], (arguments, body));
        }
        functions
    }

    /// Number of arguments of a function.
    pub fn arity(&self, name: Symbol) -> Option<usize> {
        self.bodies.get(&name).map(|(arguments, _)| arguments.len())
    }

    /// The expression without calls of known functions. Calls beyond the size that a model may have stay, and are reported.
    pub fn inline(
        &mut self,
        graph: &mut Graph,
        e: Expr,
        place: &Place,
        errors: &mut Vec<NetworkError>,
    ) -> Expr {
        if !graph.has_calls(e) {
            return e;
        }
        let before = graph.len();
        let (bodies, left) = (&self.bodies, self.left);
        let mut put_in = |graph: &mut Graph, name: Symbol, arguments: &[Expr]| {
            let (names, body) = bodies.get(&name)?;
            if names.len() != arguments.len() || graph.len() - before >= left {
                return None;
            }
            let values = names.iter().copied().zip(arguments.iter().copied());
            Some(graph.substitute(*body, &values.collect()))
        };
        let inlined = graph.replace_calls(&[e], &mut put_in)[0];
        let added = graph.len() - before;
        if added >= left && left > 0 {
            errors.push(NetworkError::TooLarge {
                place: place.clone(),
                nodes: MOST_NODES,
            });
        }
        self.left = left.saturating_sub(added);
        inlined
    }
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
        if graph.has_calls(e) {
            open.extend(graph.node(e).children());
        }
    }
    calls
}
