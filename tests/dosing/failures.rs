//! Regimens without a steady state, and schedules that cannot be: typed causes.
use crate::support::*;
use holobiont::{
    compile::System,
    network::{Network, Parameter, Reaction, Species},
    schedule::ScheduleError,
    solve::{Cause, InvalidProblem, NoRegimenState, Status, Tolerances},
};

fn cause(system: &System, state: &str, numbers: [f64; 5]) -> Cause {
    let (schedule, parameters) = regimen(system, state, numbers);
    let problem = problem(system, &schedule, &parameters, &[20.0]);
    match run(problem, methods()[0], Tolerances::default()).status {
        Status::Failed { cause, .. } => cause,
        Status::Finished => panic!("it has no steady state"),
    }
}

#[test]
fn more_than_an_enzyme_can_eliminate_has_no_steady_state() {
    // 1.4 a day at most, 2 a day given
    let cause = cause(&saturable(), "central", [0.0, 16.0, 8.0, 0.0, 0.0]);
    assert!(matches!(cause, Cause::NoRegimenState { .. }), "{cause}");
}

#[test]
fn a_state_that_only_gains_is_named() {
    let mut network = Network::new("excreted");
    network.species("central", Species::new(0.0)).unwrap();
    network.species("urine", Species::new(0.0)).unwrap();
    network.parameter("k", Parameter::new(0.3));
    let reaction = Reaction::rate("k * central").consumes("central", 1.0);
    network
        .reaction("excretion", reaction.produces("urine", 1.0))
        .unwrap();
    let system = network.compile().unwrap();
    let state = "urine".to_owned();
    let reason = NoRegimenState::Gains { state };
    let expected = Cause::NoRegimenState { reason };
    assert_eq!(
        cause(&system, "central", [0.0, 16.0, 8.0, 0.0, 0.0]),
        expected
    );
}

#[test]
fn an_infusion_longer_than_its_interval_is_refused() {
    let cause = cause(&oral(), "central", [0.0, 16.0, 8.0, 0.0, 9.0]);
    let Cause::Invalid(InvalidProblem::Schedule(error)) = cause else {
        panic!("{cause}");
    };
    assert!(matches!(
        error,
        ScheduleError::InfusionBeyondInterval { .. }
    ));
}

#[test]
fn a_lag_as_long_as_the_interval_is_refused() {
    let cause = cause(&oral(), "central", [0.0, 16.0, 8.0, 8.0, 0.0]);
    let Cause::Invalid(InvalidProblem::Schedule(error)) = cause else {
        panic!("{cause}");
    };
    assert!(matches!(error, ScheduleError::LagOutsideInterval { .. }));
}

#[test]
fn an_interval_of_zero_is_refused() {
    let cause = cause(&oral(), "central", [0.0, 16.0, 0.0, 0.0, 0.0]);
    let Cause::Invalid(InvalidProblem::Schedule(error)) = cause else {
        panic!("{cause}");
    };
    assert!(matches!(error, ScheduleError::NotPositive { .. }));
}
