//! Predictions of the typical and of the individual parameters, and weighted residuals.
//!
//! $\text{IWRES} = (y - \mu(\hat z))/s(\hat z)$ on the axis where the noise is normal; for other noise, and for censored readings, the quantile
//! residual at the same arguments. Conditional weighted residuals (Hooker, Staatz & Karlsson 2007, doi:10.1007/s11095-007-9361-x)
//! linearise the model about the mode, with $F = \partial\mu/\partial z$ there:
//! $$ \text{CWRES} = V^{-1/2}\bigl(y - \mu(\hat z) + F\hat z\bigr), \qquad V = F F^\top + \operatorname{diag}(s^2). $$
//! The root is the symmetric one, which does not depend on the order of the readings. Censored readings and those with other noise
//! take no part in it; they helped to find the mode all the same.

use super::ReadingDiagnostic;
use crate::noise::{Reading, quantile_residual};
use crate::population::conditional::{Evaluator, Point, ReadingAt, Want, on_axis};
use crate::population::laplace::{Share, Shares};
use crate::population::person::Theta;
use crate::population::simulate::{At, PopulationSimulator};
use crate::population::stream::{Purpose, Stream};
use nalgebra::{DMatrix, DVector};

/// All readings, in the order of the simulator's places, without what simulations say.
pub(super) fn readings(
    evaluator: &Evaluator,
    simulator: &PopulationSimulator,
    theta: &Theta,
    shares: &Shares,
    seed: u64,
) -> Vec<ReadingDiagnostic> {
    let cohort = &evaluator.problem.problem.cohort;
    let mut found: Vec<ReadingDiagnostic> = simulator
        .places()
        .into_iter()
        .map(|place| {
            let visit = &cohort.subjects[place.subject].visits[place.visit];
            ReadingDiagnostic {
                row: visit.row,
                individual: place.individual,
                subject: place.subject,
                endpoint: visit.endpoint,
                time: visit.time,
                reading: visit.reading,
                population: None,
                individual_prediction: None,
                iwres: None,
                cwres: None,
                pd: None,
                npde: None,
            }
        })
        .collect();
    let typical: Vec<At> = simulator
        .people
        .iter()
        .map(|p| simulator.at(theta, p.number, &DVector::zeros(p.dim())))
        .collect();
    let typical = simulator.arguments(&typical);
    let points: Vec<Point> = shares
        .iter()
        .enumerate()
        .filter_map(|(person, share)| {
            let psi = share.as_ref().ok()?.mode.psi.clone();
            Some(Point {
                person,
                psi,
                frozen: None,
            })
        })
        .collect();
    let mut answers = evaluator
        .evaluate(&theta.natural, &points, Want::Readings)
        .into_iter();
    let mut rest = &mut found[..];
    for ((person, share), typical) in simulator.people.iter().zip(shares).zip(typical) {
        let (own, others) = rest.split_at_mut(person.readings);
        rest = others;
        for (reading, arguments) in own.iter_mut().zip(typical.into_iter().flatten()) {
            reading.population = Some(arguments[0]).filter(|p| p.is_finite());
        }
        let Ok(share) = share else { continue };
        let answer = answers.next().expect("one answer a mode");
        if let Ok(at) = answer {
            let mut stream = Stream::new(seed, Purpose::Residuals, 0, person.number);
            fill(evaluator, share, &at.readings, &mut stream, own);
        }
    }
    found
}

/// Adds what is known at the mode of one individual.
fn fill(
    evaluator: &Evaluator,
    share: &Share,
    at: &[ReadingAt],
    stream: &mut Stream,
    own: &mut [ReadingDiagnostic],
) {
    let cohort = &evaluator.problem.problem.cohort;
    let q = share.mode.z.len();
    let (mut which, mut rows) = (Vec::new(), Vec::new());
    let (mut residuals, mut scales) = (Vec::new(), Vec::new());
    for (k, (reading, at)) in own.iter_mut().zip(at).enumerate() {
        let endpoint = &cohort.endpoints[reading.endpoint];
        let noise = &*endpoint.noise;
        reading.individual_prediction = Some(at.arguments[0]);
        let uniform = stream.uniform();
        reading.iwres = quantile_residual(noise, &reading.reading, &at.arguments, uniform);
        let Reading::Value(value) = reading.reading else {
            continue;
        };
        let Some(normal) = noise.gaussian(&at.arguments) else {
            continue;
        };
        let residual = on_axis(endpoint, value).0 - normal.location;
        reading.iwres = Some(residual / normal.scale);
        let mut slopes = DVector::zeros(at.slopes.ncols());
        for (slope, row) in normal.location_slopes.iter().zip(at.slopes.row_iter()) {
            slopes += *slope * row.transpose();
        }
        which.push(k);
        rows.push(share.mode.by_effects.tr_mul(&slopes));
        residuals.push(residual);
        scales.push(normal.scale);
    }
    // all readings may be censored, or of a noise that is not normal
    if rows.is_empty() {
        return;
    }
    let f = DMatrix::from_fn(rows.len(), q, |r, k| rows[r][k]);
    let weighted = weighted(&f, &residuals, &scales, &share.mode.z);
    for (&k, value) in which.iter().zip(weighted.into_iter().flatten()) {
        own[k].cwres = Some(value);
    }
}

/// V^{-1/2} (residual + F z).
fn weighted(
    f: &DMatrix<f64>,
    residuals: &[f64],
    scales: &[f64],
    z: &DVector<f64>,
) -> Option<Vec<f64>> {
    let mut v = f * f.transpose();
    for (k, s) in scales.iter().enumerate() {
        v[(k, k)] += s * s;
    }
    let rest = DVector::from_column_slice(residuals) + f * z;
    if v.iter().chain(rest.iter()).any(|n| !n.is_finite()) {
        return None;
    }
    let eigen = v.symmetric_eigen();
    let mut along = eigen.eigenvectors.tr_mul(&rest);
    for (number, value) in along.iter_mut().zip(eigen.eigenvalues.iter()) {
        if *value <= 0.0 {
            return None;
        }
        *number /= value.sqrt();
    }
    Some((eigen.eigenvectors * along).iter().copied().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weighted_residuals_have_the_length_that_the_covariance_gives() {
        let f = DMatrix::from_row_slice(3, 2, &[1.0, 0.5, 0.2, -0.3, 2.0, 0.1]);
        let (residuals, scales) = ([0.3, -1.0, 0.4], [0.5, 0.7, 0.2]);
        let z = DVector::from_vec(vec![0.4, -0.2]);
        let weighted = weighted(&f, &residuals, &scales, &z).unwrap();
        let v = &f * f.transpose()
            + DMatrix::from_diagonal(&DVector::from_iterator(3, scales.iter().map(|s| s * s)));
        let rest = DVector::from_column_slice(&residuals) + &f * z;
        let square = rest.dot(&v.cholesky().unwrap().solve(&rest));
        let sum: f64 = weighted.iter().map(|w| w * w).sum();
        // both are sums of a few rounded products
        assert!((sum - square).abs() < 1e-12 * square);
    }
}
