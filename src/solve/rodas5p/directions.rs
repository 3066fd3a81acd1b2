//! The exact extension of a Rodas5P step to forward sensitivities, one subject at a time, groups of directions side by side.
//!
//! The sensitivity S along a direction obeys S' = J S + f_p. The Rosenbrock method of the extended system (y, S) has the
//! same W, and in stage i the extra terms D J[k_i, d_i h] S + D f_p[k_i, d_i h], the directional derivatives of J and f_p
//! along (k_i in y, d_i h in t) at the start of the step. It is exact: the derivative of the discrete y at fixed steps.
use super::tableau::{C, STAGES, WEIGHTS};
use crate::compile::{Packed, Sensitivity, System};
use crate::lanes::{Aligned, Kernel, OneLane};
use crate::solve::block::{Block, Direct, Infused};
use crate::solve::groups::{Group, Groups, NARROW, WIDE};

/// Memory for the directions of W lanes.
pub(super) struct Directions<const W: usize> {
    /// lanes x stages x numbers of a lane
    k: Aligned<f64>,
    packed: Vec<Packed>,
    /// one group of one lane: u, right-hand side, scratch
    u: Aligned<f64>,
    right: Aligned<f64>,
    scratch: Aligned<f64>,
}

impl<const W: usize> Directions<W> {
    pub(super) fn new(states: usize, directions: usize) -> Self {
        let groups = Groups::new(states, directions);
        let widest = groups.widest();
        Directions {
            k: Aligned::new(W * STAGES * groups.size()),
            packed: vec![Packed::default(); if directions > 0 { W } else { 0 }],
            u: Aligned::new(widest),
            right: Aligned::new(widest),
            scratch: Aligned::new(widest),
        }
    }

    /// Takes the factors of the step.
    pub(super) fn begin(&mut self, block: &Block<W>, lanes: &[bool; W]) {
        for lane in (0..W).filter(|&lane| lanes[lane]) {
            block
                .system
                .pack(&block.workspace, lane, &mut self.packed[lane]);
        }
    }

    /// k of a stage.
    pub(super) fn k(&self, block: &Block<W>, lane: usize, stage: usize, i: usize, j: usize) -> f64 {
        let size = block.groups.size();
        self.k[(lane * STAGES + stage) * size + block.groups.at(i, j)]
    }

    /// One stage of all directions, with J, f_p and their derivatives as they stand in the registers.
    pub(super) fn stage(
        &mut self,
        block: &mut Block<W>,
        tapes: &Sensitivity,
        stage: usize,
        lanes: &[bool; W],
    ) {
        let size = block.groups.size();
        for lane in (0..W).filter(|&lane| lanes[lane]) {
            for (number, group) in block.groups.iter().enumerate() {
                let range = block.lane_range(lane);
                let length = block.states * group.width;
                let own = range.start + group.start..range.start + group.start + length;
                let k = lane * STAGES * size + group.start;
                let (before, after) = self.k.split_at_mut(k + stage * size);
                let kernel = StageOfGroup {
                    stage,
                    group,
                    tapes,
                    system: block.system,
                    registers: block.workspace.registers.lane(lane),
                    inverse_h: 1.0 / block.h.0[lane],
                    direct: block.direct(lane, number),
                    infused: block.infused(lane, number),
                    packed: &self.packed[lane],
                    s: &block.s[own.clone()],
                    past: &before[k..],
                    size,
                    k: &mut after[..length],
                    u: &mut self.u[..length],
                    right: &mut self.right[..length],
                    scratch: &mut self.scratch[..length],
                };
                block.instructions().dispatch(kernel);
                if stage == STAGES - 1 {
                    let last = self.u.iter().zip(&after[..length]);
                    for (s1, (u, k)) in block.s1[own].iter_mut().zip(last) {
                        *s1 = u + k;
                    }
                }
            }
        }
    }

    /// Scaled error of one lane, the greatest over the directions.
    pub(super) fn error(&self, block: &Block<W>, lane: usize) -> f64 {
        let mut worst: f64 = 0.0;
        for j in 0..block.directions {
            let mut sum = 0.0;
            for i in 0..block.states {
                let error = self.k(block, lane, STAGES - 1, i, j);
                if error == 0.0 {
                    continue;
                }
                let at = block.at(lane, i, j);
                let size = block.s[at].abs().max(block.s1[at].abs());
                let ratio = error / (block.absolute + block.relative * size);
                sum += ratio * ratio;
            }
            let error = (sum / block.states.max(1) as f64).sqrt();
            if error.is_nan() {
                return error;
            }
            worst = worst.max(error);
        }
        worst
    }

    pub(super) fn bytes(&self) -> usize {
        let packed: usize = self.packed.iter().map(Packed::bytes).sum();
        self.k.bytes() + self.u.bytes() + self.right.bytes() + self.scratch.bytes() + packed
    }
}

/// A stage of one group of one lane.
struct StageOfGroup<'a> {
    stage: usize,
    group: Group,
    tapes: &'a Sensitivity,
    system: &'a System,
    registers: OneLane<'a>,
    inverse_h: f64,
    direct: &'a [Direct],
    infused: &'a [Infused],
    packed: &'a Packed,
    s: &'a [f64],
    /// the stages before, `size` numbers apart
    past: &'a [f64],
    size: usize,
    k: &'a mut [f64],
    u: &'a mut [f64],
    right: &'a mut [f64],
    scratch: &'a mut [f64],
}

impl Kernel for StageOfGroup<'_> {
    type Output = ();
    #[inline(always)]
    fn run(self) {
        match self.group.width {
            NARROW => self.run_wide::<NARROW>(),
            _ => self.run_wide::<WIDE>(),
        }
    }
}

impl StageOfGroup<'_> {
    #[inline(always)]
    fn run_wide<const G: usize>(mut self) {
        self.combine::<G>();
        let (u, s) = (self.u.as_chunks::<G>().0, self.s.as_chunks::<G>().0);
        let right = self.right.as_chunks_mut::<G>().0;
        self.tapes.add_products(self.registers, (u, s), right);
        for direct in self.direct {
            let slope = self.tapes.direct_slope(self.registers, direct.entry);
            right.as_flattened_mut()[direct.at as usize] += slope * direct.slope;
        }
        for infused in self.infused {
            right.as_flattened_mut()[infused.at as usize] += infused.slope;
        }
        let scratch = self.scratch.as_chunks_mut::<G>().0;
        self.system.solve_directions(self.packed, right, scratch);
        self.k.copy_from_slice(self.right);
    }

    /// u = s + sum_j a_ij k_j, right = M sum_j (C_ij / h) k_j
    #[inline(always)]
    fn combine<const G: usize>(&mut self) {
        let s = self.s.as_chunks::<G>().0;
        let length = self.s.len();
        let past: [&[[f64; G]]; STAGES] = std::array::from_fn(|j| match j < self.stage {
            true => self.past[j * self.size..][..length].as_chunks::<G>().0,
            false => s,
        });
        let past = &past[..self.stage];
        let (a, c) = (&WEIGHTS[self.stage], &C[self.stage]);
        let u = self.u.as_chunks_mut::<G>().0;
        let right = self.right.as_chunks_mut::<G>().0;
        let mass = self.system.mass();
        for (i, s) in s.iter().enumerate() {
            let mut point = *s;
            let mut history = [0.0; G];
            for ((past, a), c) in past.iter().zip(a).zip(c) {
                let k = &past[i];
                for g in 0..G {
                    point[g] += a * k[g];
                    history[g] += c * k[g];
                }
            }
            u[i] = point;
            let factor = if mass[i] == 0.0 { 0.0 } else { self.inverse_h };
            for g in 0..G {
                right[i][g] = history[g] * factor;
            }
        }
    }
}
