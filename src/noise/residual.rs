//! Quantile residuals: what a reading says about its prediction, standard normal under a sound model whatever the noise.
//!
//! For a value $y$ with the distribution function $F$ of its noise, $r = \Phi^{-1}(F(y))$; for normal noise that is
//! $(y - f)/\sigma$. Of a censored reading only the range of $F$ is known: $r = \Phi^{-1}(u)$ with $u$ drawn uniformly within that
//! range. Dunn & Smyth 1996, doi:10.1080/10618600.1996.10474708.

use super::tails::normal_quantile_of_ln;
use super::{LnDensity, Noise, Reading};
use std::f64::consts::LN_2;

/// The quantile residual of a reading; `uniform` in (0, 1) places a censored reading within its range and does nothing else.
/// None where the prediction is impossible or the reading has no probability.
///
/// ```
/// use holobiont::noise::{Normal, Reading, quantile_residual};
/// let r = quantile_residual(&Normal, &Reading::Value(3.0), &[1.0, 0.5], 0.5).unwrap();
/// assert!((r - 4.0).abs() < 1e-12);
/// let below = quantile_residual(&Normal, &Reading::Below(1.0), &[1.0, 0.5], 0.999).unwrap();
/// assert!(below < 0.0);
/// ```
pub fn quantile_residual(
    noise: &dyn Noise,
    reading: &Reading,
    arguments: &[f64],
    uniform: f64,
) -> Option<f64> {
    let mut density = LnDensity::default();
    let mut ln_p = |reading: Reading| {
        noise.ln_density(&reading, arguments, &mut density);
        density.value
    };
    let ln_u = libm::log(uniform);
    let residual = match *reading {
        Reading::Value(y) => from_tails(ln_p(Reading::Below(y)), ln_p(Reading::Above(y))),
        Reading::Below(limit) => lower(ln_u + ln_p(Reading::Below(limit))),
        Reading::Above(limit) => -lower(ln_u + ln_p(Reading::Above(limit))),
        Reading::Between(from, to) => {
            let (below, above) = (ln_p(Reading::Below(from)), ln_p(Reading::Above(to)));
            let within = ln_p(Reading::Between(from, to));
            // F = P(y < from) + u P(between); its complement likewise
            from_tails(
                ln_sum(below, ln_u + within),
                ln_sum(above, libm::log1p(-uniform) + within),
            )
        }
    };
    residual.is_finite().then_some(residual)
}

/// Standard normal number from the logarithms of the probabilities on both sides: the smaller one is the accurate one.
fn from_tails(below: f64, above: f64) -> f64 {
    if below <= above {
        lower(below)
    } else {
        -lower(above)
    }
}

/// Standard normal number with this logarithm of the probability below it.
fn lower(ln_p: f64) -> f64 {
    if ln_p <= -LN_2 {
        normal_quantile_of_ln(ln_p)
    } else {
        -normal_quantile_of_ln(libm::log(-libm::expm1(ln_p)))
    }
}

/// ln(exp(a) + exp(b)).
fn ln_sum(a: f64, b: f64) -> f64 {
    let (high, low) = if a >= b { (a, b) } else { (b, a) };
    if low == f64::NEG_INFINITY {
        high
    } else {
        high + libm::log1p(libm::exp(low - high))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::noise::{LogNormal, Normal, NormalError};

    #[test]
    fn residuals_of_normal_values_are_the_standardised_distance_far_into_both_tails() {
        for z in [-60.0, -9.0, -1.0, 0.0, 0.3, 4.0, 50.0] {
            let r = quantile_residual(&Normal, &Reading::Value(2.0 + 0.5 * z), &[2.0, 0.5], 0.5);
            // Newton's method ends at a relative step of 1e-15; ln p of the far tail is about -z^2/2
            assert!(
                (r.unwrap() - z).abs() < 1e-12 * (1.0 + z.abs()),
                "{z}: {r:?}"
            );
        }
    }

    #[test]
    fn a_censored_residual_lies_within_the_limits_and_moves_with_the_draw() {
        let at = |reading, uniform| {
            quantile_residual(&LogNormal, &reading, &[1.0, 0.5], uniform).unwrap()
        };
        let limit = 2.0_f64.ln() / 0.5;
        for uniform in [1e-9, 0.2, 0.8, 1.0 - 1e-9] {
            assert!(at(Reading::Below(2.0), uniform) < limit);
            assert!(at(Reading::Above(2.0), uniform) > limit);
            let between = at(Reading::Between(1.0, 2.0), uniform);
            assert!(between > 0.0 && between < limit, "{between}");
        }
        assert!(at(Reading::Below(2.0), 0.2) < at(Reading::Below(2.0), 0.8));
        // nothing known: the draw itself
        let r = at(Reading::Above(1e-300), 0.75);
        assert!((r + crate::noise::normal_quantile(0.75)).abs() < 1e-12);
    }

    #[test]
    fn an_impossible_prediction_has_no_residual() {
        assert_eq!(
            quantile_residual(&LogNormal, &Reading::Value(1.0), &[-1.0, 0.5], 0.5),
            None
        );
    }

    #[test]
    fn quantiles_invert_the_distribution_function() {
        let families: [(&dyn Noise, &[f64]); 3] = [
            (&Normal, &[2.0, 0.7]),
            (&LogNormal, &[2.0, 0.7]),
            (&NormalError::Combined, &[2.0, 0.3, 0.2]),
        ];
        for (noise, arguments) in families {
            for p in [0.01, 0.05, 0.5, 0.95] {
                let mut density = LnDensity::default();
                let y = noise.quantile(p, arguments).expect("a possible prediction");
                noise.ln_density(&Reading::Below(y), arguments, &mut density);
                assert!((density.value.exp() - p).abs() < 1e-13, "{noise:?} {p}");
            }
        }
    }
}
