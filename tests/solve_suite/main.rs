//! Facts about the solver: accuracy, schedules, lanes, sensitivities, conditions, events, steady states, failures.
mod accuracy;
mod conditions;
mod events;
mod failures;
mod lanes;
mod schedules;
mod sensitivities;
mod steady;
mod support;
