//! An estimate with its standard error and 95 % interval.

/// Estimate and standard error.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// estimate
    pub value: f64,
    /// standard error
    pub error: f64,
}

impl Interval {
    /// 97.5 % quantile of the normal distribution.
    pub const QUANTILE: f64 = 1.959_963_984_540_054;

    /// Lower and upper end.
    pub fn ends(self) -> (f64, f64) {
        let half = Self::QUANTILE * self.error;
        (self.value - half, self.value + half)
    }

    /// Whether a value lies within.
    pub fn contains(self, value: f64) -> bool {
        let (low, high) = self.ends();
        low <= value && value <= high
    }
}
