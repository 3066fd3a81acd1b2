//! The loop: prepare, choose steps, advance, accept or reject, commit; in W lanes, each with its own time and subject.
//!
//! A lane never reads another lane's numbers, so results are the same bits at every W; a lane that ends or fails takes
//! the next subject from the queue.
use super::{
    Cause, InvalidProblem, Method, Problem, Solution, Status, Tolerances,
    block::{Attempt, Block, Stepper},
    dormand_prince::{DormandPrince5, DormandPrince8},
    rodas5p::Rosenbrock,
    track::{Phase, Track},
    tsit5::Tsitouras,
};
use crate::compile::Sensitivity;

/// Lanes of `solve_many`.
const LANES: usize = 8;
/// Steps shorter than this many units in the last place of t are not made.
const RESOLUTION: f64 = 4.0 * f64::EPSILON;

/// Integrates one subject. Total: never panics, never `Err` on numbers.
///
/// The result is a record with a [`Status`]; [`Solution::finished`] turns a failure into an error.
///
/// ```
/// use holobiont::compile::System;
/// use holobiont::network::{Network, Parameter, Reaction, Species};
/// use holobiont::schedule::Schedule;
/// use holobiont::solve::{Method, Problem, Tolerances, solve};
///
/// let mut network = Network::new("decay");
/// network.species("drug", Species::new(8.0))?;
/// network.parameter("k", Parameter::new(0.5));
/// network.reaction("elimination", Reaction::rate("k * drug").consumes("drug", 1.0))?;
/// let system = System::compile(&network.check().expect("a sound network").equations())?;
///
/// let schedule = Schedule::default();
/// let parameters = schedule.extend(system.parameters());
/// let times = [0.0, 1.0, 2.0];
/// let problem = Problem { system: &system, parameters: &parameters, schedule: &schedule, times: &times, sensitivity: None };
/// let solution = solve(&problem, &Method::default(), &Tolerances::default()).finished()?;
/// assert!((solution.states(2)[0] - 8.0 * (-1.0f64).exp()).abs() < 1e-5);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn solve(problem: &Problem, method: &Method, tolerances: &Tolerances) -> Solution {
    let solutions = solve_lanes::<1>(std::slice::from_ref(problem), method, tolerances);
    solutions
        .into_iter()
        .next()
        .expect("one solution per problem")
}

/// Integrates many subjects of one system, in lanes; results in the order given, the same bits as [`solve`].
///
/// Subjects may differ in parameters, schedules, output times and directions; those that share sensitivity tapes share
/// blocks. Explicit methods of ode_solvers run one subject at a time.
pub fn solve_many(problems: &[Problem], method: &Method, tolerances: &Tolerances) -> Vec<Solution> {
    if problems.len() <= 2 {
        solve_lanes::<1>(problems, method, tolerances)
    } else {
        solve_lanes::<LANES>(problems, method, tolerances)
    }
}

/// Groups the problems whose tapes may share a block, and runs each group.
pub(crate) fn solve_lanes<const W: usize>(
    problems: &[Problem],
    method: &Method,
    tolerances: &Tolerances,
) -> Vec<Solution> {
    let mut solutions: Vec<Option<Solution>> = problems.iter().map(|_| None).collect();
    let mut groups: Vec<(Option<&Sensitivity>, Vec<usize>)> = Vec::new();
    for (index, problem) in problems.iter().enumerate() {
        if let Some(cause) = refuse(problem, &problems[0], method) {
            let directions = problem.sensitivity.map_or(0, |d| d.seeds.len());
            let system = problem.system;
            let mut solution = Solution::empty(
                problem.times,
                system.state_ids().len(),
                directions,
                system.register_count(),
            );
            solution.status = Status::Failed {
                time: f64::NEG_INFINITY,
                cause,
            };
            solutions[index] = Some(solution);
            continue;
        }
        let tapes = problem.sensitivity.map(|d| d.tapes);
        let same = |other: &Option<&Sensitivity>| match (other, tapes) {
            (None, None) => true,
            (Some(a), Some(b)) => std::ptr::eq(*a, b),
            _ => false,
        };
        match groups.iter_mut().find(|(other, _)| same(other)) {
            Some((_, queue)) => queue.push(index),
            None => groups.push((tapes, vec![index])),
        }
    }
    for (tapes, queue) in groups {
        let run = Run {
            problems,
            tapes,
            max_steps: method.max_steps(),
            tolerances,
        };
        match method {
            Method::Rodas5P(_) => run.drive::<Rosenbrock<W>, W>(&queue, &mut solutions),
            Method::Tsit5(_) => run.drive::<Tsitouras<W>, W>(&queue, &mut solutions),
            // scalar programs
            Method::Dopri5(_) => run.drive::<DormandPrince5, 1>(&queue, &mut solutions),
            Method::Dop853(_) => run.drive::<DormandPrince8, 1>(&queue, &mut solutions),
        }
    }
    solutions
        .into_iter()
        .map(|solution| solution.expect("every subject was queued or refused"))
        .collect()
}

/// What no method or not this method can do.
fn refuse(problem: &Problem, first: &Problem, method: &Method) -> Option<Cause> {
    if !std::ptr::eq(problem.system, first.system) {
        return Some(Cause::Invalid(InvalidProblem::OtherSystem));
    }
    if problem.system.mass().contains(&0.0) && !method.solves_algebraic() {
        return Some(Cause::AlgebraicWithExplicitMethod);
    }
    None
}

struct Run<'a> {
    problems: &'a [Problem<'a>],
    tapes: Option<&'a Sensitivity>,
    max_steps: usize,
    tolerances: &'a Tolerances,
}

impl<'a> Run<'a> {
    fn drive<S: Stepper<W>, const W: usize>(
        &self,
        queue: &[usize],
        solutions: &mut [Option<Solution>],
    ) {
        let Some(&first) = queue.first() else { return };
        let system = self.problems[first].system;
        let count = |&index: &usize| {
            self.problems[index]
                .sensitivity
                .map_or(0, |d| d.seeds.len())
        };
        let directions = queue.iter().map(count).max().unwrap_or(0);
        let mut block: Block<W> = Block::new(system, self.tapes, directions, self.tolerances);
        let mut stepper = S::new(system, self.tapes, directions);
        let mut tracks: [Option<Track<'a>>; W] = std::array::from_fn(|_| None);
        let mut waiting = queue.iter().copied();
        let mut parked = [false; W];
        loop {
            for (lane, slot) in tracks.iter_mut().enumerate() {
                self.fill(lane, slot, &mut waiting, &mut block, solutions);
            }
            let Some(busy) = tracks.iter().flatten().next() else {
                return;
            };
            park(&mut block, &tracks, busy.registers(), &mut parked);

            let mut fresh = [false; W];
            for lane in 0..W {
                if let Some(track) = &tracks[lane] {
                    fresh[lane] = track.fresh;
                    if track.fresh {
                        block.h.0[lane] = track.horizon(S::INTERPOLATES) - block.t.0[lane];
                    }
                }
            }
            stepper.prepare(&mut block, &fresh);
            let mut failed: [Option<Cause>; W] = std::array::from_fn(|_| None);
            for lane in 0..W {
                if let Some(track) = &mut tracks[lane] {
                    failed[lane] = self.choose_step(track, &mut block, &stepper, lane).err();
                }
            }
            let attempts = stepper.advance(&mut block);
            let mut errors = [f64::NAN; W];
            let mut accepted = [false; W];
            for (lane, attempt) in attempts.into_iter().enumerate() {
                let (Some(track), None) = (&mut tracks[lane], &failed[lane]) else {
                    continue;
                };
                count_work(track, &stepper);
                match attempt {
                    Attempt::Tried(error) => {
                        errors[lane] = error;
                        accepted[lane] =
                            error <= 1.0 && block.not_finite(lane, &block.y1).is_none();
                        let too_large = error > 1.0 && error.is_finite();
                        if !(accepted[lane] || too_large) {
                            errors[lane] = f64::NAN;
                            let at = block.not_finite(lane, &block.y1);
                            let what = at
                                .or(stepper.not_finite(lane))
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
            };
            let needed =
                (0..W).any(|lane| accepted[lane] && tracks[lane].as_ref().is_some_and(follows));
            if needed {
                stepper.sensitivities(&mut block);
                for lane in 0..W {
                    let Some(track) = tracks[lane]
                        .as_mut()
                        .filter(|track| accepted[lane] && follows(track))
                    else {
                        continue;
                    };
                    let used = track.directions() * block.states;
                    if !block.s1[..used].iter().all(|s| s.0[lane].is_finite()) {
                        (accepted[lane], errors[lane]) = (false, f64::NAN);
                        track.trouble = Some(Cause::NonFinite { what: None });
                    } else if track.problem.sensitivity.is_some_and(|d| d.error_control) {
                        errors[lane] = errors[lane].max(stepper.sensitivity_error(&block, lane));
                        accepted[lane] = errors[lane] <= 1.0;
                    }
                }
            }
            for lane in 0..W {
                let Some(track) = &mut tracks[lane] else {
                    continue;
                };
                if failed[lane].is_none() {
                    failed[lane] = finish_step(
                        track,
                        &mut block,
                        &mut stepper,
                        lane,
                        accepted[lane],
                        errors[lane],
                    )
                    .err();
                }
                if let Some(cause) = failed[lane].take() {
                    let time = block.t.0[lane];
                    fail(&mut tracks[lane], cause, time, solutions);
                }
            }
        }
    }

    /// Brings the lane to where it needs a step, with the next subjects from the queue if need be.
    fn fill<const W: usize>(
        &self,
        lane: usize,
        slot: &mut Option<Track<'a>>,
        waiting: &mut impl Iterator<Item = usize>,
        block: &mut Block<W>,
        solutions: &mut [Option<Solution>],
    ) {
        loop {
            match slot {
                None => {
                    let Some(index) = waiting.next() else { return };
                    match Track::load(&self.problems[index], index, self.tolerances, block, lane) {
                        Ok(track) => *slot = Some(track),
                        Err(solution) => solutions[index] = Some(*solution),
                    }
                }
                Some(track) => match track.ready(block, lane) {
                    Ok(true) => return,
                    Ok(false) => {
                        let done = slot.take().expect("matched above");
                        solutions[done.index] = Some(done.solution);
                    }
                    Err(cause) => fail(slot, cause, block.t.0[lane], solutions),
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
        if let Some(state) = stepper.not_finite(lane) {
            block.h.0[lane] = 1.0;
            return Err(Cause::NonFinite {
                what: Some(block.system.state_ids()[state].clone()),
            });
        }
        let statistics = &track.solution.statistics;
        // events cut steps short, so they allow more of them
        let more = statistics.events.min(9 * self.max_steps);
        let made = statistics.steps + statistics.rejected;
        block.steps_left[lane] = (self.max_steps + more).saturating_sub(made);
        if block.steps_left[lane] == 0 {
            return Err(track.trouble.take().unwrap_or(match track.phase {
                Phase::Run => Cause::TooManySteps,
                Phase::Settle(..) => Cause::NoSteadyState,
            }));
        }
        let h = match track.step {
            Some(h) => h,
            None => stepper
                .first_step(block, lane, rest)
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
            for y in &mut block.y {
                y.0[lane] = y.0[busy];
            }
            for s in block.s.iter_mut().chain(&mut block.tangents) {
                s.0[lane] = 0.0;
            }
        }
        parked[lane] = idle;
    }
    if changed {
        block.find_direct();
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

/// Accepts or rejects one lane's step.
fn finish_step<S: Stepper<W>, const W: usize>(
    track: &mut Track,
    block: &mut Block<W>,
    stepper: &mut S,
    lane: usize,
    accepted: bool,
    error: f64,
) -> Result<(), Cause> {
    let (t, h) = (block.t.0[lane], block.h.0[lane]);
    if !accepted {
        track.solution.statistics.rejected += 1;
        if error.is_finite() {
            track.trouble = None;
        }
        // the method's view of (t, y) stands
        track.fresh = false;
        track.step = Some(track.controller.reject(h, error));
        return Ok(());
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

fn fail(slot: &mut Option<Track>, cause: Cause, time: f64, solutions: &mut [Option<Solution>]) {
    if let Some(track) = slot.take() {
        let mut solution = track.solution;
        solution.status = Status::Failed { time, cause };
        solutions[track.index] = Some(solution);
    }
}
