//! What determines each quantity: a rule, reactions, an event, or nothing. What algebraic rules determine stands in `matching`.
use super::resolve::Resolved;
use super::{ElementKind, Network, NetworkError, Place};
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
#[derive(Clone)]
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
