//! The flat mathematics of a checked network: the only thing `compile` sees.
//!
//! Functions are inlined, assignment rules substituted, stoichiometry turned into derivatives. The only symbols left in
//! expressions are ids of `states`, `parameters` and `inputs`.
use crate::expr::{Expr, Graph};

/// dy/dt (mass 1) or a residual that must be zero (mass 0), one per state, in a fixed order.
#[derive(Clone, Debug)]
pub struct StateEquation {
    pub id: String,
    /// unit as text, None when undeclared
    pub unit: Option<String>,
    /// initial value: a number register named by the id itself is NOT used; an expression of parameters, inputs and time.
    /// A plain numeric initial value appears as the parameter `initial(ID)` so that derivatives can pass through it.
    pub initial: Expr,
    pub right_hand_side: Expr,
    /// 1 for a differential, 0 for an algebraic equation
    pub mass: f64,
    /// amounts and concentrations never turn negative in a sound model
    pub nonnegative: bool,
}
/// A register: model parameter, compartment size, or `initial(ID)`.
#[derive(Clone, Debug)]
pub struct ParameterEquation {
    pub id: String,
    pub value: f64,
    pub unit: Option<String>,
}
/// How an input runs between its knots.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InputKind {
    Step,
    Linear,
    Smooth,
}
/// A function of time given by a table; the network holds its default, a schedule may replace it.
#[derive(Clone, Debug)]
pub struct InputEquation {
    pub id: String,
    pub kind: InputKind,
    pub unit: Option<String>,
    /** (time, value), sorted; constant outside; step: value holds from its time on */
    pub knots: Vec<(f64, f64)>,
}
#[derive(Clone, Debug)]
pub struct ObservableEquation {
    pub id: String,
    pub expression: Expr,
    pub unit: Option<String>,
}
#[derive(Clone, Debug)]
pub struct EventAssignment {
    pub state: usize,
    pub value: Expr,
}
/// An event as data; solved from the SBML issue on.
#[derive(Clone, Debug)]
pub struct EventEquation {
    pub id: String,
    pub trigger: Expr,
    pub delay: Option<Expr>,
    pub priority: Option<Expr>,
    pub persistent: bool,
    pub initial_value: bool,
    pub values_from_trigger_time: bool,
    pub assignments: Vec<EventAssignment>,
}

#[derive(Clone, Debug)]
pub struct Equations {
    pub id: String,
    /// time unit as text ("d"), None when undeclared
    pub time_unit: Option<String>,
    pub graph: Graph,
    pub states: Vec<StateEquation>,
    pub parameters: Vec<ParameterEquation>,
    pub inputs: Vec<InputEquation>,
    /// every assigned quantity and declared observable, by id, as expression of states, parameters, inputs, time
    pub observables: Vec<ObservableEquation>,
    pub events: Vec<EventEquation>,
}
