//! Reference values of Student's distribution: mpmath 1.4 at 60 and 70 digits, from the regularised incomplete beta function
//! (DLMF 8.17) for up to 200 degrees of freedom and by its quadrature of the density above; derivatives in the degrees of freedom
//! by five-point differences with a step of 1e-10 of them.
use super::*;

/// (z, nu, ln F, first and second derivative in nu)
const LN_CDF: &[(f64, f64, f64, f64, f64)] = &[
    (
        -1.0,
        1.0,
        -1.3862943611198906,
        -0.2648119218778469,
        0.3043483389637616,
    ),
    (
        -100000000.0,
        1.0,
        -19.565410629801764,
        -18.22753356339242,
        0.6775329665758867,
    ),
    (
        -1e150,
        2.5,
        -863.7988314173219,
        -344.5921555897082,
        0.2516931788466795,
    ),
    (
        -3.0,
        0.01,
        -0.7340525914286499,
        -3.5867684529733745,
        50.74840621838507,
    ),
    (
        -100000.0,
        0.05,
        -1.377352178720085,
        -13.164956690760242,
        10.738958492385386,
    ),
    (
        -2.0,
        3.0,
        -2.6640861743156115,
        -0.21898977891134458,
        0.0889085000378673,
    ),
    (
        -40.0,
        3.0,
        -10.971162936870327,
        -2.7813698363622943,
        0.20470729102157084,
    ),
    (
        -0.5,
        7.5,
        -1.1529455179965058,
        -0.0029508797280534812,
        0.0007564110691061373,
    ),
    (
        0.5,
        7.5,
        -0.3793668726168287,
        0.0013614151271211215,
        -0.00035484793085574517,
    ),
    (
        4.0,
        4.0,
        -0.008097743353133324,
        0.004003896335838113,
        -0.0028304976314608796,
    ),
    (
        30.0,
        5.0,
        -3.859325054967424e-7,
        8.458444938852266e-7,
        -1.898232724224683e-6,
    ),
    (
        -7.0,
        30.0,
        -16.931157788041517,
        -0.1840937364322522,
        0.006871060963001685,
    ),
    (
        -1000.0,
        50.0,
        -250.46836444706068,
        -4.461693295141813,
        0.010195001701027077,
    ),
    (
        -5.0,
        1000.0,
        -14.899147090450734,
        -0.00016319067196451307,
        3.2115704028809555e-7,
    ),
    (
        -2.0,
        1000000.0,
        -3.7831784006579823,
        -5.93300926762223e-12,
        1.1865988970937608e-17,
    ),
    (
        -30.0,
        1000000.0,
        -454.1184158245656,
        -2.0270659336837185e-7,
        4.0517027383204873e-13,
    ),
    (
        2.0,
        1000000.0,
        -0.023013047448695333,
        1.3811980698750423e-13,
        -2.7623976426435374e-19,
    ),
    (
        -10000.0,
        1000000.0,
        -2307568.0801395364,
        -1.8125112485193895,
        4.901485246539457e-7,
    ),
    (
        6.0,
        150.0,
        -7.0946045317900495e-9,
        8.100293259442815e-11,
        -1.8650154703729575e-12,
    ),
    (
        -0.001,
        2.0,
        -0.6938545372821439,
        -4.022948009920902e-5,
        3.48839426995974e-5,
    ),
    (
        -0.3,
        0.5,
        -0.8617325299474502,
        -0.11421904566354305,
        0.25697916461783227,
    ),
];

/// (a, b, nu, ln P, first and second derivative in nu)
const INTERVALS: &[(f64, f64, f64, f64, f64, f64)] = &[
    (
        -1.0,
        1.0,
        3.0,
        -0.4959406548844127,
        0.03648767549140783,
        -0.02313657795654923,
    ),
    (
        -1e-9,
        1e-9,
        4.0,
        -21.01094790939819,
        0.015186152773388023,
        -0.007394077686997893,
    ),
    (
        2.0,
        2.0000001,
        5.0,
        -18.850075303022646,
        -0.017412822261484592,
        0.002070004435969085,
    ),
    (
        -40.0,
        -39.0,
        3.0,
        -13.512176918845062,
        -2.4358485617993075,
        0.09361330921699228,
    ),
    (
        -1000000000.0,
        -100000000.0,
        1.5,
        -28.638438697756484,
        -17.880219272353727,
        0.2628505576094791,
    ),
    (
        -30.0,
        -29.999999,
        20.0,
        -54.94767821805989,
        -1.4001095031751405,
        0.022613104020027603,
    ),
    (
        1.0,
        12.0,
        0.3,
        -1.7384141507346806,
        1.439542914446247,
        -8.82061851890121,
    ),
    (
        -3.0,
        8.0,
        2.0,
        -0.05695880705026384,
        0.04217074946170354,
        -0.051868409982813425,
    ),
    (
        -0.5,
        3.0,
        1000.0,
        -0.37102874713010775,
        1.284986946991975e-7,
        -2.576194400338407e-10,
    ),
    (
        -20.0,
        20.0,
        2.5,
        -0.0007997079256627531,
        0.0017643397455253554,
        -0.004093561458024589,
    ),
    (
        -8.0,
        -7.5,
        100000.0,
        -31.087440400494255,
        -8.135978971760918e-8,
        1.626581776417625e-12,
    ),
    (
        5.0,
        6.0,
        1000000.0,
        -15.068278136236009,
        -1.6795749948425003e-10,
        3.3590941114754854e-16,
    ),
    (
        -1000000.0,
        1000000.0,
        1.0,
        -6.366199750098224e-7,
        8.67227139336863e-6,
        -0.00011856823859377975,
    ),
];

/// (nu, c, c', c'')
const NORMALISERS: &[(f64, f64, f64, f64)] = &[
    (
        0.01,
        -3.0026229201738426,
        49.31498827291576,
        -4999.195283550064,
    ),
    (
        0.3,
        -1.4726401290566635,
        1.158655275216201,
        -5.09408179657699,
    ),
    (
        1.0,
        -1.1447298858494002,
        0.19314718055994531,
        -0.3224670334241132,
    ),
    (
        2.5,
        -1.01663959346045,
        0.03746299346156329,
        -0.028306821153320505,
    ),
    (
        7.0,
        -0.9545341505713759,
        0.005051942464707214,
        -0.0014296184581268237,
    ),
    (
        29.0,
        -0.9275575168683405,
        0.00029708884555896213,
        -2.0476754944414466e-5,
    ),
    (
        31.0,
        -0.9270016524419953,
        0.00026001061048295176,
        -1.6766181845780724e-5,
    ),
    (
        1000.0,
        -0.9191885331630061,
        2.4999987500025e-7,
        -4.999995000015e-10,
    ),
    (
        1000000.0,
        -0.9189387832046727,
        2.49999999999875e-13,
        -4.999999999995e-19,
    ),
];

/// (p, nu, quantile)
const QUANTILES: &[(f64, f64, f64)] = &[
    (0.025, 1.0, -12.706204736174705),
    (0.025, 4.0, -2.7764451051977943),
    (1e-10, 3.0, -2225.7692846830932),
    (0.5, 3.0, 0.0),
    (0.3, 0.2, -3.0721699761118324),
    (0.025, 1000000.0, -1.959966356814107),
    (1e-5, 30.0, -5.054032421446494),
];

fn close(got: f64, want: f64, relative: f64, absolute: f64) -> bool {
    (got - want).abs() <= relative * want.abs() + absolute
}

#[test]
fn the_constant_and_its_derivatives_keep_their_digits_for_many_degrees_of_freedom() {
    for &(nu, value, first, second) in NORMALISERS {
        let got = normaliser(nu);
        let found = [got.value, got.first, got.second];
        for (found, want) in found.into_iter().zip([value, first, second]) {
            assert!(close(found, want, 4e-15, 0.0), "nu = {nu}: {got:?} {want}");
        }
    }
}

#[test]
fn ln_cdf_is_accurate_from_the_far_tail_to_one_with_its_derivatives_in_nu() {
    for &(z, nu, value, first, second) in LN_CDF {
        let below = standard(&Reading::Below(z), nu);
        let above = standard(&Reading::Above(-z), nu);
        for at in [&below, &above] {
            assert!(
                close(at.value, value, 2e-14, 0.0),
                "z = {z}, nu = {nu}: {at:?} {value}"
            );
            // for many degrees of freedom the mean of a score of order 1/nu is itself of order 1/nu^2
            let lost = 1e-15 * (1.0 + nu);
            assert!(
                close(at.gradient[2], first, 1e-12 + lost, 0.0),
                "z = {z}, nu = {nu}: {at:?} {first}"
            );
            assert!(
                close(at.hessian[2][2], second, 1e-10 + 10.0 * lost, 0.0),
                "z = {z}, nu = {nu}: {at:?} {second}"
            );
        }
        assert_eq!(below.gradient[0], -above.gradient[0]);
    }
}

#[test]
fn interval_probabilities_do_not_cancel() {
    for &(a, b, nu, value, first, second) in INTERVALS {
        let at = standard(&Reading::Between(a, b), nu);
        let mirrored = standard(&Reading::Between(-b, -a), nu);
        assert!(
            close(at.value, value, 4e-14, 0.0),
            "({a}, {b}), nu = {nu}: {at:?} {value}"
        );
        let lost = 1e-15 * (1.0 + nu);
        assert!(
            close(at.gradient[2], first, 1e-12 + lost, 0.0),
            "({a}, {b}), nu = {nu}: {at:?} {first}"
        );
        assert!(
            close(at.hessian[2][2], second, 1e-10 + 10.0 * lost, 0.0),
            "({a}, {b}), nu = {nu}: {at:?} {second}"
        );
        assert!(close(mirrored.value, value, 4e-14, 0.0));
        assert!(close(mirrored.gradient[0], -at.gradient[0], 1e-12, 1e-15));
    }
}

#[test]
fn quantiles_invert_the_distribution_function() {
    for &(p, nu, want) in QUANTILES {
        let got = lower_quantile(p, nu);
        assert!(
            close(got, want, 1e-13, 1e-14),
            "p = {p}, nu = {nu}: {got} for {want}"
        );
    }
}

/// The expected information from the definition, by the quadrature of this module over the whole axis.
#[test]
fn information_of_a_value_is_the_variance_of_its_score() {
    for nu in [0.05, 0.7, 1.0, 4.0, 30.0, 1e3] {
        let constant = normaliser(nu);
        let mut want = [[0.0; PARAMETERS]; PARAMETERS];
        for side in [-1.0, 1.0] {
            let density = libm::exp(constant.value) * nu.sqrt();
            let middle = tails::Start::at(0.0);
            tails::nodes(nu, middle, f64::INFINITY, |x, weight| {
                let (growth, r) = middle.step(x);
                let point = Point {
                    r: side * r,
                    ln_stretch: 2.0 * growth,
                };
                let score = complete(point, nu, &constant).score;
                let square = super::super::location_scale::outer(&score);
                for k in 0..PARAMETERS {
                    for l in 0..PARAMETERS {
                        want[k][l] += square[k][l] * weight * density * libm::exp(-nu * growth);
                    }
                }
            });
        }
        let got = standard(&Reading::Value(0.3), nu).information;
        for k in 0..PARAMETERS {
            for l in 0..PARAMETERS {
                // the information in nu is a difference of terms nu times larger
                assert!(
                    close(got[k][l], want[k][l], 1e-12 + 1e-15 * nu, 1e-15),
                    "nu = {nu}, {k} {l}: {got:?} {want:?}"
                );
            }
        }
    }
}

#[test]
fn extreme_arguments_give_no_nan_and_no_impossible_reading() {
    let places = [
        -1e300, -1e30, -1e8, -40.0, -1e-300, 0.0, 1e-9, 1.0, 37.0, 1e8, 1e30, 1e300,
    ];
    for nu in [1e-12, 1e-3, 0.5, 1.0, 3.0, 1e2, 1e6, 1e12, 1e20] {
        let mut readings = Vec::new();
        for (i, &a) in places.iter().enumerate() {
            readings.extend([Reading::Value(a), Reading::Below(a), Reading::Above(a)]);
            readings.extend(places[i + 1..].iter().map(|&b| Reading::Between(a, b)));
        }
        for reading in readings {
            let at = standard(&reading, nu);
            let numbers = at.gradient.iter().chain(at.hessian.iter().flatten());
            let numbers = numbers.chain(at.information.iter().flatten());
            // with very many degrees of freedom the tails are normal: z^2 overflows
            let far = nu >= 1e20 && at.value == f64::NEG_INFINITY;
            assert!(
                far || at.value.is_finite() && numbers.clone().all(|v| v.is_finite()),
                "{reading:?}, nu = {nu}: {at:?}"
            );
            assert!(
                !reading.is_censored() || at.value <= 0.0,
                "{reading:?}, nu = {nu}: {at:?}"
            );
        }
    }
}
