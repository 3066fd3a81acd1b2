//! Laplace's approximation of the marginal likelihood, with the exact Hessian or with the information of the readings (FOCEI).
//!
//! $$ -\ln L_i \approx -\ln p(y_i \mid \hat z) + \tfrac12 \hat z^\top\hat z + \tfrac12\ln\lvert I + T_z^\top M\,T_z\rvert $$
//!
//! at the mode $\hat z$; $M$ is $-\partial^2\ln p/\partial\psi^2$ (Laplace; Tierney & Kadane 1986, doi:10.1080/01621459.1986.10478240) or
//! $\sum J^\top I J$ over the readings' expected information (FOCEI: for normal noise $f'f'^\top/R + \tfrac12 R'R'^\top/R^2$, Wang 2007,
//! doi:10.1007/s10928-007-9060-6; of censored readings the observed information with limits linearised).
//! The gradient is total: it follows the mode, $d\hat z/dx = -K^{-1}\,\partial^2/\partial z\,\partial x$ with the exact Hessian $K$
//! (Almquist, Leander & Jirstrand 2015, doi:10.1007/s10928-015-9409-1).

use super::conditional::{Evaluator, Failure, Recorded, Want};
use super::modes::{Mode, ModeOptions, curvature, modes};
use super::moved::{Base, hessian, non_finite, sides, third};
use super::person::Theta;
use nalgebra::{DMatrix, DVector};

/// What one individual adds to minus the logarithm of the likelihood.
#[derive(Clone, Debug)]
pub(crate) struct Share {
    pub value: f64,
    /// by natural values of the estimated rows
    pub gradient: DVector<f64>,
    /// information of the linearised model, by the same
    pub information: DMatrix<f64>,
    pub mode: Mode,
    /// Hessian of the joint in z that the approximation uses
    pub hessian: DMatrix<f64>,
}

/// How much is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Depth {
    Value,
    Gradient,
}

pub(crate) type Shares = Vec<Result<Share, Failure>>;

/// ½ ln |M|, None where M is not positive definite.
pub(crate) fn half_ln_det(matrix: &DMatrix<f64>) -> Option<f64> {
    let factor = matrix.clone().cholesky()?;
    Some(
        factor
            .l_dirty()
            .diagonal()
            .iter()
            .map(|d| libm::log(*d))
            .sum(),
    )
}

/// Shares of all individuals. `exact`: the exact Hessian.
pub(crate) fn shares(
    evaluator: &Evaluator,
    theta: &Theta,
    starts: &[DVector<f64>],
    exact: bool,
    depth: Depth,
    options: ModeOptions,
) -> Shares {
    let found = modes(evaluator, theta, starts, &[], options);
    if depth == Depth::Value && !exact {
        let finish = |(i, mode): (usize, Result<Mode, Failure>)| {
            let mode = mode?;
            let hessian = mode.information();
            let value = half_ln_det(&hessian).map(|d| mode.joint() + d);
            let value = value.filter(|v| v.is_finite());
            Ok(Share {
                value: value.ok_or_else(|| non_finite(evaluator, i))?,
                gradient: DVector::zeros(0),
                information: DMatrix::zeros(0, 0),
                hessian,
                mode,
            })
        };
        return found.into_iter().enumerate().map(finish).collect();
    }
    let points: Vec<super::conditional::Point> = found
        .iter()
        .enumerate()
        .filter_map(|(person, mode)| {
            let psi = mode.as_ref().ok()?.psi.clone();
            Some(super::conditional::Point {
                person,
                psi,
                frozen: None,
            })
        })
        .collect();
    let mut recorded = evaluator
        .evaluate_recorded(&theta.natural, &points, Want::Smooth)
        .into_iter();
    let at: Vec<Result<(Mode, Recorded), Failure>> = found
        .into_iter()
        .map(|mode| {
            let mode = mode?;
            let (answer, solutions) = recorded.next().expect("one answer a mode");
            let at = answer?;
            Ok((Mode { at, ..mode }, solutions))
        })
        .collect();
    let slopes: Vec<DMatrix<f64>> = evaluator
        .people
        .iter()
        .map(|p| p.typical_slopes(evaluator.problem, &theta.natural, &evaluator.estimated))
        .collect();
    let coordinates = |person: usize, mode: &Mode| -> Vec<usize> {
        let moves = |k: &usize| {
            let effects = mode.by_effects.row(*k).iter().any(|v| *v != 0.0)
                || evaluator.people[person]
                    .embedding
                    .row(*k)
                    .iter()
                    .any(|v| *v != 0.0);
            effects
                || (depth == Depth::Gradient && slopes[person].row(*k).iter().any(|v| *v != 0.0))
        };
        (0..mode.psi.len()).filter(moves).collect()
    };
    let bases: Vec<Base> = at
        .iter()
        .enumerate()
        .filter_map(|(person, found)| {
            let (mode, recorded) = found.as_ref().ok()?;
            Some(Base {
                person,
                psi: &mode.psi,
                recorded,
                at: &mode.at,
                coordinates: coordinates(person, mode),
                frozen: None,
            })
        })
        .collect();
    let mut around = sides(evaluator, &theta.natural, &bases, Want::Smooth).into_iter();
    let mut thirds = match (exact, depth) {
        (true, Depth::Gradient) => third(evaluator, &theta.natural, &bases).into_iter(),
        _ => Vec::new().into_iter(),
    };
    let mut listed = bases.iter();
    at.iter()
        .enumerate()
        .map(|(person, found)| {
            let (mode, _) = found.as_ref().map_err(Clone::clone)?;
            let base = listed.next().expect("one base a mode");
            let around = around.next().expect("the sides of every base");
            let bend = thirds.next().transpose();
            let (around, bend) = (around?, bend?);
            let n = mode.psi.len();
            let b = hessian(n, &base.coordinates, &around);
            let t = &mode.by_effects;
            let k = curvature(t, &b);
            let h = if exact { k.clone() } else { mode.information() };
            let value = half_ln_det(&h).map(|d| mode.joint() + d);
            let value = value.filter(|v| v.is_finite());
            let mut share = Share {
                value: value.ok_or_else(|| non_finite(evaluator, person))?,
                gradient: DVector::zeros(0),
                information: DMatrix::zeros(0, 0),
                hessian: h.clone(),
                mode: mode.clone(),
            };
            if depth == Depth::Value {
                return Ok(share);
            }
            let inverse = h
                .cholesky()
                .ok_or_else(|| non_finite(evaluator, person))?
                .inverse();
            // ½ d ln|H| / d psi, T held
            let mut c = DVector::zeros(n);
            for (i, &at) in base.coordinates.iter().enumerate() {
                c[at] = match &bend {
                    Some(bend) => 0.5 * (&inverse * t.tr_mul(&(&bend[i] * t))).trace(),
                    None => around[i].slope(|side| half_ln_det(&curvature(t, &side.information))),
                };
            }
            let weight = if exact { &b } else { &mode.at.information };
            let spread = evaluator.people[person].spread_slopes(theta);
            let mut by_x = slopes[person].clone();
            let mut shape = DVector::zeros(by_x.ncols());
            let q = t.ncols();
            // d (gradient in z) / dx at fixed z
            let mut cross = DMatrix::zeros(q, by_x.ncols());
            for (row, dt, _) in &spread {
                let Ok(entry) = evaluator.estimated.binary_search(row) else {
                    continue;
                };
                let moved = by_x.column(entry) + dt * &mode.z;
                by_x.set_column(entry, &moved);
                shape[entry] += (&inverse * t.tr_mul(&(weight * dt))).trace();
                cross.set_column(entry, &-dt.tr_mul(&mode.at.gradient));
            }
            cross += t.tr_mul(&(&b * &by_x));
            let by_mode = match k.cholesky() {
                Some(factor) => -factor.solve(&cross),
                None => -(&inverse * &cross),
            };
            let direct = -by_x.tr_mul(&mode.at.gradient);
            let through = by_x.tr_mul(&c) + by_mode.tr_mul(&t.tr_mul(&c));
            share.gradient = direct + shape + through;
            share.information = linearised(
                &mode.at.information,
                t,
                evaluator,
                person,
                &slopes[person],
                &spread,
            );
            if share.gradient.iter().any(|g| !g.is_finite()) {
                return Err(non_finite(evaluator, person));
            }
            Ok(share)
        })
        .collect()
}

/// Expected information of the linearised model: the readings as $R\,\psi$ plus unit noise with $R^\top R = A$, hence mean $R\,o(x)$ and
/// covariance $V = I + R\,T T^\top R^\top$; $S = R^\top V^{-1} R = A - A T (I + T^\top A T)^{-1} T^\top A$.
pub(super) fn linearised(
    a: &DMatrix<f64>,
    t: &DMatrix<f64>,
    evaluator: &Evaluator,
    person: usize,
    slopes: &DMatrix<f64>,
    spread: &[(usize, DMatrix<f64>, DMatrix<f64>)],
) -> DMatrix<f64> {
    let at = a * t;
    let s = match curvature(t, a).cholesky() {
        Some(factor) => a - &at * factor.solve(&at.transpose()),
        None => a.clone(),
    };
    let mut information = slopes.tr_mul(&(&s * slopes));
    let e = &evaluator.people[person].embedding;
    let inner = e.tr_mul(&(&s * e));
    let products: Vec<(usize, DMatrix<f64>)> = spread
        .iter()
        .filter_map(|(row, _, covariance)| {
            let entry = evaluator.estimated.binary_search(row).ok()?;
            Some((entry, &inner * covariance))
        })
        .collect();
    for (i, left) in &products {
        for (j, right) in &products {
            information[(*i, *j)] += 0.5 * (left * right).trace();
        }
    }
    information
}
