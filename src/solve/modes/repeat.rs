//! The flip that ended a recorded step, found again where the parameters differ a little.
use super::{Flip, Search, curve};
use crate::solve::{
    Cause,
    block::{Block, Stepper},
    track::Track,
};

const ITERATIONS: usize = 40;
/// In units of the last place of time or of the fraction: how far behind the root the flip may read as done.
const DOUBLINGS: i32 = 16;

/// Where the relation that flipped in the recorded step flips in this one, to rounding; None where none did.
///
/// The secant method starts at the recorded fraction and may leave the step by a little: the curve goes on.
pub(in crate::solve) fn repeat_flip<S: Stepper<W>, const W: usize>(
    track: &mut Track,
    block: &mut Block<W>,
    stepper: &mut S,
    lane: usize,
) -> Result<Option<Flip>, Cause> {
    let Some((relation, recorded, passing)) = track.recorded_flip() else {
        return Ok(None);
    };
    let (start, h) = (block.t.0[lane], block.h.0[lane]);
    let mut search = Search {
        track,
        block,
        stepper,
        lane,
        end: f64::INFINITY,
    };
    if passing {
        search.read(0.0);
        search.track.watch.start();
    }
    let mut difference = |theta: f64| {
        search.read_beyond(theta, start + theta * h);
        search.track.watch.differences[relation]
    };
    let (mut a, mut b) = (
        recorded + if recorded > 0.5 { -1e-3 } else { 1e-3 },
        recorded,
    );
    let (mut at_a, mut at_b) = (difference(a), difference(b));
    for _ in 0..ITERATIONS {
        if at_b == at_a || (b - a).abs() <= f64::EPSILON {
            break;
        }
        let c = b - at_b * (b - a) / (at_b - at_a);
        (a, at_a) = (b, at_b);
        (b, at_b) = (c, difference(c));
    }
    // also false for NaN
    let is_near = (b - recorded).abs() <= 0.5;
    if !is_near {
        return Err(Cause::NotRepeated);
    }
    let place = 0.5 * f64::EPSILON * (start / h).abs().max(1.0);
    for k in 0..DOUBLINGS {
        let theta = b + place * (2f64.powi(k) - 1.0);
        let time = start + theta * h;
        search.read_beyond(theta, time);
        if search.value(relation, passing) < 0.0 {
            return Ok(Some(Flip {
                theta,
                time,
                relation,
                passing,
            }));
        }
    }
    Err(Cause::NotRepeated)
}

impl<S: Stepper<W>, const W: usize> Search<'_, '_, '_, S, W> {
    /// Reads all relations on the curve of the step, which need not end with it.
    fn read_beyond(&mut self, theta: f64, time: f64) {
        curve(self.track, self.block, self.stepper, self.lane, theta);
        self.read_at(time);
    }
}
