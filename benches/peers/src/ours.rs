//! holobiont: one subject by `solve`, many by `solve_many`, with equal and with spread parameters, with and without sensitivities.
use crate::folder::{self, Prepared};
use crate::measure::{GRADIENT, Patience, Row, SPREAD, VALUES};
use crate::problems::PROBLEMS;
use holobiont::compile::System;
use holobiont::exchange::sbml::read_text;
use holobiont::schedule::Schedule;
use holobiont::solve::{
    Directions, Problem, Solution, Tolerances, required_registers, solve, solve_many,
};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};
use std::error::Error;
use std::path::Path;

/// Subjects of one call.
const SUBJECTS: usize = 64;
/// The same where a call takes longer: with sensitivities, and in a quick run.
const FEW_SUBJECTS: usize = 16;
/// Standard deviation of the logarithm of each rate parameter, where they are spread.
const SPREAD_SD: f64 = 0.3;
const SEED: u64 = 20_260_301;

/// Measures all problems.
pub fn measure(work: &Path, quick: bool) -> Result<Vec<Row>, Box<dyn Error>> {
    let mut rows = Vec::new();
    for problem in PROBLEMS {
        let prepared = folder::read(work, problem.name)?;
        let model = read_text(&prepared.text).map_err(|e| format!("{}: {e:?}", problem.name))?;
        let system = model.compile()?;
        let case = Case {
            prepared: &prepared,
            system: &system,
            patience: Patience::new(quick),
            subjects: if quick { FEW_SUBJECTS } else { SUBJECTS },
        };
        let slow = problem.name == "gut40_meals";
        for relative in [1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8] {
            if slow && quick && relative < 1e-5 * 0.99 {
                continue;
            }
            case.values(relative, &mut rows);
            if problem.name.starts_with("gut40") {
                case.spread(relative, &mut rows);
            }
        }
        if !prepared.task.gradient.is_empty() {
            for relative in [1e-3, 1e-4, 1e-5, 1e-6, 1e-7] {
                if !(slow && relative < if quick { 1e-4 } else { 1e-6 } * 0.99) {
                    case.gradient(relative, &mut rows)?;
                }
            }
        }
        eprintln!("holobiont: {} done", problem.name);
    }
    Ok(rows)
}

struct Case<'a> {
    prepared: &'a Prepared,
    system: &'a System,
    patience: Patience,
    subjects: usize,
}

impl Case<'_> {
    fn tolerances(&self, relative: f64) -> Tolerances {
        folder::tolerances(self.prepared.task.absolute, relative)
    }

    /// Time of a call on `count` subjects as a row, its error by `error`.
    fn row(
        &self,
        variant: &str,
        what: &str,
        relative: f64,
        run: &dyn Fn() -> Vec<Solution>,
        error: &dyn Fn(&Solution) -> f64,
    ) -> Row {
        let (ms, solutions) = self.patience.least(run);
        let count = solutions.len() as f64;
        for solution in &solutions {
            if !matches!(solution.status, holobiont::solve::Status::Finished) {
                eprintln!(
                    "{} {variant} {relative:e}: {}",
                    self.prepared.task.name, solution.status
                );
            }
        }
        let steps: usize = solutions
            .iter()
            .map(|s| s.statistics.steps + s.statistics.rejected)
            .sum();
        Row {
            program: "holobiont".into(),
            variant: variant.into(),
            problem: self.prepared.task.name.clone(),
            what: what.into(),
            rtol: relative,
            ms: ms / count,
            error: solutions.iter().map(error).fold(0.0, f64::max),
            steps: steps as f64 / count,
        }
    }

    fn problem<'a>(&'a self, parameters: &'a [f64], schedule: &'a Schedule) -> Problem<'a> {
        Problem {
            system: self.system,
            parameters,
            schedule,
            times: &self.prepared.task.times,
            sensitivity: None,
        }
    }

    /// Equal subjects: alone and in lanes.
    fn values(&self, relative: f64, rows: &mut Vec<Row>) {
        let schedule = Schedule::default();
        let one = self.problem(self.system.parameters(), &schedule);
        let many = vec![one; self.subjects];
        let order = folder::order(self.system, &self.prepared.task);
        let error = |solution: &Solution| self.prepared.error(|k, i| solution.states(k)[order[i]]);
        let tolerances = self.tolerances(relative);
        let method = folder::method();
        let lanes = || solve_many(&many, &method, &tolerances);
        rows.push(self.row("lanes", VALUES, relative, &lanes, &error));
        let single = || vec![solve(&one, &method, &tolerances)];
        rows.push(self.row("single", VALUES, relative, &single, &error));
    }

    /// Subjects whose rate parameters are spread, in lanes.
    fn spread(&self, relative: f64, rows: &mut Vec<Row>) {
        let schedule = Schedule::default();
        let rates = folder::rates(self.system);
        let mut stream = ChaCha8Rng::seed_from_u64(SEED);
        let subjects: Vec<Vec<f64>> = (0..self.subjects)
            .map(|_| {
                let mut parameters = self.system.parameters().to_vec();
                for (register, _) in &rates {
                    let z: f64 = StandardNormal.sample(&mut stream);
                    parameters[*register] *= (SPREAD_SD * z).exp();
                }
                parameters
            })
            .collect();
        let many: Vec<Problem> = subjects
            .iter()
            .map(|p| self.problem(p, &schedule))
            .collect();
        let (method, tolerances) = (folder::method(), self.tolerances(relative));
        let lanes = || solve_many(&many, &method, &tolerances);
        rows.push(self.row("lanes", SPREAD, relative, &lanes, &|_| f64::NAN));
    }

    /// Values and sensitivities, alone and in lanes, with the sensitivities in the choice of steps and without.
    fn gradient(&self, relative: f64, rows: &mut Vec<Row>) -> Result<(), Box<dyn Error>> {
        let schedule = Schedule::default();
        let seeds = folder::seeds(self.system, &self.prepared.task.gradient);
        let tapes = self
            .system
            .sensitivity(&required_registers(self.system, &schedule, &seeds))?;
        let order = folder::order(self.system, &self.prepared.task);
        let p: Vec<f64> = seeds
            .iter()
            .map(|seed| self.system.parameters()[seed[0].0.0])
            .collect();
        let error = |solution: &Solution| {
            self.prepared
                .sensitivity_error(&p, |k, j, i| solution.sensitivity(k, j)[order[i]])
        };
        let (method, tolerances) = (folder::method(), self.tolerances(relative));
        for (error_control, ending) in [(false, ""), (true, " controlled")] {
            let mut one = self.problem(self.system.parameters(), &schedule);
            one.sensitivity = Some(Directions {
                tapes: &tapes,
                seeds: &seeds,
                error_control,
            });
            let many = vec![one; FEW_SUBJECTS];
            let lanes = || solve_many(&many, &method, &tolerances);
            rows.push(self.row(
                &format!("lanes{ending}"),
                GRADIENT,
                relative,
                &lanes,
                &error,
            ));
            let single = || vec![solve(&one, &method, &tolerances)];
            rows.push(self.row(
                &format!("single{ending}"),
                GRADIENT,
                relative,
                &single,
                &error,
            ));
        }
        Ok(())
    }
}
