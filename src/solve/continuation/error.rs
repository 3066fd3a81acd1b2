//! Why a continuation cannot begin.
use super::{Along, ContinuationOptions};
use crate::compile::System;

/// Why a continuation cannot begin. How a curve ends is no error: see [`End`](super::End).
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ContinuationError {
    /// A range without length, or steps that are none.
    #[error("{what} must be {expected}, not {value}")]
    Option {
        /// which number
        what: &'static str,
        /// what it may be
        expected: &'static str,
        /// what it is
        value: f64,
    },
    /// No register, a register that is not there, or one twice.
    #[error("{}", .register.map_or("no parameter is varied".to_string(), |r| format!("register {r} is no parameter of the system, or is varied twice")))]
    Register {
        /// position of the parameter; none where none is given
        register: Option<usize>,
    },
    /// A held state that is not there.
    #[error("there is no state {position} to be held")]
    Held {
        /// position of the state
        position: usize,
    },
    /// Numbers of the origin do not fit the system.
    #[error("the origin has {got} {what}, the system {expected}")]
    Origin {
        /// states or registers
        what: &'static str,
        /// how many the system has
        expected: usize,
        /// how many were given
        got: usize,
    },
    /// A factor on parameters that are all 0.
    #[error(
        "the parameters are all 0 at the start, and a factor leaves them so; vary one parameter by its value"
    )]
    NothingToMultiply,
    /// The value at the start is not in the range.
    #[error("the start has the value {value}, outside of the range from {from} to {to}")]
    OutsideRange {
        /// value at the start
        value: f64,
        /// where the range begins
        from: f64,
        /// where it ends
        to: f64,
    },
    /// Every state is held, or there is none.
    #[error("no state is left that could come to rest: all are held, or stand still by themselves")]
    NoStates,
    /// A rate or a derivative is not finite at the start.
    #[error("`{state}`: its rate or a derivative of it is NaN or infinite at the start")]
    NotFinite {
        /// id of the state
        state: String,
    },
    /// A rate depends on time at the end of the run.
    #[error(
        "the rate of `{state}` changes with time at the end of the run: rest needs inputs that have become constant, or a later end"
    )]
    DependsOnTime {
        /// id of the state
        state: String,
    },
    /// States that still move at the end of the run.
    #[error("{} not rest: another {run} {unit} would move {} by about {:.2} %; {}", does(.states), .states[0], 100.0 * .change, advice(.states, *.leads))]
    Restless {
        /// ids of the states that do not come to rest, the slowest first
        states: Vec<String>,
        /// whether they move by themselves, and others with them
        leads: bool,
        /// length of the run
        run: f64,
        /// unit of time
        unit: String,
        /// relative change of the first within another such time
        change: f64,
    },
    /// A total that the equations conserve, so that states of rest are not isolated.
    #[error("the Jacobian is singular, for a total over {} is conserved: its states of rest depend on where a run starts; write one of the states by the total and the others, or hold one (--hold {})", quoted(.states), .states[0])]
    Conserved {
        /// ids of the states in the total
        states: Vec<String>,
    },
    /// The Jacobian is singular for another reason.
    #[error("the Jacobian is singular at the start: the state lies at a fold or in a continuum of states of rest ({}); start from another value", quoted(.states))]
    Singular {
        /// ids of the states with dependent rates
        states: Vec<String>,
    },
}

fn quoted(states: &[String]) -> String {
    let quoted: Vec<String> = states.iter().map(|id| format!("`{id}`")).collect();
    quoted.join(", ")
}

fn does(states: &[String]) -> String {
    let verb = if states.len() == 1 { "does" } else { "do" };
    format!("{} {verb}", quoted(states))
}

fn advice(states: &[String], leads: bool) -> String {
    let list = states.join(",");
    match leads {
        true => format!(
            "hold what moves for ever (--hold {list}); or run for longer first, or start elsewhere: near a fold all is slow"
        ),
        false => "it may oscillate, or be slow on its way to another state: run for longer first, or start elsewhere".to_string(),
    }
}

/// What can be checked without an origin.
pub(super) fn check(
    system: &System,
    along: &Along,
    options: &ContinuationOptions,
) -> Result<(), ContinuationError> {
    let wrong = |what, expected, value| {
        Err(ContinuationError::Option {
            what,
            expected,
            value,
        })
    };
    if !options.from.is_finite() {
        return wrong("the start of the range", "a finite number", options.from);
    }
    if !options.to.is_finite() || options.to <= options.from {
        return wrong(
            "the end of the range",
            "a finite number above its start",
            options.to,
        );
    }
    let positive = |x: f64| x.is_finite() && x > 0.0;
    for (what, value) in [
        ("the longest step", options.largest_step),
        ("the shortest step", options.smallest_step),
        ("the absolute tolerance", options.absolute),
    ] {
        if !positive(value) {
            return wrong(what, "a positive number", value);
        }
    }
    let registers = along.moving();
    if registers.is_empty() {
        return Err(ContinuationError::Register { register: None });
    }
    for (k, &register) in registers.iter().enumerate() {
        if register >= system.parameters().len() || registers[..k].contains(&register) {
            let register = Some(register);
            return Err(ContinuationError::Register { register });
        }
    }
    let states = system.state_ids().len();
    match options.held.iter().find(|&&position| position >= states) {
        Some(&position) => Err(ContinuationError::Held { position }),
        None => Ok(()),
    }
}
