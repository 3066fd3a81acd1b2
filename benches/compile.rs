//! Time from flat equations to a compiled system and to its sensitivity tapes, 40 states.
//!
//! `cargo bench --bench compile`
use std::{hint::black_box, time::Duration};

use cpu_time::ProcessTime;
use holobiont::{
    compile::System,
    expr::Graph,
    network::{
        Equations, InputEquation, InputKind, ObservableEquation, ParameterEquation, StateEquation,
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

fn main() {
    let equations = gut40::gut40();
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
