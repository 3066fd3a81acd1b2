//! Systems as their users see them: patterns, names, errors.
use holobiont::{
    compile::{CompileError, System},
    expr::Graph,
    network::{Equations, Network, ParameterEquation, Reaction, Species, StateEquation},
};

fn equations(states: &[(&str, &str, &str)], parameters: &[&str]) -> Equations {
    let mut graph = Graph::new();
    let mut read = |text: &str| graph.parse(text).expect("a formula");
    let states = states
        .iter()
        .map(|(id, initial, f)| StateEquation {
            id: id.to_string(),
            unit: None,
            initial: read(initial),
            right_hand_side: read(f),
            mass: 1.0,
            nonnegative: false,
        })
        .collect();
    let parameters = parameters
        .iter()
        .map(|id| ParameterEquation {
            id: id.to_string(),
            value: 1.0,
            unit: None,
        })
        .collect();
    Equations {
        id: "test".into(),
        time_unit: None,
        graph,
        states,
        parameters,
        inputs: Vec::new(),
        observables: Vec::new(),
        rates: Vec::new(),
        events: Vec::new(),
        requirements: Vec::new(),
    }
}

#[test]
fn the_jacobian_has_no_entries_that_are_always_zero() {
    let system = System::compile(&equations(
        &[
            ("a", "1", "k*a - a*b"),
            ("b", "1", "c - c + b"),
            ("c", "1", "k"),
        ],
        &["k"],
    ))
    .expect("compiles");
    assert_eq!(system.jacobian_pattern(), [(0, 0), (0, 1), (1, 1)]);
    assert!(!system.depends_on_time());
}

#[test]
fn sensitivities_are_sparse_and_in_the_order_asked_for() {
    let system = System::compile(&equations(
        &[("a", "p", "q*a"), ("b", "p*q", "p + b")],
        &["p", "q"],
    ))
    .expect("compiles");
    let tapes = system.sensitivity(&[1, 0]).expect("registers exist");
    assert_eq!(tapes.registers(), [1, 0]);
    assert_eq!(tapes.pattern(), [(0, 0), (1, 1)]);
    assert_eq!(tapes.initial_pattern(), [(0, 1), (1, 0), (1, 1)]);
    assert_eq!(
        system.sensitivity(&[2]).expect_err("two registers only"),
        CompileError::RegisterOutOfRange {
            register: 2,
            count: 2
        }
    );
}

#[test]
fn a_system_can_be_shared_between_threads() {
    fn shared<T: Send + Sync + Clone + 'static>() {}
    shared::<System>();
    shared::<holobiont::compile::Sensitivity>();
    shared::<holobiont::compile::Outputs>();
    shared::<holobiont::compile::Formulas>();
}

#[test]
fn errors_of_equations_name_the_place_and_what_was_meant() {
    let message =
        |equations: &Equations| System::compile(equations).expect_err("refused").to_string();
    assert_eq!(
        message(&equations(&[("a", "1", "growth*a")], &["growht"])),
        "equation of `a`: unknown id `growth`; did you mean `growht`?"
    );
    assert_eq!(
        message(&equations(&[("a", "1", "a"), ("b", "2*a", "b")], &[])),
        "initial value of `b`: it reads the state `a`; only parameters, inputs and time can be read at the start"
    );
    assert_eq!(
        message(&equations(&[("a", "1", "a")], &["a"])),
        "the id `a` is declared twice (a state and a parameter)"
    );
    let mut with_call = equations(&[("a", "1", "a")], &[]);
    let a = with_call.graph.symbol("a");
    with_call.states[0].right_hand_side = with_call.graph.user("exq", &[a]);
    let error = message(&with_call);
    assert!(
        error.starts_with("equation of `a`: unknown function `exq`") && error.contains("`exp`"),
        "{error}"
    );
}

#[test]
fn a_network_with_errors_does_not_compile_and_says_all_of_them() {
    let mut network = Network::new("typo");
    network
        .species("Blautia", Species::new(0.1))
        .expect("a new id");
    network
        .reaction(
            "growth",
            Reaction::rate("mu * Blautai").produces("Blautia", 1.0),
        )
        .expect("a new id");
    let error = network.compile().expect_err("two ids are unknown");
    assert!(matches!(&error, CompileError::Network(errors) if errors.len() == 2));
    assert_eq!(error.to_string().lines().count(), 2);
}

#[test]
fn a_system_without_states_compiles() {
    let system = System::compile(&equations(&[], &["k"])).expect("compiles");
    assert!(system.state_ids().is_empty());
    assert!(system.explain().contains("0 states"));
}
