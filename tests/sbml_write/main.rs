//! Networks written as SBML: what stands in the file, and that it reads back as the same model.
#![cfg(feature = "sbml")]
mod file;
mod mathml;
mod round_trips;
mod scenarios;
mod support;
