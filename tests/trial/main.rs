//! Virtual cohorts and trials on a model of two states: the same bits on any number of threads, chance as it should be, false
//! positives, statistics against published numbers, and files with errors.
mod chance;
#[cfg(feature = "cli")]
mod command;
mod files;
mod shares;
mod statistics;
mod support;
mod trials;
