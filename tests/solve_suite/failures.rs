//! Failures are values: typed, placed, and NaN after.
use crate::support::*;
use holobiont::{
    compile::System,
    schedule::{Dose, Factor, Jump, Moment, Period, Register, Schedule, ScheduleError, Start},
    solve::{Cause, InvalidProblem, Method, Problem, Rodas5P, Solution, Status, Tolerances, solve},
};

fn cause(solution: &Solution) -> Cause {
    match &solution.status {
        Status::Failed { cause, .. } => cause.clone(),
        Status::Finished => panic!("finished"),
    }
}

#[test]
fn a_rate_that_becomes_undefined_is_named_and_placed() {
    // y falls to zero at t = 1, where its square root ends
    let system = system(
        &[("x", "1", "-x"), ("y", "1", "-1 + 1e-30 * sqrt(y - 1e-9)")],
        &[],
    );
    for method in methods() {
        let solution = run(&system, &Schedule::default(), &[0.5, 2.0], &method, 1e-6);
        let Status::Failed { time, cause } = &solution.status else {
            panic!("{method:?} finished")
        };
        assert_eq!(
            *cause,
            Cause::NonFinite {
                what: Some("y".into())
            },
            "{method:?}"
        );
        close(*time, 1.0, 1e-3, "when");
        close(solution.states(0)[1], 0.5, 1e-8, "before");
        assert!(solution.states(1).iter().all(|y| y.is_nan()));
        let error = solution.finished().unwrap_err();
        assert!(error.to_string().contains("`y`"), "{error}");
    }
}

#[test]
fn a_solution_that_explodes_ends_with_a_cause_near_its_pole() {
    let system = system(&[("y", "1", "y^2")], &[]);
    for method in methods() {
        let solution = run(&system, &Schedule::default(), &[2.0], &method, 1e-6);
        let Status::Failed { time, cause } = &solution.status else {
            panic!("{method:?} finished")
        };
        assert!((time - 1.0).abs() < 1e-3, "{method:?}: {time}");
        assert!(
            matches!(
                cause,
                Cause::StepTooSmall | Cause::NonFinite { .. } | Cause::Stiff
            ),
            "{method:?}: {cause:?}"
        );
    }
}

#[test]
fn the_step_limit_is_kept() {
    let system = system(
        &[("x", "2", "v"), ("v", "0", "1e6 * ((1 - x^2) * v - x)")],
        &[],
    );
    let method = Method::Rodas5P(Rodas5P { max_steps: 50 });
    let solution = run(&system, &Schedule::default(), &[2.0], &method, 1e-6);
    assert_eq!(cause(&solution), Cause::TooManySteps);
    assert_eq!(solution.statistics.steps + solution.statistics.rejected, 50);
}

#[test]
fn algebraic_equations_are_refused_by_explicit_methods() {
    let system = crate::support::system(&[("y", "1", "-z"), ("z", "1", "0 = z - y")], &[]);
    for method in &methods()[1..] {
        assert_eq!(
            cause(&run(&system, &Schedule::default(), &[1.0], method, 1e-6)),
            Cause::AlgebraicWithExplicitMethod
        );
    }
}

#[test]
fn an_algebraic_equation_without_solution_is_inconsistent() {
    let system = system(&[("y", "1", "-y"), ("z", "1", "0 = z^2 + y")], &[]);
    assert_eq!(
        cause(&run(&system, &Schedule::default(), &[1.0], &rodas(), 1e-6)),
        Cause::Inconsistent
    );
}

fn invalid(
    system: &System,
    schedule: &Schedule,
    parameters: &[f64],
    times: &[f64],
    tolerances: Tolerances,
) -> InvalidProblem {
    let problem = Problem {
        system,
        parameters,
        schedule,
        times,
        sensitivity: None,
    };
    match cause(&solve(&problem, &rodas(), &tolerances)) {
        Cause::Invalid(invalid) => invalid,
        other => panic!("{other:?}"),
    }
}

#[test]
fn wrong_problems_are_told_apart() {
    let system = system(&[("y", "1", "-k * y")], &[("k", 1.0)]);
    let empty = Schedule::default();
    let fine = Tolerances::default();
    let check = |parameters: &[f64], times: &[f64], tolerances| {
        invalid(&system, &empty, parameters, times, tolerances)
    };
    assert_eq!(
        check(&[], &[1.0], fine),
        InvalidProblem::Parameters {
            expected: 1,
            got: 0
        }
    );
    assert!(
        matches!(check(&[f64::NAN], &[1.0], fine), InvalidProblem::ParameterNotFinite { id, .. } if id == "k")
    );
    assert!(matches!(
        check(&[1.0], &[1.0, 0.5], fine),
        InvalidProblem::TimesOutOfOrder { position: 1, .. }
    ));
    assert!(matches!(
        check(&[1.0], &[f64::NAN], fine),
        InvalidProblem::TimesOutOfOrder { position: 0, .. }
    ));
    assert!(matches!(
        check(&[1.0], &[-1.0], fine),
        InvalidProblem::TimeBeforeStart { .. }
    ));
    let zero = Tolerances {
        relative: 0.0,
        absolute: 1e-9,
    };
    assert!(matches!(
        check(&[1.0], &[1.0], zero),
        InvalidProblem::Tolerances { .. }
    ));
}

#[test]
fn wrong_schedules_are_told_apart() {
    let system = system(&[("y", "1", "-k * y")], &[("k", 1.0)]);
    let of = |schedule: &Schedule| match invalid(
        &system,
        schedule,
        &schedule.extend(system.parameters()),
        &[5.0],
        Tolerances::default(),
    ) {
        InvalidProblem::Schedule(error) => error,
        other => panic!("{other:?}"),
    };
    let dose = |at: Register, state: usize| Dose {
        moment: Moment { at, lag: None },
        jump: Jump {
            state,
            offset: None,
            factor: Factor::One,
        },
    };
    let period = |at: Register| Period {
        id: "p".into(),
        start: Start::At(Moment { at, lag: None }),
        overrides: Vec::new(),
        jumps: Vec::new(),
        events: Vec::new(),
    };
    let mut schedule = Schedule::default();
    let early = schedule.add_entry(1, "early", -1.0);
    let late = schedule.add_entry(1, "late", 3.0);
    let with = |doses: Vec<Dose>, periods: Vec<Period>| Schedule {
        doses,
        periods,
        ..schedule.clone()
    };
    assert!(matches!(
        of(&with(vec![dose(Register(9), 0)], vec![])),
        ScheduleError::Register {
            register: 9,
            last: 2,
            ..
        }
    ));
    assert!(matches!(
        of(&with(vec![dose(late, 4)], vec![])),
        ScheduleError::State { state: 4, .. }
    ));
    assert!(matches!(
        of(&with(vec![dose(early, 0)], vec![])),
        ScheduleError::DoseBeforeStart { .. }
    ));
    assert!(matches!(
        of(&with(vec![], vec![period(late), period(early)])),
        ScheduleError::PeriodOrder { .. }
    ));
    let steady = Period {
        start: Start::SteadyState,
        ..period(late)
    };
    assert!(matches!(
        of(&with(vec![], vec![period(early), steady])),
        ScheduleError::SteadyStateNotFirst { .. }
    ));
    let unknown = Period {
        overrides: vec![(7, late)],
        ..period(early)
    };
    assert!(matches!(
        of(&with(vec![], vec![unknown])),
        ScheduleError::Override { parameter: 7, .. }
    ));
}

#[test]
fn no_output_times_is_a_finished_solve() {
    let system = system(&[("y", "1", "-y")], &[]);
    assert_eq!(
        run(&system, &Schedule::default(), &[], &rodas(), 1e-6).status,
        Status::Finished
    );
}

#[test]
fn a_system_without_states_is_solved() {
    let system = system(&[], &[("k", 1.0)]);
    for method in methods() {
        assert_eq!(
            run(&system, &Schedule::default(), &[0.0, 1.0], &method, 1e-6).status,
            Status::Finished,
            "{method:?}"
        );
    }
}
