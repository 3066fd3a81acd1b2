//! Second-order sensitivities $S_{jv} = \partial^2 y / \partial\theta_j \partial v$: differences of exact first-order ones along v.
//!
//! The first-order sensitivities are the exact derivatives of the discrete solution at fixed steps (`rodas5p`). So the steps of
//! the base solve are recorded and repeated with the parameters moved by $\pm\varepsilon v$ (`path`), all in lanes, and
//! $$ S_{jv} = \frac{S_j(+\varepsilon) - S_j(-\varepsilon)}{2 \varepsilon} + O(\varepsilon^2). $$
//! What is differenced is a smooth map, so its noise is rounding over $\varepsilon$, not the tolerance over $\varepsilon$. With
//! $\varepsilon$ the cube root of the rounding in the scale of the parameter (`scale`) both parts are about 1e-9 of the
//! sensitivities; what remains is the error of the steps, as in the first-order sensitivities.
//!
//! # Why not the tape
//! The alternative integrates $S_{jv}$ along: $J S_{jv}$ and four more sparse products in every stage of every pair, and in every stage
//! of every v the derivatives of $(J, f_p)$ along $(S_v, v)$ and of those along $k_i$, third derivatives of f. Measured on a gut model of
//! 40 states (`benches/results/second_order.md`), a step of a pair would cost that of a first-order direction (2 us), 0.8 us of
//! products, and 16 us of tapes shared by the directions j; repeated steps cost two first-order directions, 4 us. So differences
//! are cheaper below about a dozen directions j, and dearer by an eighth at twenty: the cost does not decide. Nor does exactness: the
//! error of the steps hides that of the differences down to rtol 1e-7. But the tape would need second derivatives of every
//! jump, flip, event, start and steady state, each another formula to keep right, where differences take the first-order
//! ones as they are. Plain differences, with steps chosen anew, cost as much as repeated steps and are off by up to 70 times
//! as much; where the controller decides otherwise on one side nothing bounds their error.
//!
//! # Where it ends
//! Second derivatives do not exist where the model changes its course: a trajectory that grazes a threshold, an event about to
//! happen. Where one side cannot be repeated for that, or leaves the domain, three
//! points on the other side give the derivative from there, with an error of about 1e-7; where neither can the failure is typed.
use super::{
    Cause, InvalidProblem, Method, Problem, Solution, SolveError, Solver, Status, driver::Steps,
    path::Path,
};
use crate::{compile::Outputs, schedule::Register};

mod scale;

/// A solution and the derivatives of its sensitivities along further directions.
#[derive(Clone, Debug)]
pub struct SecondOrder {
    /// the same as [`Solver::solve`] gives
    pub solution: Solution,
    /// per direction v
    along: Vec<Along>,
}

/// Derivatives along one direction.
#[derive(Clone, Debug)]
struct Along {
    status: Status,
    /// weights and solutions of which the sum is the derivative
    moved: Vec<(f64, Solution)>,
    /// times x directions j x states
    values: Vec<f64>,
}

impl Along {
    fn new(status: Status, moved: Vec<(f64, Solution)>, count: usize) -> Self {
        let mut values = vec![if moved.is_empty() { f64::NAN } else { 0.0 }; count];
        for (weight, solution) in &moved {
            for (value, s) in values.iter_mut().zip(&solution.sensitivities) {
                *value += weight * s;
            }
        }
        Along {
            status,
            moved,
            values,
        }
    }
}

impl SecondOrder {
    /// d^2 state / d theta_j d v at output time k: one number a state, in the state's unit over those of the directions. `v` is a
    /// position among the directions `along` of the subject, j one among the problem's. NaN where [`status`](Self::status) is a failure.
    pub fn second(&self, k: usize, j: usize, v: usize) -> &[f64] {
        let (n, m) = (self.solution.state_count, self.solution.direction_count);
        assert!(j < m, "direction {j} of {m}");
        &self.along[v].values[(k * m + j) * n..(k * m + j + 1) * n]
    }

    /// How the derivatives along v ended. A base solve that failed fails them all.
    pub fn status(&self, v: usize) -> &Status {
        &self.along[v].status
    }

    /// Number of directions v.
    pub fn along(&self) -> usize {
        self.along.len()
    }

    /// The record itself, or the first failure as an error.
    pub fn finished(self) -> Result<SecondOrder, SolveError> {
        let all =
            std::iter::once(&self.solution.status).chain(self.along.iter().map(|v| &v.status));
        for status in all {
            if let Status::Failed { time, cause } = status.clone() {
                return Err(SolveError { time, cause });
            }
        }
        Ok(self)
    }

    /// Derivatives along v of what [`Solution::outputs_with_derivatives`] gives at output time k: of the total derivatives of
    /// `which` formulas along the directions (which.len() x directions, row-major) and of those by the placeholders
    /// (which.len() x placeholders), the placeholders held. NaN where [`status`](Self::status) is a failure.
    #[allow(clippy::too_many_arguments, reason = "a point and two results")]
    pub fn outputs(
        &self,
        outputs: &Outputs,
        k: usize,
        which: &[usize],
        placeholders: &[f64],
        v: usize,
        d_directions: &mut [f64],
        d_placeholders: &mut [f64],
    ) {
        let moved = &self.along[v].moved;
        let start = if moved.is_empty() { f64::NAN } else { 0.0 };
        d_directions.fill(start);
        d_placeholders.fill(start);
        let mut values = vec![0.0; which.len()];
        let (mut along, mut by_placeholder) = (d_directions.to_vec(), d_placeholders.to_vec());
        for (weight, solution) in moved {
            solution.outputs_with_derivatives(
                outputs,
                k,
                which,
                placeholders,
                &mut values,
                &mut along,
                &mut by_placeholder,
            );
            let sums = d_directions.iter_mut().chain(d_placeholders.iter_mut());
            for (sum, value) in sums.zip(along.iter().chain(&by_placeholder)) {
                *sum += weight * value;
            }
        }
    }
}

/// A repetition of a subject's steps with its parameters moved by so many of its steps along v.
#[derive(Clone, Copy)]
struct Move {
    subject: usize,
    v: usize,
    offset: f64,
}

/// What is repeated.
struct Base<'p> {
    problems: &'p [Problem<'p>],
    along: &'p [Vec<Vec<(Register, f64)>>],
    paths: &'p [Option<Box<Path>>],
}

impl Base<'_> {
    /// The step along v, and the direction without repeats.
    fn step(&self, subject: usize, v: usize) -> Option<(f64, Vec<(Register, f64)>)> {
        let path = self.paths[subject].as_deref()?;
        Some(scale::step(
            &self.problems[subject],
            path,
            &self.along[subject][v],
        ))
    }

    fn solve(&self, solver: &Solver, moves: &[Move]) -> Vec<Solution> {
        let mut vectors = Vec::with_capacity(moves.len());
        let mut sources = Vec::with_capacity(moves.len());
        for Move { subject, v, offset } in moves {
            let (Some((step, direction)), Some(path)) =
                (self.step(*subject, *v), self.paths[*subject].as_deref())
            else {
                continue;
            };
            let mut parameters = self.problems[*subject].parameters.to_vec();
            for (register, rate) in direction {
                parameters[register.0] += offset * step * rate;
            }
            vectors.push(parameters);
            sources.push((&self.problems[*subject], path));
        }
        let problems: Vec<Problem> = vectors
            .iter()
            .zip(&sources)
            .map(|(parameters, (problem, _))| Problem {
                parameters,
                ..**problem
            })
            .collect();
        let paths: Vec<&Path> = sources.iter().map(|(_, path)| *path).collect();
        solver.map_with(&problems, Steps::Repeated(&paths), |_, solution| solution)
    }
}

impl Solver<'_> {
    /// Integrates subjects, and differentiates their sensitivities along further directions: `along[i]` holds those of
    /// `problems[i]` (none where it is shorter), each a sparse seed on extended registers like [`Directions::seeds`](super::Directions). The
    /// registers move in proportion to a seed: second derivatives of the registers themselves are the caller's chain rule. A
    /// direction v needs no compiled derivatives of its own. Total, like [`solve`](Solver::solve); cost: two solves a direction.
    ///
    /// Needs a method whose steps can be repeated, Rodas5P or Tsit5
    /// ([`InvalidProblem::StepsOfItsOwn`](super::InvalidProblem::StepsOfItsOwn)). The tolerances bound the error of the states; ask for
    /// `error_control` or tighten them where the derivatives need as many digits. Where all v are directions j too, the derivatives are
    /// symmetric to about 1e-9 of the sensitivities without moving times and flips, and to the tolerance with them.
    ///
    /// ```
    /// use holobiont::network::{Network, Parameter, Reaction, Species};
    /// use holobiont::schedule::{Register, Schedule};
    /// use holobiont::solve::{Directions, Method, Problem, Solver, Tolerances, required_registers};
    ///
    /// let mut network = Network::new("decay");
    /// network.species("drug", Species::new(8.0))?;
    /// network.parameter("k", Parameter::new(0.5));
    /// network.reaction("elimination", Reaction::rate("k * drug").consumes("drug", 1.0))?;
    /// let system = network.compile()?;
    /// let schedule = Schedule::default();
    /// let seeds = [vec![(Register(0), 1.0)], vec![(Register(1), 1.0)]]; // k, and the start of the drug
    /// let tapes = system.sensitivity(&required_registers(&system, &schedule, &seeds))?;
    /// let problem = Problem {
    ///     system: &system,
    ///     parameters: system.parameters(),
    ///     schedule: &schedule,
    ///     times: &[2.0],
    ///     sensitivity: Some(Directions { tapes: &tapes, seeds: &seeds, error_control: true }),
    /// };
    /// let solver = Solver::new(&system, Method::default(), Tolerances { relative: 1e-8, absolute: 1e-10 });
    /// let all = solver.second_order(&[problem], &[seeds.to_vec()]);
    /// let second = all.into_iter().next().expect("one subject").finished()?;
    /// let left = 8.0 * (-1.0f64).exp(); // 8 e^{-k t}
    /// assert!((second.second(0, 0, 0)[0] - 4.0 * left).abs() < 1e-6); // d^2/dk^2
    /// assert!((second.second(0, 0, 1)[0] + 2.0 * left / 8.0).abs() < 1e-6); // d^2/dk d start
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn second_order(
        &self,
        problems: &[Problem],
        along: &[Vec<Vec<(Register, f64)>>],
    ) -> Vec<SecondOrder> {
        let mut solutions = self.map_with(problems, Steps::Recorded, |_, solution| solution);
        let along: Vec<Vec<Vec<(Register, f64)>>> = (0..problems.len())
            .map(|i| along.get(i).cloned().unwrap_or_default())
            .collect();
        let paths: Vec<Option<Box<Path>>> = solutions.iter_mut().map(|s| s.path.take()).collect();
        let base = Base {
            problems,
            along: &along,
            paths: &paths,
        };

        let mut results: Vec<Vec<Option<Along>>> = Vec::new();
        let mut moves = Vec::new();
        for (subject, solution) in solutions.iter().enumerate() {
            let refuse = |(v, seed): (usize, &Vec<(Register, f64)>)| match self.refuse_along(
                problems[subject],
                solution,
                v,
                seed,
            ) {
                Some(status) => Some(Along::new(status, Vec::new(), solution.sensitivities.len())),
                None => {
                    moves.extend([-1.0, 1.0].map(|offset| Move { subject, v, offset }));
                    None
                }
            };
            results.push(along[subject].iter().enumerate().map(refuse).collect());
        }

        let mut again = Vec::new();
        let mut sides = base.solve(self, &moves).into_iter();
        for pair in moves.chunks_exact(2) {
            let (Some(down), Some(up)) = (sides.next(), sides.next()) else {
                break;
            };
            let Move { subject, v, .. } = pair[0];
            let step = base.step(subject, v).map_or(f64::NAN, |(step, _)| step);
            let count = solutions[subject].sensitivities.len();
            let offset = match (&down.status, &up.status) {
                (Status::Finished, Status::Finished) => {
                    let weight = 0.5 / step;
                    let moved = vec![(-weight, down), (weight, up)];
                    results[subject][v] = Some(Along::new(Status::Finished, moved, count));
                    continue;
                }
                (Status::Finished, _) => -1.0,
                (_, Status::Finished) => 1.0,
                (failed, _) => {
                    results[subject][v] = Some(Along::new(failed.clone(), Vec::new(), count));
                    continue;
                }
            };
            again.extend([0.0, 1.0, 2.0].map(|k| Move {
                subject,
                v,
                offset: k * offset,
            }));
        }

        let mut points = base.solve(self, &again).into_iter();
        for three in again.chunks_exact(3) {
            let Move { subject, v, offset } = three[1];
            let step = base.step(subject, v).map_or(f64::NAN, |(step, _)| step);
            let weights = [-1.5, 2.0, -0.5].map(|weight| offset * weight / step);
            let moved: Vec<(f64, Solution)> = weights.into_iter().zip(points.by_ref()).collect();
            let failed = moved
                .iter()
                .find(|(_, solution)| solution.status != Status::Finished);
            let count = solutions[subject].sensitivities.len();
            results[subject][v] = Some(match failed.map(|(_, solution)| solution.status.clone()) {
                Some(status) => Along::new(status, Vec::new(), count),
                None => Along::new(Status::Finished, moved, count),
            });
        }

        let all = solutions.into_iter().zip(results);
        all.map(|(solution, along)| SecondOrder {
            solution,
            along: along
                .into_iter()
                .map(|v| v.expect("refused or solved above"))
                .collect(),
        })
        .collect()
    }

    /// Why nothing can be moved along a direction.
    fn refuse_along(
        &self,
        problem: Problem,
        solution: &Solution,
        direction: usize,
        seed: &[(Register, f64)],
    ) -> Option<Status> {
        if solution.status != Status::Finished {
            return Some(solution.status.clone());
        }
        let count = problem.parameters.len();
        let invalid = match seed.iter().find(|(register, _)| register.0 >= count) {
            _ if matches!(self.method(), Method::Dopri5(_) | Method::Dop853(_)) => {
                InvalidProblem::StepsOfItsOwn
            }
            Some((register, _)) => InvalidProblem::Seed {
                direction,
                register: register.0,
                count,
            },
            None => return None,
        };
        Some(Status::Failed {
            time: f64::NEG_INFINITY,
            cause: Cause::Invalid(invalid),
        })
    }
}
