//! A lane's bits do not depend on the number of lanes or on the neighbours.
use super::super as lanes;
use super::{Bits, edges};

/// The same bits, or both NaN.
fn same(a: f64, b: f64) -> bool {
    a.to_bits() == b.to_bits() || (a.is_nan() && b.is_nan())
}

/// The arguments 16 at a time, edges between ordinary numbers.
fn mixed() -> Vec<[f64; 16]> {
    let (edges, mut bits) = (edges(), Bits(6));
    (0..400)
        .map(|_| {
            std::array::from_fn(|_| match bits.next() % 4 {
                0 => edges[(bits.next() % edges.len() as u64) as usize],
                1 => bits.double(),
                _ => bits.between(-20.0, 20.0),
            })
        })
        .collect()
}

macro_rules! check {
    ($($name:ident),*) => {$({
        for x in mixed() {
            let all = lanes::$name(&x);
            for l in 0..16 {
                let (eight, four): (&[f64; 8], &[f64; 4]) = (
                    x[l / 8 * 8..][..8].try_into().expect("eight lanes"),
                    x[l / 4 * 4..][..4].try_into().expect("four lanes"),
                );
                let one = lanes::$name(&[x[l]])[0];
                assert!(same(all[l], one), "{}({:e}) in 16 lanes", stringify!($name), x[l]);
                assert!(same(lanes::$name(eight)[l % 8], one), "{}({:e}) in 8 lanes", stringify!($name), x[l]);
                assert!(same(lanes::$name(four)[l % 4], one), "{}({:e}) in 4 lanes", stringify!($name), x[l]);
            }
        }
    })*};
}

#[test]
fn a_lane_does_not_see_its_neighbours() {
    check!(exp, expm1, ln, ln_1p, sin, cos, tanh, sigmoid);
}

#[test]
fn a_power_does_not_see_its_neighbours() {
    let x = mixed();
    for (x, y) in x.iter().zip(x.iter().rev()) {
        let all = lanes::pow(x, y);
        for l in 0..16 {
            let four =
                |v: &[f64; 16]| -> [f64; 4] { v[l / 4 * 4..][..4].try_into().expect("four lanes") };
            let one = lanes::pow(&[x[l]], &[y[l]])[0];
            assert!(same(all[l], one), "{:e}^{:e} in 16 lanes", x[l], y[l]);
            assert!(
                same(lanes::pow(&four(x), &four(y))[l % 4], one),
                "{:e}^{:e} in 4 lanes",
                x[l],
                y[l]
            );
        }
    }
}

macro_rules! check_three {
    ($($name:ident),*) => {$({
        let x = mixed();
        for ((x, k), n) in x.iter().zip(x.iter().rev()).zip(x.iter().skip(7)) {
            let all = lanes::$name(x, k, n);
            for l in 0..16 {
                let four = |v: &[f64; 16]| -> [f64; 4] { v[l / 4 * 4..][..4].try_into().expect("four lanes") };
                let one = lanes::$name(&[x[l]], &[k[l]], &[n[l]])[0];
                let here = (stringify!($name), x[l], k[l], n[l]);
                assert!(same(all[l], one), "{here:?} in 16 lanes");
                assert!(same(lanes::$name(&four(x), &four(k), &four(n))[l % 4], one), "{here:?} in 4 lanes");
            }
        }
    })*};
}

#[test]
fn hill_functions_and_products_do_not_see_their_neighbours() {
    check_three!(hill, hill_slope, hill_curvature, scaled_pow);
}
