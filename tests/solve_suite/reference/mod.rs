//! Standard problems with published digits: what each method reaches, at what work, and the order of the methods of ode_solvers.
#![allow(clippy::excessive_precision, reason = "digits as published")]
mod air_pollution;
mod orbits;
mod problems;
mod reached;
mod work;
