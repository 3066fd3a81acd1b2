//! Bad input: PEtab problems with one fault each. Every fault is told with its place, or what was read is another problem; nothing
//! panics and nothing is lost in silence. The linter of the Python package `petab` names the checks that must not be missing.
#![cfg(feature = "sbml")]
mod checks;
mod embedded;
mod judge;
mod linter_1;
mod linter_2;
mod mutations;
mod problems;
mod suite;
mod table;
