//! Findings about shares of subjects: virtual subjects in every arm, the same ones in each.
use super::arm::Arm;
use super::evaluate::Outcome;
use super::target::{Contrast, Target};
use crate::compile::System;
use crate::exchange::model::{Model, Scenario};
use crate::trial::{Failure, Population, Settled, Shares, Subjects, TrialError, shares_of};
use std::collections::BTreeMap;

/// Virtual subjects of a model, settled once a kind.
pub(super) struct People<'m> {
    model: &'m Model,
    system: &'m System,
    /// parameters with values of their own
    values: &'m [(usize, f64)],
    population: Option<&'m Population>,
    /// infections are drawn until this day
    until: f64,
    /// by scenario of the untreated subject
    settled: BTreeMap<String, Kind<'m>>,
    /// by subject, treatment and day
    known: BTreeMap<(String, String, u64), Shares>,
}

/// Subjects of one kind at the end of their run-in.
struct Kind<'m> {
    subjects: Subjects<'m>,
    settled: Vec<Settled>,
    failures: Vec<Failure>,
}

impl<'m> People<'m> {
    pub fn new(
        model: &'m Model,
        system: &'m System,
        values: &'m [(usize, f64)],
        population: Option<&'m Population>,
        targets: &[Target],
    ) -> Self {
        let days = targets.iter().map(|target| target.day);
        People {
            model,
            system,
            values,
            population,
            until: days.fold(0.0, f64::max),
            settled: BTreeMap::new(),
            known: BTreeMap::new(),
        }
    }

    /// The contrast of a finding whose quantity is a share that the population defines; None for others.
    pub fn contrast(&mut self, target: &Target) -> Option<Result<f64, Outcome>> {
        let population = self.population?;
        let defined = population.shares.contains_key(&target.quantity);
        defined.then(|| self.compared(target, population))
    }

    fn compared(&mut self, target: &Target, population: &'m Population) -> Result<f64, Outcome> {
        let (share, subjects) = self.arm(target, &target.scenario, population)?;
        let percent = 100.0;
        let mut other = || self.arm(target, &target.reference, population);
        // half a subject keeps ratios of shares of nobody or everybody finite
        let off_the_ends = |share: f64| (share * subjects + 0.5) / (subjects + 1.0);
        match target.contrast {
            Contrast::Level => Ok(percent * share),
            Contrast::Difference | Contrast::ShareDifference => Ok(percent * (share - other()?.0)),
            Contrast::Ratio => Ok(off_the_ends(share) / off_the_ends(other()?.0)),
            Contrast::OddsRatio => {
                let odds = |share: f64| share / (1.0 - share);
                Ok(odds(off_the_ends(share)) / odds(off_the_ends(other()?.0)))
            }
            // hazards that keep their ratio have the ratio of cumulative hazards
            Contrast::HazardRatio => {
                let hazard = |share: f64| -libm::log1p(-share);
                Ok(hazard(off_the_ends(share)) / hazard(off_the_ends(other()?.0)))
            }
            Contrast::Elasticity => {
                let why = "an elasticity of a share is not computed";
                Err(Outcome::NotRepresentable(why.to_string()))
            }
        }
    }

    /// The share in an arm, and the number of subjects behind it. Untreated kinds live on until the day of the finding.
    fn arm(
        &mut self,
        target: &Target,
        scenario: &str,
        population: &'m Population,
    ) -> Result<(f64, f64), Outcome> {
        let mut arm = Arm::of(target, scenario);
        if scenario != "baseline" {
            arm.day = target.day;
        }
        let Arm {
            subject,
            treatment,
            day,
        } = arm;
        let key = (
            subject.clone(),
            treatment.clone().unwrap_or_default(),
            day.to_bits(),
        );
        if !self.known.contains_key(&key) {
            let shares = self.shares(&subject, treatment.as_deref(), day, population)?;
            self.known.insert(key.clone(), shares);
        }
        let shares = &self.known[&key];
        Ok((shares.by_name[&target.quantity], shares.subjects as f64))
    }

    fn shares(
        &mut self,
        subject: &str,
        treatment: Option<&str>,
        day: f64,
        population: &'m Population,
    ) -> Result<Shares, Outcome> {
        let failed = |error: TrialError| Outcome::Failed(error.to_string());
        let treatment = treatment.map(|id| self.scenario(id)).transpose()?;
        if !self.settled.contains_key(subject) {
            let scenario = self.scenario(subject)?;
            let kind = Kind::new(self, scenario, population).map_err(failed)?;
            self.settled.insert(subject.to_string(), kind);
        }
        let kind = &self.settled[subject];
        let failures = kind.failures.clone();
        shares_of(
            &kind.subjects,
            population,
            &kind.settled,
            treatment,
            day,
            failures,
        )
        .map_err(failed)
    }

    fn scenario(&self, id: &str) -> Result<&'m Scenario, Outcome> {
        let missing = || Outcome::NotRepresentable(format!("no scenario `{id}`"));
        self.model.scenario(id).ok_or_else(missing)
    }
}

impl<'m> Kind<'m> {
    fn new(
        people: &People<'m>,
        scenario: &Scenario,
        population: &'m Population,
    ) -> Result<Self, TrialError> {
        let subjects = Subjects::of_population(people.model, people.system, population, scenario);
        let subjects = subjects.at(people.values);
        let mut kind = Kind {
            settled: Vec::new(),
            failures: Vec::new(),
            subjects,
        };
        for subject in kind.subjects.settle(0..population.size, people.until)? {
            match subject {
                Ok(subject) => kind.settled.push(subject),
                Err(failure) => kind.failures.push(failure),
            }
        }
        Ok(kind)
    }
}
