//! One lane's way through its schedule: effective registers, breakpoints, output times, record.
use super::{
    Cause, Problem, Solution, Status, Tolerances, algebraic,
    block::Block,
    controller::Controller,
    events::{self, Queue},
    jumps,
    modes::Watch,
    path::{End, Pace},
    regimen,
    steady::{self, Settle},
};
use crate::schedule::{Break, Dual, Jump, Plan, Register};

/// Times nearer than this many units in the last place are one.
const SNAP: f64 = 16.0 * f64::EPSILON;
/// Rules that hold by their derivatives may be this many tolerances off after steps.
const DRIFT: f64 = 1e3;

/// What the lane is doing.
#[derive(Clone, Debug)]
pub(super) enum Phase {
    /// on its way to a steady state; `true` when it is the end of the schedule
    Settle(Box<Settle>, bool),
    /// within the interval of a regimen
    Interval(Box<regimen::Interval>),
    /// in finite time
    Run,
}

/// One subject in one lane.
pub(super) struct Track<'a> {
    pub problem: &'a Problem<'a>,
    pub index: usize,
    pub phase: Phase,
    pub controller: Controller,
    /// whether the method must look at `(t, y)` anew
    pub fresh: bool,
    /// proposed step; None: to be estimated
    pub step: Option<f64>,
    /// whether the step tried ends exactly at the horizon
    pub reaches: bool,
    /// why the last attempt was rejected
    pub trouble: Option<Cause>,
    pub watch: Watch,
    /// margins of the relations at the probes of a step
    pub probes: Vec<[f64; 5]>,
    pub queue: Queue,
    pub solution: Solution,
    /// where the lengths of steps come from
    pub pace: Pace<'a>,
    pub plan: Plan,
    pub next_stop: usize,
    pub next_output: usize,
    pub segments: Vec<usize>,
    /// flows that run
    pub running: Vec<usize>,
    pub period: Option<usize>,
    pub registers: Vec<f64>,
    /// directions x extended registers
    seeds: Vec<f64>,
    pub epoch: Option<usize>,
    pub flips: usize,
    pub states: Vec<f64>,
}

/// Whether two times are one.
pub(super) fn is_at(t: f64, time: f64) -> bool {
    (time - t).abs() <= SNAP * t.abs().max(time.abs())
}

/// Whether a stop has come, or is so near that it counts as now.
pub(super) fn near(t: f64, stop: f64) -> bool {
    stop - t <= SNAP * t.abs().max(stop.abs())
}

impl<'a> Track<'a> {
    /// Starts a subject in a lane, or says why it cannot be started.
    pub(super) fn load<const W: usize>(
        problem: &'a Problem<'a>,
        index: usize,
        tolerances: &Tolerances,
        pace: Pace<'a>,
        block: &mut Block<W>,
        lane: usize,
    ) -> Result<Self, Box<Solution>> {
        let system = problem.system;
        let directions = problem.sensitivity.map_or(0, |d| d.seeds.len());
        let register_count = system.register_count();
        let mut solution = Solution::empty(
            problem.times,
            system.state_ids().len(),
            directions,
            register_count,
        );
        let plan = match problem.plan(tolerances) {
            Ok(plan) => plan,
            Err(invalid) => {
                solution.status = Status::Failed {
                    time: f64::NEG_INFINITY,
                    cause: Cause::Invalid(invalid),
                };
                return Err(Box::new(solution));
            }
        };
        let start = plan.start;
        let mut seeds = vec![0.0; directions * problem.parameters.len()];
        for (j, seed) in problem.sensitivity.iter().flat_map(|d| d.seeds).enumerate() {
            for &(register, value) in seed {
                seeds[j * problem.parameters.len() + register.0] += value;
            }
        }
        let mut track = Track {
            problem,
            index,
            phase: Phase::Run,
            controller: Controller::default(),
            fresh: true,
            step: None,
            reaches: false,
            trouble: None,
            watch: Watch::new(system.mode_count()),
            probes: Vec::new(),
            queue: Queue::new(system.events(), problem.schedule.event_seed),
            solution,
            next_stop: 0,
            next_output: 0,
            segments: vec![0; plan.tables.len()],
            running: Vec::new(),
            period: plan.first_period,
            registers: vec![0.0; register_count],
            seeds,
            epoch: None,
            flips: 0,
            states: vec![0.0; block.states],
            pace,
            plan,
        };
        match track.begin(block, lane) {
            Ok(()) => Ok(track),
            Err(cause) => {
                track.solution.status = Status::Failed { time: start, cause };
                Err(Box::new(track.solution))
            }
        }
    }

    /// Registers, initial values, first jumps.
    fn begin<const W: usize>(&mut self, block: &mut Block<W>, lane: usize) -> Result<(), Cause> {
        block.t.0[lane] = self.plan.start;
        if !self.plan.settles {
            self.pass_knots_silently();
        }
        self.refresh(block, lane);
        let slopes = match self.plan.start_moment {
            Some(moment) if !self.plan.settles => self.moment_slopes(&moment),
            _ => vec![0.0; self.directions()],
        };
        jumps::initial(block, lane, &slopes, self.directions());
        let first: Vec<Jump> = self.period.map_or(Vec::new(), |period| {
            self.problem.schedule.periods[period].jumps.clone()
        });
        self.apply(block, lane, &first);
        self.arrive(block, lane)?;
        self.subtract_rate(block, lane, &slopes);
        self.assign(block, lane, &slopes)?;
        if self.plan.settles {
            self.phase =
                Phase::Settle(Box::new(Settle::new(block, lane, self.directions())), false);
        } else {
            self.queue.call(&slopes);
        }
        Ok(())
    }

    /// The record, at the end of the way.
    pub(super) fn finish(mut self, t: f64) -> Solution {
        // a record cannot fail to end
        let _ = self.note_end_of_steps(End::Last, t);
        if let Pace::Recorded(path) = self.pace {
            self.solution.path = Some(Box::new(path));
        }
        self.solution
    }

    /// Directions that are followed: those of the problem, and within a regimen's interval one for each start value.
    pub(super) fn directions(&self) -> usize {
        match self.phase {
            Phase::Interval(_) => self.solution.direction_count + self.states.len(),
            _ => self.solution.direction_count,
        }
    }

    /// d register / d direction j, for extended registers.
    pub(super) fn seed(&self, j: usize, register: Register) -> f64 {
        if j >= self.solution.direction_count {
            return 0.0;
        }
        self.seeds[j * self.problem.parameters.len() + register.0]
    }

    fn moment_slopes(&self, moment: &crate::schedule::Moment) -> Vec<f64> {
        let slope = |j| self.seed(j, moment.at) + moment.lag.map_or(0.0, |lag| self.seed(j, lag));
        (0..self.directions()).map(slope).collect()
    }

    /// d moment / d direction of a breakpoint that is no knot.
    pub(super) fn slopes_of(&self, what: Break) -> Vec<f64> {
        let terms = self.problem.schedule.terms(what);
        let slope = |j| {
            let parts = terms
                .iter()
                .map(|&(register, f)| f * self.seed(j, register));
            parts.sum()
        };
        (0..self.directions()).map(slope).collect()
    }

    /// Knots at or before the start are in force from the start.
    fn pass_knots_silently(&mut self) {
        let (start, segments) = (self.plan.start, &mut self.segments);
        self.plan.stops.retain(|stop| match stop.what {
            Break::Knot { input, segment } if stop.time <= start => {
                segments[input] = segment;
                false
            }
            _ => true,
        });
    }

    /// Writes the effective registers and their tangents into the lane.
    pub(super) fn refresh<const W: usize>(&mut self, block: &mut Block<W>, lane: usize) {
        let (system, parameters) = (self.problem.system, self.problem.parameters);
        let count = system.parameters().len();
        let mut source: Vec<Register> = (0..count).map(Register).collect();
        if let Some(period) = self.period {
            for &(parameter, with) in &self.problem.schedule.periods[period].overrides {
                source[parameter] = with;
            }
        }
        for (register, from) in self.registers.iter_mut().zip(&source) {
            *register = parameters[from.0];
        }
        for (input, (table, &segment)) in self.plan.tables.iter().zip(&self.segments).enumerate() {
            let (c, t0) = table.coefficients(segment, &|_| 0.0);
            let at = count + 5 * input;
            for (register, c) in self.registers[at..at + 4].iter_mut().zip(c) {
                *register = c.value;
            }
            self.registers[at + 4] = t0;
        }
        system.set_registers(&mut block.workspace, lane, &self.registers);
        system.hoist(&mut block.workspace);
        self.epoch = None;
        self.refresh_supply(block, lane);

        if let Some(tapes) = block.tapes.clone() {
            let m = self.directions();
            let registers = tapes.registers();
            for j in 0..block.directions {
                let from_inputs: Vec<[Dual; 4]> = if j < m {
                    let slope = |register: Register| self.seed(j, register);
                    let all = self.plan.tables.iter().zip(&self.segments);
                    all.map(|(table, &segment)| table.coefficients(segment, &slope).0)
                        .collect()
                } else {
                    Vec::new()
                };
                for (position, &register) in registers.iter().enumerate() {
                    let slope = if j >= m {
                        0.0
                    } else if register < count {
                        self.seed(j, source[register])
                    } else {
                        let (input, c) = ((register - count) / 5, (register - count) % 5);
                        from_inputs[input].get(c).map_or(0.0, |c| c.slope)
                    };
                    block.set_tangent(lane, j, position, slope);
                }
            }
            block.find_direct(lane);
        }
    }

    /// After registers or states jumped: conditions, algebraic states.
    pub(super) fn arrive<const W: usize>(
        &mut self,
        block: &mut Block<W>,
        lane: usize,
    ) -> Result<(), Cause> {
        self.set_modes(block, lane);
        if block.system.mass().contains(&0.0) {
            algebraic::solve_states(block, lane)?;
            self.set_modes(block, lane);
        }
        self.check_requirements(block, lane)?;
        self.fresh = true;
        Ok(())
    }

    /// What algebraic rules require beyond the equations; within the tolerances at the start, and with room for the error of
    /// the steps later.
    fn check_requirements<const W: usize>(
        &mut self,
        block: &mut Block<W>,
        lane: usize,
    ) -> Result<(), Cause> {
        let (system, t) = (block.system, block.t.0[lane]);
        if system.requirements().is_empty() {
            return Ok(());
        }
        block.read_states(lane, &mut self.states);
        let room = match self.solution.statistics.steps {
            0 => 1.0,
            _ => DRIFT,
        };
        let tolerances = (room * block.relative, room * block.absolute);
        match system.unmet(&mut block.workspace, lane, (t, &self.states), tolerances) {
            None => Ok(()),
            Some(at) => {
                let requirement = &system.requirements()[at];
                let rule = requirement.rule.clone();
                Err(match requirement.vanishes {
                    true => Cause::Contradiction { rule },
                    false => Cause::Undetermined { rule },
                })
            }
        }
    }

    /// Reads all conditions anew at the lane's point.
    pub(super) fn set_modes<const W: usize>(&mut self, block: &mut Block<W>, lane: usize) {
        let system = block.system;
        if system.mode_count() == 0 {
            return;
        }
        block.read_states(lane, &mut self.states);
        system.set_modes(&mut block.workspace, lane, block.t.0[lane], &self.states);
        self.watch.modes = system.modes(&block.workspace, lane);
    }

    /// Reads all conditions at the lane's point without freezing them.
    pub(super) fn read_conditions<const W: usize>(&mut self, block: &mut Block<W>, lane: usize) {
        block.read_states(lane, &mut self.states);
        block.system.conditions(
            &mut block.workspace,
            lane,
            (block.t.0[lane], &self.states),
            &mut self.watch.truths,
            &mut self.watch.differences,
        );
    }

    /// s <- s - f tau at the new side of a breakpoint, then algebraic sensitivities.
    pub(super) fn subtract_rate<const W: usize>(
        &mut self,
        block: &mut Block<W>,
        lane: usize,
        slopes: &[f64],
    ) {
        if slopes.iter().any(|slope| *slope != 0.0) {
            jumps::shift(block, lane, slopes, -1.0);
        }
        if self.directions() > 0 && block.system.mass().contains(&0.0) {
            algebraic::solve_sensitivities(block, lane, self.directions());
        }
    }

    /// Brings the lane to where it needs a step (true) or to its end (false).
    pub(super) fn ready<const W: usize>(
        &mut self,
        block: &mut Block<W>,
        lane: usize,
    ) -> Result<bool, Cause> {
        loop {
            if let Phase::Settle(..) = self.phase {
                match steady::check(self, block, lane)? {
                    steady::Progress::Moving => return Ok(true),
                    steady::Progress::AtRest => {}
                }
                self.note_end(End::Rest, block.t.0[lane])?;
                let Phase::Settle(_, last) = std::mem::replace(&mut self.phase, Phase::Run) else {
                    continue;
                };
                self.fresh = true;
                self.step = None;
                self.controller = Controller::default();
                if last {
                    while self.next_output < self.problem.times.len() {
                        self.record_here(block, lane);
                    }
                    return Ok(false);
                }
                block.t.0[lane] = self.plan.start;
                let nothing_left = self.plan.stops.is_empty()
                    && self.problem.times.iter().all(|t| t.is_infinite());
                if nothing_left {
                    while self.next_output < self.problem.times.len() {
                        self.record_here(block, lane);
                    }
                    return Ok(false);
                }
                self.pass_knots_silently();
                if self
                    .plan
                    .stops
                    .first()
                    .is_none_or(|stop| stop.time > self.plan.start)
                {
                    self.refresh(block, lane);
                    self.arrive(block, lane)?;
                    self.queue.call(&vec![0.0; self.directions()]);
                }
            }
            if let Phase::Interval(_) = self.phase
                && !self.repeats()
            {
                let stop = self.plan.stops[self.next_stop];
                if !near(block.t.0[lane], stop.time) {
                    return Ok(true);
                }
                self.pass(block, lane)?;
                continue;
            }
            if self.repeats() {
                match self.follow(block, lane)? {
                    Some(moves) => return Ok(moves),
                    None => continue,
                }
            }
            let t = block.t.0[lane];
            if self
                .plan
                .stops
                .get(self.next_stop)
                .is_some_and(|stop| near(t, stop.time))
            {
                self.pass(block, lane)?;
                continue;
            }
            if self.queue.is_called(t) {
                self.note_end_of_steps(End::Due, t)?;
                events::happen(self, block, lane)?;
            }
            while self
                .problem
                .times
                .get(self.next_output)
                .is_some_and(|time| *time <= t)
            {
                self.record_here(block, lane);
            }
            let Some(&time) = self.problem.times.get(self.next_output) else {
                return Ok(false);
            };
            if time.is_infinite()
                && self.next_stop == self.plan.stops.len()
                && self.queue.next_due() == f64::INFINITY
            {
                self.note_end_of_steps(End::Open, t)?;
                self.phase =
                    Phase::Settle(Box::new(Settle::new(block, lane, self.directions())), true);
                self.step = None;
                continue;
            }
            if near(t, time) {
                self.hop(block, lane, time);
                continue;
            }
            return Ok(true);
        }
    }

    /// To an output time that no step can reach, being too near.
    fn hop<const W: usize>(&mut self, block: &mut Block<W>, lane: usize, time: f64) {
        block.t.0[lane] = time;
        self.fresh = true;
        if block.system.mode_count() > 0 {
            self.read_conditions(block, lane);
            if self.watch.has_flipped(block.system.relations()) {
                self.set_modes(block, lane);
                self.queue.call(&vec![0.0; self.directions()]);
            }
        }
    }

    /// The time that the next step must not pass.
    pub(super) fn horizon(&self, interpolates: bool) -> f64 {
        if let Some(target) = self.target() {
            return target;
        }
        if let Phase::Settle(settle, _) = &self.phase {
            return if interpolates {
                settle.limit()
            } else {
                settle.next_check()
            };
        }
        let times = self.problem.times;
        let stop = self
            .plan
            .stops
            .get(self.next_stop)
            .map_or(f64::INFINITY, |stop| stop.time);
        if let Phase::Interval(_) = self.phase {
            return stop;
        }
        let last = if interpolates {
            times[times.len() - 1]
        } else {
            times[self.next_output]
        };
        stop.min(last).min(self.queue.next_due())
    }

    /// Registers in force: effective parameters, then input coefficients.
    pub(super) fn registers(&self) -> &[f64] {
        &self.registers
    }
}
