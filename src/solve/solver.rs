//! Many subjects of one system: how wide their lanes are, which thread takes whom, and memory that is used again.
//!
//! Subjects wait in one queue, those with most to do first; every thread fills its lanes from it. Who is computed by whom
//! decides nothing about the numbers.
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, OnceLock};

use super::{
    Cause, InvalidProblem, Method, Problem, Solution, Status, Tolerances,
    dormand_prince::{DormandPrince5, DormandPrince8},
    driver::{Group, Lanes, Run, Steps},
    exponential::MatrixExponential,
    rodas5p::Rosenbrock,
    tsit5::Tsitouras,
};
use crate::compile::{Sensitivity, System};
use crate::lanes::InstructionSet;

/// Integrates one subject. Total: never panics, never `Err` on numbers.
///
/// The result is a record with a [`Status`]; [`Solution::finished`] turns a failure into an error.
///
/// ```
/// use holobiont::compile::System;
/// use holobiont::network::{Network, Parameter, Reaction, Species};
/// use holobiont::schedule::Schedule;
/// use holobiont::solve::{Method, Problem, Tolerances, solve};
///
/// let mut network = Network::new("decay");
/// network.species("drug", Species::new(8.0))?;
/// network.parameter("k", Parameter::new(0.5));
/// network.reaction("elimination", Reaction::rate("k * drug").consumes("drug", 1.0))?;
/// let system = System::compile(&network.check().expect("a sound network").equations())?;
///
/// let schedule = Schedule::default();
/// let parameters = schedule.extend(system.parameters());
/// let times = [0.0, 1.0, 2.0];
/// let problem = Problem { system: &system, parameters: &parameters, schedule: &schedule, times: &times, sensitivity: None };
/// let solution = solve(&problem, &Method::default(), &Tolerances::default()).finished()?;
/// assert!((solution.states(2)[0] - 8.0 * (-1.0f64).exp()).abs() < 1e-5);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn solve(problem: &Problem, method: &Method, tolerances: &Tolerances) -> Solution {
    Solver::new(problem.system, *method, *tolerances).solve(problem)
}

/// Integrates many subjects of one system, in lanes; results in the order given, the same bits as [`solve`].
///
/// Subjects may differ in parameters, schedules, output times and directions; those that share sensitivity tapes share
/// lanes. Explicit methods of ode_solvers run one subject at a time. See [`Solver`] for more calls of the same kind, other
/// numbers of threads, and results that are not kept.
pub fn solve_many(problems: &[Problem], method: &Method, tolerances: &Tolerances) -> Vec<Solution> {
    match problems.first() {
        Some(first) => Solver::new(first.system, *method, *tolerances).solve_many(problems),
        None => Vec::new(),
    }
}

/// How a [`Solver`] uses the machine. Nothing here changes a bit of a result.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Machine {
    /// subjects side by side: 1, 4, 8 or 16 (others are rounded down); None: by the number of subjects and the processor
    pub lanes: Option<usize>,
    /// threads at work; None: all of the current pool of rayon (one without the feature `parallel`)
    pub threads: Option<usize>,
    /// None: the best of the processor
    pub instructions: Option<InstructionSet>,
}

/// Integrates subjects of one system again and again: keeps the memory of its lanes from call to call.
///
/// ```
/// use holobiont::network::{Network, Parameter, Reaction, Species};
/// use holobiont::schedule::Schedule;
/// use holobiont::solve::{Method, Problem, Solver, Tolerances};
///
/// let mut network = Network::new("decay");
/// network.species("drug", Species::new(8.0))?;
/// network.parameter("k", Parameter::new(0.5));
/// network.reaction("elimination", Reaction::rate("k * drug").consumes("drug", 1.0))?;
/// let system = network.compile()?;
/// let schedule = Schedule::default();
/// let rates = [0.5, 1.0, 2.0].map(|k| [k, 8.0]); // k, and the start of the drug
/// assert_eq!(system.parameter_ids(), ["k", "initial(drug)"]);
/// let problems = rates.each_ref().map(|parameters| Problem {
///     system: &system, parameters, schedule: &schedule, times: &[1.0], sensitivity: None,
/// });
/// let solver = Solver::new(&system, Method::default(), Tolerances::default());
/// // only what is wanted of each solution is kept
/// let left = solver.map(&problems, |_, solution| solution.states(0)[0]);
/// for (left, [k, start]) in left.iter().zip(rates) {
///     assert!((left - start * (-k).exp()).abs() < 1e-5);
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Solver<'a> {
    system: &'a System,
    method: Method,
    tolerances: Tolerances,
    machine: Machine,
    /// lane groups that nobody uses at the moment, at most one a thread
    spare: Mutex<Vec<Box<dyn Group + 'a>>>,
    /// derivatives by states alone, for regimens of subjects without directions
    by_states: OnceLock<Sensitivity>,
}

/// Subjects that share lanes.
struct Sharing<'p> {
    tapes: Option<&'p Sensitivity>,
    /// whether they need a direction for each start value
    repeats: bool,
    queue: Vec<usize>,
}

impl std::fmt::Debug for Solver<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Solver")
            .field("system", &self.system.id())
            .field("method", &self.method)
            .field("tolerances", &self.tolerances)
            .field("machine", &self.machine)
            .finish_non_exhaustive()
    }
}

impl<'a> Solver<'a> {
    /// For subjects of `system`.
    pub fn new(system: &'a System, method: Method, tolerances: Tolerances) -> Self {
        Solver {
            system,
            method,
            tolerances,
            machine: Machine::default(),
            spare: Mutex::new(Vec::new()),
            by_states: OnceLock::new(),
        }
    }

    /// The same with other lanes or threads.
    pub fn on(self, machine: Machine) -> Self {
        Solver { machine, ..self }
    }

    /// The method.
    pub fn method(&self) -> &Method {
        &self.method
    }

    /// The tolerances.
    pub fn tolerances(&self) -> &Tolerances {
        &self.tolerances
    }

    /// Integrates one subject. Total, like [`solve`].
    pub fn solve(&self, problem: &Problem) -> Solution {
        let mut solutions = self.solve_many(std::slice::from_ref(problem));
        solutions.pop().expect("one solution per problem")
    }

    /// Integrates many subjects; results in the order given.
    pub fn solve_many(&self, problems: &[Problem]) -> Vec<Solution> {
        self.map(problems, |_, solution| solution)
    }

    /// Integrates many subjects and keeps of each what `each` makes of its position and solution, in the order given. `each`
    /// runs in the thread that integrated the subject.
    pub fn map<R: Send>(
        &self,
        problems: &[Problem],
        each: impl Fn(usize, Solution) -> R + Sync,
    ) -> Vec<R> {
        self.map_with(problems, Steps::Chosen, each)
    }

    /// The same, and every solution keeps its steps, to be repeated.
    pub(crate) fn map_recorded<R: Send>(
        &self,
        problems: &[Problem],
        each: impl Fn(usize, Solution) -> R + Sync,
    ) -> Vec<R> {
        self.map_with(problems, Steps::Recorded, each)
    }

    /// Integrates subjects with the steps of others, whose parameters differ a little: what comes out depends smoothly on the
    /// parameters. `like` are solutions of [`map_recorded`](Self::map_recorded), one a problem; one without steps fails.
    pub(crate) fn map_repeated<R: Send>(
        &self,
        problems: &[Problem],
        like: &[&Solution],
        each: impl Fn(usize, Solution) -> R + Sync,
    ) -> Vec<R> {
        let none = super::path::Path::default();
        let paths: Vec<_> = like
            .iter()
            .map(|solution| solution.path.as_deref().unwrap_or(&none))
            .collect();
        self.map_with(problems, Steps::Repeated(&paths), each)
    }

    /// The same, with steps that are recorded or repeated.
    pub(super) fn map_with<R: Send>(
        &self,
        problems: &[Problem],
        steps: Steps,
        each: impl Fn(usize, Solution) -> R + Sync,
    ) -> Vec<R> {
        let mut results: Vec<Option<R>> = problems.iter().map(|_| None).collect();
        for mut sharing in self.sort(problems, &mut |index, solution| {
            results[index] = Some(each(index, solution));
        }) {
            // stable: those of equal work stay in order
            let by_work = |a: &usize, b: &usize| {
                let work = |index: usize| work(&problems[index]);
                work(*b).total_cmp(&work(*a))
            };
            sharing.queue.sort_by(by_work);
            for (index, result) in self.run((problems, steps), &sharing, &each) {
                results[index] = Some(result);
            }
        }
        let results = results.into_iter();
        results
            .map(|result| result.expect("every subject was queued or refused"))
            .collect()
    }

    /// The subjects of each set of tapes; those that cannot be queued are refused at once.
    fn sort<'p>(
        &'p self,
        problems: &'p [Problem],
        refused: &mut dyn FnMut(usize, Solution),
    ) -> Vec<Sharing<'p>> {
        let mut groups: Vec<Sharing<'p>> = Vec::new();
        for (index, problem) in problems.iter().enumerate() {
            if let Some(cause) = self.refuse(problem) {
                let directions = problem.sensitivity.map_or(0, |d| d.seeds.len());
                let system = problem.system;
                let mut solution = Solution::empty(
                    problem.times,
                    system.state_ids().len(),
                    directions,
                    system.register_count(),
                );
                let time = f64::NEG_INFINITY;
                solution.status = Status::Failed { time, cause };
                refused(index, solution);
                continue;
            }
            let repeats = !problem.schedule.regimens.is_empty();
            let own = problem.sensitivity.map(|d| d.tapes);
            let tapes = match own {
                None if repeats => Some(self.by_states()),
                own => own,
            };
            let same = |other: &Option<&Sensitivity>| match (other, tapes) {
                (None, None) => true,
                (Some(a), Some(b)) => a.is(b),
                _ => false,
            };
            let fits = |group: &&mut Sharing| group.repeats == repeats && same(&group.tapes);
            match groups.iter_mut().find(fits) {
                Some(group) => group.queue.push(index),
                None => groups.push(Sharing {
                    tapes,
                    repeats,
                    queue: vec![index],
                }),
            }
        }
        groups
    }

    fn by_states(&self) -> &Sensitivity {
        self.by_states.get_or_init(|| {
            let none = self.system.sensitivity(&[]);
            none.expect("derivatives by states are those of the Jacobian, which was compiled")
        })
    }

    /// What no method or not this method can do.
    fn refuse(&self, problem: &Problem) -> Option<Cause> {
        if !std::ptr::eq(problem.system, self.system) {
            return Some(Cause::Invalid(InvalidProblem::OtherSystem));
        }
        if matches!(self.method, Method::Exponential(_)) && !problem.system.is_linear() {
            return Some(Cause::NotLinear);
        }
        if problem.system.mass().contains(&0.0) && !self.method.solves_algebraic() {
            return Some(Cause::AlgebraicWithExplicitMethod);
        }
        None
    }

    /// Integrates the queued subjects on all threads.
    fn run<R: Send>(
        &self,
        (problems, steps): (&[Problem], Steps),
        sharing: &Sharing,
        each: &(impl Fn(usize, Solution) -> R + Sync),
    ) -> Vec<(usize, R)> {
        let count = |&index: &usize| problems[index].sensitivity.map_or(0, |d| d.seeds.len());
        let Sharing {
            tapes,
            repeats,
            queue,
        } = sharing;
        let start_values = match repeats {
            true => self.system.state_ids().len(),
            false => 0,
        };
        let directions = queue.iter().map(count).max().unwrap_or(0) + start_values;
        let threads = self.threads().clamp(1, queue.len().max(1));
        let share = queue.len().div_ceil(threads);
        let width = self.width(share);
        let run = Run {
            problems,
            steps,
            max_steps: self.method.max_steps(),
            tolerances: &self.tolerances,
        };
        let next = AtomicUsize::new(0);
        let work = |_: usize| -> Vec<(usize, R)> {
            let mut results = Vec::new();
            let mut waiting =
                std::iter::from_fn(|| queue.get(next.fetch_add(1, Ordering::Relaxed)).copied());
            let mut group = self.group(width, *tapes, directions);
            group.drive(&run, &mut waiting, share, &mut |index, solution| {
                results.push((index, each(index, solution)));
            });
            self.keep(group);
            results
        };
        #[cfg(feature = "parallel")]
        if threads > 1 {
            use rayon::prelude::*;
            return (0..threads).into_par_iter().flat_map_iter(work).collect();
        }
        work(0)
    }

    fn threads(&self) -> usize {
        #[cfg(feature = "parallel")]
        let all = rayon::current_num_threads();
        #[cfg(not(feature = "parallel"))]
        let all = 1;
        self.machine.threads.unwrap_or(all)
    }

    fn instructions(&self) -> InstructionSet {
        self.machine
            .instructions
            .unwrap_or_else(InstructionSet::detect)
    }

    /// Lanes for a number of subjects.
    pub(super) fn lanes_for(&self, subjects: usize) -> usize {
        let threads = self.threads().clamp(1, subjects.max(1));
        self.width(subjects.div_ceil(threads))
    }

    /// Lanes for `share` subjects a thread.
    fn width(&self, share: usize) -> usize {
        let scalar = matches!(self.method, Method::Dopri5(_) | Method::Dop853(_));
        let wished = match self.machine.lanes {
            _ if scalar => 1,
            Some(lanes) => lanes,
            None if share <= 1 => 1,
            None => self.instructions().width().max(4),
        };
        match wished {
            16.. => 16,
            8.. => 8,
            4.. => 4,
            _ => 1,
        }
    }

    /// A lane group: a spare one, or a new one.
    fn group(
        &self,
        width: usize,
        tapes: Option<&Sensitivity>,
        directions: usize,
    ) -> Box<dyn Group + 'a> {
        let mut spare = self.spare.lock().unwrap_or_else(|e| e.into_inner());
        if let Some(at) = spare.iter().position(|g| g.fits(width, tapes, directions)) {
            return spare.swap_remove(at);
        }
        drop(spare);
        let (system, tolerances, set) = (self.system, &self.tolerances, self.instructions());
        macro_rules! lanes {
            ($stepper:ty, $width:literal) => {
                Box::new(Lanes::<$stepper, $width>::new(
                    system, tapes, directions, tolerances, set,
                ))
            };
        }
        match (self.method, width) {
            (Method::Rodas5P(_), 16) => lanes!(Rosenbrock<16>, 16),
            (Method::Rodas5P(_), 8) => lanes!(Rosenbrock<8>, 8),
            (Method::Rodas5P(_), 4) => lanes!(Rosenbrock<4>, 4),
            (Method::Rodas5P(_), _) => lanes!(Rosenbrock<1>, 1),
            (Method::Tsit5(_), 16) => lanes!(Tsitouras<16>, 16),
            (Method::Tsit5(_), 8) => lanes!(Tsitouras<8>, 8),
            (Method::Tsit5(_), 4) => lanes!(Tsitouras<4>, 4),
            (Method::Tsit5(_), _) => lanes!(Tsitouras<1>, 1),
            (Method::Exponential(_), 16) => lanes!(MatrixExponential<16>, 16),
            (Method::Exponential(_), 8) => lanes!(MatrixExponential<8>, 8),
            (Method::Exponential(_), 4) => lanes!(MatrixExponential<4>, 4),
            (Method::Exponential(_), _) => lanes!(MatrixExponential<1>, 1),
            // scalar programs
            (Method::Dopri5(_), _) => lanes!(DormandPrince5, 1),
            (Method::Dop853(_), _) => lanes!(DormandPrince8, 1),
        }
    }

    /// Keeps a lane group for the next call.
    fn keep(&self, group: Box<dyn Group + 'a>) {
        let mut spare = self.spare.lock().unwrap_or_else(|e| e.into_inner());
        if spare.len() >= self.threads().max(1) {
            spare.remove(0);
        }
        spare.push(group);
    }

    /// Bytes that the lanes kept for the next call take.
    pub fn memory(&self) -> usize {
        let spare = self.spare.lock().unwrap_or_else(|e| e.into_inner());
        spare.iter().map(|group| group.bytes()).sum()
    }
}

/// Expected work of a subject: every breakpoint starts the steps anew, every direction is carried along.
fn work(problem: &Problem) -> f64 {
    let schedule = problem.schedule;
    let knots: usize = schedule.inputs.iter().map(|table| table.knots.len()).sum();
    let repeated: usize = schedule.regimens.iter().map(|r| 3 + r.doses.len()).sum();
    let given = schedule.doses.len() + 2 * schedule.infusions.len() + 2 * repeated;
    let stops = schedule.periods.len() + given + knots;
    let directions = problem.sensitivity.map_or(0, |d| d.seeds.len());
    let last = problem.times.iter().rfind(|t| t.is_finite());
    let first = problem.times.first().filter(|t| t.is_finite());
    let span = last.zip(first).map_or(0.0, |(last, first)| last - first);
    // spans of one cohort are alike; they order those that are alike in all else
    (1.0 + stops as f64) * (10.0 + directions as f64) + span / (1.0 + span.abs())
}
