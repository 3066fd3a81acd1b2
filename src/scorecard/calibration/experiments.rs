//! Arms of findings as experiments: a subject settles, then periods, doses and inputs of its treatment.
use super::design::DesignError;
use crate::compile::System;
use crate::exchange::model::{Model, Scenario, ScenarioDose};
use crate::exchange::tables::TableWriter;
use crate::scorecard::arm::{Arm, SETTLED, UNTREATED};
use crate::units::number_text;
use std::collections::BTreeMap;

/// The experiments that findings need, one for each subject under each treatment.
pub(super) struct Experiments<'m> {
    model: &'m Model,
    system: &'m System,
    /// the last day on which anything is read, by (subject, treatment)
    last: BTreeMap<(String, Option<String>), f64>,
    conditions: TableWriter,
    experiments: TableWriter,
    inputs: TableWriter,
}

fn id(subject: &str, treatment: Option<&str>) -> String {
    match treatment {
        Some(treatment) => format!("{subject}__{treatment}"),
        None => subject.to_string(),
    }
}

impl<'m> Experiments<'m> {
    pub fn new(model: &'m Model, system: &'m System) -> Self {
        Experiments {
            model,
            system,
            last: BTreeMap::new(),
            conditions: TableWriter::tsv(&["conditionId", "targetId", "targetValue"]),
            experiments: TableWriter::tsv(&["experimentId", "time", "conditionId"]),
            inputs: TableWriter::tsv(&["experimentId", "inputId", "time", "value"]),
        }
    }

    /// The id of an arm's experiment.
    pub fn of(&mut self, arm: &Arm) -> Result<String, DesignError> {
        if let Some(treatment) = &arm.treatment {
            let scenario = self.scenario(treatment)?;
            if !scenario.periods.is_empty() {
                return Err(DesignError::Scenario {
                    scenario: treatment.clone(),
                    message: "a calibration cannot hold its periods; say the same with inputs, `set` and doses".to_string(),
                });
            }
        }
        self.scenario(&arm.subject)?;
        let key = (arm.subject.clone(), arm.treatment.clone());
        let last = self.last.entry(key).or_insert(arm.day);
        *last = last.max(arm.day);
        Ok(id(&arm.subject, arm.treatment.as_deref()))
    }

    fn scenario(&self, id: &str) -> Result<&'m Scenario, DesignError> {
        self.model
            .scenario(id)
            .ok_or_else(|| DesignError::Scenario {
                scenario: id.to_string(),
                message: "the model has no such scenario".to_string(),
            })
    }

    /// The tables, by file.
    pub fn finish(mut self) -> BTreeMap<String, String> {
        let mut subjects: Vec<String> = self.last.keys().map(|(s, _)| s.clone()).collect();
        subjects.dedup();
        for subject in &subjects {
            let scenario = self.scenario(subject).expect("it was looked for");
            for (target, value) in scenario.set.iter().chain(&scenario.initial) {
                self.condition(subject, target, number_text(*value));
            }
        }
        for ((subject, treatment), last) in std::mem::take(&mut self.last) {
            let experiment = id(&subject, treatment.as_deref());
            let own = self.scenario(&subject).expect("it was looked for");
            let begins = match own.set.is_empty() && own.initial.is_empty() {
                true => String::new(),
                false => subject.clone(),
            };
            self.period(&experiment, -SETTLED, &begins);
            if let Some(treatment) = treatment {
                let scenario = self.scenario(&treatment).expect("it was looked for");
                self.treatment(&experiment, scenario, last);
            }
        }
        let tables = [
            ("conditions.tsv", self.conditions),
            ("experiments.tsv", self.experiments),
            ("inputs.tsv", self.inputs),
        ];
        let text = |(name, table): (&str, TableWriter)| (name.to_string(), table.finish());
        tables.into_iter().map(text).collect()
    }

    fn treatment(&mut self, experiment: &str, scenario: &Scenario, last: f64) {
        let subjects = UNTREATED.iter().filter_map(|id| self.model.scenario(id));
        let own: Vec<&String> = subjects.flat_map(|subject| subject.set.keys()).collect();
        let set: Vec<(&String, &f64)> = (scenario.set.iter())
            .filter(|(id, _)| !own.contains(id))
            .collect();
        let mut times: Vec<f64> = scenario.doses.iter().map(|dose| dose.time).collect();
        if !set.is_empty() {
            times.push(0.0);
        }
        times.retain(|time| *time <= last);
        times.sort_by(f64::total_cmp);
        times.dedup();
        for (number, time) in times.into_iter().enumerate() {
            let condition = format!("{experiment}__{}", number + 1);
            if time == 0.0 {
                for (id, value) in &set {
                    self.condition(&condition, id, number_text(**value));
                }
            }
            for dose in scenario.doses.iter().filter(|dose| dose.time == time) {
                self.dose(&condition, dose);
            }
            self.period(experiment, time, &condition);
        }
        for (input, knots) in scenario.tables() {
            let mut inputs = self.model.network.all_inputs().iter();
            let own = inputs.find(|(id, _)| *id == input);
            let before = own.and_then(|(_, input)| input.knots.first());
            let before = before.map_or(0.0, |(_, value)| *value);
            let mut rows = vec![(-SETTLED, before)];
            rows.extend(knots.into_iter().filter(|(time, _)| *time <= last));
            for (time, value) in rows {
                self.inputs.row([
                    experiment.to_string(),
                    input.clone(),
                    number_text(time),
                    number_text(value),
                ]);
            }
        }
    }

    fn dose(&mut self, condition: &str, dose: &ScenarioDose) {
        let states = (dose.add.keys())
            .chain(dose.put.keys())
            .chain(dose.multiply.keys());
        let mut states: Vec<&String> = states.collect();
        states.sort();
        states.dedup();
        for state in states {
            let factor = dose.multiply.get(state).copied().unwrap_or(1.0);
            let base = match dose.put.get(state) {
                Some(value) => number_text(*value),
                None => format!("{} * {state}", number_text(factor)),
            };
            let formula = match dose.add.get(state) {
                Some(more) => format!("{base} + {}", number_text(*more)),
                None => base,
            };
            self.condition(condition, state, formula);
        }
    }

    fn condition(&mut self, condition: &str, target: &str, value: String) {
        let amount = format!("amount({target})");
        debug_assert!(
            self.system.state_index(target).is_some()
                || self.system.state_index(&amount).is_some()
                || self.system.parameter_index(target).is_some()
        );
        self.conditions
            .row([condition.to_string(), target.to_string(), value]);
    }

    fn period(&mut self, experiment: &str, time: f64, condition: &str) {
        self.experiments.row([
            experiment.to_string(),
            number_text(time),
            condition.to_string(),
        ]);
    }
}
