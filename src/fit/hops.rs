//! Basin hopping: after a local search, further ones from points some way off its end (Wales, Doye 1997, doi:10.1021/jp970984n).
//!
//! A hop draws each entry anew within its box with probability 0.1 and moves the others by up to 20 % of the width of the box (a
//! triangular distribution around where they stand); where there is no box, by up to 1 + |x|. Every third hop is a near one: both
//! the chance and the movements are smaller by a factor, drawn evenly on the log scale between 1/1000 and 1, for valleys that
//! break off into narrower ones. The better end is kept.
use super::parameters::Search;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Share of the entries that are drawn anew.
const ANEW: f64 = 0.1;
/// Largest movement of the others, in widths of the box.
const NEAR: f64 = 0.2;
/// Which hops are near ones, and by how much in powers of ten at most.
const THIRD: u32 = 3;
const DECADES: f64 = 3.0;

/// Where hop `hop` of start `start` begins. The stream of draws belongs to the pair, whatever was hopped before.
pub(super) fn from(
    x: &Search,
    (lower, upper): (&[f64], &[f64]),
    seed: u64,
    (start, hop): (usize, u32),
) -> Search {
    let mut draws = ChaCha8Rng::seed_from_u64(seed);
    draws.set_stream(((start as u64) << 16) + u64::from(hop));
    let scale = match hop % THIRD {
        0 => 10.0_f64.powf(-DECADES * draws.random::<f64>()),
        _ => 1.0,
    };
    let bounds = lower.iter().zip(upper);
    let moved = x.0.iter().zip(bounds).map(|(x, (lower, upper))| {
        let [anew, a, b]: [f64; 3] = draws.random();
        let width = upper - lower;
        if !width.is_finite() {
            (x + (a + b - 1.0) * scale * (1.0 + x.abs())).clamp(*lower, *upper)
        } else if anew < ANEW * scale {
            lower + a * width
        } else {
            (x + (a + b - 1.0) * scale * NEAR * width).clamp(*lower, *upper)
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
            far += usize::from((to.0[0] - 4.9).abs() > 2.0);
        }
        // (333 + 167 x 0.145) x 0.1 x 0.79 expected, standard deviation 5: 0.145 is the mean of the factor
        assert!((8..=49).contains(&far), "{far}");
    }
}
