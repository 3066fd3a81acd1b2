//! What cannot be continued says why, with the states concerned.
use crate::support::{at, refused, run, system, value};
use holobiont::solve::{Along, ContinuationError, ContinuationOptions, Diagram};

/// x decays slowly for ever and draws y along.
fn slow() -> holobiont::compile::System {
    system(
        &[("x", 1.0, true), ("y", 1.0, true)],
        &[("slow", 1e-4), ("r", 1.0)],
        &[("x", "-slow * x"), ("y", "r * x - y")],
    )
}

#[test]
fn a_state_that_does_not_rest_is_named_and_can_be_held() {
    let system = slow();
    let origin = run(&system, 1000.0);
    let error = refused(&system, value(&system, "r"), &origin);
    let ContinuationError::Restless { states, leads, .. } = &error else {
        panic!("{error}");
    };
    // y moves as fast, but only because x does
    assert_eq!(
        (states.as_slice(), *leads),
        (["x".to_string()].as_slice(), true)
    );
    assert!(error.to_string().contains("--hold x"), "{error}");
    let options = ContinuationOptions {
        held: vec![0],
        ..ContinuationOptions::over(0.5, 2.0)
    };
    let mut diagram = Diagram::new(&system, value(&system, "r"), options).expect("a range");
    diagram.add(&origin).expect("a curve");
    for point in &diagram.branches()[0].points {
        assert_eq!(point.states[0], origin.states[0]);
        let exact = point.value * origin.states[0];
        assert!((point.states[1] - exact).abs() < 1e-9 * exact); // Newton's method ends at 1e-10
    }
}

#[test]
fn a_state_that_grows_evenly_is_named() {
    let system = system(
        &[("x", 1.0, true), ("y", 1.0, true)],
        &[("r", 1.0)],
        &[("x", "0.1 * r"), ("y", "r - y")],
    );
    let error = refused(&system, value(&system, "r"), &run(&system, 50.0));
    let ContinuationError::Restless { states, .. } = error else {
        panic!("{error}");
    };
    assert_eq!(states, ["x"]);
}

#[test]
fn an_oscillation_does_not_rest() {
    let system = system(
        &[("x", 1.1, true), ("y", 1.0, true)],
        &[("b", 3.0), ("r", 1.0)],
        &[("x", "r - (b + 1) * x + x^2 * y"), ("y", "b * x - x^2 * y")],
    );
    let error = refused(&system, value(&system, "r"), &run(&system, 100.0));
    assert!(
        matches!(error, ContinuationError::Restless { .. }),
        "{error}"
    );
}

#[test]
fn a_conserved_total_is_named() {
    let system = system(
        &[("A", 1.0, true), ("B", 0.0, true), ("C", 1.0, true)],
        &[("r", 1.0)],
        &[("A", "B - r * A"), ("B", "r * A - B"), ("C", "r - C")],
    );
    let error = refused(&system, value(&system, "r"), &run(&system, 50.0));
    let ContinuationError::Conserved { mut states } = error else {
        panic!("{error}");
    };
    states.sort();
    assert_eq!(states, ["A", "B"]);
}

#[test]
fn a_rate_that_depends_on_time_is_named() {
    let system = system(
        &[("x", 1.0, true)],
        &[("r", 1.0)],
        &[("x", "r + sin(time) - x")],
    );
    let error = refused(&system, value(&system, "r"), &run(&system, 10.0));
    let state = "x".to_string();
    assert_eq!(error, ContinuationError::DependsOnTime { state });
}

#[test]
fn a_start_at_a_fold_is_singular() {
    let system = system(
        &[("x", 0.0, false)],
        &[("r", 1.0)],
        &[("x", "(r - 1) - x^2")],
    );
    let error = refused(&system, value(&system, "r"), &at(&system, &[0.0]));
    assert!(
        matches!(error, ContinuationError::Singular { .. }),
        "{error}"
    );
}

#[test]
fn ranges_factors_and_positions_are_checked() {
    let system = system(
        &[("x", 1.0, true)],
        &[("r", 3.0), ("none", 0.0)],
        &[("x", "r + none - x")],
    );
    let origin = at(&system, &[3.0]);
    let outside = refused(&system, value(&system, "r"), &origin);
    assert!(matches!(
        outside,
        ContinuationError::OutsideRange { value: 3.0, .. }
    ));
    let nothing = Along::Factor(vec![system.parameter_index("none").expect("a parameter")]);
    assert_eq!(
        refused(&system, nothing, &origin),
        ContinuationError::NothingToMultiply
    );
    let register = Some(9);
    assert_eq!(
        refused(&system, Along::Value(9), &origin),
        ContinuationError::Register { register }
    );
    assert_eq!(
        refused(&system, Along::Factor(Vec::new()), &origin),
        ContinuationError::Register { register: None }
    );
    let short = holobiont::solve::Origin {
        states: Vec::new(),
        ..origin.clone()
    };
    let error = refused(&system, Along::Factor(vec![0]), &short);
    assert!(matches!(
        error,
        ContinuationError::Origin {
            expected: 1,
            got: 0,
            ..
        }
    ));
    let backwards = ContinuationOptions::over(2.0, 0.5);
    let error = Diagram::new(&system, value(&system, "r"), backwards).expect_err("an error");
    assert!(matches!(error, ContinuationError::Option { .. }), "{error}");
    let held = ContinuationOptions {
        held: vec![0],
        ..ContinuationOptions::over(0.5, 4.0)
    };
    let mut all = Diagram::new(&system, value(&system, "r"), held).expect("a range");
    assert_eq!(all.add(&origin), Err(ContinuationError::NoStates));
}
