//! One local search from one start, by either method, run by argmin's `Executor`.

use super::checkpoint::RunningStart;
use super::lbfgs::{LbfgsOptions, run_lbfgs};
use super::objective::{Objective, Order};
use super::parameters::Search;
use super::trust_region::{
    Counts, Record, StopReason, TrustRegion, TrustRegionOptions, TrustRegionState,
};
use argmin::core::checkpointing::Checkpoint;
use argmin::core::{CostFunction, Error, Executor, Gradient, State, TerminationReason};
use serde::{Deserialize, Serialize};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

/// The local search and its options.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LocalMethod {
    /// the bounded trust region on the Gauss-Newton matrix (the default)
    TrustRegion(TrustRegionOptions),
    /// argmin's L-BFGS with backtracking
    Lbfgs(LbfgsOptions),
}

impl Default for LocalMethod {
    fn default() -> Self {
        LocalMethod::TrustRegion(TrustRegionOptions::default())
    }
}

/// Told of progress, from any thread.
pub trait Observer: Sync {
    /// An iteration of start `start` ended with this value.
    fn iteration(&self, start: usize, record: &Record) {
        let _ = (start, record);
    }
    /// A run of SAEM (counted from 0) made `done` of `all` iterations; a further round makes `all` more.
    fn saem_iteration(&self, run: usize, done: usize, all: usize) {
        let _ = (run, done, all);
    }
    /// A start ended.
    fn finished(&self, start: usize, value: Option<f64>, stop: &StopReason) {
        let _ = (start, value, stop);
    }
    /// A point of the profile of a search entry was found, with its objective above the best.
    fn profile_point(&self, entry: usize, rise: f64) {
        let _ = (entry, rise);
    }
    /// The profile of a search entry is finished.
    fn profile_finished(&self, entry: usize) {
        let _ = entry;
    }
    /// A profile met a point below the best: all profiles begin anew from there.
    fn profile_restart(&self, entry: usize, value: f64) {
        let _ = (entry, value);
    }
}

/// What may end a search from outside, and who is told of its progress.
#[derive(Clone, Copy, Default)]
pub struct Control<'a> {
    /// raised to stop at the next iteration; the best so far is kept
    pub stop: Option<&'a AtomicBool>,
    /// stop at the first iteration after this instant
    pub deadline: Option<Instant>,
    /// told of every iteration and every finished start
    pub observer: Option<&'a dyn Observer>,
    /// number given to the observer
    pub start: usize,
}

impl Control<'_> {
    /// The reason to stop now, if there is one.
    pub(crate) fn stop_now(&self) -> Option<StopReason> {
        if self.stop.is_some_and(|flag| flag.load(Ordering::Relaxed)) {
            Some(StopReason::Interrupted)
        } else if self.deadline.is_some_and(|at| Instant::now() >= at) {
            Some(StopReason::Timeout)
        } else {
            None
        }
    }
}

/// An [`Objective`] as an argmin problem. argmin asks for cost and gradient apart: the last evaluation with derivatives is kept,
/// the one memo there is. Where the objective is infeasible the cost is plus infinity, never NaN.
pub struct Adapter<'a> {
    pub(super) objective: &'a dyn Objective,
    pub(super) control: Control<'a>,
    last: std::sync::Mutex<Option<Kept>>,
}

/// A point and the gradient there.
type Kept = (Vec<f64>, Vec<f64>);

impl<'a> Adapter<'a> {
    /// An argmin problem for [`TrustRegion`] or any argmin solver that wants cost and gradient.
    pub fn new(objective: &'a dyn Objective) -> Self {
        Self::controlled(objective, Control::default())
    }

    /// The same with a stop flag, a deadline and an observer.
    pub fn controlled(objective: &'a dyn Objective, control: Control<'a>) -> Self {
        Adapter {
            objective,
            control,
            last: std::sync::Mutex::new(None),
        }
    }
}

impl CostFunction for Adapter<'_> {
    type Param = Vec<f64>;
    type Output = f64;

    fn cost(&self, x: &Vec<f64>) -> Result<f64, Error> {
        let mut out = super::objective::Derivatives::new(self.objective.layout());
        let answer = self
            .objective
            .evaluate(&Search(x.clone()), Order::Value, &mut out);
        Ok(answer
            .value()
            .filter(|v| v.is_finite())
            .unwrap_or(f64::INFINITY))
    }
}

impl Gradient for Adapter<'_> {
    type Param = Vec<f64>;
    type Gradient = Vec<f64>;

    fn gradient(&self, x: &Vec<f64>) -> Result<Vec<f64>, Error> {
        let mut last = self
            .last
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some((at, gradient)) = &*last
            && at == x
        {
            return Ok(gradient.clone());
        }
        let mut out = super::objective::Derivatives::new(self.objective.layout());
        let answer = self
            .objective
            .evaluate(&Search(x.clone()), Order::Gradient, &mut out);
        match answer.value() {
            Some(_) if out.gradient.iter().all(|g| g.is_finite()) => {
                *last = Some((x.clone(), out.gradient.clone()));
                Ok(out.gradient)
            }
            _ => Err(Error::msg(format!("no gradient: {answer}"))),
        }
    }
}

/// What a local search found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LocalFit {
    /// last accepted point on the search scale
    pub x: Search,
    /// value there; none when no feasible point was found
    pub value: Option<f64>,
    /// why it ended
    pub stop: StopReason,
    /// iterations made
    pub iterations: u64,
    /// evaluations made
    pub counts: Counts,
    /// values, gradients and radii, iteration by iteration
    pub history: Vec<Record>,
}

impl LocalFit {
    /// A search that was never begun.
    pub(super) fn unstarted(start: &Search) -> Self {
        LocalFit {
            x: start.clone(),
            value: None,
            stop: StopReason::Interrupted,
            iterations: 0,
            counts: Counts::default(),
            history: Vec::new(),
        }
    }
}

/// Runs one local search within box bounds on the search scale.
///
/// ```
/// use holobiont::fit::{local_fit, Control, Derivatives, Evaluation, LocalMethod, Objective, Order, Search};
/// struct Bowl;
/// impl Objective for Bowl {
///     fn dim(&self) -> usize { 1 }
///     fn evaluate(&self, x: &Search, want: Order, out: &mut Derivatives) -> Evaluation {
///         let r = x.0[0] - 3.0;
///         if want > Order::Value {
///             out.clear();
///             out.gradient[0] = r;
///             out.curvature.add_diagonal(0, 1.0);
///         }
///         Evaluation::Value(0.5 * r * r)
///     }
/// }
/// let fit = local_fit(&Bowl, (&[0.0], &[2.0]), &Search(vec![1.0]), &LocalMethod::default(), Control::default());
/// assert_eq!(fit.x.0, vec![2.0]); // the bound is active
/// ```
pub fn local_fit(
    objective: &dyn Objective,
    bounds: (&[f64], &[f64]),
    start: &Search,
    method: &LocalMethod,
    control: Control<'_>,
) -> LocalFit {
    run_local(objective, bounds, start, method, control, None)
}

pub(super) fn run_local(
    objective: &dyn Objective,
    (lower, upper): (&[f64], &[f64]),
    start: &Search,
    method: &LocalMethod,
    control: Control<'_>,
    running: Option<RunningStart>,
) -> LocalFit {
    match method {
        LocalMethod::TrustRegion(options) => {
            let solver = TrustRegion::new(lower.to_vec(), upper.to_vec(), *options);
            run_trust_region(objective, solver, start, control, running)
        }
        LocalMethod::Lbfgs(options) => {
            run_lbfgs(objective, (lower, upper), start, options, control)
        }
    }
}

fn run_trust_region(
    objective: &dyn Objective,
    solver: TrustRegion,
    start: &Search,
    control: Control<'_>,
    running: Option<RunningStart>,
) -> LocalFit {
    let adapter = Adapter::controlled(objective, control);
    let executor = Executor::new(adapter, solver)
        .timer(false)
        .ctrlc(false)
        .configure(|state: TrustRegionState| state.param(start.0.clone()));
    let executor = match running {
        Some(running) => executor.checkpointing(running),
        None => executor,
    };
    let outcome = match executor.run() {
        Ok(outcome) => outcome,
        Err(error) => {
            return LocalFit {
                stop: StopReason::Failed {
                    message: error.to_string(),
                },
                ..LocalFit::unstarted(start)
            };
        }
    };
    let (solver, mut state) = (outcome.solver, outcome.state);
    let stop =
        solver
            .stop_reason()
            .cloned()
            .unwrap_or_else(|| match state.get_termination_reason() {
                Some(TerminationReason::MaxItersReached) => StopReason::MaxIterations,
                Some(TerminationReason::Timeout) => StopReason::Timeout,
                Some(TerminationReason::Interrupt) => StopReason::Interrupted,
                other => StopReason::Failed {
                    message: format!("{other:?}"),
                },
            });
    LocalFit {
        value: solver.current_value(),
        stop,
        iterations: state.get_iter(),
        counts: solver.counts(),
        history: solver.history().to_vec(),
        x: Search(state.take_param().unwrap_or_else(|| start.0.clone())),
    }
}

/// Saves the running search every few iterations and loads what an earlier run left.
impl Checkpoint<TrustRegion, TrustRegionState> for RunningStart {
    fn save(&self, solver: &TrustRegion, state: &TrustRegionState) -> Result<(), Error> {
        // an iteration cut short by a stop flag made no step: the last whole one stays
        let cut = matches!(
            solver.stop_reason(),
            Some(StopReason::Interrupted | StopReason::Timeout)
        );
        if cut {
            return Ok(());
        }
        if let (Some(x), Some(value)) = (state.get_param(), solver.current_value()) {
            self.write(x, value, state.get_iter(), &solver.memory)?;
        }
        Ok(())
    }

    fn load(&self) -> Result<Option<(TrustRegion, TrustRegionState)>, Error> {
        let Some(saved) = self.read()? else {
            return Ok(None);
        };
        let (lower, upper) = self.bounds.clone();
        let solver = TrustRegion::new(lower, upper, self.options).resume(saved.memory);
        let mut state = TrustRegionState::new()
            .param(saved.x)
            .cost(saved.value)
            .max_iters(self.options.max_iterations);
        state.update();
        state.iter = saved.iteration;
        Ok(Some((solver, state)))
    }

    fn frequency(&self) -> argmin::core::checkpointing::CheckpointingFrequency {
        argmin::core::checkpointing::CheckpointingFrequency::Every(self.every)
    }
}
