//! Functions of whole registers: elementary ones four or eight lanes at a time, the others lane by lane.
//!
//! They are long; each is compiled once for an instruction set, at its best width, and not into every copy of the interpreter.
use super::tape::{Op, OpCode};
use crate::expr::{elementary, functions};
use crate::lanes::{InstructionSet, Kernel, Lane, Level};

/// Runs one operation that the interpreter's loop does not hold.
#[inline(never)]
pub(in crate::compile) fn function<const W: usize>(
    instructions: InstructionSet,
    op: &Op,
    registers: &mut [Lane<W>],
) {
    let [a, b, c] = [op.a, op.b, op.c].map(|register| registers[register as usize].0);
    let to = &mut registers[op.to as usize].0;
    if W == 1 {
        let set = instructions.at_most(Level::Avx2);
        return chunks::<W, 1>(set, op.code, [&a, &b, &c], to);
    }
    if W >= 8 && instructions.level() == Level::Avx512 {
        return chunks::<W, 8>(instructions, op.code, [&a, &b, &c], to);
    }
    let set = instructions.at_most(Level::Avx2);
    chunks::<W, 4>(set, op.code, [&a, &b, &c], to);
}

#[inline(always)]
fn chunks<const W: usize, const N: usize>(
    set: InstructionSet,
    code: OpCode,
    [a, b, c]: [&[f64; W]; 3],
    to: &mut [f64; W],
) {
    let [a, b, c] = [a, b, c].map(|x| x.as_chunks::<N>().0);
    for (((a, b), c), to) in a.iter().zip(b).zip(c).zip(to.as_chunks_mut::<N>().0) {
        set.dispatch(Chunk { code, a, b, c, to });
    }
}

/// One function of N lanes.
struct Chunk<'a, const N: usize> {
    code: OpCode,
    a: &'a [f64; N],
    b: &'a [f64; N],
    c: &'a [f64; N],
    to: &'a mut [f64; N],
}

impl<const N: usize> Kernel for Chunk<'_, N> {
    type Output = ();
    #[inline(always)]
    fn run(self) {
        let Chunk { code, a, b, c, to } = self;
        *to = match code {
            OpCode::Exp => elementary::exp(a),
            OpCode::Ln => elementary::ln(a),
            OpCode::Log1p => elementary::ln_1p(a),
            OpCode::Expm1 => elementary::expm1(a),
            OpCode::Sin => elementary::sin(a),
            OpCode::Cos => elementary::cos(a),
            OpCode::Tanh => elementary::tanh(a),
            OpCode::Sigmoid => elementary::sigmoid(a),
            OpCode::Pow => elementary::pow(a, b),
            OpCode::Hill => elementary::hill(a, b, c),
            OpCode::HillSlope => elementary::hill_slope(a, b, c),
            OpCode::HillCurvature => elementary::hill_curvature(a, b, c),
            OpCode::XLogY => elementary::xlogy(a, b),
            OpCode::ScaledPow => elementary::scaled_pow(a, b, c),
            _ => std::array::from_fn(|l| one_by_one(code, a[l], b[l])),
        };
    }
}

/// Functions that are computed lane by lane.
#[inline(never)]
fn one_by_one(code: OpCode, a: f64, b: f64) -> f64 {
    match code {
        OpCode::Tan => a.tan(),
        OpCode::Asin => a.asin(),
        OpCode::Acos => a.acos(),
        OpCode::Atan => a.atan(),
        OpCode::Sinh => a.sinh(),
        OpCode::Cosh => a.cosh(),
        OpCode::Asinh => libm::asinh(a),
        OpCode::Acosh => libm::acosh(a),
        OpCode::Atanh => libm::atanh(a),
        OpCode::Factorial => functions::factorial(a),
        OpCode::Quotient => functions::quotient(a, b),
        OpCode::Remainder => functions::remainder(a, b),
        OpCode::Polygamma => functions::polygamma(a, b),
        _ => unreachable!("the interpreter runs all other operations"),
    }
}
