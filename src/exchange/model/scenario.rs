//! Scenarios: protocols that come with a model, and their schedules for its compiled system.
use super::{Repeat, ScenarioError};
use crate::compile::System;
use crate::expr::is_identifier;
use crate::expr::suggest;
use crate::network::{Evidence, pairs};
use crate::schedule::{
    Dose, Entry, Factor, InputTable, Jump, Moment, Period, Register, Schedule, Start,
};
use serde::{Deserialize, Deserializer, Serialize, de::Error};
use std::collections::BTreeMap;

/// A protocol as data; times are in the model's time unit.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// Id.
    pub id: String,
    /// What it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// How long to simulate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<f64>,
    /// Where the protocol comes from, a DOI where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// Grade of the evidence for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence: Option<Evidence>,
    /// What kind of study the scenario follows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub study: Option<Study>,
    /// Studies that say otherwise, or what is in doubt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conflicts: Option<String>,
    /// How the model comes by what it shows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub standing: Option<Standing>,
    /// Initial values that differ from the model's.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub initial: BTreeMap<String, f64>,
    /// Parameters that differ from the model's throughout.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub set: BTreeMap<String, f64>,
    /// Tables of inputs: (time, value) in time order.
    #[serde(
        default,
        skip_serializing_if = "BTreeMap::is_empty",
        deserialize_with = "inputs"
    )]
    pub inputs: Knots,
    /// Patterns of inputs that come back.
    #[serde(default, skip_serializing_if = "Vec::is_empty", rename = "repeat")]
    pub repeats: Vec<Repeat>,
    /// Periods with parameters of their own.
    #[serde(default, skip_serializing_if = "Vec::is_empty", rename = "period")]
    pub periods: Vec<ScenarioPeriod>,
    /// Jumps of states at single times.
    #[serde(default, skip_serializing_if = "Vec::is_empty", rename = "dose")]
    pub doses: Vec<ScenarioDose>,
}

/// The kind of study that a scenario follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Study {
    /// a randomised controlled trial
    #[serde(rename = "RCT")]
    Rct,
    /// people without a control group, or observed
    #[serde(rename = "uncontrolled human")]
    UncontrolledHuman,
    /// animals
    #[serde(rename = "animal")]
    Animal,
    /// none
    #[serde(rename = "assumed")]
    Assumed,
}

impl Study {
    /// The word in files and tables.
    pub fn word(self) -> &'static str {
        match self {
            Study::Rct => "RCT",
            Study::UncontrolledHuman => "uncontrolled human",
            Study::Animal => "animal",
            Study::Assumed => "assumed",
        }
    }
}

/// How a model comes by what it shows in a scenario.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Standing {
    /// nothing of it was used to set the model's numbers
    #[serde(rename = "predicted")]
    Predicted,
    /// numbers of the model were set so that it shows it
    #[serde(rename = "calibrated")]
    Calibrated,
    /// the equations or their signs show it whatever the numbers are
    #[serde(rename = "built in")]
    BuiltIn,
}

impl Standing {
    /// The word in files and tables.
    pub fn word(self) -> &'static str {
        match self {
            Standing::Predicted => "predicted",
            Standing::Calibrated => "calibrated",
            Standing::BuiltIn => "built in",
        }
    }
}

/// (time, value) by input.
type Knots = BTreeMap<String, Vec<(f64, f64)>>;

fn inputs<'de, D: Deserializer<'de>>(from: D) -> Result<Knots, D::Error> {
    let tables = BTreeMap::<String, Vec<Vec<f64>>>::deserialize(from)?;
    let knots = |(id, lists)| match pairs(lists) {
        Ok(knots) => Ok((id, knots)),
        Err(problem) => Err(D::Error::custom(format!("input `{id}`: {problem}"))),
    };
    tables.into_iter().map(knots).collect()
}

/// When a period begins.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged, expecting = "a time or \"steady state\" is needed here")]
pub enum ScenarioStart {
    /// A time.
    At(f64),
    /// The words "steady state": the period lasted for ever before the next one starts.
    Word(SteadyState),
}
/// The words "steady state".
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum SteadyState {
    /// The words "steady state".
    #[serde(rename = "steady state")]
    SteadyState,
}

/// A period: parameters that differ until the next period starts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScenarioPeriod {
    /// Id; its number if there is none.
    #[serde(default)]
    pub id: Option<String>,
    /// When it begins.
    pub start: ScenarioStart,
    /// Parameters that differ.
    #[serde(default)]
    pub set: BTreeMap<String, f64>,
}

/// A jump of states at one time: first `multiply`, then `add`; `put` replaces.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScenarioDose {
    /// When.
    pub time: f64,
    /// Added to states.
    #[serde(default)]
    pub add: BTreeMap<String, f64>,
    /// New values of states.
    #[serde(default)]
    pub put: BTreeMap<String, f64>,
    /// Factors of states.
    #[serde(default)]
    pub multiply: BTreeMap<String, f64>,
}

impl Scenario {
    /// When the first period that has a time begins; 0 without periods.
    fn first_time(&self) -> f64 {
        let at = self.periods.iter().find_map(|p| match p.start {
            ScenarioStart::At(time) => Some(time),
            ScenarioStart::Word(_) => None,
        });
        at.unwrap_or(0.0)
    }

    /// Numbers that cannot be: the part and what is wrong with it. `nonnegative` says which states cannot be negative.
    pub(super) fn problems(&self, nonnegative: impl Fn(&str) -> bool) -> Vec<(String, String)> {
        let mut problems = Vec::new();
        if !is_identifier(&self.id) {
            let problem = "an id is letters, digits and underscores, no digit first".to_string();
            problems.push(("id".to_string(), problem));
        }
        let mut positive = |part: String, states: &BTreeMap<String, f64>| {
            for (id, value) in states.iter().filter(|(id, v)| **v < 0.0 && nonnegative(id)) {
                let problem = format!("`{id}` cannot be negative, but {value} is given");
                problems.push((part.clone(), problem));
            }
        };
        positive("initial".to_string(), &self.initial);
        for (number, dose) in self.doses.iter().enumerate() {
            positive(format!("dose {}, put", number + 1), &dose.put);
            positive(format!("dose {}, multiply", number + 1), &dose.multiply);
        }
        for (number, dose) in self.doses.iter().enumerate() {
            let part = format!("dose {}", number + 1);
            if dose.time < self.first_time() {
                let problem = format!(
                    "time {} lies before the start at {}",
                    dose.time,
                    self.first_time()
                );
                problems.push((part.clone(), problem));
            }
            if dose.add.is_empty() && dose.put.is_empty() && dose.multiply.is_empty() {
                problems.push((part, "it needs add, put or multiply".to_string()));
            }
        }
        let mut finite = |part: String, value: f64| {
            if !value.is_finite() {
                problems.push((part, format!("{value} is not a finite number")));
            }
        };
        let lists = [("initial", &self.initial), ("set", &self.set)];
        lists.iter().for_each(|(part, list)| {
            list.iter()
                .for_each(|(id, v)| finite(format!("{part} `{id}`"), *v))
        });
        for (number, period) in self.periods.iter().enumerate() {
            if let ScenarioStart::At(time) = period.start {
                finite(format!("period {}, start", number + 1), time);
            }
            period
                .set
                .iter()
                .for_each(|(id, v)| finite(format!("period {}, `{id}`", number + 1), *v));
        }
        for (number, dose) in self.doses.iter().enumerate() {
            finite(format!("dose {}, time", number + 1), dose.time);
            let all = dose.add.iter().chain(&dose.put).chain(&dose.multiply);
            all.for_each(|(id, v)| finite(format!("dose {}, `{id}`", number + 1), *v));
        }
        if let Some(until) = self.until
            && !(until > 0.0 && until.is_finite())
        {
            problems.push((
                "until".to_string(),
                format!("{until} is not a time after the start"),
            ));
        }
        let starts: Vec<f64> = (self.periods.iter())
            .map(|p| match p.start {
                ScenarioStart::At(time) => time,
                ScenarioStart::Word(_) => f64::NEG_INFINITY,
            })
            .collect();
        for (number, pair) in starts.windows(2).enumerate() {
            if pair[1].partial_cmp(&pair[0]) != Some(std::cmp::Ordering::Greater) {
                problems.push((
                    format!("period {}", number + 2),
                    format!("start {} is not after {}", pair[1], pair[0]),
                ));
            }
        }
        for (number, repeat) in self.repeats.iter().enumerate() {
            for problem in repeat.problems(self.until) {
                problems.push((format!("repeat {}", number + 1), problem));
            }
        }
        let repeats = self.repeats.iter();
        let sound = repeats.clone().all(|r| r.problems(self.until).is_empty());
        let tables = match sound {
            true => self.tables(),
            false => self.inputs.clone(),
        };
        for (id, knots) in &tables {
            if knots
                .iter()
                .any(|(time, value)| !time.is_finite() || !value.is_finite())
            {
                problems.push((format!("input `{id}`"), "a knot is not finite".to_string()));
            }
            if let Some(pair) = knots.windows(2).find(|pair| pair[1].0 <= pair[0].0) {
                problems.push((
                    format!("input `{id}`"),
                    format!(
                        "the knot at time {} does not come after {}",
                        pair[1].0, pair[0].0
                    ),
                ));
            }
        }
        problems
    }

    /// The schedule for a compiled system and the extended parameter vector `[system parameters | schedule entries]`.
    ///
    /// # Errors
    /// The first id that the system does not have.
    pub fn schedule(&self, system: &System) -> Result<(Schedule, Vec<f64>), ScenarioError> {
        self.schedule_with(system, system.parameters())
    }

    /// The same with other values of the system's parameters than its own; what the scenario sets still replaces them.
    ///
    /// # Errors
    /// The first id that the system does not have.
    pub fn schedule_with(
        &self,
        system: &System,
        parameters: &[f64],
    ) -> Result<(Schedule, Vec<f64>), ScenarioError> {
        let mut parameters = parameters.to_vec();
        let mut schedule = Schedule::default();
        let base = parameters.len();
        let entry = |schedule: &mut Schedule, id: String, value: f64| {
            schedule.entries.push(Entry { id, value });
            Register(base + schedule.entries.len() - 1)
        };
        let missing = |part: &str, expected, id: &str, known: &[String]| ScenarioError {
            scenario: self.id.clone(),
            part: part.to_string(),
            expected,
            id: id.to_string(),
            near: suggest(id, known.iter().map(String::as_str)),
        };
        let parameter = |part: &str, id: &str| {
            system
                .parameter_index(id)
                .ok_or_else(|| missing(part, "parameter", id, system.parameter_ids()))
        };
        let state = |part: &str, id: &str| {
            let amount = || system.state_index(&format!("amount({id})"));
            system
                .state_index(id)
                .or_else(amount)
                .ok_or_else(|| missing(part, "state", id, system.state_ids()))
        };
        for (id, value) in &self.set {
            parameters[parameter("set", id)?] = *value;
        }
        for (number, period) in self.periods.iter().enumerate() {
            let id = period
                .id
                .clone()
                .unwrap_or_else(|| format!("period_{}", number + 1));
            let start = match period.start {
                ScenarioStart::Word(_) => Start::SteadyState,
                ScenarioStart::At(time) => {
                    let at = entry(&mut schedule, format!("{id}: start"), time);
                    Start::At(Moment { at, lag: None })
                }
            };
            let mut overrides = Vec::new();
            for (target, value) in &period.set {
                let index = parameter(&format!("period `{id}`"), target)?;
                overrides.push((
                    index,
                    entry(&mut schedule, format!("{id}: {target}"), *value),
                ));
            }
            schedule.periods.push(Period {
                id,
                start,
                overrides,
                jumps: Vec::new(),
                events: Vec::new(),
            });
        }
        for (id, value) in &self.initial {
            if let Some(register) = system.parameter_index(&format!("initial({id})")) {
                parameters[register] = *value;
                continue;
            }
            // an initial value that is a formula: replaced by a jump at the start
            let state = state("initial", id)?;
            let at = entry(
                &mut schedule,
                format!("initial({id}): time"),
                self.first_time(),
            );
            let offset = Some(entry(&mut schedule, format!("initial({id})"), *value));
            let jump = Jump {
                state,
                offset,
                factor: Factor::Zero,
            };
            schedule.doses.push(Dose {
                moment: Moment { at, lag: None },
                jump,
            });
        }
        for (number, dose) in self.doses.iter().enumerate() {
            let part = format!("dose {}", number + 1);
            let at = entry(&mut schedule, format!("{part}: time"), dose.time);
            let moment = Moment { at, lag: None };
            for (id, value) in &dose.put {
                let offset = Some(entry(&mut schedule, format!("{part}: put {id}"), *value));
                schedule.doses.push(Dose {
                    moment,
                    jump: Jump {
                        state: state(&part, id)?,
                        offset,
                        factor: Factor::Zero,
                    },
                });
            }
            for (id, value) in &dose.multiply {
                let factor = Factor::Register(entry(
                    &mut schedule,
                    format!("{part}: multiply {id}"),
                    *value,
                ));
                schedule.doses.push(Dose {
                    moment,
                    jump: Jump {
                        state: state(&part, id)?,
                        offset: None,
                        factor,
                    },
                });
            }
            for (id, value) in &dose.add {
                let offset = Some(entry(&mut schedule, format!("{part}: add {id}"), *value));
                schedule.doses.push(Dose {
                    moment,
                    jump: Jump {
                        state: state(&part, id)?,
                        offset,
                        factor: Factor::One,
                    },
                });
            }
        }
        for (id, knots) in &self.tables() {
            let input = system
                .input_index(id)
                .ok_or_else(|| missing("inputs", "input", id, system.input_ids()))?;
            let mut table = Vec::new();
            for (number, (time, value)) in knots.iter().enumerate() {
                let time = entry(
                    &mut schedule,
                    format!("{id}: time of knot {}", number + 1),
                    *time,
                );
                table.push((
                    time,
                    entry(&mut schedule, format!("{id}: knot {}", number + 1), *value),
                ));
            }
            schedule.inputs.push(InputTable {
                input,
                knots: table,
            });
        }
        parameters.extend(schedule.entries.iter().map(|entry| entry.value));
        Ok((schedule, parameters))
    }
}
