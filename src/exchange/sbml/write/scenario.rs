//! A model under one of its protocols as a network of its own: settings and tables put in place, doses and periods as events.
use super::SbmlWriteError;
use super::ids::Ids;
use crate::compile::System;
use crate::exchange::model::{Scenario, ScenarioPeriod, ScenarioStart};
use crate::expr::{Expr, Graph};
use crate::network::{ElementKind, Equations, Event, Formula, Network};
use std::collections::{BTreeMap, BTreeSet};

/// What a jump does to a state.
#[derive(Clone, Copy)]
enum Jump {
    Put(f64),
    Multiply(f64),
    Add(f64),
}

/// The network under the scenario, whose time starts at 0.
///
/// Settings and the tables of inputs replace those of the network. Doses become events at their times; so does an initial value
/// that replaces a formula. A period becomes an event that sets the parameters that change.
///
/// # Errors
/// Ids that the network does not have; a steady state; a start other than 0; a period that changes the size of a compartment or a
/// value that others were computed from at the start.
///
/// ```
/// use holobiont::exchange::sbml::{WriteOptions, under_scenario, write};
/// let model = holobiont::models::get("stein2013").expect("a model of this name").expect("a sound model");
/// let network = under_scenario(&model.network, &model.scenarios[0])?;
/// assert!(write(&network, &WriteOptions::default())?.starts_with("<?xml"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn under_scenario(network: &Network, scenario: &Scenario) -> Result<Network, SbmlWriteError> {
    let checked = network.check().map_err(SbmlWriteError::Network)?;
    let equations = checked.equations();
    // every id of the scenario is known, or this says which is not
    scenario.schedule(&System::compile(&equations)?)?;
    let mut protocol = Protocol {
        scenario,
        equations: &equations,
        ids: Ids::new(network.declared().map(|(_, id)| id)),
        network: network.clone(),
    };
    for (id, value) in &scenario.set {
        protocol.number(id, *value);
    }
    for (id, knots) in &scenario.tables() {
        if let Some(input) = protocol.network.input_mut(id) {
            input.knots = knots.clone();
        }
    }
    protocol.periods()?;
    protocol.jumps()?;
    Ok(protocol.network)
}

struct Protocol<'a> {
    scenario: &'a Scenario,
    equations: &'a Equations,
    ids: Ids,
    network: Network,
}

impl<'a> Protocol<'a> {
    fn refuse(&self, part: impl Into<String>, why: &'static str) -> SbmlWriteError {
        let (scenario, part) = (self.scenario.id.clone(), part.into());
        SbmlWriteError::Protocol {
            scenario,
            part,
            why,
        }
    }

    fn is_register(&self, id: &str) -> bool {
        self.equations.parameters.iter().any(|p| p.id == id)
    }

    /// Gives the register a number: a parameter, a size, or `initial(ID)`.
    fn number(&mut self, register: &str, value: f64) {
        let initial = register.strip_prefix("initial(");
        let id = initial
            .and_then(|rest| rest.strip_suffix(')'))
            .unwrap_or(register);
        if let Some(species) = self.network.species_mut(id) {
            species.initial = Some(Formula::Number(value));
        } else if let Some(parameter) = self.network.parameter_mut(id) {
            parameter.value = Some(value);
        } else if let Some(compartment) = self.network.compartment_mut(id) {
            compartment.size = Some(value);
        }
    }

    /// The first period's values hold from the start; later ones come with events.
    fn periods(&mut self) -> Result<(), SbmlWriteError> {
        let periods: &'a [ScenarioPeriod] = &self.scenario.periods;
        let mut starts = Vec::new();
        for (number, period) in periods.iter().enumerate() {
            let part = name(period, number);
            match period.start {
                ScenarioStart::At(time) => starts.push(time),
                ScenarioStart::Word(_) => {
                    return Err(self.refuse(part, "SBML cannot start from a steady state"));
                }
            }
            if number == 0 && starts[0] != 0.0 {
                return Err(self.refuse(part, "the time of an SBML model starts at 0"));
            }
        }
        let ids: BTreeSet<&String> = periods.iter().flat_map(|p| p.set.keys()).collect();
        for id in &ids {
            self.must_be_free(id)?;
        }
        let base: BTreeMap<&String, f64> = (ids.iter())
            .filter_map(|id| Some((*id, self.network.number_of(id)?)))
            .collect();
        let value = |id: &String, period: &ScenarioPeriod| {
            period.set.get(id).copied().or(base.get(id).copied())
        };
        for (number, (period, start)) in periods.iter().zip(starts).enumerate() {
            if number == 0 {
                for (id, value) in &period.set {
                    self.number(id, *value);
                }
                continue;
            }
            let mut event = self.at(start);
            for id in &ids {
                let (before, now) = (value(id, &periods[number - 1]), value(id, period));
                if let Some(value) = now.filter(|_| before != now) {
                    event = event.set(id, value);
                    if let Some(parameter) = self.network.parameter_mut(id) {
                        parameter.constant = false;
                    }
                }
            }
            event.name = Some(name(period, number));
            let id = self.ids.fresh(&format!("period_{}", number + 1));
            self.add(&id, event)?;
        }
        Ok(())
    }

    /// A parameter may change if nothing was computed from it at the start.
    fn must_be_free(&self, id: &str) -> Result<(), SbmlWriteError> {
        if self.network.kind_of(id) != Some(ElementKind::Parameter) {
            let why = "a period can change parameters only, not sizes and initial values";
            return Err(self.refuse(format!("`{id}`"), why));
        }
        let graph = &self.equations.graph;
        let computed = |known: &str| {
            let mut assigned = self.network.all_initial_assignments().iter();
            assigned.any(|(id, _)| id == known)
        };
        for observable in self
            .equations
            .observables
            .iter()
            .filter(|o| computed(&o.id))
        {
            let symbols = graph.symbols_of(observable.expression);
            if symbols.into_iter().any(|s| graph.name(s) == id) {
                let why = "constants that initial assignments compute depend on it, and SBML computes them once";
                return Err(self.refuse(format!("`{id}`"), why));
            }
        }
        Ok(())
    }

    /// Doses, and initial values that replace formulas, as one event a time.
    fn jumps(&mut self) -> Result<(), SbmlWriteError> {
        let scenario: &'a Scenario = self.scenario;
        let mut jumps: Vec<(f64, &String, Jump)> = Vec::new();
        for (id, value) in &scenario.initial {
            let register = format!("initial({id})");
            if self.is_register(&register) {
                self.number(&register, *value);
            } else {
                jumps.push((0.0, id, Jump::Put(*value)));
            }
        }
        for dose in &scenario.doses {
            let mut add = |list: &'a BTreeMap<String, f64>, jump: fn(f64) -> Jump| {
                jumps.extend(list.iter().map(|(id, value)| (dose.time, id, jump(*value))));
            };
            add(&dose.put, Jump::Put);
            add(&dose.multiply, Jump::Multiply);
            add(&dose.add, Jump::Add);
        }
        // stable: jumps at one time keep their order
        jumps.sort_by(|a, b| a.0.total_cmp(&b.0));
        for (number, at_once) in jumps.chunk_by(|a, b| a.0 == b.0).enumerate() {
            let mut event = self.at(at_once[0].0);
            let states: BTreeSet<&String> = at_once.iter().map(|jump| jump.1).collect();
            for state in states {
                let own = at_once
                    .iter()
                    .filter(|jump| jump.1 == state)
                    .map(|jump| jump.2);
                let value = self.jumped(state, own);
                event = event.set(state, value);
            }
            let id = self.ids.fresh(&format!("dose_{}", number + 1));
            self.add(&id, event)?;
        }
        Ok(())
    }

    /// The value of a state after jumps; where the size of its compartment changes they act on its amount.
    fn jumped(&mut self, id: &str, jumps: impl Iterator<Item = Jump>) -> Expr {
        let amount = format!("amount({id})");
        let is_amount = self.equations.states.iter().any(|s| s.id == amount);
        let mut species = self.network.all_species().iter();
        let compartment = species.find(|(known, _)| known == id && is_amount);
        let compartment = compartment.and_then(|(_, s)| s.compartment.clone());
        let graph = self.network.graph_mut();
        let size = compartment.map(|compartment| graph.symbol(&compartment));
        let mut value = graph.symbol(id);
        if let Some(size) = size {
            value = graph.mul(value, size);
        }
        for jump in jumps {
            value = apply(graph, value, jump);
        }
        match size {
            Some(size) => graph.div(value, size),
            None => value,
        }
    }

    /// An event at a time, at the start too.
    fn at(&mut self, time: f64) -> Event {
        let graph = self.network.graph_mut();
        let (now, then) = (graph.time(), graph.number(time));
        let reached = graph.compare(crate::expr::Compare::GreaterEqual, now, then);
        let mut event = Event::when(reached);
        event.initial_value = false;
        event
    }

    fn add(&mut self, id: &str, event: Event) -> Result<(), SbmlWriteError> {
        let added = self.network.event(id, event);
        added
            .map(|_| ())
            .map_err(|error| SbmlWriteError::Network(vec![error]))
    }
}

fn apply(graph: &mut Graph, value: Expr, jump: Jump) -> Expr {
    match jump {
        Jump::Put(number) => graph.number(number),
        Jump::Multiply(factor) => {
            let factor = graph.number(factor);
            graph.mul(factor, value)
        }
        Jump::Add(more) => {
            let more = graph.number(more);
            graph.add(value, more)
        }
    }
}

fn name(period: &ScenarioPeriod, number: usize) -> String {
    match &period.id {
        Some(id) => format!("period {id}"),
        None => format!("period {}", number + 1),
    }
}
