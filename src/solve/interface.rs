//! (skeleton; to be split into problem, method, solution, status)
use crate::{compile::{Outputs, Sensitivity, System}, schedule::{Register, Schedule}};

#[derive(Clone, Copy, Debug)]
pub struct Problem<'a> {
    pub system: &'a System,
    /// extended vector: system parameters, then schedule entries
    pub parameters: &'a [f64],
    pub schedule: &'a Schedule,
    /// output times, ascending (equal times allowed), system's time unit; right limits at breakpoints
    pub times: &'a [f64],
    pub sensitivity: Option<Directions<'a>>,
}
/// Directions d/dtheta_j, each a sparse seed on extended registers.
#[derive(Clone, Copy, Debug)]
pub struct Directions<'a> { /** compiled for (at least) every system parameter that a seed or an override touches */ pub tapes: &'a Sensitivity, pub seeds: &'a [Vec<(Register, f64)>], pub error_control: bool }

#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Tolerances { pub relative: f64, pub absolute: f64 }
impl Default for Tolerances { fn default() -> Self { Self { relative: 1e-6, absolute: 1e-9 } } }

#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Method { Rodas5P(Rodas5P), Tsit5(Tsit5), Dopri5(Dopri5), Dop853(Dop853) }
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize)] #[serde(default)] pub struct Rodas5P { pub max_steps: usize }
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize)] #[serde(default)] pub struct Tsit5 { pub max_steps: usize }
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize)] #[serde(default)] pub struct Dopri5 { pub max_steps: usize }
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize)] #[serde(default)] pub struct Dop853 { pub max_steps: usize }
impl Default for Rodas5P { fn default() -> Self { Self { max_steps: 100_000 } } }
impl Default for Tsit5 { fn default() -> Self { Self { max_steps: 100_000 } } }
impl Default for Dopri5 { fn default() -> Self { Self { max_steps: 100_000 } } }
impl Default for Dop853 { fn default() -> Self { Self { max_steps: 100_000 } } }
impl Default for Method { fn default() -> Self { Method::Rodas5P(Rodas5P::default()) } }

#[derive(Clone, Debug, PartialEq)]
pub enum Status { Finished, Failed { time: f64, cause: Cause } }
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Cause { NonFinite { /** id of the state or register, where known */ what: Option<String> }, StepTooSmall, TooManySteps, Singular, NoSteadyState, EventsUnsupported, AlgebraicWithExplicitMethod, Invalid(InvalidProblem) }
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidProblem { #[error("{expected} parameters expected (system, then schedule entries), {got} given")] Parameters { expected: usize, got: usize } /* times out of order, times before start, register out of range ... */ }

#[derive(Clone, Copy, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Statistics { pub steps: usize, pub rejected: usize, pub right_hand_sides: usize, pub jacobians: usize, pub factorisations: usize }

/// A dead record of one integration. Times after a failure hold NaN.
#[derive(Clone, Debug)]
pub struct Solution {
    pub status: Status,
    pub times: Vec<f64>,
    pub statistics: Statistics,
    /* private: states (times x n), sensitivities (times x directions x n), effective parameters and input coefficients and d(parameters)/d(direction) per time */
}
impl Solution {
    pub fn finished(self) -> Result<Solution, SolveError> { todo!() }
    /// states at output time k
    pub fn states(&self, k: usize) -> &[f64] { todo!() }
    /// d state / d direction j at output time k
    pub fn sensitivity(&self, k: usize, direction: usize) -> &[f64] { todo!() }
    /// values of `which` formulas at output time k with the given placeholder values
    pub fn outputs(&self, outputs: &Outputs, k: usize, which: &[usize], placeholders: &[f64], values: &mut [f64]) { todo!() }
    /// values, total derivatives along the directions (which.len() x directions, row-major; placeholders held), and d/d placeholders
    pub fn outputs_with_derivatives(&self, outputs: &Outputs, k: usize, which: &[usize], placeholders: &[f64], values: &mut [f64], d_directions: &mut [f64], d_placeholders: &mut [f64]) { todo!() }
    /// dense trajectory of one state at the output times
    pub fn series(&self, state: usize) -> Vec<f64> { todo!() }
}
#[derive(Clone, Debug, thiserror::Error)]
#[error("the solve failed at time {time}: {cause:?}")]
pub struct SolveError { pub time: f64, pub cause: Cause }

/// Total: never panics, never `Err` on numbers.
pub fn solve(problem: &Problem, method: &Method, tolerances: &Tolerances) -> Solution { todo!() }
/// Many subjects of one system in W lanes, results in the order given; the same bits at every W.
pub fn solve_many(problems: &[Problem], method: &Method, tolerances: &Tolerances) -> Vec<Solution> { todo!() }
