//! ODE systems biology of the gut microbiota and multiple sclerosis: one road from a model to a fitted cohort.
//!
//! A model is data until the last moment. Mechanisms ([`library`]) and files ([`exchange::model`]) build one
//! [`network::Network`]; its `check` finds every error at once; [`compile`] turns it into an immutable system of instruction
//! tapes; [`solve`] runs it under a [`schedule`]; [`noise`] turns predictions into log-probabilities; [`fit`] sums them over a
//! [`cohort`] and moves the parameters; [`population`] lets them vary between individuals. Problems on disk are PEtab v1 or v2 ([`exchange::petab`]); the models of the crate stand in
//! [`models`]. An arrow means "uses"; what each layer is, and is not, stands in `ARCHITECTURE.md`.
//!
//! ```text
//!   cli -----> report, models ---> exchange (model.toml, PEtab)
//!                                      |
//!                         population, fit ------> cohort ----> noise
//!                                      |             |
//!     library                          +--> solve <--+
//!   (mechanisms) ---> chemistry               |
//!        |                                 schedule
//!        v                                    |
//!     network <---------------------------  compile
//!        |                                    |
//!        +-------------> expr <---------------+-----> lanes
//!                          |
//!                        units
//! ```
//!
//! A guild that eats fibre on a flow, from its rates to its densities at rest:
//!
//! ```
//! use holobiont::network::{Network, Parameter, Reaction, Species};
//! use holobiont::schedule::Schedule;
//! use holobiont::solve::{Method, Problem, Tolerances, solve};
//!
//! let mut gut = Network::new("gut");
//! gut.species("fibre", Species::new(1.0))?.species("Bacteroides", Species::new(0.1))?;
//! gut.parameter("diet", Parameter::new(10.0)).parameter("washout", Parameter::new(1.0));
//! gut.reaction("eating", Reaction::rate("diet").produces("fibre", 1.0))?;
//! gut.reaction("growth", Reaction::rate("5 * fibre / (0.5 + fibre) * Bacteroides")
//!     .consumes("fibre", "1 / 0.3").produces("Bacteroides", 1.0))?;
//! for id in ["fibre", "Bacteroides"] {
//!     gut.reaction(&format!("outflow_{id}"), Reaction::rate(format!("washout * {id}")).consumes(id, 1.0))?;
//! }
//! let system = gut.compile()?;
//! let schedule = Schedule::default();
//! let problem = Problem {
//!     system: &system, parameters: system.parameters(), schedule: &schedule, times: &[100.0], sensitivity: None,
//! };
//! let end = solve(&problem, &Method::default(), &Tolerances::default()).finished()?;
//! // at rest: growth equals washout at 0.125 fibre, and what is eaten and not washed out became bacteria
//! assert!((end.states(0)[0] - 0.125).abs() < 1e-5 && (end.states(0)[1] - 0.3 * 9.875).abs() < 1e-4);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
#![deny(missing_docs)]
pub mod chemistry;
#[cfg(feature = "cli")]
pub mod cli;
pub mod cohort;
pub mod compile;
pub mod exchange;
pub mod expr;
pub mod fit;
pub mod lanes;
pub mod library;
pub mod models;
pub mod network;
pub mod noise;
pub mod population;
#[cfg(feature = "report")]
pub mod report;
pub mod schedule;
#[cfg(feature = "report")]
pub mod scorecard;
pub mod solve;
pub mod trial;
pub mod units;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
