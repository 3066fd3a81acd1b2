//! Predicted curves of one subject with bands: how sure the prediction is, and where readings lie.
//!
//! Under a family with a logarithmic scale everything is done in $T(f) = \ln f$, else in $T(f) = f$. With the standard error
//! $s$ of $T(f)$ by the delta method and $z = \Phi^{-1}(0.95)$, the band of the prediction is $T(f) \pm z s$. With the noise's own
//! quantile $q$ the limit of the readings is $T(f) \pm \sqrt{(T(q) - T(f))^2 + (z s)^2}$: exact for normal noise, and a close
//! approximation for other families, whose spread about the prediction is independent of the error of the estimates.
use super::data_and_fit::{BAND_LEVEL, Observed};
use crate::{
    cohort::{Endpoint, formula_values},
    fit::{CohortObjective, Covariance, Curve, Natural},
    noise::normal_quantile,
};

/// Evenly spaced points of a predicted curve.
const POINTS: usize = 200;

/// An endpoint's index and what is shown of it.
pub(super) type Shown = (usize, Observed);

/// Curves, bands and readings of one subject, one entry per endpoint it has readings of. Where the solve fails the curves are
/// left out; without a covariance the bands of the prediction are.
pub(super) fn observed(
    objective: &CohortObjective,
    subject: usize,
    natural: &Natural,
    covariance: Option<&Covariance>,
) -> Vec<Shown> {
    let cohort = &objective.problem().cohort;
    let person = &cohort.subjects[subject];
    let formulas = formula_values(cohort, &natural.0);
    let registers = person.registers(cohort.system_of(person).parameters(), &natural.0, &formulas);
    let times = person.curve_times(&registers, POINTS);
    let curves = objective
        .curves(subject, natural, &times, covariance)
        .unwrap_or_default();
    let mut found = Vec::new();
    for (index, endpoint) in cohort.endpoints.iter().enumerate() {
        let visits = person.visits.iter().filter(|v| v.endpoint == index);
        let readings: Vec<_> = visits.map(|v| (v.time, v.reading)).collect();
        if readings.is_empty() {
            continue;
        }
        let mut observed = Observed {
            name: endpoint.name.clone().unwrap_or_else(|| endpoint.id.clone()),
            unit: endpoint.unit.clone(),
            logarithmic: endpoint.noise.logarithmic(),
            readings,
            ..Observed::default()
        };
        if let Some(curve) = curves.iter().find(|c| c.endpoint == index) {
            add_curve(&mut observed, endpoint, curve);
        }
        found.push((index, observed));
    }
    found
}

fn add_curve(observed: &mut Observed, endpoint: &Endpoint, curve: &Curve) {
    for (k, (time, arguments)) in curve.times.iter().zip(&curve.arguments).enumerate() {
        let error = curve.standard_errors.get(k).copied();
        observed.prediction.push((*time, arguments[0]));
        let (certainty, spread) = limits(endpoint, arguments, error.unwrap_or(0.0));
        observed.spread.push(spread);
        if error.is_some() {
            observed.certainty.push(certainty);
        }
    }
}

/// Limits of the prediction and of the readings; NaN where the prediction is impossible.
fn limits(endpoint: &Endpoint, arguments: &[f64], error: f64) -> ((f64, f64), (f64, f64)) {
    let logarithmic = endpoint.noise.logarithmic();
    let to = |v: f64| if logarithmic { v.ln() } else { v };
    let back = |t: f64| if logarithmic { t.exp() } else { t };
    let f = arguments[0];
    let (low, high) = (0.5 - 0.5 * BAND_LEVEL, 0.5 + 0.5 * BAND_LEVEL);
    let half = normal_quantile(high) * if logarithmic { error / f } else { error };
    let away = |p: f64| {
        (to(endpoint.noise.quantile(p, arguments).unwrap_or(f64::NAN)) - to(f)).hypot(half)
    };
    (
        (back(to(f) - half), back(to(f) + half)),
        (back(to(f) - away(low)), back(to(f) + away(high))),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::noise::{LogNormal, Noise, Normal};
    use std::sync::Arc;

    fn endpoint(noise: Arc<dyn Noise>) -> Endpoint {
        Endpoint {
            id: "y".into(),
            model: 0,
            observable: 0,
            noise_parameters: vec![1],
            noise,
            unit: None,
            name: None,
        }
    }

    #[test]
    fn variances_of_noise_and_parameters_add_up_under_normal_noise() {
        let (certainty, spread) = limits(&endpoint(Arc::new(Normal)), &[5.0, 0.3], 0.4);
        // 1.6448536 is the 95 % quantile of the standard normal distribution
        assert!((certainty.1 - 5.0 - 1.644_853_6 * 0.4).abs() < 1e-6);
        assert!((spread.1 - 5.0 - 1.644_853_6 * 0.5).abs() < 1e-6);
        assert!((spread.0 + spread.1 - 10.0).abs() < 1e-12);
    }

    #[test]
    fn bands_are_symmetric_in_logarithms_under_log_normal_noise() {
        let (certainty, spread) = limits(&endpoint(Arc::new(LogNormal)), &[5.0, 0.3], 2.0);
        assert!((certainty.0 * certainty.1 - 25.0).abs() < 1e-12);
        assert!(((spread.1 / 5.0).ln() - 1.644_853_6 * 0.5).abs() < 1e-6);
        let (_, impossible) = limits(&endpoint(Arc::new(LogNormal)), &[-1.0, 0.3], 2.0);
        assert!(impossible.0.is_nan() && impossible.1.is_nan());
    }
}
