//! One point of a profile: the others re-optimised, and what the Gauss-Newton matrix there says of the way on.
//!
//! With the gradient $g$ and the Gauss-Newton matrix $H$ over all entries, the others' prediction is $dx_o/dc = t$ with
//! $(H_{oo} + \epsilon)\,t = -H_{oi}$ on the others that are not held by a bound; slope and curvature of the profile are $g_i$ and
//! $H_{ii} + H_{io} t$. The small $\epsilon$ keeps directions that nothing determines in place.

use super::ProfileOptions;
use super::fixed::{Fixed, without};
use crate::fit::arrow::ArrowFactors;
use crate::fit::local::{Control, LocalMethod, local_fit};
use crate::fit::objective::{Derivatives, Evaluation, Objective, Order};
use crate::fit::parameters::Search;
use crate::fit::trust_region::{Counts, StopReason, TrustRegionOptions};
use crate::fit::uncertainty::active_bound;

/// Others within this share of their range of a bound are held by it.
const AT_BOUND: f64 = 1e-8;
/// The regularisation, relative to the diagonal and to its largest entry.
const RIDGE: (f64, f64) = (1e-9, 1e-13);

/// The profile of one entry: what does not change along it.
#[derive(Clone, Copy)]
pub(super) struct Task<'a> {
    pub objective: &'a dyn Objective,
    pub lower: &'a [f64],
    pub upper: &'a [f64],
    pub entry: usize,
    pub options: &'a ProfileOptions,
    /// the search for the others
    pub search: TrustRegionOptions,
    /// without an observer: single searches are nobody's concern
    pub control: Control<'a>,
}

/// A re-optimised point.
#[derive(Clone, Debug)]
pub(super) struct Reached {
    pub x: Vec<f64>,
    pub value: f64,
    /// slope and curvature of the profile
    pub slope: f64,
    pub bend: f64,
    /// change of every entry per change of the profiled one
    tangent: Vec<f64>,
    /// other entries that a bound holds
    pub held: Vec<usize>,
    /// what the quadratic model still promises of the others
    remaining: f64,
    pub iterations: u64,
}

/// Why there is no point.
#[derive(Clone, Debug)]
pub(super) enum Trouble {
    /// no value
    Infeasible(String),
    /// the others were not optimised to the end
    Unconverged(StopReason),
    /// someone asked to stop
    Stopped,
}

impl Reached {
    /// The profiled entry's search value.
    pub fn at(&self, entry: usize) -> f64 {
        self.x[entry]
    }

    /// The whole vector as predicted for another value of the entry.
    pub fn predicted(&self, entry: usize, to: f64) -> Vec<f64> {
        let by = to - self.x[entry];
        let mut x: Vec<f64> = (self.x.iter().zip(&self.tangent))
            .map(|(x, t)| x + t * by)
            .collect();
        x[entry] = to;
        x
    }

    /// Length of the step that raises the objective by `rise`, as far as slope and curvature tell; infinite where it is flat.
    pub fn step_for(&self, rise: f64, direction: f64) -> f64 {
        let (slope, bend) = (self.slope * direction, self.bend.max(0.0));
        let root = (slope * slope + 2.0 * bend * rise).sqrt();
        if slope >= 0.0 {
            2.0 * rise / (slope + root)
        } else {
            // downhill first: infinite without curvature
            (root - slope) / bend
        }
    }
}

/// Derivatives at a point with the factors of those entries that may move.
struct Local {
    value: f64,
    at: Derivatives,
    free: Vec<bool>,
    factors: Option<ArrowFactors>,
}

impl Local {
    /// `entry` is held besides those that lie on a bound with the gradient pointing outwards.
    fn new(
        objective: &dyn Objective,
        x: &Search,
        (lower, upper): (&[f64], &[f64]),
        entry: Option<usize>,
    ) -> Result<Self, Evaluation> {
        let mut at = Derivatives::new(objective.layout());
        let answer = objective.evaluate(x, Order::GaussNewton, &mut at);
        let Some(value) = answer.value().filter(|_| at.is_finite()) else {
            return Err(answer);
        };
        let free: Vec<bool> = (0..x.0.len())
            .map(|j| {
                let bounds = (lower[j], upper[j]);
                Some(j) != entry && active_bound(x.0[j], at.gradient[j], bounds, AT_BOUND).is_none()
            })
            .collect();
        let diagonal = at.curvature.diagonal();
        let largest = diagonal.iter().fold(0.0_f64, |a, b| a.max(*b));
        let shift: Vec<f64> = diagonal
            .iter()
            .map(|d| RIDGE.0 * d.max(0.0) + RIDGE.1 * largest + f64::MIN_POSITIVE)
            .collect();
        Ok(Local {
            value,
            factors: at.curvature.factor(&shift, &free),
            at,
            free,
        })
    }

    fn solve(&self, b: &[f64]) -> Vec<f64> {
        let zeros = || vec![0.0; b.len()];
        self.factors.as_ref().map_or_else(zeros, |f| f.solve(b))
    }

    /// What the quadratic model still promises of the entries that may move.
    fn remaining(&self) -> f64 {
        let newton = self.solve(&self.at.gradient);
        0.5 * dot(&newton, &self.at.gradient)
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// What the quadratic model still promises at a point within its bounds; the largest number where there is no value.
pub(super) fn remaining(objective: &dyn Objective, x: &Search, bounds: (&[f64], &[f64])) -> f64 {
    Local::new(objective, x, bounds, None).map_or(f64::MAX, |local| local.remaining())
}

impl Task<'_> {
    /// Slope, curvature and prediction at a point whose others are optimal.
    pub fn look(&self, x: Vec<f64>, counts: &mut Counts) -> Result<Reached, Trouble> {
        let (i, n) = (self.entry, x.len());
        let x = Search(x);
        counts.gradients += 1;
        let bounds = (self.lower, self.upper);
        let local = Local::new(self.objective, &x, bounds, Some(i)).map_err(|answer| {
            counts.infeasible += 1;
            Trouble::Infeasible(answer.to_string())
        })?;
        let mut unit = vec![0.0; n];
        unit[i] = 1.0;
        let column = local.at.curvature.multiply(&unit);
        let mut tangent = local.solve(&column);
        for t in &mut tangent {
            *t = -*t;
        }
        tangent[i] = 0.0;
        Ok(Reached {
            held: (0..n).filter(|&j| j != i && !local.free[j]).collect(),
            slope: local.at.gradient[i],
            bend: column[i] + dot(&column, &tangent),
            remaining: local.remaining(),
            value: local.value,
            x: x.0,
            tangent,
            iterations: 0,
        })
    }

    /// The point with the entry at `c`: the others are optimised from the first of the guesses that leads to an end.
    pub fn reach(
        &self,
        c: f64,
        guesses: &[Vec<f64>],
        counts: &mut Counts,
    ) -> Result<Reached, Trouble> {
        let fixed = Fixed::new(self.objective, self.entry, c);
        let lower = without(self.lower, self.entry);
        let upper = without(self.upper, self.entry);
        let method = LocalMethod::TrustRegion(self.search);
        let mut trouble = Trouble::Stopped;
        for guess in guesses {
            if let Some(StopReason::Interrupted | StopReason::Timeout) = self.control.stop_now() {
                return Err(Trouble::Stopped);
            }
            if self.lower.len() == 1 {
                return self.look(vec![c], counts);
            }
            let start = Search(without(guess, self.entry));
            let fit = local_fit(&fixed, (&lower, &upper), &start, &method, self.control);
            counts.values += fit.counts.values;
            counts.gradients += fit.counts.gradients;
            counts.infeasible += fit.counts.infeasible;
            match (fit.value, fit.stop) {
                (_, StopReason::Interrupted | StopReason::Timeout) => return Err(Trouble::Stopped),
                (None, StopReason::InfeasibleStart { message }) => {
                    trouble = Trouble::Infeasible(message);
                }
                (None, stop) => trouble = Trouble::Unconverged(stop),
                (Some(_), stop) => match self.look(fixed.whole(&fit.x).0, counts) {
                    // a search may end at the last digits of the solver: what counts is what is left to gain
                    Ok(point)
                        if stop.is_converged() || point.remaining <= self.options.accuracy =>
                    {
                        return Ok(Reached {
                            iterations: fit.iterations,
                            ..point
                        });
                    }
                    Ok(_) => trouble = Trouble::Unconverged(stop),
                    Err(other) => trouble = other,
                },
            }
        }
        Err(trouble)
    }
}
