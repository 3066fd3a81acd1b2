//! The functions in two doubles, about 100 bits: the judge of the accuracy tests.
//!
//! Plain Taylor and atanh series with generous numbers of terms; nothing is shared with the functions under test. Arithmetic
//! after T. J. Dekker (1971), doi:10.1007/BF01397083.
use std::ops::{Add, Div, Mul, Neg, Sub};

/// The unevaluated sum of two doubles, the second at most half an ulp of the first.
#[derive(Clone, Copy, Debug)]
pub struct Two(pub f64, pub f64);

/// ln 2 in three parts, the first with 42 bits (mpmath 1.3, 50 digits).
const LN_2: [f64; 3] = [
    0.693_147_180_559_890_3,
    5.497_923_018_708_371e-14,
    1.947_045_092_380_75e-31,
];

/// pi/2 in four parts (mpmath 1.3, 90 digits).
const HALF_PI: [f64; 4] = [
    std::f64::consts::FRAC_PI_2,
    6.123_233_995_736_766e-17,
    -1.497_384_904_859_169_8e-33,
    5.562_271_104_316_826e-50,
];

fn sum(a: f64, b: f64) -> Two {
    let s = a + b;
    let t = s - a;
    Two(s, (a - (s - t)) + (b - t))
}

fn product(a: f64, b: f64) -> Two {
    let cut = |x: f64| {
        let t = 134_217_729.0 * x;
        let high = t - (t - x);
        (high, x - high)
    };
    let p = a * b;
    let ((a1, a2), (b1, b2)) = (cut(a), cut(b));
    Two(p, ((a1 * b1 - p) + a1 * b2 + a2 * b1) + a2 * b2)
}

impl From<f64> for Two {
    fn from(x: f64) -> Self {
        Two(x, 0.0)
    }
}

impl Add for Two {
    type Output = Two;
    fn add(self, other: Two) -> Two {
        let s = sum(self.0, other.0);
        let t = sum(self.1, other.1);
        let u = sum(s.0, s.1 + t.0);
        sum(u.0, u.1 + t.1)
    }
}

impl Neg for Two {
    type Output = Two;
    fn neg(self) -> Two {
        Two(-self.0, -self.1)
    }
}

impl Sub for Two {
    type Output = Two;
    fn sub(self, other: Two) -> Two {
        self + -other
    }
}

impl Mul for Two {
    type Output = Two;
    fn mul(self, other: Two) -> Two {
        let p = product(self.0, other.0);
        sum(p.0, p.1 + (self.0 * other.1 + self.1 * other.0))
    }
}

impl Div for Two {
    type Output = Two;
    fn div(self, other: Two) -> Two {
        let first = self.0 / other.0;
        let rest = self - other * first.into();
        let second = rest.0 / other.0;
        let rest = rest - other * second.into();
        sum(first, second) + (rest.0 / other.0).into()
    }
}

/// 2^k for -1074 <= k <= 1023.
pub fn power_of_two(k: i32) -> f64 {
    f64::from_bits(if k < -1022 {
        1 << (k + 1074)
    } else {
        ((k + 1023) as u64) << 52
    })
}

/// exp(r) - 1 for |r| <= 0.35.
fn expm1_near(r: Two) -> Two {
    (1..=26).rev().fold(Two(0.0, 0.0), |s, i| {
        (s + 1.0.into()) * r / f64::from(i).into()
    })
}

/// k times a constant in parts.
fn times(k: f64, parts: &[f64]) -> Two {
    parts
        .iter()
        .fold(Two(0.0, 0.0), |s, part| s + product(k, *part))
}

/// e^z as a number and a power of two.
pub fn exp(z: Two) -> (Two, i32) {
    let k = (z.0 / std::f64::consts::LN_2).round();
    let r = LN_2.iter().fold(z, |r, part| r - product(k, *part));
    (expm1_near(r) + 1.0.into(), k as i32)
}

/// e^z where it is neither large nor small; below 2^-900 it is not needed.
fn exp_plain(z: f64) -> Two {
    let (e, k) = exp(z.into());
    let scale = power_of_two(k.max(-900));
    Two(e.0 * scale, e.1 * scale)
}

/// e^x - 1 as a number and a power of two.
pub fn expm1(x: f64) -> (Two, i32) {
    if x.abs() < 0.34 {
        (expm1_near(x.into()), 0)
    } else if x > 100.0 {
        exp(x.into())
    } else {
        (exp_plain(x) - 1.0.into(), 0)
    }
}

/// ln(1 + f) for |f| < 0.5.
fn ln_near(f: Two) -> Two {
    let s = f / (f + 2.0.into());
    let z = s * s;
    let series = (0..=26).rev().fold(Two(0.0, 0.0), |t, j| {
        t * z + Two(1.0, 0.0) / f64::from(2 * j + 1).into()
    });
    series * s * 2.0.into()
}

/// ln of a + b, a normal.
fn ln_of(a: f64, b: f64) -> Two {
    // a within [0.71, 1.42] times 2^k
    let k = ((a * 1.414).to_bits() >> 52).min(2046) as i32 - 1023;
    let (one, other) = (power_of_two(-k / 2), power_of_two(-k + k / 2));
    let m = Two(a * one * other, b * one * other);
    times(f64::from(k), &LN_2) + ln_near(m - 1.0.into())
}

/// ln x for x > 0.
pub fn ln(x: f64) -> Two {
    if x < f64::MIN_POSITIVE {
        ln_of(x * power_of_two(60), 0.0) - times(60.0, &LN_2)
    } else {
        ln_of(x, 0.0)
    }
}

/// ln(1 + x) for x > -1.
pub fn ln_1p(x: f64) -> Two {
    if x.abs() < 0.3 {
        ln_near(x.into())
    } else {
        let u = sum(1.0, x);
        ln_of(u.0, u.1)
    }
}

/// x^y for x > 0, as a number and a power of two.
pub fn pow(x: f64, y: f64) -> (Two, i32) {
    exp(ln(x) * y.into())
}

/// 1/(1 + exp(-x)) as a number and a power of two.
pub fn sigmoid(x: f64) -> (Two, i32) {
    let denominator = exp_plain(-x.abs()) + 1.0.into();
    if x < 0.0 {
        let (e, k) = exp(x.into());
        (e / denominator, k)
    } else {
        (Two(1.0, 0.0) / denominator, 0)
    }
}

/// tanh x.
pub fn tanh(x: f64) -> Two {
    let q = expm1(-2.0 * x.abs().min(300.0)).0;
    let y = -(q / (q + 2.0.into()));
    if x < 0.0 { -y } else { y }
}

/// sin x and cos x for |x| up to 10^6.
pub fn sin_cos(x: f64) -> (Two, Two) {
    let k = (x * std::f64::consts::FRAC_2_PI).round();
    let r = HALF_PI
        .iter()
        .fold(Two(x, 0.0), |r, part| r - product(k, *part));
    let z = -(r * r);
    let (mut sin, mut cos) = (Two(0.0, 0.0), Two(0.0, 0.0));
    for i in (1..=14).rev() {
        let j = f64::from(2 * i);
        cos = (cos + 1.0.into()) * z / (j * (j - 1.0)).into();
        sin = (sin + 1.0.into()) * z / (j * (j + 1.0)).into();
    }
    let (sin, cos) = (sin * r + r, cos + 1.0.into());
    match (k as i64).rem_euclid(4) {
        0 => (sin, cos),
        1 => (cos, -sin),
        2 => (-sin, -cos),
        _ => (-cos, sin),
    }
}

/// The distance of `y` from true * 2^k, in distances of doubles around the true value.
pub fn ulps(y: f64, (truth, k): (Two, i32)) -> f64 {
    if !y.is_finite() {
        return f64::INFINITY;
    }
    let scaled = y * power_of_two(-k / 2) * power_of_two(-k + k / 2);
    let exponent = ((truth.0.abs().to_bits() >> 52) as i32) - 1023;
    // in units of 2^-k the doubles are never closer than the subnormal numbers
    let ulp = (exponent - 52).max(-1074 - k).max(-1074);
    ((scaled - truth.0) - truth.1).abs() / power_of_two(ulp)
}
