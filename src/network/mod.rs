//! A model as data: compartments, species, reactions, rules, events, inputs, observables; and its flat equations.
mod equations;
pub use equations::{Equations, EventEquation, InputEquation, InputKind, ObservableEquation, ParameterEquation, StateEquation, EventAssignment};
