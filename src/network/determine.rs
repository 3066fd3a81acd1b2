//! What determines each quantity: a rule, reactions, an event, an algebraic rule by matching, or nothing.
use super::resolve::Resolved;
use super::{ElementKind, Formula, Network, NetworkError, Place};
use crate::expr::{Expr, Symbol};
use std::collections::{HashMap, HashSet};

/// What determines a compartment, species or parameter.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Role {
    /// An assignment rule.
    Assigned,
    /// A rate rule, by its position among the rate rules.
    Rate(usize),
    /// Reactions.
    Reactions,
    /// An algebraic rule, by its number from 0.
    Algebraic(usize),
    /// Nothing but events and doses: a state that stands still.
    Still,
    /// Nothing determines it and an algebraic rule may.
    Free,
    /// A number.
    Constant,
}

/// A compartment, species or parameter.
pub(super) struct Quantity<'a> {
    pub id: &'a str,
    pub kind: ElementKind,
    /// position among the network's elements of this kind
    pub index: usize,
    pub role: Role,
}

/// The role of every quantity; species first, then compartments, then parameters. Algebraic rules are not matched yet.
pub(super) fn roles<'a>(
    network: &'a Network,
    resolved: &Resolved,
    errors: &mut Vec<NetworkError>,
) -> Vec<Quantity<'a>> {
    let mut quantities = Vec::new();
    for (index, (id, species)) in network.species.iter().enumerate() {
        let mut by = rules_of(resolved, id);
        let reaction = resolved
            .reactions
            .iter()
            .position(|r| r.effects.iter().any(|(s, _)| *s == index));
        if let Some(reaction) = reaction
            && !species.boundary
        {
            by.push((
                Place::of(ElementKind::Reaction, &network.reactions[reaction].0),
                Role::Reactions,
            ));
        }
        let kind = ElementKind::Species;
        quantities.push(Quantity {
            id,
            kind,
            index,
            role: role(id, species.constant, by, resolved, network, errors),
        });
    }
    for (index, (id, compartment)) in network.compartments.iter().enumerate() {
        let role = role(
            id,
            compartment.constant,
            rules_of(resolved, id),
            resolved,
            network,
            errors,
        );
        quantities.push(Quantity {
            id,
            kind: ElementKind::Compartment,
            index,
            role,
        });
    }
    for (index, (id, parameter)) in network.parameters.iter().enumerate() {
        let role = role(
            id,
            parameter.constant,
            rules_of(resolved, id),
            resolved,
            network,
            errors,
        );
        quantities.push(Quantity {
            id,
            kind: ElementKind::Parameter,
            index,
            role,
        });
    }
    // rules for quantities that only the rule declares: two rules for one are too many
    for (position, (id, _)) in resolved.assignments.iter().enumerate() {
        let declared_by_rule = !quantities.iter().any(|q| q.id == *id);
        if declared_by_rule
            && resolved.assignments[..position]
                .iter()
                .any(|(earlier, _)| earlier == id)
        {
            let place = Place::of(ElementKind::Assignment, id);
            errors.push(NetworkError::Overdetermined {
                id: id.to_string(),
                by: vec![place.clone(), place],
            });
        }
    }
    quantities
}

/// The rules that determine `id`.
fn rules_of(resolved: &Resolved, id: &str) -> Vec<(Place, Role)> {
    let assigned = resolved.assignments.iter().filter(|(a, _)| *a == id);
    let rated = resolved
        .rates
        .iter()
        .enumerate()
        .filter(|(_, (r, _))| *r == id);
    assigned
        .map(|_| (Place::of(ElementKind::Assignment, id), Role::Assigned))
        .chain(rated.map(|(i, _)| (Place::of(ElementKind::RateRule, id), Role::Rate(i))))
        .collect()
}

fn role(
    id: &str,
    constant: bool,
    by: Vec<(Place, Role)>,
    resolved: &Resolved,
    network: &Network,
    errors: &mut Vec<NetworkError>,
) -> Role {
    let events: Vec<Place> = (resolved.events.iter().zip(&network.events))
        .filter(|(event, _)| event.assignments.iter().any(|(target, _)| target == id))
        .map(|(_, (event_id, _))| {
            Place::part(
                ElementKind::Event,
                event_id,
                format!("assignment of `{id}`"),
            )
        })
        .collect();
    if constant {
        for place in by.iter().map(|(place, _)| place).chain(&events) {
            errors.push(NetworkError::ConstantChanged {
                place: place.clone(),
                id: id.to_string(),
            });
        }
        return Role::Constant;
    }
    let assigned = by.iter().any(|(_, role)| *role == Role::Assigned);
    if by.len() > 1 || (assigned && !events.is_empty()) {
        let mut places: Vec<Place> = by.iter().map(|(place, _)| place.clone()).collect();
        if assigned {
            places.extend(events.iter().cloned());
        }
        errors.push(NetworkError::Overdetermined {
            id: id.to_string(),
            by: places,
        });
    }
    match by.first() {
        Some((_, role)) => *role,
        None if !events.is_empty() => Role::Still,
        None => Role::Free,
    }
}

/// Matches each algebraic rule with one free quantity that occurs in it (maximum bipartite matching by augmenting paths)
/// and turns the others into still states (species) and constants.
///
/// `flatten` gives the rule's expression without assigned quantities.
pub(super) fn match_algebraic(
    network: &Network,
    quantities: &mut [Quantity],
    resolved: &Resolved,
    flat: &[Expr],
    errors: &mut Vec<NetworkError>,
) {
    let by_symbol: HashMap<Symbol, usize> = quantities
        .iter()
        .enumerate()
        .filter_map(|(i, q)| Some((resolved.graph.lookup(q.id)?, i)))
        .collect();
    let candidates: Vec<Vec<usize>> = flat
        .iter()
        .map(|e| {
            let symbols = resolved.graph.symbols_of(*e);
            let found = symbols.iter().filter_map(|s| by_symbol.get(s).copied());
            found
                .filter(|i| quantities[*i].role == Role::Free)
                .collect()
        })
        .collect();
    let mut matched: HashMap<usize, usize> = HashMap::new();
    for rule in 0..flat.len() {
        let mut seen = HashSet::new();
        if !augment(rule, &candidates, &mut matched, &mut seen) {
            let place = Place::of(ElementKind::AlgebraicRule, &(rule + 1).to_string());
            let candidates = candidates[rule]
                .iter()
                .map(|i| quantities[*i].id.to_string())
                .collect();
            errors.push(NetworkError::OverdeterminedAlgebraic { place, candidates });
        }
    }
    // a free quantity that an alternating path reaches from a matched rule could be determined instead
    for (rule, of_rule) in candidates.iter().enumerate() {
        let open: Vec<usize> = of_rule
            .iter()
            .copied()
            .filter(|i| !matched.contains_key(i))
            .collect();
        if !open.is_empty() && matched.values().any(|r| *r == rule) {
            let place = Place::of(ElementKind::AlgebraicRule, &(rule + 1).to_string());
            let candidates = of_rule
                .iter()
                .map(|i| quantities[*i].id.to_string())
                .collect();
            errors.push(NetworkError::UnderdeterminedAlgebraic { place, candidates });
        }
    }
    for (i, quantity) in quantities.iter_mut().enumerate() {
        if quantity.role == Role::Free {
            quantity.role = match (matched.get(&i), quantity.kind) {
                (Some(rule), _) => Role::Algebraic(*rule),
                // doses may change it, but nothing makes a number of what is none
                (None, ElementKind::Species) => match network.species[quantity.index].1.initial {
                    Some(Formula::Number(value)) if !value.is_finite() => Role::Constant,
                    _ => Role::Still,
                },
                (None, _) => Role::Constant,
            };
        }
    }
}

fn augment(
    rule: usize,
    candidates: &[Vec<usize>],
    matched: &mut HashMap<usize, usize>,
    seen: &mut HashSet<usize>,
) -> bool {
    for &candidate in &candidates[rule] {
        if seen.insert(candidate) {
            let free = match matched.get(&candidate).copied() {
                None => true,
                Some(other) => augment(other, candidates, matched, seen),
            };
            if free {
                matched.insert(candidate, rule);
                return true;
            }
        }
    }
    false
}
