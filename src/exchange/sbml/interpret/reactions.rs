//! Reactions: rate laws with their local parameters, and stoichiometries, which may be quantities of their own.
use super::Interpreter;
use crate::exchange::sbml::document::{Reaction, SpeciesReference};
use crate::exchange::sbml::error::SbmlError;
use crate::expr::did_you_mean;
use crate::network::{self, ElementKind, Formula};
use std::collections::HashMap;

impl Interpreter<'_> {
    pub(super) fn reactions(&mut self) {
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
            self.add(reaction.meta.line, |network| network.reaction(&name, built));
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
            ..network::Parameter::default()
        };
        self.network.parameter(&name, parameter);
        let e = self.network.graph_mut().symbol(&name);
        Some((species, Formula::Expr(e)))
    }
}
