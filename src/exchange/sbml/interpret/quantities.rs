//! Compartments, species and parameters.
use super::{Interpreter, doi};
use crate::exchange::sbml::document::{self, Parameter, Rule, RuleKind};
use crate::exchange::sbml::error::SbmlError;
use crate::expr::did_you_mean;
use crate::network::{self, ElementKind, Formula};
use std::collections::HashMap;

impl Interpreter<'_> {
    pub(super) fn compartments(&mut self) {
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
            let unit = compartment.units.as_deref().or(default);
            let unit = self.unit(unit, compartment.meta.line, &format!("compartment `{id}`"));
            let element = network::Compartment {
                name: compartment.meta.name.clone(),
                size: compartment.size.or(unset.then_some(1.0)),
                unit,
                constant: compartment.constant,
            };
            self.network.compartment(&name, element);
        }
    }

    pub(super) fn species(&mut self) {
        let compartments: HashMap<&str, &document::Compartment> = (self.model.compartments.iter())
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
            // an algebraic rule may determine what is not constant
            let algebraic = |r: &Rule| r.kind == RuleKind::Algebraic && r.math.is_some();
            let free = !compartment.constant && self.model.rules.iter().any(algebraic);
            let plain = !free
                && !self.changed.contains(species.compartment.as_str())
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
            let substance = self.unit(substance, line, &format!("species `{id}`"));
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
            self.add(line, |network| network.species(&name, element));
        }
    }

    pub(super) fn parameter(&mut self, name: &str, parameter: &Parameter, unset: bool) {
        let source = parameter.meta.described_by.iter().find_map(|r| doi(r));
        self.place(ElementKind::Parameter, name, parameter.meta.line);
        let unit = parameter.units.as_deref();
        let unit = self.unit(unit, parameter.meta.line, &format!("parameter `{name}`"));
        let element = network::Parameter {
            name: parameter.meta.name.clone(),
            value: parameter.value.or(unset.then_some(f64::NAN)),
            unit,
            constant: parameter.constant,
            source,
            ..network::Parameter::default()
        };
        self.network.parameter(name, element);
    }

    pub(super) fn parameters(&mut self) {
        for parameter in &self.model.parameters {
            let Some(id) = &parameter.meta.id else {
                continue;
            };
            let unset = !self.determined.contains(id.as_str());
            let name = self.name(id);
            self.parameter(&name, parameter, unset);
        }
    }
}
