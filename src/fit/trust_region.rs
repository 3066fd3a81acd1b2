//! A bounded trust region for likelihoods, as an argmin `Solver`.
//!
//! Each iteration minimises the Gauss-Newton model of the objective within the box of the parameters and a trust radius
//! (`step.rs`), evaluates the trial point and compares the fall of the objective with the fall the model promised. Bounds may
//! be active at the optimum. An infeasible trial (a failed solve) is counted and shrinks the radius; it is never accepted.
//! What the Gauss-Newton matrix leaves out is learnt along the way (`secant.rs`); bent valleys are followed by a second step
//! (`valley.rs`). See [`Scaling`] for what a radius means.

use super::local::Adapter;
use super::objective::{Derivatives, Evaluation, Order};
use super::parameters::Search;
use super::secant::Secant;
use super::step::Model;
use super::valley::{self, First, Patience};
use argmin::core::{
    Error, IterState, KV, Problem, Solver, State, TerminationReason, TerminationStatus,
};
use serde::{Deserialize, Serialize};

/// Options of [`TrustRegion`].
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct TrustRegionOptions {
    /// most iterations (trial points)
    pub max_iterations: u64,
    /// stop when the model promises less than this, relative to 1 + |value|; below the errors of the solver (its relative
    /// tolerance, about) it may be out of reach, and the search ends with [`StopReason::Step`]
    pub value_tolerance: f64,
    /// stop when no component of the projected gradient, scaled by the curvature, exceeds this
    pub gradient_tolerance: f64,
    /// stop when the radius only allows steps below this, relative to 1 + |x|
    pub step_tolerance: f64,
    /// first radius in scaled variables; by default 1 with [`Scaling::Box`], the length of the scaled gradient with
    /// [`Scaling::Curvature`]
    pub initial_radius: Option<f64>,
    /// what a radius means
    pub scaling: Scaling,
    /// whether the Gauss-Newton matrix is corrected by what gradients along the way tell (searches of at most 256 entries)
    pub secant: bool,
}

/// The variables in which the trust region is a ball.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scaling {
    /// the unit is a tenth of the width of the box, and one standard deviation, as the Gauss-Newton matrix has it, where there
    /// is no box: parameters that the data say little about do not run to their bounds at once
    #[default]
    Box,
    /// the unit is one standard deviation, as the Gauss-Newton matrix has it
    Curvature,
}

impl Default for TrustRegionOptions {
    fn default() -> Self {
        TrustRegionOptions {
            max_iterations: 300,
            value_tolerance: 1e-9,
            gradient_tolerance: 1e-6,
            step_tolerance: 1e-10,
            initial_radius: None,
            scaling: Scaling::default(),
            secant: true,
        }
    }
}

/// Why a local search ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "reason", rename_all = "snake_case")]
#[non_exhaustive]
pub enum StopReason {
    /// the projected gradient vanished
    Gradient,
    /// no further fall of the value is in sight
    Value,
    /// steps became too small while the gradient did not vanish: value and derivatives do not agree to more digits, or the
    /// objective has a kink; not an optimum that anyone vouches for
    Step,
    /// the most iterations were made
    MaxIterations,
    /// a search of a set length ran to its end
    Finished,
    /// the time was up
    Timeout,
    /// someone asked to stop
    Interrupted,
    /// there is no value at the start
    InfeasibleStart {
        /// subject, time and cause
        message: String,
    },
    /// a search from argmin gave up
    Failed {
        /// its message
        message: String,
    },
}

impl StopReason {
    /// Whether the search ended at what it takes for an optimum.
    pub fn is_converged(&self) -> bool {
        matches!(self, StopReason::Gradient | StopReason::Value)
    }
}

/// Work done by a local search.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// evaluations of the value alone
    pub values: u64,
    /// evaluations with derivatives
    pub gradients: u64,
    /// how many of them were infeasible
    pub infeasible: u64,
}

/// One line of a search's history.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// iteration, from 0 (the start)
    pub iteration: u64,
    /// objective at the current point
    pub value: f64,
    /// largest component of the projected gradient, scaled by the curvature
    pub gradient: f64,
    /// trust radius (0 where the method has none)
    pub radius: f64,
}

/// A fall of the objective for which it is worthwhile to begin anew with a fresh radius.
const WORTHWHILE: f64 = 0.01;

/// The bounded trust region. Run it with argmin's `Executor` on an [`Adapter`]; the parameter vector is the search vector.
#[derive(Clone, Debug)]
pub struct TrustRegion {
    options: TrustRegionOptions,
    pub(super) lower: Vec<f64>,
    pub(super) upper: Vec<f64>,
    pub(super) memory: Memory,
    pub(super) current: Option<(f64, Derivatives)>,
    stop: Option<StopReason>,
}

/// All that a search needs, besides its current point, to go on with the same bits.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Memory {
    pub radius: f64,
    lambda: f64,
    scaling: Vec<f64>,
    pub secant: Option<Secant>,
    #[serde(default)]
    pub patience: Patience,
    /// the value where the search last began anew
    #[serde(default)]
    began: Option<f64>,
    pub counts: Counts,
    pub history: Vec<Record>,
}

/// The state that argmin keeps for [`TrustRegion`].
pub type TrustRegionState = IterState<Vec<f64>, Vec<f64>, (), (), (), f64>;

impl TrustRegion {
    /// A search within box bounds on the search scale (infinite bounds allowed).
    pub fn new(lower: Vec<f64>, upper: Vec<f64>, options: TrustRegionOptions) -> Self {
        TrustRegion {
            options,
            lower,
            upper,
            memory: Memory::default(),
            current: None,
            stop: None,
        }
    }

    /// Goes on from a saved memory; the executor's state must hold the point and the iteration.
    pub(super) fn resume(mut self, memory: Memory) -> Self {
        self.memory = memory;
        self
    }

    /// Why the search ended, if it ended by itself.
    pub fn stop_reason(&self) -> Option<&StopReason> {
        self.stop.as_ref()
    }

    /// The value at the current point; none before the start or when the start is infeasible.
    pub fn current_value(&self) -> Option<f64> {
        self.current.as_ref().map(|(value, _)| *value)
    }

    /// Work done so far.
    pub fn counts(&self) -> Counts {
        self.memory.counts
    }

    /// Values, gradients and radii, iteration by iteration.
    pub fn history(&self) -> &[Record] {
        &self.memory.history
    }

    pub(super) fn evaluate(
        &mut self,
        problem: &mut Problem<Adapter<'_>>,
        x: &[f64],
        want: Order,
        out: &mut Derivatives,
    ) -> Result<Evaluation, Error> {
        let counter = if want == Order::Value {
            self.memory.counts.values += 1;
            "cost_count"
        } else {
            self.memory.counts.gradients += 1;
            "gradient_count"
        };
        let x = Search(x.to_vec());
        let answer = problem.problem(counter, |p| Ok(p.objective.evaluate(&x, want, out)))?;
        let sound = match &answer {
            Evaluation::Value(value) => {
                value.is_finite() && (want == Order::Value || out.is_finite())
            }
            Evaluation::Infeasible { .. } => false,
        };
        if sound {
            return Ok(answer);
        }
        self.memory.counts.infeasible += 1;
        Ok(match answer {
            Evaluation::Value(_) => Evaluation::non_finite(),
            infeasible @ Evaluation::Infeasible { .. } => infeasible,
        })
    }

    /// Evaluates the current point with derivatives; an infeasible one ends the search.
    fn begin(
        &mut self,
        problem: &mut Problem<Adapter<'_>>,
        x: &[f64],
    ) -> Result<Evaluation, Error> {
        let layout = problem
            .problem
            .as_ref()
            .expect("the executor holds the problem")
            .objective
            .layout();
        let mut derivatives = Derivatives::new(layout);
        let answer = self.evaluate(problem, x, Order::GaussNewton, &mut derivatives)?;
        if let Evaluation::Value(value) = &answer {
            self.current = Some((*value, derivatives));
        } else {
            self.stop = Some(StopReason::InfeasibleStart {
                message: answer.to_string(),
            });
        }
        Ok(answer)
    }

    /// D; of what comes from the current curvature, what was large before decays, so that one wild point does not rule for ever.
    pub(super) fn rescale(&mut self) {
        let Some((_, derivatives)) = &self.current else {
            return;
        };
        let first = self.memory.scaling.is_empty();
        let spreads = spreads(derivatives);
        let scaling = spreads.into_iter().enumerate().map(|(i, now)| {
            let width = self.upper[i] - self.lower[i];
            if self.options.scaling == Scaling::Box && width.is_finite() && width > 0.0 {
                10.0 / width
            } else if first {
                now
            } else {
                now.max(0.5 * self.memory.scaling[i])
            }
        });
        self.memory.scaling = scaling.collect();
    }

    fn record(&mut self, iteration: u64, x: &[f64]) -> f64 {
        let Some((value, derivatives)) = &self.current else {
            return f64::INFINITY;
        };
        let (lower, upper) = self.room(x);
        let model = self.model(derivatives, &lower, &upper);
        let gradient = model
            .projected_gradient()
            .iter()
            .zip(spreads(derivatives))
            .fold(0.0_f64, |worst, (g, d)| worst.max((g / d).abs()));
        self.memory.history.push(Record {
            iteration,
            value: *value,
            gradient,
            radius: self.memory.radius,
        });
        gradient
    }

    /// Forgets radius and correction, where the search came down since it last did so.
    fn begin_anew(&mut self, value: f64) -> bool {
        let from = self.memory.began;
        if from.is_some_and(|from| from - value <= WORTHWHILE) {
            return false;
        }
        let dim = self.lower.len();
        self.memory.began = Some(value);
        self.memory.radius = self.options.initial_radius.unwrap_or(1.0);
        self.memory.lambda = 0.0;
        self.memory.secant = self.options.secant.then(|| Secant::new(dim));
        true
    }

    pub(super) fn room(&self, x: &[f64]) -> (Vec<f64>, Vec<f64>) {
        let difference = |bound: &[f64]| bound.iter().zip(x).map(|(b, x)| b - x).collect();
        (difference(&self.lower), difference(&self.upper))
    }

    pub(super) fn model<'m>(
        &'m self,
        derivatives: &'m Derivatives,
        lower: &'m [f64],
        upper: &'m [f64],
    ) -> Model<'m> {
        Model {
            gradient: &derivatives.gradient,
            curvature: &derivatives.curvature,
            scaling: &self.memory.scaling,
            lower,
            upper,
        }
    }

    /// The secant correction learns from a pair of points.
    pub(super) fn learn(
        &mut self,
        (from, old): (&[f64], &Derivatives),
        (to, new): (&[f64], &Derivatives),
    ) {
        if let Some(secant) = &mut self.memory.secant {
            let s: Vec<f64> = to.iter().zip(from).map(|(to, from)| to - from).collect();
            let told = new.curvature.multiply(&s);
            let gradients = new.gradient.iter().zip(&old.gradient);
            let y: Vec<f64> = (gradients.zip(told))
                .map(|((new, old), told)| new - old - told)
                .collect();
            secant.learn(&s, &y);
        }
    }

    /// x + s, kept in the box.
    pub(super) fn moved(&self, x: &[f64], step: &[f64]) -> Vec<f64> {
        let bounds = self.lower.iter().zip(&self.upper);
        let moved = x.iter().zip(step).zip(bounds);
        moved
            .map(|((x, s), (lower, upper))| (x + s).clamp(*lower, *upper))
            .collect()
    }

    /// One trial step from x; the new point when it is accepted.
    fn trial(
        &mut self,
        problem: &mut Problem<Adapter<'_>>,
        x: &[f64],
    ) -> Result<Option<Vec<f64>>, Error> {
        let (value, derivatives) = self
            .current
            .take()
            .expect("the current point was evaluated");
        let (lower, upper) = self.room(x);
        let secant = self.memory.secant.as_ref();
        let corrected = secant.and_then(|secant| secant.corrected(&derivatives.curvature));
        let mut model = self.model(&derivatives, &lower, &upper);
        if let Some(corrected) = &corrected {
            model.curvature = corrected;
        }
        let step = model.minimise(self.memory.radius, self.memory.lambda);
        if step.lambda > 0.0 {
            self.memory.lambda = step.lambda;
        }
        let size = step
            .step
            .iter()
            .zip(x)
            .fold(0.0_f64, |a, (s, x)| a.max(s.abs() / (1.0 + x.abs())));
        let little = step.reduction <= self.options.value_tolerance * (1.0 + value.abs());
        let ends = little && step.lambda == 0.0;
        if little || size <= self.options.step_tolerance {
            // where the radius holds the step back, value and derivatives do not agree to more digits than these, or what was
            // learnt on the way does not hold here; nor is an end believed that only the learnt part of the model sees
            if (!ends || corrected.is_some()) && self.begin_anew(value) {
                self.current = Some((value, derivatives));
                return Ok(None);
            }
            self.stop = Some(if ends {
                StopReason::Value
            } else {
                StopReason::Step
            });
        }
        if self.stop.is_some() {
            self.current = Some((value, derivatives));
            return Ok(None);
        }
        let trial = self.moved(x, &step.step);
        let mut fresh = Derivatives::new(derivatives.curvature.layout().clone());
        let answer = self.evaluate(problem, &trial, Order::Value, &mut fresh)?;
        let Some(at_trial) = answer.value() else {
            self.memory.radius = 0.25 * step.length.min(self.memory.radius);
            self.current = Some((value, derivatives));
            return Ok(None);
        };
        if let Some(secant) = &mut self.memory.secant {
            secant.judge(&step.step, step.reduction, value - at_trial);
        }
        // differences below rounding of the value count as agreement
        let noise = 10.0 * f64::EPSILON * (1.0 + value.abs());
        let ratio = (value - at_trial + noise) / (step.reduction + noise);
        if ratio < 0.25 {
            self.memory.radius = 0.25 * step.length.min(self.memory.radius).max(f64::MIN_POSITIVE);
        } else if ratio > 0.75 && step.length >= 0.75 * self.memory.radius {
            self.memory.radius *= 2.5;
        }
        let mut known = None;
        if (valley::WORST..0.25).contains(&ratio)
            && step.lambda > 0.0
            && self.memory.patience.wants_to()
        {
            let first = First {
                value,
                derivatives: &derivatives,
                step: &step,
                trial: &trial,
                at_trial,
            };
            let ahead = self.follow(problem, x, first, &mut fresh)?;
            if ahead.accepted.is_some() {
                return Ok(ahead.accepted);
            }
            known = ahead.known;
        }
        if ratio <= 1e-4 || at_trial > value {
            self.current = Some((value, derivatives));
            return Ok(None);
        }
        let answer = match known {
            Some(known) => known,
            None => self.evaluate(problem, &trial, Order::GaussNewton, &mut fresh)?,
        };
        match answer.value() {
            // the solve with sensitivities may differ in the last digits, never by more than the fall it is accepted for
            Some(at_trial) if at_trial <= value => {
                self.learn((x, &derivatives), (&trial, &fresh));
                self.current = Some((at_trial, fresh));
                self.rescale();
                Ok(Some(trial))
            }
            _ => {
                self.memory.radius = 0.25 * step.length.min(self.memory.radius);
                self.current = Some((value, derivatives));
                Ok(None)
            }
        }
    }
}

/// Square roots of the diagonal of the Gauss-Newton matrix, away from 0: one over standard deviations.
fn spreads(derivatives: &Derivatives) -> Vec<f64> {
    let diagonal = derivatives.curvature.diagonal();
    let largest = diagonal.iter().fold(0.0_f64, |a, b| a.max(*b)).sqrt();
    let floor = if largest > 0.0 { 1e-6 * largest } else { 1.0 };
    let spread = |d: &f64| d.max(0.0).sqrt().max(floor);
    diagonal.iter().map(spread).collect()
}

impl<'a> Solver<Adapter<'a>, TrustRegionState> for TrustRegion {
    fn name(&self) -> &'static str {
        "bounded trust region"
    }

    fn init(
        &mut self,
        problem: &mut Problem<Adapter<'a>>,
        mut state: TrustRegionState,
    ) -> Result<(TrustRegionState, Option<KV>), Error> {
        let mut x = state.take_param().unwrap_or_default();
        for (x, (lower, upper)) in x.iter_mut().zip(self.lower.iter().zip(&self.upper)) {
            *x = x.clamp(*lower, *upper);
        }
        self.begin(problem, &x)?;
        self.rescale();
        self.memory.secant = self.options.secant.then(|| Secant::new(x.len()));
        if let Some((value, derivatives)) = &self.current {
            let slope = derivatives
                .gradient
                .iter()
                .zip(&self.memory.scaling)
                .map(|(g, d)| (g / d) * (g / d))
                .sum::<f64>()
                .sqrt();
            let first = match self.options.scaling {
                Scaling::Curvature if slope > 0.0 => slope,
                _ => 1.0,
            };
            self.memory.radius = self.options.initial_radius.unwrap_or(first);
            state = state.cost(*value);
            if self.record(0, &x) <= self.options.gradient_tolerance {
                self.stop = Some(StopReason::Gradient);
            }
        }
        Ok((state.param(x).max_iters(self.options.max_iterations), None))
    }

    fn next_iter(
        &mut self,
        problem: &mut Problem<Adapter<'a>>,
        mut state: TrustRegionState,
    ) -> Result<(TrustRegionState, Option<KV>), Error> {
        let x = state.take_param().unwrap_or_default();
        let control = problem
            .problem
            .as_ref()
            .expect("the executor holds the problem")
            .control;
        if self.current.is_none() {
            // going on from a checkpoint: this evaluation was counted when it was first made
            let counts = self.memory.counts;
            self.begin(problem, &x)?;
            self.memory.counts = counts;
            if self.current.is_none() {
                return Ok((state.param(x), None));
            }
        }
        if let Some(reason) = control.stop_now() {
            self.stop = Some(reason);
            return Ok((state.param(x), None));
        }
        let next = self.trial(problem, &x)?;
        let accepted = next.is_some();
        let x = next.unwrap_or(x);
        let iteration = state.get_iter() + 1;
        let gradient = self.record(iteration, &x);
        if accepted && gradient <= self.options.gradient_tolerance && self.stop.is_none() {
            self.stop = Some(StopReason::Gradient);
        }
        if let (Some(observer), Some(record)) = (control.observer, self.memory.history.last()) {
            observer.iteration(control.start, record);
        }
        let (value, radius) = (
            self.current.as_ref().map_or(f64::INFINITY, |c| c.0),
            self.memory.radius,
        );
        let mut kv = KV::new();
        kv.insert("radius", radius.into());
        kv.insert("gradient", gradient.into());
        Ok((state.param(x).cost(value), Some(kv)))
    }

    fn terminate(&mut self, _state: &TrustRegionState) -> TerminationStatus {
        match &self.stop {
            None => TerminationStatus::NotTerminated,
            Some(reason) if reason.is_converged() => {
                TerminationStatus::Terminated(TerminationReason::SolverConverged)
            }
            Some(StopReason::Interrupted) => {
                TerminationStatus::Terminated(TerminationReason::Interrupt)
            }
            Some(StopReason::Timeout) => TerminationStatus::Terminated(TerminationReason::Timeout),
            Some(other) => {
                TerminationStatus::Terminated(TerminationReason::SolverExit(format!("{other:?}")))
            }
        }
    }
}
