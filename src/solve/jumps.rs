//! Sensitivities where time itself depends on parameters.
//!
//! At a moment tau(p) the state goes from y- to y+ = g(y-, p), and the rate from f- to f+. Sensitivities are taken at fixed
//! time, so with tau' = d tau/dp
//!
//! s+ = g_y (s- + f- tau') + g_p - f+ tau'
//!
//! (the total derivative of y- at the moving moment, carried through g, brought back to fixed time). Starts: the total
//! derivative of the initial value is h_p + h_t tau'. Flips of a condition c(t, y, p) = 0: y is continuous and
//! tau' = -(c_y s- + c_p) / (c_y f- + c_t).
use super::block::Block;
use crate::lanes::Lane;

/// s <- s + sign f tau' over the differential states, f at the lane's point as things stand.
pub(super) fn shift<const W: usize>(block: &mut Block<W>, lane: usize, slopes: &[f64], sign: f64) {
    let mut rate = vec![0.0; block.states];
    block.rate(lane, &mut rate);
    let mass = block.system.mass();
    for (j, slope) in slopes
        .iter()
        .enumerate()
        .filter(|(_, slope)| **slope != 0.0)
    {
        for (i, (rate, mass)) in rate.iter().zip(mass).enumerate() {
            if *mass != 0.0 {
                *block.sensitivity(lane, i, j) += sign * rate * slope;
            }
        }
    }
}

/// Initial values, and their total derivatives at a start that moves with `slopes`.
pub(super) fn initial<const W: usize>(
    block: &mut Block<W>,
    lane: usize,
    slopes: &[f64],
    directions: usize,
) {
    let (n, system) = (block.states, block.system);
    let mut y = vec![Lane::ZERO; n];
    system.initial(&mut block.workspace, &block.t, &mut y);
    for (to, from) in block.y.iter_mut().zip(&y) {
        to.0[lane] = from.0[lane];
    }
    let own = block.lane_range(lane);
    block.s[own].fill(0.0);
    let Some(tapes) = block.tapes.clone() else {
        return;
    };
    let mut d = vec![Lane::ZERO; tapes.initial_pattern().len()];
    let mut rate = vec![Lane::ZERO; n];
    tapes.initial(system, &mut block.workspace, &block.t, &mut d, &mut rate);
    for (j, slope) in slopes.iter().enumerate().take(directions) {
        for (&(row, register), d) in tapes.initial_pattern().iter().zip(&d) {
            let tangent = block.tangents(lane, j)[register as usize];
            *block.sensitivity(lane, row as usize, j) += d.0[lane] * tangent;
        }
        if *slope != 0.0 {
            for (i, rate) in rate.iter().enumerate() {
                *block.sensitivity(lane, i, j) += rate.0[lane] * slope;
            }
        }
    }
}
