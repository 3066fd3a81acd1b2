//! What a solver runs: one register file in W lanes, and the system's tapes on it.
use std::ops::Range;
use std::sync::Arc;

use super::events::Relation;
use super::layout::INPUT_REGISTERS;
use super::lu::{Factors, Packed};
use super::run::run;
use super::sensitivity::{Plan, Sensitivity};
use super::system::System;
use super::tape::Tape;
use crate::lanes::{InstructionSet, Kernel, Lane, Registers};

/// All mutable memory for W lanes of one system.
pub(crate) struct Workspace<const W: usize> {
    pub(crate) registers: Registers<W>,
    pub(crate) instructions: InstructionSet,
    pub(super) factors: Factors<W>,
    /// Times of the early parts of f, of J and of the sensitivity tapes.
    pub(super) clocks: [Lane<W>; 3],
    /// The sensitivity tapes whose own prologue has run since the last `hoist`.
    pub(super) prepared: Option<Arc<Plan>>,
    /// What infusions add to the rate of each state.
    supply: Registers<W>,
    /// Whether there is any.
    supplied: bool,
}

impl<const W: usize> Workspace<W> {
    /// Bytes of memory.
    pub(crate) fn bytes(&self) -> usize {
        self.registers.bytes() + self.supply.bytes()
    }

    /// Sets what infusions add to the rates of one lane: the right-hand side is f + supply from now on.
    pub(crate) fn set_supply(&mut self, lane: usize, supply: &[f64]) {
        for (to, from) in self.supply.iter_mut().zip(supply) {
            to.0[lane] = *from;
        }
        self.supplied = self.supply.iter().any(|rate| rate.0 != [0.0; W]);
    }

    /// Adds the supply to f, which stands in the registers from `first` on.
    fn add_supply(&mut self, first: usize) {
        if !self.supplied {
            return;
        }
        for (f, supply) in self.registers[first..].iter_mut().zip(&*self.supply) {
            for (f, supply) in f.0.iter_mut().zip(supply.0) {
                // a lane without infusion keeps its bits, the sign of a zero among them
                *f = if supply == 0.0 { *f } else { *f + supply };
            }
        }
    }

    /// Runs what depends on time alone, unless it has been run at the time that stands in `time`.
    pub(super) fn tick(&mut self, clock: usize, time: usize, early: &Tape) {
        if early.ops.is_empty() {
            return;
        }
        let now = self.registers[time];
        let before = &mut self.clocks[clock];
        if before.0.map(f64::to_bits) != now.0.map(f64::to_bits) {
            *before = now;
            early.run(self.instructions, &mut self.registers);
        }
    }

    /// Writes constants of a program.
    pub(super) fn write_constants(&mut self, first: usize, constants: &[f64]) {
        for (register, &value) in self.registers[first..].iter_mut().zip(constants) {
            *register = Lane::splat(value);
        }
    }

    /// Runs a tape and copies its results.
    pub(super) fn run(&mut self, tape: &Tape, results: &mut [&mut [Lane<W>]]) {
        tape.run(self.instructions, &mut self.registers);
        self.read(tape, results);
    }

    /// Copies the results of a tape.
    pub(super) fn read(&self, tape: &Tape, results: &mut [&mut [Lane<W>]]) {
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
    pub(crate) fn workspace<const W: usize>(&self, instructions: InstructionSet) -> Workspace<W> {
        let mut workspace = Workspace {
            registers: Registers::new(self.lu.end()),
            instructions,
            factors: Factors::new(),
            clocks: [Lane::splat(f64::NAN); 3],
            prepared: None,
            supply: Registers::new(self.layout.states),
            supplied: false,
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
        run(ws.instructions, &self.program.prologue, &mut ws.registers);
        ws.prepared = None;
        ws.clocks = [Lane::splat(f64::NAN); 3];
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
        self.tapes
            .conditions
            .run(ws.instructions, &mut ws.registers);
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
        run(
            ws.instructions,
            &self.tapes.requirements.ops,
            &mut ws.registers,
        );
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
        self.rhs_here(ws);
        dy.copy_from_slice(&ws.registers[self.slopes()]);
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
        self.rhs_jacobian_here(ws);
        ws.read(&self.tapes.jacobian, &mut [dy, j, dt]);
    }

    /// f at the point that stands in the registers, into `slopes()`.
    pub(crate) fn rhs_here<const W: usize>(&self, ws: &mut Workspace<W>) {
        ws.tick(0, self.time(), &self.program.early[0]);
        self.tapes
            .right_hand_side
            .run(ws.instructions, &mut ws.registers);
        ws.add_supply(self.slopes().start);
    }

    /// f, J and df/dt at the point that stands in the registers.
    pub(crate) fn rhs_jacobian_here<const W: usize>(&self, ws: &mut Workspace<W>) {
        ws.tick(0, self.time(), &self.program.early[0]);
        ws.tick(1, self.time(), &self.program.early[1]);
        self.tapes.jacobian.run(ws.instructions, &mut ws.registers);
        ws.add_supply(self.slopes().start);
    }

    /// Operations of one attempt of Rodas5P and of one step of Tsit5, with sensitivities along so many directions; a function
    /// counts as twenty.
    pub(crate) fn operations_of_steps(
        &self,
        directions: Option<(&Sensitivity, usize)>,
    ) -> [f64; 2] {
        let (n, entries) = (self.layout.states as f64, self.pattern.len() as f64);
        let f = self.tapes.right_hand_side.weight();
        let (factor, solve) = self.lu.weights();
        // sums over the stages before: 28 pairs, for points and histories; 21 and an estimate
        let mut implicit =
            self.tapes.jacobian.weight() + 7.0 * f + factor + 8.0 * solve + 120.0 * n;
        let mut explicit = 6.0 * f + 60.0 * n;
        if let Some((tapes, count)) = directions {
            let (m, [slopes, bends]) = (count as f64, tapes.weights());
            implicit +=
                8.0 * (slopes + bends) + m * (8.0 * (4.0 * entries + 2.0 * solve) + 120.0 * n);
            explicit += 7.0 * slopes + m * (14.0 * entries + 60.0 * n);
        }
        [implicit, explicit]
    }

    /// (state, register of df/dt) of the states whose rate depends on time explicitly.
    pub(crate) fn timed(&self) -> Vec<(u32, u32)> {
        let (_, by_time) = self.jacobian_registers();
        let zero = |register: u32| {
            let constant = (register as usize).checked_sub(self.program.first);
            constant.and_then(|k| self.program.constants.get(k)) == Some(&0.0)
        };
        let rows = (0..).zip(by_time.iter().copied());
        rows.filter(|&(_, register)| !zero(register)).collect()
    }

    /// Slopes of J that are infinite or undefined become 0.
    pub(crate) fn drop_infinite_slopes<const W: usize>(&self, ws: &mut Workspace<W>) {
        let (slopes, _) = self.jacobian_registers();
        let finite = FiniteSlopes {
            slopes,
            registers: &ws.registers,
        };
        if ws.instructions.dispatch(finite) {
            return;
        }
        for &register in slopes {
            for slope in &mut ws.registers[register as usize].0 {
                *slope = if slope.is_finite() { *slope } else { 0.0 };
            }
        }
    }

    /// Register of time.
    pub(crate) fn time(&self) -> usize {
        self.layout.time()
    }

    /// Registers of the states.
    pub(crate) fn states(&self) -> Range<usize> {
        self.layout.state(0)..self.layout.state(self.layout.states)
    }

    /// Registers of the states, and those of the solution of linear systems.
    pub(crate) fn states_and_solution<'r, const W: usize>(
        &self,
        registers: &'r mut [Lane<W>],
    ) -> (&'r mut [Lane<W>], &'r [Lane<W>]) {
        let (states, solution) = (self.states(), self.solution());
        let (before, after) = registers.split_at_mut(solution.start);
        (&mut before[states], &after[..solution.len()])
    }

    /// Registers of f, and of the right-hand side of linear systems.
    pub(crate) fn slopes(&self) -> Range<usize> {
        self.lu.right()
    }

    /// Registers of the solution of linear systems.
    pub(crate) fn solution(&self) -> Range<usize> {
        self.lu.solution()
    }

    /// Register of each entry of J, in the order of the pattern, then of df/dt.
    pub(crate) fn jacobian_registers(&self) -> (&[u32], &[u32]) {
        let (n, entries) = (self.layout.states, self.pattern.len());
        self.tapes.jacobian.outputs[n..].split_at(entries)
    }

    /// Factors mass/(gamma h) - J per lane, with J as it stands in the registers. Where the growth check fails, a lane is
    /// factored with dense pivoting and stays usable; false only if it is singular or not finite.
    pub(crate) fn factor_here<const W: usize>(
        &self,
        ws: &mut Workspace<W>,
        inverse_gamma_h: &Lane<W>,
    ) -> [bool; W] {
        let Workspace {
            registers,
            instructions,
            factors,
            ..
        } = ws;
        self.lu
            .factor(*instructions, registers, factors, inverse_gamma_h)
    }

    /// Solves with the factors for what stands in `slopes()`, into `solution()`.
    pub(crate) fn solve_here<const W: usize>(&self, ws: &mut Workspace<W>) {
        let Workspace {
            registers,
            instructions,
            factors,
            ..
        } = ws;
        self.lu.solve(*instructions, registers, factors);
    }

    /// Copies the factors of one lane for [`solve_directions`](System::solve_directions).
    pub(crate) fn pack<const W: usize>(&self, ws: &Workspace<W>, lane: usize, packed: &mut Packed) {
        self.lu.pack(&ws.registers, &ws.factors, lane, packed);
    }

    /// Solves in place for G right-hand sides of one lane.
    #[inline(always)]
    pub(crate) fn solve_directions<const G: usize>(
        &self,
        packed: &Packed,
        right: &mut [[f64; G]],
        scratch: &mut [[f64; G]],
    ) {
        self.lu.solve_directions(packed, right, scratch);
    }
}

/// Whether all slopes of all lanes are finite.
struct FiniteSlopes<'a, const W: usize> {
    slopes: &'a [u32],
    registers: &'a [Lane<W>],
}

impl<const W: usize> Kernel for FiniteSlopes<'_, W> {
    type Output = bool;
    #[inline(always)]
    fn run(self) -> bool {
        let mut zeros = [0.0; W];
        for &register in self.slopes {
            for l in 0..W {
                zeros[l] += 0.0 * self.registers[register as usize].0[l];
            }
        }
        zeros.iter().all(|zero| *zero == 0.0)
    }
}
