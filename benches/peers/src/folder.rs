//! The folder that all programs read: one JSON description a problem, its model, its reference; and how references are made.
use crate::measure::rms;
use crate::problems::{self, DIRECTIONS, Floor, NOT_RATES, PROBLEMS, Problem, with_values};
use holobiont::compile::System;
use holobiont::exchange::sbml::read_text;
use holobiont::schedule::{Register, Schedule};
use holobiont::solve::{self, Directions, Method, Rodas5P, Tolerances, required_registers, solve};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::error::Error;
use std::fs;
use std::path::Path;

/// Relative tolerance of references.
pub const REFERENCE: f64 = 1e-11;

/// One list of (register, 1) per parameter of the gradient.
pub type Seeds = Vec<Vec<(Register, f64)>>;

/// What every program needs to know of a problem.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Task {
    pub name: String,
    pub title: String,
    /// file name of the model without `settings`, and of that with them
    pub base: String,
    pub file: String,
    pub settings: HashMap<String, f64>,
    /// ids, in the order of the reference
    pub states: Vec<String>,
    pub times: Vec<f64>,
    /// output times at the start that do not count
    pub skip: usize,
    /// absolute tolerance as a fraction of the relative one
    pub absolute: f64,
    /// one a state
    pub floors: Vec<f64>,
    /// parameters of the gradient
    pub gradient: Vec<String>,
    pub target: f64,
    pub gradient_target: f64,
}

/// A problem with its references, states by output times.
pub struct Prepared {
    pub task: Task,
    /// the SBML text
    pub text: String,
    /// one row an output time
    pub reference: Vec<Vec<f64>>,
    /// one row an output time: for each parameter all states, d state / d parameter
    pub sensitivities: Vec<Vec<f64>>,
}

/// Absolute tolerance that belongs to a relative one.
pub fn tolerances(absolute: f64, relative: f64) -> Tolerances {
    Tolerances {
        relative,
        absolute: absolute * relative,
    }
}

/// The method, with room for tight tolerances.
pub fn method() -> Method {
    Method::Rodas5P(Rodas5P {
        max_steps: 20_000_000,
    })
}

/// Parameters that are rates or constants, in the order of the file: register and id.
pub fn rates(system: &System) -> Vec<(usize, String)> {
    let ids = system.parameter_ids().iter().enumerate();
    ids.filter(|(i, id)| {
        let is_size = id.as_str() == "comp" || id.contains('(');
        system.parameters()[*i] > 0.0 && !is_size && !NOT_RATES.contains(&id.as_str())
    })
    .map(|(i, id)| (i, id.clone()))
    .collect()
}

/// One unit seed a parameter.
pub fn seeds(system: &System, parameters: &[String]) -> Seeds {
    let register = |id: &String| {
        Register(
            system
                .parameter_index(id)
                .expect("the gradient's parameters are the system's"),
        )
    };
    parameters
        .iter()
        .map(|id| vec![(register(id), 1.0)])
        .collect()
}

/// Writes the folder; references that are there for the same model stay.
pub fn prepare(work: &Path) -> Result<(), Box<dyn Error>> {
    for problem in PROBLEMS {
        let folder = work.join(problem.name);
        fs::create_dir_all(&folder)?;
        let base = problem.text()?;
        let text = with_values(&base, &problem.settings());
        let model = read_text(&text).map_err(|e| format!("{}: {e:?}", problem.name))?;
        let system = model.compile()?;
        let known = fs::read_to_string(folder.join("model.xml")).is_ok_and(|old| old == text);
        let given = given_reference(&problem)?;
        let states = match &given {
            Some((states, _)) => states.clone(),
            None => system.state_ids().to_vec(),
        };
        let step = problem.end / problem.intervals as f64;
        let mut task = Task {
            name: problem.name.into(),
            title: problem.title.into(),
            base: format!("{}.xml", problem.model()),
            file: format!("{}/model.xml", problem.name),
            settings: problem.settings(),
            states,
            times: (0..=problem.intervals).map(|k| k as f64 * step).collect(),
            skip: problem.skip,
            absolute: problem.absolute,
            floors: Vec::new(),
            gradient: Vec::new(),
            target: problem.target,
            gradient_target: problem.gradient_target.unwrap_or(f64::MAX),
        };
        if problem.gradient_target.is_some() {
            let first = rates(&system).into_iter().take(DIRECTIONS);
            task.gradient = first.map(|(_, id)| id).collect();
        }
        let files = ["reference.csv", "sensitivities.csv"].map(|name| folder.join(name));
        if !known || files.iter().any(|file| !file.exists()) {
            let (own, sensitivities) = own_reference(&system, &task)?;
            let reference = given.map_or(own, |(_, table)| table);
            write_table(&files[0], &reference)?;
            write_table(&files[1], &sensitivities)?;
        }
        let reference = read_table(&files[0])?;
        task.floors = (0..task.states.len())
            .map(|i| match problem.floor {
                Floor::Fixed(floor) => floor,
                Floor::OfLargest(part, least) => {
                    part * reference
                        .iter()
                        .fold(0.0_f64, |most, row| most.max(row[i].abs()))
                        + least
                }
            })
            .collect();
        fs::write(work.join(&task.base), base)?;
        fs::write(work.join(&task.file), text)?;
        fs::write(
            folder.join("task.json"),
            serde_json::to_string_pretty(&task)?,
        )?;
    }
    Ok(())
}

/// The reference that comes with gut40, as states and table.
#[allow(clippy::type_complexity)]
fn given_reference(
    problem: &Problem,
) -> Result<Option<(Vec<String>, Vec<Vec<f64>>)>, Box<dyn Error>> {
    let Some(variant) = problem.name.strip_prefix("gut40_") else {
        return Ok(None);
    };
    let folder = problems::shared().join("suites/engine");
    let order = fs::read_to_string(folder.join("gut40_order.txt"))?;
    let table = read_table(&folder.join(format!("gut40_reference_{variant}.csv")))?;
    Ok(Some((
        order.split_whitespace().map(String::from).collect(),
        table,
    )))
}

/// The reference of a problem without one, by a solve at a tight tolerance; with the sensitivities in the error control, if any.
#[allow(clippy::type_complexity)]
fn own_reference(
    system: &System,
    task: &Task,
) -> Result<(Vec<Vec<f64>>, Vec<Vec<f64>>), Box<dyn Error>> {
    let schedule = Schedule::default();
    let seeds = seeds(system, &task.gradient);
    let tapes = system.sensitivity(&required_registers(system, &schedule, &seeds))?;
    let directions = Directions {
        tapes: &tapes,
        seeds: &seeds,
        error_control: true,
    };
    let problem = solve::Problem {
        system,
        parameters: system.parameters(),
        schedule: &schedule,
        times: &task.times,
        sensitivity: (!seeds.is_empty()).then_some(directions),
    };
    let solution = solve(&problem, &method(), &tolerances(task.absolute, REFERENCE)).finished()?;
    let order = order(system, task);
    let pick = |row: &[f64]| -> Vec<f64> { order.iter().map(|&i| row[i]).collect() };
    let times = 0..task.times.len();
    let states = times.clone().map(|k| pick(solution.states(k))).collect();
    let row = |k| {
        (0..seeds.len())
            .flat_map(|j| pick(solution.sensitivity(k, j)))
            .collect()
    };
    Ok((states, times.map(row).collect()))
}

/// Positions in the system of the states of a task.
pub fn order(system: &System, task: &Task) -> Vec<usize> {
    let position = |id: &String| {
        system
            .state_index(id)
            .expect("the reference's states are the system's")
    };
    task.states.iter().map(position).collect()
}

/// Reads a problem of the folder.
pub fn read(work: &Path, name: &str) -> Result<Prepared, Box<dyn Error>> {
    let folder = work.join(name);
    let task: Task = serde_json::from_str(&fs::read_to_string(folder.join("task.json"))?)?;
    Ok(Prepared {
        text: fs::read_to_string(work.join(&task.file))?,
        reference: read_table(&folder.join("reference.csv"))?,
        sensitivities: read_table(&folder.join("sensitivities.csv"))?,
        task,
    })
}

impl Prepared {
    /// RMS over output times and states of (y - reference) / (floor + |reference|); `value` is of a time and a state.
    pub fn error(&self, value: impl Fn(usize, usize) -> f64) -> f64 {
        let Task { floors, skip, .. } = &self.task;
        let rows = self.reference.iter().enumerate().skip(*skip);
        rms(rows.flat_map(|(k, row)| {
            let value = &value;
            row.iter()
                .enumerate()
                .map(move |(i, y)| (value(k, i) - y) / (floors[i] + y.abs()))
        }))
    }

    /// RMS over output times, parameters and states of p (s - reference) / (floor + |y|); `value` is of a time, a parameter and
    /// a state; `p` are the parameters' values.
    pub fn sensitivity_error(&self, p: &[f64], value: impl Fn(usize, usize, usize) -> f64) -> f64 {
        let n = self.task.states.len();
        let rows = self.sensitivities.iter().enumerate();
        rms(rows.flat_map(|(k, row)| {
            let value = &value;
            row.iter().enumerate().map(move |(position, s)| {
                let (j, i) = (position / n, position % n);
                p[j] * (value(k, j, i) - s) / (self.task.floors[i] + self.reference[k][i].abs())
            })
        }))
    }
}

fn write_table(file: &Path, rows: &[Vec<f64>]) -> Result<(), Box<dyn Error>> {
    let line = |row: &Vec<f64>| {
        let cells: Vec<String> = row.iter().map(|x| format!("{x:e}")).collect();
        cells.join(",") + "\n"
    };
    Ok(fs::write(file, rows.iter().map(line).collect::<String>())?)
}

fn read_table(file: &Path) -> Result<Vec<Vec<f64>>, Box<dyn Error>> {
    let text = fs::read_to_string(file).map_err(|e| format!("{}: {e}", file.display()))?;
    let row = |line: &str| {
        line.split(',')
            .filter(|c| !c.is_empty())
            .map(str::parse)
            .collect()
    };
    Ok(text.lines().map(row).collect::<Result<_, _>>()?)
}
