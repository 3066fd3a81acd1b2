//! What cannot be in a population, with file, key and what to try; all errors at once. Designs stand in `check_design`.
use super::disability::Disability;
use super::error::TrialError;
use super::population::{Infections, Population, ShareOf, Vary};
use super::spread::{Spread, SpreadKind};
use crate::compile::{InputKind, System};
use crate::exchange::model::Model;
use crate::network::Evidence;
use crate::units::did_you_mean;
use std::path::Path;

/// Errors found so far, and what ids are held against.
pub(super) struct Checks<'a> {
    file: &'a Path,
    pub(super) model: &'a Model,
    system: &'a System,
    errors: Vec<TrialError>,
}

/// More subjects, trials or points of time than this are taken for a slip of the pen.
pub(super) const MOST: f64 = 1e6;

impl<'a> Checks<'a> {
    pub fn new(file: &'a Path, model: &'a Model, system: &'a System) -> Self {
        Checks {
            file,
            model,
            system,
            errors: Vec::new(),
        }
    }

    pub fn done(self) -> Result<(), Vec<TrialError>> {
        match self.errors.is_empty() {
            true => Ok(()),
            false => Err(self.errors),
        }
    }

    pub(super) fn wrong(&mut self, key: impl Into<String>, message: impl Into<String>) {
        self.errors.push(TrialError::Key {
            file: self.file.to_owned(),
            key: key.into(),
            message: message.into(),
        });
    }

    pub(super) fn number(&mut self, key: &str, value: f64, from: f64, to: f64) {
        if !(from..=to).contains(&value) {
            let range = match to == MOST || to == f64::MAX {
                true if from == 0.0 => "0 or a positive number".to_string(),
                true => "a positive number".to_string(),
                false => format!("between {from} and {to}"),
            };
            self.wrong(key, format!("{value} must be {range}"));
        }
    }

    pub(super) fn quantity(&mut self, key: &str, id: &str) -> bool {
        let system = self.system;
        if system.state_index(id).is_some() || system.observable_index(id).is_some() {
            return true;
        }
        let known = system.state_ids().iter().chain(system.observable_ids());
        let near = did_you_mean(id, known.map(String::as_str));
        self.wrong(key, format!("no state or observable `{id}`{near}"));
        false
    }

    pub(super) fn scenario(&mut self, key: &str, id: &str) {
        if self.model.scenario(id).is_none() {
            let known = self.model.scenarios.iter().map(|s| s.id.as_str());
            let near = did_you_mean(id, known);
            self.wrong(key, format!("the model has no scenario `{id}`{near}"));
        }
    }

    pub(super) fn step_input(&mut self, key: &str, id: &str) {
        let Some(input) = self.system.input_index(id) else {
            let known = self.system.input_ids().iter().map(String::as_str);
            let near = did_you_mean(id, known);
            self.wrong(key, format!("the model has no input `{id}`{near}"));
            return;
        };
        if self.system.inputs()[input].kind != InputKind::Step {
            let message = format!("the input `{id}` must be of the kind `step`");
            self.wrong(key, message);
        }
    }

    pub(super) fn spread(&mut self, key: &str, spread: &Spread) {
        for (part, message) in spread.problems() {
            self.wrong(format!("{key}, {part}"), message);
        }
    }

    pub(super) fn sourced(&mut self, key: &str, evidence: Evidence, source: &Option<String>) {
        if evidence != Evidence::Assumed && source.is_none() {
            let message = "what is not assumed needs its source (a DOI, or PMID:...)";
            self.wrong(format!("{key}, source"), message);
        }
    }

    /// All of a population.
    pub fn population(&mut self, population: &Population) {
        if self.system.time_unit() != Some("d") {
            let unit = self.system.time_unit().unwrap_or("none");
            let message = format!("the time unit of the model must be d, not {unit}");
            self.wrong("run_in", message);
        }
        self.number("run_in", population.run_in, 0.0, MOST);
        self.number("step", population.step, 1e-3, MOST);
        self.number("size", population.size as f64, 1.0, MOST);
        for (at, id) in population.untreated.iter().enumerate() {
            self.scenario(&format!("untreated {}", at + 1), id);
        }
        for (at, vary) in population.vary.iter().enumerate() {
            let key = format!("vary {}", at + 1);
            if population.vary[..at]
                .iter()
                .any(|other| other.parameter == vary.parameter)
            {
                let message = format!("`{}` varies twice", vary.parameter);
                self.wrong(format!("{key}, parameter"), message);
            }
            self.vary(&key, vary);
        }
        if let Some(infections) = &population.infections {
            self.infections(infections);
        }
        if let Some(relapses) = &population.relapses
            && self.quantity("relapses, rate", &relapses.rate)
            && self.system.unit_of(&relapses.rate) != Some("1/yr")
        {
            let unit = self.system.unit_of(&relapses.rate).unwrap_or("none");
            let message = format!("the unit of `{}` must be 1/yr, not {unit}", relapses.rate);
            self.wrong("relapses, rate", message);
        }
        if let Some(disability) = &population.disability {
            self.disability(disability);
        }
        for (id, share) in &population.shares {
            self.share(&format!("shares, {id}"), share, population);
        }
    }

    fn vary(&mut self, key: &str, vary: &Vary) {
        self.spread(&format!("{key}, spread"), &vary.spread);
        let Some(register) = self.system.parameter_index(&vary.parameter) else {
            let known = self.system.parameter_ids().iter().map(String::as_str);
            let near = did_you_mean(&vary.parameter, known);
            let message = format!("the model has no parameter `{}`{near}", vary.parameter);
            self.wrong(format!("{key}, parameter"), message);
            return;
        };
        let value = self.system.parameters()[register];
        if vary.spread.kind == SpreadKind::LogNormal && value <= 0.0 {
            let message = format!(
                "`{}` is {value}; log-normal needs a positive one, try kind = \"normal\"",
                vary.parameter
            );
            self.wrong(format!("{key}, spread, kind"), message);
        }
    }

    fn infections(&mut self, infections: &Infections) {
        self.step_input("infections, input", &infections.input);
        self.number("infections, rate", infections.rate, 0.0, MOST);
        self.number("infections, days", infections.days, 1e-3, MOST);
        if !infections.height.is_finite() {
            self.wrong("infections, height", "it must be a number");
        }
        self.sourced("infections", infections.evidence, &infections.source);
    }

    fn disability(&mut self, disability: &Disability) {
        self.quantity("disability, of", &disability.of);
        self.number("disability, every", disability.every, 1e-3, MOST);
        self.number("disability, confirm", disability.confirm, 0.0, MOST);
        let ascend = disability.steps.windows(2).all(|pair| pair[0] < pair[1]);
        if disability.steps.is_empty() || !ascend {
            self.wrong("disability, steps", "points are needed, in ascending order");
        }
        let ascend = disability
            .rises
            .windows(2)
            .all(|pair| pair[0].up_to < pair[1].up_to);
        if disability.rises.is_empty() || !ascend {
            self.wrong(
                "disability, rises",
                "rises are needed, `up_to` in ascending order",
            );
        }
        for (at, rise) in disability.rises.iter().enumerate() {
            self.number(
                &format!("disability, rises {}, by", at + 1),
                rise.by,
                f64::MIN_POSITIVE,
                f64::MAX,
            );
        }
        if let Some(noise) = &disability.noise {
            self.spread("disability, noise", noise);
        }
    }

    fn share(&mut self, key: &str, share: &ShareOf, population: &Population) {
        use super::population::Event;
        match (&share.of, share.above, share.event) {
            (Some(of), Some(_), None) => {
                self.quantity(&format!("{key}, of"), of);
                if share.evidence.is_none() {
                    self.wrong(
                        format!("{key}, evidence"),
                        "say where the limit comes from, or \"assumed\"",
                    );
                }
            }
            (None, None, Some(Event::Relapse)) if population.relapses.is_none() => {
                self.wrong(format!("{key}, event"), "it needs the table [relapses]");
            }
            (None, None, Some(Event::Progression)) if population.disability.is_none() => {
                self.wrong(format!("{key}, event"), "it needs the table [disability]");
            }
            (None, None, Some(_)) => {}
            _ => self.wrong(key, "give `of` and `above`, or `event` alone"),
        }
    }
}
