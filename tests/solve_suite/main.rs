//! Facts about the solver: accuracy, standard problems, orders, schedules, lanes, sensitivities of both orders, conditions, events, steady states, failures.
mod accuracy;
mod conditions;
mod events;
mod failures;
mod faults;
mod lanes;
mod orders;
mod reference;
mod schedules;
mod second_order;
mod sensitivities;
mod steady;
mod support;
