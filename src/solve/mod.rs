//! Integration of a `System` under a `Schedule`: methods, controller, driver, sensitivities, steady states.
//!
//! [`solve`] is the definition; [`solve_many`] runs many subjects in lanes that share instructions but not time, and gives
//! the same bits. A failed solve is a value: see [`Status`] and [`Cause`].
//!
//! | file | job |
//! |---|---|
//! | `problem`, `method`, `status`, `solution` | what goes in and what comes out |
//! | `driver` | the loop: prepare, step, accept or reject, commit, stop |
//! | `track` | one lane's way through its schedule: registers, jumps |
//! | `advance` | one lane along a step: outputs, flips |
//! | `block` | the numbers of all lanes; the sealed trait of the methods |
//! | `rodas5p`, `tsit5`, `dormand_prince` | one step of each method |
//! | `controller` | step sizes |
//! | `modes` | conditions: where they flip |
//! | `events` | events: triggers, queue, order, assignments |
//! | `jumps` | sensitivities through jumps |
//! | `steady` | steady states |
//! | `algebraic` | consistent values of algebraic states |
mod advance;
mod algebraic;
mod block;
mod controller;
mod dormand_prince;
mod driver;
mod events;
mod jumps;
mod method;
mod modes;
mod orders;
mod problem;
mod rodas5p;
mod solution;
mod status;
mod steady;
mod track;
mod tsit5;

pub use method::{Dop853, Dopri5, Method, Rodas5P, Tolerances, Tsit5};
pub use problem::{Directions, Problem, required_registers};
pub use solution::{Execution, Solution};
pub use status::{Cause, InvalidProblem, SolveError, Statistics, Status};

pub use driver::{solve, solve_many};
