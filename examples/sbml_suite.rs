//! Runs cases of the semantic SBML Test Suite: `cargo run --release --example sbml_suite -- CASES OUT`.
//!
//! Every folder `NNNNN` below CASES with `model.xml` and `settings.txt` is simulated; `OUT/NNNNN.csv` gets the columns that the
//! settings ask for, and a line a case says `ok`, `unsupported: ...` or `failed: ...`. The expected results are never opened.
use holobiont::compile::Point;
use holobiont::exchange::sbml::{self, Measure};
use holobiont::schedule::Schedule;
use holobiont::solve::{Method, Problem, Tolerances, solve};
use std::error::Error;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// What a case asks for.
struct Settings {
    start: f64,
    duration: f64,
    steps: usize,
    variables: Vec<String>,
    concentrations: Vec<String>,
    absolute: f64,
    relative: f64,
}

impl Settings {
    fn read(text: &str) -> Result<Settings, Box<dyn Error>> {
        let value = |key: &str| {
            let mut lines = text.lines().filter_map(|line| line.split_once(':'));
            lines
                .find(|(known, _)| known.trim() == key)
                .map(|(_, value)| value.trim())
        };
        let number = |key: &str| -> Result<f64, Box<dyn Error>> {
            let text = value(key).ok_or_else(|| format!("settings.txt has no `{key}`"))?;
            text.parse()
                .map_err(|_| format!("settings.txt: `{key}` is `{text}`, no number").into())
        };
        let list = |key: &str| -> Vec<String> {
            let all = value(key).unwrap_or("").split(',').map(str::trim);
            all.filter(|id| !id.is_empty())
                .map(str::to_string)
                .collect()
        };
        Ok(Settings {
            start: number("start")?,
            duration: number("duration")?,
            steps: number("steps")? as usize,
            variables: list("variables"),
            concentrations: list("concentration"),
            absolute: number("absolute")?,
            relative: number("relative")?,
        })
    }

    fn times(&self) -> Vec<f64> {
        let step = self.duration / self.steps.max(1) as f64;
        (0..=self.steps)
            .map(|k| self.start + step * k as f64)
            .collect()
    }
}

/// How a case ended.
pub enum Outcome {
    /// its table, as CSV
    Table(String),
    /// what is not supported
    Unsupported(String),
    /// what went wrong
    Failed(String),
}

/// Simulates one case.
pub fn run(case: &Path) -> Outcome {
    let model = match sbml::read(&case.join("model.xml")) {
        Ok(model) => model,
        Err(errors) => {
            let all: Vec<String> = errors.iter().map(ToString::to_string).collect();
            return match errors.iter().all(sbml::SbmlError::is_unsupported) {
                true => Outcome::Unsupported(all.join("; ")),
                false => Outcome::Failed(all.join("; ")),
            };
        }
    };
    match simulate(case, &model) {
        Ok(table) => Outcome::Table(table),
        Err(error) => Outcome::Failed(error.to_string()),
    }
}

fn simulate(case: &Path, model: &sbml::SbmlModel) -> Result<String, Box<dyn Error>> {
    let settings = Settings::read(&std::fs::read_to_string(case.join("settings.txt"))?)?;
    let system = model.compile()?;
    let mut formulas = Vec::new();
    for id in &settings.variables {
        let measure = match settings.concentrations.contains(id) {
            true => Measure::Concentration,
            false => Measure::Amount,
        };
        let formula = model
            .formula(id, measure)
            .ok_or_else(|| format!("there is no `{id}`"))?;
        formulas.push((id.clone(), formula));
    }
    let outputs = system.outputs(&formulas, &[])?;
    let which: Vec<usize> = (0..formulas.len()).collect();

    let times = settings.times();
    let schedule = Schedule::default();
    let problem = Problem {
        system: &system,
        parameters: system.parameters(),
        schedule: &schedule,
        times: &times,
        sensitivity: None,
    };
    // a thousandth of what is allowed, for errors add up along the way
    let tolerances = Tolerances {
        relative: (1e-3 * settings.relative).clamp(1e-10, 1e-6),
        absolute: (1e-5 * settings.absolute).clamp(1e-30, 1e-8),
    };
    let solution = solve(&problem, &Method::default(), &tolerances).finished()?;

    let mut table = format!("time,{}\n", settings.variables.join(","));
    let mut values = vec![0.0; formulas.len()];
    for (k, time) in times.iter().enumerate() {
        let at = Point {
            time: *time,
            states: solution.states(k),
            registers: solution.registers(k),
            placeholders: &[],
        };
        outputs.evaluate(&at, &which, &mut values);
        write!(table, "{time}")?;
        for value in &values {
            match (value.is_nan(), value.is_infinite()) {
                (true, _) => table.push_str(",NaN"),
                (_, true) => table.push_str(if *value > 0.0 { ",INF" } else { ",-INF" }),
                _ => write!(table, ",{value:e}")?,
            }
        }
        table.push('\n');
    }
    Ok(table)
}

/// Folders of cases below a folder, by name.
pub fn cases(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let entries = std::fs::read_dir(folder)?.collect::<Result<Vec<_>, _>>()?;
    let mut cases: Vec<PathBuf> = entries.into_iter().map(|e| e.path()).collect();
    cases.retain(|c| c.join("model.xml").is_file() && c.join("settings.txt").is_file());
    cases.sort();
    Ok(cases)
}

fn main() -> ExitCode {
    let arguments: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let [folder, out] = &arguments[..] else {
        eprintln!("usage: sbml_suite CASES OUT");
        return ExitCode::from(2);
    };
    let run_all = || -> std::io::Result<()> {
        std::fs::create_dir_all(out)?;
        for case in cases(folder)? {
            let name = case
                .file_name()
                .map(|n| n.to_string_lossy().into_owned())
                .unwrap_or_default();
            match run(&case) {
                Outcome::Table(table) => {
                    std::fs::write(out.join(format!("{name}.csv")), table)?;
                    println!("{name} ok");
                }
                Outcome::Unsupported(what) => println!("{name} unsupported: {what}"),
                Outcome::Failed(why) => println!("{name} failed: {why}"),
            }
        }
        Ok(())
    };
    match run_all() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
