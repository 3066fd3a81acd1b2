//! The way of a solve through time: its steps, recorded, and repeated by a subject whose parameters differ a little.
//!
//! What is repeated depends smoothly on the parameters, step for step, so that differences of it are exact but for rounding.
//! The steps between two moments that something fixes are a stretch: from one stop of the schedule, flip of a condition or
//! delayed event to the next, or to the last output. Where the ends of a stretch move, its steps are stretched in proportion.
//! A stretch that a flip ends keeps the lengths of its steps, and its last step is cut where the same relation flips now, on
//! the same curve (`modes::repeat`), even if that lies a little beyond the step. Outputs are read from the curve of the step that
//! they were read from, even a little beyond it. Moments in a row without a step between them are passed in the order of
//! the record; where they part a step joins them, forward or backward. On the way to a steady state the steps are
//! repeated as long as they last, and more are made if the state does not rest then.
//!
//! Errors are not estimated in a repeated step. A condition, event or stop that goes otherwise than in the record is a failure
//! ([`Cause::NotRepeated`]).
use super::{
    Cause,
    block::Block,
    events,
    steady::Settle,
    track::{Phase, Track, is_at},
};
use crate::schedule::Break;

/// What ends a stretch.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum End {
    /// a stop of the schedule
    Stop(Break),
    /// an event that waited
    Due,
    /// a condition flipped at this fraction of the last step
    Flip {
        relation: usize,
        theta: f64,
        passing: bool,
    },
    /// a steady state
    Rest,
    /// the last output time
    Last,
    /// the way to the final steady state begins
    Open,
}

#[derive(Clone, Copy, Debug)]
struct Step {
    t: f64,
    h: f64,
    /// outputs recorded before it, and at its end
    before: usize,
    outputs: usize,
}

#[derive(Clone, Debug)]
struct Stretch {
    /// position after its last step
    steps: usize,
    to: f64,
    end: End,
    /// whether it belongs to the way to a steady state
    settles: bool,
    modes: Vec<bool>,
    /// events executed so far
    events: usize,
}

/// The steps of a solve, stretch by stretch.
#[derive(Clone, Debug, Default)]
pub(super) struct Path {
    steps: Vec<Step>,
    stretches: Vec<Stretch>,
    /// (regimen, its steady state)
    starts: Vec<(usize, Vec<f64>)>,
}

impl Path {
    /// Position of the first step of a stretch.
    fn first(&self, stretch: usize) -> usize {
        stretch
            .checked_sub(1)
            .map_or(0, |before| self.stretches[before].steps)
    }

    /// Whether steps were made since the last stretch ended.
    fn is_open(&self) -> bool {
        self.first(self.stretches.len()) < self.steps.len()
    }

    /// Mean length of the steps in finite time.
    pub(super) fn mean_step(&self) -> Option<f64> {
        let (mut sum, mut count) = (0.0, 0.0);
        for (number, stretch) in self
            .stretches
            .iter()
            .enumerate()
            .filter(|(_, s)| !s.settles)
        {
            for step in &self.steps[self.first(number)..stretch.steps] {
                (sum, count) = (sum + step.h, count + 1.0);
            }
        }
        (count > 0.0).then(|| sum / count)
    }
}

/// Where the lengths of a lane's steps come from.
#[derive(Debug)]
pub(super) enum Pace<'p> {
    /// the controller
    Chosen,
    /// the controller; they are noted
    Recorded(Path),
    /// a record
    Repeated(Repeat<'p>),
}

/// A lane's place in a record.
#[derive(Debug)]
pub(super) struct Repeat<'p> {
    path: &'p Path,
    stretch: usize,
    step: usize,
    /// where the stretch begins here
    start: f64,
    /// the end of a step that the record does not have
    hop: Option<f64>,
    /// whether the step being made is given
    given: bool,
}

impl<'p> Repeat<'p> {
    pub(super) fn new(path: &'p Path) -> Self {
        Repeat {
            path,
            stretch: 0,
            step: 0,
            start: 0.0,
            hop: None,
            given: false,
        }
    }

    fn now(&self) -> Option<&'p Stretch> {
        self.path.stretches.get(self.stretch)
    }
}

impl Track<'_> {
    /// Whether the lane repeats a record.
    pub(super) fn repeats(&self) -> bool {
        matches!(self.pace, Pace::Repeated(_))
    }

    /// Where the record stands: its steps and stretches, or the stretch to be repeated.
    pub(super) fn mark(&self) -> (usize, usize) {
        match &self.pace {
            Pace::Chosen => (0, 0),
            Pace::Recorded(path) => (path.steps.len(), path.stretches.len()),
            Pace::Repeated(repeat) => (0, repeat.stretch),
        }
    }

    /// What was recorded since is forgotten, or what was repeated is to be repeated once more.
    pub(super) fn rewind(&mut self, (steps, stretch): (usize, usize)) {
        match &mut self.pace {
            Pace::Chosen => {}
            Pace::Recorded(path) => {
                path.steps.truncate(steps);
                path.stretches.truncate(stretch);
            }
            Pace::Repeated(repeat) => {
                (repeat.stretch, repeat.hop, repeat.given) = (stretch, None, false);
                repeat.step = repeat.path.first(stretch);
            }
        }
    }

    /// The steady state of a regimen in the record.
    pub(super) fn recorded_start(&self, regimen: usize) -> Option<Vec<f64>> {
        let Pace::Repeated(repeat) = &self.pace else {
            return None;
        };
        let mut starts = repeat.path.starts.iter();
        starts
            .find(|start| start.0 == regimen)
            .map(|start| start.1.clone())
    }

    /// The steady state of a regimen was found.
    pub(super) fn record_start(&mut self, regimen: usize, state: &[f64]) {
        if let Pace::Recorded(path) = &mut self.pace {
            path.starts.push((regimen, state.to_vec()));
        }
    }

    /// Whether the step being made is given by a record: nobody judges its error.
    pub(super) fn is_given(&self) -> bool {
        matches!(&self.pace, Pace::Repeated(repeat) if repeat.given)
    }

    /// Where the stretch being repeated ends here, as far as that is known before.
    pub(super) fn target(&self) -> Option<f64> {
        let Pace::Repeated(repeat) = &self.pace else {
            return None;
        };
        if repeat.hop.is_some() {
            return repeat.hop;
        }
        match repeat.now()?.end {
            End::Stop(what) => {
                let mut left = self.plan.stops[self.next_stop..].iter();
                left.find(|stop| stop.what == what).map(|stop| stop.time)
            }
            End::Due => Some(self.queue.next_due()).filter(|due| due.is_finite()),
            End::Last => self.problem.times.last().copied(),
            End::Flip { .. } | End::Rest | End::Open => None,
        }
    }

    /// The next step of the record: its length here, and whether it ends at the target.
    pub(super) fn given_step(&mut self, t: f64) -> Option<(f64, bool)> {
        let target = self.target();
        let Pace::Repeated(repeat) = &mut self.pace else {
            return None;
        };
        repeat.given = repeat.hop.is_some();
        if let Some(to) = repeat.hop {
            return Some((to - t, true));
        }
        let stretch = repeat.now()?;
        let (path, first) = (repeat.path, repeat.path.first(repeat.stretch));
        if repeat.step >= stretch.steps {
            return None;
        }
        repeat.given = true;
        if repeat.step == first {
            repeat.start = t;
        }
        let h = path.steps[repeat.step].h;
        Some(match target {
            Some(to) if repeat.step + 1 == stretch.steps => (to - t, true),
            Some(to) => {
                let scale = (to - repeat.start) / (stretch.to - path.steps[first].t);
                (h * scale, false)
            }
            None => (h, false),
        })
    }

    /// The flip that ends the given step: relation, fraction of the recorded step, whether it passes.
    pub(super) fn recorded_flip(&self) -> Option<(usize, f64, bool)> {
        let Pace::Repeated(repeat) = &self.pace else {
            return None;
        };
        let stretch = repeat
            .now()
            .filter(|s| repeat.hop.is_none() && repeat.step + 1 == s.steps)?;
        match stretch.end {
            End::Flip {
                relation,
                theta,
                passing,
            } => Some((relation, theta, passing)),
            _ => None,
        }
    }

    /// The next output time, if it is to be read from the curve of the step that ends at `t1`.
    pub(super) fn output_within(&self, t1: f64) -> Option<f64> {
        let time = *self.problem.times.get(self.next_output)?;
        let within = match &self.pace {
            Pace::Repeated(repeat) if repeat.given => {
                let step = repeat.path.steps.get(repeat.step);
                repeat.hop.is_none() && step.is_some_and(|step| self.next_output < step.outputs)
            }
            _ => time < t1,
        };
        within.then_some(time)
    }

    /// A step from t of length h was made, with outputs from `before` on.
    pub(super) fn note_step(&mut self, t: f64, h: f64, before: usize) {
        let outputs = self.next_output;
        match &mut self.pace {
            Pace::Chosen => {}
            Pace::Recorded(path) => path.steps.push(Step {
                t,
                h,
                before,
                outputs,
            }),
            Pace::Repeated(repeat) => {
                if repeat.given && repeat.hop.take().is_none() {
                    repeat.step += 1;
                }
            }
        }
    }

    /// A stretch ends, at t.
    pub(super) fn note_end(&mut self, end: End, t: f64) -> Result<(), Cause> {
        let (modes, events) = (&self.watch.modes, self.solution.statistics.events);
        let settles = matches!(self.phase, Phase::Settle(..));
        match &mut self.pace {
            Pace::Chosen => {}
            Pace::Recorded(path) => {
                let (steps, modes) = (path.steps.len(), modes.clone());
                path.stretches.push(Stretch {
                    steps,
                    to: t,
                    end,
                    settles,
                    modes,
                    events,
                });
            }
            // a flip between steps that the record does not have
            Pace::Repeated(repeat) if matches!(end, End::Flip { .. }) && !repeat.given => {}
            Pace::Repeated(repeat) => {
                if end == End::Rest {
                    // it may rest earlier or later
                    let left =
                        &repeat.path.stretches[repeat.stretch.min(repeat.path.stretches.len())..];
                    let rest = left.iter().position(|s| s.end == End::Rest);
                    repeat.stretch += rest.ok_or(Cause::NotRepeated)?;
                } else if repeat
                    .now()
                    .is_none_or(|s| s.modes != *modes || s.events != events)
                {
                    return Err(Cause::NotRepeated);
                }
                repeat.stretch += 1;
                repeat.step = repeat.path.first(repeat.stretch);
            }
        }
        Ok(())
    }

    /// The same where steps were recorded since the last stretch ended.
    pub(super) fn note_end_of_steps(&mut self, end: End, t: f64) -> Result<(), Cause> {
        match &self.pace {
            Pace::Recorded(path) if path.is_open() => self.note_end(end, t),
            _ => Ok(()),
        }
    }

    /// What `ready` does where a record is repeated, outside steady states; None: look again.
    pub(super) fn follow<const W: usize>(
        &mut self,
        block: &mut Block<W>,
        lane: usize,
    ) -> Result<Option<bool>, Cause> {
        let t = block.t.0[lane];
        let Pace::Repeated(repeat) = &self.pace else {
            return Ok(None);
        };
        let stretch = repeat.now().filter(|stretch| !stretch.settles);
        let step = stretch.and_then(|stretch| repeat.path.steps[..stretch.steps].get(repeat.step));
        let limit = step.map_or(self.problem.times.len(), |step| step.before);
        let moves = step.is_some();
        if let (Some(stretch), false) = (stretch, moves) {
            return self.pass_end(block, lane, stretch.end);
        }
        if let Phase::Interval(_) = self.phase {
            return match moves {
                true => Ok(Some(true)),
                false => Err(Cause::NotRepeated),
            };
        }
        if self.queue.is_called(t) {
            events::happen(self, block, lane)?;
        }
        let times = self.problem.times;
        while self.next_output < limit && times.get(self.next_output) == Some(&t) {
            self.record_here(block, lane);
        }
        if moves {
            return Ok(Some(true));
        }
        match times.get(self.next_output) {
            None => return Ok(Some(false)),
            Some(time) if time.is_infinite() => {
                self.phase =
                    Phase::Settle(Box::new(Settle::new(block, lane, self.directions())), true);
                self.step = None;
            }
            Some(&time) if !is_at(t, time) => return Ok(self.hop_to(time)),
            Some(_) => self.record_here(block, lane),
        }
        Ok(None)
    }

    /// Passes the end of a stretch, by a step if it lies elsewhere here.
    fn pass_end<const W: usize>(
        &mut self,
        block: &mut Block<W>,
        lane: usize,
        end: End,
    ) -> Result<Option<bool>, Cause> {
        let (t, target) = (block.t.0[lane], self.target());
        match end {
            End::Stop(what) => {
                // in the order of the record
                let left = &mut self.plan.stops[self.next_stop..];
                let at = left
                    .iter()
                    .position(|stop| stop.what == what)
                    .ok_or(Cause::NotRepeated)?;
                left[..=at].rotate_right(1);
                let time = left[0].time;
                if !is_at(t, time) {
                    return Ok(self.hop_to(time));
                }
                self.pass(block, lane)?;
            }
            End::Due => {
                let due = target.ok_or(Cause::NotRepeated)?;
                if !is_at(t, due) {
                    return Ok(self.hop_to(due));
                }
                self.note_end(end, t)?;
                events::happen(self, block, lane)?;
            }
            End::Last | End::Open => self.note_end(end, t)?,
            End::Flip { .. } | End::Rest => return Err(Cause::NotRepeated),
        }
        Ok(None)
    }

    /// Asks for a step that the record does not have.
    fn hop_to(&mut self, time: f64) -> Option<bool> {
        if let Pace::Repeated(repeat) = &mut self.pace {
            repeat.hop = Some(time);
        }
        Some(true)
    }
}
