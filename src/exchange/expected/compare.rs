//! What a model says now beside its reference trajectory.
use super::{ExpectedError, Trajectory, solved};
use crate::{compile::System, exchange::model::Model, exchange::tables::Place, solve::Tolerances};
use std::path::Path;

/// Differences below this share of the largest magnitude of a state are none.
///
/// A solve keeps each step within its tolerance, 1e-10 of a reference; over ten years, and where states run apart for a while, that adds up to some
/// 1e-8 of a state. A changed number or equation shows in the first four digits. 1e-6 stands between, and is what solves at the default
/// tolerances ask of a step.
const SHARE: f64 = 1e-6;
/// A table that could only be made at a looser tolerance is compared at so many of it.
const OF_TOLERANCE: f64 = 100.0;
/// Amounts below this are nothing: what is left of a state that has died out is error of the solve.
const NOTHING: f64 = 1e-12;

/// A value that is not the expected one.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    /// file, row and state
    pub place: Place,
    /// the time, in the model's unit
    pub time: f64,
    /// what the table says
    pub expected: f64,
    /// what the model says
    pub found: f64,
    /// how far the two may lie apart
    pub allowed: f64,
}

impl std::fmt::Display for Difference {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        let Difference {
            place,
            time,
            expected,
            found,
            allowed,
        } = self;
        write!(
            f,
            "{place}: {expected} is expected at time {time}, the model gives {found}; they may differ by {allowed:.1e}"
        )
    }
}

/// Solves a scenario at the times of its table and compares every state; `tolerances` are those of the table where none are given.
///
/// Two values may differ by 1e-6 of the largest magnitude of the state in the table, or by 100 relative tolerances of the table where that is more.
///
/// # Errors
/// A table that cannot be read or has other states, and a solve that fails.
pub fn compare(
    model: &Model,
    system: &System,
    scenario: Option<&str>,
    file: &Path,
    tolerances: Option<Tolerances>,
) -> Result<Vec<Difference>, ExpectedError> {
    let table = Trajectory::read(file)?;
    let columns = columns(&table, system, file)?;
    let tolerances = tolerances.unwrap_or(table.tolerances);
    let now = solved(model, system, scenario, &table.times, tolerances)?;
    let share = SHARE.max(OF_TOLERANCE * table.tolerances.relative);
    let mut differences = Vec::new();
    for (state, column) in columns.into_iter().enumerate() {
        let sizes = table.values.iter().map(|row| row[column].abs());
        let allowed = NOTHING.max(share * sizes.fold(0.0, f64::max));
        for (k, time) in table.times.iter().enumerate() {
            let (expected, found) = (table.values[k][column], now.values[k][state]);
            // a value that is no number differs
            if (expected - found).abs() <= allowed {
                continue;
            }
            differences.push(Difference {
                // the first line and the header stand above
                place: Place::file(file).row(k + 3).column(&now.states[state]),
                time: *time,
                expected,
                found,
                allowed,
            });
        }
    }
    Ok(differences)
}

/// The column of each state.
fn columns(table: &Trajectory, system: &System, file: &Path) -> Result<Vec<usize>, ExpectedError> {
    let wrong = |problem: String| ExpectedError::Columns {
        file: file.to_owned(),
        problem,
    };
    let ids = system.state_ids();
    if let Some(more) = table.states.iter().find(|id| !ids.contains(id)) {
        return Err(wrong(format!("the model has no state `{more}`")));
    }
    let column = |id: &String| {
        let found = table.states.iter().position(|known| known == id);
        found.ok_or_else(|| wrong(format!("a column for the state `{id}` is missing")))
    };
    ids.iter().map(column).collect()
}
