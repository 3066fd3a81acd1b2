//! The end of an interval: where the profile crosses the threshold, between a point below and a point above it.
//!
//! Values and slopes at both ends (the slope of a profile is the objective's own, by the envelope theorem) give a cubic whose
//! root is tried next; every third time the middle is, so that the bracket shrinks whatever the shape.

use super::point::{Reached, Trouble};
use super::walk::{Side, Walked};
use crate::fit::trust_region::Counts;

/// Most points on the way to the crossing.
const MOST: usize = 60;

/// The point at the end, or how the side ended otherwise: narrows the bracket until the objective is within the accuracy of the threshold, or the bracket is a jump.
pub(super) fn cross(
    side: &Side<'_, '_>,
    mut inner: Reached,
    mut outer: Reached,
    points: &mut Vec<Reached>,
    counts: &mut Counts,
) -> Result<Reached, Walked> {
    let (task, entry) = (side.task, side.task.entry);
    let goal = side.best + side.threshold;
    for round in 0..MOST {
        let closest = if goal - inner.value < outer.value - goal {
            &inner
        } else {
            &outer
        };
        if (closest.value - goal).abs() <= task.options.accuracy {
            return Ok(closest.clone());
        }
        let (a, b) = (inner.at(entry), outer.at(entry));
        if (b - a).abs() <= 1e-10 * (1.0 + a.abs()) {
            break;
        }
        let share = if round % 3 == 2 {
            0.5
        } else {
            let low = (inner.value - goal, inner.slope * (b - a));
            let high = (outer.value - goal, outer.slope * (b - a));
            root(low, high).clamp(1e-3, 1.0 - 1e-3)
        };
        // where there is no value between the two, nearer to the point that was reached by small steps
        let mut share = share;
        let there = loop {
            let to = a + share * (b - a);
            let near = if share < 0.5 { &inner } else { &outer };
            let guesses = [near.predicted(entry, to), inner.x.clone(), outer.x.clone()];
            match task.reach(to, &guesses, counts) {
                Ok(there) => break there,
                Err(Trouble::Stopped) => return Err(Walked::Stopped),
                Err(trouble) if share < 1e-3 => {
                    return Err(Walked::End(side.blocked(&inner, to, trouble)));
                }
                Err(_) => share *= 0.25,
            }
        };
        if there.value < side.best - side.improvement {
            return Err(Walked::Better(Box::new(there)));
        }
        points.push(there.clone());
        if !(side.told)(there.value - side.best) {
            return Err(Walked::Stopped);
        }
        if there.value < goal {
            inner = there;
        } else {
            outer = there;
        }
    }
    // a jump, or a wall too steep for these numbers: the last point below is the end
    Ok(inner)
}

/// Root in [0, 1] of the cubic with these values (of different signs) and slopes at 0 and 1, by bisection.
fn root((f0, s0): (f64, f64), (f1, s1): (f64, f64)) -> f64 {
    let cubic = |t: f64| hermite((f0, s0), (f1, s1), t);
    let (mut low, mut high) = (0.0, 1.0);
    for _ in 0..50 {
        let middle = 0.5 * (low + high);
        if cubic(middle) < 0.0 {
            low = middle;
        } else {
            high = middle;
        }
    }
    0.5 * (low + high)
}

/// The cubic through two values with two slopes, at t in [0, 1].
fn hermite((f0, s0): (f64, f64), (f1, s1): (f64, f64), t: f64) -> f64 {
    let u = 1.0 - t;
    u * u * ((1.0 + 2.0 * t) * f0 + t * s0) + t * t * ((3.0 - 2.0 * t) * f1 - u * s1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_root_of_a_parabola_is_exact() {
        // t^2 - 0.3
        let t = root((-0.3, 0.0), (0.7, 2.0));
        assert!((t - 0.3_f64.sqrt()).abs() < 1e-12);
    }
}
