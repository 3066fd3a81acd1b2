//! ODE systems biology of the gut microbiota and multiple sclerosis: one road from a model to a fitted cohort.
//!
//! (story and layer picture: to be completed)
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
