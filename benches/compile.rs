//! Time from a network, checked, to a compiled system and to its sensitivity tapes, 40 states.
//!
//! `cargo bench --bench compile`
use std::{hint::black_box, time::Duration};

use cpu_time::ProcessTime;
use holobiont::{
    compile::System,
    expr::Graph,
    models,
    network::{
        Equations, Input, InputEquation, InputKind, Network, ObservableEquation, Parameter,
        ParameterEquation, Reaction, Species, StateEquation,
    },
};

#[path = "../src/compile/tests/gut40.rs"]
mod gut40;

/// The shortest of some repeats, in processor time.
fn shortest<T>(mut work: impl FnMut() -> T) -> Duration {
    let time = |work: &mut dyn FnMut() -> T| {
        let start = ProcessTime::now();
        black_box(work());
        start.elapsed()
    };
    (0..20).map(|_| time(&mut work)).min().unwrap_or_default()
}

/// The equations as a network: a species and its net rate for each state.
fn network(equations: &Equations) -> Network {
    let mut network = Network::new("gut40");
    for parameter in &equations.parameters {
        network.parameter(&parameter.id, Parameter::new(parameter.value));
    }
    for input in &equations.inputs {
        let knots = input.knots.clone();
        network.input(
            &input.id,
            Input {
                knots,
                ..Input::default()
            },
        );
    }
    for state in &equations.states {
        let rate = equations.graph.text(state.right_hand_side);
        network
            .species(&state.id, Species::new(1.0))
            .and_then(|network| {
                let net = Reaction::rate(rate).produces(&state.id, 1.0);
                network.reaction(&format!("net_{}", state.id), net)
            })
            .expect("the bench's rates can be read");
    }
    network
}

fn main() {
    let equations = gut40::gut40();
    let network = network(&equations);
    println!(
        "network of {} species: check        {:?}",
        equations.states.len(),
        shortest(|| network.check().is_ok())
    );
    println!(
        "network, checked, to system         {:?}",
        shortest(|| network.compile())
    );
    let stein = models::get("stein2013")
        .expect("a model of this name")
        .expect("a sound model");
    println!(
        "stein2013 with units: check         {:?}",
        shortest(|| stein.network.check().is_ok())
    );
    println!(
        "stein2013, checked, to system       {:?}",
        shortest(|| stein.network.compile())
    );
    let system = System::compile(&equations).expect("the bench's system compiles");
    let parameters: Vec<usize> = (0..system.parameter_ids().len()).collect();
    println!("text to equations      {:?}", shortest(gut40::gut40));
    println!(
        "equations to system    {:?}",
        shortest(|| System::compile(&equations))
    );
    println!(
        "20 sensitivities       {:?}",
        shortest(|| system.sensitivity(&parameters[..20]))
    );
    println!(
        "{:3} sensitivities      {:?}",
        parameters.len(),
        shortest(|| system.sensitivity(&parameters))
    );
    let sensitivity = system
        .sensitivity(&parameters[..20])
        .expect("registers exist");
    println!(
        "operations for 20 (J and df/dp, directional, initial, prologue) {:?}",
        sensitivity.operation_counts()
    );
    println!("df/dp entries for 20: {}", sensitivity.pattern().len());
    let explained = system.explain();
    for line in explained.lines().filter(|line| {
        ["f:", "f, J", "once per", "J:", "states"]
            .iter()
            .any(|part| line.contains(part))
            && !line.contains('=')
    }) {
        println!("{}", line.trim());
    }
}
