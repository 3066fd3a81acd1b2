//! Reference values: mpmath 1.3 at 60 to 500 digits.
use super::*;

/// (z, ln Phi(z))
const LN_CDF: &[(f64, f64)] = &[
    (-100000000.0, -5000000000000019.0),
    (-100000.0, -5000000012.431864),
    (-1000.0, -500007.82669481216),
    (-40.0, -804.6084420137538),
    (-38.0, -726.5572160188201),
    (-10.0, -53.23128515051247),
    (-5.0001, -15.065517049221956),
    (-5.0, -15.064998393988725),
    (-4.9999, -15.06447974842853),
    (-3.0, -6.607726221510349),
    (-1.0, -1.8410216450092636),
    (-0.5, -1.1759117615936185),
    (0.0, -std::f64::consts::LN_2),
    (0.5, -0.3689464152886564),
    (1.0, -0.17275377902344988),
    (5.0, -2.866516129637636e-07),
    (8.0, -6.220960574271786e-16),
    (20.0, -2.7536241186062337e-89),
    (37.0, -5.725571222524577e-300),
];

/// (a, b, ln P, [E z, Var z, Cov(z, z^2), Var z^2])
const INTERVALS: &[(f64, f64, f64, [f64; 4])] = &[
    (
        -1.0,
        1.0,
        -0.38171514630212605,
        [0.0, 0.2911250947727932, 0.0, 0.07974655828470502],
    ),
    (
        -1e-09,
        1e-09,
        -20.949057189591137,
        [0.0, 3.333333333333334e-19, 0.0, 8.888888888888891e-38],
    ),
    (
        2.0,
        2.0000001,
        -19.03703428579957,
        [
            2.0000000499999984,
            8.333333306056999e-16,
            3.3333334057561317e-15,
            1.3333333956357862e-14,
        ],
    ),
    (
        -8.0,
        -7.5,
        -31.095579450839754,
        [
            -7.619175649736937,
            0.011238588396721115,
            -0.17271684650765026,
            2.6545395699662357,
        ],
    ),
    (
        -30.0,
        -29.0,
        -424.7874199097303,
        [
            -29.034401237736176,
            0.0011806604886186853,
            -0.0686403919017931,
            3.990571364887701,
        ],
    ),
    (
        -30.0,
        -29.999999,
        -464.73443409010366,
        [
            -29.9999994999975,
            8.333333350090662e-14,
            -4.999999926720897e-12,
            2.999999906032439e-10,
        ],
    ),
    (
        10.0,
        12.0,
        -53.231285150745606,
        [
            10.098093233499936,
            0.009445376908497914,
            0.1925469918702164,
            3.925469670713625,
        ],
    ),
    (
        -3.0,
        8.0,
        -0.0013508099647488168,
        [
            0.004437839042120607,
            0.9866667884582188,
            0.04443747366701938,
            1.866687578995324,
        ],
    ),
    (
        -0.5,
        3.0,
        -0.37090055956203255,
        [
            0.503734458504945,
            0.47190764231025817,
            0.7116727663619973,
            1.4132300260542978,
        ],
    ),
    (-20.0, 20.0, -5.5072482372124675e-89, [0.0, 1.0, 0.0, 2.0]),
    (
        5.0,
        5.1,
        -15.962590193561619,
        [
            5.045810831656684,
            0.0008225460879197729,
            0.008304944323189947,
            0.08385250763420717,
        ],
    ),
    (
        -40.0,
        -6.0,
        -20.736768949974707,
        [
            -6.158482604544599,
            0.02398763678916677,
            -0.30240842527959955,
            3.8144505516775973,
        ],
    ),
    (
        0.0,
        1.0,
        -1.0748623268620714,
        [
            0.4598622292864265,
            0.07965182484851131,
            0.07697211826220733,
            0.07974655828470502,
        ],
    ),
    (
        7.0,
        30.0,
        -27.384307498811076,
        [
            7.137545613226504,
            0.01826191169662223,
            0.2653789951028589,
            3.8576529657200123,
        ],
    ),
];

/// (p, quantile)
const QUANTILES: &[(f64, f64)] = &[
    (1e-300, -37.0470962993612),
    (1e-20, -9.262340089798407),
    (1e-05, -4.264890793922825),
    (0.025, -1.9599639845400543),
    (0.3, -0.5244005127080408),
    (0.5, 0.0),
    (0.8, 0.8416212335729144),
    (0.975, 1.9599639845400538),
];

fn close(got: f64, want: f64, relative: f64, absolute: f64) -> bool {
    (got - want).abs() <= relative * want.abs() + absolute
}

#[test]
fn ln_cdf_is_accurate_to_1e_14_from_the_far_tail_to_one() {
    for &(z, want) in LN_CDF {
        let got = ln_normal_cdf(z);
        // above 8 the value itself is below 1e-15 and as sensitive to the last digit of z as z^2
        let relative = if z > 8.0 { 1e-16 * z * z } else { 1e-14 };
        assert!(close(got, want, relative, 0.0), "z = {z}: {got} for {want}");
    }
    assert_eq!(ln_normal_cdf(f64::NEG_INFINITY), f64::NEG_INFINITY);
    assert_eq!(ln_normal_cdf(f64::INFINITY), 0.0);
}

#[test]
fn ln_cdf_derivatives_obey_their_differential_equation_and_stay_bounded() {
    for k in -400..200 {
        let z = f64::from(k) * 0.1;
        let at = ln_cdf_with_derivatives(z);
        assert!((-1.0..=0.0).contains(&at.curvature), "z = {z}: {at:?}");
        // the slope's difference quotient; h = 1e-4 leaves a truncation error of about 1e-9
        let h = 1e-4;
        let quotient = (ln_cdf_with_derivatives(z + h).slope
            - ln_cdf_with_derivatives(z - h).slope)
            / (2.0 * h);
        assert!(
            close(at.curvature, quotient, 1e-6, 1e-8),
            "z = {z}: {} for {quotient}",
            at.curvature
        );
    }
    // L'' = -1 + 3/t^2 - ... for z = -t
    let far = ln_cdf_with_derivatives(-1e8);
    assert!(close(far.curvature, -1.0, 1e-15, 0.0) && close(far.slope, 1e8, 1e-15, 0.0));
    let at = ln_cdf_with_derivatives(-1e4);
    assert!(close(at.curvature + 1.0, 1e-8, 1e-6, 0.0), "{at:?}");
}

#[test]
fn interval_probabilities_and_moments_do_not_cancel() {
    for &(a, b, want, moments) in INTERVALS {
        let got = interval(a, b);
        // a narrow interval's ends differ in their last digits already: ln P is that of the given floats
        assert!(
            close(got.value, want, 4e-14, 0.0),
            "({a}, {b}): {} for {want}",
            got.value
        );
        let given = [got.mean, got.variance, got.covariance, got.variance_square];
        for (k, (got, want)) in given.into_iter().zip(moments).enumerate() {
            // wide intervals in the tails lose some digits in differences of powers of z
            assert!(
                close(got, want, 1e-8, 1e-12),
                "({a}, {b}) moment {k}: {got} for {want}"
            );
        }
    }
    assert_eq!(ln_normal_interval(1.0, 1.0), f64::NEG_INFINITY);
    assert!(close(
        ln_normal_interval(f64::NEG_INFINITY, -9.0),
        ln_normal_cdf(-9.0),
        1e-14,
        0.0
    ));
    assert_eq!(ln_normal_interval(f64::NEG_INFINITY, f64::INFINITY), 0.0);
}

#[test]
fn quantiles_invert_the_distribution_function() {
    for &(p, want) in QUANTILES {
        let got = normal_quantile(p);
        assert!(close(got, want, 1e-14, 1e-15), "p = {p}: {got} for {want}");
    }
    assert!(normal_quantile(2.0).is_nan());
}
