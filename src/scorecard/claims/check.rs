//! Reading `claims.toml`, with every error at its key.
use super::claim::{Claim, Claims};
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

/// Claims beside what they name, and the errors found so far.
pub(super) struct Check<'a> {
    file: &'a Path,
    pub(super) model: &'a Model,
    system: &'a System,
    pub(super) claims: &'a Claims,
    targets: &'a [Target],
    errors: Vec<ClaimError>,
}

impl Check<'_> {
    pub(super) fn wrong(&mut self, key: &str, message: impl Into<String>) {
        self.errors.push(ClaimError::Value {
            file: self.file.to_owned(),
            key: key.to_string(),
            message: message.into(),
        });
    }

    pub(super) fn known<'k>(
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

    pub(super) fn subject(&mut self, key: &str, id: &str) {
        let claims = self.claims;
        self.known(
            key,
            "subject",
            id,
            claims.subjects.iter().map(String::as_str),
        );
    }

    pub(super) fn parameter(&mut self, key: &str, id: &str) {
        let system = self.system;
        let ids = system.parameter_ids().iter().map(String::as_str);
        self.known(key, "parameter", id, ids);
    }

    pub(super) fn quantity(&mut self, key: &str, id: &str) {
        let system = self.system;
        let ids = system.state_ids().iter().chain(system.observable_ids());
        self.known(key, "state or observable", id, ids.map(String::as_str));
    }

    /// A state that can be held or replaced, or a group of such.
    pub(super) fn state_or_group(&mut self, key: &str, id: &str) {
        let (claims, system) = (self.claims, self.system);
        let ids = claims.groups.keys().chain(system.state_ids());
        self.known(key, "state or group", id, ids.map(String::as_str));
    }

    pub(super) fn finite(&mut self, key: &str, value: f64) {
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
}
