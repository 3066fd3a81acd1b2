//! Basin hopping: after a local search, further ones from points some way off its end (Wales, Doye 1997, doi:10.1021/jp970984n).
//!
//! A hop draws each entry anew within its box with probability 0.2 and moves the others by up to 7 % of the width of the box (a
//! triangular distribution around where they stand); where there is no box, by up to 1 + |x|. The better end is kept.
use super::parameters::Search;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Share of the entries that are drawn anew.
const ANEW: f64 = 0.2;
/// Largest movement of the others, in widths of the box.
const NEAR: f64 = 0.07;

/// Where hop `hop` of start `start` begins. The stream of draws belongs to the pair, whatever was hopped before.
pub(super) fn from(
    x: &Search,
    (lower, upper): (&[f64], &[f64]),
    seed: u64,
    (start, hop): (usize, u32),
) -> Search {
    let mut draws = ChaCha8Rng::seed_from_u64(seed);
    draws.set_stream(((start as u64) << 16) + u64::from(hop));
    let bounds = lower.iter().zip(upper);
    let moved = x.0.iter().zip(bounds).map(|(x, (lower, upper))| {
        let [anew, a, b]: [f64; 3] = draws.random();
        let width = upper - lower;
        if !width.is_finite() {
            (x + (a + b - 1.0) * (1.0 + x.abs())).clamp(*lower, *upper)
        } else if anew < ANEW {
            lower + a * width
        } else {
            (x + (a + b - 1.0) * NEAR * width).clamp(*lower, *upper)
        }
    });
    Search(moved.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hops_stay_in_the_box_and_differ() {
        let (lower, upper) = ([-5.0, 0.0, f64::NEG_INFINITY], [5.0, 1.0, f64::INFINITY]);
        let x = Search(vec![4.9, 0.0, 10.0]);
        let mut far = 0;
        for hop in 1..=500 {
            let to = from(&x, (&lower, &upper), 7, (3, hop));
            assert_eq!(to, from(&x, (&lower, &upper), 7, (3, hop)));
            assert_ne!(to, from(&x, (&lower, &upper), 7, (4, hop)));
            assert!((-5.0..=5.0).contains(&to.0[0]) && (0.0..=1.0).contains(&to.0[1]));
            assert!((to.0[2] - 10.0).abs() <= 11.0);
            far += usize::from((to.0[0] - 4.9).abs() > 0.7);
        }
        // 500 x 0.2 x 0.92 expected, standard deviation 9
        assert!((55..=130).contains(&far), "{far}");
    }
}
