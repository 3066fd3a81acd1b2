//! How a solve ended: done, or when and why it failed.
use crate::schedule::ScheduleError;
use serde::{Deserialize, Serialize};

/// How a solve ended.
#[derive(Clone, Debug, PartialEq)]
pub enum Status {
    /// all output times were reached
    Finished,
    /// it went no further than `time`
    Failed {
        /// in the system's time unit; minus infinity when it could not start
        time: f64,
        /// why
        cause: Cause,
    },
}

impl std::fmt::Display for Status {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Status::Finished => write!(f, "finished"),
            Status::Failed { time, cause } => SolveError {
                time: *time,
                cause: cause.clone(),
            }
            .fmt(f),
        }
    }
}

/// Why a solve failed.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Cause {
    /// A rate or state became NaN or infinite, however small the step.
    #[error("{} became NaN or infinite, however small the step; look for a division by zero, or a logarithm or root of a negative number", .what.as_deref().map_or("a value".to_string(), |id| format!("`{id}` or its rate")))]
    NonFinite {
        /** id of the state or register, where known */
        what: Option<String>,
    },
    /// The controller asked for steps below the resolution of time.
    #[error(
        "the step size fell below the resolution of time; look for a solution that grows without bound, or loosen the tolerances"
    )]
    StepTooSmall,
    /// The step limit was reached.
    #[error(
        "the step limit was reached; raise `max_steps`, loosen the tolerances, or use Rodas5P if the model is stiff"
    )]
    TooManySteps,
    /// The explicit method found the problem stiff.
    #[error("the problem is stiff here; use Rodas5P")]
    Stiff,
    /// The matrix of the linear systems stayed singular.
    #[error(
        "the matrix mass/(gamma h) - J is singular or not finite; look for an algebraic equation that does not fix its state"
    )]
    Singular,
    /// A condition flipped again and again without time passing.
    #[error(
        "a condition flips back and forth without time passing: both sides drive the state to the switching surface; add hysteresis or a smooth transition"
    )]
    Chattering,
    /// No steady state was reached.
    #[error(
        "no steady state was reached; the model oscillates, grows, depends on time explicitly, or needs more steps"
    )]
    NoSteadyState,
    /// A regimen has no steady state, or none was found.
    #[error("the regimen has no steady state that could be found: {reason}")]
    NoRegimenState {
        /** why */
        reason: NoRegimenState,
    },
    /// Algebraic states could not be brought to satisfy their equations.
    #[error(
        "no consistent values of the algebraic states were found; give initial values nearer to a solution"
    )]
    Inconsistent,
    /// An algebraic rule that nothing is left to fulfil does not hold.
    #[error(
        "{rule} does not hold, and it leaves no quantity that could make it hold; change start values or event assignments so that they satisfy it"
    )]
    Contradiction {
        /** the rule */
        rule: String,
    },
    /// The coefficient by which an algebraic rule determines its quantity is zero.
    #[error(
        "{rule} does not determine its quantity, for the coefficient of the quantity is zero or not finite with these parameters"
    )]
    Undetermined {
        /** the rule */
        rule: String,
    },
    /// Events caused one another without end.
    #[error(
        "events cause one another without end and without time passing, `{event}` among them; let its trigger turn false, or stay true, after its assignments"
    )]
    EventCascade {
        /** id of an event among them */
        event: String,
    },
    /// An event's delay came out negative or NaN.
    #[error("the delay of event `{event}` is {value}; it must be 0 or positive")]
    EventDelay {
        /** id of the event */
        event: String,
        /** the delay */
        value: f64,
    },
    /// An event happened on the way to the final steady state, or within the interval of a regimen.
    #[error(
        "event `{event}` is triggered on the way to a steady state, which has no time; ask for finite output times, write the doses of a regimen out one by one, or remove the event"
    )]
    EventWhileSettling {
        /** id of the event */
        event: String,
    },
    /// The steps of another solve could not be repeated with these parameters.
    #[error(
        "the steps could not be repeated with parameters moved by a little: a condition, event or breakpoint goes otherwise there; second derivatives do not exist where the model changes its course"
    )]
    NotRepeated,
    /// Algebraic equations and a method for differential equations only.
    #[error(
        "the system has algebraic equations, which an explicit method cannot solve; use Rodas5P"
    )]
    AlgebraicWithExplicitMethod,
    /// A system that is not linear, and a method for linear ones.
    #[error("the model is not linear; rodas5p integrates it")]
    NotLinear,
    /// The problem itself is wrong.
    #[error("invalid problem: {0}")]
    Invalid(#[from] InvalidProblem),
}

/// Why a regimen has no steady state.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum NoRegimenState {
    /// Corrections did not lead to a state that returns.
    #[error(
        "after {passes} intervals the states still differ from one to the next; is more given than the model can eliminate?"
    )]
    NotFound {
        /** intervals tried */
        passes: usize,
    },
    /// A state grows by the same amount in every interval.
    #[error(
        "`{state}` gains in every interval and nothing takes it away; give it an elimination, or make it no state"
    )]
    Gains {
        /** id of the state */
        state: String,
    },
    /// The linear equations of the fixed point have no unique solution.
    #[error("the states after an interval do not determine those before it (singular equations)")]
    Singular,
    /// The fixed point repels.
    #[error(
        "disturbances grow {multiplier}-fold in an interval, so that repeated doses do not lead to it"
    )]
    Unstable {
        /** the factor */
        multiplier: f64,
    },
}

/// What is wrong with a problem.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidProblem {
    /// Wrong length of the extended vector.
    #[error("{expected} parameters expected (system, then schedule entries), {got} given")]
    Parameters {
        /// system parameters plus schedule entries
        expected: usize,
        /// numbers given
        got: usize,
    },
    /// A parameter is NaN or infinite.
    #[error("parameter `{id}` is {value}; it must be a finite number")]
    ParameterNotFinite {
        /// id of the parameter or entry
        id: String,
        /// its value
        value: f64,
    },
    /// Output times not ascending, or NaN.
    #[error("output times must ascend: {time} at position {position} follows {previous}")]
    TimesOutOfOrder {
        /// index into `times`
        position: usize,
        /// time before
        previous: f64,
        /// the time
        time: f64,
    },
    /// An output time before the start of the schedule.
    #[error("output time {time} lies before the schedule starts at {start}")]
    TimeBeforeStart {
        /// the output time
        time: f64,
        /// start of the schedule
        start: f64,
    },
    /// Tolerances that are not positive.
    #[error("tolerances must be positive and finite: relative {relative}, absolute {absolute}")]
    Tolerances {
        /// relative tolerance
        relative: f64,
        /// absolute tolerance
        absolute: f64,
    },
    /// A direction touches a register that the sensitivity tapes were not compiled for.
    #[error(
        "direction {direction} moves `{register}`, for which no derivatives were compiled; add it to `System::sensitivity` (see `required_registers`)"
    )]
    NotCompiled {
        /// index of the direction
        direction: usize,
        /// id of the parameter or input
        register: String,
    },
    /// A seed beyond the extended vector.
    #[error("direction {direction} seeds register {register}, but there are only {count}")]
    Seed {
        /// index of the direction
        direction: usize,
        /// the register
        register: usize,
        /// length of the extended vector
        count: usize,
    },
    /// Steps to be repeated, and a method that does not let others choose them.
    #[error(
        "second-order sensitivities repeat steps, and the methods of ode_solvers choose theirs; use Rodas5P or Tsit5"
    )]
    StepsOfItsOwn,
    /// The schedule is wrong.
    #[error("schedule: {0}")]
    Schedule(#[from] ScheduleError),
    /// Another system than the first problem's.
    #[error("all problems of one call must be of the same system")]
    OtherSystem,
}

/// A failed solve as an error, for those who want `?`.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{} {cause}", if .time.is_finite() { format!("the solve failed at time {time}:") } else { "the solve could not start:".to_string() })]
pub struct SolveError {
    /// when, in the system's time unit; minus infinity when it could not start
    pub time: f64,
    /// why
    pub cause: Cause,
}

/// What a solve cost. The numbers do not depend on the number of lanes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statistics {
    /// accepted steps
    pub steps: usize,
    /// rejected steps
    pub rejected: usize,
    /// evaluations of the right-hand side
    pub right_hand_sides: usize,
    /// evaluations of the Jacobian
    pub jacobians: usize,
    /// factorisations of mass/(gamma h) - J
    pub factorisations: usize,
    /// events executed
    #[serde(default)]
    pub events: usize,
    /// intervals integrated on the way to the steady states of regimens
    #[serde(default)]
    pub intervals: usize,
}
