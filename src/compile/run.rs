//! The interpreter: runs a tape over W lanes, with the instructions that the processor has.
//!
//! Every lane goes through the same scalar operations in the same order, so a lane's bits do not depend on W or on its
//! neighbours. Nothing is allocated. A product followed by a sum is rounded twice: a fused operation would differ between
//! instruction sets.
use super::tape::{Op, OpCode};
use crate::expr::{elementary, functions};
use crate::lanes::{InstructionSet, Kernel, Lane};

macro_rules! unary {
    ($registers:ident, $op:ident, $x:ident => $value:expr) => {{
        let a = $registers[$op.a as usize].0;
        let to = &mut $registers[$op.to as usize].0;
        for l in 0..W {
            let $x = a[l];
            to[l] = $value;
        }
    }};
}
macro_rules! binary {
    ($registers:ident, $op:ident, $x:ident, $y:ident => $value:expr) => {{
        let a = $registers[$op.a as usize].0;
        let b = $registers[$op.b as usize].0;
        let to = &mut $registers[$op.to as usize].0;
        for l in 0..W {
            let ($x, $y) = (a[l], b[l]);
            to[l] = $value;
        }
    }};
}
macro_rules! ternary {
    ($registers:ident, $op:ident, $x:ident, $y:ident, $z:ident => $value:expr) => {{
        let a = $registers[$op.a as usize].0;
        let b = $registers[$op.b as usize].0;
        let c = $registers[$op.c as usize].0;
        let to = &mut $registers[$op.to as usize].0;
        for l in 0..W {
            let ($x, $y, $z) = (a[l], b[l], c[l]);
            to[l] = $value;
        }
    }};
}

macro_rules! elementary {
    ($registers:ident, $op:ident, $name:ident) => {{
        let a = $registers[$op.a as usize].0;
        $registers[$op.to as usize].0 = elementary::$name(&a);
    }};
}

/// A condition as a number.
#[inline(always)]
fn truth(condition: bool) -> f64 {
    if condition { 1.0 } else { 0.0 }
}

/// Operations on registers, as a kernel.
struct Operations<'a, const W: usize> {
    ops: &'a [Op],
    registers: &'a mut [Lane<W>],
}

impl<const W: usize> Kernel for Operations<'_, W> {
    type Output = ();
    #[inline(always)]
    fn run(self) {
        interpret(self.ops, self.registers);
    }
}

/// Runs the operations in order.
pub(crate) fn run<const W: usize>(
    instructions: InstructionSet,
    ops: &[Op],
    registers: &mut [Lane<W>],
) {
    instructions.dispatch(Operations { ops, registers });
}

#[inline(always)]
fn interpret<const W: usize>(ops: &[Op], registers: &mut [Lane<W>]) {
    for op in ops {
        match op.code {
            OpCode::Add => binary!(registers, op, x, y => x + y),
            OpCode::Sub => binary!(registers, op, x, y => x - y),
            OpCode::Mul => binary!(registers, op, x, y => x * y),
            OpCode::Div => binary!(registers, op, x, y => x / y),
            OpCode::MulAdd => ternary!(registers, op, x, y, z => x * y + z),
            OpCode::MulSub => ternary!(registers, op, x, y, z => z - x * y),
            OpCode::Neg => unary!(registers, op, x => -x),
            OpCode::Recip => unary!(registers, op, x => 1.0 / x),
            OpCode::Less => binary!(registers, op, x, y => truth(x < y)),
            OpCode::LessEqual => binary!(registers, op, x, y => truth(x <= y)),
            OpCode::Equal => binary!(registers, op, x, y => truth(x == y)),
            OpCode::NotEqual => binary!(registers, op, x, y => truth(x != y)),
            OpCode::And => binary!(registers, op, x, y => truth(x != 0.0 && y != 0.0)),
            OpCode::Or => binary!(registers, op, x, y => truth(x != 0.0 || y != 0.0)),
            OpCode::Not => unary!(registers, op, x => truth(x == 0.0)),
            OpCode::Select => ternary!(registers, op, x, y, z => if x != 0.0 { y } else { z }),
            OpCode::Copy => unary!(registers, op, x => x),
            OpCode::Exp => elementary!(registers, op, exp),
            OpCode::Ln => elementary!(registers, op, ln),
            OpCode::Log1p => elementary!(registers, op, ln_1p),
            OpCode::Expm1 => elementary!(registers, op, expm1),
            OpCode::Sqrt => unary!(registers, op, x => x.sqrt()),
            OpCode::Abs => unary!(registers, op, x => x.abs()),
            OpCode::Sign => unary!(registers, op, x => functions::sign(x)),
            OpCode::Floor => unary!(registers, op, x => x.floor()),
            OpCode::Ceil => unary!(registers, op, x => x.ceil()),
            OpCode::Sin => elementary!(registers, op, sin),
            OpCode::Cos => elementary!(registers, op, cos),
            OpCode::Tanh => elementary!(registers, op, tanh),
            OpCode::Sigmoid => elementary!(registers, op, sigmoid),
            OpCode::Pow => {
                let (a, b) = (registers[op.a as usize].0, registers[op.b as usize].0);
                registers[op.to as usize].0 = elementary::pow(&a, &b);
            }
            OpCode::Min => binary!(registers, op, x, y => functions::min(x, y)),
            OpCode::Max => binary!(registers, op, x, y => functions::max(x, y)),
            code => ternary!(registers, op, x, y, z => one_by_one(code, x, y, z)),
        }
    }
}

/// Functions that are computed lane by lane: once in the program, not in every copy of the loop.
#[inline(never)]
fn one_by_one(code: OpCode, a: f64, b: f64, c: f64) -> f64 {
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
        OpCode::Hill => functions::hill(a, b, c),
        OpCode::HillSlope => functions::hill_slope(a, b, c),
        OpCode::HillCurvature => functions::hill_curvature(a, b, c),
        OpCode::XLogY => functions::xlogy(a, b),
        OpCode::ScaledPow => functions::scaled_pow(a, b, c),
        _ => unreachable!("the loop runs all other operations"),
    }
}

/// The value of one operation on numbers, by the same loop (constants are folded with it).
pub(crate) fn apply(code: OpCode, a: f64, b: f64, c: f64) -> f64 {
    let mut registers = [Lane([a]), Lane([b]), Lane([c]), Lane([0.0])];
    run(
        InstructionSet::PORTABLE,
        &[Op {
            code,
            to: 3,
            a: 0,
            b: 1,
            c: 2,
        }],
        &mut registers,
    );
    registers[3].0[0]
}
