//! From the document to a network: what the elements of SBML mean.
//!
//! A species whose id stands for an amount (`hasOnlySubstanceUnits`, or a compartment without dimensions) has `amount` set;
//! species references with an id become parameters that the stoichiometry reads; local parameters become parameters
//! `REACTION__ID`; values that SBML leaves undefined are NaN. Ids that mean something in the language of formulas
//! (`time`, `inf`, ...) get underscores behind them.
mod quantities;
mod reactions;
mod rules;

use super::SbmlModel;
use super::document::{Model, RuleKind};
use super::error::SbmlError;
use super::formulas::Scope;
use super::math::Math;
use super::units::Units;
use crate::expr::{Expr, did_you_mean, function_names, is_reserved};
use crate::network::{self, ElementKind, Network, NetworkError};
use std::collections::{HashMap, HashSet};

/// The network of a flat model.
pub(super) fn interpret(model: &Model, level: u32) -> Result<SbmlModel, Vec<SbmlError>> {
    let mut interpreter = Interpreter::new(model, level);
    interpreter.names();
    if interpreter.errors.is_empty() {
        interpreter.functions();
        interpreter.compartments();
        interpreter.species();
        interpreter.parameters();
        interpreter.reactions();
        interpreter.rules();
        interpreter.initial_assignments();
        interpreter.events();
    }
    interpreter.finish()
}

struct Interpreter<'a> {
    model: &'a Model,
    units: Units,
    network: Network,
    /// quantities: id in the file, id in the network
    values: HashMap<String, String>,
    functions: HashMap<String, (String, usize)>,
    /// ids that are taken in the network
    taken: HashSet<String>,
    /// where the elements of the network stand
    lines: HashMap<(ElementKind, String), u32>,
    /// quantities that initial assignments or assignment rules give their first value
    determined: HashSet<&'a str>,
    /// quantities that something may change after the start
    changed: HashSet<&'a str>,
    errors: Vec<SbmlError>,
    warnings: Vec<String>,
}

impl<'a> Interpreter<'a> {
    fn new(model: &'a Model, level: u32) -> Self {
        let units = Units::new(model, level);
        let mut network = Network::new(model.meta.id.as_deref().unwrap_or("model"));
        network.name = model.meta.name.clone();
        let default_time = (level == 2).then_some("time");
        network.time_unit = units.text(model.time_units.as_deref().or(default_time));
        network.imported = true;
        network.allow_non_finite(true);
        let rules = || model.rules.iter().filter(|r| r.math.is_some());
        let assigned = rules().filter(|r| r.kind == RuleKind::Assignment);
        let initial = model
            .initial_assignments
            .iter()
            .filter(|i| i.math.is_some());
        let events = model.events.iter().flat_map(|e| &e.assignments);
        Interpreter {
            determined: assigned
                .map(|r| r.variable.as_str())
                .chain(initial.map(|i| i.symbol.as_str()))
                .collect(),
            changed: rules()
                .map(|r| r.variable.as_str())
                .chain(events.map(|a| a.variable.as_str()))
                .collect(),
            model,
            units,
            network,
            values: HashMap::new(),
            functions: HashMap::new(),
            taken: HashSet::new(),
            lines: HashMap::new(),
            errors: Vec::new(),
            warnings: Vec::new(),
        }
    }

    /// Gives every id its name in the network; ids that stand twice are errors.
    fn names(&mut self) {
        let model = self.model;
        let mut first: HashMap<&str, u32> = HashMap::new();
        let references = model
            .reactions
            .iter()
            .flat_map(|r| r.reactants.iter().chain(&r.products).chain(&r.modifiers));
        let values = (model.compartments.iter().map(|c| (&c.meta, "compartment")))
            .chain(model.species.iter().map(|s| (&s.meta, "species")))
            .chain(model.parameters.iter().map(|p| (&p.meta, "parameter")))
            .chain(model.reactions.iter().map(|r| (&r.meta, "reaction")))
            .chain(references.map(|r| (&r.meta, "speciesReference")))
            .chain(
                model
                    .functions
                    .iter()
                    .map(|f| (&f.meta, "functionDefinition")),
            )
            .chain(model.events.iter().map(|e| (&e.meta, "event")));
        for (meta, tag) in values {
            let Some(id) = &meta.id else { continue };
            if let Some(earlier) = first.insert(id, meta.line) {
                self.errors.push(SbmlError::DuplicateId {
                    line: meta.line,
                    element: format!("{tag} `{id}`"),
                    id: id.clone(),
                    first: earlier,
                });
            }
            self.taken.insert(id.clone());
        }
        let quantities = (model.compartments.iter().map(|c| &c.meta))
            .chain(model.species.iter().map(|s| &s.meta))
            .chain(model.parameters.iter().map(|p| &p.meta))
            .chain(model.reactions.iter().map(|r| &r.meta))
            .chain(
                model
                    .reactions
                    .iter()
                    .flat_map(|r| r.reactants.iter().chain(&r.products))
                    .map(|r| &r.meta),
            );
        for id in quantities.filter_map(|meta| meta.id.as_ref()) {
            let name = match is_reserved(id) {
                true => self.free(id),
                false => id.clone(),
            };
            self.values.insert(id.clone(), name);
        }
        for function in &model.functions {
            let Some(id) = &function.meta.id else {
                continue;
            };
            let own =
                function_names().any(|known| known == id) || is_reserved(id) || id == "rateOf";
            let name = if own { self.free(id) } else { id.clone() };
            self.functions
                .insert(id.clone(), (name, function.arguments.len()));
        }
    }

    /// An id that nobody has.
    fn free(&mut self, wanted: &str) -> String {
        let mut id = wanted.to_string();
        while is_reserved(&id) || self.taken.contains(&id) || function_names().any(|f| f == id) {
            id.push('_');
        }
        self.taken.insert(id.clone());
        id
    }

    fn name(&self, id: &str) -> String {
        self.values
            .get(id)
            .cloned()
            .unwrap_or_else(|| id.to_string())
    }

    fn place(&mut self, kind: ElementKind, id: &str, line: u32) {
        self.lines.insert((kind, id.to_string()), line);
    }

    /// The expression of a formula; an error is noted.
    fn formula(
        &mut self,
        math: &Math,
        element: String,
        locals: HashMap<String, String>,
    ) -> Option<Expr> {
        let scope = Scope {
            values: &self.values,
            locals,
            functions: &self.functions,
            closed: false,
            element,
        };
        match scope.expression(self.network.graph_mut(), math) {
            Ok(e) => Some(e),
            Err(error) => {
                self.errors.push(error);
                None
            }
        }
    }

    /// Adds an element of the network; an error is noted at the line.
    fn add(
        &mut self,
        line: u32,
        element: impl FnOnce(&mut Network) -> Result<&mut Network, NetworkError>,
    ) {
        if let Err(error) = element(&mut self.network) {
            self.errors.push(SbmlError::Model {
                line,
                source: Box::new(error),
            });
        }
    }

    /// The text of a unit; one that the file does not define is told.
    fn unit(&mut self, id: Option<&str>, line: u32, element: &str) -> Option<String> {
        if let Some(id) = id.filter(|id| !self.units.is_known(id)) {
            self.warnings
                .push(format!("line {line}, {element}: there is no unit `{id}`"));
        }
        self.units.text(id)
    }

    /// The name of a quantity that a rule, assignment or event is about.
    fn target(&mut self, id: &str, line: u32, element: &str) -> Option<String> {
        if let Some(name) = self.values.get(id) {
            return Some(name.clone());
        }
        self.errors.push(SbmlError::UnknownName {
            line,
            element: element.to_string(),
            kind: "quantity",
            name: id.to_string(),
            near: did_you_mean(id, self.values.keys().map(String::as_str)),
        });
        None
    }

    /// Checks the network; its errors get their lines.
    fn finish(mut self) -> Result<SbmlModel, Vec<SbmlError>> {
        for resource in &self.model.meta.described_by {
            if let Some(doi) = doi(resource) {
                self.network.cite(network::Reference {
                    citation: "".into(),
                    doi: doi.into(),
                });
            }
        }
        if !self.errors.is_empty() {
            return Err(self.errors);
        }
        let line_of = |error: &NetworkError| {
            let place = error.place()?;
            self.lines.get(&(place.kind, place.id.clone())).copied()
        };
        let checked = self
            .network
            .check()
            .map(|checked| (checked.equations(), checked.warnings().to_vec()));
        match checked {
            Ok((equations, units)) => {
                let mut warnings = self.warnings;
                warnings.extend(units.iter().map(|error| match line_of(error) {
                    Some(line) => format!("line {line}: {error}"),
                    None => error.to_string(),
                }));
                Ok(SbmlModel {
                    network: self.network,
                    equations,
                    ids: self.values,
                    warnings,
                })
            }
            Err(errors) => {
                let at_line = |error: NetworkError| SbmlError::Model {
                    line: line_of(&error).unwrap_or(self.model.meta.line),
                    source: Box::new(error),
                };
                Err(errors.into_iter().map(at_line).collect())
            }
        }
    }
}

/// The DOI in a resource of MIRIAM.
fn doi(resource: &str) -> Option<String> {
    let starts = [
        "https://identifiers.org/doi:",
        "http://identifiers.org/doi/",
        "https://identifiers.org/doi/",
        "https://doi.org/",
        "urn:miriam:doi:",
    ];
    let found = starts
        .iter()
        .find_map(|start| resource.strip_prefix(start))?;
    Some(found.replace("%2F", "/"))
}
