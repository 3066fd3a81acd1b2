//! One virtual subject: where its parameters lie, and the days of its infections.
use super::population::{Infections, Population};
use super::steps::Steps;
use super::stream::{Purpose, Stream};
use crate::compile::System;
use crate::exchange::model::{Model, Scenario};
use std::collections::BTreeMap;

/// Days in a year.
pub(super) const YEAR: f64 = 365.25;

/// A subject, the same in every arm.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Subject {
    /// number, from 0
    pub index: usize,
    /// standard deviations of each varied parameter off its middle
    draws: Vec<f64>,
    /// days on which infections begin; the run-in lies before day 0
    infections: Vec<f64>,
}

/// What all subjects of a cohort share.
pub(super) struct Kindred<'a> {
    pub model: &'a Model,
    pub system: &'a System,
    pub population: &'a Population,
    /// the untreated subject
    pub scenario: Scenario,
    /// parameters of the model with values of their own; what a scenario sets comes before them
    values: BTreeMap<String, f64>,
    /// of each varied parameter: value of the untreated subject, and range of the draws
    varied: Vec<(f64, (f64, f64))>,
}

impl<'a> Kindred<'a> {
    pub fn new(
        model: &'a Model,
        system: &'a System,
        population: &'a Population,
        scenario: &Scenario,
        values: BTreeMap<String, f64>,
    ) -> Self {
        let mut kindred = Kindred {
            model,
            system,
            population,
            scenario: scenario.clone(),
            values,
            varied: Vec::new(),
        };
        let varied = population.vary.iter().map(|vary| {
            let own = scenario.set.get(&vary.parameter).copied();
            let base = own.unwrap_or_else(|| kindred.usual(&vary.parameter));
            let row = model.parameters.iter().find(|row| row.id == vary.parameter);
            let ends = (row.and_then(|r| r.lower), row.and_then(|r| r.upper));
            let (lower, upper) = (
                ends.0.unwrap_or(f64::NEG_INFINITY),
                ends.1.unwrap_or(f64::INFINITY),
            );
            // a scenario may stand outside: then the range reaches up to it
            (base, (lower.min(base), upper.max(base)))
        });
        let varied = varied.collect();
        kindred.varied = varied;
        kindred
    }

    /// Draws a subject with its infections until a day.
    pub fn subject(&self, seed: u64, index: usize, until: f64) -> Subject {
        let mut stream = Stream::new(seed, Purpose::Parameters, 0, index);
        let draws = (self.population.vary.iter().zip(&self.varied))
            .map(|(vary, (base, range))| vary.spread.draw(*base, *range, &mut stream))
            .collect();
        let mut infections = Vec::new();
        if let Some(process) = self.population.infections.as_ref().filter(|p| p.rate > 0.0) {
            let mut stream = Stream::new(seed, Purpose::Infections, 0, index);
            let mut day = -self.population.run_in;
            loop {
                day += stream.exponential() * YEAR / process.rate;
                if day >= until {
                    break;
                }
                infections.push(day);
            }
        }
        Subject {
            index,
            draws,
            infections,
        }
    }

    /// A parameter's value of a subject where a typical one has `typical`.
    fn own(&self, subject: &Subject, varied: usize, typical: f64) -> f64 {
        let (base, (lower, upper)) = self.varied[varied];
        let spread = &self.population.vary[varied].spread;
        let moved = spread.moved(base, subject.draws[varied]);
        // what a treatment sets moves by as much as what it replaces
        let value = match spread.kind {
            super::SpreadKind::LogNormal => typical * (moved / base),
            super::SpreadKind::Normal => typical + (moved - base),
        };
        value.clamp(lower.min(typical), upper.max(typical))
    }

    /// The value of a parameter that no scenario sets.
    pub fn usual(&self, id: &str) -> f64 {
        let own = self.values.get(id).copied();
        let register = || self.system.parameter_index(id);
        own.or_else(|| register().map(|r| self.system.parameters()[r]))
            .unwrap_or(f64::NAN)
    }

    /// Makes the values of a scenario those of a subject.
    pub fn vary(&self, subject: &Subject, scenario: &mut Scenario) {
        for (at, vary) in self.population.vary.iter().enumerate() {
            let typical = scenario.set.get(&vary.parameter).copied();
            let typical = typical.unwrap_or_else(|| self.usual(&vary.parameter));
            let value = self.own(subject, at, typical);
            scenario.set.insert(vary.parameter.clone(), value);
        }
        for (id, value) in &self.values {
            scenario.set.entry(id.clone()).or_insert(*value);
        }
    }

    /// The input of infections on top of what runs there anyway, from a day of the subject's life on.
    pub fn infected(
        &self,
        subject: &Subject,
        anyway: &Steps,
        origin: f64,
        process: &Infections,
    ) -> Steps {
        let starts = subject.infections.iter().map(|day| day - origin);
        let spans: Vec<(f64, f64)> = starts.map(|start| (start, start + process.days)).collect();
        let knots: Vec<f64> = (spans.iter())
            .flat_map(|span| [span.0, span.1])
            .filter(|time| *time > 0.0)
            .collect();
        let ill = |time: f64| spans.iter().any(|span| span.0 <= time && time < span.1);
        Steps::combined(&[anyway], &knots, |time| match ill(time) {
            true => anyway.at(time).max(process.height),
            false => anyway.at(time),
        })
    }
}
