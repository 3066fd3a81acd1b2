//! The check of a network: every error at once.
use super::{
    ElementKind, Equations, Formula, Network, NetworkError, Place, Rule, determine, flatten,
    resolve, units,
};
use std::collections::HashSet;

/// A network without errors, and its flat equations.
#[derive(Clone, Debug)]
pub struct Checked<'a> {
    network: &'a Network,
    equations: Equations,
    warnings: Vec<NetworkError>,
}

impl<'a> Checked<'a> {
    /// The network that was checked.
    pub fn network(&self) -> &'a Network {
        self.network
    }
    /// The flat equations: functions inlined, assignments substituted, stoichiometry turned into derivatives.
    pub fn equations(&self) -> Equations {
        self.equations.clone()
    }
    /// Units that do not fit, in a network from a foreign file.
    pub fn warnings(&self) -> &[NetworkError] {
        &self.warnings
    }
}

impl Network {
    /// Finds every error of the network.
    ///
    /// # Errors
    /// All errors, each with its place: unknown, duplicate and invalid ids, circular definitions, quantities that too much
    /// or too little determines, units that do not fit, values that are missing, not finite or negative, knots out of
    /// order, ports that are not connected.
    ///
    /// ```
    /// use holobiont::network::{Network, Reaction, Species};
    /// let mut network = Network::new("typo");
    /// network.species("Blautia", Species::new(0.1))?;
    /// network.reaction("growth", Reaction::rate("mu * Blautai").produces("Blautia", 1.0))?;
    /// let errors = network.check().expect_err("two ids are unknown");
    /// assert_eq!(errors.len(), 2);
    /// assert_eq!(
    ///     errors[0].to_string(),
    ///     "reaction `growth`, rate law, column 6: unknown id `Blautai`; did you mean `Blautia`?"
    /// );
    /// # Ok::<(), holobiont::network::NetworkError>(())
    /// ```
    pub fn check(&self) -> Result<Checked<'_>, Vec<NetworkError>> {
        let mut errors = Vec::new();
        let resolved = resolve::resolve(self, &mut errors);
        let mut warnings = Vec::new();
        let named = errors.is_empty();
        self.check_values(&mut errors);
        self.check_constraints(&mut errors);
        if named {
            let found = if self.imported {
                &mut warnings
            } else {
                &mut errors
            };
            units::check(self, &resolved, found);
        }
        let quantities = determine::roles(self, &resolved, &mut errors);
        let mut open = Vec::new();
        let equations = flatten::flatten(self, resolved, quantities, &mut errors, &mut open);
        match self.imported {
            true => warnings.extend(open),
            false => errors.extend(open),
        }
        if errors.is_empty() {
            Ok(Checked {
                network: self,
                equations,
                warnings,
            })
        } else {
            Err(errors)
        }
    }

    /// Conditions that the declared numbers do not meet; a condition on a quantity that a rule determines is left open.
    fn check_constraints(&self, errors: &mut Vec<NetworkError>) {
        let mut graph = self.graph.clone();
        let by_rule = self.rules.iter().filter_map(|rule| match rule {
            Rule::Assignment { id, .. } | Rule::Rate { id, .. } => Some(id),
            Rule::Algebraic { .. } => None,
        });
        let at_start = self.initial_assignments.iter().map(|(id, _)| id);
        let ruled: HashSet<&String> = by_rule.chain(at_start).collect();
        let value_of = |id: &str| {
            self.number_of(id)
                .filter(|_| !ruled.contains(&id.to_string()))
        };
        for (id, condition) in &self.constraints {
            let Ok(e) = condition.expr(&mut graph) else {
                continue;
            };
            if graph.evaluate(e, &value_of, 0.0) != Ok(0.0) {
                continue;
            }
            let symbols = graph.symbols_of(e).into_iter();
            let mut names: Vec<&str> = symbols.map(|s| graph.name(s)).collect();
            names.sort_by_key(|name| (condition.column_of(name), *name));
            let value = |name: &&str| value_of(name).map(|value| format!("{name} = {value}"));
            let values: Vec<String> = names.iter().filter_map(value).collect();
            // the parameter that the condition names first
            let place = match names.first() {
                Some(name) => Place::part(ElementKind::Parameter, name, format!("constraint {id}")),
                None => Place::of(ElementKind::Constraint, id),
            };
            errors.push(NetworkError::Constraint {
                place,
                condition: match condition {
                    Formula::Expr(e) => graph.text_shortened(*e, 200),
                    condition => condition.text(&graph),
                },
                values: values.join(", "),
            });
        }
    }

    /// Values that are not finite, negative or out of order.
    fn check_values(&self, errors: &mut Vec<NetworkError>) {
        let finite = |place: Place, value: f64, errors: &mut Vec<NetworkError>| {
            if !value.is_finite() {
                errors.push(NetworkError::NotFinite { place, value });
            }
        };
        let strict = |value: &f64| !self.non_finite || value.is_finite();
        for (id, compartment) in &self.compartments {
            if let Some(size) = compartment.size.filter(strict) {
                finite(
                    Place::part(ElementKind::Compartment, id, "size"),
                    size,
                    errors,
                );
            }
        }
        for (id, species) in &self.species {
            if let Some(Formula::Number(value)) = species.initial
                && strict(&value)
            {
                let place = Place::part(ElementKind::Species, id, "initial value");
                if value < 0.0 && species.nonnegative {
                    errors.push(NetworkError::Negative {
                        place: place.clone(),
                        value,
                    });
                }
                finite(place, value, errors);
            }
        }
        for (id, parameter) in &self.parameters {
            if let Some(value) = parameter.value.filter(strict) {
                finite(
                    Place::part(ElementKind::Parameter, id, "value"),
                    value,
                    errors,
                );
            }
            let (lower, upper) = (
                parameter.lower.unwrap_or(f64::NEG_INFINITY),
                parameter.upper.unwrap_or(f64::INFINITY),
            );
            if lower.partial_cmp(&upper) != Some(std::cmp::Ordering::Less) {
                errors.push(NetworkError::Bounds {
                    place: Place::of(ElementKind::Parameter, id),
                    lower,
                    upper,
                });
            }
        }
        for (id, input) in &self.inputs {
            let place = Place::of(ElementKind::Input, id);
            for (i, (time, value)) in input.knots.iter().enumerate() {
                let part = |what: &str| {
                    Place::part(ElementKind::Input, id, format!("{what} of knot {}", i + 1))
                };
                finite(part("time"), *time, errors);
                finite(part("value"), *value, errors);
                if i > 0 && *time <= input.knots[i - 1].0 {
                    errors.push(NetworkError::KnotsOutOfOrder {
                        place: place.clone(),
                        knot: i + 1,
                        time: *time,
                    });
                }
            }
        }
    }
}
