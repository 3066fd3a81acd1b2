//! The flagship `gut_ms`: what it does at rest and over ten years, what its scenarios do, and what never happens.
mod behaviour;
mod laws;
mod scenarios;
mod support;
