//! Errors against the standard library, against two doubles, and against numbers rounded from 80 digits.
use super::double_double::{self as two, Two, ulps};
use super::table::{ONE_ARGUMENT, POWERS};
use super::{Bits, FUNCTIONS, distance, scalar};

/// The true value of a function of [`FUNCTIONS`] as a number and a power of two.
fn truth(name: &str, x: f64) -> (Two, i32) {
    match name {
        "exp" => two::exp(x.into()),
        "expm1" => two::expm1(x),
        "ln" => (two::ln(x), 0),
        "ln_1p" => (two::ln_1p(x), 0),
        "sin" => (two::sin_cos(x).0, 0),
        "cos" => (two::sin_cos(x).1, 0),
        "tanh" => (two::tanh(x), 0),
        "sigmoid" => two::sigmoid(x),
        other => unreachable!("no truth for {other}"),
    }
}

/// Where a function is neither trivial nor special.
fn ranges(name: &str) -> &'static [(f64, f64)] {
    match name {
        "exp" => &[(-2.0, 2.0), (-745.0, 709.7), (-745.0, -708.0)],
        "expm1" => &[(-2.0, 2.0), (-0.01, 0.01), (-40.0, 709.7)],
        "ln" => &[(0.5, 2.0), (0.99, 1.01), (0.0, 1e-307), (0.0, 1e308)],
        "ln_1p" => &[(-1.0, 1.0), (-0.01, 0.01), (-1.0, 100.0), (0.0, 1e308)],
        "sin" | "cos" => &[(-4.0, 4.0), (-0.01, 0.01), (-2e5, 2e5), (-1e6, 1e6)],
        "tanh" => &[(-2.0, 2.0), (-0.01, 0.01), (-25.0, 25.0)],
        _ => &[(-2.0, 2.0), (-40.0, 40.0), (-745.0, 40.0)],
    }
}

#[test]
fn any_bits_give_the_standard_value_within_the_allowed_distance() {
    for f in FUNCTIONS {
        let mut bits = Bits(1);
        for _ in 0..200_000 {
            let x = bits.double();
            let (ours, std) = ((f.ours)(x), (f.std)(x));
            assert!(
                distance(ours, std) <= f.distance,
                "{}({x:e}): {ours:e}, {std:e}",
                f.name
            );
        }
    }
}

#[test]
fn errors_stay_within_their_bounds() {
    for f in FUNCTIONS {
        let mut bits = Bits(2);
        for (low, high) in ranges(f.name) {
            for i in 0..30_000 {
                let x = bits.between(*low, *high);
                let y = (f.ours)(x);
                // where the standard library says the same, a few are enough
                if y.to_bits() != (f.std)(x).to_bits() || i % 16 == 0 {
                    let error = ulps(y, truth(f.name, x));
                    let bound = if x.abs() > 2e5 && f.name.len() == 3 {
                        1.0
                    } else {
                        f.error
                    };
                    assert!(error <= bound, "{}({x:e}) = {y:e}: {error} ulp", f.name);
                }
            }
        }
    }
}

#[test]
fn errors_of_powers_stay_within_their_bounds() {
    let mut bits = Bits(3);
    for i in 0..150_000 {
        let x = match i % 4 {
            0 => f64::from_bits(bits.next() >> 1),
            1 => bits.between(0.0, 10.0),
            2 => 1.0 + bits.between(-0.5, 0.5) / (1u64 << (i % 50)) as f64,
            _ => bits.between(0.0, 1e-307),
        };
        let y = bits.between(-745.0, 709.7) / x.ln();
        let (ours, std) = (scalar::pow(x, y), x.powf(y));
        assert!(
            distance(ours, std) <= 1,
            "{x:e}^{y:e} = {ours:e}, not {std:e}"
        );
        if x.is_finite() && x != 1.0 && ours.is_finite() && (ours != std || i % 16 == 0) {
            let error = ulps(ours, two::pow(x, y));
            let bound = if (y * x.ln()).abs() < 300.0 {
                0.99
            } else {
                1.2
            };
            assert!(error <= bound, "{x:e}^{y:e} = {ours:e}: {error} ulp");
        }
    }
}

#[test]
fn any_bits_give_the_standard_power() {
    let mut bits = Bits(4);
    for _ in 0..200_000 {
        let (x, y) = (bits.double(), bits.double());
        let integer = bits.between(-30.0, 30.0).round();
        for y in [y, integer] {
            let (ours, std) = (scalar::pow(x, y), x.powf(y));
            assert!(
                distance(ours, std) <= 1,
                "{x:e}^{y:e} = {ours:e}, not {std:e}"
            );
        }
    }
}

#[test]
fn values_agree_with_eighty_digits() {
    for (name, x, bits) in ONE_ARGUMENT {
        let f = FUNCTIONS
            .iter()
            .find(|f| f.name == *name)
            .expect("the table names our functions");
        let value = f64::from_bits(*bits);
        let error = distance((f.ours)(*x), value);
        assert!(error as f64 <= f.error + 0.5, "{name}({x:e}): {error}");
        assert!(
            ulps(value, truth(name, *x)) <= 0.5,
            "two doubles are wrong at {name}({x:e})"
        );
    }
    for (x, y, bits) in POWERS {
        let value = f64::from_bits(*bits);
        assert!(distance(scalar::pow(*x, *y), value) <= 1, "{x:e}^{y:e}");
        assert!(
            ulps(value, two::pow(*x, *y)) <= 0.5,
            "two doubles are wrong at {x:e}^{y:e}"
        );
    }
}

#[test]
fn doubles_next_to_multiples_of_a_right_angle_keep_their_sine() {
    // the nearest double to k pi/2, and its neighbours: the worst cancellation of the reduction
    for k in (1..127_000).step_by(7) {
        let near =
            f64::from(k) * std::f64::consts::FRAC_PI_2 + f64::from(k) * 6.123_233_995_736_766e-17;
        for x in [near.next_down(), near, near.next_up()] {
            let (sin, cos) = two::sin_cos(x);
            let errors = (
                ulps(scalar::sin(x), (sin, 0)),
                ulps(scalar::cos(x), (cos, 0)),
            );
            assert!(errors.0 <= 0.85 && errors.1 <= 0.85, "{x:e}: {errors:?}");
        }
    }
}

#[test]
fn powers_that_are_doubles_are_exact() {
    let mut bits = Bits(5);
    for _ in 0..20_000 {
        let x = f64::from_bits(bits.next() >> 1);
        if x.is_finite() {
            assert_eq!(scalar::pow(x, 1.0).to_bits(), x.to_bits());
            let short = (bits.next() >> 43) as f64;
            assert_eq!(scalar::pow(short, 2.0), short * short);
            assert_eq!(scalar::pow(short * short, 0.5), short);
        }
    }
    for base in 2..=10u32 {
        let mut power = 1.0;
        for n in 0..=15 {
            assert_eq!(scalar::pow(f64::from(base), f64::from(n)), power);
            assert_eq!(
                scalar::pow(-f64::from(base), f64::from(n)),
                if n % 2 == 1 { -power } else { power }
            );
            power *= f64::from(base);
        }
    }
}
