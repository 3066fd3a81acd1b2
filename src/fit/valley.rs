//! A second step from a trial point that was too bad to take: bent valleys are followed instead of crept along.
//!
//! In a narrow bent valley a step along its floor ends on the wall, and a radius so small that it does not is a creep. From the trial
//! point a second step with the same damping leads back to the floor; both together are one step where they bring what the first
//! promised (a watchdog of one iteration: Chamberlain, Powell, Lemarechal, Pedersen 1982, doi:10.1007/BFb0120945; the bend itself
//! is used by Transtrum, Sethna 2012, arXiv:1201.5885). Where it fails three times in a row it is tried every fourth time only.
use super::local::Adapter;
use super::objective::{Derivatives, Evaluation, Order};
use super::step::Step;
use super::trust_region::TrustRegion;
use argmin::core::{Error, Problem};
use serde::{Deserialize, Serialize};

/// Failures in a row after which second steps become rare, and how rare.
const ROW: u8 = 3;
const RARE: u8 = 4;
/// A trial point that is worse by more than this, in what the first step promised, is no wall of a valley but somewhere else.
pub(super) const WORST: f64 = -100.0;
/// The second step is at most this long, in lengths of the first.
const SHARE: f64 = 0.5;

/// Whether second steps have been of use of late.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Patience {
    failures: u8,
    passed: u8,
}

impl Patience {
    /// Whether to try at this occasion.
    pub(super) fn wants_to(&mut self) -> bool {
        if self.failures < ROW {
            return true;
        }
        self.passed = (self.passed + 1) % RARE;
        self.passed == 0
    }

    fn told(&mut self, success: bool) {
        self.failures = match success {
            true => 0,
            false => self.failures.saturating_add(1),
        };
    }
}

/// The first step, which fell short of its promise.
pub(super) struct First<'a> {
    pub value: f64,
    pub derivatives: &'a Derivatives,
    pub step: &'a Step,
    pub trial: &'a [f64],
    pub at_trial: f64,
}

/// What a second step came to.
pub(super) struct Ahead {
    /// the point where both steps lead, when it is taken
    pub accepted: Option<Vec<f64>>,
    /// the answer at the trial point, with derivatives
    pub known: Option<Evaluation>,
}

impl TrustRegion {
    /// Tries a second step; `fresh` then holds the derivatives at the trial point. When it is taken, it becomes the current point.
    pub(super) fn follow(
        &mut self,
        problem: &mut Problem<Adapter<'_>>,
        x: &[f64],
        first: First<'_>,
        fresh: &mut Derivatives,
    ) -> Result<Ahead, Error> {
        let known = self.evaluate(problem, first.trial, Order::GaussNewton, fresh)?;
        let mut ahead = Ahead {
            accepted: None,
            known: None,
        };
        if known.value().is_some() {
            ahead.accepted = self.second(problem, x, &first, fresh)?;
        }
        ahead.known = Some(known);
        self.memory.patience.told(ahead.accepted.is_some());
        Ok(ahead)
    }

    fn second(
        &mut self,
        problem: &mut Problem<Adapter<'_>>,
        x: &[f64],
        first: &First<'_>,
        fresh: &Derivatives,
    ) -> Result<Option<Vec<f64>>, Error> {
        let (lower, upper) = self.room(first.trial);
        let model = self.model(fresh, &lower, &upper);
        let step = model.minimise(SHARE * first.step.length, first.step.lambda);
        let point = self.moved(first.trial, &step.step);
        let mut there = Derivatives::new(fresh.curvature.layout().clone());
        let answer = self.evaluate(problem, &point, Order::Value, &mut there)?;
        // against what the first step promised; infeasible and not better than the trial point: not taken
        let gain = |value: f64| (first.value - value) / first.step.reduction;
        let good = |value: &f64| gain(*value) > 0.25 && *value < first.at_trial;
        if answer.value().filter(good).is_none() {
            return Ok(None);
        }
        let answer = self.evaluate(problem, &point, Order::GaussNewton, &mut there)?;
        let Some(value) = answer.value().filter(good) else {
            return Ok(None);
        };
        self.learn((x, first.derivatives), (first.trial, fresh));
        self.learn((first.trial, fresh), (&point, &there));
        let growth = if gain(value) > 0.75 { 2.5 } else { 1.0 };
        self.memory.radius = growth * first.step.length;
        self.current = Some((value, there));
        self.rescale();
        Ok(Some(point))
    }
}

#[cfg(test)]
mod tests {
    use super::Patience;

    #[test]
    fn patience_ends_and_comes_back() {
        let mut patience = Patience::default();
        for _ in 0..3 {
            assert!(patience.wants_to());
            patience.told(false);
        }
        let tries: Vec<bool> = (0..8).map(|_| patience.wants_to()).collect();
        let rare = [false, false, false, true, false, false, false, true];
        assert_eq!(tries, rare);
        patience.told(true);
        assert!(patience.wants_to() && patience.wants_to());
    }
}
