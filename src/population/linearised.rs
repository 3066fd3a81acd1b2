//! First-order methods for normal readings: the model is linear in the effects about 0 (FO) or about their mode (FOCE).
//!
//! With means $\mu$, slopes $F = \partial\mu/\partial z$ and standard deviations $s$ of the readings,
//! $$ y_i \sim N\bigl(\mu(\hat z) - F\hat z,\; F F^\top + \operatorname{diag}(s^2)\bigr). $$
//!
//! | method | linear about | standard deviations at |
//! |---|---|---|
//! | FO (Sheiner & Beal 1980, doi:10.1007/BF01060053) | $z = 0$ | $z = 0$ |
//! | FOCE without interaction (Lindstrom & Bates 1990, doi:10.2307/2532087; Wang 2007, doi:10.1007/s10928-007-9060-6) | the mode given those standard deviations | $z = 0$ |
//!
//! Logarithms of readings with log-normal noise are normal. Gradients are total, like those of [`super::laplace`].

use super::conditional::{
    Conditional, Evaluator, Failure, Point, ReadingAt, Recorded, Want, on_axis,
};
use super::error::PopulationError;
use super::laplace::{Depth, Share, Shares, linearised};
use super::modes::{Mode, ModeOptions, curvature, modes};
use super::moved::{Base, hessian, non_finite, sides};
use super::person::Theta;
use crate::noise::Reading;
use nalgebra::{DMatrix, DVector};
use std::sync::Arc;

/// Refuses readings that are not normal.
pub(crate) fn check(evaluator: &Evaluator, method: &'static str) -> Result<(), PopulationError> {
    let cohort = &evaluator.problem.problem.cohort;
    for visit in cohort.subjects.iter().flat_map(|s| &s.visits) {
        let endpoint = &cohort.endpoints[visit.endpoint];
        // 1 is possible for every argument of every family
        let normal = endpoint
            .noise
            .gaussian(&vec![1.0; endpoint.noise.arguments()])
            .is_some();
        let why = match visit.reading {
            Reading::Value(_) if normal => continue,
            Reading::Value(_) => format!("has {} noise", endpoint.noise.name()),
            _ => format!("has a censored reading (row {})", visit.row),
        };
        return Err(PopulationError::NotGaussian {
            method,
            endpoint: endpoint.id.clone(),
            why,
        });
    }
    Ok(())
}

/// The readings of an individual as normal numbers.
struct Normal {
    /// y - mu
    residual: DVector<f64>,
    /// d mu / d psi
    slopes: DMatrix<f64>,
    scale: DVector<f64>,
    /// d scale / d psi
    scale_slopes: DMatrix<f64>,
    /// sum of ln |d axis / d reading|
    jacobian: f64,
}

fn normal(evaluator: &Evaluator, readings: &[ReadingAt], n: usize) -> Option<Normal> {
    let cohort = &evaluator.problem.problem.cohort;
    let m = readings.len();
    let mut all = Normal {
        residual: DVector::zeros(m),
        slopes: DMatrix::zeros(m, n),
        scale: DVector::zeros(m),
        scale_slopes: DMatrix::zeros(m, n),
        jacobian: 0.0,
    };
    for (r, reading) in readings.iter().enumerate() {
        let visit = &cohort.subjects[reading.subject].visits[reading.visit];
        let endpoint = &cohort.endpoints[visit.endpoint];
        let Reading::Value(value) = visit.reading else {
            return None;
        };
        let (y, jacobian) = on_axis(endpoint, value);
        let at = endpoint.noise.gaussian(&reading.arguments)?;
        all.residual[r] = y - at.location;
        all.scale[r] = at.scale;
        all.jacobian += jacobian;
        for k in 0..n {
            let column = reading.slopes.column(k);
            let by = |slopes: &[f64]| slopes.iter().zip(column.iter()).map(|(a, b)| a * b).sum();
            all.slopes[(r, k)] = by(&at.location_slopes);
            all.scale_slopes[(r, k)] = by(&at.scale_slopes);
        }
    }
    Some(all)
}

/// -ln of the density of a linear model, and what its derivatives need.
struct Linear {
    value: f64,
    inverse: DMatrix<f64>,
    /// V^-1 (y - E)
    weighted: DVector<f64>,
}

fn linear(at: &Normal, t: &DMatrix<f64>, z: &DVector<f64>, scale: &DVector<f64>) -> Option<Linear> {
    let f = &at.slopes * t;
    let mut v = &f * f.transpose();
    for (k, s) in scale.iter().enumerate() {
        v[(k, k)] += s * s;
    }
    let factor = v.cholesky()?;
    let rest = &at.residual + &f * z;
    let weighted = factor.solve(&rest);
    let ln_det: f64 = factor
        .l_dirty()
        .diagonal()
        .iter()
        .map(|d| libm::log(*d))
        .sum();
    let constant = 0.5 * rest.len() as f64 * libm::log(2.0 * std::f64::consts::PI);
    Some(Linear {
        value: ln_det + 0.5 * rest.dot(&weighted) + constant - at.jacobian,
        inverse: factor.inverse(),
        weighted,
    })
}

/// Shares of all individuals; `conditional`: about the mode.
pub(crate) fn shares(
    evaluator: &Evaluator,
    theta: &Theta,
    starts: &[DVector<f64>],
    conditional: bool,
    depth: Depth,
    options: ModeOptions,
) -> Shares {
    let people = &evaluator.people;
    let natural = &theta.natural;
    let typical: Vec<DVector<f64>> = people
        .iter()
        .map(|p| p.typical(evaluator.problem, natural))
        .collect();
    let points: Vec<Point> = (0..people.len())
        .map(|person| Point {
            person,
            psi: typical[person].clone(),
            frozen: None,
        })
        .collect();
    let centre = evaluator.evaluate_recorded(natural, &points, Want::Readings);
    let at_centre: Vec<Result<Normal, Failure>> = centre
        .iter()
        .enumerate()
        .map(|(i, (answer, _))| {
            let at = answer.as_ref().map_err(Clone::clone)?;
            let normal = normal(evaluator, &at.readings, typical[i].len());
            normal.ok_or_else(|| non_finite(evaluator, i))
        })
        .collect();
    let frozen: Vec<Option<Arc<Vec<f64>>>> = at_centre
        .iter()
        .map(|at| {
            at.as_ref()
                .ok()
                .map(|at| Arc::new(at.scale.as_slice().to_vec()))
        })
        .collect();
    let found: Vec<Result<(Mode, Recorded), Failure>> = if conditional {
        let found = modes(evaluator, theta, starts, &frozen, options);
        let points: Vec<Point> = found
            .iter()
            .enumerate()
            .filter_map(|(person, mode)| {
                let psi = mode.as_ref().ok()?.psi.clone();
                Some(Point {
                    person,
                    psi,
                    frozen: frozen[person].clone(),
                })
            })
            .collect();
        let mut recorded = evaluator
            .evaluate_recorded(natural, &points, Want::Readings)
            .into_iter();
        found
            .into_iter()
            .map(|mode| {
                let mode = mode?;
                let (answer, solutions) = recorded.next().expect("one answer a mode");
                Ok((
                    Mode {
                        at: answer?,
                        ..mode
                    },
                    solutions,
                ))
            })
            .collect()
    } else {
        centre
            .into_iter()
            .zip(people)
            .map(|((answer, solutions), person)| {
                let mode = Mode {
                    z: DVector::zeros(person.dim()),
                    psi: typical[person.number].clone(),
                    at: answer?,
                    by_effects: person.by_effects(theta),
                    distance: 0.0,
                    iterations: 0,
                };
                Ok((mode, solutions))
            })
            .collect()
    };
    let slopes: Vec<DMatrix<f64>> = people
        .iter()
        .map(|p| p.typical_slopes(evaluator.problem, natural, &evaluator.estimated))
        .collect();
    let bases: Vec<Base> = found
        .iter()
        .enumerate()
        .filter(|_| depth == Depth::Gradient)
        .filter_map(|(person, found)| {
            let (mode, recorded) = found.as_ref().ok()?;
            let moves = |k: &usize| {
                people[person].embedding.row(*k).iter().any(|v| *v != 0.0)
                    || slopes[person].row(*k).iter().any(|v| *v != 0.0)
            };
            Some(Base {
                person,
                psi: &mode.psi,
                recorded,
                at: &mode.at,
                coordinates: (0..mode.psi.len()).filter(moves).collect(),
                frozen: if conditional {
                    frozen[person].clone()
                } else {
                    None
                },
            })
        })
        .collect();
    let mut around = sides(evaluator, natural, &bases, Want::Readings).into_iter();
    let mut listed = bases.iter();
    found
        .iter()
        .enumerate()
        .map(|(person, found)| {
            let (mode, _) = found.as_ref().map_err(Clone::clone)?;
            let (base, around) = match depth {
                Depth::Value => (None, None),
                Depth::Gradient => (
                    listed.next(),
                    Some(around.next().expect("the sides of every base")),
                ),
            };
            let around = around.transpose()?;
            let fault = || non_finite(evaluator, person);
            let n = mode.psi.len();
            let centre = at_centre[person].as_ref().map_err(Clone::clone)?;
            let at = normal(evaluator, &mode.at.readings, n).ok_or_else(fault)?;
            let t = &mode.by_effects;
            let held = conditional.then_some(&centre.scale);
            let of = |at: &Normal| linear(at, t, &mode.z, held.unwrap_or(&at.scale));
            let here = of(&at).ok_or_else(fault)?;
            let mut share = Share {
                value: here.value,
                gradient: DVector::zeros(0),
                information: DMatrix::zeros(0, 0),
                hessian: mode.information(),
                mode: mode.clone(),
            };
            let (Some(base), Some(around)) = (base, around) else {
                return Ok(share);
            };
            // d value / d psi, with T, z and what is frozen held
            let number =
                |side: &Conditional| of(&normal(evaluator, &side.readings, n)?).map(|l| l.value);
            let mut c = DVector::zeros(n);
            for (&k, side) in base.coordinates.iter().zip(&around) {
                c[k] = side.slope(number);
            }
            let a = &here.weighted;
            let f = &at.slopes * t;
            let along = at.slopes.tr_mul(a);
            // d value / d T = M' V^-1 M T - (M'a)(M'a)' T + (M'a) z'
            let by_t = at.slopes.tr_mul(&(&here.inverse * &f)) - &along * (along.transpose() * t)
                + &along * mode.z.transpose();
            let spread = people[person].spread_slopes(theta);
            let mut by_x = slopes[person].clone();
            let columns = by_x.ncols();
            let mut gradient = DVector::zeros(columns);
            let mut cross = DMatrix::zeros(t.ncols(), columns);
            for (row, dt, _) in &spread {
                let Ok(entry) = evaluator.estimated.binary_search(row) else {
                    continue;
                };
                let moved = by_x.column(entry) + dt * &mode.z;
                by_x.set_column(entry, &moved);
                gradient[entry] += by_t.dot(dt);
                cross.set_column(entry, &-dt.tr_mul(&mode.at.gradient));
            }
            gradient += by_x.tr_mul(&c);
            if conditional {
                let b = hessian(n, &base.coordinates, &around);
                let scale_by_x = &centre.scale_slopes * &slopes[person];
                // d (d ln p / d psi) / d scale
                let s = &centre.scale;
                let pull = DVector::from_fn(s.len(), |r, _| -2.0 * at.residual[r] / s[r].powi(3));
                let by_scale = at.slopes.transpose() * DMatrix::from_diagonal(&pull);
                cross += t.tr_mul(&(&b * &by_x)) - t.tr_mul(&(&by_scale * &scale_by_x));
                let k = curvature(t, &b);
                let by_mode = match k.cholesky() {
                    Some(factor) => -factor.solve(&cross),
                    None => return Err(fault()),
                };
                // through the mode: by psi = T dz, and by z itself
                gradient += by_mode.tr_mul(&(t.tr_mul(&c) + f.tr_mul(a)));
                let own =
                    DVector::from_fn(s.len(), |r, _| (here.inverse[(r, r)] - a[r] * a[r]) * s[r]);
                gradient += scale_by_x.tr_mul(&own);
            }
            if gradient.iter().any(|g| !g.is_finite()) {
                return Err(fault());
            }
            share.gradient = gradient;
            share.information = linearised(
                &mode.at.information,
                t,
                evaluator,
                person,
                &slopes[person],
                &spread,
            );
            Ok(share)
        })
        .collect()
}
