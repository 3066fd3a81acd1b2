//! Derivatives by time: what reactions make of a species, and what `rateOf(x)` stands for in formulas.
//!
//! `rateOf(x)` is a quantity like any other, defined by an expression that may read further ones. For a concentration
//! \\(c\\) in a compartment of varying size \\(V\\), with the net rate \\(r\\) of the amount,
//! $$ \mathrm{rateOf}(c) = \frac{r - c\,\mathrm{rateOf}(V)}{V}. $$
use super::determine::{Quantity, Role};
use super::resolve::Resolved;
use super::{ElementKind, Network, NetworkError};
use crate::expr::{Expr, Graph, Node, RATE_OF, Symbol, Variable};
use std::collections::{HashMap, HashSet};

/// Derivatives of derivatives that a formula may read; more mean that a rate is defined by itself.
const DEEPEST: usize = 8;

/// The name of the derivative of a quantity.
pub(super) fn rate_name(of: &str) -> String {
    format!("{RATE_OF}({of})")
}

/// The quantity whose derivative has this name.
pub(super) fn rated(name: &str) -> Option<&str> {
    name.strip_prefix(RATE_OF)?
        .strip_prefix('(')?
        .strip_suffix(')')
}

/// Net rates of species and definitions of derivatives.
pub(super) struct Rates<'a> {
    network: &'a Network,
    /// reactions of each species, with signed stoichiometry
    changes: Vec<Vec<(usize, Expr)>>,
}

impl<'a> Rates<'a> {
    pub fn new(network: &'a Network, resolved: &Resolved) -> Self {
        let mut changes = vec![Vec::new(); network.species.len()];
        for (reaction, resolved) in resolved.reactions.iter().enumerate() {
            for (species, stoichiometry) in &resolved.effects {
                changes[*species].push((reaction, *stoichiometry));
            }
        }
        Rates { network, changes }
    }

    /// Sum of stoichiometry times rate, divided by the size where there is one.
    pub fn net(
        &self,
        graph: &mut Graph,
        resolved: &Resolved,
        species: usize,
        size: Option<&str>,
    ) -> Expr {
        let size = size.map(|id| graph.symbol(id));
        let factor = self.network.species[species].1.conversion_factor.as_ref();
        let factor = factor.map(|id| graph.symbol(id));
        let mut terms = Vec::new();
        for (reaction, stoichiometry) in &self.changes[species] {
            let rate = resolved.reactions[*reaction].rate;
            let rate = size.map_or(rate, |size| divide(graph, rate, size));
            let term = graph.mul(*stoichiometry, rate);
            terms.push(factor.map_or(term, |factor| graph.mul(factor, term)));
        }
        graph.sum(&terms)
    }

    /// Definitions of all derivatives that formulas read, and of those that these read in turn.
    pub fn definitions(
        &self,
        graph: &mut Graph,
        resolved: &Resolved,
        quantities: &[Quantity],
        errors: &mut Vec<NetworkError>,
    ) -> Vec<(Symbol, Expr)> {
        let mut definitions = Vec::new();
        if resolved.rates_read.is_empty() {
            return definitions;
        }
        let known: HashMap<&str, &Quantity> = quantities.iter().map(|q| (q.id, q)).collect();
        let mut formulas: HashMap<String, Expr> = HashMap::new();
        let reactions = (self.network.reactions.iter()).zip(&resolved.reactions);
        let observables = (self.network.observables.iter()).zip(&resolved.observables);
        formulas.extend(
            resolved
                .assignments
                .iter()
                .map(|(id, e)| (id.to_string(), *e)),
        );
        formulas.extend(reactions.map(|((id, _), r)| (id.clone(), r.rate)));
        formulas.extend(observables.map(|((id, _), e)| (id.clone(), *e)));
        let inputs: HashSet<&str> = self
            .network
            .inputs
            .iter()
            .map(|(id, _)| id.as_str())
            .collect();

        for (first, place) in &resolved.rates_read {
            let mut refuse = |of: &str, problem| {
                errors.push(NetworkError::NoDerivative {
                    place: place.clone(),
                    of: of.into(),
                    problem,
                });
            };
            let mut open = vec![first.clone()];
            while let Some(of) = open.pop() {
                let name = rate_name(&of);
                let symbol = graph.intern(&name);
                if formulas.contains_key(&name) {
                    continue;
                }
                let e = match known.get(of.as_str()) {
                    Some(q) => match q.role {
                        Role::Rate(rule) => resolved.rates[rule].1,
                        Role::Assigned => self.total(graph, formulas[&of], &known),
                        Role::Algebraic(_) => {
                            refuse(&of, "an algebraic equation determines it");
                            graph.number(0.0)
                        }
                        Role::Reactions | Role::Still | Role::Free | Role::Constant => {
                            self.of_balance(graph, resolved, q, &known)
                        }
                    },
                    None if inputs.contains(of.as_str()) => graph.symbol(&format!("{of}.rate")),
                    None => match formulas.get(&of) {
                        Some(_) if name.matches('(').count() > DEEPEST => {
                            refuse(first, "it is defined by its own derivatives");
                            graph.number(0.0)
                        }
                        Some(e) => self.total(graph, *e, &known),
                        None => graph.number(0.0), // an unknown id was reported
                    },
                };
                let read = graph.symbols_of(e);
                open.extend(
                    read.iter()
                        .filter_map(|s| Some(rated(graph.name(*s))?.to_string())),
                );
                formulas.insert(name, e);
                definitions.push((symbol, e));
            }
        }
        definitions
    }

    /// The derivative of a quantity that no rule determines.
    fn of_balance(
        &self,
        graph: &mut Graph,
        resolved: &Resolved,
        q: &Quantity,
        known: &HashMap<&str, &Quantity>,
    ) -> Expr {
        if q.kind != ElementKind::Species {
            return graph.number(0.0);
        }
        let species = &self.network.species[q.index].1;
        let size = species.compartment.as_deref().filter(|_| !species.amount);
        let net = match q.role {
            Role::Reactions => self.net(graph, resolved, q.index, size),
            _ => graph.number(0.0),
        };
        let varies = |id: &&str| known.get(id).is_some_and(|q| q.role != Role::Constant);
        match size.filter(varies) {
            Some(size) => {
                let rate = graph.symbol(&rate_name(size));
                let (concentration, size) = (graph.symbol(q.id), graph.symbol(size));
                let relative = graph.div(rate, size);
                let dilution = graph.mul(concentration, relative);
                graph.sub(net, dilution)
            }
            None => net,
        }
    }

    /// The derivative of an expression by time, in terms of the derivatives of what it reads.
    fn total(&self, graph: &mut Graph, e: Expr, known: &HashMap<&str, &Quantity>) -> Expr {
        let mut seeds = vec![(Variable::Time, graph.number(1.0))];
        for symbol in graph.symbols_of(e) {
            let name = graph.name(symbol).to_string();
            let constant = known
                .get(name.as_str())
                .is_some_and(|q| q.role == Role::Constant);
            if !constant {
                seeds.push((Variable::Symbol(symbol), graph.symbol(&rate_name(&name))));
            }
        }
        graph.derivatives_along(&[e], &seeds)[0]
    }
}

/// The quotient; a factor of the numerator that equals the denominator is cancelled, for rate laws are often written as
/// `size * ...`.
fn divide(graph: &mut Graph, numerator: Expr, denominator: Expr) -> Expr {
    if let Node::Product(factors) = graph.node(numerator)
        && let Some(at) = factors.iter().position(|f| *f == denominator)
    {
        let mut rest = factors.to_vec();
        rest.remove(at);
        return graph.product(&rest);
    }
    graph.div(numerator, denominator)
}
