//! Elementary functions of arrays of lanes: exp, ln, pow, sin, cos and their relatives, the same bits on every machine.
//!
//! Every function is one branch-free formula a lane: additions, products, quotients, comparisons with selects and integer
//! operations on the bits. The compiler turns the loop over the lanes into vector code of whatever width the surrounding
//! function allows (SSE2, AVX2, AVX-512), and since IEEE 754 rounds each of these operations in one way only, a lane's bits
//! depend neither on the instruction set, nor on the number of lanes, nor on the neighbours. For that reason nothing here
//! uses a fused multiply-add, a table, or the C library. (NaN is NaN; its sign and payload mean nothing.) Rare arguments
//! that would make the formula long (a negative base, a subnormal result of [`pow`], a sine of a million) are repaired lane
//! by lane in a function apart, which looks at one lane's arguments only.
//!
//! | function | method | largest error seen, ulp |
//! |---|---|---|
//! | [`exp`] | reduction by ln 2, polynomial of degree 11 | 0.98 |
//! | [`ln`] | atanh series in (m - 1)/(m + 1) | 0.85 |
//! | [`pow`] | logarithm in two doubles, then as exp | 0.99; 1.18 for bases next to sqrt(2) and 1/sqrt(2), exponents near ±2000 |
//! | [`sin`], [`cos`] | reduction by pi/2 in three parts, two polynomials | 0.84; below 1 beyond 2·10^5 |
//! | [`expm1`] | as exp | 1.96 |
//! | [`ln_1p`] | as ln, with the rounding error of 1 + x | 0.88 |
//! | [`sigmoid`] | exp and a quotient | 2.34 |
//! | [`tanh`] | expm1 and a quotient | 2.50 |
//!
//! The Hill function with its derivatives (`hill`) and the products that vanish with their factor (`weighted`) are built on
//! them. An ulp is the distance of the two doubles around the true value.
//!
//! References: J.-M. Muller, Elementary Functions, 3rd edition (2016), doi:10.1007/978-1-4899-7983-4 (reductions, minimax
//! polynomials); T. J. Dekker, A floating-point technique for extending the available precision (1971),
//! doi:10.1007/BF01397083 (two doubles as one number); P. T. P. Tang, Table-driven implementation of the logarithm function
//! (1990), doi:10.1145/98267.98294. The polynomials are our own (Remez exchange at 60 digits, then rounded to doubles).
mod exponential;
mod hill;
mod hill_far;
mod logarithm;
mod logistic;
mod power;
pub(crate) mod scalar;
#[cfg(test)]
mod tests;
mod trigonometric;
mod weighted;

pub(crate) use exponential::{exp, expm1};
pub(crate) use hill::{hill, hill_curvature, hill_slope};
pub(crate) use logarithm::{ln, ln_1p};
pub(crate) use logistic::{sigmoid, tanh};
pub(crate) use power::pow;
pub(crate) use trigonometric::{cos, sin};
pub(crate) use weighted::{scaled_pow, xlogy};

/// The sign bit.
const SIGN: u64 = 1 << 63;

/// 3/2 * 2^52: a number added to it is rounded to an integer, which then stands in the last bits of the sum.
const ROUND: f64 = 6_755_399_441_055_744.0;

/// The leading 32 bits of ln 2: its product with an integer below 2^21 is exact.
const LN_2_HIGH: f64 = f64::from_bits(0x3fe6_2e42_fee0_0000);

/// ln 2 without [`LN_2_HIGH`].
const LN_2_LOW: f64 = f64::from_bits(0x3dea_39ef_3579_3c76);

/// One of two numbers that are both computed: a branch would keep the loop over lanes from becoming vector code.
#[inline(always)]
fn select(condition: bool, yes: f64, no: f64) -> f64 {
    std::hint::select_unpredictable(condition, yes, no)
}
