//! Exact rational exponents.
use std::fmt;

/// A rational number in lowest terms, the exponent of a unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Ratio {
    numerator: i32,
    /// positive
    denominator: i32,
}

impl Ratio {
    /// 0
    pub const ZERO: Ratio = Ratio {
        numerator: 0,
        denominator: 1,
    };
    /// 1
    pub const ONE: Ratio = Ratio {
        numerator: 1,
        denominator: 1,
    };

    /// The ratio of two integers; None when the denominator is 0 or a part exceeds a million.
    pub fn new(numerator: i64, denominator: i64) -> Option<Ratio> {
        if denominator == 0 {
            return None;
        }
        let divisor = greatest_common_divisor(numerator.unsigned_abs(), denominator.unsigned_abs());
        let divisor = i64::try_from(divisor).ok()? * denominator.signum();
        let (numerator, denominator) = (numerator / divisor, denominator / divisor);
        if numerator.abs() > 1_000_000 || denominator > 1_000_000 {
            return None;
        }
        Some(Ratio {
            numerator: i32::try_from(numerator).ok()?,
            denominator: i32::try_from(denominator).ok()?,
        })
    }

    /// An integer (at most a million in size, else the nearest that is).
    pub fn integer(value: i32) -> Ratio {
        Ratio {
            numerator: value.clamp(-1_000_000, 1_000_000),
            denominator: 1,
        }
    }

    /// The ratio that a number is, or is nearest to within rounding, with a denominator of at most 1000.
    ///
    /// ```
    /// # use holobiont::units::Ratio;
    /// assert_eq!(Ratio::nearest(0.75), Ratio::new(3, 4));
    /// assert_eq!(Ratio::nearest(1.0 / 3.0), Ratio::new(1, 3));
    /// assert_eq!(Ratio::nearest(std::f64::consts::PI), None);
    /// ```
    pub fn nearest(value: f64) -> Option<Ratio> {
        if !value.is_finite() || value.abs() > 1000.0 {
            return None;
        }
        (1..=1000_i32).find_map(|denominator| {
            let scaled = value * f64::from(denominator);
            let numerator = scaled.round();
            let near = (scaled - numerator).abs() <= 4.0 * f64::EPSILON * scaled.abs();
            if near {
                Ratio::new(numerator as i64, i64::from(denominator))
            } else {
                None
            }
        })
    }

    /// The numerator; it carries the sign.
    pub fn numerator(self) -> i32 {
        self.numerator
    }

    /// The denominator, positive.
    pub fn denominator(self) -> i32 {
        self.denominator
    }

    /// As a number.
    pub fn value(self) -> f64 {
        f64::from(self.numerator) / f64::from(self.denominator)
    }

    /// The sum; None beyond a million.
    pub fn plus(self, other: Ratio) -> Option<Ratio> {
        let (a, b) = (i64::from(self.numerator), i64::from(self.denominator));
        let (c, d) = (i64::from(other.numerator), i64::from(other.denominator));
        Ratio::new(a * d + c * b, b * d)
    }

    /// The product; None beyond a million.
    pub fn times(self, other: Ratio) -> Option<Ratio> {
        let (a, b) = (i64::from(self.numerator), i64::from(self.denominator));
        let (c, d) = (i64::from(other.numerator), i64::from(other.denominator));
        Ratio::new(a * c, b * d)
    }

    /// The reciprocal; None of 0.
    pub fn inverse(self) -> Option<Ratio> {
        Ratio::new(i64::from(self.denominator), i64::from(self.numerator))
    }

    /// The opposite.
    pub fn negative(self) -> Ratio {
        Ratio {
            numerator: -self.numerator,
            denominator: self.denominator,
        }
    }
}

impl fmt::Display for Ratio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.denominator == 1 {
            write!(f, "{}", self.numerator)
        } else {
            write!(f, "({}/{})", self.numerator, self.denominator)
        }
    }
}

/// Euclid's algorithm; the other number when one is 0, and 1 when both are.
pub(super) fn greatest_common_divisor(mut a: u64, mut b: u64) -> u64 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a.max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ratios_are_kept_in_lowest_terms_with_positive_denominator() {
        assert_eq!(Ratio::new(2, -4), Ratio::new(-1, 2));
        assert_eq!(Ratio::new(0, -7), Some(Ratio::ZERO));
        assert_eq!(Ratio::new(1, 0), None);
        assert_eq!(
            Ratio::new(1, 2).and_then(|half| half.plus(half)),
            Some(Ratio::ONE)
        );
    }

    #[test]
    fn sums_that_grow_out_of_bounds_are_refused() {
        assert_eq!(Ratio::integer(1_000_000).plus(Ratio::ONE), None);
        assert_eq!(Ratio::nearest(f64::NAN), None);
        assert_eq!(
            Ratio::nearest(0.37).map(|r| r.to_string()),
            Some("(37/100)".into())
        );
    }
}
