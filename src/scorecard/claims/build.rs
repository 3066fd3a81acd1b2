//! From an arm to the scenario of one vector of parameters: levels, transplants, states that are held.
use super::arm::{Arm, SELF, Transplant, Treatment, members};
use super::claim::Claims;
use crate::compile::System;
use crate::exchange::model::{Model, Scenario, ScenarioDose};
use std::collections::BTreeMap;

/// States at rest, in the order of the system's states.
pub(super) type Rest = Vec<f64>;

/// What arms are made of.
pub(super) struct Bench<'a> {
    pub model: &'a Model,
    pub system: &'a System,
    pub claims: &'a Claims,
}

/// One arm of one vector on its way to a scenario.
struct Growing<'b> {
    bench: &'b Bench<'b>,
    /// the vector of parameters, cuts made
    vector: &'b dyn Fn(&str) -> f64,
    scenario: Scenario,
}

impl Bench<'_> {
    /// A subject that nothing is done to, from the start of its life.
    pub fn untreated(&self, subject: &str, cut: &BTreeMap<String, f64>) -> Scenario {
        let mut scenario = self.model.scenario(subject).cloned().unwrap_or_default();
        let own = scenario.set.clone();
        scenario.set.extend(cut.clone());
        scenario.set.extend(own);
        scenario
    }

    /// An arm: the subject at rest, what is done to it until `until`, and what is held.
    pub fn treated<'r>(
        &self,
        arm: &Arm,
        vector: &[f64],
        until: f64,
        rest: &dyn Fn(&str) -> &'r Rest,
    ) -> Scenario {
        let own = &self.untreated(&arm.subject, &arm.cut).set;
        let value = |id: &str| match own.get(id) {
            Some(value) => *value,
            None => self
                .system
                .parameter_index(id)
                .map_or(f64::NAN, |i| vector[i]),
        };
        let mut growing = Growing {
            bench: self,
            vector: &value,
            scenario: Scenario {
                id: arm.subject.clone(),
                // at least a moment, so that patterns have an end
                until: Some(until.max(f64::MIN_POSITIVE)),
                ..Scenario::default()
            },
        };
        for (treatment, level) in [(&arm.with, 1.0), (&arm.treatment, arm.level)] {
            growing.treat(treatment, level);
            if let Some(transplant) = &treatment.transplant {
                let donor = match transplant.donor.as_str() {
                    SELF => &arm.subject,
                    donor => donor,
                };
                growing.transplant(transplant, rest(donor), level);
            }
        }
        let mut scenario = growing.scenario;
        scenario.set.extend(own.clone());
        let held = arm.held(&self.claims.groups);
        let states = self.system.state_ids().iter().zip(rest(&arm.subject));
        scenario.initial = states
            .map(|(id, value)| (id.clone(), value * held.get(id).copied().unwrap_or(1.0)))
            .collect();
        scenario
    }

    /// Whether a parameter is a subject's own.
    pub fn owned(&self, id: &str) -> bool {
        let subjects = self.claims.subjects.iter();
        let mut scenarios = subjects.filter_map(|subject| self.model.scenario(subject));
        scenarios.any(|scenario| scenario.set.contains_key(id))
    }

    /// The value of an input that nothing is done to.
    fn usual(&self, input: &str, time: f64) -> f64 {
        let inputs = self.model.network.all_inputs();
        let knots = inputs.iter().find(|(id, _)| id == input);
        let knots = knots.map_or(&[][..], |(_, input)| &input.knots);
        let at = knots.iter().rfind(|knot| knot.0 <= time).or(knots.first());
        at.map_or(0.0, |knot| knot.1)
    }
}

/// On the line from what is usual through the treatment.
fn between(usual: f64, treated: f64, level: f64) -> f64 {
    match level {
        // exact, whatever the rounding
        1.0 => treated,
        _ => usual + level * (treated - usual),
    }
}

impl Growing<'_> {
    fn parameter(&self, id: &str) -> f64 {
        let set = self.scenario.set.get(id).copied();
        set.unwrap_or_else(|| (self.vector)(id))
    }

    fn set(&mut self, id: &str, value: f64) {
        self.scenario.set.insert(id.to_string(), value);
    }

    fn treat(&mut self, treatment: &Treatment, level: f64) {
        let named = treatment.scenario.as_deref();
        if let Some(scenario) = named.and_then(|id| self.bench.model.scenario(id)) {
            self.follow(scenario.clone(), level);
        }
        for (id, value) in &treatment.set {
            let value = between(self.parameter(id), *value, level);
            self.set(id, value);
        }
        for (id, factor) in &treatment.multiply {
            let value = self.parameter(id) * between(1.0, *factor, level);
            self.set(id, value);
        }
        for (id, more) in &treatment.add {
            let value = self.parameter(id) + level * more;
            self.set(id, value);
        }
        for (id, knots) in &treatment.inputs {
            self.input(id, knots, level);
        }
    }

    /// A scenario of the model, without its start values and what subjects bring along.
    fn follow(&mut self, mut scenario: Scenario, level: f64) {
        scenario.until = self.scenario.until;
        for (id, knots) in scenario.tables() {
            self.input(&id, &knots, level);
        }
        for (id, value) in &scenario.set {
            if !self.bench.owned(id) {
                let value = between(self.parameter(id), *value, level);
                self.set(id, value);
            }
        }
        for mut period in scenario.periods {
            for (id, value) in &mut period.set {
                *value = between(self.parameter(id), *value, level);
            }
            self.scenario.periods.push(period);
        }
        for mut dose in scenario.doses {
            dose.add.values_mut().for_each(|x| *x *= level);
            let multiply = dose.multiply.values_mut();
            multiply.for_each(|x| *x = between(1.0, *x, level));
            self.scenario.doses.push(dose);
        }
    }

    fn input(&mut self, id: &str, knots: &[(f64, f64)], level: f64) {
        let at =
            |&(time, value): &(f64, f64)| (time, between(self.bench.usual(id, time), value, level));
        let knots = knots.iter().map(at).collect();
        self.scenario.inputs.insert(id.to_string(), knots);
    }

    fn transplant(&mut self, transplant: &Transplant, donor: &Rest, level: f64) {
        for time in &transplant.days {
            let mut dose = ScenarioDose {
                time: *time,
                add: BTreeMap::new(),
                put: BTreeMap::new(),
                multiply: BTreeMap::new(),
            };
            for (id, share) in &transplant.replaces {
                let share = level * share;
                for state in members(&self.bench.claims.groups, id) {
                    let index = self.bench.system.state_index(state);
                    let arrives = index.map_or(f64::NAN, |index| donor[index]);
                    dose.multiply.insert(state.clone(), 1.0 - share);
                    let arrives = share * transplant.alive * arrives;
                    dose.add.insert(state.clone(), arrives);
                }
            }
            self.scenario.doses.push(dose);
        }
    }
}
