//! The flat model: the parts of all instances that are left, in the names and scales of the main model.
use super::super::document::{
    Compartment, Event, InitialAssignment, KineticLaw, Meta, Model, Parameter, Reaction, Rule,
    RuleKind, Species, SpeciesReference,
};
use super::super::error::SbmlError;
use super::super::math::Math;
use super::links::{At, Composition, MOST_ERRORS};
use super::values::{Locals, Values, scaled};
use std::collections::{HashMap, HashSet};

/// Joins the instances to one model without submodels.
pub(super) fn flatten(composition: &Composition) -> Result<Model, Vec<SbmlError>> {
    let mut join = Join {
        composition,
        values: Values::new(composition),
        flat: Model::default(),
        factors: HashMap::new(),
        errors: Vec::new(),
    };
    for instance in 0..composition.instances.len() {
        if !composition.gone.contains(&instance) && join.errors.len() < MOST_ERRORS {
            join.add(instance);
        }
    }
    match join.errors.is_empty() {
        true => Ok(join.flat),
        false => Err(join.errors),
    }
}

struct Join<'a> {
    composition: &'a Composition<'a>,
    values: Values<'a>,
    flat: Model,
    /// parameters for conversion factors of species that are themselves converted
    factors: HashMap<(usize, String), String>,
    errors: Vec<SbmlError>,
}

impl Join<'_> {
    fn add(&mut self, instance: usize) {
        let mut model = self.composition.template(instance).model.clone();
        self.remove(instance, &mut model);
        if instance == 0 {
            self.flat = Model {
                meta: model.meta.clone(),
                substance_units: model.substance_units.clone(),
                time_units: model.time_units.clone(),
                volume_units: model.volume_units.clone(),
                area_units: model.area_units.clone(),
                length_units: model.length_units.clone(),
                extent_units: model.extent_units.clone(),
                conversion_factor: model.conversion_factor.clone(),
                ..Model::default()
            };
        } else {
            inherit(&mut model);
        }
        let result = self.convert(instance, &mut model);
        if let Err(error) = result {
            let document = self.composition.template(instance).document;
            self.errors
                .push(self.composition.library.at(document, error));
            return;
        }
        let flat = &mut self.flat;
        flat.functions.append(&mut model.functions);
        flat.units.append(&mut model.units);
        flat.compartments.append(&mut model.compartments);
        flat.species.append(&mut model.species);
        flat.parameters.append(&mut model.parameters);
        flat.initial_assignments
            .append(&mut model.initial_assignments);
        flat.rules.append(&mut model.rules);
        flat.constraints.append(&mut model.constraints);
        flat.reactions.append(&mut model.reactions);
        flat.events.append(&mut model.events);
    }

    /// Takes out what is deleted or replaced, with all that it holds.
    fn remove(&self, instance: usize, model: &mut Model) {
        let removed = &self.composition.removed;
        let stays = |meta: &Meta| {
            let part = meta.number;
            !removed.contains(&At { instance, part })
        };
        model.functions.retain(|x| stays(&x.meta));
        model.units.retain(|x| stays(&x.meta));
        model.compartments.retain(|x| stays(&x.meta));
        model.species.retain(|x| stays(&x.meta));
        model.parameters.retain(|x| stays(&x.meta));
        model.initial_assignments.retain(|x| stays(&x.meta));
        model.rules.retain(|x| stays(&x.meta));
        model.constraints.retain(|x| stays(&x.meta));
        model.reactions.retain(|x| stays(&x.meta));
        for reaction in &mut model.reactions {
            for side in sides(reaction) {
                side.retain(|x| stays(&x.meta));
                for reference in side {
                    let math = reference.stoichiometry_math.take();
                    reference.stoichiometry_math = math.filter(|(meta, _)| stays(meta));
                }
            }
            let law = reaction.kinetic_law.take();
            reaction.kinetic_law = law.filter(|law| stays(&law.meta));
            if let Some(law) = &mut reaction.kinetic_law {
                // the formula still has to learn what stands for a replaced one
                let redirects = &self.composition.redirects;
                law.local_parameters.retain(|x| {
                    let part = x.meta.number;
                    stays(&x.meta) || redirects.contains_key(&At { instance, part })
                });
            }
        }
        model.events.retain(|x| stays(&x.meta));
        for event in &mut model.events {
            event.trigger = event.trigger.take().filter(|x| stays(&x.meta));
            event.priority = event.priority.take().filter(|x| stays(&x.meta));
            event.delay = event.delay.take().filter(|x| stays(&x.meta));
            event.assignments.retain(|x| stays(&x.meta));
        }
    }

    /// Rewrites what is left in the names and scales of the flat model.
    fn convert(&mut self, instance: usize, model: &mut Model) -> Result<(), SbmlError> {
        for function in &mut model.functions {
            self.name(instance, &mut function.meta);
            let locals = Locals {
                own: function.arguments.iter().map(String::as_str).collect(),
                ..Locals::default()
            };
            self.rewrite(instance, &mut function.body, &locals)?;
        }
        for unit in &mut model.units {
            self.name(instance, &mut unit.meta);
        }
        for compartment in &mut model.compartments {
            self.name(instance, &mut compartment.meta);
            self.unit(instance, &mut compartment.units)?;
        }
        for species in &mut model.species {
            self.species(instance, species)?;
        }
        for parameter in &mut model.parameters {
            self.name(instance, &mut parameter.meta);
            self.unit(instance, &mut parameter.units)?;
        }
        for assignment in &mut model.initial_assignments {
            self.name(instance, &mut assignment.meta);
            self.assign(instance, &mut assignment.symbol, &mut assignment.math)?;
        }
        for rule in &mut model.rules {
            self.rule(instance, rule)?;
        }
        for constraint in &mut model.constraints {
            self.name(instance, &mut constraint.meta);
            self.rewrite(instance, &mut constraint.math, &Locals::default())?;
        }
        for reaction in &mut model.reactions {
            self.reaction(instance, reaction)?;
        }
        for event in &mut model.events {
            self.event(instance, event)?;
        }
        if instance == 0 {
            let units = [
                &mut self.flat.substance_units,
                &mut self.flat.time_units,
                &mut self.flat.volume_units,
                &mut self.flat.area_units,
                &mut self.flat.length_units,
                &mut self.flat.extent_units,
            ];
            for unit in units.into_iter().flatten() {
                *unit = self.values.unit(instance, unit)?;
            }
            if let Some(factor) = self.flat.conversion_factor.take() {
                self.flat.conversion_factor = Some(self.species_factor(instance, factor)?);
            }
        }
        Ok(())
    }

    /// Gives an element its id and line in the flat model.
    fn name(&self, instance: usize, meta: &mut Meta) {
        let at = At {
            instance,
            part: meta.number,
        };
        meta.id = self.values.id(at);
        meta.meta_id = meta
            .meta_id
            .take()
            .map(|id| self.values.prefixed(instance, &id));
        self.place(instance, &mut meta.line);
    }

    fn place(&self, instance: usize, line: &mut u32) {
        *line = self.composition.instances[instance].line.unwrap_or(*line);
    }

    fn unit(&self, instance: usize, unit: &mut Option<String>) -> Result<(), SbmlError> {
        if let Some(unit) = unit {
            *unit = self.values.unit(instance, unit)?;
        }
        Ok(())
    }

    fn rewrite(
        &self,
        instance: usize,
        math: &mut Option<Math>,
        locals: &Locals,
    ) -> Result<(), SbmlError> {
        match math {
            Some(math) => self.values.rewrite(instance, math, locals),
            None => Ok(()),
        }
    }

    /// An assignment: its formula in the scale of what it is about.
    fn assign(
        &self,
        instance: usize,
        variable: &mut String,
        math: &mut Option<Math>,
    ) -> Result<(), SbmlError> {
        self.rewrite(instance, math, &Locals::default())?;
        (*variable, *math) = self.values.assigned(instance, variable, math.take())?;
        Ok(())
    }

    fn species(&mut self, instance: usize, species: &mut Species) -> Result<(), SbmlError> {
        self.name(instance, &mut species.meta);
        species.compartment = self.values.reference(instance, &species.compartment)?;
        self.unit(instance, &mut species.substance_units)?;
        if let Some(factor) = species.conversion_factor.take() {
            species.conversion_factor = Some(self.species_factor(instance, factor)?);
        }
        Ok(())
    }

    /// The parameter that holds a conversion factor of species; one of its own where the factor is itself converted.
    fn species_factor(&mut self, instance: usize, name: String) -> Result<String, SbmlError> {
        let value = match self.values.species_factor(instance, &name)? {
            Math::Name(id, _) => return Ok(id),
            value => value,
        };
        if let Some(known) = self.factors.get(&(instance, name.clone())) {
            return Ok(known.clone());
        }
        let id = self.values.free(self.values.prefixed(instance, &name));
        let meta = Meta {
            line: self.flat.meta.line,
            id: Some(id.clone()),
            ..Meta::default()
        };
        self.flat.parameters.push(Parameter {
            meta: meta.clone(),
            value: None,
            units: None,
            constant: true,
        });
        self.flat.initial_assignments.push(InitialAssignment {
            meta: Meta { id: None, ..meta },
            symbol: id.clone(),
            math: Some(value),
        });
        self.factors.insert((instance, name), id.clone());
        Ok(id)
    }

    fn rule(&self, instance: usize, rule: &mut Rule) -> Result<(), SbmlError> {
        self.name(instance, &mut rule.meta);
        if rule.kind == RuleKind::Algebraic {
            return self.rewrite(instance, &mut rule.math, &Locals::default());
        }
        self.assign(instance, &mut rule.variable, &mut rule.math)?;
        if rule.kind == RuleKind::Rate
            && let Some(math) = rule.math.take()
        {
            let times = self.values.time_factors(instance)?;
            rule.math = Some(scaled(math, Vec::new(), times));
        }
        Ok(())
    }

    fn reaction(&self, instance: usize, reaction: &mut Reaction) -> Result<(), SbmlError> {
        self.name(instance, &mut reaction.meta);
        for reference in sides(reaction).into_iter().flatten() {
            let SpeciesReference { meta, species, .. } = reference;
            self.name(instance, meta);
            *species = self.values.reference(instance, species)?;
            if let Some((_, math)) = &mut reference.stoichiometry_math {
                self.values.rewrite(instance, math, &Locals::default())?;
            }
        }
        let Some(law) = &mut reaction.kinetic_law else {
            return Ok(());
        };
        self.place(instance, &mut law.meta.line);
        for parameter in &mut law.local_parameters {
            self.place(instance, &mut parameter.meta.line);
            self.unit(instance, &mut parameter.units)?;
        }
        if instance > 0 {
            self.part_locals(instance, law);
        }
        let redirects = &self.composition.redirects;
        let at = |parameter: &Parameter| At {
            instance,
            part: parameter.meta.number,
        };
        let all = law.local_parameters.drain(..);
        let (replaced, own) = all.partition::<Vec<_>, _>(|p| redirects.contains_key(&at(p)));
        law.local_parameters = own;
        let locals = Locals {
            own: (law.local_parameters.iter())
                .filter_map(|p| p.meta.id.as_deref())
                .collect(),
            replaced: (replaced.iter())
                .filter_map(|p| Some((p.meta.id.as_deref()?, at(p))))
                .collect(),
        };
        if let Some(mut math) = law.math.take() {
            self.values.rewrite(instance, &mut math, &locals)?;
            law.math = Some(self.values.rate(instance, math)?);
        }
        Ok(())
    }

    /// Renames local parameters that would hide names of the flat model: conversion factors, replacing elements.
    fn part_locals(&self, instance: usize, law: &mut KineticLaw) {
        let mut ids: HashSet<String> = (law.local_parameters.iter())
            .filter_map(|p| p.meta.id.clone())
            .collect();
        let mut renamed: HashMap<String, String> = HashMap::new();
        for parameter in &mut law.local_parameters {
            let Some(id) = parameter.meta.id.as_mut() else {
                continue;
            };
            if !self.values.is_taken(id) {
                continue;
            }
            let mut new = format!("{id}_");
            while self.values.is_taken(&new)
                || self.values.is_known(instance, &new)
                || ids.contains(&new)
            {
                new.push('_');
            }
            ids.insert(new.clone());
            renamed.insert(std::mem::replace(id, new.clone()), new);
        }
        if let Some(math) = law.math.as_mut().filter(|_| !renamed.is_empty()) {
            math.visit_mut(&mut |math| {
                if let Math::Name(name, _) | Math::RateOf(name, _) = math
                    && let Some(new) = renamed.get(name)
                {
                    name.clone_from(new);
                }
            });
        }
    }

    fn event(&self, instance: usize, event: &mut Event) -> Result<(), SbmlError> {
        self.name(instance, &mut event.meta);
        let none = Locals::default();
        if let Some(trigger) = &mut event.trigger {
            self.rewrite(instance, &mut trigger.math, &none)?;
        }
        if let Some(priority) = &mut event.priority {
            self.rewrite(instance, &mut priority.math, &none)?;
        }
        if let Some(delay) = &mut event.delay
            && let Some(mut math) = delay.math.take()
        {
            self.values.rewrite(instance, &mut math, &none)?;
            let times = self.values.time_factors(instance)?;
            delay.math = Some(scaled(math, times, Vec::new()));
        }
        for assignment in &mut event.assignments {
            self.place(instance, &mut assignment.meta.line);
            self.assign(instance, &mut assignment.variable, &mut assignment.math)?;
        }
        Ok(())
    }
}

fn sides(reaction: &mut Reaction) -> [&mut Vec<SpeciesReference>; 3] {
    [
        &mut reaction.reactants,
        &mut reaction.products,
        &mut reaction.modifiers,
    ]
}

/// Writes what the elements of a submodel take from their model into the elements.
fn inherit(model: &mut Model) {
    for species in &mut model.species {
        let Species {
            substance_units,
            conversion_factor,
            ..
        } = species;
        *substance_units = substance_units.take().or(model.substance_units.clone());
        *conversion_factor = conversion_factor.take().or(model.conversion_factor.clone());
    }
    for Compartment {
        units, dimensions, ..
    } in &mut model.compartments
    {
        let usual = match dimensions {
            3.0 => &model.volume_units,
            2.0 => &model.area_units,
            1.0 => &model.length_units,
            _ => &None,
        };
        *units = units.take().or(usual.clone());
    }
}
