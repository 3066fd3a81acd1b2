//! Algebraic rules that are linear in the quantity which they determine: they become assignment rules.
//!
//! An assignment rule is exact at every time and at the start, where initial assignments may read it; a residual is only as
//! exact as the steps. Rules are solved one after the other, each in the terms of those that are left, as by elimination.
use super::determine::{Quantity, Role};
use super::rates::rated;
use super::resolve::Resolved;
use super::{ElementKind, Network};
use crate::expr::{Expr, Graph};
use std::collections::{HashMap, HashSet};

/// Solves what is linear; `residuals` are the rules without defined quantities.
pub(super) fn solve_linear<'a>(
    network: &Network,
    graph: &mut Graph,
    resolved: &mut Resolved<'a>,
    quantities: &mut [Quantity<'a>],
    mut residuals: Vec<Expr>,
) {
    // a concentration in a compartment whose size a formula gives hides what that formula reads
    let role_of: HashMap<&str, Role> = (quantities.iter())
        .filter(|q| q.kind == ElementKind::Compartment)
        .map(|q| (q.id, q.role))
        .collect();
    let hides: HashSet<&str> = (network.species.iter())
        .filter(|(_, species)| !species.amount)
        .filter(|(_, species)| {
            let role = species.compartment.as_deref().map(|id| role_of.get(id));
            matches!(role.flatten(), Some(Role::Assigned | Role::Algebraic(_)))
        })
        .map(|(id, _)| id.as_str())
        .collect();
    let mut determined: Vec<Option<usize>> = vec![None; residuals.len()];
    for (at, q) in quantities.iter().enumerate() {
        if let Role::Algebraic(rule) = q.role {
            determined[rule] = Some(at);
        }
    }
    for rule in 0..residuals.len() {
        let Some(at) = determined[rule] else { continue };
        let opaque = graph.symbols_of(residuals[rule]).into_iter().any(|symbol| {
            let name = graph.name(symbol);
            hides.contains(name) || rated(name).is_some()
        });
        let symbol = graph.intern(quantities[at].id);
        let Some((slope, rest)) = graph.linear_parts(residuals[rule], symbol) else {
            continue;
        };
        if opaque || graph.as_number(slope) == Some(0.0) {
            continue;
        }
        let above = graph.neg(rest);
        let value = graph.div(above, slope);
        let solved = HashMap::from([(symbol, value)]);
        residuals = graph.substitute_all(&residuals, &solved);
        resolved.assignments.push((quantities[at].id, value));
        quantities[at].role = Role::Assigned;
    }
}
