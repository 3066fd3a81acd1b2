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

/// Takes k_{i-1}, then u_i = y + sum_j a_ij k_j and M sum_j (C_ij / h) k_j of stage i.
///
/// The last stages run on from the one before: u_7 = u_6 + k_6, u_8 = u_7 + k_7.
struct Stage<'a, const W: usize> {
    stage: usize,
    y: &'a [Lane<W>],
    /// k_{i-1} as the factors gave it
    newest: &'a [Lane<W>],
    k: &'a mut [Lane<W>],
    mass: &'a [f64],
    inverse_h: Lane<W>,
    u: &'a mut [Lane<W>],
    history: &'a mut [Lane<W>],
}

impl<const W: usize> Stage<'_, W> {
    /// With OLD stages before k_{i-1}.
    #[inline(always)]
    fn combine<const OLD: usize>(self) {
        let (n, stage) = (self.y.len(), OLD + 1);
        let (old, newest) = self.k.split_at_mut(OLD * n);
        let old: [&[Lane<W>]; OLD] = std::array::from_fn(|j| &old[j * n..][..n]);
        let (kept, newest) = (&mut newest[..n], &self.newest[..n]);
        let (u, history, mass) = (&mut self.u[..n], &mut self.history[..n], &self.mass[..n]);
        let runs_on = stage >= 6;
        for i in 0..n {
            let mut point = if runs_on { u[i].0 } else { self.y[i].0 };
            let mut past = [0.0; W];
            for j in 0..OLD {
                let (a, c) = (WEIGHTS[stage][j], C[stage][j]);
                let k = &old[j][i].0;
                for l in 0..W {
                    past[l] += c * k[l];
                }
                if !runs_on {
                    for l in 0..W {
                        point[l] += a * k[l];
                    }
                }
            }
            let (a, c) = (WEIGHTS[stage][OLD], C[stage][OLD]);
            let k = newest[i].0;
            kept[i].0 = k;
            for l in 0..W {
                past[l] += c * k[l];
                point[l] += a * k[l];
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
            1 => self.combine::<0>(),
            2 => self.combine::<1>(),
            3 => self.combine::<2>(),
            4 => self.combine::<3>(),
            5 => self.combine::<4>(),
            6 => self.combine::<5>(),
            _ => self.combine::<6>(),
        }
    }
}

/// The end of the step: k_8 is taken, y1 = u_8 + k_8.
struct End<'a, const W: usize> {
    newest: &'a [Lane<W>],
    u: &'a [Lane<W>],
    k: &'a mut [Lane<W>],
    y1: &'a mut [Lane<W>],
}

impl<const W: usize> Kernel for End<'_, W> {
    type Output = ();
    #[inline(always)]
    fn run(self) {
        let ends = self.k.iter_mut().zip(self.y1);
        for ((newest, u), (k, y1)) in self.newest.iter().zip(self.u).zip(ends) {
            *k = *newest;
            for l in 0..W {
                y1.0[l] = u.0[l] + newest.0[l];
            }
        }
    }
}

/// The first stage's right-hand side: f0 is kept, f <- f + d_1 h f_t.
struct First<'a, const W: usize> {
    f: &'a mut [Lane<W>],
    f0: &'a mut [Lane<W>],
    timed: &'a [(u32, u32)],
    f_t: &'a [Lane<W>],
    factor: Lane<W>,
}

impl<const W: usize> Kernel for First<'_, W> {
    type Output = ();
    #[inline(always)]
    fn run(self) {
        for (f0, f) in self.f0.iter_mut().zip(&*self.f) {
            *f0 = *f;
        }
        for (&(row, _), f_t) in self.timed.iter().zip(self.f_t) {
            let f = &mut self.f[row as usize].0;
            for l in 0..W {
                f[l] += self.factor.0[l] * f_t.0[l];
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

/// u = y + sum_j a_j k_j
struct Point<'a, const W: usize> {
    n: usize,
    weights: &'a [f64],
    y: &'a [Lane<W>],
    k: &'a [Lane<W>],
    u: &'a mut [Lane<W>],
}

impl<const W: usize> Kernel for Point<'_, W> {
    type Output = ();
    #[inline(always)]
    fn run(self) {
        for (i, (u, y)) in self.u.iter_mut().zip(self.y).enumerate() {
            let mut point = y.0;
            for (j, a) in self.weights.iter().enumerate() {
                let k = &self.k[j * self.n + i].0;
                for l in 0..W {
                    point[l] += a * k[l];
                }
            }
            u.0 = point;
        }
    }
}

/// t + c_i h
fn stage_time<const W: usize>(mut t: Lane<W>, stage: usize, h: &Lane<W>) -> Lane<W> {
    for (t, h) in t.0.iter_mut().zip(h.0) {
        *t += NODES[stage] * h;
    }
    t
}

impl<const W: usize> Rosenbrock<W> {
    /// Takes k of the stage before, and puts the point of a stage into the registers.
    fn place(&mut self, block: &mut Block<W>, stage: usize, inverse_h: &Lane<W>) {
        let (system, ws) = (block.system, &mut block.workspace);
        ws.registers[system.time()] = stage_time(block.t, stage, &block.h);
        let (u, newest) = system.states_and_solution(&mut ws.registers);
        ws.instructions.dispatch(Stage {
            stage,
            y: &block.y,
            newest,
            k: &mut self.k,
            mass: system.mass(),
            inverse_h: *inverse_h,
            u,
            history: &mut self.history,
        });
    }

    /// The point of a stage of the step made into the registers.
    fn place_again(&mut self, block: &mut Block<W>, stage: usize) {
        let (n, system, ws) = (self.n, block.system, &mut block.workspace);
        ws.registers[system.time()] = stage_time(block.t, stage, &block.h);
        ws.instructions.dispatch(Point {
            n,
            weights: &WEIGHTS[stage][..stage],
            y: &block.y,
            k: &self.k,
            u: &mut ws.registers[system.states()],
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
        block.norms(
            &block.workspace.registers[system.solution()],
            &block.y,
            &block.y1,
        )
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
        for (f_t, &(_, register)) in self.f_t.iter_mut().zip(&self.timed) {
            *f_t = ws.registers[register as usize];
            for value in &mut f_t.0 {
                *value = if value.is_finite() { *value } else { 0.0 };
            }
        }
    }

    fn first_step(&self, block: &Block<W>, lane: usize, longest: f64) -> Option<f64> {
        let d0 = block.norm_differential(lane, &block.y);
        let slopes = &block.workspace.registers[block.system.slopes()];
        let d1 = block.norm_differential(lane, slopes);
        // y'' = J f + f_t is at hand
        let mut second = vec![0.0; self.n];
        for (&(row, _), f_t) in self.timed.iter().zip(&*self.f_t) {
            second[row as usize] = f_t.0[lane];
        }
        let system = block.system;
        let (jacobian, _) = system.jacobian_registers();
        for (&(row, column), &register) in system.jacobian_pattern().iter().zip(jacobian) {
            let j = block.workspace.registers[register as usize].0[lane];
            second[row as usize] += j * slopes[column as usize].0[lane];
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

    fn not_finite(&self, block: &Block<W>, lane: usize) -> Option<usize> {
        let slopes = &block.workspace.registers[block.system.slopes()];
        slopes.iter().position(|f| !f.0[lane].is_finite())
    }

    fn was_not_finite(&self, lane: usize) -> Option<usize> {
        self.f0.iter().position(|f| !f.0[lane].is_finite())
    }

    fn advance(&mut self, block: &mut Block<W>) -> [Attempt; W] {
        let (n, system) = (self.n, block.system);
        let inverse_h = Lane(block.h.0.map(|h| 1.0 / h));
        let inverse = Lane(block.h.0.map(|h| 1.0 / (GAMMA * h)));
        let sound = system.factor_here(&mut block.workspace, &inverse);
        for stage in 0..STAGES {
            let factor = Lane(block.h.0.map(|h| D[stage] * h));
            if stage == 0 {
                // f and J stand there since `prepare`
                let ws = &mut block.workspace;
                ws.instructions.dispatch(First {
                    f: &mut ws.registers[system.slopes()],
                    f0: &mut self.f0,
                    timed: &self.timed,
                    f_t: &self.f_t,
                    factor,
                });
            } else {
                self.place(block, stage, &inverse_h);
                let ws = &mut block.workspace;
                system.rhs_here(ws);
                let changes = D[stage] != 0.0;
                ws.instructions.dispatch(Right {
                    f: &mut ws.registers[system.slopes()],
                    history: &self.history,
                    timed: if changes { &self.timed } else { &[] },
                    f_t: &self.f_t,
                    factor,
                });
            }
            system.solve_here(&mut block.workspace);
        }
        // the states' registers hold u_8 still
        let ws = &mut block.workspace;
        let (u, newest) = system.states_and_solution(&mut ws.registers);
        let last = &mut self.k[(STAGES - 1) * n..];
        ws.instructions.dispatch(End {
            newest,
            u,
            k: &mut *last,
            y1: &mut block.y1,
        });
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
        let Some(tapes) = block.tapes.clone() else {
            return;
        };
        let system = block.system;
        self.directions.begin(block, lanes);
        for stage in 0..STAGES {
            self.place_again(block, stage);
            tapes.jacobian_here(block.system, &mut block.workspace);
            let ws = &mut block.workspace;
            ws.registers[system.time()] = block.t;
            ws.registers[system.states()].copy_from_slice(&block.y);
            if stage == 0 {
                tapes.directional_begin(ws);
            }
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
