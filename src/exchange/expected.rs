//! Reference trajectories of a model: tables in its folder `expected`, one a scenario, made at tight tolerances and compared with what it says now.
//!
//! `expected/SCENARIO.tsv` begins with a line that says how it was made, `# reference trajectory: rtol 1e-10, atol 1e-14, time in d`; then
//! come the columns `time` and one a state. Which scenarios have a table stands in `expected/scenarios`, one id a line (`#` begins a comment); without that file
//! it is every scenario of a model with at most eight. A model without scenarios has the table `as_it_stands.tsv`.
mod compare;
mod error;
mod table;

pub use compare::{Difference, compare};
pub use error::ExpectedError;

use super::model::{Model, Scenario, ScenarioStart};
use crate::{
    compile::System,
    schedule::Schedule,
    solve::{Method, Problem, Rodas5P, Tolerances, solve},
};
use std::path::{Path, PathBuf};

/// The folder beside `model.toml`.
pub const FOLDER: &str = "expected";
/// The list of scenarios in it.
pub const LIST: &str = "scenarios";
/// The name of the table of a model without scenarios.
pub const AS_IT_STANDS: &str = "as_it_stands";
/// A model with more scenarios needs a list.
pub const MOST: usize = 8;

/// Shares of the way from start to end at which states are kept: close together at first, where most happens.
const SHARES: [f64; 8] = [0.0, 0.002, 0.01, 0.05, 0.15, 0.35, 0.65, 1.0];
/// The end of what says none, in the model's time unit.
const UNTIL: f64 = 100.0;
/// Tolerances in the order in which they are tried: some problems cannot be solved at the first, where rounding errors stop the steps.
const TIGHT: [Tolerances; 4] = [
    tight(1e-10, 1e-14),
    tight(1e-9, 1e-13),
    tight(1e-8, 1e-12),
    tight(1e-7, 1e-11),
];

const fn tight(relative: f64, absolute: f64) -> Tolerances {
    Tolerances { relative, absolute }
}

/// A reference trajectory.
#[derive(Clone, Debug, PartialEq)]
pub struct Trajectory {
    /// how exactly it was solved
    pub tolerances: Tolerances,
    /// ascending, in the model's time unit
    pub times: Vec<f64>,
    /// ids of the states
    pub states: Vec<String>,
    /// a row a time, a value a state
    pub values: Vec<Vec<f64>>,
}

/// The file of a scenario in the folder of a model.
pub fn file(folder: &Path, scenario: Option<&str>) -> PathBuf {
    let name = scenario.unwrap_or(AS_IT_STANDS);
    folder.join(FOLDER).join(format!("{name}.tsv"))
}

/// The scenarios that have a table, by the list or because the model has few; none stands for the model as it is.
///
/// # Errors
/// A list that cannot be read or names a scenario that is not there, or a model with more than eight scenarios and no list.
pub fn scenarios<'m>(
    model: &'m Model,
    folder: &Path,
) -> Result<Vec<Option<&'m str>>, Vec<ExpectedError>> {
    let file = folder.join(FOLDER).join(LIST);
    let text = match std::fs::read_to_string(&file) {
        Ok(text) => text,
        Err(source) if source.kind() == std::io::ErrorKind::NotFound => {
            let ids = model.scenarios.iter().map(|s| Some(s.id.as_str()));
            return match model.scenarios.len() {
                0 => Ok(vec![None]),
                1..=MOST => Ok(ids.collect()),
                count => Err(vec![ExpectedError::NoList { file, count }]),
            };
        }
        Err(source) => return Err(vec![ExpectedError::Unreadable { file, source }]),
    };
    let mut found: Vec<Option<&str>> = Vec::new();
    let mut errors = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let id = line.split('#').next().unwrap_or("").trim();
        if id.is_empty() {
            continue;
        }
        match model.scenario(id) {
            Some(scenario) if !found.contains(&Some(&scenario.id)) => {
                found.push(Some(&scenario.id))
            }
            known => errors.push(ExpectedError::list(&file, number + 1, id, known, model)),
        }
    }
    if found.is_empty() && errors.is_empty() {
        errors.push(ExpectedError::EmptyList { file });
    }
    match errors.is_empty() {
        true => Ok(found),
        false => Err(errors),
    }
}

/// Tables in the folder that no scenario of the list has any more.
pub fn stale(folder: &Path, scenarios: &[Option<&str>]) -> Vec<PathBuf> {
    let wanted: Vec<PathBuf> = scenarios.iter().map(|s| file(folder, *s)).collect();
    let entries = std::fs::read_dir(folder.join(FOLDER));
    let files = entries.into_iter().flatten().flatten().map(|e| e.path());
    let mut stale: Vec<PathBuf> = files
        .filter(|path| path.extension().is_some_and(|e| e == "tsv") && !wanted.contains(path))
        .filter(|path| {
            let text = std::fs::read_to_string(path);
            text.is_ok_and(|text| text.starts_with(table::MARK))
        })
        .collect();
    stale.sort();
    stale
}

/// Solves a scenario, or the model as it stands, at the tightest tolerances that work.
///
/// # Errors
/// A scenario that does not fit the system, or that cannot be solved at a relative tolerance of 1e-7 either.
pub fn reference(
    model: &Model,
    system: &System,
    scenario: Option<&str>,
) -> Result<Trajectory, ExpectedError> {
    let found = scenario.and_then(|id| model.scenario(id));
    let times = times(found);
    let mut last = None;
    for tolerances in TIGHT {
        match solved(model, system, scenario, &times, tolerances) {
            Err(error @ ExpectedError::Solve { .. }) => last = Some(error),
            other => return other,
        }
    }
    Err(last.expect("there are tolerances to try"))
}

/// Solves a scenario, or the model as it stands, at given times and tolerances.
///
/// # Errors
/// A scenario that the model does not have or that does not fit the system, and a solve that fails.
pub fn solved(
    model: &Model,
    system: &System,
    scenario: Option<&str>,
    times: &[f64],
    tolerances: Tolerances,
) -> Result<Trajectory, ExpectedError> {
    let (schedule, parameters) = match scenario {
        None => (Schedule::default(), system.parameters().to_vec()),
        Some(id) => {
            let found = model.scenario(id).ok_or_else(|| ExpectedError::Unknown {
                scenario: id.to_owned(),
            })?;
            found.schedule(system)?
        }
    };
    let problem = Problem {
        system,
        parameters: &parameters,
        schedule: &schedule,
        times,
        sensitivity: None,
    };
    // tight tolerances take many steps over years of infections
    let method = Method::Rodas5P(Rodas5P {
        max_steps: 2_000_000,
    });
    let solution = solve(&problem, &method, &tolerances).finished();
    let solution = solution.map_err(|source| ExpectedError::Solve {
        scenario: scenario.unwrap_or(AS_IT_STANDS).to_owned(),
        relative: tolerances.relative,
        source: Box::new(source),
    })?;
    let rows = (0..times.len()).map(|k| solution.states(k).to_vec());
    Ok(Trajectory {
        tolerances,
        times: times.to_vec(),
        states: system.state_ids().to_vec(),
        values: rows.collect(),
    })
}

/// The times of a table: eight from the start of the scenario to its end.
fn times(scenario: Option<&Scenario>) -> Vec<f64> {
    let first = scenario.and_then(|s| {
        s.periods.iter().find_map(|p| match p.start {
            ScenarioStart::At(time) => Some(time),
            ScenarioStart::Word(_) => None,
        })
    });
    let start = first.unwrap_or(0.0);
    let until = scenario.and_then(|s| s.until);
    let until = until.unwrap_or(start + UNTIL);
    let time = |share: f64| start + share * (until - start);
    SHARES.iter().map(|share| time(*share)).collect()
}

impl Trajectory {
    /// The table as text; numbers have ten significant digits.
    pub fn text(&self, time_unit: Option<&str>) -> String {
        table::text(self, time_unit)
    }

    /// Reads a table.
    ///
    /// # Errors
    /// A file that cannot be read, a first line that does not say how the table was made, and cells that are no numbers.
    pub fn read(file: &Path) -> Result<Self, ExpectedError> {
        table::read(file)
    }
}
