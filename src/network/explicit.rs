//! Algebraic rules that are linear in the quantity which they determine: they become assignment rules.
//!
//! An assignment rule is exact at every time and at the start, where initial assignments may read it; a residual is only as
//! exact as the steps. Rules that read each other in circles are solved by elimination.
use super::determine::{Quantity, Role};
use super::rates::rated;
use super::resolve::Resolved;
use super::{ElementKind, Network};
use crate::expr::{Expr, Graph, Symbol};
use std::collections::{HashMap, HashSet, VecDeque};

/// Rules in circles that are solved by elimination, for it takes the square of their number.
const MOST: usize = 100;

/// Solves what is linear; `residuals` are the rules without defined quantities.
pub(super) fn solve_linear<'a>(
    network: &Network,
    graph: &mut Graph,
    resolved: &mut Resolved<'a>,
    quantities: &mut [Quantity<'a>],
    mut residuals: Vec<Expr>,
) {
    let opaque = opaque_concentrations(network, quantities);
    // the quantity of each rule and the rule of each quantity
    let mut unknowns: HashMap<usize, (usize, Symbol)> = HashMap::new();
    let mut owners: HashMap<Symbol, usize> = HashMap::new();
    for (at, q) in quantities.iter().enumerate() {
        if let Role::Algebraic(rule) = q.role {
            let symbol = graph.intern(q.id);
            unknowns.insert(rule, (at, symbol));
            owners.insert(symbol, rule);
        }
    }
    let mut solve = |graph: &mut Graph, rule: usize, residual: Expr| {
        let (at, symbol) = *unknowns.get(&rule)?;
        let hidden = graph.symbols_of(residual).into_iter().any(|symbol| {
            let name = graph.name(symbol);
            opaque.contains(name) || rated(name).is_some()
        });
        let (slope, rest) = graph.linear_parts(residual, symbol).filter(|_| !hidden)?;
        if graph.as_number(slope) == Some(0.0) {
            return None;
        }
        let above = graph.neg(rest);
        let value = graph.div(above, slope);
        resolved.assignments.push((quantities[at].id, value));
        quantities[at].role = Role::Assigned;
        Some((symbol, value))
    };

    // rule after rule, as what they read is known
    let mut readers: Vec<Vec<usize>> = vec![Vec::new(); residuals.len()];
    let mut waits_for = vec![0; residuals.len()];
    for (rule, residual) in residuals.iter().enumerate() {
        let read = graph.symbols_of(*residual).into_iter();
        for owner in read.filter_map(|s| owners.get(&s).copied()) {
            if owner != rule {
                readers[owner].push(rule);
                waits_for[rule] += 1;
            }
        }
    }
    let rules = 0..residuals.len();
    let mut ready: VecDeque<usize> = rules.clone().filter(|r| waits_for[*r] == 0).collect();
    let mut circular: HashSet<usize> = rules.clone().collect();
    while let Some(rule) = ready.pop_front() {
        circular.remove(&rule);
        solve(graph, rule, residuals[rule]);
        for &reader in &readers[rule] {
            waits_for[reader] -= 1;
            if waits_for[reader] == 0 {
                ready.push_back(reader);
            }
        }
    }
    if circular.len() > MOST {
        return;
    }
    for rule in rules.filter(|rule| circular.contains(rule)) {
        if let Some(solved) = solve(graph, rule, residuals[rule]) {
            residuals = graph.substitute_all(&residuals, &HashMap::from([solved]));
        }
    }
}

/// Concentrations in compartments whose size a formula gives: they hide what that formula reads.
fn opaque_concentrations<'n>(network: &'n Network, quantities: &[Quantity]) -> HashSet<&'n str> {
    let computed: HashSet<&str> = (quantities.iter())
        .filter(|q| q.kind == ElementKind::Compartment)
        .filter(|q| matches!(q.role, Role::Assigned | Role::Algebraic(_)))
        .map(|q| q.id)
        .collect();
    let species = network.species.iter().filter(|(_, s)| !s.amount);
    species
        .filter(|(_, s)| {
            s.compartment
                .as_deref()
                .is_some_and(|id| computed.contains(id))
        })
        .map(|(id, _)| id.as_str())
        .collect()
}
