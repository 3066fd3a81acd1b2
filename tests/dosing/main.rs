//! Facts about doses, infusions and regimens: closed forms, their first and second derivatives, repeated doses, failures, lanes.
mod closed_forms;
mod failures;
mod models;
mod petab;
mod regimens;
mod support;
