//! ODE systems biology of the gut microbiota and multiple sclerosis: one road from a model to a fitted cohort.
//!
//! A model is data until the last moment. Mechanisms ([`library`]) and files ([`exchange::model`]) build one
//! [`network::Network`]; its `check` finds every error at once; [`compile`] turns it into an immutable system of instruction
//! tapes; [`solve`] runs it under a [`schedule`]; [`noise`] turns predictions into log-probabilities; [`fit`] sums them over a
//! [`cohort`] and moves the parameters. Problems on disk are PEtab v2 ([`exchange::petab`]); the models of the crate stand in
//! [`models`]. The layers and what each may use are drawn in `ARCHITECTURE.md`.
pub mod chemistry;
#[cfg(feature = "cli")]
pub mod cli;
pub mod cohort;
pub mod compile;
pub mod exchange;
pub mod expr;
pub mod fit;
pub mod library;
pub mod models;
pub mod network;
pub mod noise;
#[cfg(feature = "report")]
pub mod report;
pub mod schedule;
pub mod solve;
pub mod units;
