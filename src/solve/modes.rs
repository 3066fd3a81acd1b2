//! Conditions: frozen during a step, flipped at located roots.
//!
//! Every relation has a signed difference of its sides, positive on its true side. It is read after an accepted step at three
//! points inside and at the end; with events also at output times, and where parabolas through the probes come near 0.
//!
//! * A relation of right-hand sides and states flips when its difference has the sign opposite to its frozen truth; a
//!   difference of exactly 0 does not flip, so a state that rests on a threshold stays as it is.
//! * A relation that only triggers read, or one of time, inputs, parameters and still states, flips when it reads otherwise than frozen.
//! * `=` and `!=` in triggers hold or fail for an instant where the difference changes sign, see [`Flip::passing`].
//!
//! Of the relations found on the other side the earliest root is taken and the step is cut there, on the far side. Those of
//! time, inputs, parameters and states that stand still are located to the first number that reads otherwise: `time >= 5` flips at 5, `time > 5`
//! at the next number. The others are bracketed by the ITP method (I. F. D. Oliveira, R. H. C. Takahashi, ACM Trans. Math.
//! Softw. 47:5, 2020, doi:10.1145/3423597) to 1e-12 of the step, on the dense output. Two flips of one relation between
//! two probes may be missed.
//!
//! Where both sides drive the state to the switching surface (a relay without hysteresis) flips follow one another without
//! time passing; the driver gives up after a hundred of them in a row with [`Cause::Chattering`](super::Cause::Chattering).
use super::{
    algebraic,
    block::{Block, Stepper},
    track::{Phase, Track},
};
use crate::compile::{Compare, Relation};
pub(super) use repeat::repeat_flip;

mod repeat;

const PROBES: [f64; 4] = [0.25, 0.5, 0.75, 1.0];
const WIDTH: f64 = 1e-12;
/// of the probe's value: minima of parabolas below this are looked at
const NEAR: f64 = 0.25;

/// Where a step is cut.
#[derive(Clone, Copy, Debug)]
pub(super) struct Flip {
    /// fraction of the step
    pub theta: f64,
    pub time: f64,
    pub relation: usize,
    /// the sides of an equality meet here and part again: it holds, or fails to hold, for this instant
    pub passing: bool,
}

/// Negative where a relation reads otherwise than its mode, else the size of its difference.
pub(super) fn margin(relation: &Relation, mode: bool, truth: bool, difference: f64) -> f64 {
    if relation.follows_truth() {
        if truth == mode {
            difference.abs()
        } else {
            -difference.abs().max(f64::MIN_POSITIVE)
        }
    } else {
        let distance = match relation.compare {
            Compare::Equal => -difference.abs(),
            Compare::NotEqual => difference.abs(),
            _ => difference,
        };
        if mode { distance } else { -distance }
    }
}

/// Whether the sides of an equality that a trigger watches have met since its difference had this sign.
fn has_passed(relation: &Relation, sign: f64, difference: f64) -> bool {
    relation.is_momentary() && sign * difference < 0.0
}

/// -1, 0 or 1; 0 for NaN.
fn sign(x: f64) -> f64 {
    f64::from(i8::from(x > 0.0) - i8::from(x < 0.0))
}

/// What a lane knows of its conditions.
#[derive(Clone, Debug, Default)]
pub(super) struct Watch {
    /// frozen truths
    pub modes: Vec<bool>,
    /// last reading
    pub truths: Vec<bool>,
    pub differences: Vec<f64>,
    /// of the differences where the step starts
    signs: Vec<f64>,
}

impl Watch {
    pub(super) fn new(count: usize) -> Self {
        Watch {
            modes: vec![false; count],
            truths: vec![false; count],
            differences: vec![0.0; count],
            signs: vec![0.0; count],
        }
    }

    /// Remembers the last reading as the one at the start of the step.
    pub(super) fn start(&mut self) {
        for (to, from) in self.signs.iter_mut().zip(&self.differences) {
            *to = sign(*from);
        }
    }

    fn margin(&self, relations: &[Relation], k: usize) -> f64 {
        margin(
            &relations[k],
            self.modes[k],
            self.truths[k],
            self.differences[k],
        )
    }

    /// Whether any condition of the last reading has flipped since the start of the step.
    pub(super) fn has_flipped(&self, relations: &[Relation]) -> bool {
        (0..relations.len()).any(|k| {
            self.margin(relations, k) < 0.0
                || has_passed(&relations[k], self.signs[k], self.differences[k])
        })
    }
}

/// The search for the first flip within a step of one lane, up to the time `end`.
struct Search<'s, 'a, 'b, S, const W: usize> {
    track: &'s mut Track<'a>,
    block: &'s mut Block<'b, W>,
    stepper: &'s mut S,
    lane: usize,
    end: f64,
}

impl<S: Stepper<W>, const W: usize> Search<'_, '_, '_, S, W> {
    fn time(&self, theta: f64) -> f64 {
        if theta >= 1.0 {
            self.end
        } else {
            (self.block.t.0[self.lane] + theta * self.block.h.0[self.lane]).min(self.end)
        }
    }

    /// Reads all relations at a fraction of the step.
    fn read(&mut self, theta: f64) {
        states(self.track, self.block, self.stepper, self.lane, theta);
        self.read_at(self.time(theta));
    }

    /// Reads all relations at a time, with the states read last.
    fn read_at(&mut self, time: f64) {
        let (track, block) = (&mut *self.track, &mut *self.block);
        let watch = &mut track.watch;
        block.system.conditions(
            &mut block.workspace,
            self.lane,
            (time, &track.states),
            &mut watch.truths,
            &mut watch.differences,
        );
    }

    fn flipped(&self) -> bool {
        self.track.watch.has_flipped(self.block.system.relations())
    }

    /// Positive before the flip, negative after it.
    fn value(&self, relation: usize, passing: bool) -> f64 {
        let watch = &self.track.watch;
        if passing {
            watch.signs[relation] * watch.differences[relation]
        } else {
            watch.margin(self.block.system.relations(), relation)
        }
    }

    /// The first flip between two fractions, where at `right`, read last, something has flipped.
    fn locate(&mut self, left: f64, right: f64) -> Option<Flip> {
        let relations = self.block.system.relations();
        let (mut timed, mut others) = (Vec::new(), Vec::new());
        for (k, relation) in relations.iter().enumerate() {
            for passing in [false, true] {
                let beyond = if passing {
                    relation.is_momentary() && self.value(k, true) < 0.0
                } else {
                    self.value(k, false) < 0.0
                };
                if beyond {
                    let list = if relation.timed {
                        &mut timed
                    } else {
                        &mut others
                    };
                    list.push((k, passing));
                }
            }
        }
        let (start, h) = (self.block.t.0[self.lane], self.block.h.0[self.lane]);
        let mut first: Option<Flip> = None;
        for (relation, passing) in timed {
            let (low, high) = (self.time(left), first.map_or(self.time(right), |f| f.time));
            self.read_at(high);
            // the bracket shrinks with every relation: only an earlier root matters
            if first.is_some() && self.value(relation, passing) >= 0.0 {
                continue;
            }
            let time = self.first_number(low, high, relation, passing);
            let theta = if time >= self.end {
                1.0
            } else {
                ((time - start) / h).clamp(left, right)
            };
            first = Some(Flip {
                theta,
                time,
                relation,
                passing,
            });
        }
        for (relation, passing) in others {
            let to = first.map_or(right, |f| f.theta);
            self.read(to);
            let at_right = self.value(relation, passing);
            if at_right >= 0.0 {
                continue;
            }
            self.read(left);
            let at_left = self.value(relation, passing).max(0.0);
            let theta = bracket(left, to, at_left, at_right, |theta| {
                self.read(theta);
                self.value(relation, passing)
            });
            first = Some(Flip {
                theta,
                time: self.time(theta),
                relation,
                passing,
            });
        }
        first
    }

    /// The first number between two times at which a relation has flipped; it has at the second.
    fn first_number(&mut self, from: f64, to: f64, relation: usize, passing: bool) -> f64 {
        let (mut a, mut b) = (rank(from), rank(to));
        while b - a > 1 {
            let middle = a + (b - a) / 2;
            self.read_at(number(middle));
            let value = self.value(relation, passing);
            // sides that meet exactly are seen there
            if value < 0.0 || (passing && value == 0.0) {
                b = middle;
            } else {
                a = middle;
            }
        }
        number(b)
    }

    /// Keeps the values of the last reading as those of a probe.
    fn keep(&mut self, probe: usize) {
        let (relations, track) = (self.block.system.relations(), &mut *self.track);
        track.probes.resize(relations.len(), [0.0; 5]);
        for (k, relation) in relations.iter().enumerate() {
            track.probes[k][probe] = if relation.in_triggers {
                track.watch.margin(relations, k)
            } else {
                1.0
            };
        }
    }

    /// Fractions at which parabolas through the probes' values come near 0, ascending.
    fn minima(&self) -> Vec<f64> {
        let mut found = Vec::new();
        for values in &self.track.probes {
            for i in 0..3 {
                let [a, b, c] = [values[i], values[i + 1], values[i + 2]];
                let (slope, bend) = (0.5 * (c - a), a - 2.0 * b + c);
                let at = -slope / bend;
                // the middle half of the window, all of it at the ends
                let (low, high) = (
                    if i == 0 { -1.0 } else { -0.5 },
                    if i == 2 { 1.0 } else { 0.5 },
                );
                let inside = bend > 0.0 && at > low && at < high && at != 0.0;
                if inside && b + 0.5 * slope * at < NEAR * b {
                    found.push(0.25 * (i as f64 + 1.0 + at));
                }
            }
        }
        found.sort_by(f64::total_cmp);
        found
    }
}

/// Position of a number among all numbers, and back.
fn rank(x: f64) -> i128 {
    let bits = x.to_bits() as i64;
    i128::from(bits ^ ((bits >> 63) as u64 >> 1) as i64)
}
fn number(rank: i128) -> f64 {
    let rank = rank as i64;
    f64::from_bits((rank ^ ((rank >> 63) as u64 >> 1) as i64) as u64)
}

/// The states at a fraction of the step, into `track.states`.
pub(super) fn states<S: Stepper<W>, const W: usize>(
    track: &mut Track,
    block: &mut Block<W>,
    stepper: &mut S,
    lane: usize,
    theta: f64,
) {
    if theta <= 0.0 {
        block.read_states(lane, &mut track.states);
    } else if theta >= 1.0 {
        for (to, y1) in track.states.iter_mut().zip(&*block.y1) {
            *to = y1.0[lane];
        }
    } else {
        curve(track, block, stepper, lane, theta);
    }
}

/// The same on the curve of the step, which need not end with it.
pub(super) fn curve<S: Stepper<W>, const W: usize>(
    track: &mut Track,
    block: &mut Block<W>,
    stepper: &mut S,
    lane: usize,
    theta: f64,
) {
    stepper.interpolate(block, lane, theta, &mut track.states);
    // no rounding where nothing moves
    let still = block.system.still().iter().zip(&*block.y);
    for (state, (still, y)) in track.states.iter_mut().zip(still) {
        if *still {
            *state = y.0[lane];
        }
    }
}

/// Where the first relation flips in the accepted step that ends at `end`.
pub(super) fn first_flip<S: Stepper<W>, const W: usize>(
    track: &mut Track,
    block: &mut Block<W>,
    stepper: &mut S,
    lane: usize,
    end: f64,
) -> Option<Flip> {
    let system = block.system;
    if system.mode_count() == 0 {
        return None;
    }
    let watches = !system.events().is_empty();
    let (start, h) = (block.t.0[lane], block.h.0[lane]);
    let mut output = track.next_output;
    let mut search = Search {
        track,
        block,
        stepper,
        lane,
        end,
    };
    if watches {
        search.read(0.0);
        search.track.watch.start();
        search.keep(0);
    }
    let (mut left, mut probe) = (0.0, if S::INTERPOLATES { 0 } else { 3 });
    while probe < PROBES.len() {
        let mut right = PROBES[probe];
        let times = search.track.problem.times;
        let next = times.get(output).map(|time| (time - start) / h);
        let at_output = watches
            && S::INTERPOLATES
            && matches!(search.track.phase, Phase::Run)
            && next.is_some_and(|theta| theta < right);
        if at_output {
            (right, output) = (next.unwrap_or(right).max(left), output + 1);
        }
        search.read(right);
        if search.flipped() {
            return search.locate(left, right);
        }
        if !at_output {
            probe += 1;
            if watches {
                search.keep(probe);
            }
        }
        left = right;
    }
    if watches && S::INTERPOLATES {
        for theta in search.minima() {
            search.read(theta);
            if search.flipped() {
                let before = PROBES.iter().rev().find(|probe| **probe < theta);
                return search.locate(before.copied().unwrap_or(0.0), theta);
            }
        }
    }
    None
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

/// Reads the relations anew at the lane's point and carries the sensitivities across. `relation` is the one whose root was
/// found; the derivatives of its moment along the directions are returned.
///
/// A condition with difference $g(t, y, p)$ flips at the time $\tau$ where $g = 0$, so that with the rates $f^-$ and $f^+$ before
/// and after it
/// $$ \frac{\mathrm{d}\tau}{\mathrm{d}p} = -\frac{g_y s + g_p}{g_t + g_y f^-}, \qquad
///    s^+ = s^- + (f^- - f^+) \frac{\mathrm{d}\tau}{\mathrm{d}p}. $$
pub(super) fn flip<const W: usize>(
    track: &mut Track,
    block: &mut Block<W>,
    lane: usize,
    relation: usize,
) -> Vec<f64> {
    let (m, n) = (track.directions(), block.states);
    let Some(tapes) = block.tapes.clone().filter(|_| m > 0) else {
        track.set_modes(block, lane);
        return Vec::new();
    };
    let mut rate = vec![0.0; n];
    block.rate(lane, &mut rate);
    // the algebraic states move along
    let mut flow = rate.clone();
    algebraic::complete_flow(block, lane, &mut flow);
    let mut y = vec![0.0; n];
    block.read_states(lane, &mut y);
    let t = block.t.0[lane];
    track.set_modes(block, lane);

    let mut along = vec![0.0; track.watch.modes.len()];
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
        let direct = tapes.trigger_pattern().iter().zip(&by_register);
        let direct = direct.filter(|((condition, _), _)| *condition as usize == relation);
        let own = j.map_or(0.0, |j| {
            direct
                .map(|((_, at), g_p)| g_p * block.tangents(lane, j)[*at as usize])
                .sum()
        });
        along[relation] + own
    };
    let along_flow = slope(block, &flow, 1.0, None);
    // grazing: the moment is not differentiable, the old side's derivative stands
    let moments: Vec<f64> = (0..m)
        .map(|j| {
            let mut s = vec![0.0; n];
            block.read_sensitivity(lane, j, &mut s);
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
                *block.sensitivity(lane, i, j) += (rate[i] - after[i]) * moment;
            }
        }
    }
    moments
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
