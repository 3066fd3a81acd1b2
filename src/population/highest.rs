//! The highest mode of an individual's random effects, where there are several.
//!
//! The joint density of readings and effects may have more than one peak: a reading far out under noise with heavy tails, two ways for a
//! model to explain the same curve. A search that begins at the centre finds one of them. From there the density is looked at along the
//! axis of every effect, and further searches begin where it rises again. What is told of a fit (its likelihood, its individuals) rests on
//! the highest mode that is found; which individuals that concerns is told, because the search of the parameters followed the first.

use super::conditional::{Evaluator, Point, Want};
use super::modes::{Mode, ModeOptions, modes};
use super::person::Theta;
use nalgebra::DVector;

/// The density is looked at so many times on both sides of the centre, so far apart, in standard deviations of the effects.
const SIDE: i32 = 6;
const STEP: f64 = 0.75;
/// Further searches of an individual, at most.
const SEARCHES: usize = 6;
/// A mode higher by less, in the logarithm of the joint density, is the same.
const HIGHER: f64 = 1e-3;
/// Another mode counts where it is further away than this, in standard deviations of the effects given the readings, and lower by no
/// more, in the logarithm of the joint density: e^-15 of the mass is beyond what anybody asks of a likelihood.
const APART: f64 = 3.0;
const LOWER: f64 = 15.0;

/// Where the effects of individuals are most probable, in z.
#[derive(Clone, Debug)]
pub(super) struct Highest {
    /// the highest mode of every individual; the start of those without any
    pub z: Vec<DVector<f64>>,
    /// individuals of whom it is another than that of the start
    pub moved: Vec<usize>,
    /// of every individual, whether there are other modes that count
    pub several: Vec<bool>,
}

/// The highest modes that searches from the starts and from points along the axes of the effects end in.
pub(super) fn highest(evaluator: &Evaluator, theta: &Theta, starts: Vec<DVector<f64>>) -> Highest {
    let people = &evaluator.people;
    let found = |starts: &[DVector<f64>]| {
        let options = ModeOptions::default();
        modes(evaluator, theta, starts, &[], options)
    };
    let mut all: Vec<Vec<Mode>> = vec![Vec::new(); people.len()];
    let first = found(&starts);
    let joint = |found: &Result<Mode, _>| found.as_ref().map_or(f64::INFINITY, Mode::joint);
    let at_start: Vec<f64> = first.iter().map(joint).collect();
    for (own, mode) in all.iter_mut().zip(first) {
        own.extend(mode);
    }
    let base: Vec<DVector<f64>> = (all.iter().zip(&starts))
        .map(|(modes, start)| modes.first().map_or_else(|| start.clone(), |m| m.z.clone()))
        .collect();
    let mut candidates = rises(evaluator, theta, &base);
    for own in &mut candidates {
        own.truncate(SEARCHES);
    }
    for round in 0..SEARCHES {
        // who has no further start stays where a mode is known
        let next = |i: usize| candidates[i].get(round).cloned();
        if (0..people.len()).all(|i| next(i).is_none()) {
            break;
        }
        let from: Vec<DVector<f64>> = (0..people.len())
            .map(|i| next(i).unwrap_or_else(|| base[i].clone()))
            .collect();
        for (own, mode) in all.iter_mut().zip(found(&from)) {
            own.extend(mode);
        }
    }
    let mut highest = Highest {
        z: starts,
        moved: Vec::new(),
        several: vec![false; people.len()],
    };
    for (i, own) in all.iter().enumerate() {
        let Some(mut best) = own.first() else {
            continue;
        };
        for other in own {
            if other.joint() < best.joint() - HIGHER {
                best = other;
            }
        }
        if best.joint() < at_start[i] {
            highest.moved.push(i);
        }
        let information = best.information();
        highest.several[i] = own.iter().any(|other| {
            let way = &other.z - &best.z;
            let distance = way.dot(&(&information * &way)).max(0.0).sqrt();
            distance > APART && other.joint() < best.joint() + LOWER
        });
        highest.z[i] = best.z.clone();
    }
    highest
}

/// Of every individual, the points along the axes through `from` where the joint density is higher than on both sides, those beside `from`
/// left out.
fn rises(evaluator: &Evaluator, theta: &Theta, from: &[DVector<f64>]) -> Vec<Vec<DVector<f64>>> {
    let people = &evaluator.people;
    let mut lines: Vec<Vec<DVector<f64>>> = Vec::new();
    let mut points = Vec::new();
    for (i, person) in people.iter().enumerate() {
        let by_effects = person.by_effects(theta);
        let typical = person.typical(evaluator.problem, &theta.natural);
        let mut own = Vec::new();
        for axis in 0..person.dim() {
            for number in -SIDE..=SIDE {
                let mut z = from[i].clone();
                z[axis] = STEP * f64::from(number);
                points.push(Point {
                    person: i,
                    psi: &typical + &by_effects * &z,
                    frozen: None,
                });
                own.push(z);
            }
        }
        lines.push(own);
    }
    let mut answers = evaluator
        .evaluate(&theta.natural, &points, Want::Value)
        .into_iter();
    let mut found = vec![Vec::new(); people.len()];
    for (i, lines) in lines.iter().enumerate() {
        let joint: Vec<f64> = (lines.iter().zip(answers.by_ref()))
            .map(|(z, answer)| answer.map_or(f64::INFINITY, |at| 0.5 * z.norm_squared() - at.ln_p))
            .collect();
        for at in 0..lines.len() {
            let length = 2 * SIDE as usize + 1;
            let axis = at / length;
            let side = |other: Option<usize>| match other {
                Some(other) if other / length == axis && other < joint.len() => joint[other],
                _ => f64::INFINITY,
            };
            let lowest = joint[at] < side(at.checked_sub(1)) && joint[at] <= side(Some(at + 1));
            let beside = (lines[at][axis] - from[i][axis]).abs() <= STEP;
            if lowest && !beside && joint[at].is_finite() {
                found[i].push(lines[at].clone());
            }
        }
    }
    found
}
