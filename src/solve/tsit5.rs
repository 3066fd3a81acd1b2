//! One step of Tsit5 in W lanes.
//!
//! Explicit Runge-Kutta pair of order 5(4), first same as last, with a free interpolant of order 4
//! (Ch. Tsitouras, Comput. Math. Appl. 62:770, 2011, doi:10.1016/j.camwa.2011.06.002). Sensitivities: `directions`.
mod directions;
mod tableau;

use super::block::{Attempt, Block, Stepper};
use super::{Statistics, controller};
use crate::compile::{Sensitivity, System};
use crate::lanes::{Kernel, Lane, Registers};
use directions::Directions;
use tableau::{A, ERROR, NODES, STAGES, dense};

/// Memory of the method for W lanes.
pub(super) struct Tsitouras<const W: usize> {
    n: usize,
    error: Registers<W>,
    /// stages x states
    k: Registers<W>,
    directions: Directions<W>,
    /// trial step and scaled y', y'' of fresh lanes
    start: [(f64, f64, f64); W],
}

/// u = y + h sum_j a_ij k_j of stage i.
struct Stage<'a, const W: usize> {
    stage: usize,
    y: &'a [Lane<W>],
    h: Lane<W>,
    k: &'a [Lane<W>],
    u: &'a mut [Lane<W>],
}

impl<const W: usize> Stage<'_, W> {
    #[inline(always)]
    fn combine<const S: usize>(self) {
        let n = self.y.len();
        let k: [&[Lane<W>]; S] = std::array::from_fn(|j| &self.k[j * n..][..n]);
        let u = &mut self.u[..n];
        for i in 0..n {
            let mut slope = [0.0; W];
            for j in 0..S {
                for l in 0..W {
                    slope[l] += A[S][j] * k[j][i].0[l];
                }
            }
            for l in 0..W {
                u[i].0[l] = self.y[i].0[l] + self.h.0[l] * slope[l];
            }
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
            _ => self.u.copy_from_slice(self.y),
        }
    }
}

/// The error estimate h sum_j e_j k_j.
struct Estimate<'a, const W: usize> {
    h: Lane<W>,
    k: &'a [Lane<W>],
    error: &'a mut [Lane<W>],
}

impl<const W: usize> Kernel for Estimate<'_, W> {
    type Output = ();
    #[inline(always)]
    fn run(self) {
        let n = self.error.len();
        let k: [&[Lane<W>]; STAGES] = std::array::from_fn(|j| &self.k[j * n..][..n]);
        for (i, error) in self.error.iter_mut().enumerate() {
            let mut sum = [0.0; W];
            for j in 0..STAGES {
                for l in 0..W {
                    sum[l] += ERROR[j] * k[j][i].0[l];
                }
            }
            for l in 0..W {
                error.0[l] = self.h.0[l] * sum[l];
            }
        }
    }
}

impl<const W: usize> Tsitouras<W> {
    /// The point of a stage into the registers.
    fn place(&self, block: &mut Block<W>, stage: usize) {
        let (system, ws) = (block.system, &mut block.workspace);
        let mut t = block.t;
        for l in 0..W {
            t.0[l] += NODES[stage] * block.h.0[l];
        }
        ws.registers[system.time()] = t;
        ws.instructions.dispatch(Stage {
            stage,
            y: &block.y,
            h: block.h,
            k: &self.k,
            u: &mut ws.registers[system.states()],
        });
    }
}

impl<const W: usize> Stepper<W> for Tsitouras<W> {
    const INTERPOLATES: bool = true;

    fn new(system: &System, tapes: Option<&Sensitivity>, directions: usize) -> Self {
        let n = system.state_ids().len();
        Tsitouras {
            n,
            error: Registers::new(n),
            k: Registers::new(STAGES * n),
            directions: Directions::new(n, tapes.map_or(0, |_| directions)),
            start: [(0.0, 0.0, 0.0); W],
        }
    }

    fn prepare(&mut self, block: &mut Block<W>, fresh: &[bool; W]) {
        if !fresh.contains(&true) {
            return;
        }
        let (n, system) = (self.n, block.system);
        let ws = &mut block.workspace;
        ws.registers[system.time()] = block.t;
        ws.registers[system.states()].copy_from_slice(&block.y);
        system.rhs_here(ws);
        let rate = &ws.registers[system.slopes()];
        for lane in (0..W).filter(|&lane| fresh[lane]) {
            for (k, rate) in self.k[..n].iter_mut().zip(rate) {
                k.0[lane] = rate.0[lane];
            }
        }
        // an Euler step of the trial length shows y''
        let mut h = Lane::<W>::ZERO;
        for lane in (0..W).filter(|&lane| fresh[lane]) {
            let d0 = block.norm_differential(lane, &block.y);
            let d1 = block.norm_differential(lane, &self.k[..n]);
            h.0[lane] = controller::trial_step(d0, d1, block.h.0[lane]);
            self.start[lane] = (h.0[lane], d1, 0.0);
        }
        let ws = &mut block.workspace;
        let first = system.states().start;
        for (i, k) in self.k[..n].iter().enumerate() {
            for lane in 0..W {
                ws.registers[first + i].0[lane] = block.y[i].0[lane] + h.0[lane] * k.0[lane];
            }
        }
        for lane in 0..W {
            ws.registers[system.time()].0[lane] = block.t.0[lane] + h.0[lane];
        }
        system.rhs_here(ws);
        let rate = &ws.registers[system.slopes()];
        for ((change, rate), k) in self.error.iter_mut().zip(rate).zip(&self.k[..n]) {
            for lane in 0..W {
                change.0[lane] = rate.0[lane] - k.0[lane];
            }
        }
        for lane in (0..W).filter(|&lane| fresh[lane]) {
            self.start[lane].2 = block.norm_differential(lane, &self.error) / h.0[lane];
        }
    }

    fn first_step(&self, _block: &Block<W>, lane: usize, longest: f64) -> Option<f64> {
        let (h0, d1, d2) = self.start[lane];
        let d2 = if d2.is_finite() { d2 } else { f64::MAX };
        let h = controller::first_step(h0, d1, d2, longest);
        d1.is_finite()
            .then_some(if h > 0.0 { h } else { f64::MIN_POSITIVE })
    }

    fn not_finite(&self, _block: &Block<W>, lane: usize) -> Option<usize> {
        self.was_not_finite(lane)
    }

    fn was_not_finite(&self, lane: usize) -> Option<usize> {
        self.k[..self.n].iter().position(|f| !f.0[lane].is_finite())
    }

    fn advance(&mut self, block: &mut Block<W>) -> [Attempt; W] {
        let (n, system) = (self.n, block.system);
        for stage in 1..STAGES {
            self.place(block, stage);
            let ws = &mut block.workspace;
            system.rhs_here(ws);
            self.k[stage * n..(stage + 1) * n].copy_from_slice(&ws.registers[system.slopes()]);
        }
        let ws = &block.workspace;
        // the point of the last stage is the step's end
        block.y1.copy_from_slice(&ws.registers[system.states()]);
        ws.instructions.dispatch(Estimate {
            h: block.h,
            k: &self.k,
            error: &mut self.error,
        });
        let errors = block.norms(&self.error, &block.y, &block.y1);
        errors.map(Attempt::Tried)
    }

    fn sensitivities(&mut self, block: &mut Block<W>, lanes: &[bool; W]) {
        let Some(tapes) = block.tapes.clone() else {
            return;
        };
        for stage in 0..STAGES {
            self.place(block, stage);
            tapes.jacobian_here(block.system, &mut block.workspace);
            self.directions.stage(block, &tapes, stage, lanes);
        }
    }

    fn sensitivity_error(&mut self, block: &Block<W>, lane: usize) -> f64 {
        self.directions.error(block, lane)
    }

    fn interpolate(&mut self, block: &mut Block<W>, lane: usize, theta: f64, out: &mut [f64]) {
        let (n, h) = (self.n, block.h.0[lane]);
        for (i, out) in out.iter_mut().enumerate() {
            *out = dense(theta, block.y[i].0[lane], h, |stage| {
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
        let h = block.h.0[lane];
        for (i, out) in out.iter_mut().enumerate() {
            let s = block.s[block.at(lane, i, direction)];
            *out = dense(theta, s, h, |stage| {
                self.directions.k(block, lane, stage, i, direction)
            });
        }
    }

    fn commit(&mut self, lanes: &[bool; W]) {
        // first same as last
        let (first, rest) = self.k.split_at_mut(self.n);
        for (first, last) in first.iter_mut().zip(&rest[(STAGES - 2) * self.n..]) {
            for l in 0..W {
                first.0[l] = if lanes[l] { last.0[l] } else { first.0[l] };
            }
        }
    }

    fn work(&self) -> Statistics {
        Statistics {
            right_hand_sides: STAGES - 1,
            ..Default::default()
        }
    }

    fn bytes(&self) -> usize {
        self.error.bytes() + self.k.bytes() + self.directions.bytes()
    }
}
