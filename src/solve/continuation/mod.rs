//! Continuation: curves of states of rest over one parameter, past folds, with their stability. It never integrates: see `steady`.
//!
//! States of rest $y$ under the value $\lambda$ of a parameter solve $f(y, \lambda) = 0$. Where $f$ is smooth they form curves, which
//! are followed by their arclength and not by $\lambda$, so that a fold (the curve turns back) is a point like any other:
//! with $u_i = y_i / s_i$ and $\mu = \lambda / (\lambda_1 - \lambda_0)$ the next point solves
//! $$ f(y, \lambda) = 0, \qquad \tfrac{1}{n}\,\dot u \cdot (u - u_0) + \dot\mu\,(\mu - \mu_0) = \Delta $$
//! by Newton's method from the tangent $(\dot u, \dot\mu)$ at the last point. The $s_i$ are the sizes of the states where the step
//! begins, so that a trace compound weighs as much as a bulk one. $\partial f/\partial y$ and $\partial f/\partial\lambda$ are compiled
//! tapes. Steps shrink where Newton's method is slow, moves far, or the tangent turns.
//!
//! | point | what happens | how it is found |
//! |---|---|---|
//! | fold | $\dot\mu$ changes its sign | regula falsi on $\dot\mu$ along the step |
//! | Hopf | a pair of complex eigenvalues of $\partial f/\partial y$ crosses the imaginary axis | bisection on the number of unstable ones |
//! | branch | one real eigenvalue crosses 0 and the curve does not turn: another one crosses it (not followed) | the same |
//!
//! Keller, in: Rabinowitz (ed.), Applications of Bifurcation Theory (1977), 359-384; Doedel, Keller, Kernevez 1991,
//! doi:10.1142/S0218127491000397; Allgower, Georg, Introduction to Numerical Continuation Methods, doi:10.1137/1.9780898719154.
//!
//! | file | job |
//! |---|---|
//! | `branch` | points, ends, curves |
//! | `equations` | f, its derivatives, the scale of the states |
//! | `newton` | corrector and tangent |
//! | `start` | from the end of a run to a state of rest |
//! | `walk` | steps and ends |
//! | `special` | folds, Hopf and branch points |
//! | `stability` | eigenvalues |
mod branch;
mod equations;
mod error;
mod newton;
mod special;
mod stability;
mod start;
mod walk;

pub use branch::{Branch, BranchPoint, End, PointKind};
pub use error::ContinuationError;

use super::Solution;
use crate::compile::System;
use equations::Rest;

/// What is varied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Along {
    /// One parameter, by its register; the value of a point is that of the parameter, in its unit.
    Value(usize),
    /// A common factor on parameters, by their registers; the value of a point is the factor, 1 at the start.
    Factor(Vec<usize>),
}

/// Range, held states and steps of a continuation.
#[derive(Clone, Debug, PartialEq)]
pub struct ContinuationOptions {
    /// Where the range of the value begins.
    pub from: f64,
    /// Where it ends.
    pub to: f64,
    /// Positions of states that keep their value; those that nothing changes do so anyway.
    pub held: Vec<usize>,
    /// Longest step, as share of the range and of the (root mean square) size of the states.
    pub largest_step: f64,
    /// Shortest step: a curve that asks for shorter ones ends.
    pub smallest_step: f64,
    /// Most points of a curve to each side of its start.
    pub most_points: usize,
    /// States below this are as good as 0, in their own units.
    pub absolute: f64,
}

impl ContinuationOptions {
    /// A range with steps that suit a picture.
    pub fn over(from: f64, to: f64) -> Self {
        ContinuationOptions {
            from,
            to,
            held: Vec::new(),
            largest_step: 0.02,
            smallest_step: 1e-7,
            most_points: 2000,
            absolute: 1e-8,
        }
    }
}

/// Where a run ended: what a continuation starts from.
#[derive(Clone, Debug, PartialEq)]
pub struct Origin {
    /// states, in the system's order
    pub states: Vec<f64>,
    /// `[effective parameters | input coefficients]`, as [`Solution::registers`](super::Solution::registers) gives them
    pub registers: Vec<f64>,
    /// time of the end
    pub time: f64,
    /// how long the run took: states that still move within such a time do not rest
    pub run: f64,
}

impl Origin {
    /// The end of a run from which nothing is to come: output k of a solution, after so long a run.
    ///
    /// # Panics
    /// Where the solution has no output k.
    pub fn of(solution: &Solution, k: usize, run: f64) -> Self {
        Origin {
            states: solution.states(k).to_vec(),
            registers: solution.registers(k).to_vec(),
            time: solution.at[k].1,
            run,
        }
    }
}

/// Curves of states of rest of one system over one value: a bifurcation diagram.
///
/// Two stable states of $\dot x = r + x - x^3$ between the folds at $r = \pm 2/(3\sqrt 3)$:
///
/// ```
/// use holobiont::network::{Network, Parameter, Reaction, Species};
/// use holobiont::solve::{Along, ContinuationOptions, Diagram, Origin, PointKind};
///
/// let mut network = Network::new("hysteresis");
/// network.species("x", Species { nonnegative: false, ..Species::new(-1.0) })?;
/// network.parameter("r", Parameter::new(0.0));
/// network.reaction("flow", Reaction::rate("r + x - x^3").produces("x", 1.0))?;
/// let system = network.compile()?;
///
/// let r = system.parameter_index("r").expect("declared above");
/// let mut diagram = Diagram::new(&system, Along::Value(r), ContinuationOptions::over(-1.0, 1.0))?;
/// let origin = Origin { states: vec![-1.0], registers: system.parameters().to_vec(), time: 0.0, run: 100.0 };
/// let curve = diagram.add(&origin)?;
/// let folds: Vec<f64> = diagram.branches()[curve].of_kind(PointKind::Fold).map(|point| point.value).collect();
/// assert_eq!(folds.len(), 2);
/// assert!((folds[0] - 2.0 / 27f64.sqrt()).abs() < 1e-6);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Diagram<'a> {
    system: &'a System,
    along: Along,
    options: ContinuationOptions,
    branches: Vec<Branch>,
}

impl<'a> Diagram<'a> {
    /// A diagram without curves.
    ///
    /// # Errors
    /// A range that is none, registers or states that the system does not have.
    pub fn new(
        system: &'a System,
        along: Along,
        options: ContinuationOptions,
    ) -> Result<Self, ContinuationError> {
        error::check(system, &along, &options)?;
        Ok(Diagram {
            system,
            along,
            options,
            branches: Vec::new(),
        })
    }

    /// The curves, in the order of their origins.
    pub fn branches(&self) -> &[Branch] {
        &self.branches
    }

    /// What is varied.
    pub fn along(&self) -> &Along {
        &self.along
    }

    /// Finds the state of rest at the end of a run and follows its curve to both sides; gives the position of the curve, an earlier
    /// one where the state lies on it.
    ///
    /// # Errors
    /// An origin that does not rest (with the states that move), depends on time, lies outside of the range or is not finite; a system with
    /// a conserved total.
    pub fn add(&mut self, origin: &Origin) -> Result<usize, ContinuationError> {
        let mut rest = Rest::new(self.system, &self.along, &self.options, origin)?;
        let start = start::rest(&mut rest, origin, &self.options)?;
        let same = |branch: &Branch| branch.passes(&mut rest, &start, &self.options);
        if let Some(known) = self.branches.iter().position(same) {
            return Ok(known);
        }
        let branch = walk::both(&mut rest, start, &self.options)?;
        self.branches.push(branch);
        Ok(self.branches.len() - 1)
    }
}
