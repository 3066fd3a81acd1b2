//! The mode of an individual's random effects: $\hat z = \arg\min_z -\ln p(y \mid \psi(z)) + \tfrac12 z^\top z$, all individuals side by side.
//!
//! Newton's method with the information of the readings in place of the Hessian, corrected by symmetric secants of rank one
//! (Conn, Gould & Toint 1991, doi:10.1007/BF01594934) where the sum stays positive definite, and damped (Levenberg 1944,
//! doi:10.1090/qam/10666) where a step does not pay. A step is at most three standard deviations of the effects longer than the way from their
//! centre: the model of a far point says little, and a far mode is rarely the highest. Where values no longer tell whether a step
//! pays, the search goes on while the next step is shorter, and ends with the shortest: derivatives of a model with kinks are only
//! as exact as its solves. Where all that does not end, secants are left aside and the information is used as it stands.

use super::conditional::{Conditional, Evaluator, Failure, Point, Want};
use super::person::Theta;
use crate::fit::Infeasibility;
use nalgebra::{Cholesky, DMatrix, DVector, Dyn};
use std::sync::Arc;

/// The mode of one individual.
#[derive(Clone, Debug)]
pub(crate) struct Mode {
    pub z: DVector<f64>,
    pub psi: DVector<f64>,
    pub at: Conditional,
    /// T_z
    pub by_effects: DMatrix<f64>,
    /// length of the last Newton step in units of the posterior
    pub distance: f64,
    pub iterations: usize,
}

impl Mode {
    /// -ln p(y, z) without the constant of the normal density of z.
    pub fn joint(&self) -> f64 {
        -self.at.ln_p + 0.5 * self.z.norm_squared()
    }

    /// Its gradient in z.
    pub fn gradient(&self) -> DVector<f64> {
        &self.z - self.by_effects.tr_mul(&self.at.gradient)
    }

    /// I + T' A T, with the information A of the readings.
    pub fn information(&self) -> DMatrix<f64> {
        curvature(&self.by_effects, &self.at.information)
    }
}

/// I + T' A T
pub(crate) fn curvature(by_effects: &DMatrix<f64>, a: &DMatrix<f64>) -> DMatrix<f64> {
    let q = by_effects.ncols();
    DMatrix::identity(q, q) + by_effects.tr_mul(&(a * by_effects))
}

/// When a mode is found, and when a search for it is given up.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ModeOptions {
    /// the last Newton step is shorter than this, in standard deviations of the posterior
    pub tolerance: f64,
    pub iterations: usize,
}

impl Default for ModeOptions {
    fn default() -> Self {
        ModeOptions {
            tolerance: 1e-7,
            iterations: 60,
        }
    }
}

/// A point whose Newton step is longer, in standard deviations of the posterior, is not taken for a mode.
const KNOWN: f64 = 1e-3;

/// A search on its way.
struct Search {
    mode: Mode,
    secant: DMatrix<f64>,
    damping: f64,
    /// the step being tried, what it promises
    step: DVector<f64>,
    promise: f64,
    done: bool,
    /// steps in a row that were refused
    refused: usize,
    /// the point before a step that no value told of
    before: Option<Mode>,
    /// such steps in a row after which the next is hardly shorter
    stalled: usize,
    /// whether secants are left aside
    plain: bool,
}

/// Length of the longest step from the centre, in standard deviations of the effects.
const REACH: f64 = 3.0;

/// The modes of all individuals from given starts (in z); `frozen` are standard deviations of readings that are held.
pub(crate) fn modes(
    evaluator: &Evaluator,
    theta: &Theta,
    starts: &[DVector<f64>],
    frozen: &[Option<Arc<Vec<f64>>>],
    options: ModeOptions,
) -> Vec<Result<Mode, Failure>> {
    let people = &evaluator.people;
    let by_effects: Vec<DMatrix<f64>> = people.iter().map(|p| p.by_effects(theta)).collect();
    let typical: Vec<DVector<f64>> = people
        .iter()
        .map(|p| p.typical(evaluator.problem, &theta.natural))
        .collect();
    let point = |person: usize, z: &DVector<f64>| Point {
        person,
        psi: &typical[person] + &by_effects[person] * z,
        frozen: frozen.get(person).cloned().flatten(),
    };
    let first: Vec<Point> = (0..people.len()).map(|i| point(i, &starts[i])).collect();
    let mut answers = evaluator.evaluate(&theta.natural, &first, Want::Smooth);
    // where a start has no density the centre may have one
    let again: Vec<usize> = (0..people.len())
        .filter(|&i| answers[i].is_err() && starts[i].iter().any(|z| *z != 0.0))
        .collect();
    let mut starts = starts.to_vec();
    if !again.is_empty() {
        for &i in &again {
            starts[i].fill(0.0);
        }
        let points: Vec<Point> = again.iter().map(|&i| point(i, &starts[i])).collect();
        for (&i, answer) in
            again
                .iter()
                .zip(evaluator.evaluate(&theta.natural, &points, Want::Smooth))
        {
            answers[i] = answer;
        }
    }
    let mut searches: Vec<Result<Search, Failure>> = answers
        .into_iter()
        .enumerate()
        .map(|(i, answer)| {
            let q = people[i].dim();
            let mode = Mode {
                z: starts[i].clone(),
                psi: point(i, &starts[i]).psi,
                at: answer?,
                by_effects: by_effects[i].clone(),
                distance: f64::INFINITY,
                iterations: 0,
            };
            let mut search = Search {
                mode,
                secant: DMatrix::zeros(q, q),
                damping: 0.0,
                step: DVector::zeros(q),
                promise: 0.0,
                done: q == 0,
                refused: 0,
                before: None,
                stalled: 0,
                plain: false,
            };
            if q == 0 {
                search.mode.distance = 0.0;
            } else {
                search.propose(options);
            }
            Ok(search)
        })
        .collect();
    loop {
        let open: Vec<usize> = (0..people.len())
            .filter(|&i| searches[i].as_ref().is_ok_and(|s| !s.done))
            .collect();
        if open.is_empty() {
            break;
        }
        let points: Vec<Point> = open
            .iter()
            .map(|&i| {
                let search = searches[i].as_ref().expect("it is open");
                point(i, &(&search.mode.z + &search.step))
            })
            .collect();
        let answers = evaluator.evaluate(&theta.natural, &points, Want::Smooth);
        for ((&i, point), answer) in open.iter().zip(points).zip(answers) {
            if let Ok(search) = &mut searches[i] {
                search.judge(point.psi, answer, options);
            }
        }
    }
    searches
        .into_iter()
        .enumerate()
        .map(|(i, search)| {
            let search = search?;
            if search.mode.distance > options.tolerance.max(KNOWN) {
                return Err(Failure {
                    subject: Some(evaluator.problem.individuals[i].id.clone()),
                    time: None,
                    why: Infeasibility::NoMode,
                });
            }
            Ok(search.mode)
        })
        .collect()
}

impl Search {
    /// The next step.
    fn propose(&mut self, options: ModeOptions) {
        let gradient = self.mode.gradient();
        let information = self.mode.information();
        let mut shift = self.damping;
        let corrected = &information + &self.secant;
        let factor = |shift: f64, matrix: &DMatrix<f64>| -> Option<Cholesky<f64, Dyn>> {
            let mut damped = matrix.clone();
            for k in 0..damped.nrows() {
                damped[(k, k)] += shift * information[(k, k)];
            }
            damped.cholesky()
        };
        let factored = factor(shift, &corrected).or_else(|| {
            self.secant.fill(0.0);
            loop {
                if let Some(factored) = factor(shift, &information) {
                    return Some(factored);
                }
                if shift > 1e12 {
                    return None;
                }
                shift = (10.0 * shift).max(1e-10);
            }
        });
        let Some(factored) = factored else {
            self.done = true;
            return;
        };
        let step = -factored.solve(&gradient);
        let slope = -gradient.dot(&step);
        self.mode.distance = slope.max(0.0).sqrt();
        if self.damping == 0.0 && self.mode.distance < options.tolerance {
            self.done = true;
            return;
        }
        if let Some(before) = self.before.take() {
            if self.mode.distance > 0.5 * before.distance {
                self.stalled += 1;
            } else {
                self.stalled = 0;
            }
            if self.mode.distance >= before.distance && before.distance < KNOWN {
                let iterations = self.mode.iterations;
                self.mode = Mode {
                    iterations,
                    ..before
                };
                self.done = true;
            } else if self.stalled == 3 && self.mode.distance < KNOWN {
                self.done = true;
            }
            if self.done {
                return;
            }
        }
        let share = (REACH + self.mode.z.norm()) / step.norm();
        let share = share.min(1.0);
        self.promise = share * (1.0 - 0.5 * share) * slope;
        self.step = share * step;
    }

    /// Takes or refuses the step.
    fn judge(
        &mut self,
        psi: DVector<f64>,
        answer: Result<Conditional, Failure>,
        options: ModeOptions,
    ) {
        self.mode.iterations += 1;
        let here = self.mode.joint();
        // below this the values say nothing: rounding of a sum, and steps chosen anew
        let blind = self.promise < 1e-9 * (1.0 + here.abs());
        let old = self.mode.gradient();
        let taken = answer.ok().and_then(|at| {
            let next = Mode {
                z: &self.mode.z + &self.step,
                psi,
                at,
                ..self.mode.clone()
            };
            let gain = here - next.joint();
            (gain > 1e-4 * self.promise || blind).then_some((next, gain))
        });
        match taken {
            Some((next, gain)) => {
                let before = std::mem::replace(&mut self.mode, next);
                self.before = blind.then_some(before);
                let y = self.mode.gradient() - old;
                let model = (self.mode.information() + &self.secant) * &self.step;
                let rest = y - model;
                let along = rest.dot(&self.step);
                if !self.plain && along.abs() > 1e-8 * rest.norm() * self.step.norm() {
                    self.secant += &rest * rest.transpose() / along;
                }
                self.damping = match gain / self.promise {
                    _ if blind => 0.0,
                    ratio if ratio > 0.5 => {
                        if self.damping < 1e-3 {
                            0.0
                        } else {
                            0.1 * self.damping
                        }
                    }
                    _ => (2.0 * self.damping).max(1e-2),
                };
                self.refused = 0;
            }
            None => {
                self.refused += 1;
                self.damping = (8.0 * self.damping).max(0.1);
            }
        }
        if self.mode.iterations >= options.iterations || self.refused > 30 {
            if self.plain || self.mode.distance <= options.tolerance.max(KNOWN) {
                self.done = true;
                return;
            }
            self.plain = true;
            self.secant.fill(0.0);
            (self.damping, self.refused, self.stalled) = (0.0, 0, 0);
            self.mode.iterations = 0;
            self.before = None;
        }
        self.propose(options);
    }
}
