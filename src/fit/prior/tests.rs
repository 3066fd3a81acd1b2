//! Densities, probabilities, quantiles of all priors.
use super::*;

fn all() -> Vec<Prior> {
    vec![
        Prior::Uniform {
            lower: 0.5,
            upper: 3.0,
        },
        Prior::Normal { mean: 1.0, sd: 0.6 },
        Prior::Laplace {
            location: 0.7,
            scale: 0.5,
        },
        Prior::LogNormal {
            log_mean: 0.2,
            log_sd: 0.7,
        },
        Prior::LogLaplace {
            log_location: 0.1,
            log_scale: 0.4,
        },
        Prior::LogUniform {
            lower: 0.5,
            upper: 3.0,
        },
        Prior::Cauchy {
            location: 1.0,
            scale: 0.5,
        },
        Prior::Gamma {
            shape: 2.5,
            scale: 0.5,
        },
        Prior::Exponential { scale: 1.5 },
        Prior::ChiSquared { dof: 3.0 },
        Prior::Rayleigh { scale: 1.2 },
    ]
}

fn on_log10() -> Prior {
    let density = Prior::Normal { mean: 0.1, sd: 0.4 };
    Prior::OnScale {
        scale: Scale::Log10,
        density: Box::new(density),
    }
}

#[test]
fn a_density_of_the_search_value_has_no_jacobian() {
    let normal = Prior::Normal { mean: 0.1, sd: 0.4 };
    let found = on_log10().ln_density(2.0).value;
    assert!((found - normal.ln_density(2f64.log10()).value).abs() < 1e-15);
    assert_eq!(
        Prior::Untruncated(Box::new(normal)).ln_probability(0.0, 0.1),
        0.0
    );
}

/// Midpoint sums over [0.5, 3] with 20000 cells: error below 1e-7 even across the kinks.
#[test]
fn densities_integrate_to_the_probability_of_the_bounds() {
    for prior in all() {
        let n = 20_000;
        let h = 2.5 / f64::from(n);
        let sum: f64 = (0..n)
            .map(|k| prior.ln_density(0.5 + h * (f64::from(k) + 0.5)).value.exp() * h)
            .sum();
        let p = prior.ln_probability(0.5, 3.0).exp();
        assert!((sum - p).abs() < 1e-7, "{prior:?}: {sum} for {p}");
    }
}

#[test]
fn derivatives_agree_with_central_differences() {
    let h = 1e-5;
    for prior in all().into_iter().chain([on_log10()]) {
        for x in [0.55, 0.9, 1.3, 2.4] {
            let at = prior.ln_density(x);
            let (up, down) = (prior.ln_density(x + h), prior.ln_density(x - h));
            let first = (up.value - down.value) / (2.0 * h);
            let second = (up.first - down.first) / (2.0 * h);
            assert!(
                (at.first - first).abs() < 1e-8 * (1.0 + at.first.abs()),
                "{prior:?} at {x}"
            );
            assert!(
                (at.second - second).abs() < 1e-7 * (1.0 + at.second.abs()),
                "{prior:?} at {x}"
            );
        }
    }
}

#[test]
fn quantiles_split_the_truncated_prior() {
    for prior in all().into_iter().chain([on_log10()]) {
        let x = prior.quantile_within(0.25, 0.6, 2.0);
        let share = (prior.ln_probability(0.6, x) - prior.ln_probability(0.6, 2.0)).exp();
        assert!((share - 0.25).abs() < 1e-10, "{prior:?}: {share}");
    }
    let x =
        Prior::Normal { mean: 3.0, sd: 2.0 }.quantile_within(0.5, f64::NEG_INFINITY, f64::INFINITY);
    assert!((x - 3.0).abs() < 1e-7);
}

/// chi-squared with 3 degrees of freedom at its 95 % point 7.814727903251178 (scipy 1.11, chi2.ppf)
#[test]
fn chi_squared_has_its_tabulated_quantile() {
    let p = Prior::ChiSquared { dof: 3.0 }.cdf(7.814_727_903_251_178);
    assert!((p - 0.95).abs() < 1e-14);
}

#[test]
fn unsound_priors_are_named() {
    assert!(
        Prior::Normal {
            mean: 0.0,
            sd: -1.0
        }
        .check()
        .is_err()
    );
    assert!(
        Prior::LogUniform {
            lower: 0.0,
            upper: 1.0
        }
        .check()
        .is_err()
    );
    assert!(
        Prior::Uniform {
            lower: 1.0,
            upper: 1.0
        }
        .check()
        .is_err()
    );
    assert!(all().iter().all(|p| p.check().is_ok()));
}
