//! Function definitions, rules, initial assignments and events.
use super::Interpreter;
use crate::exchange::sbml::document::{Part, Rule, RuleKind};
use crate::exchange::sbml::formulas::Scope;
use crate::exchange::sbml::math::Math;
use crate::expr::is_reserved;
use crate::network::{self, ElementKind, Formula};
use std::collections::HashMap;

impl Interpreter<'_> {
    pub(super) fn functions(&mut self) {
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
            self.add(function.meta.line, |network| {
                network.function_definition(&name, definition)
            });
        }
    }

    pub(super) fn rules(&mut self) {
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
            self.add(line, |network| {
                network.rule(network::Rule::Algebraic { formula })
            });
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
        self.add(line, |network| network.rule(built));
    }

    pub(super) fn initial_assignments(&mut self) {
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
            self.add(line, |network| network.initial_value(&id, Formula::Expr(e)));
        }
    }

    pub(super) fn events(&mut self) {
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
            let part = |this: &mut Self, part: &Option<Part>, tag: &str| {
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
            self.add(event.meta.line, |network| network.event(&name, built));
        }
    }
}
