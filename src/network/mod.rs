//! A model as data: compartments, species, reactions, rules, events, inputs, observables; and its flat equations.
//!
//! A [`Network`] is built by mechanisms in Rust or read from a file; [`Network::check`] finds every error in it at once
//! and [`Checked::equations`] gives the flat mathematics that `compile` turns into a system.
//!
//! With \\(n_{ij}\\) the stoichiometry of species \\(i\\) in reaction \\(j\\), \\(v_j\\) the rate law (extent per time)
//! and \\(V\\) the size of the compartment,
//! $$ \frac{\mathrm{d} x_i}{\mathrm{d} t} = \sum_j n_{ij} v_j \quad\text{(amount, or a species without compartment)},\qquad
//!    \frac{\mathrm{d} c_i}{\mathrm{d} t} = \frac{1}{V}\sum_j n_{ij} v_j \quad\text{(concentration)}. $$
//!
//! ```
//! use holobiont::network::{Network, Parameter, Reaction, Species};
//!
//! let mut network = Network::new("logistic");
//! network.time_unit = Some("d".to_string());
//! network.species("N", Species::new(0.1).unit("g/l"))?;
//! network.parameter("r", Parameter::new(0.8).unit("1/d"));
//! network.parameter("K", Parameter::new(5.0).unit("g/l"));
//! network.reaction("growth", Reaction::rate("r * N * (1 - N / K)").produces("N", 1.0))?;
//!
//! let equations = network.check().expect("a sound network").equations();
//! assert_eq!(equations.states[0].id, "N");
//! # Ok::<(), holobiont::network::NetworkError>(())
//! ```
mod check;
mod compose;
mod definitions;
mod determine;
mod display;
mod elements;
mod equations;
mod error;
mod flatten;
mod formula;
mod functions;
mod matching;
mod rates;
mod reduce;
mod reference;
mod resolve;
mod stoichiometry;
mod units;

pub use check::Checked;
pub(crate) use elements::pairs;
pub use elements::{
    Compartment, Event, Evidence, FunctionDefinition, Input, Observable, Parameter, Port, Reaction,
    Rule, SearchScale, Species,
};
pub use equations::{
    Equations, EventAssignment, EventEquation, InputEquation, InputKind, ObservableEquation,
    ParameterEquation, RequirementEquation, StateEquation,
};
pub(crate) use error::suggestion;
pub use error::{ElementKind, NetworkError, Place};
pub use formula::Formula;
pub use reference::{Mechanism, Reference};
pub use stoichiometry::Stoichiometry;

use crate::expr::Graph;
use std::collections::HashSet;

/// A model of species, reactions, rules, events and inputs, with the graph that owns its formulas.
///
/// The building methods read formulas at once and return a [`NetworkError::Syntax`] with the column; whether ids exist,
/// units fit and quantities are determined is the business of [`Network::check`], so the order of building is free.
#[derive(Clone, Debug, Default)]
pub struct Network {
    /// Id of the model.
    pub id: String,
    /// Name for people.
    pub name: Option<String>,
    /// Unit of time as text; none if undeclared.
    pub time_unit: Option<String>,
    /// Whether the model comes from a foreign file: units that do not fit, and algebraic rules that could determine any of
    /// several quantities, are warnings ([`Checked::warnings`]), no errors. Such a rule determines a quantity without a start
    /// value before others, and a boundary species last; what no rule determines keeps its value.
    pub imported: bool,
    graph: Graph,
    compartments: Vec<(String, Compartment)>,
    species: Vec<(String, Species)>,
    parameters: Vec<(String, Parameter)>,
    reactions: Vec<(String, Reaction)>,
    rules: Vec<Rule>,
    initial_assignments: Vec<(String, Formula)>,
    functions: Vec<(String, FunctionDefinition)>,
    events: Vec<(String, Event)>,
    inputs: Vec<(String, Input)>,
    observables: Vec<(String, Observable)>,
    ports: Vec<(String, Port)>,
    constraints: Vec<(String, Formula)>,
    references: Vec<Reference>,
    non_finite: bool,
}

impl Network {
    /// An empty network.
    pub fn new(id: &str) -> Self {
        Network {
            id: id.to_string(),
            ..Self::default()
        }
    }

    /// Whether constants, start values and formulas may be infinite or NaN, as in SBML, where NaN also stands for a value that
    /// nobody gives. Not allowed unless this is called.
    ///
    /// Such a constant is no parameter of the system: it stands as a number in the equations that read it, and among the
    /// observables. What follows from it is NaN in the outputs, and a state that it reaches fails the solve.
    pub fn allow_non_finite(&mut self, allow: bool) -> &mut Self {
        self.non_finite = allow;
        self
    }

    /// Adds a mechanism and cites it.
    ///
    /// # Errors
    /// Those of the mechanism.
    pub fn add(&mut self, mechanism: &dyn Mechanism) -> Result<&mut Self, NetworkError> {
        mechanism.add_to(self)?;
        for reference in mechanism.references() {
            self.cite(reference.clone());
        }
        Ok(self)
    }

    /// Adds a reference, once.
    pub fn cite(&mut self, reference: Reference) -> &mut Self {
        if !self.references.contains(&reference) {
            self.references.push(reference);
        }
        self
    }

    /// Adds a compartment.
    pub fn compartment(&mut self, id: &str, compartment: Compartment) -> &mut Self {
        self.compartments.push((id.to_string(), compartment));
        self
    }

    /// Adds a species.
    ///
    /// # Errors
    /// An initial value that cannot be read.
    pub fn species(&mut self, id: &str, species: Species) -> Result<&mut Self, NetworkError> {
        if let Some(initial) = &species.initial {
            self.read(initial, || {
                Place::part(ElementKind::Species, id, "initial value")
            })?;
        }
        self.species.push((id.to_string(), species));
        Ok(self)
    }

    /// Adds a parameter.
    pub fn parameter(&mut self, id: &str, parameter: Parameter) -> &mut Self {
        self.parameters.push((id.to_string(), parameter));
        self
    }

    /// Adds a reaction.
    ///
    /// # Errors
    /// A rate law or stoichiometry that cannot be read.
    pub fn reaction(&mut self, id: &str, reaction: Reaction) -> Result<&mut Self, NetworkError> {
        if let Some(rate) = &reaction.rate {
            self.read(rate, || Place::part(ElementKind::Reaction, id, "rate law"))?;
        }
        for (species, formula) in reaction.reactants.iter().chain(&reaction.products) {
            self.read(formula, || {
                Place::part(
                    ElementKind::Reaction,
                    id,
                    format!("stoichiometry of `{species}`"),
                )
            })?;
        }
        self.reactions.push((id.to_string(), reaction));
        Ok(self)
    }

    /// Adds a rule.
    ///
    /// # Errors
    /// A formula that cannot be read.
    pub fn rule(&mut self, rule: Rule) -> Result<&mut Self, NetworkError> {
        match &rule {
            Rule::Assignment { id, formula, .. } => {
                self.read(formula, || Place::of(ElementKind::Assignment, id))?
            }
            Rule::Rate { id, formula } => {
                self.read(formula, || Place::of(ElementKind::RateRule, id))?
            }
            Rule::Algebraic { formula } => {
                let number = self.algebraic_rules().count() + 1;
                self.read(formula, || {
                    Place::of(ElementKind::AlgebraicRule, &number.to_string())
                })?
            }
        }
        self.rules.push(rule);
        Ok(self)
    }

    /// Adds an assignment rule: the quantity equals the formula at all times. An id that nothing else declares becomes a quantity.
    ///
    /// # Errors
    /// A formula that cannot be read.
    pub fn assignment(
        &mut self,
        id: &str,
        formula: impl Into<Formula>,
    ) -> Result<&mut Self, NetworkError> {
        self.rule(Rule::Assignment {
            id: id.to_string(),
            formula: formula.into(),
            unit: None,
        })
    }

    /// Adds a rate rule: the derivative of the quantity equals the formula.
    ///
    /// # Errors
    /// A formula that cannot be read.
    pub fn rate_rule(
        &mut self,
        id: &str,
        formula: impl Into<Formula>,
    ) -> Result<&mut Self, NetworkError> {
        self.rule(Rule::Rate {
            id: id.to_string(),
            formula: formula.into(),
        })
    }

    /// Adds an algebraic rule: the formula equals zero.
    ///
    /// # Errors
    /// A formula that cannot be read.
    pub fn algebraic_rule(
        &mut self,
        formula: impl Into<Formula>,
    ) -> Result<&mut Self, NetworkError> {
        self.rule(Rule::Algebraic {
            formula: formula.into(),
        })
    }

    /// Adds an initial assignment: the quantity has the formula's value at the start.
    ///
    /// # Errors
    /// A formula that cannot be read.
    pub fn initial_assignment(
        &mut self,
        id: &str,
        formula: impl Into<Formula>,
    ) -> Result<&mut Self, NetworkError> {
        let formula = formula.into();
        self.read(&formula, || Place::of(ElementKind::InitialAssignment, id))?;
        self.initial_assignments.push((id.to_string(), formula));
        Ok(self)
    }

    /// Forgets the initial assignment of a quantity; whether there was one.
    pub(crate) fn forget_initial(&mut self, id: &str) -> bool {
        let before = self.initial_assignments.len();
        self.initial_assignments.retain(|(known, _)| known != id);
        self.initial_assignments.len() < before
    }

    /// Takes an event out; whether there was one.
    pub(crate) fn forget_event(&mut self, id: &str) -> bool {
        let before = self.events.len();
        self.events.retain(|(known, _)| known != id);
        self.events.len() < before
    }

    /// Sets the initial value of a species, or adds an initial assignment of another quantity.
    ///
    /// # Errors
    /// A formula that cannot be read.
    pub fn initial_value(
        &mut self,
        id: &str,
        formula: impl Into<Formula>,
    ) -> Result<&mut Self, NetworkError> {
        let formula = formula.into();
        if !contains(&self.species, id) {
            return self.initial_assignment(id, formula);
        }
        self.read(&formula, || {
            Place::part(ElementKind::Species, id, "initial value")
        })?;
        if let Some(species) = self.species_mut(id) {
            species.initial = Some(formula);
        }
        Ok(self)
    }

    /// Adds a function of named arguments.
    ///
    /// # Errors
    /// A formula that cannot be read.
    pub fn function(
        &mut self,
        id: &str,
        arguments: &[&str],
        formula: impl Into<Formula>,
    ) -> Result<&mut Self, NetworkError> {
        let definition = FunctionDefinition {
            arguments: arguments.iter().map(|a| a.to_string()).collect(),
            formula: formula.into(),
        };
        self.function_definition(id, definition)
    }

    /// Adds a function.
    ///
    /// # Errors
    /// A formula that cannot be read.
    pub fn function_definition(
        &mut self,
        id: &str,
        definition: FunctionDefinition,
    ) -> Result<&mut Self, NetworkError> {
        self.read(&definition.formula, || Place::of(ElementKind::Function, id))?;
        self.functions.push((id.to_string(), definition));
        Ok(self)
    }

    /// Adds an event.
    ///
    /// # Errors
    /// A trigger, delay, priority or assignment that cannot be read.
    pub fn event(&mut self, id: &str, event: Event) -> Result<&mut Self, NetworkError> {
        for (part, formula) in event.formulas() {
            self.read(formula, || {
                Place::part(ElementKind::Event, id, part.clone())
            })?;
        }
        self.events.push((id.to_string(), event));
        Ok(self)
    }

    /// Adds an input.
    pub fn input(&mut self, id: &str, input: Input) -> &mut Self {
        self.inputs.push((id.to_string(), input));
        self
    }

    /// Adds an observable.
    ///
    /// # Errors
    /// A formula that cannot be read.
    pub fn observable(
        &mut self,
        id: &str,
        observable: Observable,
    ) -> Result<&mut Self, NetworkError> {
        self.read(&observable.formula, || {
            Place::of(ElementKind::Observable, id)
        })?;
        self.observables.push((id.to_string(), observable));
        Ok(self)
    }

    /// Adds a condition that the values of parameters must meet, as `ph1 < ph2`; checked where all of them have values.
    ///
    /// # Errors
    /// A formula that cannot be read.
    pub fn constraint(
        &mut self,
        id: &str,
        condition: impl Into<Formula>,
    ) -> Result<&mut Self, NetworkError> {
        let condition = condition.into();
        self.read(&condition, || Place::of(ElementKind::Constraint, id))?;
        self.constraints.push((id.to_string(), condition));
        Ok(self)
    }

    /// Reads a formula into the graph.
    fn read(
        &mut self,
        formula: &Formula,
        place: impl FnOnce() -> Place,
    ) -> Result<(), NetworkError> {
        match formula.expr(&mut self.graph) {
            Ok(_) => Ok(()),
            Err(source) => {
                let text = formula.text(&self.graph);
                Err(NetworkError::Syntax {
                    place: place(),
                    text,
                    source,
                })
            }
        }
    }

    /// The graph that owns the network's expressions, to build a [`Formula::Expr`] in.
    pub fn graph_mut(&mut self) -> &mut Graph {
        &mut self.graph
    }
    /// The graph that owns the network's expressions.
    pub fn graph(&self) -> &Graph {
        &self.graph
    }
    /// All compartments with their ids, in order of declaration.
    pub fn all_compartments(&self) -> &[(String, Compartment)] {
        &self.compartments
    }
    /// All species with their ids, in order of declaration.
    pub fn all_species(&self) -> &[(String, Species)] {
        &self.species
    }
    /// All parameters with their ids, in order of declaration.
    pub fn all_parameters(&self) -> &[(String, Parameter)] {
        &self.parameters
    }
    /// All reactions with their ids, in order of declaration.
    pub fn all_reactions(&self) -> &[(String, Reaction)] {
        &self.reactions
    }
    /// All rules, in order of declaration.
    pub fn all_rules(&self) -> &[Rule] {
        &self.rules
    }
    /// All initial assignments.
    pub fn all_initial_assignments(&self) -> &[(String, Formula)] {
        &self.initial_assignments
    }
    /// All functions with their ids.
    pub fn all_functions(&self) -> &[(String, FunctionDefinition)] {
        &self.functions
    }
    /// All events with their ids.
    pub fn all_events(&self) -> &[(String, Event)] {
        &self.events
    }
    /// All inputs with their ids.
    pub fn all_inputs(&self) -> &[(String, Input)] {
        &self.inputs
    }
    /// All observables with their ids.
    pub fn all_observables(&self) -> &[(String, Observable)] {
        &self.observables
    }
    /// All ports with their names.
    pub fn all_ports(&self) -> &[(String, Port)] {
        &self.ports
    }
    /// All conditions on parameters with their ids.
    pub fn all_constraints(&self) -> &[(String, Formula)] {
        &self.constraints
    }
    /// A compartment, to change it.
    pub fn compartment_mut(&mut self, id: &str) -> Option<&mut Compartment> {
        find(&mut self.compartments, id)
    }
    /// A species, to change it.
    pub fn species_mut(&mut self, id: &str) -> Option<&mut Species> {
        find(&mut self.species, id)
    }
    /// A parameter, to change it.
    pub fn parameter_mut(&mut self, id: &str) -> Option<&mut Parameter> {
        find(&mut self.parameters, id)
    }
    /// An input, to change it.
    pub fn input_mut(&mut self, id: &str) -> Option<&mut Input> {
        find(&mut self.inputs, id)
    }
    /// The declared number of a parameter or compartment.
    pub(crate) fn number_of(&self, id: &str) -> Option<f64> {
        let parameter = self.parameters.iter().find(|(known, _)| known == id);
        let compartment = || self.compartments.iter().find(|(known, _)| known == id);
        parameter
            .and_then(|(_, p)| p.value)
            .or_else(|| compartment().and_then(|(_, c)| c.size))
    }

    fn algebraic_rules(&self) -> impl Iterator<Item = &Formula> {
        self.rules.iter().filter_map(|rule| match rule {
            Rule::Algebraic { formula } => Some(formula),
            _ => None,
        })
    }

    /// The kind of element that declares the id, if any does.
    pub fn kind_of(&self, id: &str) -> Option<ElementKind> {
        self.declared()
            .find(|(_, known)| *known == id)
            .map(|(kind, _)| kind)
    }

    /// All declared ids of values and functions, with the kind of their element, in order of declaration.
    /// An assignment rule counts where nothing else declares its quantity.
    pub fn declared(&self) -> impl Iterator<Item = (ElementKind, &str)> {
        let quantities = ids(&self.species, ElementKind::Species)
            .chain(ids(&self.parameters, ElementKind::Parameter))
            .chain(ids(&self.compartments, ElementKind::Compartment));
        let quantities: HashSet<&str> = match self.rules.is_empty() {
            true => HashSet::new(),
            false => quantities.map(|(_, id)| id).collect(),
        };
        let assigned = self.rules.iter().filter_map(move |rule| match rule {
            Rule::Assignment { id, .. } if !quantities.contains(id.as_str()) => {
                Some((ElementKind::Assignment, id.as_str()))
            }
            _ => None,
        });
        ids(&self.compartments, ElementKind::Compartment)
            .chain(ids(&self.species, ElementKind::Species))
            .chain(ids(&self.parameters, ElementKind::Parameter))
            .chain(ids(&self.inputs, ElementKind::Input))
            .chain(assigned)
            .chain(ids(&self.reactions, ElementKind::Reaction))
            .chain(ids(&self.observables, ElementKind::Observable))
            .chain(ids(&self.functions, ElementKind::Function))
            .chain(ids(&self.events, ElementKind::Event))
    }

    /// Everything the network stands on: its mechanisms' references, then the sources of its parameters, each once.
    pub fn references(&self) -> Vec<Reference> {
        let mut all = self.references.clone();
        for (_, parameter) in &self.parameters {
            if let Some(source) = &parameter.source
                && !all.iter().any(|r| r.doi == *source)
            {
                all.push(Reference {
                    citation: "".into(),
                    doi: source.clone().into(),
                });
            }
        }
        all
    }
}

fn find<'a, T>(list: &'a mut [(String, T)], id: &str) -> Option<&'a mut T> {
    list.iter_mut()
        .find(|(known, _)| known == id)
        .map(|(_, element)| element)
}
fn contains<T>(list: &[(String, T)], id: &str) -> bool {
    list.iter().any(|(known, _)| known == id)
}
fn ids<T>(list: &[(String, T)], kind: ElementKind) -> impl Iterator<Item = (ElementKind, &str)> {
    list.iter().map(move |(id, _)| (kind, id.as_str()))
}
