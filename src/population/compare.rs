//! The likelihood ratio of nested fits, with the right distribution where variances are 0 under the null.
//!
//! A variance cannot be negative, so that under a null of k variances of 0 (and d other restrictions) twice the ratio is a mixture of
//! chi-squared distributions with d to d + k degrees of freedom (Self & Liang 1987, doi:10.1080/01621459.1987.10478472). For one
//! variance the weights are ½ and ½; for k whose estimates are independent they are those of a binomial distribution, which is taken
//! here (Stram & Lee 1994, doi:10.2307/2533455).

use super::fit::PopulationFit;
use crate::fit::gamma_cdf;
use serde::{Deserialize, Serialize};

/// A test of a smaller model against a larger one.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct LikelihoodRatio {
    /// difference of -2 ln L
    pub statistic: f64,
    /// restrictions on parameters that may have either sign
    pub restrictions: usize,
    /// variances (or standard deviations) that are 0 in the smaller model
    pub variances: usize,
    /// probability of a statistic at least as large under the smaller model
    pub p_value: f64,
}

/// Tests `small`, which is `large` with some parameters held, `variances` of them standard deviations held at 0. Both must be fits of the same
/// readings by the same estimator. None where `small` has as many parameters, fewer than `variances` less, other readings or another estimator.
pub fn likelihood_ratio(
    small: &PopulationFit,
    large: &PopulationFit,
    variances: usize,
) -> Option<LikelihoodRatio> {
    let held = large.estimates.len().checked_sub(small.estimates.len())?;
    let restrictions = held.checked_sub(variances)?;
    if held == 0 || small.readings != large.readings || small.estimator != large.estimator {
        return None;
    }
    let statistic = small.minus_two_log_likelihood - large.minus_two_log_likelihood;
    Some(LikelihoodRatio {
        statistic,
        restrictions,
        variances,
        p_value: mixture_tail(statistic, restrictions, variances),
    })
}

/// P(X >= x) of a mixture of chi-squared distributions with d to d + k degrees of freedom and binomial weights.
fn mixture_tail(x: f64, d: usize, k: usize) -> f64 {
    let mut weight = 0.5f64.powi(i32::try_from(k).unwrap_or(i32::MAX));
    let mut sum = 0.0;
    for j in 0..=k {
        sum += weight * tail(x, d + j);
        weight *= (k - j) as f64 / (j + 1) as f64;
    }
    sum
}

fn tail(x: f64, degrees: usize) -> f64 {
    match degrees {
        _ if x <= 0.0 => 1.0,
        0 => 0.0,
        _ => 1.0 - gamma_cdf(0.5 * degrees as f64, 0.5 * x),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tails_are_those_of_tables() {
        // 5 % points: chi-squared with 1 and 2 degrees of freedom, and the even mixtures of Stram & Lee
        for (x, d, k, p) in [
            (3.8415, 1, 0, 0.05),
            (5.9915, 2, 0, 0.05),
            (2.7055, 0, 1, 0.05),
            (5.1381, 1, 1, 0.05),
        ] {
            let found = mixture_tail(x, d, k);
            assert!((found - p).abs() < 1e-4, "{x} {d} {k}: {found}");
        }
        assert_eq!(mixture_tail(-0.1, 0, 1), 1.0);
    }
}
