//! Two groups compared: means with Welch's test, rates of events with a robust error.
use crate::noise::{LnDensity, Noise, Reading, StudentT, normal_cdf, normal_quantile};

/// A contrast with its 95 % interval and p value (two-sided, of no difference). NaN where the groups cannot tell.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Contrast {
    /// difference, or natural logarithm of a ratio
    pub value: f64,
    /// its standard error
    pub error: f64,
    /// its 95 % interval
    pub interval: (f64, f64),
    /// p value
    pub p: f64,
}

/// Probability of the intervals.
const LEVEL: f64 = 0.95;

impl Contrast {
    /// A contrast that nothing is known of.
    pub fn unknown() -> Contrast {
        let none = f64::NAN;
        Contrast {
            value: none,
            error: none,
            interval: (none, none),
            p: none,
        }
    }

    /// From a value whose error is normal.
    pub fn normal(value: f64, error: f64) -> Contrast {
        if !(value.is_finite() && error.is_finite() && error > 0.0) {
            return Contrast::unknown();
        }
        let half = error * normal_quantile(0.5 + LEVEL / 2.0);
        Contrast {
            value,
            error,
            interval: (value - half, value + half),
            p: 2.0 * normal_cdf(-(value / error).abs()),
        }
    }

    /// The same on the scale of ratios.
    pub fn exp(self) -> Contrast {
        Contrast {
            value: libm::exp(self.value),
            error: self.error,
            interval: (libm::exp(self.interval.0), libm::exp(self.interval.1)),
            p: self.p,
        }
    }
}

/// Mean and variance (of a sample) of numbers.
pub(super) fn mean_and_variance(numbers: &[f64]) -> (f64, f64) {
    let count = numbers.len() as f64;
    let mean = numbers.iter().sum::<f64>() / count;
    let squares = numbers.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>();
    (mean, squares / (count - 1.0))
}

/// Difference of means, `treated` less `control`, by Welch's test (Welch 1947, doi:10.1093/biomet/34.1-2.28): variances may
/// differ, degrees of freedom by Satterthwaite.
///
/// ```
/// use holobiont::trial::welch;
/// let contrast = welch(&[1.0, 2.0, 3.0, 4.0], &[2.0, 4.0, 6.0, 8.0, 10.0]);
/// assert!((contrast.value + 3.5).abs() < 1e-12 && (contrast.p - 0.069134).abs() < 1e-5);
/// ```
pub fn welch(treated: &[f64], control: &[f64]) -> Contrast {
    let Some((value, error, freedom)) = standardised(treated, control) else {
        return Contrast::unknown();
    };
    let half = error * student_upper(0.5 - LEVEL / 2.0, freedom);
    Contrast {
        value,
        error,
        interval: (value - half, value + half),
        p: 2.0 * student_below(-(value / error).abs(), freedom),
    }
}

/// The p value of Welch's test alone.
pub(super) fn welch_p(treated: &[f64], control: &[f64]) -> f64 {
    let parts = standardised(treated, control);
    parts.map_or(f64::NAN, |(value, error, freedom)| {
        2.0 * student_below(-(value / error).abs(), freedom)
    })
}

/// Difference of means, its error, and degrees of freedom.
fn standardised(treated: &[f64], control: &[f64]) -> Option<(f64, f64, f64)> {
    if treated.len() < 2 || control.len() < 2 {
        return None;
    }
    let (a, b) = (mean_and_variance(treated), mean_and_variance(control));
    let (va, vb) = (a.1 / treated.len() as f64, b.1 / control.len() as f64);
    let (value, error) = (a.0 - b.0, (va + vb).sqrt());
    let weights = va * va / (treated.len() - 1) as f64 + vb * vb / (control.len() - 1) as f64;
    let freedom = (va + vb) * (va + vb) / weights;
    (value.is_finite() && error > 0.0).then_some((value, error, freedom))
}

/// Probability that Student's t lies below `t`.
fn student_below(t: f64, freedom: f64) -> f64 {
    let mut density = LnDensity::default();
    StudentT.ln_density(&Reading::Below(t), &[0.0, 1.0, freedom], &mut density);
    libm::exp(density.value)
}

/// The number that Student's t exceeds with probability `p` below one half, by bisection.
fn student_upper(p: f64, freedom: f64) -> f64 {
    let (mut low, mut high) = (0.0, 1.0);
    while student_below(-high, freedom) > p && high < 1e12 {
        high *= 2.0;
    }
    for _ in 0..60 {
        let middle = 0.5 * (low + high);
        match student_below(-middle, freedom) > p {
            true => low = middle,
            false => high = middle,
        }
    }
    0.5 * (low + high)
}

/// Logarithm of the ratio of two rates, `treated` over `control`, from (events, time under observation) of each subject.
///
/// A group's rate is all its events over all its time. The error is robust (a sandwich): the variance of ln rate is
/// \\(\frac{n}{n-1} \sum (y_i - \hat\lambda t_i)^2 / (\sum y_i)^2\\), so events of one subject may cluster and rates may differ between
/// subjects, where a Poisson error would be too small (Royall 1986, Int Stat Rev 54:221-226). Without events in a group it is unknown.
pub fn rate_ratio(treated: &[(f64, f64)], control: &[(f64, f64)]) -> Contrast {
    let group = |subjects: &[(f64, f64)]| {
        let events: f64 = subjects.iter().map(|s| s.0).sum();
        let time: f64 = subjects.iter().map(|s| s.1).sum();
        let rate = events / time;
        let squares: f64 = subjects
            .iter()
            .map(|s| (s.0 - rate * s.1) * (s.0 - rate * s.1))
            .sum();
        let count = subjects.len() as f64;
        (
            libm::log(rate),
            squares * count / ((count - 1.0) * events * events),
        )
    };
    let (a, b) = (group(treated), group(control));
    Contrast::normal(a.0 - b.0, (a.1 + b.1).sqrt())
}
