//! Networks within networks: composition under a prefix, and ports.
use super::{Formula, FunctionDefinition, Network, NetworkError, Port, Rule};
use crate::expr::suggest;

impl Network {
    /// Adds all elements of another network; each id becomes `prefix__id`. An empty prefix leaves ids as they are.
    ///
    /// ```
    /// use holobiont::network::{Network, Reaction, Species};
    /// let mut colon = Network::new("colon");
    /// colon.species("X", Species::new(1.0))?;
    /// colon.reaction("growth", Reaction::rate("X").produces("X", 1.0))?;
    /// let mut gut = Network::new("gut");
    /// gut.compose(&colon, "proximal").compose(&colon, "distal");
    /// assert_eq!(gut.all_species()[1].0, "distal__X");
    /// # Ok::<(), holobiont::network::NetworkError>(())
    /// ```
    pub fn compose(&mut self, other: &Network, prefix: &str) -> &mut Self {
        let join = |id: &str| {
            if prefix.is_empty() {
                id.to_string()
            } else {
                format!("{prefix}__{id}")
            }
        };
        let mut source = other.graph.clone();
        let graph = &mut self.graph;
        let mut copy = |formula: &Formula, kept: &[String]| -> Formula {
            match (formula, formula.expr(&mut source)) {
                (Formula::Number(_), _) | (_, Err(_)) => formula.clone(),
                (_, Ok(e)) => {
                    let mut rename = |name: &str| {
                        if kept.iter().any(|k| k == name) {
                            name.to_string()
                        } else {
                            join(name)
                        }
                    };
                    Formula::Expr(graph.import(&source, e, &mut rename))
                }
            }
        };
        let none: &[String] = &[];
        self.non_finite |= other.non_finite;
        for (id, compartment) in &other.compartments {
            self.compartments.push((join(id), compartment.clone()));
        }
        for (id, species) in &other.species {
            let mut species = species.clone();
            species.initial = species.initial.map(|f| copy(&f, none));
            species.compartment = species.compartment.map(|id| join(&id));
            species.conversion_factor = species.conversion_factor.map(|id| join(&id));
            self.species.push((join(id), species));
        }
        for (id, parameter) in &other.parameters {
            self.parameters.push((join(id), parameter.clone()));
        }
        for (id, reaction) in &other.reactions {
            let mut reaction = reaction.clone();
            reaction.rate = reaction.rate.map(|f| copy(&f, none));
            for (species, stoichiometry) in
                reaction.reactants.iter_mut().chain(&mut reaction.products)
            {
                *species = join(species);
                *stoichiometry = copy(stoichiometry, none);
            }
            reaction.modifiers = reaction.modifiers.iter().map(|id| join(id)).collect();
            self.reactions.push((join(id), reaction));
        }
        for rule in &other.rules {
            self.rules.push(match rule {
                Rule::Assignment { id, formula, unit } => Rule::Assignment {
                    id: join(id),
                    formula: copy(formula, none),
                    unit: unit.clone(),
                },
                Rule::Rate { id, formula } => Rule::Rate {
                    id: join(id),
                    formula: copy(formula, none),
                },
                Rule::Algebraic { formula } => Rule::Algebraic {
                    formula: copy(formula, none),
                },
            });
        }
        for (id, formula) in &other.initial_assignments {
            self.initial_assignments
                .push((join(id), copy(formula, none)));
        }
        for (id, function) in &other.functions {
            let formula = copy(&function.formula, &function.arguments);
            self.functions.push((
                join(id),
                FunctionDefinition {
                    arguments: function.arguments.clone(),
                    formula,
                },
            ));
        }
        for (id, event) in &other.events {
            let mut event = event.clone();
            event.trigger = copy(&event.trigger, none);
            event.delay = event.delay.map(|f| copy(&f, none));
            event.priority = event.priority.map(|f| copy(&f, none));
            for (target, formula) in &mut event.assignments {
                *target = join(target);
                *formula = copy(formula, none);
            }
            self.events.push((join(id), event));
        }
        for (id, input) in &other.inputs {
            self.inputs.push((join(id), input.clone()));
        }
        for (id, observable) in &other.observables {
            let mut observable = observable.clone();
            observable.formula = copy(&observable.formula, none);
            self.observables.push((join(id), observable));
        }
        for (id, condition) in &other.constraints {
            self.constraints.push((join(id), copy(condition, none)));
        }
        for (name, port) in &other.ports {
            let port = match port {
                Port::In { reads, unit } => Port::In {
                    reads: join(reads),
                    unit: unit.clone(),
                },
                Port::Out { offers } => Port::Out {
                    offers: join(offers),
                },
            };
            self.ports.push((join(name), port));
        }
        for reference in &other.references {
            self.cite(reference.clone());
        }
        self
    }

    /// Adds a port.
    pub fn port(&mut self, name: &str, port: Port) -> &mut Self {
        self.ports.push((name.to_string(), port));
        self
    }

    /// Connects an in-port to a quantity, named by its id or by an out-port.
    ///
    /// # Errors
    /// A port that is not there, or not an in-port.
    pub fn connect(&mut self, port: &str, to: &str) -> Result<&mut Self, NetworkError> {
        let Some((reads, unit)) = self.ports.iter().find_map(|(name, p)| match p {
            Port::In { reads, unit } if name == port => Some((reads.clone(), unit.clone())),
            _ => None,
        }) else {
            let ins = self
                .ports
                .iter()
                .filter(|(_, p)| matches!(p, Port::In { .. }))
                .map(|(name, _)| name.as_str());
            return Err(NetworkError::UnknownPort {
                port: port.to_string(),
                near: suggest(port, ins),
            });
        };
        let offered = self.ports.iter().find_map(|(name, p)| match p {
            Port::Out { offers } if name == to => Some(offers.clone()),
            _ => None,
        });
        let formula = Formula::Text(offered.unwrap_or_else(|| to.to_string()));
        self.rule(Rule::Assignment {
            id: reads,
            formula,
            unit,
        })
    }
}
