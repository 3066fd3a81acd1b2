//! The steady state of a regimen: passes over one interval until it returns to where it began.
//!
//! At a regimen's time the lane leaves its way and integrates the interval before that time again and again, with the doses
//! of the regimen, from start values that Newton's method corrects (`period_map`). Beside the directions of the problem it carries
//! one for each start value. The problem's directions begin each pass with a total derivative of 0, so that they end with
//! $\partial P/\partial\theta$, the moving ends of the interval, lags and durations included (`jumps`). With the fixed point and its
//! derivatives the lane goes on. A correction that would make an amount negative, or that did not bring the ends nearer, is
//! not made: the interval is passed once more from where it ended, as the regimen itself would go on.
//!
//! A pass is good enough when the correction that it asks for is below ten tolerances, or its ends differ by no more than one
//! and corrections neither shrink nor grow (the steps of every pass are chosen anew). The last correction is made, too.
//!
//! Where steps are repeated (`path`) the record holds the last pass alone. It is repeated until corrections are as small as
//! rounding, so that the fixed point is that of the discrete map, and smooth in the parameters.
//!
//! The error of the directions takes part in the choice of steps within the interval, for the correction is as good as they are.
//! No event may happen within the interval ([`Cause::EventWhileSettling`]).
use super::{
    Cause, NoRegimenState,
    block::Block,
    controller::Controller,
    events,
    period_map::Pass,
    track::{Phase, Track},
};
use crate::schedule::{Break, RegimenKind, Stop};
use nalgebra::{DMatrix, DVector};

/// Passes over an interval.
const PASSES: usize = 100;
/// Passes where steps are repeated: each squares the error.
const REPEATED_PASSES: usize = 10;
/// The correction of a pass that is good enough, in units of the tolerances; its square is what is left.
const NEAR: f64 = 10.0;
/// Corrections as small as rounding, where steps are repeated: of a state, and of the absolute tolerance.
const ROUNDING: (f64, f64) = (1e-13, 1e-6);
/// What may be left where corrections no longer shrink, in the same units.
const NEARLY: f64 = 1e4;

/// A lane within the interval of a regimen.
#[derive(Clone, Debug)]
pub(super) struct Interval {
    regimen: usize,
    /// states and total derivatives that the regimen found
    found: Vec<f64>,
    found_slopes: Vec<f64>,
    /// the way that was left
    stops: Vec<Stop>,
    next_stop: usize,
    segments: Vec<usize>,
    running: Vec<usize>,
    queue: events::Queue,
    /// where the record of steps stood
    mark: (usize, usize),
    /// start values of the pass
    from: Vec<f64>,
    passes: usize,
    /// the last correction and the last difference of the ends, in units of the tolerances
    last: (f64, f64),
    /// passes without correction, to come and at the next failure
    patience: (usize, usize),
    /// whether `from` is a correction
    corrected: bool,
}

/// Leaves the way at a regimen's time; the sensitivities must be total derivatives.
pub(super) fn begin<const W: usize>(
    track: &mut Track,
    block: &mut Block<W>,
    lane: usize,
    regimen: usize,
) -> Result<(), Cause> {
    let (n, m) = (block.states, track.directions());
    let mut found = vec![0.0; n];
    block.read_states(lane, &mut found);
    let mut found_slopes = vec![0.0; n * m];
    for j in 0..m {
        block.read_sensitivity(lane, j, &mut found_slopes[j * n..(j + 1) * n]);
    }
    let from = track.recorded_start(regimen).unwrap_or(found.clone());
    let interval = Interval {
        regimen,
        found,
        found_slopes,
        stops: track.plan.stops.clone(),
        next_stop: track.next_stop,
        segments: track.segments.clone(),
        running: track.running.clone(),
        queue: track.queue.clone(),
        mark: track.mark(),
        from,
        passes: 0,
        last: (f64::INFINITY, f64::INFINITY),
        patience: (0, 1),
        corrected: false,
    };
    start_pass(track, block, lane, interval)
}

fn start_pass<const W: usize>(
    track: &mut Track,
    block: &mut Block<W>,
    lane: usize,
    mut interval: Interval,
) -> Result<(), Cause> {
    interval.passes += 1;
    track.solution.statistics.intervals += 1;
    let (n, m) = (block.states, track.solution.direction_count);
    let own = track.plan.intervals[interval.regimen].clone();
    let what = Break::RegimenStart(interval.regimen);
    track.plan.stops = own.stops;
    track.next_stop = 0;
    track.segments = own.segments;
    track.segments.resize(interval.segments.len(), 0);
    track.running = own.running;
    track.rewind(interval.mark);
    block.t.0[lane] = own.start;
    block.write_states(lane, &interval.from);
    let range = block.lane_range(lane);
    block.s[range].fill(0.0);
    for i in 0..n {
        *block.sensitivity(lane, i, m + i) = 1.0;
    }
    track.phase = Phase::Interval(Box::new(interval));
    track.refresh(block, lane);
    track.arrive(block, lane)?;
    let slopes = track.slopes_of(what);
    track.subtract_rate(block, lane, &slopes);
    events::note_truths(track, block, lane);
    track.step = None;
    track.controller = Controller::default();
    Ok(())
}

/// The interval has passed: once more, or back to the way; the sensitivities must be total derivatives.
pub(super) fn end_pass<const W: usize>(
    track: &mut Track,
    block: &mut Block<W>,
    lane: usize,
) -> Result<(), Cause> {
    let Phase::Interval(interval) = std::mem::replace(&mut track.phase, Phase::Run) else {
        return Ok(());
    };
    let mut interval = *interval;
    let pass = read_pass(track, block, lane, &interval);
    let repeats = track.repeats();
    let scale = match repeats {
        true => pass.scale(ROUNDING.1 * block.absolute, ROUNDING.0),
        false => pass.scale(block.absolute, block.relative),
    };
    let ids = block.system.state_ids();
    let named = |reason| Cause::NoRegimenState { reason };
    let fail = |trouble: super::period_map::Trouble| named(trouble.named(ids));
    let linear = pass.linear(&scale).map_err(fail)?;
    let correction = pass
        .correction(&linear, &interval.found)
        .ok_or(named(NoRegimenState::Singular))?;
    let rms = |v: &DVector<f64>| {
        let sum: f64 = v.component_div(&scale).norm_squared();
        (sum / v.len().max(1) as f64).sqrt()
    };
    let (size, defect) = (rms(&correction), rms(&pass.defect()));
    // the noise of new steps, times the intervals that are remembered
    let stalls = size > 0.25 * interval.last.0 && size <= NEARLY;
    let done = match repeats {
        true => size <= 1.0 || stalls,
        false => size <= NEAR || (stalls && size <= interval.last.0 && defect <= 1.0),
    };
    if done {
        if !repeats && let Some(reason) = pass.repels(&linear) {
            return Err(named(reason));
        }
        let state = &pass.from + correction;
        let slopes = pass
            .derivatives(&linear, &interval.found_slopes)
            .ok_or(named(NoRegimenState::Singular))?;
        return go_on(track, block, lane, interval, state.as_slice(), &slopes);
    }
    let passes = interval.passes;
    if repeats && passes >= REPEATED_PASSES {
        return Err(Cause::NotRepeated);
    }
    if passes >= PASSES {
        return Err(named(NoRegimenState::NotFound { passes }));
    }
    let corrected = &pass.from + &correction;
    let negative = corrected
        .iter()
        .zip(block.system.nonnegative())
        .any(|(y, flag)| *flag && *y < -block.absolute);
    if negative || (interval.corrected && defect > interval.last.1) {
        let (left, next) = interval.patience;
        if left == 0 {
            interval.patience = (next, (2 * next).min(PASSES));
        }
    }
    interval.last = (size, defect);
    interval.corrected = repeats || interval.patience.0 == 0;
    interval.from = if interval.corrected {
        corrected.as_slice().to_vec()
    } else {
        interval.patience.0 -= 1;
        pass.to.as_slice().to_vec()
    };
    start_pass(track, block, lane, interval)
}

fn read_pass<const W: usize>(
    track: &Track,
    block: &Block<W>,
    lane: usize,
    interval: &Interval,
) -> Pass {
    let (n, m) = (block.states, track.solution.direction_count);
    let mut to = vec![0.0; n];
    block.read_states(lane, &mut to);
    let mut columns = DMatrix::zeros(n, m + n);
    let mut column = vec![0.0; n];
    for j in 0..m + n {
        block.read_sensitivity(lane, j, &mut column);
        columns.column_mut(j).copy_from_slice(&column);
    }
    Pass {
        from: DVector::from_column_slice(&interval.from),
        to: DVector::from_vec(to),
        map: columns.columns(m, n).into_owned(),
        direct: columns.columns(0, m).into_owned(),
    }
}

/// Back to the way, in the steady state.
fn go_on<const W: usize>(
    track: &mut Track,
    block: &mut Block<W>,
    lane: usize,
    interval: Interval,
    state: &[f64],
    slopes: &[Vec<f64>],
) -> Result<(), Cause> {
    let (n, regimen) = (block.states, interval.regimen);
    track.record_start(regimen, state);
    let kept = match track.problem.schedule.regimens[regimen].kind {
        RegimenKind::Reset => 0.0,
        RegimenKind::Add => 1.0,
    };
    let resets = kept == 0.0;
    track.plan.stops = interval.stops;
    track.next_stop = interval.next_stop;
    track.segments = interval.segments;
    track.queue = interval.queue;
    track.running = if resets {
        track.queue.forget_waiting();
        Vec::new()
    } else {
        interval.running
    };
    let tails = track.plan.intervals[regimen].running.iter();
    track.running.extend(tails);
    block.t.0[lane] = track.plan.intervals[regimen].end;
    // where no direction is followed, none of the start values' is left
    let range = block.lane_range(lane);
    block.s[range].fill(0.0);
    let found = interval.found.iter().zip(state);
    let states: Vec<f64> = found.map(|(found, y)| kept * found + y).collect();
    block.write_states(lane, &states);
    for (j, slopes) in slopes.iter().enumerate() {
        let found = &interval.found_slopes[j * n..(j + 1) * n];
        let both = found.iter().zip(slopes).map(|(found, s)| kept * found + s);
        block.write_sensitivity(lane, j, &both.collect::<Vec<f64>>());
    }
    track.refresh(block, lane);
    track.arrive(block, lane)?;
    let slopes = track.slopes_of(Break::Regimen(regimen));
    track.subtract_rate(block, lane, &slopes);
    track.queue.call(&slopes);
    track.step = None;
    track.controller = Controller::default();
    Ok(())
}
