//! Infinite numbers and NaN in a network that allows them: unused they stop nothing, used they never look like a result.
use holobiont::network::{Compartment, Network, NetworkError, Parameter, Reaction, Species};
use holobiont::schedule::Schedule;
use holobiont::solve::{Method, Problem, Solution, Tolerances, solve};

fn decay() -> Network {
    let mut network = Network::new("decay");
    network.allow_non_finite(true);
    network.species("x", Species::new(2.0)).unwrap();
    network.parameter("k", Parameter::new(0.5));
    network
        .reaction("out", Reaction::rate("k * x").consumes("x", 1.0))
        .unwrap();
    for (id, value) in [
        ("p", f64::INFINITY),
        ("q", f64::NEG_INFINITY),
        ("r", f64::NAN),
    ] {
        network.parameter(id, Parameter::new(value));
    }
    network
}

fn run(network: &Network) -> (Solution, Vec<(String, f64)>) {
    let system = network.compile().unwrap();
    let schedule = Schedule::default();
    let problem = Problem {
        system: &system,
        parameters: system.parameters(),
        schedule: &schedule,
        times: &[1.0],
        sensitivity: None,
    };
    let solution = solve(&problem, &Method::default(), &Tolerances::default());
    let values = solution.observables(&system)[0].clone();
    let observed = system
        .observable_ids()
        .iter()
        .cloned()
        .zip(values)
        .collect();
    (solution, observed)
}

fn value(observed: &[(String, f64)], id: &str) -> f64 {
    observed
        .iter()
        .find(|(known, _)| known == id)
        .expect("an observable")
        .1
}

#[test]
fn constants_that_are_not_finite_stop_no_solve_and_stand_in_the_output() {
    let mut network = decay();
    network.compartment("nowhere", Compartment::new(f64::NAN));
    network.assignment("a", "2 * r + x").unwrap();
    network.assignment("capped", "min(x, p)").unwrap();
    network
        .assignment("switched", "piecewise(r, x > 5, x)")
        .unwrap();
    let (solution, observed) = run(&network);
    let solution = solution.finished().unwrap();
    let x = solution.states(0)[0];
    assert!((x - 2.0 * (-0.5f64).exp()).abs() < 1e-5); // the solver's tolerance
    assert_eq!(value(&observed, "p"), f64::INFINITY);
    assert_eq!(value(&observed, "q"), f64::NEG_INFINITY);
    assert!(value(&observed, "r").is_nan() && value(&observed, "a").is_nan());
    assert!(value(&observed, "nowhere").is_nan());
    assert_eq!(
        (value(&observed, "capped"), value(&observed, "switched")),
        (x, x)
    );
}

#[test]
fn a_rate_of_what_is_no_number_is_a_failed_solve() {
    for (id, rate) in [("y", "r * x"), ("y", "p"), ("y", "q + p")] {
        let mut network = decay();
        network.species(id, Species::new(1.0)).unwrap();
        network.rate_rule(id, rate).unwrap();
        let (solution, _) = run(&network);
        assert!(solution.finished().is_err(), "{rate}");
    }
}

#[test]
fn a_species_without_amount_that_nothing_changes_is_a_constant_without_value() {
    let mut network = decay();
    network
        .species(
            "s",
            Species {
                nonnegative: false,
                ..Species::new(f64::NAN)
            },
        )
        .unwrap();
    let (solution, observed) = run(&network);
    assert!(solution.finished().is_ok());
    assert!(value(&observed, "s").is_nan());
}

#[test]
fn a_constant_that_nothing_reads_has_its_initial_assignment() {
    let mut network = decay();
    network.parameter("c", Parameter::new(0.0));
    network.initial_assignment("c", "2 * k").unwrap();
    network.parameter("d", Parameter::new(0.0));
    network.initial_assignment("d", "inf").unwrap();
    let (_, observed) = run(&network);
    assert_eq!(
        (value(&observed, "c"), value(&observed, "d")),
        (1.0, f64::INFINITY)
    );
}

#[test]
fn without_leave_they_are_errors() {
    let mut network = decay();
    network.initial_assignment("k", "inf").unwrap();
    network.allow_non_finite(false);
    let errors = network.check().unwrap_err();
    assert_eq!(errors.len(), 4);
    assert!(
        errors
            .iter()
            .all(|e| matches!(e, NetworkError::NotFinite { .. }))
    );
}
