//! Continuation of states of rest against closed forms, its errors, and the flagship model.
mod closed_forms;
#[cfg(feature = "cli")]
mod command;
mod errors;
mod gut_ms;
mod support;
