//! What cannot be in a design, with file, key and what to try.
use super::check::{Checks, MOST};
use super::design::{Change, Design, Endpoint, Kind, Scale};
use super::population::Population;

impl Checks<'_> {
    /// All of a design.
    pub fn design(&mut self, design: &Design, population: &Population) {
        self.scenario("subjects", &design.subjects);
        for (id, (from, to)) in &design.eligible {
            let key = format!("eligible, {id}");
            self.quantity(&key, id);
            if from.partial_cmp(to) != Some(std::cmp::Ordering::Less) {
                self.wrong(&key, format!("{from} to {to} holds nothing"));
            }
        }
        self.number("every", design.every, 1e-3, MOST);
        self.number("horizon", design.horizon, design.every.max(1e-3), MOST);
        self.number("significance", design.significance, 1e-6, 0.5);
        self.number("trials", design.trials as f64, 0.0, MOST);
        if design.arms.len() < 2 {
            self.wrong("arm", "a trial needs two arms or more");
        }
        for (at, arm) in design.arms.iter().enumerate() {
            let key = format!("arm {}", at + 1);
            if let Some(id) = &arm.scenario {
                self.scenario(&format!("{key}, scenario"), id);
            }
            if arm.size < 2 || arm.size as f64 > MOST {
                let message = format!("{} must be a whole number of 2 or more", arm.size);
                self.wrong(format!("{key}, size"), message);
            }
            if design.arms[..at].iter().any(|other| other.id == arm.id) {
                self.wrong(format!("{key}, id"), format!("`{}` stands twice", arm.id));
            }
        }
        self.behaviour(design);
        if design.endpoints.is_empty() {
            self.wrong("endpoint", "a trial needs an endpoint");
        }
        for (at, endpoint) in design.endpoints.iter().enumerate() {
            let key = format!("endpoint {}", at + 1);
            if design.endpoints[..at]
                .iter()
                .any(|other| other.id == endpoint.id)
            {
                self.wrong(
                    format!("{key}, id"),
                    format!("`{}` stands twice", endpoint.id),
                );
            }
            self.endpoint(&key, endpoint, population);
        }
    }

    /// Adherence and dropout, and arms whose treatment cannot be interrupted.
    fn behaviour(&mut self, design: &Design) {
        if let Some(adherence) = &design.adherence {
            self.number("adherence, subjects", adherence.subjects, 0.0, 1.0);
            self.number("adherence, intervals", adherence.intervals, 0.0, 1.0);
            self.number("adherence, missed", adherence.missed, 0.0, 1.0);
            self.sourced("adherence", adherence.evidence, &adherence.source);
            for (at, arm) in design.arms.iter().enumerate() {
                let scenario = arm.scenario.as_ref().and_then(|id| self.model.scenario(id));
                let Some(scenario) = scenario else { continue };
                let key = format!("arm {}, scenario", at + 1);
                for input in scenario.tables().keys() {
                    self.step_input(&key, input);
                }
                if !scenario.periods.is_empty() {
                    self.wrong(
                        &key,
                        "a scenario with periods cannot be interrupted; leave out `adherence`",
                    );
                }
            }
        }
        if let Some(dropout) = &design.dropout {
            self.number("dropout, hazard", dropout.hazard, 0.0, MOST);
            self.sourced("dropout", dropout.evidence, &dropout.source);
        }
    }

    fn endpoint(&mut self, key: &str, endpoint: &Endpoint, population: &Population) {
        match (endpoint.kind, &endpoint.of) {
            (Kind::Reading, Some(of)) => {
                self.quantity(&format!("{key}, of"), of);
            }
            (Kind::Reading, None) => {
                self.wrong(format!("{key}, of"), "a state or observable is needed");
            }
            (_, Some(_)) => {
                self.wrong(
                    format!("{key}, of"),
                    "only the kind `reading` has it; the population says what the others are",
                );
            }
            (Kind::Relapses, None) if population.relapses.is_none() => {
                self.wrong(
                    format!("{key}, kind"),
                    "the population has no table [relapses]",
                );
            }
            (Kind::Disability | Kind::Progression, None) if population.disability.is_none() => {
                self.wrong(
                    format!("{key}, kind"),
                    "the population has no table [disability]",
                );
            }
            _ => {}
        }
        match (endpoint.kind, &endpoint.noise) {
            (Kind::Reading, Some(noise)) => self.spread(&format!("{key}, noise"), noise),
            (_, Some(_)) => self.wrong(format!("{key}, noise"), "only the kind `reading` has it"),
            _ => {}
        }
        self.number(
            &format!("{key}, factor"),
            endpoint.factor,
            f64::MIN_POSITIVE,
            f64::MAX,
        );
        if endpoint.scale == Scale::Log && endpoint.change == Change::Percent {
            self.wrong(
                format!("{key}, change"),
                "percent have no logarithm; try change = \"difference\"",
            );
        }
    }
}
