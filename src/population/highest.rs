//! The highest mode of an individual's random effects, where there are several.
//!
//! The joint density of readings and effects may have more than one peak: a reading far out under noise with heavy tails, two ways for a
//! model to explain the same curve. A search that begins at the centre finds one of them. What is told of a fit (its likelihood, its
//! individuals) rests on the highest of those that further searches find; which individuals that concerns is told, because the search of
//! the parameters followed the first.

use super::conditional::Evaluator;
use super::modes::{Mode, ModeOptions, modes};
use super::person::{Person, Theta};
use nalgebra::DVector;

/// Further searches begin so many standard deviations of the effects on both sides of the centre.
const ALONG: f64 = 2.0;
/// Along so many axes at most.
const AXES: usize = 8;
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
    let mut keep = |found: Vec<Result<Mode, _>>| {
        for (own, mode) in all.iter_mut().zip(found) {
            own.extend(mode);
        }
    };
    let first = found(&starts);
    let joint = |found: &Result<Mode, _>| found.as_ref().map_or(f64::INFINITY, Mode::joint);
    let at_start: Vec<f64> = first.iter().map(joint).collect();
    keep(first);
    let most = people.iter().map(Person::dim).max().unwrap_or(0);
    for (axis, side) in (0..most.min(AXES)).flat_map(|axis| [(axis, ALONG), (axis, -ALONG)]) {
        let along = |person: &Person| {
            let mut z = DVector::zeros(person.dim());
            if axis < person.dim() {
                z[axis] = side;
            }
            z
        };
        let starts: Vec<DVector<f64>> = people.iter().map(along).collect();
        keep(found(&starts));
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
