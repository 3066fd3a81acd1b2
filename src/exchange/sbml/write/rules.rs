//! Initial assignments, rules and constraints.
use super::document::Document;
use super::formulas::place_of;
use super::mathml::Want;
use super::xml::Attributes;
use super::{SbmlWriteError, Version};
use crate::expr::Expr;
use crate::network::{ElementKind, Place, Rule};

impl Document<'_> {
    /// Initial values that are formulas. What a rule assigns has none.
    pub fn initial_assignments(&mut self) -> Result<(), SbmlWriteError> {
        let network = self.network;
        let ruled = |id: &str| {
            let mut rules = network.all_rules().iter();
            rules.any(|rule| matches!(rule, Rule::Assignment { id: known, .. } if known == id))
        };
        let declared = network.all_initial_assignments();
        // an initial assignment stands before a species' own formula
        let own = |id: &str| !declared.iter().any(|(known, _)| known == id);
        let species = network.all_species().iter().zip(&self.formulas.species);
        let of_species = species.filter_map(|((id, _), e)| {
            let place = Place::part(ElementKind::Species, id, "initial value");
            own(id).then_some((id, (*e)?, place))
        });
        let assigned = declared.iter().zip(&self.formulas.initial_assignments);
        let assigned =
            assigned.map(|((id, _), e)| (id, *e, Place::of(ElementKind::InitialAssignment, id)));
        let all: Vec<(&String, Expr, Place)> = of_species
            .chain(assigned)
            .filter(|(id, ..)| !ruled(id))
            .collect();
        let references = self.references.constant();
        if !self.list("listOfInitialAssignments", all.len() + references.len()) {
            return Ok(());
        }
        let references = references
            .into_iter()
            .map(|r| (&r.id, r.formula, r.place()));
        for (id, e, place) in all.into_iter().chain(references) {
            self.xml
                .open("initialAssignment", &Attributes::new().with("symbol", id));
            self.math(e, Want::Number, &|| place.clone())?;
            self.xml.close("initialAssignment");
        }
        self.xml.close("listOfInitialAssignments");
        Ok(())
    }

    /// Rules; inputs, observables and stoichiometries that change are assignment rules too.
    pub fn rules(&mut self) -> Result<(), SbmlWriteError> {
        let network = self.network;
        let formulas = self.formulas;
        let references = self.references.changing();
        let length = network.all_rules().len()
            + network.all_inputs().len()
            + network.all_observables().len()
            + references.len();
        if !self.list("listOfRules", length) {
            return Ok(());
        }
        for (position, (rule, e)) in network.all_rules().iter().zip(&formulas.rules).enumerate() {
            let (name, variable) = match rule {
                Rule::Assignment { id, .. } => ("assignmentRule", Some(id)),
                Rule::Rate { id, .. } => ("rateRule", Some(id)),
                Rule::Algebraic { .. } => ("algebraicRule", None),
            };
            self.rule(name, variable, *e, &|| place_of(rule, position))?;
        }
        for ((id, _), e) in network.all_inputs().iter().zip(&formulas.inputs) {
            let place = || Place::of(ElementKind::Input, id);
            self.rule("assignmentRule", Some(id), *e, &place)?;
        }
        for ((id, _), e) in network.all_observables().iter().zip(&formulas.observables) {
            let place = || Place::of(ElementKind::Observable, id);
            self.rule("assignmentRule", Some(id), *e, &place)?;
        }
        for reference in references {
            let (id, place) = (&reference.id, || reference.place());
            self.rule("assignmentRule", Some(id), reference.formula, &place)?;
        }
        self.xml.close("listOfRules");
        Ok(())
    }

    fn rule(
        &mut self,
        name: &str,
        variable: Option<&String>,
        e: Expr,
        place: &dyn Fn() -> Place,
    ) -> Result<(), SbmlWriteError> {
        self.xml
            .open(name, &Attributes::new().maybe("variable", variable));
        self.math(e, Want::Number, place)?;
        self.xml.close(name);
        Ok(())
    }

    /// Conditions on parameters. Level 3 Version 1 has no ids for them.
    pub fn constraints(&mut self) -> Result<(), SbmlWriteError> {
        let constraints = self.network.all_constraints();
        if !self.list("listOfConstraints", constraints.len()) {
            return Ok(());
        }
        for ((id, _), e) in constraints.iter().zip(&self.formulas.constraints) {
            let free = self.version >= Version::L3V2 && self.ids.take(id);
            let attributes = Attributes::new().maybe("id", free.then_some(id));
            self.xml.open("constraint", &attributes);
            self.math(*e, Want::Condition, &|| {
                Place::of(ElementKind::Constraint, id)
            })?;
            self.xml.close("constraint");
        }
        self.xml.close("listOfConstraints");
        Ok(())
    }
}
