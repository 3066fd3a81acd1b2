//! Input tables as piecewise polynomials: c0 + c1 s + c2 s^2 + c3 s^3 with s = t - t0, one segment at a time.
//!
//! `Step` and `Linear` speak for themselves. `Smooth` is the C1 cubic Hermite interpolant with Butland's slopes: at an
//! inner knot the weighted harmonic mean of the two chords, 0 where they differ in sign, so that the curve is monotone
//! wherever the table is (F. N. Fritsch, J. Butland, SIAM J. Sci. Stat. Comput. 5:300, 1984, doi:10.1137/0905021); at the
//! first and last knot 0, because the input is constant outside.
//!
//! Every coefficient is a dual number, so that knot times and values carry derivatives. The movement of t0 itself is
//! folded into the coefficients (dc_i - (i + 1) c_{i+1} dt0), so t0 may be held fixed by whoever uses them.
use crate::compile::InputKind;

/// A number and its derivative along one direction.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Dual {
    pub value: f64,
    pub slope: f64,
}

impl Dual {
    pub(crate) fn new(value: f64, slope: f64) -> Self {
        Self { value, slope }
    }
    fn scale(self, factor: f64) -> Self {
        Self::new(factor * self.value, factor * self.slope)
    }
}
impl std::ops::Add for Dual {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self::new(self.value + other.value, self.slope + other.slope)
    }
}
impl std::ops::Sub for Dual {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self::new(self.value - other.value, self.slope - other.slope)
    }
}
impl std::ops::Mul for Dual {
    type Output = Self;
    fn mul(self, other: Self) -> Self {
        Self::new(
            self.value * other.value,
            self.slope * other.value + self.value * other.slope,
        )
    }
}
impl std::ops::Div for Dual {
    type Output = Self;
    fn div(self, other: Self) -> Self {
        let value = self.value / other.value;
        Self::new(value, (self.slope - value * other.slope) / other.value)
    }
}

/// Coefficients c0, c1, c2, c3 and the reference time t0 of one segment.
///
/// `segment` is the number of knots at or before the time asked for: 0 lies before the first knot, `knots.len()` after
/// the last. `knots` must not be empty.
pub(crate) fn coefficients(
    kind: InputKind,
    knots: &[(Dual, Dual)],
    segment: usize,
) -> ([Dual; 4], f64) {
    let zero = Dual::default();
    if segment == 0 {
        return ([knots[0].1, zero, zero, zero], knots[0].0.value);
    }
    let (t0, v0) = knots[segment - 1];
    let constant = ([v0, zero, zero, zero], t0.value);
    let Some(&(t1, v1)) = knots.get(segment) else {
        return constant;
    };
    let width = t1 - t0;
    if width.value <= 0.0 {
        return constant;
    }
    let c = match kind {
        InputKind::Step => return constant,
        InputKind::Linear => [v0, (v1 - v0) / width, zero, zero],
        InputKind::Smooth => {
            let chord = (v1 - v0) / width;
            let d0 = slope(knots, segment - 1);
            let d1 = slope(knots, segment);
            let c2 = (chord.scale(3.0) - d0.scale(2.0) - d1) / width;
            let c3 = (d0 + d1 - chord.scale(2.0)) / (width * width);
            [v0, d0, c2, c3]
        }
    };
    let mut folded = c;
    for i in 0..3 {
        folded[i].slope -= (i + 1) as f64 * c[i + 1].value * t0.slope;
    }
    (folded, t0.value)
}

/// Butland's slope at knot k.
fn slope(knots: &[(Dual, Dual)], k: usize) -> Dual {
    if k == 0 || k + 1 == knots.len() {
        return Dual::default();
    }
    let (before, after) = (knots[k].0 - knots[k - 1].0, knots[k + 1].0 - knots[k].0);
    let left = (knots[k].1 - knots[k - 1].1) / before;
    let right = (knots[k + 1].1 - knots[k].1) / after;
    // written so that a NaN or a flat side gives a zero slope
    if left.value * right.value > 0.0 {
        let w_left = after.scale(2.0) + before;
        let w_right = after + before.scale(2.0);
        (w_left + w_right) / (w_left / left + w_right / right)
    } else {
        Dual::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: [(f64, f64); 5] = [(0.0, 1.0), (1.0, 2.0), (2.5, 2.5), (3.0, 7.0), (4.0, 6.0)];

    fn duals(table: &[(f64, f64)], direction: &[(f64, f64)]) -> Vec<(Dual, Dual)> {
        table
            .iter()
            .zip(direction)
            .map(|(a, d)| (Dual::new(a.0, d.0), Dual::new(a.1, d.1)))
            .collect()
    }

    fn value(kind: InputKind, knots: &[(Dual, Dual)], t: f64) -> Dual {
        let segment = knots.iter().filter(|knot| knot.0.value <= t).count();
        let (c, t0) = coefficients(kind, knots, segment);
        let s = t - t0;
        let horner =
            |f: &dyn Fn(&Dual) -> f64| f(&c[0]) + s * (f(&c[1]) + s * (f(&c[2]) + s * f(&c[3])));
        Dual::new(horner(&|d| d.value), horner(&|d| d.slope))
    }

    #[test]
    fn every_kind_passes_through_its_knots_and_is_constant_outside() {
        let knots = duals(&TABLE, &[(0.0, 0.0); 5]);
        for kind in [InputKind::Step, InputKind::Linear, InputKind::Smooth] {
            for (t, v) in TABLE {
                assert!((value(kind, &knots, t).value - v).abs() < 1e-14);
            }
            assert_eq!(value(kind, &knots, -5.0).value, 1.0);
            assert_eq!(value(kind, &knots, 50.0).value, 6.0);
        }
        assert_eq!(value(InputKind::Linear, &knots, 0.5).value, 1.5);
        assert_eq!(value(InputKind::Step, &knots, 2.999).value, 2.5);
    }

    #[test]
    fn the_smooth_kind_is_monotone_and_continuously_differentiable() {
        let knots = duals(&TABLE, &[(0.0, 0.0); 5]);
        let at = |t: f64| value(InputKind::Smooth, &knots, t).value;
        let mut last = at(0.0);
        for i in 1..=300 {
            let now = at(0.01 * i as f64);
            assert!(now >= last - 1e-14, "falls at {}", 0.01 * i as f64);
            last = now;
        }
        for (t, _) in TABLE {
            let h = 1e-7;
            let (left, right) = ((at(t) - at(t - h)) / h, (at(t + h) - at(t)) / h);
            // the second derivative is at most about 100 here
            assert!((left - right).abs() < 1e-4, "kink at {t}: {left} {right}");
        }
    }

    #[test]
    fn knot_times_and_values_carry_derivatives() {
        let direction = [
            (0.3, 0.2),
            (-0.2, 0.5),
            (0.1, -0.4),
            (0.25, 0.7),
            (0.4, 0.1),
        ];
        let h = 1e-6;
        let moved = |by: f64| -> Vec<(f64, f64)> {
            TABLE
                .iter()
                .zip(direction)
                .map(|(a, d)| (a.0 + by * d.0, a.1 + by * d.1))
                .collect()
        };
        let none = [(0.0, 0.0); 5];
        for kind in [InputKind::Step, InputKind::Linear, InputKind::Smooth] {
            for t in [-1.0, 0.4, 1.7, 2.7, 3.5, 9.0] {
                let exact = value(kind, &duals(&TABLE, &direction), t).slope;
                let up = value(kind, &duals(&moved(h), &none), t).value;
                let down = value(kind, &duals(&moved(-h), &none), t).value;
                // central differences with h = 1e-6 of a curve with third derivatives below 1e3
                assert!(
                    (exact - (up - down) / (2.0 * h)).abs() < 1e-8,
                    "{kind:?} at {t}"
                );
            }
        }
    }
}
