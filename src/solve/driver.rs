//! The loop: prepare, choose steps, advance, accept or reject, commit; in W lanes, each with its own time and subject.
//!
//! A lane never reads another lane's numbers, so results are the same bits at every W; a lane that ends or fails takes
//! the next subject from the queue.
use super::{
    Cause, Problem, Solution, Status, Tolerances,
    block::{Attempt, Block, Stepper},
    path::{Pace, Path, Repeat},
    track::{Phase, Track},
};
use crate::compile::{Sensitivity, System};
use crate::lanes::InstructionSet;

/// Steps shorter than this many units in the last place of t are not made.
const RESOLUTION: f64 = 4.0 * f64::EPSILON;

/// What one call asks for.
pub(super) struct Run<'p> {
    pub problems: &'p [Problem<'p>],
    pub steps: Steps<'p>,
    pub max_steps: usize,
    pub tolerances: &'p Tolerances,
}

/// Where the lengths of steps come from.
#[derive(Clone, Copy)]
pub(super) enum Steps<'p> {
    Chosen,
    /// chosen, and kept in the solutions
    Recorded,
    /// those of these records, one a problem
    Repeated(&'p [&'p Path]),
}

impl<'p> Steps<'p> {
    fn pace(self, index: usize) -> Pace<'p> {
        match self {
            Steps::Chosen => Pace::Chosen,
            Steps::Recorded => Pace::Recorded(Path::default()),
            Steps::Repeated(paths) => Pace::Repeated(Repeat::new(paths[index])),
        }
    }
}

/// Memory for W subjects at a time, and the method on it.
pub(super) struct Lanes<'a, S, const W: usize> {
    block: Block<'a, W>,
    stepper: S,
}

/// A lane group of any width and method.
pub(super) trait Group: Send {
    /// Whether it can serve such problems.
    fn fits(&self, width: usize, tapes: Option<&Sensitivity>, directions: usize) -> bool;
    /// Takes subjects from the queue until it is empty, at most `limit` at a time, and hands over their solutions.
    fn drive(
        &mut self,
        run: &Run,
        queue: &mut dyn Iterator<Item = usize>,
        limit: usize,
        done: &mut dyn FnMut(usize, Solution),
    );
    /// Bytes of memory.
    fn bytes(&self) -> usize;
}

impl<'a, S: Stepper<W> + Send, const W: usize> Lanes<'a, S, W> {
    pub(super) fn new(
        system: &'a System,
        tapes: Option<&Sensitivity>,
        directions: usize,
        tolerances: &Tolerances,
        instructions: InstructionSet,
    ) -> Self {
        Lanes {
            block: Block::new(system, tapes, directions, tolerances, instructions),
            stepper: S::new(system, tapes, directions),
        }
    }
}

impl<S: Stepper<W> + Send, const W: usize> Group for Lanes<'_, S, W> {
    fn fits(&self, width: usize, tapes: Option<&Sensitivity>, directions: usize) -> bool {
        let same = match (&self.block.tapes, tapes) {
            (None, None) => true,
            (Some(own), Some(other)) => own.is(other),
            _ => false,
        };
        width == W && same && directions == self.block.directions
    }

    fn drive(
        &mut self,
        run: &Run,
        queue: &mut dyn Iterator<Item = usize>,
        limit: usize,
        done: &mut dyn FnMut(usize, Solution),
    ) {
        run.drive(
            &mut self.block,
            &mut self.stepper,
            queue,
            limit.min(W),
            done,
        );
    }

    fn bytes(&self) -> usize {
        self.block.bytes() + self.stepper.bytes()
    }
}

impl<'p> Run<'p> {
    fn drive<S: Stepper<W>, const W: usize>(
        &self,
        block: &mut Block<W>,
        stepper: &mut S,
        queue: &mut dyn Iterator<Item = usize>,
        limit: usize,
        done: &mut dyn FnMut(usize, Solution),
    ) {
        let system = block.system;
        let mut tracks: [Option<Track<'p>>; W] = std::array::from_fn(|_| None);
        let mut parked = [false; W];
        loop {
            for (lane, slot) in tracks.iter_mut().enumerate().take(limit) {
                self.fill(lane, slot, queue, block, done);
            }
            let Some(busy) = tracks.iter().flatten().next() else {
                return;
            };
            park(block, &tracks, busy.registers(), &mut parked);

            let mut fresh = [false; W];
            for lane in 0..W {
                if let Some(track) = &tracks[lane] {
                    fresh[lane] = track.fresh;
                    if track.fresh {
                        block.h.0[lane] = track.horizon(S::INTERPOLATES) - block.t.0[lane];
                    }
                }
            }
            stepper.prepare(block, &fresh);
            let mut failed: [Option<Cause>; W] = std::array::from_fn(|_| None);
            for lane in 0..W {
                if let Some(track) = &mut tracks[lane] {
                    failed[lane] = self.choose_step(track, block, stepper, lane).err();
                }
            }
            let attempts = stepper.advance(block);
            let finite = block.finite(&block.y1);
            let mut errors = [f64::NAN; W];
            let mut accepted = [false; W];
            for (lane, attempt) in attempts.into_iter().enumerate() {
                let (Some(track), None) = (&mut tracks[lane], &failed[lane]) else {
                    continue;
                };
                count_work(track, stepper);
                match attempt {
                    Attempt::Tried(error) => {
                        let given = track.is_given() && error.is_finite();
                        let error = if given { 0.0 } else { error };
                        errors[lane] = error;
                        accepted[lane] = error <= 1.0
                            && (finite[lane] || block.not_finite(lane, &block.y1).is_none());
                        let too_large = error > 1.0 && error.is_finite();
                        if !(accepted[lane] || too_large) {
                            errors[lane] = f64::NAN;
                            let at = block.not_finite(lane, &block.y1);
                            let what = at
                                .or(stepper.was_not_finite(lane))
                                .map(|i| system.state_ids()[i].clone());
                            track.trouble = Some(Cause::NonFinite { what });
                        }
                    }
                    Attempt::Singular => track.trouble = Some(Cause::Singular),
                    Attempt::Failed(cause) => failed[lane] = Some(cause),
                }
            }
            let follows = |track: &Track| match &track.phase {
                Phase::Run => track.directions() > 0,
                Phase::Settle(settle, _) => settle.carries,
                Phase::Interval(_) => true,
            };
            let needed: [bool; W] = std::array::from_fn(|lane| {
                accepted[lane] && tracks[lane].as_ref().is_some_and(follows)
            });
            if needed.contains(&true) {
                stepper.sensitivities(block, &needed);
                for lane in (0..W).filter(|&lane| needed[lane]) {
                    let Some(track) = tracks[lane].as_mut() else {
                        continue;
                    };
                    if !block.s1[block.lane_range(lane)]
                        .iter()
                        .all(|s| s.is_finite())
                    {
                        (accepted[lane], errors[lane]) = (false, f64::NAN);
                        track.trouble = Some(Cause::NonFinite { what: None });
                    } else if controls_sensitivities(track) {
                        errors[lane] = errors[lane].max(stepper.sensitivity_error(block, lane));
                        accepted[lane] = errors[lane] <= 1.0;
                    }
                }
            }
            let mut moves = [false; W];
            for lane in 0..W {
                let Some(track) = &mut tracks[lane] else {
                    continue;
                };
                if failed[lane].is_none() {
                    let verdict = (accepted[lane], errors[lane]);
                    match finish_step(track, block, stepper, lane, verdict) {
                        Ok(moved) => moves[lane] = moved,
                        Err(cause) => failed[lane] = Some(cause),
                    }
                }
                if let Some(cause) = failed[lane].take() {
                    let time = block.t.0[lane];
                    fail(&mut tracks[lane], cause, time, done);
                }
            }
            block.move_lanes(&moves);
            stepper.commit(&moves);
        }
    }

    /// Brings the lane to where it needs a step, with the next subjects from the queue if need be.
    fn fill<const W: usize>(
        &self,
        lane: usize,
        slot: &mut Option<Track<'p>>,
        waiting: &mut dyn Iterator<Item = usize>,
        block: &mut Block<W>,
        done: &mut dyn FnMut(usize, Solution),
    ) {
        loop {
            match slot {
                None => {
                    let Some(index) = waiting.next() else { return };
                    let (problem, pace) = (&self.problems[index], self.steps.pace(index));
                    match Track::load(problem, index, self.tolerances, pace, block, lane) {
                        Ok(track) => *slot = Some(track),
                        Err(solution) => done(index, *solution),
                    }
                }
                Some(track) => match track.ready(block, lane) {
                    Ok(true) => return,
                    Ok(false) => {
                        let track = slot.take().expect("matched above");
                        done(track.index, track.finish(block.t.0[lane]));
                    }
                    Err(cause) => fail(slot, cause, block.t.0[lane], done),
                },
            }
        }
    }

    /// Sets `block.h` of one lane.
    fn choose_step<S: Stepper<W>, const W: usize>(
        &self,
        track: &mut Track,
        block: &mut Block<W>,
        stepper: &S,
        lane: usize,
    ) -> Result<(), Cause> {
        let t = block.t.0[lane];
        let horizon = track.horizon(S::INTERPOLATES);
        let rest = horizon - t;
        block.h.0[lane] = rest;
        if let Some(state) = stepper.not_finite(block, lane) {
            block.h.0[lane] = 1.0;
            return Err(Cause::NonFinite {
                what: Some(block.system.state_ids()[state].clone()),
            });
        }
        if let Some((h, reaches)) = track.given_step(t) {
            (track.step, track.reaches) = (None, reaches);
            block.h.0[lane] = h;
            return if h != 0.0 && h.is_finite() {
                Ok(())
            } else {
                Err(Cause::NotRepeated)
            };
        }
        let statistics = &track.solution.statistics;
        // events cut steps short, so they allow more of them
        let more = statistics.events.min(9 * self.max_steps);
        let made = statistics.steps + statistics.rejected;
        block.steps_left[lane] = (self.max_steps + more).saturating_sub(made);
        if block.steps_left[lane] == 0 {
            return Err(track.trouble.take().unwrap_or(match track.phase {
                Phase::Run | Phase::Interval(_) => Cause::TooManySteps,
                Phase::Settle(..) => Cause::NoSteadyState,
            }));
        }
        let h = match track.step {
            Some(h) => h,
            // on the way to a steady state there is no end in sight
            None => stepper
                .first_step(
                    block,
                    lane,
                    match track.phase {
                        Phase::Settle(..) => f64::INFINITY,
                        _ => rest,
                    },
                )
                .ok_or(Cause::NonFinite { what: None })?,
        };
        track.step = Some(h);
        track.reaches = h >= rest * (1.0 - 1e-9);
        // a rest of less than two steps is halved, so that no tiny step is left over
        block.h.0[lane] = if track.reaches {
            rest
        } else if h > 0.5 * rest {
            0.5 * rest
        } else {
            h
        };
        if block.h.0[lane] <= RESOLUTION * t.abs() || block.h.0[lane] < f64::MIN_POSITIVE {
            return Err(track.trouble.take().unwrap_or(Cause::StepTooSmall));
        }
        Ok(())
    }
}

/// Idle lanes repeat a busy lane's point, so that their numbers stay harmless.
fn park<const W: usize>(
    block: &mut Block<W>,
    tracks: &[Option<Track>; W],
    registers: &[f64],
    parked: &mut [bool; W],
) {
    let Some(busy) = tracks.iter().position(Option::is_some) else {
        return;
    };
    let mut changed = false;
    for lane in 0..W {
        let idle = tracks[lane].is_none();
        if idle && !parked[lane] {
            changed = true;
            block
                .system
                .set_registers(&mut block.workspace, lane, registers);
            block.t.0[lane] = block.t.0[busy];
            block.h.0[lane] = 1.0;
            for y in block.y.iter_mut() {
                y.0[lane] = y.0[busy];
            }
            block.clear_directions(lane);
        }
        parked[lane] = idle;
    }
    if changed {
        block.system.hoist(&mut block.workspace);
    }
}

/// Books the cost of an attempt.
fn count_work<S: Stepper<W>, const W: usize>(track: &mut Track, stepper: &S) {
    let (work, statistics) = (stepper.work(), &mut track.solution.statistics);
    statistics.steps += work.steps;
    statistics.rejected += work.rejected;
    statistics.right_hand_sides += work.right_hand_sides;
    statistics.jacobians += work.jacobians;
    statistics.factorisations += work.factorisations;
}

/// Whether the error of the sensitivities is part of that of the step.
fn controls_sensitivities(track: &Track) -> bool {
    let asked = track.problem.sensitivity.is_some_and(|d| d.error_control);
    !track.is_given() && (asked || matches!(track.phase, Phase::Interval(_)))
}

/// Accepts or rejects one lane's step; true where the lane is to move to its end.
fn finish_step<S: Stepper<W>, const W: usize>(
    track: &mut Track,
    block: &mut Block<W>,
    stepper: &mut S,
    lane: usize,
    (accepted, error): (bool, f64),
) -> Result<bool, Cause> {
    let (t, h) = (block.t.0[lane], block.h.0[lane]);
    if track.is_given() {
        if !accepted {
            return Err(track.trouble.take().unwrap_or(Cause::NotRepeated));
        }
        track.solution.statistics.steps += 1;
        let end = if track.reaches {
            track.horizon(S::INTERPOLATES)
        } else {
            t + h
        };
        return track.commit(block, stepper, lane, end);
    }
    if !accepted {
        track.solution.statistics.rejected += 1;
        if error.is_finite() {
            track.trouble = None;
        }
        // the method's view of (t, y) stands
        track.fresh = false;
        track.step = Some(track.controller.reject(h, error));
        return Ok(false);
    }
    track.solution.statistics.steps += 1;
    track.trouble = None;
    let wished = track.step.unwrap_or(h);
    let next = track.controller.accept(h, error);
    // a step cut short at a horizon says nothing against the step that was wished
    track.step = Some(if h < wished { next.max(wished) } else { next });
    let horizon = track.horizon(S::INTERPOLATES);
    // a method that does not interpolate may have stopped short
    let reached = track.reaches && t + h >= horizon - 1e-9 * h;
    track.commit(block, stepper, lane, if reached { horizon } else { t + h })
}

fn fail(slot: &mut Option<Track>, cause: Cause, time: f64, done: &mut dyn FnMut(usize, Solution)) {
    if let Some(track) = slot.take() {
        let mut solution = track.solution;
        solution.status = Status::Failed { time, cause };
        done(track.index, solution);
    }
}
