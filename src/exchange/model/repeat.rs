//! Inputs that come back: a pattern of a day, a week or a month, written once.
use super::scenario::Scenario;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A pattern of one input that repeats, as two days of fasting a week:
///
/// ```
/// let text = "input = 'feeding'\nevery = 7\npattern = [[0, 0.25], [1, 1], [3, 0.25], [4, 1]]\nuntil = 56";
/// let fast: holobiont::exchange::model::Repeat = toml::from_str(text).expect("a sound table");
/// assert_eq!(fast.knots(None).len(), 4 * 8);
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Repeat {
    /// The input.
    pub input: String,
    /// Length of the pattern.
    pub every: f64,
    /// (time within the pattern, value), in time order.
    pub pattern: Vec<(f64, f64)>,
    /// When the first one begins.
    #[serde(default)]
    pub from: f64,
    /// No knot stands at this time or later; the end of the scenario unless stated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<f64>,
    /// The value from `until` on; that of the last knot unless stated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub then: Option<f64>,
}

/// More knots than this are taken for a slip of the pen.
const MOST: f64 = 1e6;

impl Repeat {
    /// All knots; `end` is the end of the scenario. Without any end, or a length, the pattern comes once.
    pub fn knots(&self, end: Option<f64>) -> Vec<(f64, f64)> {
        let until = self.until.or(end).unwrap_or(self.from + self.every);
        if self.every.is_nan() || self.every <= 0.0 || self.pattern.is_empty() {
            return self.pattern.clone();
        }
        let mut knots = Vec::new();
        let mut cycle = 0.0;
        'cycles: loop {
            let start = self.from + cycle * self.every;
            for (time, value) in &self.pattern {
                if start + time >= until {
                    break 'cycles;
                }
                knots.push((start + time, *value));
            }
            cycle += 1.0;
            if start + self.every >= until || knots.len() as f64 > MOST {
                break;
            }
        }
        if let (Some(until), Some(then)) = (self.until, self.then) {
            knots.push((until, then));
        }
        knots
    }

    /// What cannot be.
    pub(super) fn problems(&self, end: Option<f64>) -> Vec<String> {
        let mut problems = Vec::new();
        if !(self.every > 0.0 && self.every.is_finite()) {
            problems.push(format!("every {} is not a length of time", self.every));
            return problems;
        }
        if self.pattern.is_empty() {
            problems.push("the pattern has no knots".to_string());
        }
        let sound =
            |(time, value): &(f64, f64)| *time >= 0.0 && *time < self.every && value.is_finite();
        if let Some((time, value)) = self.pattern.iter().find(|knot| !sound(knot)) {
            let every = self.every;
            problems.push(format!(
                "the knot [{time}, {value}] does not lie within a pattern of length {every}"
            ));
        }
        if let Some(pair) = self.pattern.windows(2).find(|pair| pair[1].0 <= pair[0].0) {
            let (late, early) = (pair[1].0, pair[0].0);
            problems.push(format!("the knot at {late} does not come after {early}"));
        }
        if !self.from.is_finite() {
            problems.push(format!("from {} is not a time", self.from));
        }
        let until = self.until.or(end);
        match until {
            Some(until) if !(until > self.from && until.is_finite()) => {
                problems.push(format!("until {until} is not a time after {}", self.from));
            }
            Some(until) if (until - self.from) / self.every * self.pattern.len() as f64 > MOST => {
                problems.push(format!("more than {MOST} knots; is `every` right?"));
            }
            _ => {}
        }
        if self.then.is_some() && self.until.is_none() {
            problems.push("`then` needs `until`".to_string());
        }
        problems
    }
}

impl Scenario {
    /// The tables of all inputs, repeated patterns among them.
    pub fn tables(&self) -> BTreeMap<String, Vec<(f64, f64)>> {
        let mut tables = self.inputs.clone();
        for repeat in &self.repeats {
            let table = tables.entry(repeat.input.clone()).or_default();
            table.extend(repeat.knots(self.until));
            table.sort_by(|a, b| a.0.total_cmp(&b.0));
        }
        tables
    }
}
