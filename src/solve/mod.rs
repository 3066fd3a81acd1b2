//! Integration of a `System` under a `Schedule`: methods, controller, driver, sensitivities, steady states.
//!
//! Events follow SBML Level 3 Version 2, section 4.11: at one moment the schedule acts first, then of the events due the one of
//! highest priority, and so on until none is due; an output at that time shows the state after them. Just before the start of the
//! finite part every trigger has its `initial_value`; no event happens before a pre-equilibration ends, and one on the way to a
//! final steady state is a failure ([`Cause::EventWhileSettling`]).
//!
//! [`solve`] is the definition; [`solve_many`] runs many subjects in lanes that share instructions but not time, and gives
//! the same bits. A failed solve is a value: see [`Status`] and [`Cause`].
//!
//! | file | job |
//! |---|---|
//! | `problem`, `method`, `status`, `solution` | what goes in and what comes out |
//! | `recommend` | which method, by trial |
//! | `solver` | many subjects: lanes, threads, memory |
//! | `driver` | the loop: prepare, step, accept or reject, commit, stop |
//! | `track`, `breakpoints` | one lane's way through its schedule: registers, jumps |
//! | `advance` | one lane along a step: outputs, flips |
//! | `block`, `groups` | the numbers of all lanes; the sealed trait of the methods |
//! | `rodas5p`, `tsit5`, `dormand_prince` | one step of each method |
//! | `exponential` | exact steps of linear systems |
//! | `controller` | step sizes |
//! | `modes` | conditions: where they flip |
//! | `events` | events: triggers, queue, order, assignments |
//! | `jumps` | sensitivities through jumps |
//! | `infusions` | what runs into the states |
//! | `regimen`, `period_map` | periodic steady states: passes over an interval; the fixed point and its derivatives |
//! | `path` | steps recorded and repeated |
//! | `second_order` | derivatives of the sensitivities along further directions |
//! | `steady` | steady states |
//! | `continuation` | curves of states of rest over a parameter |
//! | `algebraic` | consistent values of algebraic states |
mod advance;
mod algebraic;
mod block;
mod breakpoints;
mod continuation;
mod controller;
mod dormand_prince;
mod driver;
mod events;
mod exponential;
mod groups;
mod infusions;
mod jumps;
mod method;
mod modes;
mod orders;
mod path;
mod period_map;
mod problem;
mod recommend;
mod regimen;
mod rodas5p;
mod second_order;
mod solution;
mod solver;
mod status;
mod steady;
mod track;
mod tsit5;

pub use continuation::{
    Along, Branch, BranchPoint, ContinuationError, ContinuationOptions, Diagram, End, Origin,
    PointKind,
};
pub use method::{Dop853, Dopri5, Exponential, Method, Rodas5P, Tolerances, Tsit5};
pub use problem::{Directions, Problem, required_registers};
pub use recommend::Recommendation;
pub use second_order::SecondOrder;
pub use solution::{Execution, Solution};
pub use status::{Cause, InvalidProblem, NoRegimenState, SolveError, Statistics, Status};

pub use solver::{Machine, Solver, solve, solve_many};
