//! Laws and derivatives of the noise models.
use holobiont::noise::{
    Laplace, LnDensity, LogLaplace, LogNormal, LogStudentT, Noise, Normal, NormalError, Reading,
    StudentT, ln_normal_cdf,
};
use proptest::prelude::*;

fn models() -> Vec<(Box<dyn Noise>, Vec<f64>)> {
    vec![
        (Box::new(Normal), vec![1.3, 0.7]),
        (Box::new(LogNormal), vec![1.3, 0.7]),
        (Box::new(NormalError::Additive), vec![-2.0, 0.4]),
        (Box::new(NormalError::Proportional), vec![2.0, 0.3]),
        (Box::new(NormalError::Combined), vec![2.0, 0.3, 0.2]),
        (Box::new(NormalError::CombinedSum), vec![-1.5, 0.3, 0.2]),
        (Box::new(Laplace), vec![1.3, 0.7]),
        (Box::new(LogLaplace), vec![1.3, 0.7]),
        (Box::new(StudentT), vec![1.3, 0.7, 3.5]),
        (Box::new(StudentT), vec![1.3, 0.7, 0.8]),
        (Box::new(LogStudentT), vec![1.3, 0.7, 12.0]),
    ]
}

fn at(noise: &dyn Noise, reading: Reading, arguments: &[f64]) -> LnDensity {
    let mut out = LnDensity::default();
    noise.ln_density(&reading, arguments, &mut out);
    // the value alone is the same number
    let alone = noise.ln_p(&reading, arguments, &mut LnDensity::default());
    assert_eq!(alone.to_bits(), out.value.to_bits());
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

/// Midpoints of y = f + sinh(sinh v) or f exp of it: a double exponential step reaches the tails of Cauchy's distribution; no node
/// meets the kink of Laplace's.
fn integrate(noise: &dyn Noise, x: &[f64], mut add: impl FnMut(&LnDensity, f64)) {
    let steps = 8000;
    for k in 0..steps {
        let v = 4.5 * (2.0 * (f64::from(k) + 0.5) / f64::from(steps) - 1.0);
        let u = v.sinh().sinh();
        let du = v.sinh().cosh() * v.cosh() * 9.0 / f64::from(steps);
        let (y, dy) = if noise.logarithmic() {
            // beyond, e^u is no number any more and no mass is left but of the order of 1e-9 for few degrees of freedom
            if u.abs() > 650.0 {
                continue;
            }
            (x[0] * u.exp(), x[0] * u.exp())
        } else {
            (x[0] + u, 1.0)
        };
        let p = at(noise, Reading::Value(y), x);
        add(&p, p.value.exp() * dy * du);
    }
}

/// E of the squared score is the expected information (equal to that of -Hessian, but for the kink of Laplace's density).
#[test]
fn information_of_a_value_is_the_expected_squared_score() {
    for (noise, x) in models() {
        let m = noise.arguments();
        let mut sums = vec![0.0; m * m];
        integrate(&*noise, &x, |p, weight| {
            for i in 0..m {
                for j in 0..m {
                    sums[i * m + j] += weight * p.gradient[i] * p.gradient[j];
                }
            }
        });
        let p = at(&*noise, Reading::Value(1.0), &x);
        for (got, want) in p.information.iter().zip(&sums) {
            // midpoints across a kink are of second order in the step of 1e-3
            assert!(
                (got - want).abs() < 2e-6 * (1.0 + want.abs()),
                "{noise:?}: {got} for {want}"
            );
        }
    }
}

#[test]
fn densities_integrate_to_one() {
    for (noise, x) in models() {
        let mut sum = 0.0;
        integrate(&*noise, &x, |_, weight| sum += weight);
        // the kink as above; smooth densities reach 1e-12
        assert!((sum - 1.0).abs() < 1e-6, "{noise:?}: {sum}");
    }
}

#[test]
fn below_between_and_above_share_all_probability() {
    for (noise, x) in models() {
        for (a, b) in [(0.1, 0.2), (0.5, 40.0), (1.3, 1.3001), (7.0, 7e5)] {
            let p = |reading| at(&*noise, reading, &x).value.exp();
            let parts = [Reading::Below(a), Reading::Between(a, b), Reading::Above(b)].map(p);
            let sum: f64 = parts.iter().sum();
            assert!((sum - 1.0).abs() < 1e-13, "{noise:?} {a} {b}: {parts:?}");
            assert!(parts.iter().all(|p| (0.0..=1.0).contains(p)));
        }
    }
}

/// An interval of width w has the probability w p(y) and the derivatives of ln p(y) up to terms of order w^2.
#[test]
fn a_narrow_interval_is_a_value() {
    let w = 1e-6;
    for (noise, x) in models() {
        for y in [0.4, 1.1, 30.0] {
            let value = at(&*noise, Reading::Value(y), &x);
            let interval = at(&*noise, Reading::Between(y - 0.5 * w, y + 0.5 * w), &x);
            let pairs = interval.gradient.iter().zip(&value.gradient);
            assert!(
                (interval.value - w.ln() - value.value).abs() < 1e-7,
                "{noise:?} {y}"
            );
            for (got, want) in pairs.chain(interval.hessian.iter().zip(&value.hessian)) {
                assert!(
                    (got - want).abs() < 1e-6 * (1.0 + want.abs()),
                    "{noise:?} {y}: {got} for {want}"
                );
            }
        }
    }
}

#[test]
fn far_limits_give_finite_falling_log_probabilities() {
    for (noise, mut x) in models() {
        if noise.name().starts_with("normal, ") {
            // a standard deviation that grows with the prediction levels off
            continue;
        }
        let mut before = [0.0; 3];
        for k in 0..60 {
            // predictions of 1 to 1e59 against limits of 1 and 2
            x[0] = 10_f64.powi(k);
            let readings = [
                Reading::Value(1.0),
                Reading::Below(1.0),
                Reading::Between(1.0, 2.0),
            ];
            for (reading, before) in readings.into_iter().zip(&mut before) {
                let p = at(&*noise, reading, &x);
                assert!(p.value.is_finite(), "{noise:?} {x:?} {reading:?}: {p:?}");
                assert!(
                    k < 2 || p.value < *before,
                    "{noise:?} {x:?} {reading:?}: {p:?}"
                );
                let numbers = p.gradient.iter().chain(&p.hessian).chain(&p.information);
                assert!(
                    numbers.clone().all(|v| v.is_finite()),
                    "{noise:?} {x:?} {p:?}"
                );
                *before = p.value;
            }
        }
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
        for noise in [&Normal as &dyn Noise, &LogNormal, &Laplace, &LogLaplace] {
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
            for noise in [&NormalError::Combined as &dyn Noise, &NormalError::CombinedSum, &StudentT, &LogStudentT] {
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

/// Hand-computed: ln p = -|y - f|/b - ln 2b, with -ln y on the logarithmic scale; below f is half of everything.
#[test]
fn laplace_families_follow_petab_s_definition_with_a_kink_of_slope_zero() {
    let p = at(&Laplace, Reading::Value(2.0), &[3.0, 0.5]);
    assert_eq!(p.value, -2.0);
    assert_eq!(p.gradient, [-2.0, 2.0]);
    assert_eq!(p.information, [4.0, 0.0, 0.0, 4.0]);
    // PEtab's calculate_chi2 sums squared residuals over the scale whatever the distribution
    assert_eq!(p.chi2, Some(4.0));
    let kink = at(&Laplace, Reading::Value(3.0), &[3.0, 0.5]);
    assert_eq!(kink.gradient, [0.0, -2.0]);
    assert_eq!(kink.hessian[..3], [0.0, 0.0, 0.0]);
    let p = at(&LogLaplace, Reading::Value(2.0), &[3.0, 0.5]);
    let want = -(1.5_f64.ln()) / 0.5 - 2_f64.ln();
    assert!((p.value - want).abs() < 1e-15);
    let below = at(&LogLaplace, Reading::Below(3.0), &[3.0, 0.5]);
    assert!((below.value - 0.5_f64.ln()).abs() < 1e-15);
    assert_eq!(below.chi2, None);
    // one exponential on each side: far limits are straight lines
    assert!(
        (at(&Laplace, Reading::Below(-1e6), &[0.0, 1.0]).value + 1e6 + 2_f64.ln()).abs() < 1e-9
    );
    let between = at(&Laplace, Reading::Between(1e6, 1e6 + 1.0), &[0.0, 1.0]).value;
    assert!((between + 1e6 + 2_f64.ln() - (-(-1_f64).exp_m1()).ln()).abs() < 1e-9);
}

#[test]
fn one_degree_of_freedom_is_cauchy_and_a_million_is_normal() {
    for y in [-1e9, -30.0, -1.0, 0.1, 2.0, 1e5] {
        let (f, s) = (0.5, 2.0);
        let z: f64 = (y - f) / s;
        let p = at(&StudentT, Reading::Value(y), &[f, s, 1.0]);
        let want = -(std::f64::consts::PI * s * (1.0 + z * z)).ln();
        assert!((p.value - want).abs() < 1e-14 * (1.0 + want.abs()), "{y}");
        let below = at(&StudentT, Reading::Below(y), &[f, s, 1.0]).value;
        // arctan(1/x) = pi/2 - arctan(x) keeps the tail's digits
        let want = if z < 0.0 {
            ((-1.0 / z).atan() / std::f64::consts::PI).ln()
        } else {
            (-(1.0 / z).atan() / std::f64::consts::PI).ln_1p()
        };
        assert!(
            (below - want).abs() < 1e-14 * (1.0 + want.abs()),
            "{y}: {below} {want}"
        );
    }
    // the difference is z^4 / (4 nu) and smaller terms
    for reading in [
        Reading::Value(2.0),
        Reading::Below(-1.5),
        Reading::Above(-1.0),
        Reading::Between(-1.0, 2.0),
    ] {
        let t = at(&StudentT, reading, &[0.5, 1.0, 1e6]);
        let normal = at(&Normal, reading, &[0.5, 1.0]);
        assert!((t.value - normal.value).abs() < 2e-5, "{reading:?}");
        for i in 0..2 {
            assert!(
                (t.gradient[i] - normal.gradient[i]).abs() < 2e-5,
                "{reading:?}"
            );
        }
    }
}

#[test]
fn degrees_of_freedom_must_be_positive_numbers() {
    for nu in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        for noise in [&StudentT as &dyn Noise, &LogStudentT] {
            let p = at(noise, Reading::Value(1.0), &[1.0, 1.0, nu]);
            assert_eq!(p.value, f64::NEG_INFINITY);
            assert!(p.gradient.iter().all(|v| *v == 0.0));
            assert_eq!(noise.quantile(0.1, &[1.0, 1.0, nu]), None);
        }
    }
}

/// Kolmogorov and Smirnov: sqrt(n) D exceeds 1.95 with a probability of 0.001 (doi:10.1214/aoms/1177730256); the seed is fixed.
#[test]
fn samples_follow_their_distribution_function_and_quantiles_invert_it() {
    use rand::{RngExt, SeedableRng};
    for (index, (noise, x)) in models().into_iter().enumerate() {
        let mut stream = rand_chacha::ChaCha8Rng::seed_from_u64(index as u64);
        let mut uniform = || loop {
            let u: f64 = stream.random();
            if u > 0.0 {
                return u;
            }
        };
        let n = 4000;
        let mut drawn: Vec<f64> = (0..n).map(|_| noise.sample(&x, &mut uniform)).collect();
        drawn.sort_by(f64::total_cmp);
        let cdf = |y: f64| at(&*noise, Reading::Below(y), &x).value.exp();
        let mut distance: f64 = 0.0;
        for (k, y) in drawn.iter().enumerate() {
            let (low, high) = (k as f64 / n as f64, (k + 1) as f64 / n as f64);
            distance = distance.max((cdf(*y) - low).max(high - cdf(*y)));
        }
        assert!(distance * (n as f64).sqrt() < 1.95, "{noise:?}: {distance}");
        for p in [1e-9, 0.025, 0.5, 0.9, 0.975] {
            let y = noise
                .quantile(p, &x)
                .expect("all families here know their quantiles");
            assert!(
                (cdf(y) - p).abs() < 1e-13 * (1.0 + p),
                "{noise:?} {p}: {y} {}",
                cdf(y)
            );
        }
        assert_eq!(noise.quantile(0.0, &x), None);
    }
}

/// A family of somebody else's: the scheme of the crate does not close the trait.
#[derive(Debug)]
struct Certain;

impl Noise for Certain {
    fn name(&self) -> &'static str {
        "certain"
    }
    fn arguments(&self) -> usize {
        1
    }
    fn ln_density(&self, _: &Reading, _: &[f64], out: &mut LnDensity) {
        out.value = 0.0;
    }
    fn sample(&self, arguments: &[f64], _: &mut dyn FnMut() -> f64) -> f64 {
        arguments[0]
    }
    fn check(&self, _: &Reading) -> Result<(), &'static str> {
        Ok(())
    }
}

#[test]
fn a_noise_of_one_s_own_needs_five_methods() {
    assert_eq!(at(&Certain, Reading::Value(1.0), &[1.0]).value, 0.0);
    assert_eq!(Certain.quantile(0.5, &[1.0]), None);
    assert!(!Certain.logarithmic());
}
