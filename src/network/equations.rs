//! The flat mathematics of a checked network: the only thing `compile` sees.
//!
//! Functions are inlined, assignment rules substituted, stoichiometry turned into derivatives. Derivatives by time are
//! expressions like others. The only symbols left in expressions are ids of `states`, `parameters` and `inputs`, and `ID.rate`,
//! the derivative of an input.
use crate::expr::{Expr, Graph};

/// dy/dt (mass 1) or a residual that must be zero (mass 0), one per state, in a fixed order.
#[derive(Clone, Debug)]
pub struct StateEquation {
    /// id of the quantity, or `amount(ID)`
    pub id: String,
    /// unit as text, None when undeclared
    pub unit: Option<String>,
    /// initial value: a number register named by the id itself is NOT used; an expression of parameters, inputs and time.
    /// A plain numeric initial value appears as the parameter `initial(ID)` so that derivatives can pass through it.
    pub initial: Expr,
    /// dy/dt, or the residual that must be zero
    pub right_hand_side: Expr,
    /// 1 for a differential, 0 for an algebraic equation
    pub mass: f64,
    /// amounts and concentrations never turn negative in a sound model
    pub nonnegative: bool,
}

/// A register: model parameter, compartment size, or `initial(ID)`.
#[derive(Clone, Debug)]
pub struct ParameterEquation {
    /// id of the parameter, compartment or constant species, or `initial(ID)`
    pub id: String,
    /// its default value
    pub value: f64,
    /// unit as text, None when undeclared
    pub unit: Option<String>,
}

/// How an input runs between its knots.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InputKind {
    /// constant from each knot to the next; the value holds from its knot's time on
    Step,
    /// straight lines between knots
    Linear,
    /// cubic pieces between knots, with a continuous derivative
    Smooth,
}

/// A function of time given by a table; the network holds its default, a schedule may replace it.
#[derive(Clone, Debug)]
pub struct InputEquation {
    /// id of the input
    pub id: String,
    /// how it runs between its knots
    pub kind: InputKind,
    /// unit as text, None when undeclared
    pub unit: Option<String>,
    /// (time, value), at least one, in time order; constant outside
    pub knots: Vec<(f64, f64)>,
}

/// A quantity computed from states, parameters, inputs and time.
#[derive(Clone, Debug)]
pub struct ObservableEquation {
    /// its id
    pub id: String,
    /// its value
    pub expression: Expr,
    /// unit as text, None when undeclared
    pub unit: Option<String>,
}

/// A state and the value that an event gives it.
#[derive(Clone, Debug)]
pub struct EventAssignment {
    /// position among the states
    pub state: usize,
    /// its new value, or what it is made from
    pub value: Expr,
    /// multiplies the value, read just before the assignments are made: an amount is a concentration times the size that the
    /// compartment has then
    pub factor: Option<Expr>,
}

/// An event; how it acts stands in [`crate::solve`].
#[derive(Clone, Debug)]
pub struct EventEquation {
    /// its id
    pub id: String,
    /// the event fires when this turns from false to true
    pub trigger: Expr,
    /// time between trigger and assignments
    pub delay: Option<Expr>,
    /// of events at the same time the one with the highest priority goes first
    pub priority: Option<Expr>,
    /// true if a delayed event stays due though its trigger turns false
    pub persistent: bool,
    /// the trigger's value just before the start
    pub initial_value: bool,
    /// true if the assigned values are those of the time of the trigger
    pub values_from_trigger_time: bool,
    /// new values of states
    pub assignments: Vec<EventAssignment>,
}

/// What an algebraic rule asks for beyond the equations; checked where a solve starts and after its jumps.
#[derive(Clone, Debug)]
pub struct RequirementEquation {
    /// the rule, as its place is displayed
    pub rule: String,
    /// true if the expression must be zero: a rule, or a derivative of it, that no quantity is left to fulfil but that the
    /// equations keep; false if it must not be zero: what a rule was divided by when it was solved
    pub vanishes: bool,
    /// the expression
    pub expression: Expr,
    /// what its remainder is compared with: the expression with the absolute values of all terms
    pub size: Expr,
}

/// The flat mathematics of one network.
#[derive(Clone, Debug)]
pub struct Equations {
    /// id of the network
    pub id: String,
    /// time unit as text ("d"), None when undeclared
    pub time_unit: Option<String>,
    /// owner of all expressions below
    pub graph: Graph,
    /// in a fixed order: species, compartments, parameters, each in order of declaration
    pub states: Vec<StateEquation>,
    /// parameters, compartments, constant species, then `initial(ID)` in the order of states
    pub parameters: Vec<ParameterEquation>,
    /// in order of declaration
    pub inputs: Vec<InputEquation>,
    /// every assigned quantity and declared observable, by id, as expression of states, parameters, inputs, time
    pub observables: Vec<ObservableEquation>,
    /// the rate of each reaction, by its id
    pub rates: Vec<ObservableEquation>,
    /// in order of declaration
    pub events: Vec<EventEquation>,
    /// of algebraic rules, in the order of their declaration
    pub requirements: Vec<RequirementEquation>,
}
