//! Reading `claims.toml`, with every error at its key.
use super::arm::{SELF, Treatment};
use super::claim::{Claim, Claims};
use super::part::{Contrast, Part, Reading, Statistic};
use super::pattern::write_out;
use crate::compile::System;
use crate::exchange::model::Model;
use crate::scorecard::Target;
use crate::units::did_you_mean;
use std::path::{Path, PathBuf};

/// What is wrong with a table of claims.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ClaimError {
    /// no table of claims, or a key that means nothing
    #[error("{}: {message}", file.display())]
    Toml {
        /// the file
        file: PathBuf,
        /// what is wrong, with its line
        message: String,
    },
    /// a value that cannot be
    #[error("{}, {key}: {message}", file.display())]
    Value {
        /// the file
        file: PathBuf,
        /// its keys, from the claim inwards
        key: String,
        /// what is wrong
        message: String,
    },
}

/// Reads claims and checks them against the model, its system and its findings; `file` is for messages.
///
/// # Errors
/// Everything that is misspelt, missing or cannot be.
pub fn read_claims(
    file: &Path,
    text: &str,
    model: &Model,
    system: &System,
    targets: &[Target],
) -> Result<Claims, Vec<ClaimError>> {
    let mut claims: Claims = toml::from_str(text).map_err(|error| {
        let (file, message) = (file.to_owned(), error.to_string().trim_end().to_string());
        vec![ClaimError::Toml { file, message }]
    })?;
    let idle = write_out(&mut claims, system.parameter_ids());
    let mut check = Check {
        file,
        model,
        system,
        claims: &claims,
        targets,
        errors: Vec::new(),
    };
    for (key, pattern) in &idle {
        check.wrong(key, format!("no parameter fits `{pattern}`"));
    }
    check.shared();
    for (number, claim) in claims.list.iter().enumerate() {
        let key = format!("claim `{}`", claim.id);
        let earlier = &claims.list[..number];
        if earlier.iter().any(|other| other.id == claim.id) {
            check.wrong(&key, "it stands twice");
        }
        check.claim(&key, claim);
    }
    match check.errors.is_empty() {
        true => Ok(claims),
        false => Err(check.errors),
    }
}

struct Check<'a> {
    file: &'a Path,
    model: &'a Model,
    system: &'a System,
    claims: &'a Claims,
    targets: &'a [Target],
    errors: Vec<ClaimError>,
}

impl Check<'_> {
    fn wrong(&mut self, key: &str, message: impl Into<String>) {
        self.errors.push(ClaimError::Value {
            file: self.file.to_owned(),
            key: key.to_string(),
            message: message.into(),
        });
    }

    fn known<'k>(
        &mut self,
        key: &str,
        kind: &str,
        id: &str,
        known: impl Iterator<Item = &'k str> + Clone,
    ) {
        if !known.clone().any(|other| other == id) {
            let near = did_you_mean(id, known);
            self.wrong(key, format!("there is no {kind} `{id}`{near}"));
        }
    }

    fn subject(&mut self, key: &str, id: &str) {
        let claims = self.claims;
        self.known(
            key,
            "subject",
            id,
            claims.subjects.iter().map(String::as_str),
        );
    }

    fn parameter(&mut self, key: &str, id: &str) {
        let system = self.system;
        let ids = system.parameter_ids().iter().map(String::as_str);
        self.known(key, "parameter", id, ids);
    }

    fn quantity(&mut self, key: &str, id: &str) {
        let system = self.system;
        let ids = system.state_ids().iter().chain(system.observable_ids());
        self.known(key, "state or observable", id, ids.map(String::as_str));
    }

    /// A state that can be held or replaced, or a group of such.
    fn state_or_group(&mut self, key: &str, id: &str) {
        let (claims, system) = (self.claims, self.system);
        let ids = claims.groups.keys().chain(system.state_ids());
        self.known(key, "state or group", id, ids.map(String::as_str));
    }

    fn finite(&mut self, key: &str, value: f64) {
        if !value.is_finite() {
            self.wrong(key, format!("{value} is not a finite number"));
        }
    }

    /// What the parts share.
    fn shared(&mut self) {
        let claims = self.claims;
        let scenarios = self.model.scenarios.iter().map(|s| s.id.as_str());
        for subject in &claims.subjects {
            self.known("subjects", "scenario", subject, scenarios.clone());
        }
        if claims.settle.is_nan() || claims.settle < 0.0 || claims.settle.is_infinite() {
            self.wrong(
                "settle",
                format!("{} is not a length of time", claims.settle),
            );
        }
        for (group, states) in &claims.groups {
            let system = self.system;
            let ids = system.state_ids().iter().map(String::as_str);
            for state in states {
                self.known(&format!("groups.{group}"), "state", state, ids.clone());
            }
        }
        for (cut, parameters) in &claims.cuts {
            for (id, value) in parameters {
                let key = format!("cuts.{cut}");
                self.parameter(&key, id);
                self.finite(&key, *value);
            }
        }
        if let Some(couplings) = &claims.couplings {
            for subject in &couplings.subjects {
                self.subject("couplings.subjects", subject);
            }
            for output in &couplings.outputs {
                self.quantity("couplings.outputs", output);
            }
            let system = self.system;
            let mut ids = system.parameter_ids().iter();
            if !ids.any(|id| id.starts_with(&couplings.prefix)) {
                let message = format!("no parameter begins with `{}`", couplings.prefix);
                self.wrong("couplings.prefix", message);
            }
            if couplings.day.is_nan() || couplings.day < 0.0 {
                self.wrong("couplings.day", format!("{} is no day", couplings.day));
            }
        }
    }

    fn claim(&mut self, key: &str, claim: &Claim) {
        if claim.sources.is_empty() && claim.findings.is_empty() {
            self.wrong(key, "it needs sources or findings");
        }
        let targets = self.targets;
        for id in claim.findings.iter().chain(&claim.conflicts) {
            let ids = targets.iter().map(|target| target.id.as_str());
            self.known(&format!("{key}, findings"), "finding", id, ids);
        }
        if !claim.parts.iter().any(|part| part.required) && claim.cannot.is_none() {
            self.wrong(
                key,
                "without required parts it is not representable: say why in `cannot`",
            );
        }
        for (number, part) in claim.parts.iter().enumerate() {
            let key = format!("{key}, part `{}`", part.id);
            let earlier = &claim.parts[..number];
            if earlier.iter().any(|other| other.id == part.id) {
                self.wrong(&key, "it stands twice");
            }
            self.part(&key, part);
        }
    }

    fn part(&mut self, key: &str, part: &Part) {
        self.subject(&format!("{key}, subject"), &part.subject);
        let last = part.read.last_day();
        self.reading(&format!("{key}, read"), &part.read, part.contrast);
        self.treatment(&format!("{key}, arm"), &part.arm, last);
        self.treatment(&format!("{key}, against"), &part.against, last);
        self.treatment(&format!("{key}, with"), &part.with, last);
        if part.least.is_nan() || part.least <= 0.0 || part.least.is_infinite() {
            let message = format!("{} is no size of an effect", part.least);
            self.wrong(&format!("{key}, least"), message);
        }
        if let Some(dose) = &part.dose {
            let key = format!("{key}, dose");
            if dose.levels.is_empty() || dose.levels.windows(2).any(|pair| pair[1] <= pair[0]) {
                self.wrong(&key, "levels must ascend");
            }
            let subject = dose.subject.iter();
            subject.for_each(|s| self.subject(&key, s));
            let read = dose.read.iter();
            read.for_each(|r| self.reading(&key, r, part.contrast));
            let last = dose.read.as_ref().map_or(last, Reading::last_day);
            let arm = dose.arm.as_ref().unwrap_or(&part.arm);
            self.treatment(&key, arm, last);
            let scenario = arm.scenario.as_ref().and_then(|id| self.model.scenario(id));
            if scenario.is_some_and(|s| s.doses.iter().any(|dose| !dose.put.is_empty())) {
                self.wrong(&key, "a dose that puts states has no levels");
            }
        }
        for (number, control) in part.controls.iter().enumerate() {
            let key = format!("{key}, control {}", number + 1);
            let subject = control.subject.iter();
            subject.for_each(|s| self.subject(&key, s));
            let read = control.read.iter();
            read.for_each(|r| self.reading(&key, r, part.contrast));
            let last = control.read.as_ref().map_or(last, Reading::last_day);
            let arms = [&control.arm, &control.against, &control.with].into_iter();
            arms.flatten().for_each(|t| self.treatment(&key, t, last));
        }
        for (number, cut) in part.ablations.iter().enumerate() {
            let key = format!("{key}, ablation {}", number + 1);
            for name in &cut.cut {
                let claims = self.claims;
                self.known(&key, "cut", name, claims.cuts.keys().map(String::as_str));
            }
            for (id, value) in &cut.set {
                self.parameter(&key, id);
                self.finite(&key, *value);
            }
            let held = cut.hold.iter();
            held.for_each(|id| self.state_or_group(&key, id));
            if cut.cut.is_empty() && cut.set.is_empty() && cut.hold.is_empty() {
                self.wrong(&key, "it cuts nothing");
            }
        }
    }

    fn reading(&mut self, key: &str, reading: &Reading, contrast: Contrast) {
        self.quantity(&format!("{key}.quantity"), &reading.quantity);
        if let Some(beside) = &reading.beside {
            self.quantity(&format!("{key}.beside"), beside);
        }
        let window = reading.until > reading.from && reading.from >= 0.0 && reading.every > 0.0;
        match reading.day {
            Some(day) if day.is_nan() || day < 0.0 => {
                self.wrong(&format!("{key}.day"), format!("{day} is no day"))
            }
            None if !window => {
                self.wrong(key, "it needs `day`, or `from`, `until` and `every`");
            }
            _ => {}
        }
        let correlates = reading.of == Statistic::Correlation;
        if correlates && (reading.beside.is_none() || reading.day.is_some()) {
            self.wrong(key, "a correlation needs `beside` and a window");
        }
        if correlates != (contrast == Contrast::Value) {
            let message = "a correlation is read alone (contrast = \"value\"), and it alone";
            self.wrong(key, message);
        }
    }

    fn treatment(&mut self, key: &str, treatment: &Treatment, last: f64) {
        if let Some(subject) = &treatment.subject {
            self.subject(key, subject);
        }
        if let Some(id) = &treatment.scenario {
            let model = self.model;
            let ids = model.scenarios.iter().map(|s| s.id.as_str());
            self.known(&format!("{key}.scenario"), "scenario", id, ids);
        }
        let (model, inputs) = (self.model, treatment.inputs.iter());
        for (id, knots) in inputs {
            let key = format!("{key}.inputs");
            let ids = model.network.all_inputs().iter().map(|(id, _)| id.as_str());
            self.known(&key, "input", id, ids);
            if knots.is_empty() || knots.windows(2).any(|pair| pair[1].0 <= pair[0].0) {
                self.wrong(&key, format!("the knots of `{id}` must ascend in time"));
            }
        }
        let changed = [&treatment.set, &treatment.add, &treatment.multiply];
        for (id, value) in changed.into_iter().flatten() {
            self.parameter(key, id);
            self.finite(key, *value);
        }
        for (id, factor) in &treatment.hold {
            self.state_or_group(&format!("{key}.hold"), id);
            self.finite(&format!("{key}.hold"), *factor);
        }
        if let Some(transplant) = &treatment.transplant {
            let key = format!("{key}.transplant");
            if transplant.donor != SELF {
                self.subject(&key, &transplant.donor);
            }
            for (id, share) in &transplant.replaces {
                self.state_or_group(&key, id);
                if !(0.0..=1.0).contains(share) {
                    self.wrong(&key, format!("{share} of `{id}` is no share"));
                }
            }
            if transplant
                .days
                .iter()
                .any(|day| !(0.0..=last).contains(day))
            {
                self.wrong(&key, format!("a day lies outside of 0 to {last}"));
            }
        }
    }
}
