//! Conditions that need the model's own mathematics: values that depend on states or time, sizes of compartments.
//!
//! What a condition sets is a register or a state that jumps where the value is a formula of parameters (`periods`). Otherwise an
//! event of the model that never fires by itself makes the assignments at the start of the period: all values are read first, then
//! all targets are set, derivatives included. A parameter that such an event sets becomes a state that rests. A concentration that
//! is set holds with the new size of its compartment; amounts stay where only the size changes.
use super::{
    error::PetabErrorKind,
    model,
    read::Rows,
    rows::{Applied, ConditionRow, MappingRow},
    sheet::Findings,
    yaml::{ModelFile, ProblemFiles},
};
use crate::{
    compile::System,
    expr::{Expr, Graph, Symbol, Variable},
    network::{ElementKind, Event, Network, Parameter},
};
use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

/// A model with what the tables ask of it, compiled.
pub(super) fn compile(
    mut network: Network,
    rows: &Rows,
    file: &ModelFile,
    files: &ProblemFiles,
    findings: &mut Findings,
) -> Option<(Arc<System>, Vec<Applied>)> {
    let aliases = aliases(&rows.mappings);
    // a row of the parameter table takes the place of the model's own start value
    for parameter in &rows.parameters.rows {
        let id = aliases.get(parameter.id.as_str()).unwrap_or(&parameter.id);
        let quantity = matches!(
            network.kind_of(id),
            Some(ElementKind::Parameter | ElementKind::Compartment)
        );
        if quantity && network.forget_initial(id) {
            if let Some(quantity) = network.parameter_mut(id) {
                quantity.value = Some(parameter.nominal);
            } else if let Some(compartment) = network.compartment_mut(id) {
                compartment.size = Some(parameter.nominal);
            }
        }
    }
    let mut changes: Vec<Change> = Vec::new();
    loop {
        let system = match model::compile(&network) {
            Ok(system) => system,
            Err(messages) => {
                for message in messages {
                    findings.error(file.place.clone(), PetabErrorKind::Model { message });
                }
                return None;
            }
        };
        let view = View {
            network: &network,
            system: &system,
            rows,
            aliases: &aliases,
        };
        let several = files.models.len() > 1;
        let wanted = view.changes(several.then_some(file.id.as_str()));
        // what is a state now makes more values depend on states: to be asked again
        let fresh: Vec<Change> = wanted
            .into_iter()
            .filter(|change| !changes.contains(change))
            .collect();
        if fresh.is_empty() {
            let applied = changes.iter().enumerate().filter_map(|(k, change)| {
                let id = change.event_id(k);
                let event = system.event_ids().iter().position(|known| *known == id)?;
                Some(Applied {
                    event,
                    conditions: change.conditions.clone(),
                    first: change.first,
                    targets: change.rows.iter().map(|row| row.target.clone()).collect(),
                })
            });
            let applied = applied.collect();
            return Some((Arc::new(system), applied));
        }
        for change in fresh {
            // an earlier event for the same conditions made fewer assignments
            let same = |c: &Change| c.conditions == change.conditions && c.first == change.first;
            match changes.iter().position(same) {
                Some(at) => {
                    network.forget_event(&changes[at].event_id(at));
                    changes[at] = change;
                    changes[at].add(at, &mut network, rows, &aliases);
                }
                None => {
                    change.add(changes.len(), &mut network, rows, &aliases);
                    changes.push(change);
                }
            }
        }
    }
}

/// The ids of entities of the model by their names in the problem.
pub(super) fn aliases(mappings: &[MappingRow]) -> HashMap<&str, String> {
    mappings
        .iter()
        .filter_map(|row| Some((row.petab_id.as_str(), entity(row.model_id.as_deref()?))))
        .collect()
}

/// The id here of an entity of the model: a local parameter `reaction.k` is `reaction__k`.
pub(super) fn entity(id: &str) -> String {
    id.replace('.', "__")
}

/// Rows that one event carries out.
#[derive(Clone, Debug, PartialEq)]
struct Change {
    conditions: Vec<String>,
    first: bool,
    rows: Vec<ConditionRow>,
}

impl Change {
    fn event_id(&self, number: usize) -> String {
        format!("condition_change_{}", number + 1)
    }

    /// Adds the event to the network.
    fn add(
        &self,
        number: usize,
        network: &mut Network,
        rows: &Rows,
        aliases: &HashMap<&str, String>,
    ) {
        let name = |id: &str| aliases.get(id).cloned().unwrap_or_else(|| id.to_owned());
        let mut values: Vec<(String, Expr)> = Vec::new();
        for row in &self.rows {
            // formulas that cannot be read are errors elsewhere
            let Ok(value) = network.graph_mut().parse(&row.value) else {
                continue;
            };
            let graph = network.graph_mut();
            let symbols = graph.symbols_of(value);
            let mut named: HashMap<Symbol, Expr> = HashMap::new();
            for symbol in symbols {
                let id = name(graph.name(symbol));
                let to = graph.symbol(&id);
                named.insert(symbol, to);
            }
            let value = graph.substitute(value, &named);
            values.push((name(&row.target), value));
        }
        for row in &rows.parameters.rows {
            let id = name(&row.id);
            let graph = network.graph_mut();
            let symbol = graph.intern(&id);
            let used = values
                .iter()
                .any(|(_, value)| graph.symbols_of(*value).contains(&symbol));
            if used && network.kind_of(&id).is_none() {
                let value = Some(row.nominal);
                network.parameter(
                    &id,
                    Parameter {
                        value,
                        ..Parameter::default()
                    },
                );
            }
        }
        let sizes: HashMap<String, Expr> = values.iter().cloned().collect();
        let mut event = Event::when("1 < 0");
        event.values_from_trigger_time = false;
        for (target, value) in values {
            let within = network
                .species_mut(&target)
                .filter(|species| !species.amount)
                .and_then(|species| species.compartment.clone());
            let graph = network.graph_mut();
            // the event turns the concentration into an amount by the size before
            let value = match within.and_then(|c| Some((sizes.get(&c)?, graph.symbol(&c)))) {
                Some((after, before)) => {
                    let ratio = graph.div(*after, before);
                    graph.mul(value, ratio)
                }
                None => value,
            };
            event = event.set(&target, value);
            if let Some(parameter) = network.parameter_mut(&target) {
                parameter.constant = false;
            } else if let Some(compartment) = network.compartment_mut(&target) {
                compartment.constant = false;
            } else if let Some(species) = network.species_mut(&target) {
                species.constant = false;
            }
        }
        // its formulas were read above
        let _ = network.event(&self.event_id(number), event);
    }
}

/// A compiled model beside the tables.
struct View<'a> {
    network: &'a Network,
    system: &'a System,
    rows: &'a Rows,
    aliases: &'a HashMap<&'a str, String>,
}

impl View<'_> {
    /// What events must do, in the order of the experiments.
    fn changes(&self, model: Option<&str>) -> Vec<Change> {
        let measured: HashSet<&str> = (self.rows.measurements.iter())
            .filter(|row| model.is_none() || row.model.as_deref() == model)
            .filter_map(|row| row.experiment.as_deref())
            .collect();
        let mut found: Vec<Change> = Vec::new();
        let mut experiments: Vec<&str> = Vec::new();
        for row in &self.rows.experiments {
            let id = row.experiment.as_str();
            if measured.contains(id) && !experiments.contains(&id) {
                experiments.push(id);
            }
        }
        for experiment in experiments {
            for (index, conditions) in periods(self.rows, experiment).into_iter().enumerate() {
                let first = index == 0;
                let rows = self.rows_of(&conditions);
                let mut hard: Vec<ConditionRow> = Vec::new();
                if first {
                    hard.extend(
                        rows.iter()
                            .filter(|row| self.is_hard(row, true))
                            .map(|r| (*r).clone()),
                    );
                } else if rows.iter().any(|row| self.is_hard(row, false)) {
                    hard.extend(rows.into_iter().cloned());
                }
                let change = Change {
                    conditions,
                    first,
                    rows: hard,
                };
                if !change.rows.is_empty() && !found.contains(&change) {
                    found.push(change);
                }
            }
        }
        found
    }

    fn rows_of(&self, conditions: &[String]) -> Vec<&ConditionRow> {
        (conditions.iter())
            .flat_map(|id| {
                self.rows
                    .conditions
                    .iter()
                    .filter(move |r| r.condition == *id)
            })
            .collect()
    }

    fn name<'b>(&'b self, id: &'b str) -> &'b str {
        self.aliases.get(id).map_or(id, String::as_str)
    }

    /// Whether registers and jumps cannot do it.
    fn is_hard(&self, row: &ConditionRow, first: bool) -> bool {
        let target = self.name(&row.target);
        let in_table = |id: &str| self.rows.parameters.index_of(id).is_some();
        let kind = self.network.kind_of(target);
        let settable = matches!(
            kind,
            Some(ElementKind::Parameter | ElementKind::Compartment | ElementKind::Species)
        );
        if !settable || in_table(&row.target) || self.is_ruled(target) {
            return false;
        }
        let state = self.system.state_index(target).is_some();
        let register = self.system.parameter_index(target).is_some();
        if !(state || register) || (!first && kind == Some(ElementKind::Compartment)) {
            return true;
        }
        let mut graph = Graph::new();
        let Ok(value) = graph.parse(&row.value) else {
            return false;
        };
        if graph.depends_on_time(value) {
            return true;
        }
        let moves = |id: &str| {
            !in_table(id)
                && self.system.parameter_index(self.name(id)).is_none()
                && (self.system.state_index(self.name(id)).is_some()
                    || self.system.observable_index(self.name(id)).is_some()
                    || self.system.input_index(self.name(id)).is_some())
        };
        let names: Vec<(Symbol, String)> = (graph.symbols_of(value).into_iter())
            .map(|symbol| (symbol, graph.name(symbol).to_owned()))
            .collect();
        for (symbol, name) in names {
            if state && self.name(&name) == target {
                let slope = graph.derivative(value, Variable::Symbol(symbol));
                if graph.symbols_of(slope).contains(&symbol) {
                    return true;
                }
            } else if moves(&name) {
                return true;
            }
        }
        false
    }

    /// Whether an assignment rule or the like determines a quantity at all times.
    fn is_ruled(&self, id: &str) -> bool {
        use crate::network::Rule;
        (self.network.all_rules().iter())
            .any(|rule| matches!(rule, Rule::Assignment { id: known, .. } if known == id))
    }
}

/// The conditions of each period of an experiment, in the order of time.
pub(super) fn periods(rows: &Rows, experiment: &str) -> Vec<Vec<String>> {
    let mut own: Vec<_> = (rows.experiments.iter())
        .filter(|r| r.experiment == experiment)
        .collect();
    own.sort_by(|a, b| a.time.total_cmp(&b.time));
    own.chunk_by(|a, b| a.time == b.time)
        .map(|group| group.iter().filter_map(|r| r.condition.clone()).collect())
        .collect()
}
