//! argmin's L-BFGS within a box, safe against failed solves.
//!
//! L-BFGS knows no bounds, so it moves internal variables $z$ that the box cannot stop
//! (James & Roos 1975, doi:10.1016/0010-4655(75)90039-9):
//!
//! | bounds | $x(z)$ |
//! |---|---|
//! | none | $z$ |
//! | lower | $l - 1 + \sqrt{z^2 + 1}$ |
//! | upper | $u + 1 - \sqrt{z^2 + 1}$ |
//! | both | $l + \tfrac12 (u - l)(1 + \sin z)$ |
//!
//! A start on a bound is moved inwards, because there $dx/dz = 0$. The line search backtracks only: an infeasible trial costs
//! plus infinity and the step is halved. A direction that is not finite, or a line search that finds nothing, ends the run;
//! it is begun anew from its best point with an empty memory while that still helps.

use super::local::{Control, LocalFit};
use super::objective::{Derivatives, Evaluation, Objective, Order};
use super::parameters::Search;
use super::trust_region::{Counts, Record, StopReason};
use argmin::core::{CostFunction, Error, Executor, Gradient, IterState, State};
use argmin::solver::linesearch::{BacktrackingLineSearch, condition::ArmijoCondition};
use argmin::solver::quasinewton::LBFGS;
use serde::{Deserialize, Serialize};
use std::sync::{Mutex, PoisonError};

/// Options of argmin's L-BFGS.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct LbfgsOptions {
    /// most iterations over all restarts
    pub max_iterations: u64,
    /// pairs of steps and gradient differences kept
    pub memory: usize,
    /// stop when an iteration gains less than this, relative to 1 + |value|
    pub value_tolerance: f64,
    /// stop when the gradient's norm in the internal variables falls below this
    pub gradient_tolerance: f64,
    /// most restarts with an empty memory
    pub restarts: usize,
}

impl Default for LbfgsOptions {
    fn default() -> Self {
        LbfgsOptions {
            max_iterations: 1000,
            memory: 10,
            value_tolerance: 1e-11,
            gradient_tolerance: 1e-7,
            restarts: 10,
        }
    }
}

/// One variable's way between internal and search value.
#[derive(Clone, Copy, Debug)]
enum Internal {
    Free,
    Lower(f64),
    Upper(f64),
    Both(f64, f64),
}

impl Internal {
    fn new(lower: f64, upper: f64) -> Self {
        match (lower.is_finite(), upper.is_finite()) {
            (false, false) => Internal::Free,
            (true, false) => Internal::Lower(lower),
            (false, true) => Internal::Upper(upper),
            (true, true) => Internal::Both(lower, upper),
        }
    }

    /// x(z) and dx/dz
    fn search(self, z: f64) -> (f64, f64) {
        let root = (z * z + 1.0).sqrt();
        match self {
            Internal::Free => (z, 1.0),
            Internal::Lower(l) => (l - 1.0 + root, z / root),
            Internal::Upper(u) => (u + 1.0 - root, -z / root),
            Internal::Both(l, u) => (
                (l + 0.5 * (u - l) * (1.0 + libm::sin(z))).clamp(l, u),
                0.5 * (u - l) * libm::cos(z),
            ),
        }
    }

    fn internal(self, x: f64) -> f64 {
        let one_sided = |distance: f64| {
            let root = distance.max(1e-3) + 1.0;
            (root * root - 1.0).sqrt()
        };
        match self {
            Internal::Free => x,
            Internal::Lower(l) => one_sided(x - l),
            Internal::Upper(u) => one_sided(u - x),
            Internal::Both(l, u) => {
                let share = ((x - l) / (u - l)).clamp(1e-3, 1.0 - 1e-3);
                libm::asin(2.0 * share - 1.0)
            }
        }
    }
}

/// The objective in internal variables w = z / unit, with everything argmin may not be trusted with held here.
struct Guarded<'a> {
    objective: &'a dyn Objective,
    control: Control<'a>,
    map: &'a [Internal],
    /// z = unit w: makes the first step one of length 1
    unit: f64,
    log: &'a Mutex<Log>,
}

#[derive(Debug, Default)]
struct Log {
    counts: Counts,
    /// trial points since the last accepted one
    idle: u32,
    best: Option<(Vec<f64>, f64)>,
    /// internal point, value and internal gradient of the last gradient evaluation
    last: Option<(Vec<f64>, Vec<f64>)>,
    history: Vec<Record>,
    stop: Option<StopReason>,
}

impl Log {
    fn keep(&mut self, x: Search, value: f64) {
        self.idle = 0;
        if self.best.as_ref().is_none_or(|(_, best)| value < *best) {
            self.best = Some((x.0, value));
        }
    }
}

/// Trial points of one line search after which a line search has failed: 2^-60 of a step is below rounding.
const MOST_IDLE: u32 = 80;

impl Guarded<'_> {
    fn at(&self, w: &[f64]) -> (Search, Vec<f64>) {
        let (x, slope) = w
            .iter()
            .zip(self.map)
            .map(|(w, map)| map.search(w * self.unit))
            .unzip();
        (Search(x), slope)
    }

    fn evaluate(
        &self,
        w: &[f64],
        want: Order,
    ) -> Result<(Option<f64>, Derivatives, Vec<f64>), Error> {
        let mut log = self.log.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(reason) = self.control.stop_now() {
            log.stop = Some(reason);
            return Err(Error::msg("stopped"));
        }
        if w.iter().any(|v| !v.is_finite()) {
            return Err(Error::msg("the search direction is not finite"));
        }
        let (x, slope) = self.at(w);
        let mut out = Derivatives::new(self.objective.layout());
        let answer = self.objective.evaluate(&x, want, &mut out);
        if want == Order::Value {
            log.counts.values += 1;
        } else {
            log.counts.gradients += 1;
        }
        let value = match answer {
            Evaluation::Value(v)
                if v.is_finite()
                    && (want == Order::Value || out.gradient.iter().all(|g| g.is_finite())) =>
            {
                Some(v)
            }
            _ => {
                log.counts.infeasible += 1;
                None
            }
        };
        if want == Order::Value {
            log.idle += 1;
            if log.idle > MOST_IDLE {
                return Err(Error::msg("the line search finds no lower value"));
            }
        } else if let Some(value) = value {
            // a point counts only once its gradient is sound as well
            log.keep(x, value);
        }
        Ok((value, out, slope))
    }
}

impl CostFunction for Guarded<'_> {
    type Param = Vec<f64>;
    type Output = f64;

    fn cost(&self, w: &Vec<f64>) -> Result<f64, Error> {
        Ok(self.evaluate(w, Order::Value)?.0.unwrap_or(f64::INFINITY))
    }
}

impl Gradient for Guarded<'_> {
    type Param = Vec<f64>;
    type Gradient = Vec<f64>;

    fn gradient(&self, w: &Vec<f64>) -> Result<Vec<f64>, Error> {
        {
            let log = self.log.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some((at, gradient)) = &log.last
                && at == w
            {
                return Ok(gradient.clone());
            }
        }
        let (value, out, slope) = self.evaluate(w, Order::Gradient)?;
        let Some(value) = value else {
            return Err(Error::msg("no gradient at an accepted point"));
        };
        let gradient: Vec<f64> = out
            .gradient
            .iter()
            .zip(slope)
            .map(|(g, s)| g * s * self.unit)
            .collect();
        let mut log = self.log.lock().unwrap_or_else(PoisonError::into_inner);
        log.last = Some((w.clone(), gradient.clone()));
        let record = Record {
            iteration: log.history.len() as u64,
            value,
            gradient: norm(&gradient) / self.unit,
            radius: 0.0,
        };
        log.history.push(record);
        if let Some(observer) = self.control.observer {
            observer.iteration(self.control.start, &record);
        }
        Ok(gradient)
    }
}

fn norm(v: &[f64]) -> f64 {
    v.iter().map(|g| g * g).sum::<f64>().sqrt()
}

pub(super) fn run_lbfgs(
    objective: &dyn Objective,
    (lower, upper): (&[f64], &[f64]),
    start: &Search,
    options: &LbfgsOptions,
    control: Control<'_>,
) -> LocalFit {
    let map: Vec<Internal> = lower
        .iter()
        .zip(upper)
        .map(|(l, u)| Internal::new(*l, *u))
        .collect();
    let log = Mutex::new(Log::default());
    let mut x = start.0.clone();
    let mut iterations = 0;
    let mut stop = StopReason::MaxIterations;
    // shrinks the first step after a failed round
    let mut caution = 1.0;
    for _ in 0..=options.restarts {
        let z: Vec<f64> = x.iter().zip(&map).map(|(x, m)| m.internal(*x)).collect();
        let before = best(&log);
        let guarded = Guarded {
            objective,
            control,
            map: &map,
            unit: 1.0,
            log: &log,
        };
        let begin = Round {
            z: &z,
            made: iterations,
            caution,
        };
        let outcome = round(guarded, options, &begin);
        let after = best(&log);
        match outcome {
            Ok((made, reason)) => {
                iterations += made;
                stop = reason;
            }
            Err(message) => {
                stop = StopReason::Failed { message };
                caution *= 0.1;
            }
        }
        if let Some(reason) = lock(&log).stop.clone() {
            stop = reason;
            break;
        }
        let Some(value) = after else {
            break;
        };
        let gained = before.is_none_or(|b| b - value > options.value_tolerance * (1.0 + b.abs()));
        if matches!(stop, StopReason::Gradient) || iterations >= options.max_iterations {
            break;
        }
        if !gained && !matches!(stop, StopReason::Failed { .. }) {
            // a fresh memory does not help either: this is the optimum as far as this method can see
            stop = StopReason::Value;
            break;
        }
        if let Some((best, _)) = &lock(&log).best {
            x.clone_from(best);
        }
    }
    let log = log.into_inner().unwrap_or_else(PoisonError::into_inner);
    let (x, value) = match log.best {
        Some((x, value)) => (x, Some(value)),
        None => (start.0.clone(), None),
    };
    LocalFit {
        x: Search(x),
        value,
        stop,
        iterations,
        counts: log.counts,
        history: log.history,
    }
}

fn lock(log: &Mutex<Log>) -> std::sync::MutexGuard<'_, Log> {
    log.lock().unwrap_or_else(PoisonError::into_inner)
}

fn best(log: &Mutex<Log>) -> Option<f64> {
    lock(log).best.as_ref().map(|(_, value)| *value)
}

/// Where a round of L-BFGS begins and how far it may go.
struct Round<'a> {
    /// internal variables
    z: &'a [f64],
    /// iterations made before
    made: u64,
    /// factor of the first step
    caution: f64,
}

/// One run of argmin's solver; the iterations made and why it ended.
fn round(
    mut guarded: Guarded<'_>,
    options: &LbfgsOptions,
    begin: &Round<'_>,
) -> Result<(u64, StopReason), String> {
    let Round { z, made, caution } = *begin;
    let (objective, log) = (guarded.objective, guarded.log);
    {
        let mut log = lock(log);
        log.last = None;
        log.idle = 0;
    }
    // an infeasible start has its own reason
    let mut out = Derivatives::new(objective.layout());
    let (x, slope) = guarded.at(z);
    let answer = objective.evaluate(&x, Order::Gradient, &mut out);
    lock(log).counts.gradients += 1;
    let Some(value) = answer
        .value()
        .filter(|v| v.is_finite() && out.gradient.iter().all(|g| g.is_finite()))
    else {
        let mut log = lock(log);
        log.counts.infeasible += 1;
        if log.best.is_none() {
            log.stop = Some(StopReason::InfeasibleStart {
                message: answer.to_string(),
            });
        }
        return Ok((0, StopReason::Value));
    };
    lock(log).keep(x, value);
    let gradient: Vec<f64> = out.gradient.iter().zip(slope).map(|(g, s)| g * s).collect();
    let size = norm(&gradient);
    if size < options.gradient_tolerance {
        return Ok((0, StopReason::Gradient));
    }
    guarded.unit = caution * size.powf(-0.5);
    let unit = guarded.unit;
    let armijo = ArmijoCondition::new(1e-4).map_err(|e| e.to_string())?;
    let line = BacktrackingLineSearch::new(armijo)
        .rho(0.5)
        .map_err(|e| e.to_string())?;
    let solver = LBFGS::new(line, options.memory)
        .with_tolerance_grad(options.gradient_tolerance * unit)
        .and_then(|s| s.with_tolerance_cost(options.value_tolerance * (1.0 + value.abs())))
        .map_err(|e| e.to_string())?;
    let w: Vec<f64> = z.iter().map(|z| z / unit).collect();
    let left = options.max_iterations.saturating_sub(made);
    let outcome = Executor::new(guarded, solver)
        .timer(false)
        .ctrlc(false)
        .configure(|state: IterState<Vec<f64>, Vec<f64>, (), (), (), f64>| {
            state.param(w).max_iters(left)
        })
        .run()
        .map_err(|e| e.to_string())?;
    let state = outcome.state;
    let small = state
        .get_gradient()
        .is_some_and(|g| norm(g) / unit < options.gradient_tolerance);
    let reason = if small {
        StopReason::Gradient
    } else if state.get_iter() >= left {
        StopReason::MaxIterations
    } else {
        StopReason::Value
    };
    Ok((state.get_iter(), reason))
}
