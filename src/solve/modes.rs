//! Conditions: frozen during a step, flipped at located roots.
//!
//! Every relation has a signed distance to switching, positive on its true side. A relation flips when its distance has
//! the sign opposite to its frozen truth; a distance of exactly 0 does not flip, so a state that rests on a threshold
//! stays as it is. After an accepted step the distances are read at three points inside and at the end; of the relations
//! found on the other side the earliest root is bracketed by the ITP method (I. F. D. Oliveira, R. H. C. Takahashi, ACM
//! Trans. Math. Softw. 47:5, 2020, doi:10.1145/3423597) to 1e-12 of the step, and the step is cut at the far end of the
//! bracket, where the relation has flipped. Two flips of one relation between two probes are not seen.
//!
//! Where both sides drive the state to the switching surface (a relay without hysteresis) flips follow one another without
//! time passing; the driver gives up after a hundred of them in a row with [`Cause::Chattering`](super::Cause::Chattering).
use super::{
    block::{Block, Stepper},
    track::Track,
};

const PROBES: [f64; 4] = [0.25, 0.5, 0.75, 1.0];
const WIDTH: f64 = 1e-12;

/// Fraction of the accepted step at which the first relation has flipped.
pub(super) fn first_flip<S: Stepper<W>, const W: usize>(
    track: &mut Track,
    block: &mut Block<W>,
    stepper: &mut S,
    lane: usize,
) -> Option<f64> {
    if block.system.mode_count() == 0 {
        return None;
    }
    let mut left = 0.0;
    let probes = if S::INTERPOLATES {
        &PROBES[..]
    } else {
        &PROBES[3..]
    };
    for &right in probes {
        read(track, block, stepper, lane, right);
        let flipped: Vec<usize> = (0..track.modes.len())
            .filter(|&i| margin(track, i) < 0.0)
            .collect();
        if flipped.is_empty() {
            left = right;
            continue;
        }
        let mut first = right;
        for relation in flipped {
            // the bracket shrinks with every relation: only an earlier root matters
            read(track, block, stepper, lane, first);
            let at_right = margin(track, relation);
            if at_right >= 0.0 {
                continue;
            }
            read(track, block, stepper, lane, left);
            let at_left = margin(track, relation).max(0.0);
            first = bracket(left, first, at_left, at_right, |theta| {
                read(track, block, stepper, lane, theta);
                margin(track, relation)
            });
        }
        return Some(first);
    }
    None
}

/// Distances of all relations at a fraction of the step, into `track.triggers`.
fn read<S: Stepper<W>, const W: usize>(
    track: &mut Track,
    block: &mut Block<W>,
    stepper: &mut S,
    lane: usize,
    theta: f64,
) {
    if theta == 0.0 {
        block.read_states(lane, &mut track.states);
    } else if theta == 1.0 {
        for (to, y1) in track.states.iter_mut().zip(&block.y1) {
            *to = y1.0[lane];
        }
    } else {
        stepper.interpolate(block, lane, theta, &mut track.states);
    }
    let t = block.t.0[lane] + theta * block.h.0[lane];
    block.system.triggers(
        &mut block.workspace,
        lane,
        t,
        &track.states,
        &mut track.triggers,
    );
}

/// Distance of a relation on the side of its frozen truth; negative: it has flipped.
fn margin(track: &Track, relation: usize) -> f64 {
    if track.modes[relation] {
        track.triggers[relation]
    } else {
        -track.triggers[relation]
    }
}

/// The far end of a bracket of width 1e-12 around a root of a function that is positive at a and negative at b.
fn bracket(
    mut a: f64,
    mut b: f64,
    mut at_a: f64,
    mut at_b: f64,
    mut value: impl FnMut(f64) -> f64,
) -> f64 {
    let (mut steps, worst) = (0, ((b - a) / WIDTH).log2().ceil().max(0.0) as i32 + 1);
    let start = b - a;
    while b - a > WIDTH && steps <= 2 * worst {
        let middle = 0.5 * (a + b);
        let linear = if at_a > at_b {
            (at_b * a - at_a * b) / (at_b - at_a)
        } else {
            middle
        };
        // truncation towards the middle, then projection onto the interval that keeps the worst case
        let shift = (0.2 / start * (b - a) * (b - a)).max(0.5 * WIDTH);
        let sign = if middle >= linear { 1.0 } else { -1.0 };
        let truncated = if shift <= (middle - linear).abs() {
            linear + sign * shift
        } else {
            middle
        };
        let radius = (WIDTH * 0.5 * 2f64.powi(worst - steps) - 0.5 * (b - a)).max(0.0);
        let x = if (truncated - middle).abs() <= radius {
            truncated
        } else {
            middle - sign * radius
        };
        let x = if x > a && x < b { x } else { middle };
        let at_x = value(x);
        if at_x < 0.0 {
            (b, at_b) = (x, at_x);
        } else {
            (a, at_a) = (x, at_x);
        }
        steps += 1;
    }
    b
}

/// Flips the relations at the lane's point and carries the sensitivities across.
///
/// A condition with distance $g(t, y, p)$ flips at the time $\tau$ where $g = 0$, so that with the rates $f^-$ and $f^+$ before
/// and after it
/// $$ \frac{\mathrm{d}\tau}{\mathrm{d}p} = -\frac{g_y s + g_p}{g_t + g_y f^-}, \qquad
///    s^+ = s^- + (f^- - f^+) \frac{\mathrm{d}\tau}{\mathrm{d}p}. $$
pub(super) fn flip<const W: usize>(track: &mut Track, block: &mut Block<W>, lane: usize) {
    let (m, n) = (track.directions(), block.states);
    let Some(tapes) = block.tapes.filter(|_| m > 0) else {
        track.set_modes(block, lane);
        return;
    };
    let before = track.modes.clone();
    let mut rate = vec![0.0; n];
    block.rate(lane, &mut rate);
    let mut y = vec![0.0; n];
    block.read_states(lane, &mut y);
    let t = block.t.0[lane];
    track.set_modes(block, lane);
    let Some(relation) = (0..before.len()).find(|&i| before[i] != track.modes[i]) else {
        return;
    };

    let mut along = vec![0.0; before.len()];
    let mut by_register = vec![0.0; tapes.trigger_pattern().len()];
    let mut slope = |block: &mut Block<W>, k: &[f64], tau: f64, j: Option<usize>| {
        let (workspace, point) = (&mut block.workspace, (t, &y[..]));
        tapes.triggers(
            block.system,
            workspace,
            lane,
            point,
            (k, tau),
            &mut along,
            &mut by_register,
        );
        let count = tapes.registers().len();
        let direct = tapes.trigger_pattern().iter().zip(&by_register);
        let direct = direct.filter(|((condition, _), _)| *condition as usize == relation);
        let own = j.map_or(0.0, |j| {
            direct
                .map(|((_, at), g_p)| g_p * block.tangents[j * count + *at as usize].0[lane])
                .sum()
        });
        along[relation] + own
    };
    let along_flow = slope(block, &rate, 1.0, None);
    // grazing: the moment is not differentiable, the old side's derivative stands
    let moments: Vec<f64> = (0..m)
        .map(|j| {
            let s: Vec<f64> = (0..n).map(|i| block.s[j * n + i].0[lane]).collect();
            let change = slope(block, &s, 0.0, Some(j));
            if along_flow != 0.0 {
                -change / along_flow
            } else {
                0.0
            }
        })
        .collect();
    let mut after = vec![0.0; n];
    block.rate(lane, &mut after);
    for (j, moment) in moments.iter().enumerate() {
        for i in 0..n {
            if block.system.mass()[i] != 0.0 {
                block.s[j * n + i].0[lane] += (rate[i] - after[i]) * moment;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bracket_closes_on_the_root_from_the_far_side_in_few_evaluations() {
        let cases: [(f64, &dyn Fn(f64) -> f64); 5] = [
            (0.3, &|x| 0.3 - x),
            (0.7, &|x| (0.7f64).powi(9) - x.powi(9)),
            (1e-9, &|x| 1e-9 - x),
            (0.5, &|x| if x < 0.5 { 1.0 } else { -1e-6 }),
            (0.2, &|x| (-50.0 * x).exp() - (-10.0f64).exp()),
        ];
        for (root, f) in cases {
            let mut evaluations = 0;
            let found = bracket(0.0, 1.0, f(0.0), f(1.0), |x| {
                evaluations += 1;
                f(x)
            });
            assert!(
                f(found) < 0.0 && (found - root).abs() <= 1.1e-12,
                "{root}: {found}"
            );
            assert!(evaluations <= 45, "{root}: {evaluations}");
        }
    }
}
