//! What every lane must be: accurate, special where IEEE 754 says so, and the same whatever stands beside it.
mod accuracy;
mod double_double;
mod hill;
mod lanes;
mod special;
mod table;

use super::scalar;

/// A function of one argument with its namesake of the standard library and the largest errors allowed, in ulp.
struct Function {
    name: &'static str,
    ours: fn(f64) -> f64,
    std: fn(f64) -> f64,
    /// From the true value.
    error: f64,
    /// From the standard library's value, which is itself within an ulp.
    distance: u64,
}

/// The functions of one argument.
const FUNCTIONS: [Function; 8] = [
    Function {
        name: "exp",
        ours: scalar::exp,
        std: f64::exp,
        error: 0.99,
        distance: 1,
    },
    Function {
        name: "expm1",
        ours: scalar::expm1,
        std: f64::exp_m1,
        error: 2.0,
        distance: 2,
    },
    Function {
        name: "ln",
        ours: scalar::ln,
        std: f64::ln,
        error: 0.87,
        distance: 1,
    },
    Function {
        name: "ln_1p",
        ours: scalar::ln_1p,
        std: f64::ln_1p,
        error: 0.92,
        distance: 1,
    },
    Function {
        name: "sin",
        ours: scalar::sin,
        std: f64::sin,
        error: 0.85,
        distance: 1,
    },
    Function {
        name: "cos",
        ours: scalar::cos,
        std: f64::cos,
        error: 0.85,
        distance: 1,
    },
    Function {
        name: "tanh",
        ours: scalar::tanh,
        std: f64::tanh,
        error: 2.6,
        distance: 4,
    },
    Function {
        name: "sigmoid",
        ours: scalar::sigmoid,
        std: plain_sigmoid,
        error: 2.4,
        distance: 4,
    },
];

/// The logistic function on the standard library's exp.
fn plain_sigmoid(x: f64) -> f64 {
    if x >= 0.0 {
        1.0 / (1.0 + (-x).exp())
    } else {
        let e = x.exp();
        e / (1.0 + e)
    }
}

/// The number of doubles between two values; 0 for two NaN, the largest number where only one is NaN or the signs differ.
fn distance(a: f64, b: f64) -> u64 {
    if a.is_nan() && b.is_nan() {
        0
    } else if a.is_nan() || b.is_nan() || a.is_sign_negative() != b.is_sign_negative() {
        u64::MAX
    } else {
        a.to_bits().abs_diff(b.to_bits())
    }
}

/// The doubles where something changes: zeros, subnormals, ones, integers, bounds of the formulas, infinities, NaN.
fn edges() -> Vec<f64> {
    let positive = [
        0.0,
        5e-324,
        2.225_073_858_507_201e-308,
        f64::MIN_POSITIVE,
        2.3e-308,
        1e-300,
        1e-17,
        1.1e-16,
        f64::EPSILON,
        1e-8,
        0.25,
        1.0 / 3.0,
        std::f64::consts::LN_2 / 2.0,
        0.5,
        std::f64::consts::FRAC_1_SQRT_2,
        std::f64::consts::FRAC_PI_4,
        1.0 - f64::EPSILON / 2.0,
        1.0,
        1.0 + f64::EPSILON,
        std::f64::consts::SQRT_2,
        1.5,
        std::f64::consts::FRAC_PI_2,
        2.0,
        3.0,
        std::f64::consts::PI,
        10.0,
        20.0,
        36.7,
        60.0,
        700.0,
        708.0,
        708.396_418_532_264_1,
        709.782_712_893_384,
        710.0,
        745.133_219_101_941_1,
        746.0,
        1074.0,
        1075.0,
        2e5,
        1e10,
        4_503_599_627_370_495.5,
        4_503_599_627_370_497.0,
        9_007_199_254_740_991.0,
        9_007_199_254_740_992.0,
        9_007_199_254_740_994.0,
        1e20,
        1e22,
        1e300,
        1.7e308,
        f64::MAX,
        f64::INFINITY,
        f64::NAN,
    ];
    positive.iter().flat_map(|x| [*x, -x]).collect()
}

/// Random bits, the same in every run (SplitMix64, doi:10.1145/2714064.2660195).
struct Bits(u64);

impl Bits {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Any bits, but no signalling NaN (for which the standard library's 1^NaN depends on the machine).
    fn double(&mut self) -> f64 {
        let x = f64::from_bits(self.next());
        if x.is_nan() { f64::NAN } else { x }
    }

    fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * ((self.next() >> 11) as f64 / 9_007_199_254_740_992.0)
    }
}
