//! Laws and derivatives of the noise models.
use holobiont::noise::{LnDensity, LogNormal, Noise, Normal, NormalError, Reading, ln_normal_cdf};
use proptest::prelude::*;

fn models() -> Vec<(Box<dyn Noise>, Vec<f64>)> {
    vec![
        (Box::new(Normal), vec![1.3, 0.7]),
        (Box::new(LogNormal), vec![1.3, 0.7]),
        (Box::new(NormalError::Additive), vec![-2.0, 0.4]),
        (Box::new(NormalError::Proportional), vec![2.0, 0.3]),
        (Box::new(NormalError::Combined), vec![2.0, 0.3, 0.2]),
        (Box::new(NormalError::CombinedSum), vec![-1.5, 0.3, 0.2]),
    ]
}

fn at(noise: &dyn Noise, reading: Reading, arguments: &[f64]) -> LnDensity {
    let mut out = LnDensity::default();
    noise.ln_density(&reading, arguments, &mut out);
    out
}

fn readings() -> Vec<Reading> {
    vec![
        Reading::Value(1.1),
        Reading::Below(0.9),
        Reading::Below(1e-4),
        Reading::Above(2.5),
        Reading::Between(0.8, 1.9),
        Reading::Between(1.0, 1.0001),
        Reading::Between(4.0, 9.0),
    ]
}

/// Central differences with h = 1e-5: truncation about 1e-10, rounding about 1e-11 of the value.
#[test]
fn derivatives_agree_with_central_differences() {
    let h = 1e-5;
    for (noise, x) in models() {
        let m = noise.arguments();
        for reading in readings() {
            let p = at(&*noise, reading, &x);
            for i in 0..m {
                let (mut up, mut down) = (x.clone(), x.clone());
                up[i] += h;
                down[i] -= h;
                let (up, down) = (at(&*noise, reading, &up), at(&*noise, reading, &down));
                let slope = (up.value - down.value) / (2.0 * h);
                let scale = 1.0 + p.gradient[i].abs() + 1e-4 * p.value.abs();
                assert!(
                    (p.gradient[i] - slope).abs() < 1e-6 * scale,
                    "{noise:?} {reading:?} gradient {i}: {} for {slope}",
                    p.gradient[i]
                );
                for j in 0..m {
                    let slope = (up.gradient[j] - down.gradient[j]) / (2.0 * h);
                    let got = p.hessian[i * m + j];
                    assert!(
                        (got - slope).abs() < 2e-6 * (1.0 + got.abs()),
                        "{noise:?} {reading:?} hessian {i} {j}: {got} for {slope}"
                    );
                }
            }
        }
    }
}

/// E over the density of the observed information -Hessian is the expected information (midpoints over 12 sd).
#[test]
fn information_of_a_value_is_the_expected_observed_information() {
    for (noise, x) in models() {
        let m = noise.arguments();
        let logarithmic = noise.name() == "log-normal";
        let mut sums = vec![0.0; m * m];
        let steps = 4000;
        for k in 0..steps {
            let u = 8.0 * (2.0 * (f64::from(k) + 0.5) / f64::from(steps) - 1.0);
            let (y, dy) = if logarithmic {
                let y = x[0] * u.exp();
                (y, y)
            } else {
                (x[0] + u, 1.0)
            };
            let p = at(&*noise, Reading::Value(y), &x);
            for (sum, h) in sums.iter_mut().zip(&p.hessian) {
                *sum -= h * p.value.exp() * dy * 16.0 / f64::from(steps);
            }
        }
        let p = at(&*noise, Reading::Value(1.0), &x);
        for (got, want) in p.information.iter().zip(&sums) {
            assert!(
                (got - want).abs() < 1e-8 * (1.0 + want.abs()),
                "{noise:?}: {got} for {want}"
            );
        }
    }
}

#[test]
fn densities_integrate_to_one() {
    for (noise, x) in models() {
        let logarithmic = noise.name() == "log-normal";
        let mut sum = 0.0;
        for k in 0..4000 {
            let u = -15.0 + 30.0 * (f64::from(k) + 0.5) / 4000.0;
            let (y, dy) = if logarithmic {
                (x[0] * u.exp(), x[0] * u.exp())
            } else {
                (x[0] + u, 1.0)
            };
            sum += at(&*noise, Reading::Value(y), &x).value.exp() * dy * 30.0 / 4000.0;
        }
        assert!((sum - 1.0).abs() < 1e-10, "{noise:?}: {sum}");
    }
}

#[test]
fn impossible_predictions_are_minus_infinity_and_never_nan() {
    for reading in readings() {
        for x in [
            [-1.0, 0.5],
            [f64::NAN, 0.5],
            [1.0, 0.0],
            [1.0, -1.0],
            [1.0, f64::NAN],
        ] {
            let p = at(&LogNormal, reading, &x);
            assert_eq!(p.value, f64::NEG_INFINITY, "{reading:?} {x:?}");
            assert!(p.gradient.iter().chain(&p.information).all(|v| *v == 0.0));
        }
    }
    assert_eq!(
        at(&LogNormal, Reading::Value(1.0), &[0.0, 0.5]).value,
        f64::NEG_INFINITY
    );
    assert_eq!(at(&LogNormal, Reading::Below(1.0), &[0.0, 0.5]).value, 0.0);
    assert!(LogNormal.check(&Reading::Value(0.0)).is_err());
    assert!(LogNormal.check(&Reading::Below(-1.0)).is_err());
    assert!(Normal.check(&Reading::Value(f64::NAN)).is_err());
    assert!(Normal.check(&Reading::Between(2.0, 1.0)).is_err());
    assert!(Normal.check(&Reading::Value(-3.0)).is_ok());
}

/// PEtab's definition: y = 2, f = 3, sigma = 0.5; -ln(y sigma sqrt(2 pi)) - (ln 2/3)^2 / (2 sigma^2), computed by hand.
#[test]
fn log_normal_follows_the_definition_with_the_prediction_as_median() {
    let p = at(&LogNormal, Reading::Value(2.0), &[3.0, 0.5]);
    let z = (2.0_f64 / 3.0).ln() / 0.5;
    let want = -(2.0 * 0.5 * (2.0 * std::f64::consts::PI).sqrt()).ln() - 0.5 * z * z;
    assert!((p.value - want).abs() < 1e-14);
    assert!((p.chi2.unwrap() - z * z).abs() < 1e-14);
    let below = at(&LogNormal, Reading::Below(3.0), &[3.0, 0.5]);
    assert!((below.value - 0.5_f64.ln()).abs() < 1e-15);
    assert_eq!(below.chi2, None);
}

proptest! {
    #[test]
    fn below_and_above_share_all_probability(f in 0.01..100.0_f64, sigma in 0.01..5.0_f64, limit in 0.01..100.0_f64) {
        for noise in [&Normal as &dyn Noise, &LogNormal] {
            let below = at(noise, Reading::Below(limit), &[f, sigma]).value.exp();
            let above = at(noise, Reading::Above(limit), &[f, sigma]).value.exp();
            prop_assert!((below + above - 1.0).abs() < 1e-13);
        }
    }

    #[test]
    fn adjoining_intervals_add_up(f in -5.0..5.0_f64, sigma in 0.05..3.0_f64, a in -6.0..6.0_f64, u in 0.0..4.0_f64, v in 0.0..4.0_f64) {
        let p = |lower: f64, upper: f64| if lower < upper { at(&Normal, Reading::Between(lower, upper), &[f, sigma]).value.exp() } else { 0.0 };
        let whole = p(a, a + u + v);
        prop_assert!((p(a, a + u) + p(a + u, a + u + v) - whole).abs() < 1e-13 + 1e-12 * whole);
    }

    #[test]
    fn information_is_positive_semidefinite(f in 0.01..20.0_f64, a in 0.01..3.0_f64, b in 0.01..2.0_f64, l in 0.01..20.0_f64, w in 1e-9..30.0_f64) {
        for reading in [Reading::Value(l), Reading::Below(l), Reading::Above(l), Reading::Between(l, l + w)] {
            for noise in [&NormalError::Combined as &dyn Noise, &NormalError::CombinedSum] {
                let p = at(noise, reading, &[f, a, b]);
                if p.value == f64::NEG_INFINITY { continue; }
                let matrix = nalgebra::DMatrix::from_row_slice(3, 3, &p.information);
                let largest = matrix.amax();
                let smallest = matrix.symmetric_eigen().eigenvalues.min();
                prop_assert!(smallest >= -1e-9 * (1.0 + largest), "{:?} {:?}", reading, p);
            }
        }
    }

    #[test]
    fn ln_cdf_increases(z in -1e4..6.0_f64, step in 1e-3..10.0_f64) {
        prop_assert!(ln_normal_cdf(z + step) > ln_normal_cdf(z));
    }
}

#[test]
fn samples_have_the_model_s_median_and_spread() {
    use rand::{RngExt, SeedableRng};
    let mut stream = rand_chacha::ChaCha8Rng::seed_from_u64(1);
    let mut uniform = || loop {
        let u: f64 = stream.random();
        if u > 0.0 {
            return u;
        }
    };
    let n = 20_000;
    let mut below = 0;
    let (mut sum, mut squares) = (0.0, 0.0);
    for _ in 0..n {
        let y = LogNormal.sample(&[3.0, 0.5], &mut uniform);
        if y < 3.0 {
            below += 1;
        }
        let z = NormalError::Combined.sample(&[2.0, 0.3, 0.2], &mut uniform) - 2.0;
        sum += z;
        squares += z * z;
    }
    // 5 standard errors: 0.018 for the share, 0.5 / sqrt(n) * 5 for the mean, 5 sqrt(2/n) for the relative variance
    assert!((f64::from(below) / f64::from(n) - 0.5).abs() < 0.018);
    assert!((sum / f64::from(n)).abs() < 0.018);
    assert!((squares / f64::from(n) / 0.25 - 1.0).abs() < 0.05);
}
