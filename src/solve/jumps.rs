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
use super::block::{Block, zero};

/// s <- s + sign f tau' over the differential states, f at the lane's point as things stand.
pub(super) fn shift<const W: usize>(block: &mut Block<W>, lane: usize, slopes: &[f64], sign: f64) {
    let n = block.states;
    let mut rate = vec![0.0; n];
    block.rate(lane, &mut rate);
    for (j, slope) in slopes
        .iter()
        .enumerate()
        .filter(|(_, slope)| **slope != 0.0)
    {
        for ((s, rate), mass) in block.s[j * n..]
            .iter_mut()
            .zip(&rate)
            .zip(block.system.mass())
        {
            if *mass != 0.0 {
                s.0[lane] += sign * rate * slope;
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
    let mut y = vec![zero::<W>(); n];
    system.initial(&mut block.workspace, &block.t, &mut y);
    for (to, from) in block.y.iter_mut().zip(&y) {
        to.0[lane] = from.0[lane];
    }
    for s in &mut block.s {
        s.0[lane] = 0.0;
    }
    let Some(tapes) = block.tapes else { return };
    let mut d = vec![zero::<W>(); tapes.initial_pattern().len()];
    let mut rate = vec![zero::<W>(); n];
    tapes.initial(system, &mut block.workspace, &block.t, &mut d, &mut rate);
    let count = tapes.registers().len();
    for (j, slope) in slopes.iter().enumerate().take(directions) {
        for (&(row, register), d) in tapes.initial_pattern().iter().zip(&d) {
            let tangent = block.tangents[j * count + register as usize].0[lane];
            block.s[j * n + row as usize].0[lane] += d.0[lane] * tangent;
        }
        if *slope != 0.0 {
            for (s, rate) in block.s[j * n..].iter_mut().zip(&rate) {
                s.0[lane] += rate.0[lane] * slope;
            }
        }
    }
}
