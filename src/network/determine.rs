//! What determines each quantity: a rule, reactions, an event, an algebraic rule by matching, or nothing.
use super::resolve::Resolved;
use super::{ElementKind, Formula, Network, NetworkError, Place};
use crate::expr::{Expr, Symbol};
use std::collections::{HashMap, HashSet, VecDeque};

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
    let mut causes = Causes::new(network, resolved);
    let mut quantities = Vec::new();
    let mut add = |id: &'a str, kind, index, constant, boundary| {
        let role = causes.role(id, constant, boundary, errors);
        quantities.push(Quantity {
            id,
            kind,
            index,
            role,
        });
    };
    for (index, (id, species)) in network.species.iter().enumerate() {
        add(
            id,
            ElementKind::Species,
            index,
            species.constant,
            species.boundary,
        );
    }
    for (index, (id, compartment)) in network.compartments.iter().enumerate() {
        add(
            id,
            ElementKind::Compartment,
            index,
            compartment.constant,
            true,
        );
    }
    for (index, (id, parameter)) in network.parameters.iter().enumerate() {
        add(id, ElementKind::Parameter, index, parameter.constant, true);
    }
    // rules for quantities that only the rule declares: two rules for one are too many
    let declared: HashSet<&str> = quantities.iter().map(|q| q.id).collect();
    let mut seen = HashSet::new();
    for (id, _) in &resolved.assignments {
        if !declared.contains(id) && !seen.insert(id) {
            let place = Place::of(ElementKind::Assignment, id);
            errors.push(NetworkError::Overdetermined {
                id: id.to_string(),
                by: vec![place.clone(), place],
            });
        }
    }
    quantities
}

/// What determines or changes each id.
#[derive(Default)]
struct Causes<'n> {
    rules: HashMap<&'n str, Vec<(ElementKind, Role)>>,
    /// the first reaction that changes a species
    reactions: HashMap<&'n str, &'n str>,
    events: HashMap<&'n str, Vec<Place>>,
}

impl<'n> Causes<'n> {
    fn new(network: &'n Network, resolved: &Resolved<'n>) -> Self {
        let mut causes = Causes::default();
        for (id, _) in &resolved.assignments {
            let rules = causes.rules.entry(id).or_default();
            rules.push((ElementKind::Assignment, Role::Assigned));
        }
        for (at, (id, _)) in resolved.rates.iter().enumerate() {
            let rules = causes.rules.entry(id).or_default();
            rules.push((ElementKind::RateRule, Role::Rate(at)));
        }
        for ((reaction, _), resolved) in network.reactions.iter().zip(&resolved.reactions) {
            for (species, _) in &resolved.effects {
                let species = network.species[*species].0.as_str();
                causes.reactions.entry(species).or_insert(reaction);
            }
        }
        for (event_id, event) in &network.events {
            for (target, _) in &event.assignments {
                let part = format!("assignment of `{target}`");
                let place = Place::part(ElementKind::Event, event_id, part);
                causes.events.entry(target).or_default().push(place);
            }
        }
        causes
    }

    fn role(
        &mut self,
        id: &str,
        constant: bool,
        boundary: bool,
        errors: &mut Vec<NetworkError>,
    ) -> Role {
        let rules = self.rules.remove(id).unwrap_or_default().into_iter();
        let mut by: Vec<(Place, Role)> = rules
            .map(|(kind, role)| (Place::of(kind, id), role))
            .collect();
        if let Some(reaction) = self.reactions.get(id).filter(|_| !boundary) {
            by.push((Place::of(ElementKind::Reaction, reaction), Role::Reactions));
        }
        let events = self.events.remove(id).unwrap_or_default();
        if constant {
            for place in by.into_iter().map(|(place, _)| place).chain(events) {
                let id = id.to_string();
                errors.push(NetworkError::ConstantChanged { place, id });
            }
            return Role::Constant;
        }
        let role = match by.first() {
            Some((_, role)) => *role,
            None if !events.is_empty() => Role::Still,
            None => Role::Free,
        };
        let assigned = by.iter().any(|(_, role)| *role == Role::Assigned);
        if by.len() > 1 || (assigned && !events.is_empty()) {
            let mut by: Vec<Place> = by.into_iter().map(|(place, _)| place).collect();
            if assigned {
                by.extend(events);
            }
            let id = id.to_string();
            errors.push(NetworkError::Overdetermined { id, by });
        }
        role
    }
}

/// Matches each algebraic rule with one free quantity that occurs in it (maximum bipartite matching by augmenting paths)
/// and turns the others into still states (species) and constants.
///
/// Where a rule could determine several, the first of these is taken: quantities without a start value, then those that are
/// no boundary species, in the order species, compartments, parameters, each as declared. The others keep their values; that
/// the choice was ours goes to `open`. `flat` gives the rules' expressions without defined quantities.
pub(super) fn match_algebraic(
    network: &Network,
    quantities: &mut [Quantity],
    resolved: &Resolved,
    flat: &[Expr],
    errors: &mut Vec<NetworkError>,
    open: &mut Vec<NetworkError>,
) {
    let by_symbol: HashMap<Symbol, usize> = (quantities.iter().enumerate())
        .filter(|(_, q)| q.role == Role::Free)
        .filter_map(|(i, q)| Some((resolved.graph.lookup(q.id)?, i)))
        .collect();
    let preference = |i: &usize| {
        let q = &quantities[*i];
        let boundary = q.kind == ElementKind::Species && network.species[q.index].1.boundary;
        (starts(network, resolved, q), boundary, *i)
    };
    let candidates: Vec<Vec<usize>> = (flat.iter())
        .map(|e| {
            let symbols = resolved.graph.symbols_of(*e);
            let found = symbols.iter().filter_map(|s| by_symbol.get(s).copied());
            let mut found: Vec<usize> = found.collect();
            found.sort_by_key(preference);
            found
        })
        .collect();
    let names = |rule: usize| -> Vec<String> {
        let mut sorted = candidates[rule].clone();
        sorted.sort_by_key(|i| quantities[*i].id);
        sorted
            .iter()
            .map(|i| quantities[*i].id.to_string())
            .collect()
    };
    let place = |rule: usize| Place::of(ElementKind::AlgebraicRule, &(rule + 1).to_string());
    let mut matched: HashMap<usize, usize> = HashMap::new();
    let mut of_rule: Vec<Option<usize>> = vec![None; flat.len()];
    for rule in 0..flat.len() {
        if !augment(rule, &candidates, &mut matched, &mut of_rule) {
            errors.push(NetworkError::OverdeterminedAlgebraic {
                place: place(rule),
                candidates: names(rule),
            });
        }
    }
    // a free quantity that no rule determines could take the place of the one that the rule determines
    for (rule, candidates) in candidates.iter().enumerate() {
        let determines = of_rule[rule].is_some();
        if determines && candidates.iter().any(|i| !matched.contains_key(i)) {
            open.push(NetworkError::UnderdeterminedAlgebraic {
                place: place(rule),
                candidates: names(rule),
            });
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

/// Whether a value is given at the start.
fn starts(network: &Network, resolved: &Resolved, q: &Quantity) -> bool {
    let value = match q.kind {
        ElementKind::Species => match network.species[q.index].1.initial {
            Some(Formula::Number(value)) => Some(value),
            _ => None,
        },
        ElementKind::Compartment => network.compartments[q.index].1.size,
        _ => network.parameters[q.index].1.value,
    };
    value.is_some_and(f64::is_finite) || resolved.initial.contains_key(q.id)
}

/// Finds a candidate for a rule, breadth first; rules that are served already may have to take another one.
fn augment(
    rule: usize,
    candidates: &[Vec<usize>],
    matched: &mut HashMap<usize, usize>,
    of_rule: &mut [Option<usize>],
) -> bool {
    let mut reached_from: HashMap<usize, usize> = HashMap::new();
    let mut queue = VecDeque::from([rule]);
    while let Some(at) = queue.pop_front() {
        for &candidate in &candidates[at] {
            if reached_from.contains_key(&candidate) {
                continue;
            }
            reached_from.insert(candidate, at);
            if let Some(&other) = matched.get(&candidate) {
                queue.push_back(other);
                continue;
            }
            let mut free = Some(candidate);
            while let Some(candidate) = free {
                let taker = reached_from[&candidate];
                matched.insert(candidate, taker);
                free = of_rule[taker].replace(candidate);
            }
            return true;
        }
    }
    false
}
