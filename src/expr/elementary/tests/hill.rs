//! The Hill function over lanes against its cases in one lane.
use super::super::hill_far;
use super::{Bits, scalar};

/// The distance of two values relative to the larger.
fn relative(a: f64, b: f64) -> f64 {
    if a == b {
        0.0
    } else {
        (a - b).abs() / a.abs().max(b.abs())
    }
}

#[test]
fn lanes_and_cases_agree() {
    let mut bits = Bits(7);
    for _ in 0..50_000 {
        let x = scalar::exp(bits.between(-60.0, 60.0));
        let k = scalar::exp(bits.between(-5.0, 5.0));
        let n = match bits.next() % 4 {
            0 => bits.between(-4.0, 4.0).round(),
            _ => bits.between(-6.0, 6.0),
        };
        let h = scalar::hill(x, k, n);
        assert!(
            relative(h, hill_far::hill(x, k, n)) < 1e-15,
            "hill({x:e}, {k:e}, {n})"
        );
        let slope = scalar::hill_slope(x, k, n);
        assert!(
            relative(slope, hill_far::hill_slope(x, k, n)) < 2e-15,
            "hill_slope({x:e}, {k:e}, {n})"
        );
        // the bracket n (1 - 2h) - 1 cancels at the inflection; its terms are at most |n| + 1
        let curvature = scalar::hill_curvature(x, k, n);
        let scale = (n.abs() + 1.0) * slope.abs() / x;
        let error = (curvature - hill_far::hill_curvature(x, k, n)).abs();
        assert!(
            error <= 2e-15 * scale,
            "hill_curvature({x:e}, {k:e}, {n}): {curvature:e}, {error:e}"
        );
    }
}

#[test]
fn ends_are_limits() {
    for k in [0.2, 1.0, 7.0] {
        for n in [0.5, 1.0, 1.5, 2.0, 3.0] {
            assert_eq!(
                [scalar::hill(0.0, k, n), scalar::hill(-1.0, k, n)],
                [0.0, 0.0]
            );
            assert_eq!(
                [scalar::hill(0.0, k, -n), scalar::hill(-1.0, k, -n)],
                [1.0, 1.0]
            );
            assert_eq!([scalar::hill(k, k, n), scalar::hill(k, k, -n)], [0.5, 0.5]);
            assert_eq!(scalar::hill(f64::INFINITY, k, n), 1.0);
            assert_eq!(
                [
                    scalar::hill_slope(-1.0, k, n),
                    scalar::hill_curvature(-1.0, k, n)
                ],
                [0.0, 0.0]
            );
            assert!(
                scalar::hill(f64::NAN, k, n).is_nan()
                    && scalar::hill_slope(k, f64::NAN, n).is_nan()
            );
        }
        assert_eq!(
            [scalar::hill(0.0, k, 0.0), scalar::hill(k / 3.0, k, 0.0)],
            [0.5, 0.5]
        );
        assert_eq!(scalar::hill_slope(0.0, k, 1.0), 1.0 / k);
        assert_eq!(scalar::hill_slope(0.0, k, 2.0), 0.0);
        assert_eq!(scalar::hill_slope(0.0, k, 0.5), f64::INFINITY);
        assert_eq!(scalar::hill_curvature(0.0, k, 1.0), -2.0 / k / k);
        assert_eq!(scalar::hill_curvature(0.0, k, 2.0), 2.0 / k / k);
        assert_eq!(scalar::hill_curvature(0.0, k, 3.0), 0.0);
        assert_eq!(scalar::hill_curvature(0.0, k, 1.5), f64::INFINITY);
    }
    // the ratio is no normal number: by logarithms
    assert!(relative(scalar::hill(1e-200, 1e200, 0.01), 1e-4 / (1.0 + 1e-4)) < 1e-13);
    assert!(relative(scalar::hill_slope(5e-324, 1e300, 1.0), 1e-300) < 1e-9);
}
