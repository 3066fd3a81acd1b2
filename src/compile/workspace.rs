//! What a solver runs: one register file in W lanes, and the system's tapes on it.
use std::sync::Arc;

use super::events::Relation;
use super::layout::INPUT_REGISTERS;
use super::lu::Factors;
use super::run::run;
use super::sensitivity::Plan;
use super::system::System;
use super::tape::{Lane, Tape};

/// All mutable memory for W lanes of one system.
pub(crate) struct Workspace<const W: usize> {
    pub(super) registers: Vec<Lane<W>>,
    pub(super) factors: Factors<W>,
    /// The sensitivity tapes whose own prologue has run since the last `hoist`.
    pub(super) prepared: Option<Arc<Plan>>,
}

impl<const W: usize> Workspace<W> {
    /// Writes constants of a program.
    pub(super) fn write_constants(&mut self, first: usize, constants: &[f64]) {
        for (register, &value) in self.registers[first..].iter_mut().zip(constants) {
            *register = Lane::splat(value);
        }
    }

    /// Runs a tape and copies its results.
    pub(super) fn run(&mut self, tape: &Tape, results: &mut [&mut [Lane<W>]]) {
        run(&tape.ops, &mut self.registers);
        let mut outputs = tape.outputs.iter();
        for part in results {
            for (result, &register) in part.iter_mut().zip(outputs.by_ref()) {
                *result = self.registers[register as usize];
            }
        }
    }
}

impl System {
    /// Memory for W lanes, with default parameters; inputs constant at their first value, all modes false.
    pub(crate) fn workspace<const W: usize>(&self) -> Workspace<W> {
        let mut workspace = Workspace {
            registers: vec![Lane([0.0; W]); self.program.end],
            factors: self.lu.factors(),
            prepared: None,
        };
        workspace.write_constants(self.program.first, &self.program.constants);
        let mut registers = self.values.clone();
        for input in &self.equations.inputs {
            let mut coefficients = [0.0; INPUT_REGISTERS];
            coefficients[0] = input.knots.first().map_or(0.0, |knot| knot.1);
            registers.extend(coefficients);
        }
        for lane in 0..W {
            self.set_registers(&mut workspace, lane, &registers);
        }
        self.hoist(&mut workspace);
        workspace
    }

    /// Sets one lane's registers `[parameters | input coefficients]`; call `hoist` before the next evaluation.
    pub(crate) fn set_registers<const W: usize>(
        &self,
        ws: &mut Workspace<W>,
        lane: usize,
        registers: &[f64],
    ) {
        debug_assert_eq!(registers.len(), self.register_count());
        for (register, &value) in ws.registers[self.layout.register(0)..]
            .iter_mut()
            .zip(registers)
        {
            register.0[lane] = value;
        }
    }

    /// Does the parameter-only work of all lanes.
    pub(crate) fn hoist<const W: usize>(&self, ws: &mut Workspace<W>) {
        run(&self.program.prologue, &mut ws.registers);
        ws.prepared = None;
    }

    /// Writes the point at which tapes run.
    pub(super) fn set_point<const W: usize>(
        &self,
        ws: &mut Workspace<W>,
        t: &Lane<W>,
        y: &[Lane<W>],
    ) {
        ws.registers[self.layout.time()] = *t;
        let first = self.layout.state(0);
        ws.registers[first..first + y.len()].copy_from_slice(y);
    }

    /// Initial states from parameters, inputs and time.
    pub(crate) fn initial<const W: usize>(
        &self,
        ws: &mut Workspace<W>,
        t: &Lane<W>,
        y: &mut [Lane<W>],
    ) {
        ws.registers[self.layout.time()] = *t;
        ws.run(&self.tapes.initial, &mut [y]);
    }

    /// Writes the point of one lane.
    pub(super) fn set_point_of_lane<const W: usize>(
        &self,
        ws: &mut Workspace<W>,
        lane: usize,
        t: f64,
        y: &[f64],
    ) {
        ws.registers[self.layout.time()].0[lane] = t;
        for (register, &value) in ws.registers[self.layout.state(0)..].iter_mut().zip(y) {
            register.0[lane] = value;
        }
    }

    /// Runs the conditions' tape at a point of one lane.
    fn run_conditions<const W: usize>(
        &self,
        ws: &mut Workspace<W>,
        lane: usize,
        t: f64,
        y: &[f64],
    ) {
        self.set_point_of_lane(ws, lane, t, y);
        run(&self.tapes.conditions.ops, &mut ws.registers);
    }

    /// Re-reads all conditions of one lane at (t, y) and stores their truth as modes.
    pub(crate) fn set_modes<const W: usize>(
        &self,
        ws: &mut Workspace<W>,
        lane: usize,
        t: f64,
        y: &[f64],
    ) {
        if self.mode_count() == 0 {
            return;
        }
        self.run_conditions(ws, lane, t, y);
        for (k, &register) in self.tapes.conditions.outputs[..self.mode_count()]
            .iter()
            .enumerate()
        {
            let truth = ws.registers[register as usize].0[lane];
            ws.registers[self.layout.mode(k)].0[lane] = truth;
        }
    }

    /// Truth of each condition and the signed difference of its sides, one lane: positive on the true side, for `=` and `!=`
    /// left minus right.
    pub(crate) fn conditions<const W: usize>(
        &self,
        ws: &mut Workspace<W>,
        lane: usize,
        (t, y): (f64, &[f64]),
        truths: &mut [bool],
        differences: &mut [f64],
    ) {
        let count = self.mode_count();
        if count == 0 {
            return;
        }
        self.run_conditions(ws, lane, t, y);
        let (first, second) = self.tapes.conditions.outputs.split_at(count);
        for (truth, &register) in truths.iter_mut().zip(first) {
            *truth = ws.registers[register as usize].0[lane] != 0.0;
        }
        for (difference, &register) in differences.iter_mut().zip(second) {
            *difference = ws.registers[register as usize].0[lane];
        }
    }

    /// The first requirement of algebraic rules that one lane does not meet at (t, y), by its position: a remainder beyond
    /// `relative` of its terms and `absolute`, or a divisor that is zero.
    pub(crate) fn unmet<const W: usize>(
        &self,
        ws: &mut Workspace<W>,
        lane: usize,
        (t, y): (f64, &[f64]),
        (relative, absolute): (f64, f64),
    ) -> Option<usize> {
        self.set_point_of_lane(ws, lane, t, y);
        run(&self.tapes.requirements.ops, &mut ws.registers);
        let rows = self.tapes.requirements.outputs.chunks_exact(2);
        let mut rows = rows.map(|rows| [0, 1].map(|k| ws.registers[rows[k] as usize].0[lane]));
        let mut requirements = self.equations.requirements.iter();
        requirements.position(|requirement| {
            let [value, size] = rows.next().expect("two rows of each requirement");
            // also false for NaN
            let meets = match requirement.vanishes {
                true => value.abs() <= absolute + relative * size,
                false => value.is_finite() && value != 0.0,
            };
            !meets
        })
    }

    /// Sets one mode of one lane.
    pub(crate) fn set_mode<const W: usize>(
        &self,
        ws: &mut Workspace<W>,
        lane: usize,
        mode: usize,
        truth: bool,
    ) {
        ws.registers[self.layout.mode(mode)].0[lane] = f64::from(truth);
    }

    /// Which states nothing but jumps changes.
    pub(crate) fn still(&self) -> &[bool] {
        &self.still
    }

    /// Whether a state may be infinite or undefined: it stands still, and the model says so.
    pub(crate) fn may_be_undefined(&self, state: usize) -> bool {
        self.undefined && self.still[state]
    }

    /// What the conditions are to the solver.
    pub(crate) fn relations(&self) -> &[Relation] {
        &self.described
    }

    /// The modes of one lane.
    pub(crate) fn modes<const W: usize>(&self, ws: &Workspace<W>, lane: usize) -> Vec<bool> {
        (0..self.mode_count())
            .map(|k| ws.registers[self.layout.mode(k)].0[lane] != 0.0)
            .collect()
    }

    /// f at one point.
    pub(crate) fn rhs<const W: usize>(
        &self,
        ws: &mut Workspace<W>,
        t: &Lane<W>,
        y: &[Lane<W>],
        dy: &mut [Lane<W>],
    ) {
        self.set_point(ws, t, y);
        ws.run(&self.tapes.right_hand_side, &mut [dy]);
    }

    /// f, J (in `jacobian_pattern` order) and df/dt at one point.
    pub(crate) fn rhs_jacobian<const W: usize>(
        &self,
        ws: &mut Workspace<W>,
        t: &Lane<W>,
        y: &[Lane<W>],
        dy: &mut [Lane<W>],
        j: &mut [Lane<W>],
        dt: &mut [Lane<W>],
    ) {
        self.set_point(ws, t, y);
        ws.run(&self.tapes.jacobian, &mut [dy, j, dt]);
    }

    /// Factors mass/(gamma h) - J per lane. Where the growth check fails, a lane is factored with dense pivoting and stays
    /// usable; false only if it is singular or not finite.
    pub(crate) fn factor<const W: usize>(
        &self,
        ws: &mut Workspace<W>,
        inverse_gamma_h: &Lane<W>,
        j: &[Lane<W>],
    ) -> [bool; W] {
        self.lu.factor(&mut ws.factors, inverse_gamma_h, j)
    }

    /// Solves with the factors, in place.
    pub(crate) fn solve_factored<const W: usize>(&self, ws: &mut Workspace<W>, x: &mut [Lane<W>]) {
        self.lu.solve(&mut ws.factors, x);
    }
}
