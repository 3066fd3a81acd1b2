//! Student's t noise: single readings far away pull less the farther they are.
//!
//! The complete score and Hessian in location, scale and degrees of freedom are here; [`tails`] takes their means over the tails
//! and intervals of censored readings.

mod normaliser;
mod tails;

use super::Reading;
use super::location_scale::{Axis, LocationScale, PARAMETERS, Standard, Standardised};
use normaliser::{Normaliser, normaliser};
pub(super) use tails::lower_quantile;

/// $y = f + s\,t_\nu$, arguments $[f, s, \nu]$: the prediction is the median, $s$ the scale (the standard deviation is
/// $s\sqrt{\nu/(\nu-2)}$ for $\nu > 2$), $\nu > 0$ the degrees of freedom; $\nu = 1$ is Cauchy's distribution, $\nu \to \infty$ the
/// normal one. All derivatives hold in $\nu$ as well, which may be estimated.
///
/// The information of a value is the expected one, doi:10.1080/01621459.1989.10478852; the observed one is negative for readings
/// farther than $s\sqrt\nu$.
///
/// ```
/// use holobiont::noise::{LnDensity, Noise, Reading, StudentT};
/// let mut p = LnDensity::default();
/// StudentT.ln_density(&Reading::Below(0.0), &[1.0, 1.0, 1.0], &mut p);
/// assert!((p.value.exp() - 0.25).abs() < 1e-15); // Cauchy: 1/2 + arctan(-1) / pi
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StudentT;

impl LocationScale for StudentT {
    fn name(&self) -> &'static str {
        "student-t"
    }
    fn arguments(&self) -> usize {
        3
    }
    fn standard(&self, arguments: &[f64]) -> Standard {
        Standard::StudentT { nu: arguments[2] }
    }
}

/// $\ln y = \ln f + s\,t_\nu$, arguments $[f, s, \nu]$; the density is that of $y$. Its mean does not exist for any $\nu$: the
/// prediction is the median.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LogStudentT;

impl LocationScale for LogStudentT {
    fn name(&self) -> &'static str {
        "log-student-t"
    }
    fn arguments(&self) -> usize {
        3
    }
    fn axis(&self) -> Axis {
        Axis::Logarithmic
    }
    fn standard(&self, arguments: &[f64]) -> Standard {
        Standard::StudentT { nu: arguments[2] }
    }
}

/// A point z of the standard distribution, as r = z / sqrt(nu).
#[derive(Clone, Copy, Debug)]
struct Point {
    r: f64,
    /// ln(1 + r^2), exact where r overflows
    ln_stretch: f64,
}

impl Point {
    fn at(z: f64, nu: f64) -> Self {
        let r = z / nu.sqrt();
        Self {
            r,
            ln_stretch: ln_stretch(r),
        }
    }
}

/// ln(1 + r^2) without overflow.
fn ln_stretch(r: f64) -> f64 {
    if r.abs() < 1e8 {
        libm::log1p(r * r)
    } else {
        2.0 * libm::log(r.abs())
    }
}

/// First and second derivatives of ln p of a value in location, scale and nu, at location 0 and scale 1.
#[derive(Clone, Copy, Debug, Default)]
struct Complete {
    score: [f64; PARAMETERS],
    hessian: [[f64; PARAMETERS]; PARAMETERS],
}

/// With T = r^2/(1 + r^2) all terms are bounded or logarithmic in z.
fn complete(point: Point, nu: f64, normaliser: &Normaliser) -> Complete {
    let Point { r, ln_stretch } = point;
    let near = 1.0 / (1.0 + r * r);
    // r / (1 + r^2)
    let lean = if r.abs() < 1.0 {
        r * near
    } else {
        1.0 / (r + 1.0 / r)
    };
    let t = lean * r;
    let t = if t.is_nan() { 1.0 } else { t };
    let weight = (nu + 1.0) / nu.sqrt();
    let by_location = weight * lean;
    // ln(1 + r^2) - T, which is the series T^2/2 + T^3/3 + ... in T
    let rest = if t < 0.1 {
        (2..=17)
            .rev()
            .fold(0.0, |sum, n| sum * t + 1.0 / f64::from(n))
            * t
            * t
    } else {
        ln_stretch - t
    };
    let turn = t - near / nu;
    let mut found = Complete {
        score: [
            by_location,
            (nu + 1.0) * t - 1.0,
            normaliser.first - 0.5 * rest + 0.5 * t / nu,
        ],
        ..Complete::default()
    };
    let h = &mut found.hessian;
    h[0][0] = -(nu + 1.0) / nu * near * (1.0 - 2.0 * t);
    h[0][1] = -by_location - weight * lean * (1.0 - 2.0 * t);
    h[1][1] = 1.0 - (nu + 1.0) * t * (3.0 - 2.0 * t);
    h[0][2] = lean / nu.sqrt() * turn;
    h[1][2] = t * turn;
    h[2][2] = normaliser.second + 0.5 * t * t / nu - 0.5 * t * (2.0 - t) / (nu * nu);
    (h[1][0], h[2][0], h[2][1]) = (h[0][1], h[0][2], h[1][2]);
    found
}

/// ln p of a standardised reading.
pub(super) fn standard(z: &Reading, nu: f64) -> Standardised {
    let normaliser = normaliser(nu);
    match *z {
        Reading::Value(z) => value(z, nu, &normaliser),
        Reading::Below(z) => tails::below(z, nu, &normaliser),
        Reading::Above(z) => tails::below(-z, nu, &normaliser).mirrored(),
        Reading::Between(a, b) => tails::between(a, b, nu, &normaliser),
    }
}

fn value(z: f64, nu: f64, normaliser: &Normaliser) -> Standardised {
    let point = Point::at(z, nu);
    let at = complete(point, nu, normaliser);
    let mut information = [[0.0; PARAMETERS]; PARAMETERS];
    information[0][0] = (nu + 1.0) / (nu + 3.0);
    information[1][1] = 2.0 * nu / (nu + 3.0);
    information[1][2] = -2.0 / ((nu + 1.0) * (nu + 3.0));
    information[2][1] = information[1][2];
    // -E[h_nu,nu] with E T = 1/(nu + 1), E T^2 = 3/((nu + 1)(nu + 3)); it falls like nu^-4
    let rest = (3.0 - nu) / (2.0 * nu * nu * (nu + 1.0) * (nu + 3.0));
    information[2][2] = (rest - normaliser.second).max(0.0);
    Standardised {
        value: normaliser.value - 0.5 * (nu + 1.0) * point.ln_stretch,
        gradient: at.score,
        hessian: at.hessian,
        information,
        chi2: None,
    }
}

/// By Bailey's form of the method of Box and Muller, doi:10.1090/S0025-5718-1994-1219702-8.
pub(super) fn sample(nu: f64, uniform: &mut dyn FnMut() -> f64) -> f64 {
    let (u, v) = (uniform(), uniform());
    let square = nu * libm::expm1(-2.0 / nu * libm::log(u));
    square.sqrt() * libm::cos(2.0 * std::f64::consts::PI * v)
}

#[cfg(test)]
mod tests;
