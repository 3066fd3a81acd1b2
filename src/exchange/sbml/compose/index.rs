//! The parts of a model, numbered: what can be referred to, and by which names.
use super::super::document::{Meta, Model, Reference, SpeciesReference};
use super::super::math::Math;
use std::collections::HashMap;

/// What a part is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Model,
    Function,
    Unit,
    Compartment,
    Species,
    Parameter,
    InitialAssignment,
    Rule,
    Constraint,
    Reaction,
    SpeciesReference,
    StoichiometryMath,
    KineticLaw,
    LocalParameter,
    Event,
    Trigger,
    Priority,
    Delay,
    EventAssignment,
    /// the position among the submodels
    Submodel(usize),
    Deletion,
    /// the position among the ports
    Port(usize),
}

impl Kind {
    fn tag(self) -> &'static str {
        match self {
            Kind::Model => "model",
            Kind::Function => "functionDefinition",
            Kind::Unit => "unitDefinition",
            Kind::Compartment => "compartment",
            Kind::Species => "species",
            Kind::Parameter => "parameter",
            Kind::InitialAssignment => "initialAssignment",
            Kind::Rule => "rule",
            Kind::Constraint => "constraint",
            Kind::Reaction => "reaction",
            Kind::SpeciesReference => "speciesReference",
            Kind::StoichiometryMath => "stoichiometryMath",
            Kind::KineticLaw => "kineticLaw",
            Kind::LocalParameter => "localParameter",
            Kind::Event => "event",
            Kind::Trigger => "trigger",
            Kind::Priority => "priority",
            Kind::Delay => "delay",
            Kind::EventAssignment => "eventAssignment",
            Kind::Submodel(_) => "submodel",
            Kind::Deletion => "deletion",
            Kind::Port(_) => "port",
        }
    }
}

/// One element of a model.
#[derive(Debug)]
pub(super) struct Part {
    pub kind: Kind,
    pub line: u32,
    pub id: Option<String>,
    pub replaces: Vec<Reference>,
    pub replaced_by: Option<Reference>,
}

impl Part {
    /// Tag and id, for messages.
    pub(super) fn described(&self) -> String {
        match &self.id {
            Some(id) => format!("{} `{id}`", self.kind.tag()),
            None => self.kind.tag().to_string(),
        }
    }
    /// Whether its id is among those that formulas and attributes share.
    pub(super) fn has_global_id(&self) -> bool {
        let apart = matches!(
            self.kind,
            Kind::Model | Kind::Unit | Kind::LocalParameter | Kind::Port(_)
        );
        !apart && self.id.is_some()
    }
}

/// The parts of one model by their numbers and names.
#[derive(Debug, Default)]
pub(super) struct Index {
    pub parts: Vec<Part>,
    pub ids: HashMap<String, u32>,
    pub units: HashMap<String, u32>,
    pub meta_ids: HashMap<String, u32>,
    /// positions of the ports
    pub ports: HashMap<String, usize>,
    /// elements and nodes of formulas
    pub weight: u64,
}

impl Index {
    /// Numbers the parts; what they replace moves from the model to the index.
    pub(super) fn new(model: &mut Model) -> Self {
        let mut index = Index::default();
        visit_parts(model, &mut |kind, meta| {
            let number = index.parts.len() as u32;
            meta.number = number;
            let part = Part {
                kind,
                line: meta.line,
                id: meta.id.clone(),
                replaces: std::mem::take(&mut meta.replaces),
                replaced_by: meta.replaced_by.take(),
            };
            if let Some(id) = &part.id {
                match kind {
                    Kind::Unit => drop(index.units.entry(id.clone()).or_insert(number)),
                    Kind::Port(position) => {
                        index.ports.entry(id.clone()).or_insert(position);
                    }
                    _ if part.has_global_id() => {
                        index.ids.entry(id.clone()).or_insert(number);
                    }
                    _ => {}
                }
            }
            if let Some(id) = &meta.meta_id {
                index.meta_ids.entry(id.clone()).or_insert(number);
            }
            index.parts.push(part);
        });
        let mut nodes = 0;
        visit_formulas(model, &mut |math| nodes += size(math));
        let units = model.units.iter().map(|u| u.units.len());
        index.weight = (index.parts.len() + units.sum::<usize>()) as u64 + nodes;
        index
    }

    /// Whether anything is put together here.
    pub(super) fn is_flat(&self) -> bool {
        self.parts.iter().all(|part| {
            let submodel = matches!(part.kind, Kind::Submodel(_));
            !submodel && part.replaces.is_empty() && part.replaced_by.is_none()
        })
    }
}

fn size(math: &mut Math) -> u64 {
    let mut nodes = 0;
    math.visit_mut(&mut |_| nodes += 1);
    nodes
}

/// Calls `visit` with every element of a model, containers before what they hold.
fn visit_parts(model: &mut Model, visit: &mut dyn FnMut(Kind, &mut Meta)) {
    visit(Kind::Model, &mut model.meta);
    for function in &mut model.functions {
        visit(Kind::Function, &mut function.meta);
    }
    for unit in &mut model.units {
        visit(Kind::Unit, &mut unit.meta);
    }
    for compartment in &mut model.compartments {
        visit(Kind::Compartment, &mut compartment.meta);
    }
    for species in &mut model.species {
        visit(Kind::Species, &mut species.meta);
    }
    for parameter in &mut model.parameters {
        visit(Kind::Parameter, &mut parameter.meta);
    }
    for assignment in &mut model.initial_assignments {
        visit(Kind::InitialAssignment, &mut assignment.meta);
    }
    for rule in &mut model.rules {
        visit(Kind::Rule, &mut rule.meta);
    }
    for constraint in &mut model.constraints {
        visit(Kind::Constraint, &mut constraint.meta);
    }
    for reaction in &mut model.reactions {
        visit(Kind::Reaction, &mut reaction.meta);
        let sides = [
            &mut reaction.reactants,
            &mut reaction.products,
            &mut reaction.modifiers,
        ];
        for reference in sides.into_iter().flatten() {
            let SpeciesReference {
                meta,
                stoichiometry_math,
                ..
            } = reference;
            visit(Kind::SpeciesReference, meta);
            if let Some((meta, _)) = stoichiometry_math {
                visit(Kind::StoichiometryMath, meta);
            }
        }
        if let Some(law) = &mut reaction.kinetic_law {
            visit(Kind::KineticLaw, &mut law.meta);
            for parameter in &mut law.local_parameters {
                visit(Kind::LocalParameter, &mut parameter.meta);
            }
        }
    }
    for event in &mut model.events {
        visit(Kind::Event, &mut event.meta);
        if let Some(trigger) = &mut event.trigger {
            visit(Kind::Trigger, &mut trigger.meta);
        }
        if let Some(priority) = &mut event.priority {
            visit(Kind::Priority, &mut priority.meta);
        }
        if let Some(delay) = &mut event.delay {
            visit(Kind::Delay, &mut delay.meta);
        }
        for assignment in &mut event.assignments {
            visit(Kind::EventAssignment, &mut assignment.meta);
        }
    }
    for (position, submodel) in model.submodels.iter_mut().enumerate() {
        visit(Kind::Submodel(position), &mut submodel.meta);
        for (meta, _) in &mut submodel.deletions {
            visit(Kind::Deletion, meta);
        }
    }
    for (position, port) in model.ports.iter_mut().enumerate() {
        visit(Kind::Port(position), &mut port.meta);
    }
}

/// Calls `visit` with every formula of a model.
fn visit_formulas(model: &mut Model, visit: &mut dyn FnMut(&mut Math)) {
    let functions = model.functions.iter_mut().map(|f| &mut f.body);
    let assignments = model.initial_assignments.iter_mut().map(|a| &mut a.math);
    let rules = model.rules.iter_mut().map(|r| &mut r.math);
    let constraints = model.constraints.iter_mut().map(|c| &mut c.math);
    let plain = functions.chain(assignments).chain(rules).chain(constraints);
    plain.flatten().for_each(&mut *visit);
    for reaction in &mut model.reactions {
        let references = reaction.reactants.iter_mut().chain(&mut reaction.products);
        for (_, math) in references.filter_map(|r| r.stoichiometry_math.as_mut()) {
            visit(math);
        }
        let law = reaction.kinetic_law.as_mut();
        if let Some(math) = law.and_then(|law| law.math.as_mut()) {
            visit(math);
        }
    }
    for event in &mut model.events {
        let trigger = event.trigger.as_mut().map(|t| &mut t.math);
        let priority = event.priority.as_mut().map(|p| &mut p.math);
        let delay = event.delay.as_mut().map(|d| &mut d.math);
        let assignments = event.assignments.iter_mut().map(|a| &mut a.math);
        let all = trigger.into_iter().chain(priority).chain(delay);
        all.chain(assignments).flatten().for_each(&mut *visit);
    }
}
