//! What happens to one subject and when: periods with parameter overrides, state jumps (doses), input tables.
//!
//! Every value, time and lag is a register of the extended parameter vector `[system parameters | schedule entries]`,
//! so that derivatives pass through doses, times and start values. All times are in the system's time unit.

/// Index into the extended vector: below `system.parameters().len()` a system parameter, above it a schedule entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
pub struct Register(pub usize);

/// A schedule entry: its name (for messages and tables) and default value.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Entry { pub id: String, pub value: f64 }

/// A time register with an optional lag register added.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Moment { pub at: Register, pub lag: Option<Register> }

/// When a period begins.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub enum Start {
    /// minus infinity: the period is a steady state, reached before the next period starts
    SteadyState,
    At(Moment),
}

/// From its start to the next: parameter registers replaced by other registers (reset to their own value when the period ends).
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Period { pub id: String, pub start: Start, /** (system parameter index, register that takes its place) */ pub overrides: Vec<(usize, Register)>, /** y := offset + factor y, at the start, in order */ pub jumps: Vec<Jump> }

/// y := offset + factor y: set (factor None), add (factor Some(one)), dilute and mix.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Jump { pub state: usize, pub offset: Option<Register>, pub factor: Factor }
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub enum Factor { Zero, One, Register(Register) }

/// A jump at its own moment, apart from periods (a bolus).
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Dose { pub moment: Moment, pub jump: Jump }

/// Replaces the default table of one input.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct InputTable { pub input: usize, /** (time, value) registers, in time order */ pub knots: Vec<(Register, Register)> }

/// One subject's schedule. Empty: the model as it stands from time 0.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Schedule { pub entries: Vec<Entry>, pub periods: Vec<Period>, pub doses: Vec<Dose>, pub inputs: Vec<InputTable> }
