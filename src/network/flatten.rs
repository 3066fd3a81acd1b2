//! From resolved formulas to flat equations: assignments substituted in dependency order, stoichiometry turned into
//! derivatives, numeric initial values turned into `initial(ID)` registers.
use super::definitions::Definitions;
use super::determine::{Quantity, Role};
use super::matching::place_of;
use super::rates::Rates;
use super::reduce::{Requirement, reduce, size_of};
use super::resolve::Resolved;
use super::{
    ElementKind, Equations, EventAssignment, EventEquation, Formula, InputEquation, Network,
    NetworkError, ObservableEquation, ParameterEquation, Place, RequirementEquation, Rule,
    StateEquation,
};
use crate::expr::{Expr, Graph, Symbol};
use std::collections::{HashMap, HashSet};

/// Builds the flat equations; errors are collected, and the equations mean nothing if there are any. Choices that the network
/// leaves open are collected in `open`.
pub(super) fn flatten<'n>(
    network: &'n Network,
    mut resolved: Resolved<'n>,
    mut quantities: Vec<Quantity<'n>>,
    errors: &mut Vec<NetworkError>,
    open: &mut Vec<NetworkError>,
) -> Equations {
    // 1. algebraic rules: which quantity each determines; those that can be solved become assignments
    let requirements = reduce(network, &mut resolved, &mut quantities, errors, open);
    let mut graph = std::mem::take(&mut resolved.graph);

    // 2. definitions: assignments, observables, reaction rates, concentrations in varying compartments, computed constants
    let (mut raw, amounts) = amounts(network, &quantities, &mut graph);
    raw.extend(definitions(network, &resolved, &mut graph));
    let rates = Rates::new(network, &resolved);
    raw.extend(rates.definitions(&mut graph, &resolved, &quantities, errors));
    let computed_constants =
        computed_constants(network, &resolved, &mut quantities, &mut graph, &mut raw);
    let definitions = Definitions::new(raw);
    let flat = definitions.flatten(&mut graph, &mut |cycle| {
        errors.push(NetworkError::Circular { cycle })
    });

    let mut build = Build {
        network,
        rates,
        graph,
        flat,
        amounts,
        parameters: Vec::new(),
    };
    let mut equations = Equations {
        id: network.id.clone(),
        time_unit: network.time_unit.clone(),
        graph: Graph::new(),
        states: Vec::new(),
        parameters: Vec::new(),
        inputs: network
            .inputs
            .iter()
            .map(|(id, input)| InputEquation {
                id: id.clone(),
                kind: input.kind,
                unit: input.unit.clone(),
                knots: if input.knots.is_empty() {
                    vec![(0.0, 0.0)]
                } else {
                    input.knots.clone()
                },
            })
            .collect(),
        observables: Vec::new(),
        rates: Vec::new(),
        events: Vec::new(),
        requirements: Vec::new(),
    };
    build.constants(&quantities, &computed_constants, errors);
    equations.states = build.states(&quantities, &resolved, errors);
    equations.parameters = std::mem::take(&mut build.parameters);
    equations.events = build.events(&quantities, &resolved, &equations.states);
    equations.observables = build.observables(&quantities, &resolved, &computed_constants);
    equations.rates = (network.reactions.iter())
        .map(|(id, _)| ObservableEquation {
            id: id.clone(),
            expression: build.value_of(id),
            unit: None,
        })
        .collect();
    equations.requirements = (requirements.into_iter())
        .map(|requirement| build.requirement(requirement))
        .collect();
    equations.graph = build.graph;
    equations
}

/// Nothing changes the amount of a constant species; its concentration follows the size of its compartment.
pub(super) fn keep_amounts(network: &Network, quantities: &mut [Quantity]) {
    let changing: HashSet<&str> = (quantities.iter())
        .filter(|q| q.kind == ElementKind::Compartment && q.role != Role::Constant)
        .map(|q| q.id)
        .collect();
    for q in quantities {
        if q.kind == ElementKind::Species && q.role == Role::Constant {
            let species = &network.species[q.index].1;
            let within = species.compartment.as_deref();
            if !species.amount && within.is_some_and(|id| changing.contains(id)) {
                q.role = Role::Still;
            }
        }
    }
}

/// Concentrations in compartments whose size varies, and the symbols of the amounts that are states instead.
pub(super) fn amounts<'n>(
    network: &Network,
    quantities: &[Quantity<'n>],
    graph: &mut Graph,
) -> (Vec<(Symbol, Expr)>, HashMap<&'n str, Symbol>) {
    let role_of: HashMap<&str, Role> = quantities.iter().map(|q| (q.id, q.role)).collect();
    let varies = |id: &str| !matches!(role_of.get(id), None | Some(Role::Constant));
    let mut raw: Vec<(Symbol, Expr)> = Vec::new();
    let mut amounts: HashMap<&str, Symbol> = HashMap::new();
    for q in quantities.iter().filter(|q| q.kind == ElementKind::Species) {
        let species = &network.species[q.index].1;
        let Some(compartment) = &species.compartment else {
            continue;
        };
        if !species.amount && varies(compartment) && matches!(q.role, Role::Reactions | Role::Still)
        {
            let amount = graph.symbol(&format!("amount({})", q.id));
            let size = graph.symbol(compartment);
            let concentration = graph.div(amount, size);
            raw.push((graph.intern(q.id), concentration));
            amounts.insert(q.id, graph.intern(&format!("amount({})", q.id)));
        }
    }
    (raw, amounts)
}

/// What assignment rules, rate laws and observables define.
pub(super) fn definitions(
    network: &Network,
    resolved: &Resolved,
    graph: &mut Graph,
) -> Vec<(Symbol, Expr)> {
    let assigned = resolved.assignments.iter().copied();
    let reactions = network.reactions.iter().zip(&resolved.reactions);
    let observables = network.observables.iter().zip(&resolved.observables);
    assigned
        .chain(reactions.map(|((id, _), r)| (id.as_str(), r.rate)))
        .chain(observables.map(|((id, _), e)| (id.as_str(), *e)))
        .map(|(id, e)| (graph.intern(id), e))
        .collect()
}

/// Adds the definitions of constants whose values are computed, and of those that are not finite; gives their ids.
///
/// A constant whose value at the start depends on states, inputs or time is a state that stands still.
fn computed_constants(
    network: &Network,
    resolved: &Resolved,
    quantities: &mut [Quantity],
    graph: &mut Graph,
    raw: &mut Vec<(Symbol, Expr)>,
) -> HashSet<String> {
    let mut computed = Vec::new();
    let mut moving: Vec<Symbol> = Vec::new();
    for (at, q) in quantities.iter().enumerate() {
        let symbol = graph.intern(q.id);
        match q.role {
            Role::Assigned => {}
            Role::Constant => match (resolved.initial.get(q.id), declared(network, q).0) {
                (Some(e), _) => computed.push((at, symbol, *e)),
                (None, Some(value)) if !value.is_finite() => {
                    computed.push((at, symbol, graph.number(value)));
                }
                _ => {}
            },
            _ => moving.push(symbol),
        }
    }
    for (id, _) in &network.inputs {
        moving.push(graph.intern(id));
        moving.push(graph.intern(&format!("{id}.rate")));
    }
    // whatever reads something that moves, moves
    let mut readers: HashMap<Symbol, Vec<Symbol>> = HashMap::new();
    let candidates = computed.iter().map(|(_, symbol, e)| (*symbol, *e));
    for (symbol, e) in raw.iter().copied().chain(candidates) {
        if graph.depends_on_time(e) {
            moving.push(symbol);
        }
        for read in graph.symbols_of(e) {
            readers.entry(read).or_default().push(symbol);
        }
    }
    let mut found: HashSet<Symbol> = HashSet::new();
    while let Some(symbol) = moving.pop() {
        if found.insert(symbol) {
            moving.extend(readers.get(&symbol).into_iter().flatten());
        }
    }
    let mut ids = HashSet::new();
    for (at, symbol, e) in computed {
        if found.contains(&symbol) {
            quantities[at].role = Role::Still;
        } else {
            ids.insert(quantities[at].id.to_string());
            raw.push((symbol, e));
        }
    }
    ids
}

/// Declared number and unit of a quantity.
fn declared(network: &Network, q: &Quantity) -> (Option<f64>, Option<String>) {
    match q.kind {
        ElementKind::Species => {
            let species = &network.species[q.index].1;
            let value = match species.initial {
                Some(Formula::Number(value)) => Some(value),
                _ => None,
            };
            (value, species.unit.clone())
        }
        ElementKind::Compartment => {
            let compartment = &network.compartments[q.index].1;
            (compartment.size, compartment.unit.clone())
        }
        _ => {
            let parameter = &network.parameters[q.index].1;
            (parameter.value, parameter.unit.clone())
        }
    }
}

struct Build<'a> {
    network: &'a Network,
    rates: Rates<'a>,
    graph: Graph,
    flat: HashMap<Symbol, Expr>,
    /// state symbol of species whose state is an amount though their id stands for a concentration
    amounts: HashMap<&'a str, Symbol>,
    parameters: Vec<ParameterEquation>,
}

impl<'a> Build<'a> {
    fn flat(&mut self, e: Expr) -> Expr {
        self.graph.substitute(e, &self.flat)
    }

    /// A defined quantity in terms of states, parameters, inputs and time.
    fn value_of(&mut self, id: &str) -> Expr {
        let symbol = self.graph.symbol(id);
        self.flat(symbol)
    }

    /// Registers of parameters, compartments and constant species, in this order.
    fn constants(
        &mut self,
        quantities: &[Quantity],
        computed: &HashSet<String>,
        errors: &mut Vec<NetworkError>,
    ) {
        for kind in [
            ElementKind::Parameter,
            ElementKind::Compartment,
            ElementKind::Species,
        ] {
            for q in quantities
                .iter()
                .filter(|q| q.kind == kind && q.role == Role::Constant && !computed.contains(q.id))
            {
                let (value, unit) = declared(self.network, q);
                match value {
                    Some(value) => self.parameters.push(ParameterEquation {
                        id: q.id.to_string(),
                        value,
                        unit,
                    }),
                    None => errors.push(NetworkError::MissingValue {
                        place: Place::of(kind, q.id),
                    }),
                }
            }
        }
    }

    fn states(
        &mut self,
        quantities: &[Quantity],
        resolved: &Resolved,
        errors: &mut Vec<NetworkError>,
    ) -> Vec<StateEquation> {
        let mut states = Vec::new();
        let mut initials = Vec::new();
        let compartments = self.network.compartments.iter();
        let size_units: HashMap<&str, Option<&String>> = compartments
            .map(|(id, c)| (id.as_str(), c.unit.as_ref()))
            .collect();
        for q in quantities {
            let (right_hand_side, mass) = match q.role {
                Role::Assigned | Role::Constant => continue,
                Role::Rate(rule) => (self.flat(resolved.rates[rule].1), 1.0),
                Role::Algebraic(rule) => (self.flat(resolved.algebraic[rule]), 0.0),
                Role::Reactions => {
                    let net = self.net_rate(q, resolved);
                    (self.flat(net), 1.0)
                }
                Role::Still | Role::Free => (self.graph.number(0.0), 1.0),
            };
            let (value, unit) = declared(self.network, q);
            let initial = match (resolved.initial.get(q.id), value) {
                (Some(e), _) => self.flat(*e),
                (None, Some(value)) if !value.is_finite() => match q.role {
                    // where the search for the value begins
                    Role::Algebraic(_) => self.graph.number(1.0),
                    _ => self.graph.number(value),
                },
                (None, Some(value)) => {
                    let id = format!("initial({})", q.id);
                    let register = self.graph.symbol(&id);
                    self.parameters.push(ParameterEquation {
                        id,
                        value,
                        unit: unit.clone(),
                    });
                    register
                }
                (None, None) => {
                    errors.push(NetworkError::MissingValue {
                        place: Place::part(q.kind, q.id, "initial value"),
                    });
                    self.graph.number(0.0)
                }
            };
            let mut state = StateEquation {
                id: q.id.to_string(),
                unit,
                initial,
                right_hand_side,
                mass,
                nonnegative: q.kind == ElementKind::Species
                    && self.network.species[q.index].1.nonnegative,
            };
            let mut symbol = self.graph.intern(q.id);
            if let Some(amount) = self.amounts.get(q.id).copied() {
                symbol = amount;
                state.id = self.graph.name(amount).to_string();
                let size = self.size_of(q);
                let size = self.flat(size);
                state.initial = self.graph.mul(initial, size);
                let compartment = self.network.species[q.index].1.compartment.as_deref();
                let size_unit = compartment.and_then(|id| *size_units.get(id)?);
                state.unit = match (&state.unit, size_unit) {
                    (Some(a), Some(b)) => Some(format!("({a})*({b})")),
                    _ => None,
                };
            }
            initials.push((symbol, state.initial));
            states.push(state);
        }
        let at_start = Definitions::new(initials).flatten(&mut self.graph, &mut |cycle| {
            errors.push(NetworkError::CircularInitial { cycle })
        });
        for state in &mut states {
            state.initial = self.graph.substitute(state.initial, &at_start);
        }
        states
    }

    /// Symbol of the size of a species' compartment, 1 without.
    fn size_of(&mut self, q: &Quantity) -> Expr {
        match &self.network.species[q.index].1.compartment {
            Some(compartment) => self.graph.symbol(compartment),
            None => self.graph.number(1.0),
        }
    }

    /// Sum of stoichiometry times rate, per volume where the state is a concentration.
    fn net_rate(&mut self, q: &Quantity, resolved: &Resolved) -> Expr {
        let species = &self.network.species[q.index].1;
        let concentration = !species.amount && !self.amounts.contains_key(q.id);
        let size = species.compartment.as_deref().filter(|_| concentration);
        self.rates.net(&mut self.graph, resolved, q.index, size)
    }

    /// Events with flat expressions.
    ///
    /// An event gives a species its amount: the concentration times the size that the compartment has before the event. An
    /// event that changes a size keeps the amounts of all species that it does not assign.
    fn events(
        &mut self,
        quantities: &[Quantity],
        resolved: &Resolved,
        states: &[StateEquation],
    ) -> Vec<EventEquation> {
        let mut events = Vec::new();
        let positions = states.iter().enumerate().map(|(i, s)| (s.id.as_str(), i));
        let positions: HashMap<&str, usize> = positions.collect();
        // compartments of species whose id stands for a concentration
        let species = self.network.species.iter().filter(|(_, s)| !s.amount);
        let compartments: HashMap<&str, &str> = species
            .filter_map(|(id, s)| Some((id.as_str(), s.compartment.as_deref()?)))
            .collect();
        let ruled: Vec<(&str, &str)> = (quantities.iter())
            .filter(|q| matches!(q.role, Role::Rate(_)))
            .filter_map(|q| Some((q.id, *compartments.get(q.id)?)))
            .collect();
        for ((id, event), expressions) in self.network.events.iter().zip(&resolved.events) {
            let mut assignments = Vec::new();
            let mut assign = |state: &str, value, factor| {
                // a target that is no state was reported by `determine`
                if let Some(&state) = positions.get(state) {
                    assignments.push(EventAssignment {
                        state,
                        value,
                        factor,
                    });
                }
            };
            let targets = expressions.assignments.iter();
            let new: HashMap<&str, Expr> = targets.map(|(id, e)| (id.as_str(), *e)).collect();
            for (target, e) in &expressions.assignments {
                let (mut value, mut state, mut factor) = (self.flat(*e), target.clone(), None);
                if let Some(compartment) = compartments.get(target.as_str()) {
                    let symbol = self.graph.symbol(compartment);
                    let size = Some(self.flat(symbol));
                    if let Some(amount) = self.amounts.get(target.as_str()).copied() {
                        (state, factor) = (self.graph.name(amount).to_string(), size);
                    } else if let Some(new_size) = new.get(compartment) {
                        let new_size = self.flat(*new_size);
                        (value, factor) = (self.graph.div(value, new_size), size);
                    }
                }
                assign(&state, value, factor);
            }
            for (species, compartment) in &ruled {
                if let (Some(new_size), false) = (new.get(compartment), new.contains_key(species)) {
                    let (one, new_size) = (self.graph.number(1.0), self.flat(*new_size));
                    let value = self.graph.div(one, new_size);
                    let (size, own) = (self.graph.symbol(compartment), self.graph.symbol(species));
                    let amount = self.graph.mul(own, size);
                    let amount = self.flat(amount);
                    assign(species, value, Some(amount));
                }
            }
            events.push(EventEquation {
                id: id.clone(),
                trigger: self.flat(expressions.trigger),
                delay: expressions.delay.map(|e| self.flat(e)),
                priority: expressions.priority.map(|e| self.flat(e)),
                persistent: event.persistent,
                initial_value: event.initial_value,
                values_from_trigger_time: event.values_from_trigger_time,
                assignments,
            });
        }
        events
    }

    /// What algebraic rules require, with the size that a remainder is compared with.
    fn requirement(&mut self, requirement: Requirement) -> RequirementEquation {
        let expression = self.flat(requirement.expression);
        RequirementEquation {
            rule: place_of(requirement.rule).to_string(),
            vanishes: requirement.vanishes,
            expression,
            size: size_of(&mut self.graph, expression, 0),
        }
    }

    /// Assigned quantities first, then declared observables.
    fn observables(
        &mut self,
        quantities: &[Quantity],
        resolved: &Resolved,
        computed: &HashSet<String>,
    ) -> Vec<ObservableEquation> {
        let declared = quantities
            .iter()
            .map(|q| (q.id, declared(self.network, q).1));
        let ruled = self.network.rules.iter().filter_map(|rule| match rule {
            Rule::Assignment {
                id,
                unit: Some(unit),
                ..
            } => Some((id.as_str(), Some(unit.clone()))),
            _ => None,
        });
        let units: HashMap<&str, Option<String>> = declared.chain(ruled).collect();
        let unit_of = |id: &str| units.get(id).cloned().flatten();
        let assigned = resolved.assignments.iter().map(|(id, _)| *id);
        let constants = quantities
            .iter()
            .map(|q| q.id)
            .filter(|id| computed.contains(*id));
        let amounts = quantities
            .iter()
            .map(|q| q.id)
            .filter(|id| self.amounts.contains_key(id));
        let mut wanted: Vec<(String, Option<String>)> = amounts
            .chain(assigned)
            .chain(constants)
            .map(|id| (id.to_string(), unit_of(id)))
            .collect();
        wanted.extend(
            self.network
                .observables
                .iter()
                .map(|(id, observable)| (id.clone(), observable.unit.clone())),
        );
        wanted
            .into_iter()
            .map(|(id, unit)| ObservableEquation {
                expression: self.value_of(&id),
                id,
                unit,
            })
            .collect()
    }
}
