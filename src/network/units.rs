//! Units of formulas against declared units; undeclared units stand as they are.
use super::definitions::dependency_order;
use super::rates::rated;
use super::resolve::Resolved;
use super::{ElementKind, Network, NetworkError, Place, Rule};
use crate::expr::{Expr, Graph, infer_unit};
use crate::units::Unit;
use std::collections::{HashMap, HashSet};

/// Units of all symbols: those declared, and those that follow for assigned quantities and reaction rates.
struct Units {
    known: HashMap<String, Unit>,
}

impl Units {
    /// Follows definitions, each after those that it reads.
    fn new(declared: HashMap<String, Unit>, definitions: &[(String, Expr)], graph: &Graph) -> Self {
        let position: HashMap<&str, usize> = (definitions.iter().enumerate())
            .map(|(i, (id, _))| (id.as_str(), i))
            .collect();
        let uses: Vec<Vec<usize>> = (definitions.iter())
            .map(|(_, e)| {
                let read = graph.symbols_of(*e).into_iter().map(|s| graph.name(s));
                let read = read.map(|name| rated(name).unwrap_or(name));
                read.filter_map(|name| position.get(name).copied())
                    .collect()
            })
            .collect();
        let mut units = Units { known: declared };
        for at in dependency_order(&uses, &mut |_| {}) {
            let (id, e) = &definitions[at];
            if !units.known.contains_key(id) {
                // an inconsistent definition is reported at its own place
                let unit = infer_unit(graph, *e, &|id| units.of(id)).unwrap_or(None);
                units.known.extend(unit.map(|unit| (id.clone(), unit)));
            }
        }
        units
    }

    fn of(&self, id: &str) -> Option<Unit> {
        match rated(id) {
            Some(of) => Some(self.known.get(of)?.divide(self.known.get("time")?)),
            None => self.known.get(id).cloned(),
        }
    }
}

/// Reports units that cannot be read and formulas whose unit does not fit.
pub(super) fn check(network: &Network, resolved: &Resolved, errors: &mut Vec<NetworkError>) {
    let declared = declared(network, errors);
    let assignments = resolved
        .assignments
        .iter()
        .map(|(id, e)| (id.to_string(), *e));
    let rates = (network.reactions.iter().zip(&resolved.reactions))
        .map(|((id, _), r)| (id.clone(), r.rate));
    // a graph of its own: the comparisons below add expressions
    let mut graph = resolved.graph.clone();
    let wanted = graph.symbol("wanted unit");
    let definitions: Vec<(String, Expr)> = assignments.chain(rates).collect();
    let checks = comparisons(network, resolved, &mut graph, &declared);
    let compared: Vec<Expr> = checks
        .iter()
        .map(|c| graph.add(c.formula, wanted))
        .collect();
    let units = Units::new(declared, &definitions, &graph);
    // the rate law stands in every comparison of its reaction: said once
    let mut broken: HashSet<(ElementKind, String)> = HashSet::new();
    for (check, compared) in checks.into_iter().zip(compared) {
        let found = match infer_unit(&graph, check.formula, &|id| units.of(id)) {
            Ok(Some(found)) => found,
            Ok(None) => continue,
            Err(source) => {
                let element = (check.place.kind, check.place.id.clone());
                if broken.insert(element) {
                    let place = check.place;
                    let source = Box::new(source);
                    errors.push(NetworkError::InconsistentUnits { place, source });
                }
                continue;
            }
        };
        let Some(expected) = check.expected else {
            continue;
        };
        // a literal coefficient may be a conversion, and `infer_unit` knows where it may
        let with_wanted = |id: &str| {
            if id == "wanted unit" {
                Some(expected.clone())
            } else {
                units.of(id)
            }
        };
        if infer_unit(&graph, compared, &with_wanted).is_err() {
            let (expected, found) = (expected.to_string().into(), found.to_string().into());
            let (place, purpose) = (check.place, check.purpose);
            errors.push(NetworkError::WrongUnit {
                place,
                purpose,
                expected,
                found,
            });
        }
    }
}

/// All declared units that can be read, `time` included.
fn declared<'a>(network: &'a Network, errors: &mut Vec<NetworkError>) -> HashMap<String, Unit> {
    let mut texts: Vec<(ElementKind, &str, &str)> = Vec::new();
    let mut add = |kind, id, unit: Option<&'a String>| {
        texts.extend(unit.map(|unit| (kind, id, unit.as_str())))
    };
    add(ElementKind::Network, "time", network.time_unit.as_ref());
    for (id, compartment) in &network.compartments {
        add(ElementKind::Compartment, id, compartment.unit.as_ref());
    }
    for (id, species) in &network.species {
        add(ElementKind::Species, id, species.unit.as_ref());
    }
    for (id, parameter) in &network.parameters {
        add(ElementKind::Parameter, id, parameter.unit.as_ref());
    }
    for (id, input) in &network.inputs {
        add(ElementKind::Input, id, input.unit.as_ref());
    }
    for (id, observable) in &network.observables {
        add(ElementKind::Observable, id, observable.unit.as_ref());
    }
    for rule in &network.rules {
        if let Rule::Assignment { id, unit, .. } = rule {
            add(ElementKind::Assignment, id, unit.as_ref());
        }
    }
    let mut units = HashMap::new();
    for (kind, id, text) in texts {
        match Unit::parse(text) {
            Ok(unit) => {
                units.insert(id.to_string(), unit);
            }
            Err(source) => {
                let place = match kind {
                    ElementKind::Network => Place::part(kind, &network.id, "time unit"),
                    kind => Place::of(kind, id),
                };
                let source = Box::new(source);
                errors.push(NetworkError::UnknownUnit { place, source });
            }
        }
    }
    units
}

/// A formula and the unit it should have.
struct Comparison {
    place: Place,
    purpose: String,
    formula: Expr,
    expected: Option<Unit>,
}

fn comparisons(
    network: &Network,
    resolved: &Resolved,
    graph: &mut Graph,
    declared: &HashMap<String, Unit>,
) -> Vec<Comparison> {
    let mut checks = Vec::new();
    let mut compare = |place: Place, purpose: String, formula: Expr, expected: Option<Unit>| {
        checks.push(Comparison {
            place,
            purpose,
            formula,
            expected,
        });
    };
    let time = declared.get("time");
    let per_time = |id: &str| Some(declared.get(id)?.divide(time?));
    for ((id, _), resolved_reaction) in network.reactions.iter().zip(&resolved.reactions) {
        let place = Place::part(ElementKind::Reaction, id, "rate law");
        compare(place.clone(), String::new(), resolved_reaction.rate, None);
        for (species, stoichiometry) in &resolved_reaction.effects {
            let (species_id, species) = &network.species[*species];
            let mut change = graph.mul(*stoichiometry, resolved_reaction.rate);
            if let Some(factor) = &species.conversion_factor {
                let factor = graph.symbol(factor);
                change = graph.mul(change, factor);
            }
            if let Some(compartment) = species.compartment.as_ref().filter(|_| !species.amount) {
                let size = graph.symbol(compartment);
                change = graph.div(change, size);
            }
            let place = Place::of(ElementKind::Reaction, id);
            compare(
                place,
                format!("the derivative of `{species_id}`"),
                change,
                per_time(species_id),
            );
        }
    }
    for (id, e) in &resolved.rates {
        compare(
            Place::of(ElementKind::RateRule, id),
            format!("the derivative of `{id}`"),
            *e,
            per_time(id),
        );
    }
    for (id, e) in &resolved.assignments {
        compare(
            Place::of(ElementKind::Assignment, id),
            format!("`{id}`"),
            *e,
            declared.get(*id).cloned(),
        );
    }
    for (number, e) in resolved.algebraic.iter().enumerate() {
        compare(
            Place::of(ElementKind::AlgebraicRule, &(number + 1).to_string()),
            String::new(),
            *e,
            None,
        );
    }
    let assigned = network
        .initial_assignments
        .iter()
        .map(|(id, _)| id.as_str());
    let assigned: HashSet<&str> = assigned.collect();
    let mut initial: Vec<(&&str, &Expr)> = resolved.initial.iter().collect();
    initial.sort();
    for (id, e) in initial {
        let place = match assigned.contains(*id) {
            true => Place::of(ElementKind::InitialAssignment, id),
            false => Place::part(ElementKind::Species, id, "initial value"),
        };
        compare(place, format!("`{id}`"), *e, declared.get(*id).cloned());
    }
    for ((id, _), event) in network.events.iter().zip(&resolved.events) {
        let place = |part: String| Place::part(ElementKind::Event, id, part);
        compare(
            place("trigger".to_string()),
            String::new(),
            event.trigger,
            None,
        );
        if let Some(delay) = event.delay {
            compare(
                place("delay".to_string()),
                "a time".to_string(),
                delay,
                time.cloned(),
            );
        }
        for (target, e) in &event.assignments {
            let expected = declared.get(target).cloned();
            compare(
                place(format!("assignment of `{target}`")),
                format!("`{target}`"),
                *e,
                expected,
            );
        }
    }
    for ((id, _), e) in network.observables.iter().zip(&resolved.observables) {
        compare(
            Place::of(ElementKind::Observable, id),
            format!("`{id}`"),
            *e,
            declared.get(id).cloned(),
        );
    }
    checks
}
