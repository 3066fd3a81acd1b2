//! Long chains, deep formulas and functions of functions neither overflow the stack nor blow up.
use holobiont::expr::{Function, Graph};
use holobiont::network::{Network, NetworkError, Parameter, Reaction, Species};

/// Runs on a stack of 2 MB, the default of a thread.
fn on_a_small_stack(work: impl FnOnce() + Send + 'static) {
    let thread = std::thread::Builder::new()
        .stack_size(2 << 20)
        .spawn(work)
        .unwrap();
    thread.join().unwrap();
}

#[test]
fn ten_thousand_assignment_rules_in_a_chain_check_and_compile() {
    on_a_small_stack(|| {
        let mut network = Network::new("chain");
        network.species("x", Species::new(1.0)).unwrap();
        network.assignment("a0", "x").unwrap();
        for k in 1..10_000 {
            let a = format!("sin(a{}) + 1", k - 1);
            network.assignment(&format!("a{k}"), a.as_str()).unwrap();
        }
        network.species("y", Species::new(1.0)).unwrap();
        network.rate_rule("x", "-a9999").unwrap();
        network
            .rate_rule("y", "rateOf(a50) + rateOf(a9999) * 0")
            .unwrap();
        let system = network.compile().unwrap();
        assert_eq!(system.jacobian_pattern(), [(0, 0), (1, 0)]);
        network.rate_rule("x", "-a9999 + rateOf(a9999)").unwrap();
        let errors = network.check().unwrap_err();
        assert!(
            errors
                .iter()
                .any(|e| matches!(e, NetworkError::Overdetermined { .. }))
        );
    });
}

#[test]
fn a_chain_of_sums_gives_the_sum() {
    on_a_small_stack(|| {
        let mut network = Network::new("sums");
        network.species("x", Species::new(1.0)).unwrap();
        network.assignment("s0", "x").unwrap();
        for k in 1..10_000 {
            network.parameter(&format!("p{k}"), Parameter::new(1.0));
            let sum = format!("s{} + p{k}", k - 1);
            network.assignment(&format!("s{k}"), sum.as_str()).unwrap();
        }
        network.rate_rule("x", "-s9999").unwrap();
        let system = network.compile().unwrap();
        assert_eq!(system.jacobian_pattern(), [(0, 0)]);
        let equations = network.check().unwrap().equations();
        let rate = equations.states[0].right_hand_side;
        let value = equations.graph.evaluate(rate, &|_| Some(1.0), 0.0).unwrap();
        assert_eq!(value, -10_000.0);
    });
}

#[test]
fn a_formula_of_five_thousand_levels_compiles_and_has_a_derivative() {
    on_a_small_stack(|| {
        let mut network = Network::new("deep");
        network.species("x", Species::new(1.0)).unwrap();
        let graph = network.graph_mut();
        let (x, one) = (graph.symbol("x"), graph.number(1.0));
        let mut e = x;
        for level in 0..5000 {
            e = match level % 3 {
                0 => graph.call(Function::Sin, &[e]),
                1 => graph.add(e, x),
                _ => graph.div(one, e),
            };
        }
        network
            .reaction("r", Reaction::rate(e).produces("x", 1.0))
            .unwrap();
        network.compose(&network.clone(), "twin");
        let system = network.compile().unwrap();
        assert_eq!(system.jacobian_pattern(), [(0, 0), (1, 1)]);
        assert!(network.graph().text(e).len() > 5000);
        assert!(network.graph().latex(e).len() > 5000);
    });
}

/// f0(x) and 60 functions that each call the one before twice, through `body`.
fn doubling(body: &str) -> Network {
    let mut network = Network::new("doubling");
    network.species("x", Species::new(0.5)).unwrap();
    network.function("f0", &["x"], "sin(x) / 2").unwrap();
    for k in 1..=60 {
        let body = body.replace('f', &format!("f{}", k - 1));
        network
            .function(&format!("f{k}"), &["x"], body.as_str())
            .unwrap();
    }
    network.rate_rule("x", "f60(x)").unwrap();
    network
}

#[test]
fn functions_that_call_another_twice_with_one_argument_are_shared() {
    on_a_small_stack(|| {
        let network = doubling("cos(f(x)) + f(x)^2");
        let system = network.compile().unwrap();
        assert_eq!(system.jacobian_pattern(), [(0, 0)]);
        let equations = network.check().unwrap().equations();
        let rate = equations.states[0].right_hand_side;
        // written out it would have 2^60 parts
        assert!(equations.graph.text_shortened(rate, 80).len() < 200);
        assert!(equations.graph.latex(rate).len() < 200_000);
        assert!(system.explain().len() < 1_000_000);
    });
}

#[test]
fn functions_that_unfold_without_end_are_refused() {
    on_a_small_stack(|| {
        let errors = doubling("f(sin(x)) + f(cos(x))").check().unwrap_err();
        let large = errors
            .iter()
            .filter(|e| matches!(e, NetworkError::TooLarge { .. }));
        assert_eq!(large.count(), 1);
    });
}

#[test]
fn a_circle_of_functions_is_named_however_long() {
    on_a_small_stack(|| {
        let mut network = Network::new("circle");
        for k in 0..5000 {
            let body = format!("f{}(x)", (k + 1) % 5000);
            network
                .function(&format!("f{k}"), &["x"], body.as_str())
                .unwrap();
        }
        let errors = network.check().unwrap_err();
        let [NetworkError::RecursiveFunction { cycle }] = &errors[..] else {
            panic!("{} errors", errors.len());
        };
        assert_eq!(cycle.len(), 5001);
    });
}

#[test]
fn a_long_sum_within_a_sum_is_written_and_read_as_it_is() {
    let mut graph = Graph::new();
    let mut sum = graph.number(0.5);
    for k in 0..300 {
        let x = graph.symbol(&format!("x{k}"));
        sum = graph.add(sum, x);
    }
    let text = graph.text(sum);
    assert_eq!(graph.parse(&text).unwrap(), sum);
}
