//! From the document to a network: what the elements of SBML mean.
//!
//! A species whose id stands for an amount (`hasOnlySubstanceUnits`, or a compartment without dimensions) has `amount` set;
//! species references with an id become parameters that the stoichiometry reads; local parameters become parameters
//! `REACTION__ID`; values that SBML leaves undefined are NaN. Ids that mean something in the language of formulas
//! (`time`, `inf`, ...) get underscores behind them.
use super::SbmlModel;
use super::document::{Model, Reaction, Rule, RuleKind, SpeciesReference};
use super::error::SbmlError;
use super::formulas::Scope;
use super::math::Math;
use super::units::Units;
use crate::expr::{Expr, did_you_mean, function_names, is_reserved};
use crate::network::{self, ElementKind, Formula, Network, NetworkError};
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

    /// Notes an error of the network at a line.
    fn add(&mut self, line: u32, result: Result<&mut Network, NetworkError>) {
        if let Err(error) = result {
            self.errors.push(SbmlError::Model {
                line,
                source: Box::new(error),
            });
        }
    }

    fn functions(&mut self) {
        for function in &self.model.functions {
            let (Some(id), Some(body)) = (&function.meta.id, &function.body) else {
                continue;
            };
            let scope = Scope {
                values: &self.values,
                locals: function
                    .arguments
                    .iter()
                    .map(|a| (a.clone(), a.clone()))
                    .collect(),
                functions: &self.functions,
                closed: true,
                element: format!("functionDefinition `{id}`"),
            };
            let formula = match scope.expression(self.network.graph_mut(), body) {
                Ok(e) => Formula::Expr(e),
                Err(error) => {
                    self.errors.push(error);
                    continue;
                }
            };
            let name = self.functions[id].0.clone();
            let arguments = function.arguments.clone();
            self.place(ElementKind::Function, &name, function.meta.line);
            let definition = network::FunctionDefinition { arguments, formula };
            let added = self
                .network
                .function_definition(&name, definition)
                .map(|_| ());
            debug_assert!(added.is_ok(), "an expression needs no reading");
        }
    }

    fn compartments(&mut self) {
        for compartment in &self.model.compartments {
            let Some(id) = &compartment.meta.id else {
                continue;
            };
            let default = match compartment.dimensions {
                3.0 => self.model.volume_units.as_deref(),
                2.0 => self.model.area_units.as_deref(),
                1.0 => self.model.length_units.as_deref(),
                _ => None,
            };
            let unset = compartment.size.is_none() && !self.determined.contains(id.as_str());
            if unset && compartment.dimensions != 0.0 {
                self.warnings.push(format!(
                    "line {}, compartment `{id}`: no size is given; 1 is assumed",
                    compartment.meta.line
                ));
            }
            let name = self.name(id);
            self.place(ElementKind::Compartment, &name, compartment.meta.line);
            let element = network::Compartment {
                name: compartment.meta.name.clone(),
                size: compartment.size.or(unset.then_some(1.0)),
                unit: self.units.text(compartment.units.as_deref().or(default)),
                constant: compartment.constant,
            };
            self.network.compartment(&name, element);
        }
    }

    fn species(&mut self) {
        let compartments: HashMap<&str, &super::document::Compartment> =
            (self.model.compartments.iter())
                .filter_map(|c| Some((c.meta.id.as_deref()?, c)))
                .collect();
        for species in &self.model.species {
            let Some(id) = &species.meta.id else { continue };
            let line = species.meta.line;
            let Some(compartment) = compartments.get(species.compartment.as_str()) else {
                self.errors.push(SbmlError::UnknownName {
                    line,
                    element: format!("species `{id}`"),
                    kind: "compartment",
                    name: species.compartment.clone(),
                    near: did_you_mean(&species.compartment, compartments.keys().copied()),
                });
                continue;
            };
            let amount = species.only_substance || compartment.dimensions == 0.0;
            let within = self.name(&species.compartment);
            let plain = !self.changed.contains(species.compartment.as_str())
                && !self.determined.contains(species.compartment.as_str());
            let fixed = compartment.size.filter(|_| plain);
            let graph = self.network.graph_mut();
            let initial = match (species.initial_amount, species.initial_concentration) {
                (Some(value), _) if amount => Some(Formula::Number(value)),
                (None, Some(value)) if !amount => Some(Formula::Number(value)),
                (Some(value), _) if fixed == Some(1.0) => Some(Formula::Number(value)),
                (None, Some(value)) if fixed == Some(1.0) => Some(Formula::Number(value)),
                (Some(value), _) => {
                    let (value, size) = (graph.number(value), graph.symbol(&within));
                    Some(Formula::Expr(graph.div(value, size)))
                }
                (None, Some(value)) => {
                    let (value, size) = (graph.number(value), graph.symbol(&within));
                    Some(Formula::Expr(graph.mul(value, size)))
                }
                (None, None) if self.determined.contains(id.as_str()) => None,
                (None, None) => Some(Formula::Number(f64::NAN)),
            };
            let substance = species
                .substance_units
                .as_deref()
                .or(self.model.substance_units.as_deref());
            let substance = self.units.text(substance);
            let unit = match self
                .network
                .compartment_mut(&within)
                .map(|c| c.unit.clone())
            {
                _ if amount => substance,
                Some(Some(size)) => substance.map(|unit| format!("{unit}/({size})")),
                _ => None,
            };
            let factor = species
                .conversion_factor
                .as_deref()
                .or(self.model.conversion_factor.as_deref());
            let name = self.name(id);
            self.place(ElementKind::Species, &name, line);
            let element = network::Species {
                name: species.meta.name.clone(),
                initial,
                unit,
                compartment: Some(within),
                amount,
                boundary: species.boundary,
                constant: species.constant,
                nonnegative: false,
                conversion_factor: factor.map(|id| self.name(id)),
                chemical_formula: None,
            };
            let added = self.network.species(&name, element).map(|_| ());
            debug_assert!(added.is_ok(), "an expression needs no reading");
        }
    }

    fn parameter(&mut self, name: &str, parameter: &super::document::Parameter, unset: bool) {
        let source = parameter.meta.described_by.iter().find_map(|r| doi(r));
        self.place(ElementKind::Parameter, name, parameter.meta.line);
        let element = network::Parameter {
            name: parameter.meta.name.clone(),
            value: parameter.value.or(unset.then_some(f64::NAN)),
            unit: self.units.text(parameter.units.as_deref()),
            constant: parameter.constant,
            source,
            ..network::Parameter::default()
        };
        self.network.parameter(name, element);
    }

    fn parameters(&mut self) {
        for parameter in &self.model.parameters {
            let Some(id) = &parameter.meta.id else {
                continue;
            };
            let unset = !self.determined.contains(id.as_str());
            let name = self.name(id);
            self.parameter(&name, parameter, unset);
        }
    }

    fn reactions(&mut self) {
        for reaction in &self.model.reactions {
            let Some(id) = &reaction.meta.id else {
                continue;
            };
            let element = format!("reaction `{id}`");
            if reaction.fast {
                self.errors.push(SbmlError::Unsupported {
                    line: reaction.meta.line,
                    element,
                    what: "a fast reaction".to_string(),
                    advice: ": give it a large rate, or write its equilibrium as a rule",
                });
                continue;
            }
            let rate = self.rate(id, reaction);
            let name = self.name(id);
            let sides = [&reaction.reactants, &reaction.products].map(|side| {
                let references = side.iter().map(|r| self.stoichiometry(&element, r));
                references.collect::<Vec<_>>()
            });
            let [reactants, products] = sides.map(|side| side.into_iter().flatten().collect());
            self.place(ElementKind::Reaction, &name, reaction.meta.line);
            let modifiers = reaction
                .modifiers
                .iter()
                .map(|r| self.name(&r.species))
                .collect();
            let built = network::Reaction {
                name: reaction.meta.name.clone(),
                rate: Some(rate),
                reactants,
                products,
                modifiers,
                reversible: reaction.reversible,
            };
            let added = self.network.reaction(&name, built).map(|_| ());
            debug_assert!(added.is_ok(), "an expression needs no reading");
        }
    }

    /// The rate law; a reaction without one does not run.
    fn rate(&mut self, id: &str, reaction: &Reaction) -> Formula {
        let law = reaction.kinetic_law.as_ref();
        let mut locals = HashMap::new();
        for parameter in law.iter().flat_map(|law| &law.local_parameters) {
            let Some(local) = &parameter.meta.id else {
                continue;
            };
            let name = self.free(&format!("{id}__{local}"));
            if locals.insert(local.clone(), name.clone()).is_some() {
                self.errors.push(SbmlError::DuplicateId {
                    line: parameter.meta.line,
                    element: format!("local parameter of reaction `{id}`"),
                    id: local.clone(),
                    first: reaction.meta.line,
                });
                continue;
            }
            self.parameter(&name, parameter, true);
        }
        let Some(math) = law.and_then(|law| law.math.as_ref()) else {
            self.warnings.push(format!(
                "line {}, reaction `{id}`: there is no rate law; the reaction does not run",
                reaction.meta.line
            ));
            return Formula::Number(0.0);
        };
        match self.formula(math, format!("reaction `{id}`, kineticLaw"), locals) {
            Some(e) => Formula::Expr(e),
            None => Formula::Number(0.0),
        }
    }

    /// Species and stoichiometry of one reference.
    fn stoichiometry(
        &mut self,
        element: &str,
        reference: &SpeciesReference,
    ) -> Option<(String, Formula)> {
        let line = reference.meta.line;
        if !self.values.contains_key(&reference.species) {
            let species = self
                .model
                .species
                .iter()
                .filter_map(|s| s.meta.id.as_deref());
            self.errors.push(SbmlError::UnknownName {
                line,
                element: element.to_string(),
                kind: "species",
                name: reference.species.clone(),
                near: did_you_mean(&reference.species, species),
            });
            return None;
        }
        let species = self.name(&reference.species);
        if let Some((_, math)) = &reference.stoichiometry_math {
            let place = format!("{element}, stoichiometry of `{}`", reference.species);
            let e = self.formula(math, place, HashMap::new())?;
            return Some((species, Formula::Expr(e)));
        }
        let Some(id) = &reference.meta.id else {
            return Some((
                species,
                Formula::Number(reference.stoichiometry.unwrap_or(f64::NAN)),
            ));
        };
        let name = self.name(id);
        let unset = !self.determined.contains(id.as_str());
        let value = reference.stoichiometry.or(unset.then_some(f64::NAN));
        self.place(ElementKind::Parameter, &name, line);
        let parameter = network::Parameter {
            value,
            constant: reference.constant,
            unit: Some("dimensionless".to_string()),
            ..network::Parameter::default()
        };
        self.network.parameter(&name, parameter);
        let e = self.network.graph_mut().symbol(&name);
        Some((species, Formula::Expr(e)))
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

    fn rules(&mut self) {
        for rule in &self.model.rules {
            let Some(math) = &rule.math else { continue };
            self.rule(rule, math);
        }
    }

    fn rule(&mut self, rule: &Rule, math: &Math) {
        let line = rule.meta.line;
        let element = match rule.kind {
            RuleKind::Assignment => format!("assignmentRule of `{}`", rule.variable),
            RuleKind::Rate => format!("rateRule of `{}`", rule.variable),
            RuleKind::Algebraic => "algebraicRule".to_string(),
        };
        let Some(e) = self.formula(math, element.clone(), HashMap::new()) else {
            return;
        };
        let formula = Formula::Expr(e);
        if rule.kind == RuleKind::Algebraic {
            let number = self.network.all_rules().iter();
            let number = number
                .filter(|r| matches!(r, network::Rule::Algebraic { .. }))
                .count()
                + 1;
            self.place(ElementKind::AlgebraicRule, &number.to_string(), line);
            let added = self
                .network
                .rule(network::Rule::Algebraic { formula })
                .map(|_| ());
            debug_assert!(added.is_ok(), "an expression needs no reading");
            return;
        }
        let Some(id) = self.target(&rule.variable, line, &element) else {
            return;
        };
        let (kind, built) = match rule.kind {
            RuleKind::Rate => (
                ElementKind::RateRule,
                network::Rule::Rate {
                    id: id.clone(),
                    formula,
                },
            ),
            _ => {
                let (id, unit) = (id.clone(), None);
                (
                    ElementKind::Assignment,
                    network::Rule::Assignment { id, formula, unit },
                )
            }
        };
        self.place(kind, &id, line);
        let added = self.network.rule(built).map(|_| ());
        debug_assert!(added.is_ok(), "an expression needs no reading");
    }

    fn initial_assignments(&mut self) {
        for assignment in &self.model.initial_assignments {
            let Some(math) = &assignment.math else {
                continue;
            };
            let line = assignment.meta.line;
            let element = format!("initialAssignment of `{}`", assignment.symbol);
            let Some(id) = self.target(&assignment.symbol, line, &element) else {
                continue;
            };
            let Some(e) = self.formula(math, element, HashMap::new()) else {
                continue;
            };
            self.place(ElementKind::InitialAssignment, &id, line);
            let mut network = std::mem::take(&mut self.network);
            self.add(line, network.initial_value(&id, Formula::Expr(e)));
            self.network = network;
        }
    }

    fn events(&mut self) {
        for (number, event) in self.model.events.iter().enumerate() {
            let name = match &event.meta.id {
                Some(id) if !is_reserved(id) => id.clone(),
                Some(id) => self.free(id),
                None => self.free(&format!("event{}", number + 1)),
            };
            let element = format!("event `{name}`");
            // an event without trigger never happens
            let Some(trigger) = &event.trigger else {
                continue;
            };
            let Some(math) = &trigger.math else { continue };
            let Some(condition) = self.formula(math, format!("{element}, trigger"), HashMap::new())
            else {
                continue;
            };
            let part = |this: &mut Self, part: &Option<super::document::Part>, tag: &str| {
                let math = part.as_ref()?.math.as_ref()?;
                let e = this.formula(math, format!("{element}, {tag}"), HashMap::new())?;
                Some(Formula::Expr(e))
            };
            let (delay, priority) = (
                part(self, &event.delay, "delay"),
                part(self, &event.priority, "priority"),
            );
            let mut assignments = Vec::new();
            for assignment in &event.assignments {
                let Some(math) = &assignment.math else {
                    continue;
                };
                let place = format!("{element}, eventAssignment of `{}`", assignment.variable);
                let Some(id) = self.target(&assignment.variable, assignment.meta.line, &place)
                else {
                    continue;
                };
                if let Some(e) = self.formula(math, place, HashMap::new()) {
                    assignments.push((id, Formula::Expr(e)));
                }
            }
            self.place(ElementKind::Event, &name, event.meta.line);
            let built = network::Event {
                name: event.meta.name.clone(),
                trigger: Formula::Expr(condition),
                delay,
                priority,
                persistent: trigger.persistent,
                initial_value: trigger.initial_value,
                values_from_trigger_time: event.values_from_trigger_time,
                assignments,
            };
            let added = self.network.event(&name, built).map(|_| ());
            debug_assert!(added.is_ok(), "an expression needs no reading");
        }
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
