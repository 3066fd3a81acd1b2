//! What second-order sensitivities by tapes would cost: operations and CPU time of the derivatives of (J, f_p) that they need.
//!
//! A measurement, run by `.ci/long second_order`. Per stage and direction v the exact extension of a Rosenbrock step needs, beside
//! the first-order D_k(J, f_p): D_v(J, f_p) along (S_v, v) at the stage, and D_v D_k(J, f_p) at the start of the step.
#![cfg(test)]

use super::gut40::gut40;
use crate::compile::{
    System, derivatives,
    emit::{Wanted, emit},
    layout::Symbols,
    lower::{Lowering, Reading},
    run::run,
};
use crate::expr::{Expr, Graph, Variable};
use crate::lanes::{InstructionSet, Lane};
use crate::network::{Equations, StateEquation};
use cpu_time::ProcessTime;

const MOVED: usize = 20;
const RUNS: usize = 300;

/// The system with further states that stand for S_v, the derivatives of k along v, and the rates of the registers along v.
fn extended(mut equations: Equations, registers: usize) -> (System, usize) {
    let n = equations.states.len();
    let names = |name: &'static str, count: usize| (0..count).map(move |i| format!("{name}__{i}"));
    for id in names("s_v", n)
        .chain(names("k_v", n))
        .chain(names("p_v", registers))
    {
        let zero = equations.graph.number(0.0);
        equations.states.push(StateEquation {
            id,
            unit: None,
            initial: zero,
            right_hand_side: zero,
            mass: 1.0,
            nonnegative: false,
        });
    }
    (System::compile(&equations).unwrap(), n)
}

fn along_v(
    graph: &mut Graph,
    symbols: &Symbols,
    n: usize,
    registers: &[usize],
    of: &[Expr],
) -> Vec<Expr> {
    let state =
        |graph: &mut Graph, i: usize| derivatives::symbol_expression(graph, symbols.states[i]);
    let mut seeds = Vec::new();
    for i in 0..n {
        seeds.push((Variable::Symbol(symbols.states[i]), state(graph, n + i)));
        seeds.push((
            Variable::Symbol(symbols.directions[i]),
            state(graph, 2 * n + i),
        ));
    }
    for (k, &register) in registers.iter().enumerate() {
        seeds.push((
            Variable::Symbol(symbols.parameters[register]),
            state(graph, 3 * n + k),
        ));
    }
    graph.derivatives_along(of, &seeds)
}

fn measure(name: &str, equations: Equations) {
    let count = MOVED.min(equations.parameters.len());
    let registers: Vec<usize> = (0..count)
        .map(|k| k * equations.parameters.len() / count)
        .collect();
    let (system, n) = extended(equations, count);
    let symbols = &system.symbols;
    let mut graph = system.equations.graph.clone();
    let f: Vec<Expr> = system.equations.states[..n]
        .iter()
        .map(|s| s.right_hand_side)
        .collect();
    let f_p = derivatives::register_derivatives(&mut graph, symbols, &f, &registers).entries;
    let (entries, slopes) = (system.jacobian.len(), f_p.len());
    let all: Vec<Expr> = system.jacobian.iter().chain(&f_p).copied().collect();
    let start = ProcessTime::now();
    let along_k = derivatives::directional(&mut graph, symbols, &all);
    let both = along_v(&mut graph, symbols, n, &registers, &along_k);
    let along_v = along_v(&mut graph, symbols, n, &registers, &all);
    let mut lowering = Lowering::new(
        &graph,
        system.layout,
        &symbols.quantities,
        &system.modes,
        true,
    );
    let mut results = Vec::new();
    for (place, list) in [&all, &along_k, &along_v, &both].into_iter().enumerate() {
        let ids: Vec<_> = list
            .iter()
            .map(|&e| lowering.lower(e, Reading::Frozen))
            .collect();
        results.push(Wanted {
            place: place.min(2),
            keeps: place == 0,
            ..Wanted::from(ids)
        });
    }
    let (program, tapes) = emit(&lowering, &results, system.lu.end());
    println!(
        "{name}: {n} states, {entries} entries of J, {slopes} of f_p by {count} registers; compiled in {:.2} s",
        start.elapsed().as_secs_f64()
    );
    let mut ws = system.workspace::<8>(InstructionSet::detect());
    for lane in 0..8 {
        let mut values = system.parameters().to_vec();
        values.resize(system.register_count(), 0.5);
        system.set_registers(&mut ws, lane, &values);
    }
    system.hoist(&mut ws);
    ws.registers.grow(program.end);
    ws.write_constants(program.first, &program.constants);
    run(ws.instructions, &program.prologue, &mut ws.registers);
    for register in system.states() {
        ws.registers[register] = Lane([0.7; 8]);
    }
    for i in 0..n {
        ws.registers[system.layout.direction(i)] = Lane([0.3; 8]);
    }
    for (what, tape) in ["J, f_p", "D_k(J, f_p)", "D_v(J, f_p)", "D_v D_k(J, f_p)"]
        .iter()
        .zip(&tapes)
    {
        let time = (0..7).map(|_| {
            let start = ProcessTime::now();
            for _ in 0..RUNS {
                tape.run(ws.instructions, &mut ws.registers);
            }
            start.elapsed().as_secs_f64() * 1e6 / (RUNS * 8) as f64
        });
        println!(
            "  {what:<16} {:>7} operations {:>9.3} us a lane of 8",
            tape.ops.len(),
            time.fold(f64::INFINITY, f64::min)
        );
    }
}

#[test]
#[ignore = "a measurement"]
fn cost_of_third_derivatives() {
    measure("gut40 of the tests", gut40());
    #[cfg(feature = "sbml")]
    if let Some(shared) = std::env::var_os("HOLOBIONT_SHARED") {
        let path = std::path::PathBuf::from(shared).join("suites/engine/gut40.xml");
        let network = crate::exchange::sbml::read(&path).unwrap().network;
        measure(
            "gut40 of the yardstick",
            network.check().unwrap().equations(),
        );
    }
}
