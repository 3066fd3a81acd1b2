//! The scheme that every family here shares: a location, a scale, and a standard distribution on a linear or logarithmic axis.
//!
//! With $\mu$ and $s$ functions of the arguments ($\mu = f$ or $\mu = \ln f$) the standardised reading is $z = (y - \mu)/s$ or
//! $z = (\ln y - \mu)/s$, and $\ln p(y) = \ln p_0(z) - \ln s$, minus $\ln y$ on a logarithmic axis; a limit of a censored reading
//! is standardised the same way and has no such terms. A family says which axis, which scale and which standard distribution;
//! the standard distributions ([`super::gaussian`], [`super::laplace`], [`super::student_t`]) say $\ln p_0$ with its
//! derivatives in location, scale and shape at $\mu = 0$, $s = 1$; the chain rule to the arguments is here.

use super::{Gaussian, LnDensity, Noise, Reading, check_finite};
use super::{gaussian, laplace, student_t};

/// Location, scale and, where the standard distribution has one, shape.
pub(super) const PARAMETERS: usize = 3;

/// ln p of a standardised reading with derivatives in location, scale and shape at location 0 and scale 1.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Standardised {
    pub value: f64,
    pub gradient: [f64; PARAMETERS],
    pub hessian: [[f64; PARAMETERS]; PARAMETERS],
    pub information: [[f64; PARAMETERS]; PARAMETERS],
    pub chi2: Option<f64>,
}

impl Standardised {
    /// The information of a censored reading as the square of its score: positive semidefinite for every distribution, and on
    /// average over readings the Fisher information, whatever decides which readings are censored.
    pub fn with_squared_score(mut self) -> Self {
        self.information = outer(&self.gradient);
        self
    }

    /// The same reading seen from the other side of a symmetric distribution: the location changes its sign.
    pub fn mirrored(mut self) -> Self {
        self.gradient[0] = -self.gradient[0];
        for k in 1..PARAMETERS {
            for matrix in [&mut self.hessian, &mut self.information] {
                matrix[0][k] = -matrix[0][k];
                matrix[k][0] = -matrix[k][0];
            }
        }
        self
    }

    /// A reading on one side of a limit: u is the limit's standardised distance towards the allowed side (`side` 1 below a limit,
    /// -1 above), `value`, `slope` and `curvature` are ln F(u) and its derivatives.
    pub fn one_sided(u: f64, side: f64, value: f64, slope: f64, curvature: f64) -> Self {
        // far inside the allowed side the slope underflows before u matters; keep 0 * inf out
        let times = |factor: f64, u: f64| if factor == 0.0 { 0.0 } else { factor * u };
        let (hu, cu) = (times(slope, u), times(curvature, u));
        let (cuu, cross) = (times(cu, u), side * (cu + slope));
        let mut found = Self {
            value,
            gradient: [-side * slope, -hu, 0.0],
            ..Self::default()
        };
        found.hessian[0][..2].copy_from_slice(&[curvature, cross]);
        found.hessian[1][..2].copy_from_slice(&[cross, cuu + 2.0 * hu]);
        // -J' c J with J = du/d(location, scale): of a logarithmically concave F it is positive semidefinite
        found.information[0][..2].copy_from_slice(&[-curvature, -side * cu]);
        found.information[1][..2].copy_from_slice(&[-side * cu, -cuu]);
        found
    }
}

/// v v'
pub(super) fn outer(v: &[f64; PARAMETERS]) -> [[f64; PARAMETERS]; PARAMETERS] {
    v.map(|a| v.map(|b| a * b))
}

/// A distribution at location 0 and scale 1.
#[derive(Clone, Copy, Debug)]
pub(super) enum Standard {
    Normal,
    Laplace,
    /// Laplace's without its kink
    Rounded,
    StudentT {
        nu: f64,
    },
}

impl Standard {
    /// Whether its shape is possible.
    fn exists(self) -> bool {
        match self {
            Standard::Normal | Standard::Laplace | Standard::Rounded => true,
            Standard::StudentT { nu } => nu > 0.0 && nu.is_finite(),
        }
    }

    fn ln_density(self, z: &Reading) -> Standardised {
        match self {
            Standard::Normal => gaussian::standard(z),
            Standard::Laplace => laplace::standard(z),
            Standard::Rounded => laplace::rounded(z),
            Standard::StudentT { nu } => student_t::standard(z, nu),
        }
    }

    fn sample(self, uniform: &mut dyn FnMut() -> f64) -> f64 {
        match self {
            Standard::Normal => gaussian::sample(uniform),
            Standard::Laplace | Standard::Rounded => laplace::sample(uniform),
            Standard::StudentT { nu } => student_t::sample(nu, uniform),
        }
    }

    /// z with F(z) = p, for 0 < p <= 1/2; all distributions here are symmetric.
    fn lower_quantile(self, p: f64) -> f64 {
        match self {
            Standard::Normal => super::normal_quantile(p),
            Standard::Laplace | Standard::Rounded => libm::log(2.0 * p),
            Standard::StudentT { nu } => student_t::lower_quantile(p, nu),
        }
    }
}

/// A quantity with its derivatives in the (up to three) arguments.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Dependent {
    pub value: f64,
    pub first: [f64; 3],
    pub second: [[f64; 3]; 3],
}

impl Dependent {
    /// One of the arguments itself; 0 where there are fewer.
    pub fn argument(arguments: &[f64], index: usize) -> Self {
        let mut found = Self {
            value: arguments.get(index).copied().unwrap_or(0.0),
            ..Self::default()
        };
        found.first[index] = 1.0;
        found
    }
}

/// On which axis the standard distribution stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Axis {
    /// about the prediction
    Linear,
    /// the logarithm of the reading about the logarithm of the prediction
    Logarithmic,
}

impl Axis {
    fn location(self, f: f64) -> Dependent {
        let mut found = Dependent::argument(&[f], 0);
        if self == Axis::Logarithmic {
            found.value = libm::log(f);
            found.first[0] = 1.0 / f;
            found.second[0][0] = -1.0 / (f * f);
        }
        found
    }

    /// The reading on this axis, and ln |d axis / d reading| where it is a value.
    fn reading(self, reading: &Reading) -> (Reading, f64) {
        if self == Axis::Linear {
            return (*reading, 0.0);
        }
        let ln = libm::log;
        match *reading {
            Reading::Value(y) => (Reading::Value(ln(y)), -ln(y)),
            Reading::Below(y) => (Reading::Below(ln(y)), 0.0),
            Reading::Above(y) => (Reading::Above(ln(y)), 0.0),
            Reading::Between(0.0, upper) => (Reading::Below(ln(upper)), 0.0),
            Reading::Between(lower, upper) => (Reading::Between(ln(lower), ln(upper)), 0.0),
        }
    }

    fn check(self, reading: &Reading) -> Result<(), &'static str> {
        if self == Axis::Linear {
            return Ok(());
        }
        match *reading {
            Reading::Value(y) if y <= 0.0 => {
                Err("a reading whose noise is on a logarithmic scale must be positive")
            }
            Reading::Below(y) | Reading::Above(y) if y <= 0.0 => {
                Err("a limit where the noise is on a logarithmic scale must be positive")
            }
            Reading::Between(lower, _) if lower < 0.0 => {
                Err("a lower limit where the noise is on a logarithmic scale must not be negative")
            }
            _ => Ok(()),
        }
    }
}

/// A family of this scheme. Its arguments are `[f, scale]`, with the shape as the last one where the distribution has a shape.
pub(super) trait LocationScale: Send + Sync + std::fmt::Debug {
    fn name(&self) -> &'static str;
    fn arguments(&self) -> usize {
        2
    }
    fn axis(&self) -> Axis {
        Axis::Linear
    }
    fn scale(&self, arguments: &[f64]) -> Dependent {
        Dependent::argument(arguments, 1)
    }
    fn standard(&self, arguments: &[f64]) -> Standard;
    fn without_kinks(&self) -> Option<&dyn Noise> {
        None
    }
}

/// ln p of a reading and its derivatives at location 0 and scale 1, but for the Jacobian of a value.
fn standardised(reading: &Reading, mu: f64, s: f64, standard: Standard) -> Standardised {
    let z = |y: f64| (y - mu) / s;
    let ln_scale = libm::log(s);
    match *reading {
        Reading::Value(y) => {
            let mut at = standard.ln_density(&Reading::Value(z(y)));
            at.value -= ln_scale;
            at
        }
        Reading::Below(limit) if z(limit) == f64::INFINITY => Standardised::default(),
        Reading::Below(limit) => standard.ln_density(&Reading::Below(z(limit))),
        Reading::Above(limit) if z(limit) == f64::NEG_INFINITY => Standardised::default(),
        Reading::Above(limit) => standard.ln_density(&Reading::Above(z(limit))),
        Reading::Between(lower, upper) => match (z(lower), z(upper)) {
            (f64::NEG_INFINITY, _) => standardised(&Reading::Below(upper), mu, s, standard),
            (_, f64::INFINITY) => standardised(&Reading::Above(lower), mu, s, standard),
            (a, b) if a < b => standard.ln_density(&Reading::Between(a, b)),
            // so far away that the limits are one number: the density times the width
            (a, _) => {
                let mut at = standard.ln_density(&Reading::Value(a));
                at.value += libm::log(upper - lower) - ln_scale;
                at.chi2 = None;
                at
            }
        },
    }
}

/// A reading within the scheme.
// it lives on the stack, one at a time
#[allow(clippy::large_enum_variant)]
enum Placed {
    /// ln p is this number whatever the arguments near these are
    Known(f64),
    /// ln p at location 0 and scale 1 with the Jacobian of a value; location and scale
    At(Standardised, Dependent, Dependent),
}

/// Where a reading stands; minus infinity where it is impossible.
#[inline(always)]
fn placed<F: LocationScale>(family: &F, reading: &Reading, arguments: &[f64]) -> Placed {
    const IMPOSSIBLE: Placed = Placed::Known(f64::NEG_INFINITY);
    let (axis, scale) = (family.axis(), family.scale(arguments));
    let (s, standard) = (scale.value, family.standard(arguments));
    if axis.check(reading).is_err() || !(s > 0.0 && s.is_finite() && standard.exists()) {
        return IMPOSSIBLE;
    }
    let (reading, jacobian) = axis.reading(reading);
    if axis == Axis::Logarithmic && arguments[0] == 0.0 {
        // a prediction of 0 is below every limit
        let below = matches!(reading, Reading::Below(_));
        return if below {
            Placed::Known(0.0)
        } else {
            IMPOSSIBLE
        };
    }
    let location = axis.location(arguments[0]);
    if !location.value.is_finite() {
        return IMPOSSIBLE;
    }
    let mut at = standardised(&reading, location.value, s, standard);
    at.value += jacobian;
    if at.value.is_nan() || at.value == f64::NEG_INFINITY {
        return IMPOSSIBLE;
    }
    Placed::At(at, location, scale)
}

impl<F: LocationScale> Noise for F {
    fn name(&self) -> &'static str {
        LocationScale::name(self)
    }
    fn arguments(&self) -> usize {
        LocationScale::arguments(self)
    }
    fn logarithmic(&self) -> bool {
        self.axis() == Axis::Logarithmic
    }

    fn without_kinks(&self) -> Option<&dyn Noise> {
        LocationScale::without_kinks(self)
    }

    fn ln_density(&self, reading: &Reading, arguments: &[f64], out: &mut LnDensity) {
        let m = LocationScale::arguments(self);
        out.reset(m);
        match placed(self, reading, arguments) {
            Placed::Known(value) => out.value = value,
            Placed::At(at, location, scale) => {
                out.value = at.value;
                out.chi2 = at.chi2;
                let shape = Dependent::argument(arguments, m - 1);
                let s = scale.value;
                carry_over(&at, &[location, scale, shape], s, m, out);
            }
        }
    }

    fn ln_p(&self, reading: &Reading, arguments: &[f64], _memory: &mut LnDensity) -> f64 {
        match placed(self, reading, arguments) {
            Placed::Known(value) => value,
            Placed::At(at, ..) => at.value,
        }
    }

    fn sample(&self, arguments: &[f64], uniform: &mut dyn FnMut() -> f64) -> f64 {
        let z = LocationScale::standard(self, arguments).sample(uniform);
        let deviation = self.scale(arguments).value * z;
        match self.axis() {
            Axis::Linear => arguments[0] + deviation,
            Axis::Logarithmic => arguments[0] * libm::exp(deviation),
        }
    }

    fn gaussian(&self, arguments: &[f64]) -> Option<Gaussian> {
        if !matches!(self.standard(arguments), Standard::Normal) {
            return None;
        }
        let m = LocationScale::arguments(self);
        let (location, scale) = (self.axis().location(arguments[0]), self.scale(arguments));
        let sound = location.value.is_finite() && scale.value > 0.0 && scale.value.is_finite();
        sound.then(|| Gaussian {
            location: location.value,
            scale: scale.value,
            location_slopes: location.first[..m].to_vec(),
            scale_slopes: scale.first[..m].to_vec(),
        })
    }

    fn quantile(&self, p: f64, arguments: &[f64]) -> Option<f64> {
        let (s, standard) = (self.scale(arguments).value, self.standard(arguments));
        if !(p > 0.0 && p < 1.0 && s > 0.0 && standard.exists()) {
            return None;
        }
        let z = if p > 0.5 {
            -standard.lower_quantile(1.0 - p)
        } else {
            standard.lower_quantile(p)
        };
        match self.axis() {
            Axis::Linear => Some(arguments[0] + s * z),
            Axis::Logarithmic => (arguments[0] >= 0.0).then(|| arguments[0] * libm::exp(s * z)),
        }
    }

    fn check(&self, reading: &Reading) -> Result<(), &'static str> {
        check_finite(reading)?;
        self.axis().check(reading)
    }
}

/// The chain rule from location, scale and shape to the m arguments.
fn carry_over(
    at: &Standardised,
    inner: &[Dependent; PARAMETERS],
    s: f64,
    m: usize,
    out: &mut LnDensity,
) {
    let unit = [s, s, 1.0];
    for i in 0..m {
        for k in 0..PARAMETERS {
            out.gradient[i] += at.gradient[k] / unit[k] * inner[k].first[i];
        }
        for j in 0..m {
            let (mut hessian, mut information) = (0.0, 0.0);
            for k in 0..PARAMETERS {
                for l in 0..PARAMETERS {
                    let (a, b) = (inner[k].first[i], inner[l].first[j]);
                    let units = unit[k] * unit[l];
                    hessian += at.hessian[k][l] / units * a * b;
                    information += at.information[k][l] / units * a * b;
                }
                hessian += at.gradient[k] / unit[k] * inner[k].second[i][j];
            }
            out.hessian[i * m + j] = hessian;
            out.information[i * m + j] = information;
        }
    }
}
