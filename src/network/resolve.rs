//! Formulas to expressions: functions inlined, every id known. Collects all errors on the way.
use super::functions::{Functions, calls_of};
use super::rates::{rate_name, rated};
use super::{ElementKind, Formula, Network, NetworkError, Place, Port, Rule};
use crate::expr::{
    Expr, Graph, Node, RATE_OF, Symbol, function_names, is_identifier, is_reserved, suggest,
};
use std::collections::{HashMap, HashSet};

/// A reaction with its rate and the net effect on species (position in the network, signed stoichiometry).
pub(super) struct ResolvedReaction {
    pub rate: Expr,
    pub effects: Vec<(usize, Expr)>,
}
/// An event's expressions.
pub(super) struct ResolvedEvent {
    pub trigger: Expr,
    pub delay: Option<Expr>,
    pub priority: Option<Expr>,
    pub assignments: Vec<(String, Expr)>,
}
/// All formulas of a network as expressions of one graph.
pub(super) struct Resolved<'a> {
    pub graph: Graph,
    /// initial values that are formulas, by quantity; initial assignments stand before a species' own formula
    pub initial: HashMap<&'a str, Expr>,
    pub assignments: Vec<(&'a str, Expr)>,
    pub rates: Vec<(&'a str, Expr)>,
    pub algebraic: Vec<Expr>,
    pub reactions: Vec<ResolvedReaction>,
    pub events: Vec<ResolvedEvent>,
    pub observables: Vec<Expr>,
    /// quantities whose derivatives formulas read, and where first
    pub rates_read: Vec<(String, Place)>,
}

struct Resolver<'a, 'e> {
    graph: Graph,
    functions: Functions,
    /// ids that formulas may use
    values: HashMap<&'a str, ElementKind>,
    function_ids: HashSet<&'a str>,
    rates_read: HashMap<String, Place>,
    non_finite: bool,
    errors: &'e mut Vec<NetworkError>,
}

/// Resolves all formulas of a network.
pub(super) fn resolve<'a>(network: &'a Network, errors: &mut Vec<NetworkError>) -> Resolved<'a> {
    let mut graph = network.graph.clone();
    check_ids(network, errors);
    let mut values: HashMap<&str, ElementKind> = HashMap::new();
    for (kind, id) in network.declared() {
        if !matches!(kind, ElementKind::Function | ElementKind::Event) {
            values.entry(id).or_insert(kind);
        }
    }
    let functions = functions(network, &mut graph, errors);
    let function_ids = network
        .functions
        .iter()
        .map(|(id, _)| id.as_str())
        .collect();
    in_ports(network, &mut values, errors);
    let mut r = Resolver {
        graph,
        functions,
        values,
        function_ids,
        rates_read: HashMap::new(),
        non_finite: network.non_finite,
        errors,
    };
    r.out_ports(network);

    let mut initial = HashMap::new();
    for (id, species) in &network.species {
        if let Some(formula) = &species.initial
            && !matches!(formula, Formula::Number(_))
        {
            initial.insert(
                id.as_str(),
                r.formula(
                    formula,
                    Place::part(ElementKind::Species, id, "initial value"),
                ),
            );
        }
        let place = Place::of(ElementKind::Species, id);
        if let Some(compartment) = &species.compartment {
            r.reference(
                compartment,
                &[ElementKind::Compartment],
                "compartment",
                place.clone(),
            );
        }
        if let Some(factor) = &species.conversion_factor {
            r.reference(factor, &[ElementKind::Parameter], "parameter", place);
        }
    }
    const QUANTITY: [ElementKind; 3] = [
        ElementKind::Compartment,
        ElementKind::Species,
        ElementKind::Parameter,
    ];
    for (id, formula) in &network.initial_assignments {
        let place = Place::of(ElementKind::InitialAssignment, id);
        r.reference(
            id,
            &QUANTITY,
            "compartment, species or parameter",
            place.clone(),
        );
        let e = r.formula(formula, place);
        initial.insert(id.as_str(), e);
    }
    let mut resolved = Resolved {
        graph: Graph::new(),
        initial,
        assignments: Vec::new(),
        rates: Vec::new(),
        algebraic: Vec::new(),
        reactions: Vec::new(),
        events: Vec::new(),
        observables: Vec::new(),
        rates_read: Vec::new(),
    };
    for rule in &network.rules {
        match rule {
            Rule::Assignment { id, formula, .. } => {
                let e = r.formula(formula, Place::of(ElementKind::Assignment, id));
                resolved.assignments.push((id.as_str(), e));
            }
            Rule::Rate { id, formula } => {
                let place = Place::of(ElementKind::RateRule, id);
                r.reference(
                    id,
                    &QUANTITY,
                    "compartment, species or parameter",
                    place.clone(),
                );
                resolved
                    .rates
                    .push((id.as_str(), r.formula(formula, place)));
            }
            Rule::Algebraic { formula } => {
                let number = resolved.algebraic.len() + 1;
                resolved.algebraic.push(r.formula(
                    formula,
                    Place::of(ElementKind::AlgebraicRule, &number.to_string()),
                ));
            }
        }
    }
    let positions = network.species.iter().enumerate().rev();
    let positions: HashMap<&str, usize> = positions.map(|(i, (id, _))| (id.as_str(), i)).collect();
    for (id, reaction) in &network.reactions {
        let rate = match &reaction.rate {
            Some(rate) => r.formula(rate, Place::part(ElementKind::Reaction, id, "rate law")),
            None => {
                r.errors.push(NetworkError::NoRate {
                    place: Place::of(ElementKind::Reaction, id),
                });
                r.graph.number(0.0)
            }
        };
        let mut effects = Vec::new();
        let sides = reaction
            .reactants
            .iter()
            .map(|x| (x, true))
            .chain(reaction.products.iter().map(|x| (x, false)));
        for ((species, formula), consumed) in sides {
            let place = Place::part(
                ElementKind::Reaction,
                id,
                format!("stoichiometry of `{species}`"),
            );
            let mut e = r.formula(formula, place);
            if consumed {
                e = r.graph.neg(e);
            }
            let part = if consumed {
                "species consumed"
            } else {
                "species produced"
            };
            let place = Place::part(ElementKind::Reaction, id, part);
            r.reference(species, &[ElementKind::Species], "species", place);
            if let Some(&index) = positions.get(species.as_str()) {
                effects.push((index, e));
            }
        }
        for modifier in &reaction.modifiers {
            r.reference(
                modifier,
                &[ElementKind::Species],
                "species",
                Place::part(ElementKind::Reaction, id, "modifiers"),
            );
        }
        resolved.reactions.push(ResolvedReaction { rate, effects });
    }
    for (id, event) in &network.events {
        let place = |part: &str| Place::part(ElementKind::Event, id, part);
        let trigger = r.formula(&event.trigger, place("trigger"));
        let delay = event.delay.as_ref().map(|f| r.formula(f, place("delay")));
        let priority = event
            .priority
            .as_ref()
            .map(|f| r.formula(f, place("priority")));
        let mut assignments = Vec::new();
        for (target, formula) in &event.assignments {
            let place = place(&format!("assignment of `{target}`"));
            r.reference(
                target,
                &QUANTITY,
                "compartment, species or parameter",
                place.clone(),
            );
            assignments.push((target.clone(), r.formula(formula, place)));
        }
        resolved.events.push(ResolvedEvent {
            trigger,
            delay,
            priority,
            assignments,
        });
    }
    for (id, observable) in &network.observables {
        resolved
            .observables
            .push(r.formula(&observable.formula, Place::of(ElementKind::Observable, id)));
    }
    for (id, condition) in &network.constraints {
        r.formula(condition, Place::of(ElementKind::Constraint, id));
    }
    resolved.graph = r.graph;
    resolved.rates_read = r.rates_read.into_iter().collect();
    resolved.rates_read.sort_by(|(a, _), (b, _)| a.cmp(b));
    resolved
}

impl Resolver<'_, '_> {
    /// The expression of a formula, functions inlined; unknown ids and functions are reported.
    fn formula(&mut self, formula: &Formula, place: Place) -> Expr {
        let e = match formula.expr(&mut self.graph) {
            Ok(e) => e,
            Err(source) => {
                let text = formula.text(&self.graph);
                self.errors.push(NetworkError::Syntax {
                    place,
                    text,
                    source,
                });
                return self.graph.number(0.0);
            }
        };
        for (name, found) in calls_of(&self.graph, e) {
            let name_text = self.graph.name(name).to_string();
            if name_text == RATE_OF {
                continue;
            }
            match self.functions.arity(name) {
                Some(expected) if expected == found => {}
                Some(expected) => {
                    let place = place.clone();
                    self.errors.push(NetworkError::WrongArguments {
                        place,
                        name: name_text,
                        expected,
                        found,
                    });
                }
                // part of a circle, reported already
                None if self.function_ids.contains(name_text.as_str()) => {}
                None => {
                    let near = suggest(
                        &name_text,
                        function_names()
                            .map(|f| -> &str { f })
                            .chain(self.function_ids.iter().copied()),
                    );
                    let column = formula.column_of(&name_text);
                    self.errors.push(NetworkError::UnknownFunction {
                        place: place.clone(),
                        name: name_text,
                        column,
                        near,
                    });
                }
            }
        }
        let e = self
            .functions
            .inline(&mut self.graph, e, &place, self.errors);
        let e = self.rates(e, &place);
        for symbol in self.graph.symbols_of(e) {
            let name = self.graph.name(symbol);
            let name = rated(name).unwrap_or(name);
            if !self.values.contains_key(name) {
                let near = suggest(name, self.values.keys().copied());
                let (name, column) = (name.to_string(), formula.column_of(name));
                self.errors.push(NetworkError::UnknownId {
                    place: place.clone(),
                    name,
                    column,
                    near,
                });
            }
        }
        if !self.non_finite
            && self.graph.symbols_of(e).is_empty()
            && !self.graph.depends_on_time(e)
            && let Ok(value) = self.graph.evaluate(e, &|_| None, 0.0)
            && !value.is_finite()
        {
            self.errors.push(NetworkError::NotFinite { place, value });
        }
        e
    }

    /// The expression with a symbol of its own for each derivative `rateOf(id)`.
    fn rates(&mut self, e: Expr, place: &Place) -> Expr {
        if !self.graph.has_calls(e) {
            return e;
        }
        let (known, errors) = (&mut self.rates_read, &mut *self.errors);
        let mut replace = |graph: &mut Graph, name: Symbol, arguments: &[Expr]| {
            if graph.name(name) != RATE_OF {
                return None;
            }
            let of = match arguments {
                [of] => graph.node(*of).clone(),
                _ => Node::Time,
            };
            match of {
                Node::Symbol(of) => {
                    let of = graph.name(of).to_string();
                    let rate = graph.symbol(&rate_name(&of));
                    known.entry(of).or_insert_with(|| place.clone());
                    Some(rate)
                }
                // a constant that a function was given
                Node::Number(_) => Some(graph.number(0.0)),
                _ => {
                    let of = arguments
                        .first()
                        .map_or("".into(), |of| graph.text_shortened(*of, 40));
                    errors.push(NetworkError::NoDerivative {
                        place: place.clone(),
                        of: of.into(),
                        problem: "its argument is the id of one quantity",
                    });
                    Some(graph.number(0.0))
                }
            }
        };
        self.graph.replace_calls(&[e], &mut replace)[0]
    }

    /// Reports an id that is unknown or of the wrong kind.
    fn reference(&mut self, id: &str, kinds: &[ElementKind], expected: &'static str, place: Place) {
        match self.values.get(id) {
            Some(kind) if kinds.contains(kind) => {}
            Some(kind) => self.errors.push(NetworkError::WrongKind {
                place,
                name: id.to_string(),
                found: *kind,
                expected,
            }),
            None => {
                let known = self
                    .values
                    .iter()
                    .filter(|(_, kind)| kinds.contains(kind))
                    .map(|(id, _)| *id);
                let near = suggest(id, known);
                self.errors.push(NetworkError::UnknownId {
                    place,
                    name: id.to_string(),
                    column: None,
                    near,
                });
            }
        }
    }

    /// Reports ports that offer a quantity that is not there.
    fn out_ports(&mut self, network: &Network) {
        for (name, port) in &network.ports {
            if let Port::Out { offers } = port {
                self.reference(
                    offers,
                    &VALUE,
                    "quantity",
                    Place::of(ElementKind::Port, name),
                );
            }
        }
    }
}

const VALUE: [ElementKind; 7] = [
    ElementKind::Compartment,
    ElementKind::Species,
    ElementKind::Parameter,
    ElementKind::Input,
    ElementKind::Assignment,
    ElementKind::Observable,
    ElementKind::Reaction,
];

/// Reports ports that nobody connected; the ids they read then count as known, so that each is reported once.
fn in_ports<'a>(
    network: &'a Network,
    values: &mut HashMap<&'a str, ElementKind>,
    errors: &mut Vec<NetworkError>,
) {
    for (name, port) in &network.ports {
        if let Port::In { reads, .. } = port
            && !values.contains_key(reads.as_str())
        {
            let offers = network
                .ports
                .iter()
                .filter(|(_, p)| matches!(p, Port::Out { .. }))
                .map(|(name, _)| name.as_str());
            let near = suggest(reads, values.keys().copied().chain(offers));
            errors.push(NetworkError::UnconnectedPort {
                port: name.clone(),
                reads: reads.clone(),
                near,
            });
            values.insert(reads, ElementKind::Port);
        }
    }
}

/// Reports ids that are no SIds, have a meaning of their own in formulas, or stand twice.
fn check_ids(network: &Network, errors: &mut Vec<NetworkError>) {
    let mut first: HashMap<&str, ElementKind> = HashMap::new();
    for (kind, id) in network.declared() {
        let place = Place::of(kind, id);
        if !is_identifier(id) {
            errors.push(NetworkError::InvalidId { place });
        } else if is_reserved(id) {
            errors.push(NetworkError::ReservedId { place });
        }
        match first.get(id) {
            // two assignment rules of one quantity are over-determination
            Some(ElementKind::Assignment) if kind == ElementKind::Assignment => {}
            Some(earlier) => errors.push(NetworkError::DuplicateId {
                id: id.to_string(),
                first: *earlier,
                second: kind,
            }),
            None => {
                first.insert(id, kind);
            }
        }
    }
    duplicates(
        network.initial_assignments.iter().map(|(id, _)| id),
        ElementKind::InitialAssignment,
        errors,
    );
    duplicates(
        network.ports.iter().map(|(id, _)| id),
        ElementKind::Port,
        errors,
    );
}

fn duplicates<'a>(
    ids: impl Iterator<Item = &'a String>,
    kind: ElementKind,
    errors: &mut Vec<NetworkError>,
) {
    let mut seen = HashSet::new();
    for id in ids {
        if !seen.insert(id) {
            errors.push(NetworkError::DuplicateId {
                id: id.clone(),
                first: kind,
                second: kind,
            });
        }
    }
}

/// Reads all functions; a body may use its arguments and other functions only.
fn functions(network: &Network, graph: &mut Graph, errors: &mut Vec<NetworkError>) -> Functions {
    let mut definitions = Vec::new();
    for (id, function) in &network.functions {
        let place = Place::of(ElementKind::Function, id);
        let body = match function.formula.expr(graph) {
            Ok(body) => body,
            Err(source) => {
                errors.push(NetworkError::Syntax {
                    place,
                    text: function.formula.text(graph),
                    source,
                });
                continue;
            }
        };
        for symbol in graph.symbols_of(body) {
            let name = graph.name(symbol);
            if !function.arguments.iter().any(|a| a == name) {
                let near = suggest(name, function.arguments.iter().map(String::as_str));
                let column = function.formula.column_of(name);
                errors.push(NetworkError::UnknownId {
                    place: place.clone(),
                    name: name.to_string(),
                    column,
                    near,
                });
            }
        }
        for (called, found) in calls_of(graph, body) {
            let called = graph.name(called);
            if called == RATE_OF {
                continue;
            }
            let known = network
                .functions
                .iter()
                .find(|(id, _)| id == called)
                .map(|(_, f)| f.arguments.len());
            let (place, name) = (place.clone(), called.to_string());
            match known {
                Some(expected) if expected == found => {}
                Some(expected) => errors.push(NetworkError::WrongArguments {
                    place,
                    name,
                    expected,
                    found,
                }),
                None => {
                    let near = suggest(
                        called,
                        function_names()
                            .map(|f| -> &str { f })
                            .chain(network.functions.iter().map(|(id, _)| id.as_str())),
                    );
                    let column = function.formula.column_of(called);
                    errors.push(NetworkError::UnknownFunction {
                        place,
                        name,
                        column,
                        near,
                    });
                }
            }
        }
        definitions.push((id.clone(), function.arguments.clone(), body));
    }
    Functions::new(graph, &definitions, errors)
}
