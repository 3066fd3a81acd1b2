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
        Compartment, Equations, Input, InputEquation, InputKind, Network, ObservableEquation,
        Parameter, ParameterEquation, Reaction, Species, StateEquation,
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
    (0..5).map(|_| time(&mut work)).min().unwrap_or_default()
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

/// A network of mass action: 1000 species, 2000 reversible reactions with rate constants of their own, a hub that takes part
/// in every tenth reaction, and 300 assignment rules, each of which reads the one before it.
fn large() -> Network {
    let mut network = Network::new("large");
    network.compartment("cell", Compartment::new(2.0));
    let (species, reactions) = (1000, 2000);
    for i in 0..species {
        let start = Species::new(1.0 + f64::from(i % 7)).within("cell");
        network.species(&format!("S{i}"), start).expect("a number");
    }
    // a linear congruential generator (Knuth's MMIX): always the same network
    let mut state = 1u64;
    let mut draw = |below: u64| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    for j in 0..reactions {
        let first = if j % 10 == 0 { 0 } else { draw(species as u64) };
        let ids = [first, draw(species as u64), draw(species as u64)].map(|i| format!("S{i}"));
        let [a, b, c] = &ids;
        network.parameter(&format!("f{j}"), Parameter::new(0.1));
        network.parameter(&format!("b{j}"), Parameter::new(0.01));
        let graph = network.graph_mut();
        let [a_, b_, c_, cell] = [a, b, c, "cell"].map(|id| graph.symbol(id));
        let [forward, backward] = ["f", "b"].map(|k| graph.symbol(&format!("{k}{j}")));
        let forward = graph.product(&[cell, forward, a_, b_]);
        let backward = graph.product(&[cell, backward, c_]);
        let rate = Reaction::rate(graph.sub(forward, backward));
        let reaction = rate.consumes(a, 1.0).consumes(b, 1.0).produces(c, 1.0);
        network
            .reaction(&format!("R{j}"), reaction)
            .expect("an expression");
    }
    for k in 0..300 {
        let graph = network.graph_mut();
        let [x, y] = [k, k + 500].map(|i| graph.symbol(&format!("S{i}")));
        let product = graph.mul(x, y);
        let before = match k {
            0 => graph.number(1.0),
            k => graph.symbol(&format!("sum{}", k - 1)),
        };
        let sum = graph.add(product, before);
        network
            .assignment(&format!("sum{k}"), sum)
            .expect("an expression");
    }
    network
}

fn main() {
    let large = large();
    println!(
        "1000 species, 2000 reactions: check {:?}, check and compile {:?}",
        shortest(|| large.check().is_ok()),
        shortest(|| large.compile())
    );
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
