//! What can be wrong with a schedule, and the checks that do not depend on parameter values.
use super::{Factor, InputTable, Jump, Moment, Register, Schedule, Start};
use crate::compile::System;

/// A schedule that does not fit its system or is not in time order.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ScheduleError {
    /// A register beyond the extended vector.
    #[error(
        "{place}: register {register} does not exist; the last one is {last} (system parameters, then schedule entries)"
    )]
    Register {
        /// where it is used
        place: String,
        /// the index
        register: usize,
        /// the greatest index allowed
        last: usize,
    },
    /// An override of a parameter that the system does not have.
    #[error("period `{period}` overrides parameter {parameter}, but the system has {count}")]
    Override {
        /// id of the period
        period: String,
        /// index of the parameter
        parameter: usize,
        /// parameters of the system
        count: usize,
    },
    /// An event that the system does not have.
    #[error("period `{period}` begins with event {event}, but the system has {count}")]
    Event {
        /// id of the period
        period: String,
        /// index of the event
        event: usize,
        /// events of the system
        count: usize,
    },
    /// A jump of a state that the system does not have.
    #[error("{place} changes state {state}, but the system has {count}")]
    State {
        /// the period or dose
        place: String,
        /// index of the state
        state: usize,
        /// states of the system
        count: usize,
    },
    /// A table for an input that the system does not have, or a second table for one input.
    #[error(
        "input table {table}: input {input} does not exist or has two tables (the system has {count} inputs)"
    )]
    Input {
        /// position of the table
        table: usize,
        /// index of the input
        input: usize,
        /// inputs of the system
        count: usize,
    },
    /// A table without knots.
    #[error("the table of input `{input}` has no knots; give it at least one (time, value)")]
    EmptyTable {
        /// id of the input
        input: String,
    },
    /// Knots out of time order (equal times are a step in `Step` and `Linear` tables, and an error in `Smooth` ones).
    #[error("the table of input `{input}` is not in time order: {time} follows {previous}")]
    KnotOrder {
        /// id of the input
        input: String,
        /// time of the knot before
        previous: f64,
        /// time of the knot
        time: f64,
    },
    /// A steady state after another period.
    #[error(
        "period `{period}` is a steady state but not the first period; only the first may be one"
    )]
    SteadyStateNotFirst {
        /// id of the period
        period: String,
    },
    /// Periods out of time order.
    #[error(
        "period `{period}` starts at {time}, before the period ahead of it in the list ({previous})"
    )]
    PeriodOrder {
        /// id of the period
        period: String,
        /// start of the period before
        previous: f64,
        /// its start
        time: f64,
    },
    /// A dose before the schedule starts.
    #[error(
        "dose {dose} is given at {time}, before the schedule starts at {start}; start an earlier period or move the dose"
    )]
    DoseBeforeStart {
        /// position in the list
        dose: usize,
        /// when
        time: f64,
        /// the schedule's start
        start: f64,
    },
    /// An infusion or a regimen before the schedule starts.
    #[error(
        "{place} is given at {time}, before the schedule starts at {start}; start an earlier period or move it"
    )]
    FlowBeforeStart {
        /// the infusion or regimen
        place: String,
        /// when
        time: f64,
        /// the schedule's start
        start: f64,
    },
    /// A duration or an interval that is not positive.
    #[error("{place} is {value}; it must be positive")]
    NotPositive {
        /// where it is used
        place: String,
        /// the value
        value: f64,
    },
    /// A lag that is negative or as long as the interval.
    #[error(
        "dose {dose} of regimen {regimen} comes {lag} after the beginning of an interval of {interval}; a lag in a steady state is at least 0 and less than the interval"
    )]
    LagOutsideInterval {
        /// position of the regimen
        regimen: usize,
        /// position of the dose in it
        dose: usize,
        /// the lag
        lag: f64,
        /// the interval
        interval: f64,
    },
    /// An infusion that lasts longer than the interval after which it is repeated.
    #[error(
        "dose {dose} of regimen {regimen} is infused over {duration}, longer than the interval of {interval} after which the next begins; shorten it, or lengthen the interval"
    )]
    InfusionBeyondInterval {
        /// position of the regimen
        regimen: usize,
        /// position of the dose in it
        dose: usize,
        /// its duration
        duration: f64,
        /// the interval
        interval: f64,
    },
    /// An infusion into a state that an algebraic equation determines.
    #[error(
        "{place} goes into `{state}`, which an algebraic equation determines; nothing can be added to its rate"
    )]
    Algebraic {
        /// the infusion or regimen
        place: String,
        /// id of the state
        state: String,
    },
    /// A time, lag, amount or factor that is not a finite number.
    #[error("{place} is not a finite number ({value})")]
    NotFinite {
        /// where it is used
        place: String,
        /// the value
        value: f64,
    },
}

/// Where a number of a schedule is used.
#[derive(Clone, Copy)]
enum Place<'s> {
    Period(&'s str),
    Dose(usize),
    Infusion(usize),
    Regimen(usize),
    Table(usize),
}

impl std::fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Place::Period(id) => write!(f, "period `{id}`"),
            Place::Dose(i) => write!(f, "dose {i}"),
            Place::Infusion(i) => write!(f, "infusion {i}"),
            Place::Regimen(i) => write!(f, "regimen {i}"),
            Place::Table(i) => write!(f, "input table {i}"),
        }
    }
}

impl Schedule {
    /// Every structural error at once: registers, parameters, states and inputs that do not exist.
    ///
    /// Times are checked where their values are known, by the solver.
    pub fn check(&self, system: &System) -> Vec<ScheduleError> {
        let mut errors = Vec::new();
        let parameters = system.parameters().len();
        let last = (parameters + self.entries.len()).saturating_sub(1);
        let states = system.state_ids().len();
        let mut register = |register: Register, place: Place| {
            if register.0 > last {
                errors.push(ScheduleError::Register {
                    place: place.to_string(),
                    register: register.0,
                    last,
                });
            }
        };
        let mut jumps: Vec<(Place, Jump)> = Vec::new();
        let mut moments: Vec<(Place, Moment)> = Vec::new();
        for period in &self.periods {
            let place = Place::Period(&period.id);
            for (_, with) in &period.overrides {
                register(*with, place);
            }
            if let Start::At(moment) = period.start {
                moments.push((place, moment));
            }
            jumps.extend(period.jumps.iter().map(|jump| (place, *jump)));
        }
        for (i, dose) in self.doses.iter().enumerate() {
            moments.push((Place::Dose(i), dose.moment));
            jumps.push((Place::Dose(i), dose.jump));
        }
        for &(place, moment) in &moments {
            register(moment.at, place);
            if let Some(lag) = moment.lag {
                register(lag, place);
            }
        }
        for &(place, jump) in &jumps {
            if let Some(offset) = jump.offset {
                register(offset, place);
            }
            if let Factor::Register(factor) = jump.factor {
                register(factor, place);
            }
        }
        let mut flows: Vec<(Place, usize, bool)> = Vec::new();
        for (i, infusion) in self.infusions.iter().enumerate() {
            let place = Place::Infusion(i);
            let moment = [Some(infusion.moment.at), infusion.moment.lag];
            let own = [Some(infusion.amount), Some(infusion.duration)];
            for used in moment.into_iter().chain(own).flatten() {
                register(used, place);
            }
            flows.push((place, infusion.state, true));
        }
        for (i, regimen) in self.regimens.iter().enumerate() {
            let place = Place::Regimen(i);
            register(regimen.at, place);
            register(regimen.interval, place);
            for dose in &regimen.doses {
                let used = [Some(dose.amount), dose.lag, dose.duration];
                for used in used.into_iter().flatten() {
                    register(used, place);
                }
                flows.push((place, dose.state, dose.duration.is_some()));
            }
        }
        for (i, table) in self.inputs.iter().enumerate() {
            for (time, value) in &table.knots {
                register(*time, Place::Table(i));
                register(*value, Place::Table(i));
            }
        }
        for (place, jump) in jumps {
            if jump.state >= states {
                errors.push(ScheduleError::State {
                    place: place.to_string(),
                    state: jump.state,
                    count: states,
                });
            }
        }
        for (place, state, infused) in flows {
            if state >= states {
                errors.push(ScheduleError::State {
                    place: place.to_string(),
                    state,
                    count: states,
                });
            } else if infused && system.mass()[state] == 0.0 {
                let state = system.state_ids()[state].clone();
                let place = place.to_string();
                errors.push(ScheduleError::Algebraic { place, state });
            }
        }
        let events = system.event_ids().len();
        for (i, period) in self.periods.iter().enumerate() {
            for &event in period.events.iter().filter(|event| **event >= events) {
                errors.push(ScheduleError::Event {
                    period: period.id.clone(),
                    event,
                    count: events,
                });
            }
            for &(parameter, _) in period.overrides.iter().filter(|over| over.0 >= parameters) {
                errors.push(ScheduleError::Override {
                    period: period.id.clone(),
                    parameter,
                    count: parameters,
                });
            }
            if i > 0 && period.start == Start::SteadyState {
                errors.push(ScheduleError::SteadyStateNotFirst {
                    period: period.id.clone(),
                });
            }
        }
        let count = system.input_ids().len();
        for (table, InputTable { input, knots }) in self.inputs.iter().enumerate() {
            if *input >= count
                || self.inputs[..table]
                    .iter()
                    .any(|other| other.input == *input)
            {
                errors.push(ScheduleError::Input {
                    table,
                    input: *input,
                    count,
                });
            } else if knots.is_empty() {
                errors.push(ScheduleError::EmptyTable {
                    input: system.input_ids()[*input].clone(),
                });
            }
        }
        errors
    }
}
