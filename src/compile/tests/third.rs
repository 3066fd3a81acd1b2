//! What second-order sensitivities by tapes would cost: operations and CPU time of the derivatives of (J, f_p) that they need.
//!
//! A measurement, run by `.ci/long second_order`. Per stage and direction v the exact extension of a Rosenbrock step needs, beside
//! the first-order D_k(J, f_p): D_v(J, f_p) along (S_v, v) at the stage, and D_v D_k(J, f_p) at the start of the step.
#![cfg(test)]

use super::gut40::gut40;
use crate::compile::{Sensitivity, Workspace};
use crate::compile::{
    System, derivatives,
    emit::{Wanted, emit},
    layout::Symbols,
    lower::{Lowering, Reading},
    run::run,
};
use crate::expr::{Expr, Graph, Variable};
use crate::lanes::{InstructionSet, Kernel, Lane, OneLane};
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

/// J u + (D J) s for a group of directions.
struct Products<'a> {
    tapes: &'a Sensitivity,
    registers: OneLane<'a>,
    u: &'a [[f64; 24]],
    right: &'a mut [[f64; 24]],
}

impl Kernel for Products<'_> {
    type Output = ();
    #[inline(always)]
    fn run(self) {
        self.tapes
            .add_products(self.registers, (self.u, self.u), self.right);
    }
}

/// CPU microseconds of a run, the least of several means.
fn least(mut run: impl FnMut()) -> f64 {
    let time = (0..9).map(|_| {
        let start = ProcessTime::now();
        (0..RUNS).for_each(|_| run());
        start.elapsed().as_secs_f64() * 1e6 / RUNS as f64
    });
    time.fold(f64::INFINITY, f64::min)
}

/// The two sparse products of one direction in one stage.
fn products(equations: &Equations, registers: &[usize]) -> f64 {
    let system = System::compile(equations).unwrap();
    let tapes = system.sensitivity(registers).unwrap();
    let mut ws: Workspace<8> = system.workspace(InstructionSet::detect());
    let mut values = system.parameters().to_vec();
    values.resize(system.register_count(), 0.5);
    (0..8).for_each(|lane| system.set_registers(&mut ws, lane, &values));
    system.hoist(&mut ws);
    let n = system.state_ids().len();
    ws.registers[system.states()].fill(Lane([0.7; 8]));
    tapes.jacobian_here(&system, &mut ws);
    tapes.directional_begin(&mut ws);
    tapes.directional_here(&system, &mut ws, &vec![Lane([0.3; 8]); n], &Lane([0.0; 8]));
    let (u, mut right) = (vec![[0.1; 24]; n], vec![[0.0; 24]; n]);
    let set = ws.instructions;
    least(|| {
        let registers = ws.registers.lane(0);
        set.dispatch(Products {
            tapes: &tapes,
            registers,
            u: &u,
            right: &mut right,
        });
    }) / MOVED as f64
}

fn measure(name: &str, equations: Equations) {
    let count = MOVED.min(equations.parameters.len());
    let registers: Vec<usize> = (0..count)
        .map(|k| k * equations.parameters.len() / count)
        .collect();
    let pair = products(&equations, &registers);
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
    let mut times = Vec::new();
    for (what, tape) in ["J, f_p", "D_k(J, f_p)", "D_v(J, f_p)", "D_v D_k(J, f_p)"]
        .iter()
        .zip(&tapes)
    {
        let time = least(|| tape.run(ws.instructions, &mut ws.registers)) / 8.0;
        println!(
            "  {what:<16} {:>7} operations {time:>9.3} us a lane of 8",
            tape.ops.len()
        );
        times.push(time);
    }
    // five products in place of two, and the two tapes of v shared by the directions j
    let (products, tapes) = (8.0 * 1.5 * pair, 8.0 * (times[2] + times[3]));
    println!("  two sparse products of one direction: {pair:.4} us");
    println!(
        "  a step of a pair (j, v) costs one of a first-order direction, {products:.2} us of products and {tapes:.2} us of tapes over the number of j: with {MOVED} of them {:.2} us more",
        products + tapes / MOVED as f64
    );
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
