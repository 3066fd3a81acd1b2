//! What happens to one subject and when: periods with parameter overrides, state jumps (doses), infusions, regimens, input tables.
//!
//! Every value, time and lag is a register of the extended parameter vector `[system parameters | schedule entries]`,
//! so that derivatives pass through doses, times and start values. All times are in the system's time unit. How a
//! schedule acts on the states stands in [`crate::solve`]; subjects and their readings stand in [`crate::cohort`].
//!
//! # Meaning
//! * The schedule starts at its first period's time, or at 0 when it has no period at a finite time. Initial values are
//!   evaluated there, with the first period's effective parameters; then the period's jumps act, in order.
//! * A period's overrides hold until the next period starts; then every parameter has its own value again.
//! * At one moment, input knots come first, then periods, then regimens, then ends of infusions, then doses and beginnings of
//!   infusions, each in the order given; then the events of the model.
//! * An infusion adds to the rate of its state; a [`Regimen`] puts the subject into a periodic steady state (see the module `regimen`).
//! * An input table is constant outside its knots. `Step` holds a value from its time on, `Linear` joins the knots,
//!   `Smooth` is a monotone cubic (see [`InputKind`](crate::network::InputKind) and the module `input`).
//!
//! ```
//! use holobiont::schedule::{Dose, Factor, Jump, Moment, Schedule};
//! let mut schedule = Schedule::default();
//! let system_parameters = 3; // registers 0, 1, 2 belong to the system
//! let time = schedule.add_entry(system_parameters, "dose_time", 1.5);
//! let amount = schedule.add_entry(system_parameters, "dose_amount", 10.0);
//! let jump = Jump { state: 0, offset: Some(amount), factor: Factor::One };
//! schedule.doses.push(Dose { moment: Moment { at: time, lag: None }, jump });
//! assert_eq!(schedule.extend(&[0.1, 0.2, 0.3]), [0.1, 0.2, 0.3, 1.5, 10.0]);
//! ```
use serde::{Deserialize, Serialize};

mod check;
mod input;
mod plan;
mod regimen;

pub use check::ScheduleError;
pub(crate) use input::Dual;
#[cfg(feature = "sbml")]
pub(crate) use input::coefficients;
pub(crate) use plan::{Break, Plan, Stop};
pub(crate) use regimen::{Flow, Interval};
pub use regimen::{Infusion, Regimen, RegimenDose, RegimenKind};

/// Index into the extended vector: below `system.parameters().len()` a system parameter, above it a schedule entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Register(pub usize);

/// A schedule entry: its name (for messages and tables) and default value.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// name, for messages and tables
    pub id: String,
    /// value where nothing else is given
    pub value: f64,
}

/// A time register with an optional lag register added.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Moment {
    /// time
    pub at: Register,
    /// added to the time
    pub lag: Option<Register>,
}

/// When a period begins.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub enum Start {
    /// minus infinity: the period is a steady state, reached before the next period starts
    SteadyState,
    /// at a finite time
    At(Moment),
}

/// From its start to the next: parameter registers replaced by other registers (reset to their own value when the period ends).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Period {
    /// name, for messages
    pub id: String,
    /// when it begins
    pub start: Start,
    /// (system parameter index, register that takes its place)
    pub overrides: Vec<(usize, Register)>,
    /// y := offset + factor y, at the start, in order
    pub jumps: Vec<Jump>,
    /// events of the system (in the order of `event_ids`) whose assignments are made at the start, after the jumps and whatever
    /// their triggers say; values are those of just before
    #[serde(default)]
    pub events: Vec<usize>,
}

/// y := offset + factor y: set (`Factor::Zero`), add (`Factor::One`), dilute and mix (`Factor::Register`).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Jump {
    /// index of the state
    pub state: usize,
    /// what is added; nothing when None
    pub offset: Option<Register>,
    /// what multiplies the old value
    pub factor: Factor,
}

/// Multiplies the value before a jump.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub enum Factor {
    /// the old value is forgotten
    Zero,
    /// the old value stays
    One,
    /// the old value is multiplied by a register
    Register(Register),
}

/// A jump at its own moment, apart from periods (a bolus).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Dose {
    /// when
    pub moment: Moment,
    /// what
    pub jump: Jump,
}

/// Replaces the default table of one input.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct InputTable {
    /// index of the input
    pub input: usize,
    /// (time, value) registers, in time order
    pub knots: Vec<(Register, Register)>,
}

/// One subject's schedule. Empty: the model as it stands from time 0.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Schedule {
    /// registers behind the system's parameters
    pub entries: Vec<Entry>,
    /// in time order; only the first may be a steady state
    pub periods: Vec<Period>,
    /// in any order
    pub doses: Vec<Dose>,
    /// in any order
    #[serde(default)]
    pub infusions: Vec<Infusion>,
    /// in any order; of those at one time the first comes first
    #[serde(default)]
    pub regimens: Vec<Regimen>,
    /// at most one per input
    pub inputs: Vec<InputTable>,
    /// seed of the random order in which events at one moment happen where their priorities leave it open
    #[serde(default)]
    pub event_seed: u64,
}

impl Schedule {
    /// Adds an entry and returns its register; `system_parameters` is `system.parameters().len()`.
    pub fn add_entry(
        &mut self,
        system_parameters: usize,
        id: impl Into<String>,
        value: f64,
    ) -> Register {
        self.entries.push(Entry {
            id: id.into(),
            value,
        });
        Register(system_parameters + self.entries.len() - 1)
    }

    /// The extended vector: the given system parameters, then the entries' default values.
    pub fn extend(&self, system_parameters: &[f64]) -> Vec<f64> {
        system_parameters
            .iter()
            .copied()
            .chain(self.entries.iter().map(|entry| entry.value))
            .collect()
    }
}
