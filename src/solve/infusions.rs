//! What runs into the states of one lane: the rates of infusions and their derivatives.
//!
//! An infusion of the amount A over the duration D adds A/D to its state's rate while it runs, and
//! (dA - A/D dD)/D along a direction; infusions that run at the same time add up, in the order in which they began. Beginning
//! and end are breakpoints like others, whose moments carry derivatives (`jumps`).
use super::{block::Block, track::Track};

impl Track<'_> {
    /// An infusion begins.
    pub(super) fn run_flow(&mut self, flow: usize) {
        self.running.push(flow);
    }

    /// An infusion ends.
    pub(super) fn stop_flow(&mut self, flow: usize) {
        if let Some(at) = self.running.iter().position(|f| *f == flow) {
            self.running.remove(at);
        }
    }

    /// Writes the rates of the infusions that run into the lane.
    pub(super) fn refresh_supply<const W: usize>(&self, block: &mut Block<W>, lane: usize) {
        let mut supply = vec![0.0; block.states];
        let mut slopes = Vec::new();
        for &flow in &self.running {
            let flow = self.plan.flows[flow];
            let value = |register: crate::schedule::Register| self.problem.parameters[register.0];
            let duration = value(flow.duration);
            let rate = value(flow.amount) / duration;
            supply[flow.state] += rate;
            for j in 0..self.solution.direction_count {
                let moved = self.seed(j, flow.amount) - rate * self.seed(j, flow.duration);
                slopes.push((flow.state, j, moved / duration));
            }
        }
        block.set_supply(lane, &supply, &slopes);
    }
}
