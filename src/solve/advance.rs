//! A lane along an accepted step: outputs between its ends, to its end or to the first condition that flips.
use super::{
    Cause, algebraic,
    block::{Block, Stepper},
    controller::Controller,
    events, modes,
    path::End,
    solution::Epoch,
    track::{Phase, Track},
};

/// Flips in a row, without an ordinary step between, that count as chattering.
const FLIP_LIMIT: usize = 100;
/// Flips of what only triggers read count when they follow within this fraction of a step.
const SOON: f64 = 1e-6;

impl Track<'_> {
    /// Takes the lane along the accepted step, to its end or to the first condition that flips. True where the states are to
    /// move to the end of the step, which the driver does for all such lanes at once.
    pub(super) fn commit<S: Stepper<W>, const W: usize>(
        &mut self,
        block: &mut Block<W>,
        stepper: &mut S,
        lane: usize,
        end: f64,
    ) -> Result<bool, Cause> {
        let (t, h, before) = (block.t.0[lane], block.h.0[lane], self.next_output);
        let given = self.is_given();
        let flip = if given {
            modes::repeat_flip(self, block, stepper, lane)?
        } else {
            modes::first_flip(self, block, stepper, lane, end)
        };
        let (theta, t1) = flip.map_or((1.0, end), |flip| (flip.theta, flip.time));
        self.record_between(block, stepper, lane, t1);
        self.note_step(t, h, before);
        let Some(flip) = flip else {
            (self.flips, self.fresh) = (0, false);
            block.t.0[lane] = t1;
            return Ok(true);
        };
        if theta >= 1.0 && !given {
            let only = std::array::from_fn(|l| l == lane);
            block.move_lanes(&only);
            stepper.commit(&only);
            self.fresh = false;
        } else if theta > 0.0 || given {
            modes::curve(self, block, stepper, lane, theta);
            let mut s = vec![0.0; block.states];
            let mut between = Vec::with_capacity(self.directions());
            for j in 0..self.directions() {
                stepper.interpolate_sensitivity(block, lane, j, theta, &mut s);
                between.push(s.clone());
            }
            for (j, s) in between.iter().enumerate() {
                block.write_sensitivity(lane, j, s);
            }
            let states = std::mem::take(&mut self.states);
            block.write_states(lane, &states);
            self.states = states;
        }
        block.t.0[lane] = t1;
        self.turn(block, lane, flip)?;
        Ok(false)
    }

    /// Turns the conditions at the lane's point, where one has flipped.
    fn turn<const W: usize>(
        &mut self,
        block: &mut Block<W>,
        lane: usize,
        flip: modes::Flip,
    ) -> Result<(), Cause> {
        let relations = block.system.relations();
        let in_rates = relations[flip.relation].in_rates;
        self.flips = if in_rates || flip.theta < SOON {
            self.flips + 1
        } else {
            0
        };
        if self.flips > FLIP_LIMIT {
            return Err(Cause::Chattering);
        }
        let before = self.watch.modes.clone();
        let moment = modes::flip(self, block, lane, flip.relation);
        let mut turned = before.iter().zip(&self.watch.modes).zip(relations);
        let bends = in_rates || turned.any(|((a, b), relation)| a != b && relation.in_rates);
        self.fresh = true;
        // what only triggers read does not bend the path
        if bends {
            if block.system.mass().contains(&0.0) {
                algebraic::solve_states(block, lane)?;
                algebraic::solve_sensitivities(block, lane, self.directions());
            }
            self.step = None;
            self.controller = Controller::default();
        }
        if flip.passing {
            self.read_conditions(block, lane);
            let difference = self.watch.differences[flip.relation];
            self.queue.pass(flip.relation, difference);
        }
        let modes::Flip {
            relation,
            theta,
            passing,
            ..
        } = flip;
        self.note_end(
            End::Flip {
                relation,
                theta,
                passing,
            },
            block.t.0[lane],
        )?;
        match self.phase {
            Phase::Run => self.queue.call(&moment),
            Phase::Settle(_, true) | Phase::Interval(_) => events::refuse(self, block, lane)?,
            Phase::Settle(_, false) => self.queue.forget_passing(),
        }
        Ok(())
    }

    /// Records the outputs within the step, before `t1`.
    fn record_between<S: Stepper<W>, const W: usize>(
        &mut self,
        block: &mut Block<W>,
        stepper: &mut S,
        lane: usize,
        t1: f64,
    ) {
        if !S::INTERPOLATES || !matches!(self.phase, Phase::Run) {
            return;
        }
        let (t, h, n, m) = (
            block.t.0[lane],
            block.h.0[lane],
            block.states,
            self.directions(),
        );
        while let Some(time) = self.output_within(t1) {
            let theta = (time - t) / h;
            let k = self.next_output;
            let out = &mut self.solution.states[k * n..(k + 1) * n];
            stepper.interpolate(block, lane, theta, out);
            for j in 0..m {
                let row = k * m + j;
                let out = &mut self.solution.sensitivities[row * n..(row + 1) * n];
                stepper.interpolate_sensitivity(block, lane, j, theta, out);
            }
            self.solution.at[k] = (self.epoch(block, lane), time);
            self.next_output += 1;
        }
    }

    /// Index of the registers in force, in the record.
    fn epoch<const W: usize>(&mut self, block: &Block<W>, lane: usize) -> usize {
        if let Some(epoch) = self.epoch {
            return epoch;
        }
        let registers = block.tapes.as_ref().map_or(&[][..], |t| t.registers());
        let tangent = |j: usize| {
            let slopes = block.tangents(lane, j).iter().copied();
            registers
                .iter()
                .copied()
                .zip(slopes)
                .filter(|(_, slope)| *slope != 0.0)
                .collect()
        };
        let tangents = (0..self.directions()).map(tangent).collect();
        self.solution.epochs.push(Epoch {
            registers: self.registers.clone(),
            tangents,
        });
        self.epoch = Some(self.solution.epochs.len() - 1);
        self.solution.epochs.len() - 1
    }

    /// Records the lane's point at the next output time.
    pub(super) fn record_here<const W: usize>(&mut self, block: &Block<W>, lane: usize) {
        let (k, n, m) = (self.next_output, block.states, self.directions());
        block.read_states(lane, &mut self.solution.states[k * n..(k + 1) * n]);
        for j in 0..m {
            let row = k * m + j;
            let out = &mut self.solution.sensitivities[row * n..(row + 1) * n];
            block.read_sensitivity(lane, j, out);
        }
        let time = self.problem.times[k];
        self.solution.at[k] = (
            self.epoch(block, lane),
            if time.is_finite() {
                time
            } else {
                block.t.0[lane]
            },
        );
        self.next_output += 1;
    }
}
