//! The factor of a unit: a fraction times a power of ten, so that conversions between decimal units are exact.
use super::ratio::{Ratio, greatest_common_divisor};

/// `above / below * 10^ten`, positive.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Scale {
    above: f64,
    below: f64,
    ten: i32,
}

impl Scale {
    pub(super) const ONE: Scale = Scale {
        above: 1.0,
        below: 1.0,
        ten: 0,
    };

    pub(super) const fn new(above: f64, below: f64, ten: i32) -> Scale {
        Scale { above, below, ten }
    }

    /// Cancels common integer factors and moves tens into the exponent.
    fn reduced(self) -> Scale {
        const LARGEST: f64 = 9_007_199_254_740_992.0;
        let whole = |x: f64| x.fract() == 0.0 && (1.0..=LARGEST).contains(&x);
        let Scale {
            mut above,
            mut below,
            mut ten,
        } = self;
        if whole(above) && whole(below) {
            let divisor = greatest_common_divisor(above as u64, below as u64) as f64;
            above /= divisor;
            below /= divisor;
        }
        while whole(above) && above % 10.0 == 0.0 {
            above /= 10.0;
            ten = ten.saturating_add(1);
        }
        while whole(below) && below % 10.0 == 0.0 {
            below /= 10.0;
            ten = ten.saturating_sub(1);
        }
        Scale { above, below, ten }
    }

    pub(super) fn times(self, other: Scale) -> Scale {
        let ten = self.ten.saturating_add(other.ten);
        Scale {
            above: self.above * other.above,
            below: self.below * other.below,
            ten,
        }
        .reduced()
    }

    pub(super) fn inverse(self) -> Scale {
        Scale {
            above: self.below,
            below: self.above,
            ten: self.ten.saturating_neg(),
        }
    }

    pub(super) fn power(self, exponent: Ratio) -> Scale {
        if exponent.numerator() < 0 {
            return self.inverse().power(exponent.negative());
        }
        let (n, d) = (exponent.numerator(), exponent.denominator());
        let Some(ten) = self.ten.checked_mul(n) else {
            return Scale {
                above: f64::NAN,
                below: 1.0,
                ten: 0,
            };
        };
        let (above, below) = (self.above.powi(n), self.below.powi(n));
        if d == 1 {
            return Scale { above, below, ten }.reduced();
        }
        let root = |x: f64| {
            if d == 2 {
                x.sqrt()
            } else {
                x.powf(1.0 / f64::from(d))
            }
        };
        let rest = 10f64.powf(f64::from(ten.rem_euclid(d)) / f64::from(d));
        Scale {
            above: root(above) * rest,
            below: root(below),
            ten: ten.div_euclid(d),
        }
        .reduced()
    }

    /// The number.
    pub(super) fn value(self) -> f64 {
        // the decimal reader rounds powers of ten correctly; those up to 22 are exact
        let power = |n: i32| format!("1e{n}").parse().unwrap_or(f64::INFINITY);
        if self.ten >= 0 {
            self.above * power(self.ten) / self.below
        } else {
            self.above / (self.below * power(self.ten.saturating_neg()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimal_scales_convert_without_rounding() {
        let micro = Scale::new(1.0, 1.0, -6);
        let milli = Scale::new(1.0, 1.0, -3);
        assert_eq!(micro.times(milli.inverse()).value(), 1e-3);
        assert_eq!(milli.times(micro.inverse()).value(), 1e3);
    }

    #[test]
    fn days_and_hours_keep_their_integer_ratio() {
        let (day, hour) = (Scale::new(86400.0, 1.0, 0), Scale::new(3600.0, 1.0, 0));
        assert_eq!(day.times(hour.inverse()).value(), 24.0);
        assert_eq!(day.inverse().times(hour).value(), 1.0 / 24.0);
    }

    #[test]
    fn roots_undo_powers() {
        let half = Ratio::new(1, 2).unwrap();
        let scale = Scale::new(9.0, 1.0, -7).power(half);
        assert!((scale.value() - 9e-7f64.sqrt()).abs() < 1e-18);
        assert_eq!(Scale::new(9.0, 1.0, -6).power(half).value(), 3e-3);
    }
}
