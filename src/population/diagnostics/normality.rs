//! Whether numbers are a sample of the standard normal distribution: tests of mean, variance and shape.
//!
//! | test | statistic | distribution |
//! |---|---|---|
//! | mean | $\bar x\sqrt n/s$ | Student's t with n - 1 degrees of freedom |
//! | variance | $(n-1)s^2$ | chi-squared with n - 1 degrees of freedom |
//! | all | $A^2$ of Anderson & Darling 1952, doi:10.1214/aoms/1177729437 | its limit: Marsaglia & Marsaglia 2004, doi:10.18637/jss.v009.i02 |
//!
//! p-values are two-sided and not adjusted; `p` is three times the smallest, at most 1 (Bonferroni), as Comets, Brendel & Mentré 2008
//! combine theirs. They take the numbers as independent.

use super::{EffectSample, ReadingDiagnostic};
use crate::fit::gamma_cdf;
use crate::noise::{LnDensity, Noise, Reading, StudentT, ln_normal_cdf};
use crate::population::model::PopulationProblem;
use serde::{Deserialize, Serialize};

/// Tests of a sample against the standard normal distribution.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Normality {
    /// size of the sample
    pub count: usize,
    /// its mean
    pub mean: f64,
    /// its standard deviation
    pub standard_deviation: f64,
    /// p of a mean of 0
    pub p_mean: f64,
    /// p of a variance of 1
    pub p_variance: f64,
    /// p of the Anderson-Darling test against N(0, 1)
    pub p_distribution: f64,
    /// adjusted for the three
    pub p: f64,
}

impl Normality {
    /// None with fewer than five numbers.
    pub(crate) fn of(numbers: &[f64]) -> Option<Normality> {
        let mut x: Vec<f64> = numbers.iter().copied().filter(|v| v.is_finite()).collect();
        if x.len() < 5 {
            return None;
        }
        x.sort_by(f64::total_cmp);
        let n = x.len() as f64;
        let mean = x.iter().sum::<f64>() / n;
        let variance = x.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / (n - 1.0);
        let p_mean = two_sided_t(mean * (n / variance).sqrt(), n - 1.0);
        let below = gamma_cdf(0.5 * (n - 1.0), 0.5 * (n - 1.0) * variance);
        let p_variance = 2.0 * below.min(1.0 - below).clamp(0.0, 0.5);
        let p_distribution = 1.0 - anderson_darling(square(&x));
        let least = p_mean.min(p_variance).min(p_distribution);
        Some(Normality {
            count: x.len(),
            mean,
            standard_deviation: variance.sqrt(),
            p_mean,
            p_variance,
            p_distribution,
            p: (3.0 * least).min(1.0),
        })
    }
}

/// P(|t| > statistic).
pub(super) fn two_sided_t(statistic: f64, freedom: f64) -> f64 {
    if statistic.is_nan() || freedom <= 0.0 {
        return f64::NAN;
    }
    let mut density = LnDensity::default();
    let reading = Reading::Below(-statistic.abs());
    StudentT.ln_density(&reading, &[0.0, 1.0, freedom], &mut density);
    (2.0 * libm::exp(density.value)).min(1.0)
}

/// A^2 of ascending numbers.
fn square(x: &[f64]) -> f64 {
    let n = x.len();
    let term = |i: usize| {
        let weight = (2 * i + 1) as f64;
        weight * (ln_normal_cdf(x[i]) + ln_normal_cdf(-x[n - 1 - i]))
    };
    -(n as f64) - (0..n).map(term).sum::<f64>() / n as f64
}

/// Limiting distribution function of A^2, to about 2e-6.
fn anderson_darling(z: f64) -> f64 {
    let horner = |c: &[f64], z: f64| c.iter().rev().fold(0.0, |sum, c| sum * z + c);
    if z <= 0.0 {
        0.0
    } else if z < 2.0 {
        let c = [
            2.00012,
            0.247_105,
            -0.064_982_1,
            0.034_796_2,
            -0.011_672_0,
            0.001_686_91,
        ];
        libm::exp(-1.233_714_1 / z) / z.sqrt() * horner(&c, z)
    } else {
        let c = [
            1.0776,
            -2.30695,
            0.43424,
            -0.082_433,
            0.008_056,
            -0.000_314_6,
        ];
        // beyond 10 the polynomial is not meant to hold; p is below 1e-5 there
        libm::exp(-libm::exp(horner(&c, z.min(10.0))))
    }
}

/// Tests of residuals and prediction errors of every endpoint, and of effects drawn given the readings.
pub(super) fn all(
    problem: &PopulationProblem,
    readings: &[ReadingDiagnostic],
    effects: &[EffectSample],
) -> Vec<(String, String, Normality)> {
    type Of = fn(&ReadingDiagnostic) -> Option<f64>;
    let quantities: [(&str, Of); 3] = [
        ("IWRES", |r| r.iwres),
        ("CWRES", |r| r.cwres),
        ("NPDE", |r| r.npde),
    ];
    let mut found = Vec::new();
    for (name, of) in quantities {
        for (e, endpoint) in problem.problem.cohort.endpoints.iter().enumerate() {
            let own = readings.iter().filter(|r| r.endpoint == e);
            let numbers: Vec<f64> = own.filter_map(of).collect();
            if let Some(test) = Normality::of(&numbers) {
                found.push((name.to_owned(), endpoint.id.clone(), test));
            }
        }
    }
    for effect in effects {
        let sd = effect.standard_deviation;
        let numbers: Vec<f64> = effect.draws.iter().map(|d| d.drawn / sd).collect();
        if let Some(test) = Normality::of(&numbers).filter(|_| sd > 0.0) {
            found.push(("effect".to_owned(), effect.id.clone(), test));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::noise::normal_quantile;

    #[test]
    fn anderson_darling_has_its_published_quantiles() {
        // Marsaglia & Marsaglia 2004, and the table of Stephens 1974 for a fully known distribution
        for (square, p) in [(1.933, 0.9), (2.492, 0.95), (3.070, 0.975), (3.857, 0.99)] {
            assert!((anderson_darling(square) - p).abs() < 3e-4, "{square}");
        }
    }

    #[test]
    fn evenly_spread_quantiles_are_normal_and_shifted_or_wider_ones_are_not() {
        let even: Vec<f64> = (0..200)
            .map(|i| normal_quantile((i as f64 + 0.5) / 200.0))
            .collect();
        assert!(Normality::of(&even).unwrap().p > 0.9);
        let shifted: Vec<f64> = even.iter().map(|x| x + 0.4).collect();
        assert!(Normality::of(&shifted).unwrap().p_mean < 1e-6);
        let wide: Vec<f64> = even.iter().map(|x| x * 1.4).collect();
        assert!(Normality::of(&wide).unwrap().p_variance < 1e-6);
    }
}
