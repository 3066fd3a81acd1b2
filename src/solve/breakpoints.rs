//! A lane passes a breakpoint of its schedule: registers, jumps of states, infusions, regimens, and the derivatives of all.
//!
//! How sensitivities go through a moment that moves stands in `jumps`.
use super::{
    Cause,
    block::Block,
    controller::Controller,
    events, jumps,
    path::End,
    regimen,
    track::{Phase, Track},
};
use crate::schedule::{Break, Factor, Jump, Register};

impl Track<'_> {
    /// State jumps and their derivatives; the sensitivities must be total derivatives at the moment.
    pub(super) fn apply<const W: usize>(&self, block: &mut Block<W>, lane: usize, list: &[Jump]) {
        let value = |register: Register| self.problem.parameters[register.0];
        for jump in list {
            let i = jump.state;
            let before = block.y[i].0[lane];
            let factor = match jump.factor {
                Factor::Zero => 0.0,
                Factor::One => 1.0,
                Factor::Register(register) => value(register),
            };
            // a forgotten value may be anything
            let kept = if factor == 0.0 { 0.0 } else { factor * before };
            block.y[i].0[lane] = kept + jump.offset.map_or(0.0, value);
            for j in 0..self.directions() {
                let s = block.sensitivity(lane, i, j);
                let mut after = if factor == 0.0 { 0.0 } else { factor * *s };
                if let Some(offset) = jump.offset {
                    after += self.seed(j, offset);
                }
                if let Factor::Register(register) = jump.factor {
                    after += self.seed(j, register) * before;
                }
                *s = after;
            }
        }
    }

    /// The events that the period begins with.
    pub(super) fn assign<const W: usize>(
        &mut self,
        block: &mut Block<W>,
        lane: usize,
        slopes: &[f64],
    ) -> Result<(), Cause> {
        let Some(period) = self.period else {
            return Ok(());
        };
        let problem = self.problem;
        for &event in &problem.schedule.periods[period].events {
            events::assign(self, block, lane, event, slopes)?;
        }
        Ok(())
    }

    /// Passes the breakpoint at which the lane stands.
    pub(super) fn pass<const W: usize>(
        &mut self,
        block: &mut Block<W>,
        lane: usize,
    ) -> Result<(), Cause> {
        let stop = self.plan.stops[self.next_stop];
        self.note_end(End::Stop(stop.what), stop.time)?;
        self.next_stop += 1;
        block.t.0[lane] = stop.time;
        let schedule = self.problem.schedule;
        let mut smooth = false;
        let (slopes, list): (Vec<f64>, Vec<Jump>) = match stop.what {
            Break::Knot { input, segment } => {
                let table = &self.plan.tables[input];
                // joined tables have equal rates on both sides of a single knot
                smooth = table.is_continuous_at(segment);
                let time = table
                    .registers
                    .as_ref()
                    .map(|registers| registers[segment - 1].0);
                let slope =
                    |j| time.map_or(0.0, |time| if smooth { 0.0 } else { self.seed(j, time) });
                ((0..self.directions()).map(slope).collect(), Vec::new())
            }
            what => {
                let jumps = match what {
                    Break::Period(i) => schedule.periods[i].jumps.clone(),
                    Break::Dose(i) => vec![schedule.doses[i].jump],
                    Break::RegimenDose { regimen, dose } => {
                        let dose = &schedule.regimens[regimen].doses[dose];
                        dose.bolus().into_iter().collect()
                    }
                    _ => Vec::new(),
                };
                (self.slopes_of(what), jumps)
            }
        };
        if slopes.iter().any(|slope| *slope != 0.0) {
            jumps::shift(block, lane, &slopes, 1.0);
        }
        match stop.what {
            Break::Knot { input, segment } => {
                self.segments[input] = segment;
                self.refresh(block, lane);
            }
            Break::Period(i) => {
                self.period = Some(i);
                self.refresh(block, lane);
            }
            Break::InfusionStart(i) => self.run_flow(i),
            Break::InfusionEnd(i) => self.stop_flow(i),
            Break::RegimenDose { regimen, dose } => {
                if schedule.regimens[regimen].doses[dose].duration.is_some() {
                    self.run_flow(schedule.flow_of(regimen, dose));
                }
            }
            Break::Tail { regimen, dose }
            | Break::RegimenTail { regimen, dose }
            | Break::RegimenDoseEnd { regimen, dose } => {
                self.stop_flow(schedule.flow_of(regimen, dose));
            }
            Break::Regimen(i) => return regimen::begin(self, block, lane, i),
            Break::IntervalEnd(_) => return regimen::end_pass(self, block, lane),
            Break::Dose(_) | Break::RegimenStart(_) => {}
        }
        if !self.plan.flows.is_empty() {
            self.refresh_supply(block, lane);
        }
        self.apply(block, lane, &list);
        self.arrive(block, lane)?;
        self.subtract_rate(block, lane, &slopes);
        if let Break::Period(_) = stop.what {
            self.assign(block, lane, &slopes)?;
        }
        match self.phase {
            Phase::Interval(_) => events::refuse(self, block, lane)?,
            _ => self.queue.call(&slopes),
        }
        if !smooth {
            self.step = None;
            self.controller = Controller::default();
        }
        Ok(())
    }
}
