//! Tapes that forward sensitivities need, for a chosen list of registers.
//!
//! The tapes extend the register file of their system by constants, hoisted values and temporaries of their own; the
//! workspace grows at the first call.
use std::sync::Arc;

use super::derivatives::{self, SparseExpressions};
use super::emit::{Early, Program, Wanted, emit};
use super::error::CompileError;
use super::lower::{Class, Id, Lowering, Reading};
use super::run::run;
use super::system::System;
use super::tape::Tape;
use super::workspace::Workspace;
use crate::expr::Expr;
use crate::lanes::{Lane, OneLane};

/// df/dp, d initial/dp, directional derivatives and those of conditions and events for chosen registers of one [`System`].
#[derive(Clone, Debug)]
pub struct Sensitivity {
    plan: Arc<Plan>,
}

/// Tapes and patterns, shared by clones.
#[derive(Debug)]
pub(crate) struct Plan {
    registers: Vec<usize>,
    pattern: Vec<(u32, u32)>,
    initial_pattern: Vec<(u32, u32)>,
    trigger_pattern: Vec<(u32, u32)>,
    event_patterns: Vec<Vec<(u32, u32)>>,
    program: Program,
    /// J, df/dp
    jacobian: Tape,
    /// D J, D df/dp
    directional: Tape,
    /// d initial/dp, d initial/dt
    initial: Tape,
    /// D difference, d difference/dp
    triggers: Tape,
    /// per event: D of delay, values and factors, then d/dp of the same
    events: Vec<Tape>,
    /// J and D J by rows, without what is zero
    slopes: Rows,
    bends: Rows,
    /// registers of each entry of df/dp and of its directional derivative
    direct: Vec<[u32; 2]>,
}

/// A sparse matrix whose numbers stand in registers.
#[derive(Debug)]
struct Rows {
    /// (register, column), row by row
    entries: Vec<(u32, u32)>,
    /// where each row ends
    ends: Vec<usize>,
}

impl Rows {
    fn new(
        states: usize,
        pattern: &[(u32, u32)],
        registers: &[u32],
        is_zero: impl Fn(u32) -> bool,
    ) -> Self {
        let mut rows = Rows {
            entries: Vec::new(),
            ends: Vec::with_capacity(states),
        };
        let mut entries = pattern.iter().zip(registers).peekable();
        for row in 0..states as u32 {
            while let Some((&(_, column), &register)) = entries.next_if(|((at, _), _)| *at == row) {
                if !is_zero(register) {
                    rows.entries.push((register, column));
                }
            }
            rows.ends.push(rows.entries.len());
        }
        rows
    }
}

impl Sensitivity {
    pub(crate) fn compile(
        system: &System,
        registers: &[usize],
    ) -> Result<Sensitivity, CompileError> {
        let count = system.register_count();
        if let Some(&register) = registers.iter().find(|&&register| register >= count) {
            return Err(CompileError::RegisterOutOfRange { register, count });
        }
        let symbols = &system.symbols;
        let mut graph = system.equations.graph.clone();
        let f: Vec<Expr> = system
            .equations
            .states
            .iter()
            .map(|s| s.right_hand_side)
            .collect();
        let starts: Vec<Expr> = system.equations.states.iter().map(|s| s.initial).collect();
        let SparseExpressions { pattern, entries } =
            derivatives::register_derivatives(&mut graph, symbols, &f, registers);
        let moving: Vec<Expr> = starts
            .iter()
            .map(|&e| derivatives::time_derivative(&mut graph, symbols, e))
            .collect();
        let mut starts = derivatives::register_derivatives(&mut graph, symbols, &starts, registers);
        starts.entries.extend(moving);
        let triggers =
            derivatives::register_derivatives(&mut graph, symbols, &system.differences, registers);
        let mut distances = derivatives::directional(&mut graph, symbols, &system.differences);
        distances.extend(&triggers.entries);
        let mut event_patterns = Vec::new();
        let mut event_rows = Vec::new();
        for event in &system.events {
            let rows = event.smooth_rows();
            let by_register =
                derivatives::register_derivatives(&mut graph, symbols, &rows, registers);
            let mut along = derivatives::directional(&mut graph, symbols, &rows);
            along.extend(&by_register.entries);
            event_patterns.push(by_register.pattern);
            event_rows.push(along);
        }
        let all: Vec<Expr> = system.jacobian.iter().chain(&entries).copied().collect();
        let along = derivatives::directional(&mut graph, symbols, &all);

        let mut lowering = Lowering::new(
            &graph,
            system.layout,
            &symbols.quantities,
            &system.modes,
            true,
        );
        let mut lower = |list: &[Expr], reading| -> Vec<Id> {
            list.iter().map(|&e| lowering.lower(e, reading)).collect()
        };
        let mut results = vec![
            lower(&all, Reading::Frozen),
            lower(&along, Reading::Frozen),
            lower(&starts.entries, Reading::Direct),
            lower(&distances, Reading::Direct),
        ];
        results.extend(event_rows.iter().map(|rows| lower(rows, Reading::Direct)));
        // J and df/dp at one point are needed together with their derivatives at another
        let place = |(place, results): (usize, Vec<Id>)| Wanted {
            place: place.min(2),
            keeps: place == 0,
            // J and df/dp at eight points a step; their derivatives at one point along eight directions
            early: (place < 2).then_some(Early {
                most: if place == 0 {
                    Class::Clock
                } else {
                    Class::Point
                },
                after: None,
            }),
            ..Wanted::from(results)
        };
        let results: Vec<Wanted> = results.into_iter().enumerate().map(place).collect();
        let (program, mut tapes) = emit(&lowering, &results, system.lu.end());
        let events = tapes.split_off(4);
        let [jacobian, directional, initial, triggers_tape] =
            <[_; 4]>::try_from(tapes).expect("one tape of each list of results");
        let is_zero = |register: u32| {
            let constant = (register as usize).checked_sub(program.first);
            constant.and_then(|k| program.constants.get(k)) == Some(&0.0)
        };
        let (n, entries) = (f.len(), system.pattern.len());
        let rows = |tape: &Tape| Rows::new(n, &system.pattern, &tape.outputs[..entries], is_zero);
        let (slopes, bends) = (rows(&jacobian), rows(&directional));
        let direct = jacobian.outputs[entries..]
            .iter()
            .zip(&directional.outputs[entries..]);
        let direct = direct.map(|(&slope, &bend)| [slope, bend]).collect();
        Ok(Sensitivity {
            plan: Arc::new(Plan {
                registers: registers.to_vec(),
                pattern,
                initial_pattern: starts.pattern,
                trigger_pattern: triggers.pattern,
                event_patterns,
                program,
                jacobian,
                directional,
                initial,
                triggers: triggers_tape,
                events,
                slopes,
                bends,
                direct,
            }),
        })
    }

    /// Whether two are clones of one another.
    pub(crate) fn is(&self, other: &Sensitivity) -> bool {
        Arc::ptr_eq(&self.plan, &other.plan)
    }

    /// The registers, in the order given.
    pub fn registers(&self) -> &[usize] {
        &self.plan.registers
    }
    /// (state row, position in `registers`) of each df/dp entry.
    pub fn pattern(&self) -> &[(u32, u32)] {
        &self.plan.pattern
    }
    /// (state row, position in `registers`) of each d initial/dp entry.
    pub fn initial_pattern(&self) -> &[(u32, u32)] {
        &self.plan.initial_pattern
    }
    /// (condition, position in `registers`) of each derivative of a condition's difference by a register.
    pub(crate) fn trigger_pattern(&self) -> &[(u32, u32)] {
        &self.plan.trigger_pattern
    }
    /// (row, position in `registers`) of each derivative of an event's delay, values and factors by a register.
    pub(crate) fn event_pattern(&self, event: usize) -> &[(u32, u32)] {
        &self.plan.event_patterns[event]
    }
    /// Operations of J and df/dp, and of their derivatives along a direction.
    pub(crate) fn weights(&self) -> [f64; 2] {
        [self.plan.jacobian.weight(), self.plan.directional.weight()]
    }

    /// Operations of the four tapes (J and df/dp; directional; initial; conditions) and of their prologue.
    pub fn operation_counts(&self) -> [usize; 5] {
        let plan = &self.plan;
        let early = |tape: usize| plan.program.early[tape].ops.len();
        [
            plan.jacobian.ops.len() + early(0),
            plan.directional.ops.len() + early(1),
            plan.initial.ops.len(),
            plan.triggers.ops.len(),
            plan.program.prologue.len(),
        ]
    }

    /// Makes a workspace ready for these tapes after `hoist`.
    fn prepare<const W: usize>(&self, ws: &mut Workspace<W>) {
        if ws
            .prepared
            .as_ref()
            .is_some_and(|plan| Arc::ptr_eq(plan, &self.plan))
        {
            return;
        }
        let program = &self.plan.program;
        ws.registers.grow(program.end);
        ws.write_constants(program.first, &program.constants);
        run(ws.instructions, &program.prologue, &mut ws.registers);
        ws.prepared = Some(Arc::clone(&self.plan));
    }

    /// J and df/dp at the point that stands in the registers.
    pub(crate) fn jacobian_here<const W: usize>(&self, system: &System, ws: &mut Workspace<W>) {
        self.prepare(ws);
        ws.tick(2, system.time(), &self.plan.program.early[0]);
        self.plan.jacobian.run(ws.instructions, &mut ws.registers);
    }

    /// What the directional derivatives at the point that stands in the registers have in common.
    pub(crate) fn directional_begin<const W: usize>(&self, ws: &mut Workspace<W>) {
        self.prepare(ws);
        let early = &self.plan.program.early[1];
        early.run(ws.instructions, &mut ws.registers);
    }

    /// Derivatives of J and of df/dp along (K in y, tau in t), at the point that stands in the registers and that
    /// `directional_begin` saw.
    pub(crate) fn directional_here<const W: usize>(
        &self,
        system: &System,
        ws: &mut Workspace<W>,
        k: &[Lane<W>],
        tau: &Lane<W>,
    ) {
        self.prepare(ws);
        let first = system.layout.direction(0);
        ws.registers[first..first + k.len()].copy_from_slice(k);
        ws.registers[system.layout.time_direction()] = *tau;
        self.plan
            .directional
            .run(ws.instructions, &mut ws.registers);
    }

    /// right <- right + J u + (D J) s for G directions of one lane, with both matrices as they stand in the registers.
    #[inline(always)]
    pub(crate) fn add_products<const G: usize>(
        &self,
        registers: OneLane,
        (u, s): (&[[f64; G]], &[[f64; G]]),
        right: &mut [[f64; G]],
    ) {
        let mut at = [0; 2];
        for (row, right) in right.iter_mut().enumerate() {
            let mut sum = *right;
            for (k, (matrix, x)) in [(&self.plan.slopes, u), (&self.plan.bends, s)]
                .into_iter()
                .enumerate()
            {
                let end = matrix.ends[row];
                for &(register, column) in &matrix.entries[at[k]..end] {
                    let value = registers.get(register);
                    let x = &x[column as usize];
                    for g in 0..G {
                        sum[g] += value * x[g];
                    }
                }
                at[k] = end;
            }
            *right = sum;
        }
    }

    /// right <- right + J u, likewise.
    #[inline(always)]
    pub(crate) fn add_product<const G: usize>(
        &self,
        registers: OneLane,
        u: &[[f64; G]],
        right: &mut [[f64; G]],
    ) {
        let (matrix, mut at) = (&self.plan.slopes, 0);
        for (right, &end) in right.iter_mut().zip(&matrix.ends) {
            let mut sum = *right;
            for &(register, column) in &matrix.entries[at..end] {
                let value = registers.get(register);
                let x = &u[column as usize];
                for g in 0..G {
                    sum[g] += value * x[g];
                }
            }
            at = end;
            *right = sum;
        }
    }

    /// An entry of df/dp plus its directional derivative, as they stand in the registers.
    #[inline(always)]
    pub(crate) fn direct_slope(&self, registers: OneLane, entry: u32) -> f64 {
        let [slope, bend] = self.plan.direct[entry as usize];
        registers.get(slope) + registers.get(bend)
    }

    /// An entry of df/dp as it stands in the registers.
    #[inline(always)]
    pub(crate) fn slope(&self, registers: OneLane, entry: u32) -> f64 {
        registers.get(self.plan.direct[entry as usize][0])
    }

    /// J and df/dp at one point.
    pub(crate) fn jacobian_parameters<const W: usize>(
        &self,
        system: &System,
        ws: &mut Workspace<W>,
        t: &Lane<W>,
        y: &[Lane<W>],
        j: &mut [Lane<W>],
        fp: &mut [Lane<W>],
    ) {
        system.set_point(ws, t, y);
        self.jacobian_here(system, ws);
        ws.read(&self.plan.jacobian, &mut [j, fp]);
    }

    /// The same at one point: `dj` in Jacobian pattern order, `dfp` in `pattern` order. Inputs are differentiated through time
    /// as well.
    #[cfg(test)]
    #[allow(
        clippy::too_many_arguments,
        reason = "a point, a direction and two results"
    )]
    pub(crate) fn directional<const W: usize>(
        &self,
        system: &System,
        ws: &mut Workspace<W>,
        t: &Lane<W>,
        y: &[Lane<W>],
        k: &[Lane<W>],
        tau: &Lane<W>,
        dj: &mut [Lane<W>],
        dfp: &mut [Lane<W>],
    ) {
        system.set_point(ws, t, y);
        self.directional_begin(ws);
        self.directional_here(system, ws, k, tau);
        ws.read(&self.plan.directional, &mut [dj, dfp]);
    }

    /// d initial/dp, values in `initial_pattern` order, and d initial/dt.
    pub(crate) fn initial<const W: usize>(
        &self,
        system: &System,
        ws: &mut Workspace<W>,
        t: &Lane<W>,
        by_register: &mut [Lane<W>],
        by_time: &mut [Lane<W>],
    ) {
        self.prepare(ws);
        ws.registers[system.layout.time()] = *t;
        ws.run(&self.plan.initial, &mut [by_register, by_time]);
    }

    /// Derivatives of the conditions' signed differences at one point of one lane: `along` (K in y, tau in t) at fixed registers,
    /// one a condition, then `by_register` in `trigger_pattern` order.
    #[allow(
        clippy::too_many_arguments,
        reason = "a point, a direction and two results"
    )]
    pub(crate) fn triggers<const W: usize>(
        &self,
        system: &System,
        ws: &mut Workspace<W>,
        lane: usize,
        point: (f64, &[f64]),
        direction: (&[f64], f64),
        along: &mut [f64],
        by_register: &mut [f64],
    ) {
        self.prepare(ws);
        let results = along.iter_mut().chain(by_register);
        run_along(
            system,
            ws,
            lane,
            point,
            direction,
            &self.plan.triggers,
            results,
        );
    }

    /// Derivatives of an event's delay, values and factors, in the same way; `by_register` in `event_pattern` order.
    #[allow(
        clippy::too_many_arguments,
        reason = "a point, a direction and two results"
    )]
    pub(crate) fn event<const W: usize>(
        &self,
        system: &System,
        ws: &mut Workspace<W>,
        lane: usize,
        event: usize,
        point: (f64, &[f64]),
        direction: (&[f64], f64),
        along: &mut [f64],
        by_register: &mut [f64],
    ) {
        self.prepare(ws);
        let results = along.iter_mut().chain(by_register);
        let tape = &self.plan.events[event];
        run_along(system, ws, lane, point, direction, tape, results);
    }
}

/// Runs a tape in one lane at a point, with a direction (K in y, tau in t).
fn run_along<'r, const W: usize>(
    system: &System,
    ws: &mut Workspace<W>,
    lane: usize,
    (t, y): (f64, &[f64]),
    (k, tau): (&[f64], f64),
    tape: &Tape,
    results: impl Iterator<Item = &'r mut f64>,
) {
    let layout = system.layout;
    system.set_point_of_lane(ws, lane, t, y);
    ws.registers[layout.time_direction()].0[lane] = tau;
    for (register, &value) in ws.registers[layout.direction(0)..].iter_mut().zip(k) {
        register.0[lane] = value;
    }
    tape.run(ws.instructions, &mut ws.registers);
    for (result, &register) in results.zip(&tape.outputs) {
        *result = ws.registers[register as usize].0[lane];
    }
}
