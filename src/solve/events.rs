//! Events of one lane: triggers that turn true, events that wait, the order of those due, their assignments.
//!
//! SBML Level 3 Version 2, section 4.11. At every moment at which a relation of a trigger flips, the schedule acts, the
//! integration starts or an event is due:
//!
//! 1. the triggers are read; where one turned from false to true its event joins the queue, due after its delay, with the
//!    values to assign if they are those of the trigger's time; where the trigger of an event that is not persistent turned
//!    false, the event leaves the queue;
//! 2. of the events due one is executed: the one of highest priority, read anew each time (NaN is lowest); equal ones and
//!    those without a priority are drawn from the subject's stream;
//! 3. conditions and algebraic states are brought up to date, and it begins again with 1, until none is due.
//!
//! What an equality that holds for an instant triggers is executed before the equality is read as past.
//! A time within a few units in the last place of an output time is that output time: a delayed event shows in it.
//!
//! Before a pre-equilibration ends no event happens; just before the start of the finite part every trigger has its
//! `initial_value`. On the way to a final steady state, which has no time, an event is an error
//! ([`Cause::EventWhileSettling`]); events still waiting are executed first.
//!
//! Derivatives: tau' of the moment is that of the root, start or schedule entry; a delayed event's is the trigger's plus
//! the total derivative of the delay. Values carry their total derivatives at their own moment; see `jumps`.
use super::{
    Cause, Execution, algebraic,
    block::Block,
    controller::Controller,
    jumps,
    track::{Track, near},
};
use crate::compile::{Event, Wishes};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Executions at one moment that count as endless.
const CASCADE_LIMIT: usize = 100_000;

/// An event that waits for its assignments.
#[derive(Clone, Debug)]
struct Pending {
    event: usize,
    due: f64,
    /// d due / d direction
    slopes: Vec<f64>,
    /// the values of the trigger's time
    assigned: Option<Assigned>,
}

/// Values to assign, and their total derivatives, directions x values.
#[derive(Clone, Debug)]
struct Assigned {
    values: Vec<f64>,
    slopes: Vec<f64>,
}

/// The events of one lane.
#[derive(Clone, Debug)]
pub(super) struct Queue {
    truths: Vec<bool>,
    now: Vec<bool>,
    pending: Vec<Pending>,
    draws: ChaCha8Rng,
    /// set where triggers must be read: the derivatives of this moment along the directions
    moment: Option<Vec<f64>>,
    /// equalities whose sides meet at this moment, with their difference
    passing: Vec<(usize, f64)>,
}

impl Queue {
    pub(super) fn new(events: &[Event], seed: u64) -> Self {
        Queue {
            truths: events.iter().map(|event| event.initial_value).collect(),
            now: vec![false; events.len()],
            pending: Vec::new(),
            draws: ChaCha8Rng::seed_from_u64(seed),
            moment: None,
            passing: Vec::new(),
        }
    }

    /// The triggers are to be read at the lane's point; of several derivatives of one moment the first stands.
    pub(super) fn call(&mut self, moment: &[f64]) {
        if !self.truths.is_empty() && self.moment.is_none() {
            self.moment = Some(moment.to_vec());
        }
    }

    /// The sides of an equality meet at the lane's point and part again.
    pub(super) fn pass(&mut self, relation: usize, difference: f64) {
        self.passing.push((relation, difference));
    }

    /// No event happens on the way to the start.
    pub(super) fn forget_passing(&mut self) {
        self.passing.clear();
    }

    /// Events that wait are forgotten.
    pub(super) fn forget_waiting(&mut self) {
        self.pending.clear();
    }

    /// Whether there is anything to do at this time.
    pub(super) fn is_called(&self, t: f64) -> bool {
        self.moment.is_some() || self.pending.iter().any(|p| near(t, p.due))
    }

    /// When the next waiting event is due.
    pub(super) fn next_due(&self) -> f64 {
        let due = self.pending.iter().map(|p| p.due);
        due.fold(f64::INFINITY, f64::min)
    }
}

/// Reads triggers and executes events until none is due at the lane's time.
pub(super) fn happen<const W: usize>(
    track: &mut Track,
    block: &mut Block<W>,
    lane: usize,
) -> Result<(), Cause> {
    let nothing = vec![0.0; track.directions()];
    let mut moment = track.queue.moment.take().unwrap_or(nothing);
    let (mut executed, mut rates) = (0, Vec::new());
    loop {
        read_triggers(track, block, lane, &moment)?;
        let Some(next) = choose(track, block, lane) else {
            if track.queue.passing.is_empty() {
                break;
            }
            // the instant is over
            track.queue.passing.clear();
            track.set_modes(block, lane);
            continue;
        };
        let pending = track.queue.pending.remove(next);
        if executed == 0 {
            rates = vec![0.0; block.states];
            block.rate(lane, &mut rates);
        }
        executed += 1;
        if executed > CASCADE_LIMIT {
            let event = block.system.event_ids()[pending.event].clone();
            return Err(Cause::EventCascade { event });
        }
        execute(track, block, lane, &pending)?;
        moment = pending.slopes;
    }
    if executed > 0 {
        track.solution.statistics.events += executed;
        track.fresh = true;
        let mut after = vec![0.0; block.states];
        block.rate(lane, &mut after);
        // an event that leaves every rate as it was does not bend the path
        if after != rates {
            track.step = None;
            track.controller = Controller::default();
        }
    }
    Ok(())
}

/// On the way to a final steady state: the event whose trigger turns true at the lane's point.
pub(super) fn refuse<const W: usize>(
    track: &mut Track,
    block: &mut Block<W>,
    lane: usize,
) -> Result<(), Cause> {
    look(track, block, lane);
    let queue = &mut track.queue;
    queue.passing.clear();
    let risen = (0..queue.now.len()).find(|&e| queue.now[e] && !queue.truths[e]);
    std::mem::swap(&mut queue.truths, &mut queue.now);
    risen.map_or(Ok(()), |event| {
        Err(Cause::EventWhileSettling {
            event: block.system.event_ids()[event].clone(),
        })
    })
}

/// What the triggers read at the lane's point, of which nothing happens.
pub(super) fn note_truths<const W: usize>(track: &mut Track, block: &mut Block<W>, lane: usize) {
    look(track, block, lane);
    std::mem::swap(&mut track.queue.truths, &mut track.queue.now);
}

/// Truths of the triggers into `queue.now`; equalities that meet here count as equal.
fn look<const W: usize>(track: &mut Track, block: &mut Block<W>, lane: usize) {
    let (system, workspace, queue) = (block.system, &mut block.workspace, &mut track.queue);
    for &(relation, _) in &queue.passing {
        let equal = system.relations()[relation].holds_at_equality();
        system.set_mode(workspace, lane, relation, equal);
    }
    system.read_triggers(workspace, lane, &mut queue.now);
    for &(relation, _) in &queue.passing {
        system.set_mode(workspace, lane, relation, track.watch.modes[relation]);
    }
}

/// Reads the triggers, and lets events join and leave the queue.
fn read_triggers<const W: usize>(
    track: &mut Track,
    block: &mut Block<W>,
    lane: usize,
    moment: &[f64],
) -> Result<(), Cause> {
    look(track, block, lane);
    for event in 0..track.queue.now.len() {
        let (before, now) = (track.queue.truths[event], track.queue.now[event]);
        if now && !before {
            trigger(track, block, lane, event, moment)?;
        } else if before && !now && !block.system.events()[event].persistent {
            track.queue.pending.retain(|p| p.event != event);
        }
        track.queue.truths[event] = now;
    }
    Ok(())
}

/// An event joins the queue.
fn trigger<const W: usize>(
    track: &mut Track,
    block: &mut Block<W>,
    lane: usize,
    at: usize,
    moment: &[f64],
) -> Result<(), Cause> {
    let system = block.system;
    let (event, t) = (&system.events()[at], block.t.0[lane]);
    let rows = evaluate(track, block, lane, at);
    let wishes = Wishes::of(event, &rows);
    if wishes.delay.is_nan() || wishes.delay < 0.0 {
        return Err(Cause::EventDelay {
            event: system.event_ids()[at].clone(),
            value: wishes.delay,
        });
    }
    let mut slopes = moment.to_vec();
    let mut assigned = event.values_from_trigger_time.then(|| Assigned {
        values: wishes.values.to_vec(),
        slopes: Vec::new(),
    });
    if track.directions() > 0 && (event.delays || assigned.is_some()) {
        let own = block.lane_range(lane);
        let saved = block.s[own.clone()].to_vec();
        move_on(block, lane, moment);
        let totals = differentiate(block, lane, at, moment);
        block.s[own].copy_from_slice(&saved);
        for (slope, rows) in slopes.iter_mut().zip(&totals) {
            *slope += rows[0];
        }
        if let Some(assigned) = &mut assigned {
            let count = event.states.len();
            let values = totals.iter().flat_map(|rows| &rows[1..1 + count]);
            assigned.slopes = values.copied().collect();
        }
    }
    let mut due = t + wishes.delay;
    if due.is_finite() {
        let outputs = track.problem.times;
        let next = outputs.partition_point(|output| !near(*output, due) && *output < due);
        if let Some(&output) = outputs.get(next).filter(|o| due > t && near(due, **o)) {
            due = output;
        }
        track.queue.pending.push(Pending {
            event: at,
            due,
            slopes,
            assigned,
        });
    }
    Ok(())
}

/// Position of the pending event that is executed next, if one is due.
fn choose<const W: usize>(track: &mut Track, block: &mut Block<W>, lane: usize) -> Option<usize> {
    let t = block.t.0[lane];
    let pending = &track.queue.pending;
    let mut due: Vec<usize> = (0..pending.len())
        .filter(|&k| near(t, pending[k].due))
        .collect();
    if due.len() > 1 {
        let priorities: Vec<Option<f64>> = due
            .iter()
            .map(|&k| {
                let at = track.queue.pending[k].event;
                let event = &block.system.events()[at];
                event.has_priority.then(|| {
                    let priority = Wishes::of(event, &evaluate(track, block, lane, at)).priority;
                    if priority.is_nan() {
                        f64::NEG_INFINITY
                    } else {
                        priority
                    }
                })
            })
            .collect();
        let highest = priorities.iter().flatten().copied().max_by(f64::total_cmp);
        let mut priorities = priorities.iter();
        due.retain(|_| {
            let own = priorities.next().copied().flatten();
            own.is_none() || own == highest
        });
    }
    match due.len() {
        0 | 1 => due.first().copied(),
        count => Some(due[track.queue.draws.random_range(0..count)]),
    }
}

/// Makes the assignments of an event at the start of a period, which moves with `slopes`.
pub(super) fn assign<const W: usize>(
    track: &mut Track,
    block: &mut Block<W>,
    lane: usize,
    event: usize,
    slopes: &[f64],
) -> Result<(), Cause> {
    let pending = Pending {
        event,
        due: block.t.0[lane],
        slopes: slopes.to_vec(),
        assigned: None,
    };
    execute(track, block, lane, &pending)
}

/// Makes the assignments of an event.
fn execute<const W: usize>(
    track: &mut Track,
    block: &mut Block<W>,
    lane: usize,
    pending: &Pending,
) -> Result<(), Cause> {
    let (at, system) = (pending.event, block.system);
    let event = &system.events()[at];
    let m = track.directions();
    if m > 0 {
        move_on(block, lane, &pending.slopes);
    }
    let rows = evaluate(track, block, lane, at);
    let totals = differentiate(block, lane, at, &pending.slopes);
    let wishes = Wishes::of(event, &rows);
    let count = event.states.len();
    for (k, &state) in event.states.iter().enumerate() {
        let value = (pending.assigned.as_ref()).map_or(wishes.values[k], |a| a.values[k]);
        let factor = wishes.factors[k];
        block.y[state].0[lane] = value * factor;
        for (j, rows) in totals.iter().enumerate() {
            let own = &rows[1 + k];
            let slope = (pending.assigned.as_ref()).map_or(*own, |a| a.slopes[j * count + k]);
            *block.sensitivity(lane, state, j) = slope * factor + value * rows[1 + count + k];
        }
    }
    track.arrive(block, lane)?;
    track.subtract_rate(block, lane, &pending.slopes);
    if !track.queue.passing.is_empty() {
        track.read_conditions(block, lane);
        let differences = &track.watch.differences;
        let passing = &mut track.queue.passing;
        passing.retain(|&(relation, difference)| differences[relation] == difference);
    }
    let time = block.t.0[lane];
    track.solution.events.push(Execution { event: at, time });
    track.solution.event_slopes.extend(&pending.slopes);
    Ok(())
}

/// The results of an event's tape at the lane's point.
fn evaluate<const W: usize>(
    track: &mut Track,
    block: &mut Block<W>,
    lane: usize,
    event: usize,
) -> Vec<f64> {
    block.read_states(lane, &mut track.states);
    let point = (block.t.0[lane], &track.states[..]);
    let system = block.system;
    system.evaluate_event(&mut block.workspace, lane, event, point)
}

/// s becomes the total derivative at a moment with the derivatives `slopes`.
fn move_on<const W: usize>(block: &mut Block<W>, lane: usize, slopes: &[f64]) {
    if slopes.iter().any(|slope| *slope != 0.0) {
        jumps::shift(block, lane, slopes, 1.0);
        algebraic::solve_totals(block, lane, slopes);
    }
}

/// Total derivatives of an event's delay, values and factors along each direction, where s holds total derivatives.
fn differentiate<const W: usize>(
    block: &mut Block<W>,
    lane: usize,
    event: usize,
    slopes: &[f64],
) -> Vec<Vec<f64>> {
    let Some(tapes) = block.tapes.clone() else {
        return Vec::new();
    };
    let n = block.states;
    let mut y = vec![0.0; n];
    block.read_states(lane, &mut y);
    let pattern = tapes.event_pattern(event);
    let mut by_register = vec![0.0; pattern.len()];
    let mut totals = Vec::new();
    for (j, &slope) in slopes.iter().enumerate() {
        let mut s = vec![0.0; n];
        block.read_sensitivity(lane, j, &mut s);
        let mut rows = vec![0.0; 1 + 2 * block.system.events()[event].states.len()];
        tapes.event(
            block.system,
            &mut block.workspace,
            lane,
            event,
            (block.t.0[lane], &y),
            (&s, slope),
            &mut rows,
            &mut by_register,
        );
        for (&(row, position), d) in pattern.iter().zip(&by_register) {
            rows[row as usize] += d * block.tangents(lane, j)[position as usize];
        }
        totals.push(rows);
    }
    totals
}
