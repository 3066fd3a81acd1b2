//! Facts about the solver: accuracy, standard problems, orders, schedules, lanes, sensitivities, conditions, events, steady states, failures.
mod accuracy;
mod conditions;
mod events;
mod failures;
mod faults;
mod lanes;
mod orders;
mod reference;
mod schedules;
mod sensitivities;
mod steady;
mod support;
