//! One step of Rodas5P in W lanes.
//!
//! Rosenbrock-Wanner method of order 5(4) with eight stages, stiffly accurate, with dense output of order 4
//! (G. Steinebach, BIT Numer. Math. 63:27, 2023, doi:10.1007/s10543-023-00967-x). With W = M/(gamma h) - J,
//!
//! W k_i = f(t + c_i h, u_i) + M sum_j (C_ij / h) k_j + d_i h f_t,   u_i = y + sum_j a_ij k_j
//!
//! for i = 1..6; then u_7 = u_6 + k_6, u_8 = u_7 + k_7, y1 = u_8 + k_8, and k_8 is the error estimate.
//!
//! Everything of a stage stands in the register file: u_i where the tapes read the states, f where the factors read their
//! right-hand side. Sensitivities: `directions`.
mod directions;
mod tableau;

use super::block::{Attempt, Block, Stepper};
use super::{Statistics, controller};
use crate::compile::{Sensitivity, System};
use crate::lanes::{Kernel, Lane, Registers};
use directions::Directions;
use tableau::{C, D, GAMMA, NODES, STAGES, WEIGHTS, dense};

/// Memory of the method for W lanes.
pub(super) struct Rosenbrock<const W: usize> {
    n: usize,
    f0: Registers<W>,
    /// df/dt of the states that it is not zero for
    f_t: Registers<W>,
    timed: Vec<(u32, u32)>,
    history: Registers<W>,
    /// stages x states
    k: Registers<W>,
    directions: Directions<W>,
}

/// u_i = y + sum_j a_ij k_j, and M sum_j (C_ij / h) k_j, of stage i.
struct Stage<'a, const W: usize> {
    stage: usize,
    y: &'a [Lane<W>],
    k: &'a [Lane<W>],
    mass: &'a [f64],
    inverse_h: Lane<W>,
    u: &'a mut [Lane<W>],
    history: &'a mut [Lane<W>],
}

impl<const W: usize> Stage<'_, W> {
    #[inline(always)]
    fn combine<const S: usize>(self) {
        let n = self.y.len();
        let k: [&[Lane<W>]; S] = std::array::from_fn(|j| &self.k[j * n..][..n]);
        let (u, history, mass) = (&mut self.u[..n], &mut self.history[..n], &self.mass[..n]);
        for i in 0..n {
            let mut point = self.y[i].0;
            let mut past = [0.0; W];
            for j in 0..S {
                let (a, c) = (WEIGHTS[S][j], C[S][j]);
                let k = &k[j][i].0;
                for l in 0..W {
                    point[l] += a * k[l];
                    past[l] += c * k[l];
                }
            }
            u[i].0 = point;
            for l in 0..W {
                past[l] *= self.inverse_h.0[l];
            }
            history[i].0 = if mass[i] == 0.0 { [0.0; W] } else { past };
        }
    }
}

impl<const W: usize> Kernel for Stage<'_, W> {
    type Output = ();
    #[inline(always)]
    fn run(self) {
        match self.stage {
            1 => self.combine::<1>(),
            2 => self.combine::<2>(),
            3 => self.combine::<3>(),
            4 => self.combine::<4>(),
            5 => self.combine::<5>(),
            6 => self.combine::<6>(),
            7 => self.combine::<7>(),
            _ => {
                self.u.copy_from_slice(self.y);
                self.history.fill(Lane::ZERO);
            }
        }
    }
}

/// f <- f + history + d_i h f_t
struct Right<'a, const W: usize> {
    f: &'a mut [Lane<W>],
    history: &'a [Lane<W>],
    timed: &'a [(u32, u32)],
    f_t: &'a [Lane<W>],
    /// d_i h
    factor: Lane<W>,
}

impl<const W: usize> Kernel for Right<'_, W> {
    type Output = ();
    #[inline(always)]
    fn run(self) {
        for (f, history) in self.f.iter_mut().zip(self.history) {
            for l in 0..W {
                f.0[l] += history.0[l];
            }
        }
        for (&(row, _), f_t) in self.timed.iter().zip(self.f_t) {
            let f = &mut self.f[row as usize].0;
            for l in 0..W {
                f[l] += self.factor.0[l] * f_t.0[l];
            }
        }
    }
}

impl<const W: usize> Rosenbrock<W> {
    /// The point of a stage into the registers, and its history.
    fn place(&mut self, block: &mut Block<W>, stage: usize, inverse_h: &Lane<W>) {
        let (system, ws) = (block.system, &mut block.workspace);
        let mut t = block.t;
        for l in 0..W {
            t.0[l] += NODES[stage] * block.h.0[l];
        }
        ws.registers[system.time()] = t;
        ws.instructions.dispatch(Stage {
            stage,
            y: &block.y,
            k: &self.k,
            mass: system.mass(),
            inverse_h: *inverse_h,
            u: &mut ws.registers[system.states()],
            history: &mut self.history,
        });
    }

    /// How far the algebraic states of the curve are from their equations in the middle of the step, in the scale of errors.
    ///
    /// A stage satisfies equations that are linear in them, and the error of the step tells nothing of the curve between.
    fn residual_between(&mut self, block: &mut Block<W>) -> [f64; W] {
        let (n, system) = (self.n, block.system);
        if !system.mass().contains(&0.0) {
            return [0.0; W];
        }
        let ws = &mut block.workspace;
        let first = system.states().start;
        for i in 0..n {
            for lane in 0..W {
                let k = |stage: usize| self.k[stage * n + i].0[lane];
                ws.registers[first + i].0[lane] =
                    dense(0.5, block.y[i].0[lane], block.y1[i].0[lane], k);
            }
        }
        for lane in 0..W {
            ws.registers[system.time()].0[lane] = block.t.0[lane] + 0.5 * block.h.0[lane];
        }
        system.rhs_here(ws);
        for (right, mass) in ws.registers[system.slopes()].iter_mut().zip(system.mass()) {
            if *mass != 0.0 {
                *right = Lane::ZERO;
            }
        }
        system.solve_here(ws);
        block.norms(&block.workspace.registers[system.solution()], &block.y, &block.y1)
    }
}

impl<const W: usize> Stepper<W> for Rosenbrock<W> {
    const INTERPOLATES: bool = true;

    fn new(system: &System, tapes: Option<&Sensitivity>, directions: usize) -> Self {
        let n = system.state_ids().len();
        let timed = system.timed();
        Rosenbrock {
            n,
            f0: Registers::new(n),
            f_t: Registers::new(timed.len()),
            timed,
            history: Registers::new(n),
            k: Registers::new(STAGES * n),
            directions: Directions::new(n, tapes.map_or(0, |_| directions)),
        }
    }

    fn prepare(&mut self, block: &mut Block<W>, _fresh: &[bool; W]) {
        let (system, ws) = (block.system, &mut block.workspace);
        ws.registers[system.time()] = block.t;
        ws.registers[system.states()].copy_from_slice(&block.y);
        system.rhs_jacobian_here(ws);
        // a root has an infinite slope at zero; without it the step is of lower order, as its error tells
        system.drop_infinite_slopes(ws);
        self.f0.copy_from_slice(&ws.registers[system.slopes()]);
        for (f_t, &(_, register)) in self.f_t.iter_mut().zip(&self.timed) {
            *f_t = ws.registers[register as usize];
            for value in &mut f_t.0 {
                *value = if value.is_finite() { *value } else { 0.0 };
            }
        }
    }

    fn first_step(&self, block: &Block<W>, lane: usize, longest: f64) -> Option<f64> {
        let d0 = block.norm_differential(lane, &block.y);
        let d1 = block.norm_differential(lane, &self.f0);
        // y'' = J f + f_t is at hand
        let mut second = vec![0.0; self.n];
        for (&(row, _), f_t) in self.timed.iter().zip(&*self.f_t) {
            second[row as usize] = f_t.0[lane];
        }
        let system = block.system;
        let (slopes, _) = system.jacobian_registers();
        for (&(row, column), &register) in system.jacobian_pattern().iter().zip(slopes) {
            let j = block.workspace.registers[register as usize].0[lane];
            second[row as usize] += j * self.f0[column as usize].0[lane];
        }
        let mut sum = 0.0;
        for ((v, y), mass) in second.iter().zip(&*block.y).zip(system.mass()) {
            if *v == 0.0 {
                continue;
            }
            let ratio = mass * v / (block.absolute + block.relative * y.0[lane].abs());
            sum += ratio * ratio;
        }
        let d2 = (sum / self.n.max(1) as f64).sqrt();
        if !d1.is_finite() {
            return None;
        }
        // an infinite d2 is the business of the first attempt
        let h = controller::first_step(controller::trial_step(d0, d1, longest), d1, d2, longest);
        Some(if h > 0.0 { h } else { f64::MIN_POSITIVE })
    }

    fn not_finite(&self, lane: usize) -> Option<usize> {
        self.f0.iter().position(|f| !f.0[lane].is_finite())
    }

    fn advance(&mut self, block: &mut Block<W>) -> [Attempt; W] {
        let (n, system) = (self.n, block.system);
        let inverse_h = Lane(block.h.0.map(|h| 1.0 / h));
        let inverse = Lane(block.h.0.map(|h| 1.0 / (GAMMA * h)));
        let sound = system.factor_here(&mut block.workspace, &inverse);
        for stage in 0..STAGES {
            if stage == 0 {
                block.workspace.registers[system.slopes()].copy_from_slice(&self.f0);
                self.history.fill(Lane::ZERO);
            } else {
                self.place(block, stage, &inverse_h);
                system.rhs_here(&mut block.workspace);
            }
            let ws = &mut block.workspace;
            let changes = D[stage] != 0.0;
            ws.instructions.dispatch(Right {
                f: &mut ws.registers[system.slopes()],
                history: &self.history,
                timed: if changes { &self.timed } else { &[] },
                f_t: &self.f_t,
                factor: Lane(block.h.0.map(|h| D[stage] * h)),
            });
            system.solve_here(ws);
            self.k[stage * n..(stage + 1) * n].copy_from_slice(&ws.registers[system.solution()]);
        }
        // the states' registers hold u_8 still
        let last = &self.k[(STAGES - 1) * n..];
        let u = &block.workspace.registers[system.states()];
        for ((y1, u), k) in block.y1.iter_mut().zip(u).zip(last) {
            for l in 0..W {
                y1.0[l] = u.0[l] + k.0[l];
            }
        }
        let errors = block.norms(last, &block.y, &block.y1);
        let between = self.residual_between(block);
        std::array::from_fn(|lane| match sound[lane] {
            // also NaN, if one is
            true if between[lane] <= errors[lane] => Attempt::Tried(errors[lane]),
            true => Attempt::Tried(errors[lane] + between[lane]),
            false => Attempt::Singular,
        })
    }

    fn sensitivities(&mut self, block: &mut Block<W>, lanes: &[bool; W]) {
        let Some(tapes) = block.tapes.clone() else { return };
        let system = block.system;
        self.directions.begin(block, lanes);
        let inverse_h = Lane(block.h.0.map(|h| 1.0 / h));
        for stage in 0..STAGES {
            self.place(block, stage, &inverse_h);
            tapes.jacobian_here(&mut block.workspace);
            let ws = &mut block.workspace;
            ws.registers[system.time()] = block.t;
            ws.registers[system.states()].copy_from_slice(&block.y);
            let along = &self.k[stage * self.n..(stage + 1) * self.n];
            let tau = Lane(block.h.0.map(|h| D[stage] * h));
            tapes.directional_here(system, ws, along, &tau);
            self.directions.stage(block, &tapes, stage, lanes);
        }
    }

    fn sensitivity_error(&mut self, block: &Block<W>, lane: usize) -> f64 {
        self.directions.error(block, lane)
    }

    fn interpolate(&mut self, block: &mut Block<W>, lane: usize, theta: f64, out: &mut [f64]) {
        let n = self.n;
        for (i, out) in out.iter_mut().enumerate() {
            *out = dense(theta, block.y[i].0[lane], block.y1[i].0[lane], |stage| {
                self.k[stage * n + i].0[lane]
            });
        }
    }

    fn interpolate_sensitivity(
        &self,
        block: &Block<W>,
        lane: usize,
        direction: usize,
        theta: f64,
        out: &mut [f64],
    ) {
        for (i, out) in out.iter_mut().enumerate() {
            let at = block.at(lane, i, direction);
            *out = dense(theta, block.s[at], block.s1[at], |stage| {
                self.directions.k(block, lane, stage, i, direction)
            });
        }
    }

    fn commit(&mut self, _lanes: &[bool; W]) {}

    fn work(&self) -> Statistics {
        Statistics {
            right_hand_sides: STAGES,
            jacobians: 1,
            factorisations: 1,
            ..Default::default()
        }
    }

    fn bytes(&self) -> usize {
        self.f0.bytes()
            + self.f_t.bytes()
            + self.history.bytes()
            + self.k.bytes()
            + self.directions.bytes()
    }
}
