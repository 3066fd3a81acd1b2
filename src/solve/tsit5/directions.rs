//! Tsit5 on the sensitivities, one subject at a time, groups of directions side by side: the stages are J(u_i) S_i + f_p(u_i).
use super::tableau::{A, ERROR, STAGES};
use crate::compile::Sensitivity;
use crate::lanes::{Aligned, Kernel, OneLane};
use crate::solve::block::{Block, Direct, Infused};
use crate::solve::groups::{Group, Groups, NARROW, WIDE};

/// Memory for the directions of W lanes.
pub(super) struct Directions<const W: usize> {
    /// lanes x stages x numbers of a lane
    k: Aligned<f64>,
    /// one group of one lane
    u: Aligned<f64>,
}

impl<const W: usize> Directions<W> {
    pub(super) fn new(states: usize, directions: usize) -> Self {
        let groups = Groups::new(states, directions);
        Directions {
            k: Aligned::new(W * STAGES * groups.size()),
            u: Aligned::new(groups.widest()),
        }
    }

    /// k of a stage.
    pub(super) fn k(&self, block: &Block<W>, lane: usize, stage: usize, i: usize, j: usize) -> f64 {
        let size = block.groups.size();
        self.k[(lane * STAGES + stage) * size + block.groups.at(i, j)]
    }

    /// One stage of all directions, with J and f_p as they stand in the registers.
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
                let start = block.lane_range(lane).start + group.start;
                let length = block.states * group.width;
                let k = lane * STAGES * size + group.start;
                let (before, after) = self.k.split_at_mut(k + stage * size);
                block.instructions().dispatch(StageOfGroup {
                    stage,
                    group,
                    tapes,
                    registers: block.workspace.registers.lane(lane),
                    h: block.h.0[lane],
                    direct: block.direct(lane, number),
                    infused: block.infused(lane, number),
                    s: &block.s[start..start + length],
                    past: &before[k..],
                    size,
                    k: &mut after[..length],
                    u: &mut self.u[..length],
                });
                // the point of the last stage is the step's end
                if stage == STAGES - 1 {
                    block.s1[start..start + length].copy_from_slice(&self.u[..length]);
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
                let parts = ERROR.iter().enumerate();
                let error: f64 = parts.map(|(k, e)| e * self.k(block, lane, k, i, j)).sum();
                let error = error * block.h.0[lane];
                if error == 0.0 {
                    continue;
                }
                let at = block.at(lane, i, j);
                let size = block.s[at].abs().max(block.s1[at].abs());
                let ratio = error / (block.absolute + block.relative * size);
                sum += ratio * ratio;
            }
            let error = (sum / block.states.max(1) as f64).sqrt();
            worst = if error.is_nan() {
                f64::INFINITY
            } else {
                worst.max(error)
            };
        }
        worst
    }

    pub(super) fn bytes(&self) -> usize {
        self.k.bytes() + self.u.bytes()
    }
}

/// A stage of one group of one lane.
struct StageOfGroup<'a> {
    stage: usize,
    group: Group,
    tapes: &'a Sensitivity,
    registers: OneLane<'a>,
    h: f64,
    direct: &'a [Direct],
    infused: &'a [Infused],
    s: &'a [f64],
    /// the stages before, `size` numbers apart
    past: &'a [f64],
    size: usize,
    k: &'a mut [f64],
    u: &'a mut [f64],
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
        let k = self.k.as_chunks_mut::<G>().0;
        k.fill([0.0; G]);
        self.tapes
            .add_product(self.registers, self.u.as_chunks::<G>().0, k);
        for direct in self.direct {
            let slope = self.tapes.slope(self.registers, direct.entry);
            k.as_flattened_mut()[direct.at as usize] += slope * direct.slope;
        }
        for infused in self.infused {
            k.as_flattened_mut()[infused.at as usize] += infused.slope;
        }
    }

    /// u = s + h sum_j a_ij k_j
    #[inline(always)]
    fn combine<const G: usize>(&mut self) {
        let s = self.s.as_chunks::<G>().0;
        let length = self.s.len();
        let past: [&[[f64; G]]; STAGES] = std::array::from_fn(|j| match j < self.stage {
            true => self.past[j * self.size..][..length].as_chunks::<G>().0,
            false => s,
        });
        let (past, a) = (&past[..self.stage], &A[self.stage]);
        let u = self.u.as_chunks_mut::<G>().0;
        for (i, s) in s.iter().enumerate() {
            let mut slope = [0.0; G];
            for (past, a) in past.iter().zip(a) {
                for g in 0..G {
                    slope[g] += a * past[i][g];
                }
            }
            for g in 0..G {
                u[i][g] = s[g] + self.h * slope[g];
            }
        }
    }
}
