//! Facts about the solver: accuracy, schedules, lanes, sensitivities, conditions, steady states, failures.
mod accuracy;
mod conditions;
mod failures;
mod lanes;
mod schedules;
mod sensitivities;
mod steady;
mod support;
