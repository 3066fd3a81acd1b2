//! All formulas of a network as expressions of one graph, in the order of its elements.
use super::{SbmlWriteError, inputs};
use crate::expr::{Expr, Graph};
use crate::network::{ElementKind, Formula, Network, Place, Rule};

/// A reaction's expressions, in the order of its participants.
pub(super) struct ReactionFormulas {
    pub rate: Option<Expr>,
    pub reactants: Vec<Expr>,
    pub products: Vec<Expr>,
}

/// An event's expressions.
pub(super) struct EventFormulas {
    pub trigger: Expr,
    pub delay: Option<Expr>,
    pub priority: Option<Expr>,
    pub assignments: Vec<Expr>,
}

/// Every list is parallel to that of the network.
pub(super) struct Formulas {
    pub graph: Graph,
    pub functions: Vec<Expr>,
    /// initial values that are no numbers
    pub species: Vec<Option<Expr>>,
    pub initial_assignments: Vec<Expr>,
    pub rules: Vec<Expr>,
    pub inputs: Vec<Expr>,
    pub observables: Vec<Expr>,
    pub constraints: Vec<Expr>,
    pub reactions: Vec<ReactionFormulas>,
    pub events: Vec<EventFormulas>,
}

impl Formulas {
    /// Reads all formulas.
    ///
    /// # Errors
    /// The first that cannot be read.
    pub fn of(network: &Network) -> Result<Self, SbmlWriteError> {
        use ElementKind as Kind;
        let mut graph = network.graph().clone();
        let mut read = |formula: &Formula, place: Place| {
            formula.expr(&mut graph).map_err(|source| {
                let text = formula.text(network.graph());
                SbmlWriteError::Formula {
                    place,
                    text,
                    source,
                }
            })
        };
        let named =
            |kind,
             list: &mut dyn Iterator<Item = (&String, &Formula)>,
             read: &mut dyn FnMut(&Formula, Place) -> Result<Expr, SbmlWriteError>| {
                list.map(|(id, f)| read(f, Place::of(kind, id)))
                    .collect::<Result<Vec<Expr>, _>>()
            };
        let functions = named(
            Kind::Function,
            &mut network
                .all_functions()
                .iter()
                .map(|(id, f)| (id, &f.formula)),
            &mut read,
        )?;
        let mut species = Vec::new();
        for (id, element) in network.all_species() {
            species.push(match &element.initial {
                None | Some(Formula::Number(_)) => None,
                Some(formula) => Some(read(
                    formula,
                    Place::part(Kind::Species, id, "initial value"),
                )?),
            });
        }
        let initial_assignments = named(
            Kind::InitialAssignment,
            &mut network
                .all_initial_assignments()
                .iter()
                .map(|(id, f)| (id, f)),
            &mut read,
        )?;
        let mut rules = Vec::new();
        for rule in network.all_rules() {
            let formula = match rule {
                Rule::Assignment { formula, .. }
                | Rule::Rate { formula, .. }
                | Rule::Algebraic { formula } => formula,
            };
            rules.push(read(formula, place_of(rule, rules.len()))?);
        }
        let observables = named(
            Kind::Observable,
            &mut network
                .all_observables()
                .iter()
                .map(|(id, o)| (id, &o.formula)),
            &mut read,
        )?;
        let constraints = named(
            Kind::Constraint,
            &mut network.all_constraints().iter().map(|(id, f)| (id, f)),
            &mut read,
        )?;
        let mut reactions = Vec::new();
        for (id, reaction) in network.all_reactions() {
            let rate = reaction.rate.as_ref();
            let rate = rate.map(|f| read(f, Place::part(Kind::Reaction, id, "rate law")));
            let mut side = |list: &[(String, Formula)]| {
                let participant =
                    |(species, f): &(String, Formula)| read(f, stoichiometry(id, species));
                list.iter().map(participant).collect::<Result<Vec<_>, _>>()
            };
            reactions.push(ReactionFormulas {
                reactants: side(&reaction.reactants)?,
                products: side(&reaction.products)?,
                rate: rate.transpose()?,
            });
        }
        let mut events = Vec::new();
        for (id, event) in network.all_events() {
            let mut part = |what: &str, f: &Formula| read(f, Place::part(Kind::Event, id, what));
            let delay = event.delay.as_ref().map(|f| part("delay", f));
            let priority = event.priority.as_ref().map(|f| part("priority", f));
            let (delay, priority) = (delay.transpose()?, priority.transpose()?);
            let mut assignments = Vec::new();
            for (target, formula) in &event.assignments {
                assignments.push(part(&format!("assignment of `{target}`"), formula)?);
            }
            events.push(EventFormulas {
                trigger: part("trigger", &event.trigger)?,
                delay,
                priority,
                assignments,
            });
        }
        let tables = network.all_inputs().iter();
        let inputs = tables
            .map(|(_, input)| inputs::expression(&mut graph, input.kind, &input.knots))
            .collect();
        Ok(Formulas {
            graph,
            functions,
            species,
            initial_assignments,
            rules,
            inputs,
            observables,
            constraints,
            reactions,
            events,
        })
    }

    /// All expressions.
    pub fn all(&self) -> Vec<Expr> {
        let lists = [
            &self.functions,
            &self.initial_assignments,
            &self.rules,
            &self.inputs,
            &self.observables,
            &self.constraints,
        ];
        let mut all: Vec<Expr> = lists.into_iter().flatten().copied().collect();
        all.extend(self.species.iter().flatten());
        for reaction in &self.reactions {
            all.extend(reaction.rate);
            all.extend(reaction.reactants.iter().chain(&reaction.products));
        }
        for event in &self.events {
            all.push(event.trigger);
            all.extend(event.delay.iter().chain(&event.priority));
            all.extend(&event.assignments);
        }
        all
    }
}

/// The place of a rule, by its position among the rules.
pub(super) fn place_of(rule: &Rule, position: usize) -> Place {
    match rule {
        Rule::Assignment { id, .. } => Place::of(ElementKind::Assignment, id),
        Rule::Rate { id, .. } => Place::of(ElementKind::RateRule, id),
        Rule::Algebraic { .. } => {
            Place::of(ElementKind::AlgebraicRule, &(position + 1).to_string())
        }
    }
}

/// The place of a stoichiometry.
pub(super) fn stoichiometry(reaction: &str, species: &str) -> Place {
    let part = format!("stoichiometry of `{species}`");
    Place::part(ElementKind::Reaction, reaction, part)
}
