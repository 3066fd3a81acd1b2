//! A linear mixed model with a random intercept by maximum likelihood, its variance ratio profiled: the yardstick of the ODE fit.
//!
//! $$ y_{ij} = x_{ij}^\top \beta + b_i + \varepsilon_{ij}, \quad b_i \sim N(0, \omega^2), \quad \varepsilon_{ij} \sim N(0, \sigma^2), \quad \rho = \omega^2/\sigma^2 $$
//!
//! With $V_i = I + \rho J$ of a subject with $n_i$ rows, $V_i^{-1} = I - \frac{\rho}{1 + n_i \rho} J$ and $\ln \det V_i = \ln(1 + n_i \rho)$, so
//! that $\beta$ and $\sigma^2$ are closed forms of $\rho$ (Pinheiro & Bates 2000, doi:10.1007/b98882, chapter 2). Nothing of the library is used.
use crate::{
    interval::Interval,
    tables::{Study, Subject},
};
use holobiont::noise::Reading;
use nalgebra::{Matrix3, Vector3};

/// A butyrate that every butyrate is divided by, ug/g: the intercept is a typical marker there.
pub const REFERENCE: f64 = 1000.0;

/// The rows of one subject: (1, ln butyrate about the subject's mean, that mean) and ln of the marker.
type Rows = Vec<(Vector3<f64>, f64)>;

/// A fitted model.
#[derive(Clone, Debug)]
pub struct MixedModel {
    /// elasticity within subjects
    pub within: Interval,
    /// elasticity between subjects' means
    pub between: Interval,
    /// variance of the intercepts and of the residuals
    pub variances: [f64; 2],
    /// -2 ln L of the readings themselves, not of their logarithms
    pub minus_two_log_likelihood: f64,
}

fn rows(subject: &Subject, marker: usize) -> Rows {
    let mean = libm::log(subject.usual_butyrate());
    let row = |(_, butyrate, reading): (usize, f64, Reading)| {
        let value = match reading {
            Reading::Value(value) => value,
            Reading::Below(limit) | Reading::Above(limit) => 0.5 * limit,
            Reading::Between(from, to) => 0.5 * (from + to),
        };
        let x = Vector3::new(1.0, libm::log(butyrate) - mean, mean - libm::log(REFERENCE));
        (x, libm::log(value))
    };
    subject.used(marker).map(row).collect()
}

/// What the likelihood needs of the data.
struct Sums {
    xx: Matrix3<f64>,
    xy: Vector3<f64>,
    yy: f64,
    /// of each subject: number of rows, sums of x and y
    subjects: Vec<(f64, Vector3<f64>, f64)>,
}

impl Sums {
    fn of(subjects: &[Rows]) -> Sums {
        let all = || subjects.iter().flatten();
        let own = |rows: &Rows| {
            let x = rows.iter().map(|(x, _)| x).sum();
            (rows.len() as f64, x, rows.iter().map(|(_, y)| y).sum())
        };
        Sums {
            xx: all().map(|(x, _)| x * x.transpose()).sum(),
            xy: all().map(|(x, y)| x * *y).sum(),
            yy: all().map(|(_, y)| y * y).sum(),
            subjects: subjects.iter().map(own).collect(),
        }
    }

    /// beta, sigma^2, (X'V^-1 X)^-1 and -2 ln L at a variance ratio.
    fn at(&self, ratio: f64) -> Option<(Vector3<f64>, f64, Matrix3<f64>, f64)> {
        let (mut xx, mut xy, mut yy) = (self.xx, self.xy, self.yy);
        let (mut count, mut ln_det) = (0.0, 0.0);
        for (n, x, y) in &self.subjects {
            let shrink = ratio / (1.0 + n * ratio);
            xx -= x * x.transpose() * shrink;
            xy -= x * (y * shrink);
            yy -= y * y * shrink;
            count += n;
            ln_det += libm::log1p(n * ratio);
        }
        let inverse = xx.try_inverse()?;
        let beta = inverse * xy;
        let variance = (yy - beta.dot(&xy)) / count;
        let minus_two = count * (libm::log(2.0 * std::f64::consts::PI * variance) + 1.0) + ln_det;
        Some((beta, variance, inverse, minus_two))
    }
}

/// Fits one marker; None where its design has no unique solution.
pub fn fit(study: &Study, marker: usize) -> Option<MixedModel> {
    let subjects: Vec<Rows> = study.subjects.iter().map(|s| rows(s, marker)).collect();
    let sums = Sums::of(&subjects);
    let value = |ln_ratio: f64| sums.at(libm::exp(ln_ratio)).map_or(f64::INFINITY, |a| a.3);
    // the best of a grid, then golden sections between its neighbours
    let grid: Vec<f64> = (0..=60).map(|k| -12.0 + 0.3 * f64::from(k)).collect();
    let best = grid
        .iter()
        .copied()
        .min_by(|a, b| value(*a).total_cmp(&value(*b)))?;
    let (mut low, mut high) = (best - 0.3, best + 0.3);
    let golden = 0.5 * (5.0_f64.sqrt() - 1.0);
    while high - low > 1e-9 {
        let (a, b) = (high - golden * (high - low), low + golden * (high - low));
        if value(a) < value(b) {
            high = b;
        } else {
            low = a;
        }
    }
    let ratio = libm::exp(0.5 * (low + high));
    let (beta, variance, inverse, minus_two) = sums.at(ratio)?;
    let interval = |k: usize| Interval {
        value: beta[k],
        error: (variance * inverse[(k, k)]).sqrt(),
    };
    let jacobian: f64 = subjects.iter().flatten().map(|(_, y)| y).sum();
    Some(MixedModel {
        within: interval(1),
        between: interval(2),
        variances: [ratio * variance, variance],
        minus_two_log_likelihood: minus_two + 2.0 * jacobian,
    })
}
