//! Steady states: integration under growing steps, then Newton's method, then checks; sensitivities by implicit functions.
//!
//! The lane integrates from its initial values. Each time the elapsed time has doubled the states are compared with those
//! at the half: when they moved by less than the tolerance, f(y) = 0 is solved from there. Conservation laws L (constant
//! vectors with L J = 0) make J singular; then (J + L^T L) dy = -f keeps every conserved total, because L f = 0. The state
//! is at rest when the corrections stay below ten tolerances and converge, no growing mode of J is left (states that
//! are exactly 0 and cannot leave it set aside) and no condition flips. Where J is singular without constant conservation
//! laws (a continuum of steady states) no Newton step is made.
//!
//! Sensitivities: J S = -f_p, or (J + L^T L) S = -f_p + L^T L S_start with conservation laws; in a continuum they are
//! integrated along with the states from the start.
//!
//! Elapsed time is bounded by 1e9 time units, and steps by the method's limit.
use super::{
    Cause,
    block::Block,
    controller::Controller,
    track::{Phase, Track},
};
use crate::lanes::Lane;
use nalgebra::{DMatrix, DVector, Schur};

const TIME_LIMIT: f64 = 1e9;
/// scaled movement over a doubling of time, and scaled first correction of Newton's method
const NEAR: f64 = 10.0;
/// scaled correction at which Newton's method has converged
const CONVERGED: f64 = 1e-3;
const ITERATIONS: usize = 10;
/// tighter tolerances than this would ask Newton's method for digits that rounding takes
const RELATIVE_FLOOR: f64 = 1e-10;
/// singular values below this, after scaling rows and columns, are zero
const RANK: f64 = 1e-11;

/// Memory of a lane on its way to a steady state.
#[derive(Clone, Debug)]
pub(super) struct Settle {
    origin: f64,
    next_check: f64,
    anchor: Vec<f64>,
    start_states: Vec<f64>,
    start_sensitivities: Vec<f64>,
    /// whether sensitivities are integrated
    pub carries: bool,
}

/// Whether the lane has arrived.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Progress {
    Moving,
    AtRest,
}

impl Settle {
    pub(super) fn new<const W: usize>(block: &Block<W>, lane: usize, directions: usize) -> Self {
        let states: Vec<f64> = block.y.iter().map(|y| y.0[lane]).collect();
        let mut sensitivities = vec![0.0; directions * block.states];
        for (j, s) in sensitivities.chunks_mut(block.states.max(1)).enumerate() {
            block.read_sensitivity(lane, j, s);
        }
        Settle {
            origin: block.t.0[lane],
            next_check: 0.0,
            anchor: states.clone(),
            start_states: states,
            start_sensitivities: sensitivities,
            carries: false,
        }
    }

    /// No step passes this time.
    pub(super) fn limit(&self) -> f64 {
        self.origin + TIME_LIMIT
    }

    /// Where methods without interpolation stop to look.
    pub(super) fn next_check(&self) -> f64 {
        self.origin
            + if self.next_check > 0.0 {
                self.next_check
            } else {
                1e-3
            }
    }
}

/// f, dense J and the scale of each state at the lane's point.
struct Linearisation {
    f: DVector<f64>,
    j: DMatrix<f64>,
    scale: Vec<f64>,
}

fn linearise<const W: usize>(block: &mut Block<W>, lane: usize) -> Linearisation {
    let (n, system) = (block.states, block.system);
    let (mut f, mut f_t) = (vec![Lane::<W>::ZERO; n], vec![Lane::<W>::ZERO; n]);
    let mut values = vec![Lane::<W>::ZERO; system.jacobian_pattern().len()];
    system.rhs_jacobian(
        &mut block.workspace,
        &block.t,
        &block.y,
        &mut f,
        &mut values,
        &mut f_t,
    );
    let mut j = DMatrix::zeros(n, n);
    for (&(row, column), value) in system.jacobian_pattern().iter().zip(&values) {
        j[(row as usize, column as usize)] += value.0[lane];
    }
    let relative = block.relative.max(RELATIVE_FLOOR);
    let scale = block
        .y
        .iter()
        .map(|y| block.absolute + relative * y.0[lane].abs())
        .collect();
    Linearisation {
        f: DVector::from_iterator(n, f.iter().map(|f| f.0[lane])),
        j,
        scale,
    }
}

/// Orthonormal rows L with L J = 0.
pub(super) fn left_null_space(j: &DMatrix<f64>, scale: &[f64]) -> Option<DMatrix<f64>> {
    let n = j.nrows();
    let mut scaled = j.clone();
    let mut weights = vec![1.0; n];
    for (column, scale) in scale.iter().enumerate() {
        scaled.column_mut(column).scale_mut(*scale);
    }
    for (row, weight) in weights.iter_mut().enumerate() {
        let largest = scaled.row(row).amax();
        if largest > 0.0 {
            *weight = 1.0 / largest;
            scaled.row_mut(row).scale_mut(*weight);
        }
    }
    let decomposition = scaled.try_svd(true, false, f64::EPSILON, 10_000)?;
    let u = decomposition.u?;
    let largest = decomposition.singular_values.max();
    let null: Vec<usize> = (0..n)
        .filter(|&i| decomposition.singular_values[i] <= RANK * largest.max(f64::MIN_POSITIVE))
        .collect();
    let mut basis = DMatrix::zeros(n, null.len());
    for (k, &column) in null.iter().enumerate() {
        for row in 0..n {
            basis[(row, k)] = weights[row] * u[(row, column)];
        }
    }
    if null.is_empty() {
        Some(DMatrix::zeros(0, n))
    } else {
        Some(basis.qr().q().transpose())
    }
}

/// Whether L annihilates another Jacobian of the same system: then it is a conservation law.
pub(super) fn annihilates(laws: &DMatrix<f64>, j: &DMatrix<f64>) -> bool {
    (laws * j).amax() <= 1e-9 * j.amax()
}

/// Whether a small disturbance would grow.
fn grows(lin: &Linearisation, y: &[f64]) -> bool {
    let n = y.len();
    let stuck =
        |i: usize| y[i] == 0.0 && lin.f[i] == 0.0 && (0..n).all(|k| k == i || lin.j[(i, k)] == 0.0);
    let free: Vec<usize> = (0..n).filter(|&i| !stuck(i)).collect();
    let j = lin.j.select_rows(&free).select_columns(&free);
    if j.is_empty() {
        return false;
    }
    let size = j.amax();
    match Schur::try_new(j, f64::EPSILON, 10_000) {
        Some(schur) => schur
            .complex_eigenvalues()
            .iter()
            .any(|value| value.re > 1e-9 * size),
        None => false,
    }
}

fn scaled(v: &DVector<f64>, scale: &[f64]) -> f64 {
    let sum: f64 = v
        .iter()
        .zip(scale)
        .map(|(v, scale)| (v / scale).powi(2))
        .sum();
    (sum / scale.len().max(1) as f64).sqrt()
}

/// Looks at a lane after a step; at rest its states and sensitivities are those of the steady state.
pub(super) fn check<const W: usize>(
    track: &mut Track,
    block: &mut Block<W>,
    lane: usize,
) -> Result<Progress, Cause> {
    let Phase::Settle(settle, _) = &track.phase else {
        return Ok(Progress::Moving);
    };
    let elapsed = block.t.0[lane] - settle.origin;
    if elapsed < settle.next_check
        || (elapsed == 0.0 && settle.next_check == 0.0 && block.states > 0 && !rests(block, lane))
    {
        return Ok(Progress::Moving);
    }
    let mut settle = Settle::clone(settle);
    let y: Vec<f64> = block.y.iter().map(|y| y.0[lane]).collect();
    let moved = DVector::from_iterator(
        y.len(),
        y.iter().zip(&settle.anchor).map(|(y, anchor)| y - anchor),
    );
    let lin = linearise(block, lane);
    let quiet = scaled(&moved, &lin.scale) <= NEAR;
    settle.anchor = y.clone();
    settle.next_check = 2.0 * elapsed;
    let settled = if quiet {
        polish(track, block, lane, &settle, lin)
    } else {
        None
    };
    let Some(laws) = settled else {
        block.write_states(lane, &y);
        if elapsed >= TIME_LIMIT * (1.0 - 1e-9) {
            return Err(Cause::NoSteadyState);
        }
        store(track, settle);
        return Ok(Progress::Moving);
    };
    if track.directions() > 0
        && !settle.carries
        && !differentiate(track, block, lane, &settle, laws)
    {
        // a continuum of steady states: once more from the start, with sensitivities
        block.t.0[lane] = settle.origin;
        block.write_states(lane, &settle.start_states);
        for (j, start) in settle
            .start_sensitivities
            .chunks(block.states.max(1))
            .enumerate()
        {
            block.write_sensitivity(lane, j, start);
        }
        let again = Settle {
            carries: true,
            next_check: 0.0,
            anchor: settle.start_states.clone(),
            ..settle
        };
        store(track, again);
        track.set_modes(block, lane);
        track.controller = Controller::default();
        track.fresh = true;
        track.step = None;
        return Ok(Progress::Moving);
    }
    Ok(Progress::AtRest)
}

fn store(track: &mut Track, settle: Settle) {
    if let Phase::Settle(stored, _) = &mut track.phase {
        **stored = settle;
    }
}

/// Whether every rate is exactly zero.
fn rests<const W: usize>(block: &mut Block<W>, lane: usize) -> bool {
    let mut rate = vec![0.0; block.states];
    block.rate(lane, &mut rate);
    rate.iter().all(|rate| *rate == 0.0)
}

/// Newton's method and the checks. The conservation laws found; None where J is singular for another reason.
#[allow(clippy::option_option)]
fn polish<const W: usize>(
    track: &mut Track,
    block: &mut Block<W>,
    lane: usize,
    settle: &Settle,
    mut lin: Linearisation,
) -> Option<Option<DMatrix<f64>>> {
    if !lin.f.iter().chain(lin.j.iter()).all(|x| x.is_finite()) {
        return None;
    }
    let here: Vec<f64> = block.y.iter().map(|y| y.0[lane]).collect();
    let laws = left_null_space(&lin.j, &lin.scale)?;
    let lawful = laws.nrows() == 0 || {
        block.write_states(lane, &settle.start_states);
        let elsewhere = linearise(block, lane);
        block.write_states(lane, &here);
        annihilates(&laws, &elsewhere.j)
    };
    if !lawful {
        // no Newton step; at rest when the least change that would zero f is far below the tolerance
        let change = lin
            .j
            .clone()
            .svd(true, true)
            .solve(&-&lin.f, RANK * lin.j.amax())
            .ok()?;
        let rests = scaled(&change, &lin.scale) <= 0.1 && !grows(&lin, &here);
        return (rests && block.t.0[lane] > settle.origin).then_some(None);
    }
    let penalty = laws.transpose() * &laws * lin.j.amax().max(f64::MIN_POSITIVE);
    let mut last = NEAR;
    let mut converged = false;
    for _ in 0..ITERATIONS {
        let change = (&lin.j + &penalty).lu().solve(&-&lin.f)?;
        let size = scaled(&change, &lin.scale);
        let shrinks = size <= last;
        if !shrinks {
            // rounding may keep the last corrections from shrinking
            converged = last <= CONVERGED;
            break;
        }
        for (y, change) in block.y.iter_mut().zip(change.iter()) {
            y.0[lane] += change;
        }
        lin = linearise(block, lane);
        last = size;
        if size <= 1e-6 * CONVERGED {
            converged = true;
            break;
        }
        converged = size <= CONVERGED;
    }
    let y: Vec<f64> = block.y.iter().map(|y| y.0[lane]).collect();
    let positive = y
        .iter()
        .zip(block.system.nonnegative())
        .all(|(y, flag)| !flag || *y >= -block.absolute);
    // a state is stuck only if the integration left it at exactly 0
    if !converged || !positive || grows(&lin, &here) {
        return None;
    }
    if block.system.mode_count() > 0 {
        let watch = &mut track.watch;
        block.system.conditions(
            &mut block.workspace,
            lane,
            (block.t.0[lane], &y),
            &mut watch.truths,
            &mut watch.differences,
        );
        watch.start();
        if watch.has_flipped(block.system.relations()) {
            return None;
        }
    }
    Some(Some(laws))
}

/// Sensitivities by the implicit function theorem; false where they are not determined.
fn differentiate<const W: usize>(
    track: &Track,
    block: &mut Block<W>,
    lane: usize,
    settle: &Settle,
    laws: Option<DMatrix<f64>>,
) -> bool {
    let (Some(tapes), Some(laws)) = (block.tapes.clone(), laws) else {
        return false;
    };
    let (n, system) = (block.states, block.system);
    let lin = linearise(block, lane);
    // Newton's method may have moved onto a singular point
    match left_null_space(&lin.j, &lin.scale) {
        Some(now) if now.nrows() == laws.nrows() => {}
        _ => return false,
    }
    let weight = lin.j.amax().max(f64::MIN_POSITIVE);
    let penalty = laws.transpose() * &laws * weight;
    let factors = (&lin.j + &penalty).lu();
    let (mut j_values, mut fp) = (
        vec![Lane::<W>::ZERO; system.jacobian_pattern().len()],
        vec![Lane::<W>::ZERO; tapes.pattern().len()],
    );
    tapes.jacobian_parameters(
        system,
        &mut block.workspace,
        &block.t,
        &block.y,
        &mut j_values,
        &mut fp,
    );
    let mut solved = Vec::new();
    for j in 0..track.directions() {
        let mut direct = vec![0.0; n];
        block.add_direct(&mut direct, lane, j, &fp);
        let start = DVector::from_column_slice(&settle.start_sensitivities[j * n..(j + 1) * n]);
        let direct = DVector::from_vec(direct);
        // a law must hold for all parameters, too
        if laws.nrows() > 0 && (&laws * &direct).amax() > 1e-9 * direct.amax() {
            return false;
        }
        let Some(s) = factors.solve(&(&penalty * start - direct)) else {
            return false;
        };
        if !s.iter().all(|s| s.is_finite()) {
            return false;
        }
        solved.push(s);
    }
    for (j, s) in solved.iter().enumerate() {
        block.write_sensitivity(lane, j, s.as_slice());
    }
    true
}
