//! Zeros, infinities, NaN, subnormals, and the neighbours of every bound.
use super::{FUNCTIONS, distance, edges, scalar};

/// A double and its `count` neighbours on both sides.
fn neighbours(x: f64, count: u64) -> Vec<f64> {
    if x.is_nan() {
        return vec![x];
    }
    let bits = x.abs().to_bits().min(f64::INFINITY.to_bits() - count);
    let near = (bits.saturating_sub(count)..=bits + count).map(|b| f64::from_bits(b).copysign(x));
    near.chain([x]).collect()
}

#[test]
fn edges_and_their_neighbours_have_the_standard_values() {
    for f in FUNCTIONS {
        for edge in edges() {
            for x in neighbours(edge, 50) {
                let (ours, std) = ((f.ours)(x), (f.std)(x));
                assert!(
                    distance(ours, std) <= f.distance,
                    "{}({x:e}): {ours:e}, {std:e}",
                    f.name
                );
            }
            // no rounding where the value is special
            let (ours, std) = ((f.ours)(edge), (f.std)(edge));
            let special = std == 0.0 || std.is_infinite() || edge == 0.0 || edge.abs() < 1e-300;
            if special && f.name != "ln" {
                assert_eq!(
                    distance(ours, std),
                    0,
                    "{}({edge:e}): {ours:e}, {std:e}",
                    f.name
                );
            }
        }
    }
}

#[test]
fn powers_of_all_pairs_of_edges_have_the_standard_values() {
    for base in edges() {
        for exponent in edges() {
            for x in neighbours(base, 1) {
                for y in neighbours(exponent, 1) {
                    let (ours, std) = (scalar::pow(x, y), x.powf(y));
                    let one = x == 1.0 || y == 0.0;
                    let allowed = u64::from(std != 0.0 && std.is_finite() && !one);
                    assert!(
                        distance(ours, std) <= allowed,
                        "{x:e}^{y:e}: {ours:e}, {std:e}"
                    );
                }
            }
        }
    }
}

#[test]
fn powers_overflow_and_underflow_where_the_standard_does() {
    for x in [0.3, 0.999, 1.001, 2.0, 10.0, 1e-310] {
        for bound in [
            -1075.0, -1074.5, -1074.0, -1022.0, -1021.4, 1021.4, 1023.9, 1024.0,
        ] {
            for y in neighbours(bound * std::f64::consts::LN_2 / f64::ln(x), 100) {
                let (ours, std) = (scalar::pow(x, y), x.powf(y));
                assert!(distance(ours, std) <= 1, "{x:e}^{y:e}: {ours:e}, {std:e}");
            }
        }
    }
}
