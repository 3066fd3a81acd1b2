//! The one hot loop: runs a tape over W lanes.
//!
//! Every lane goes through the same scalar operations in the same order, so a lane's bits do not depend on W or on its
//! neighbours. Nothing is allocated. A product followed by a sum is rounded twice: a fused operation would differ between
//! instruction sets.
use super::tape::{Lane, Op, OpCode};
use crate::expr::functions;

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

/// A condition as a number.
#[inline(always)]
fn truth(condition: bool) -> f64 {
    if condition { 1.0 } else { 0.0 }
}

/// Runs the operations in order.
pub(crate) fn run<const W: usize>(ops: &[Op], registers: &mut [Lane<W>]) {
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
            OpCode::Exp => unary!(registers, op, x => x.exp()),
            OpCode::Ln => unary!(registers, op, x => x.ln()),
            OpCode::Log1p => unary!(registers, op, x => x.ln_1p()),
            OpCode::Expm1 => unary!(registers, op, x => x.exp_m1()),
            OpCode::Sqrt => unary!(registers, op, x => x.sqrt()),
            OpCode::Abs => unary!(registers, op, x => x.abs()),
            OpCode::Sign => unary!(registers, op, x => functions::sign(x)),
            OpCode::Floor => unary!(registers, op, x => x.floor()),
            OpCode::Ceil => unary!(registers, op, x => x.ceil()),
            OpCode::Sin => unary!(registers, op, x => x.sin()),
            OpCode::Cos => unary!(registers, op, x => x.cos()),
            OpCode::Tan => unary!(registers, op, x => x.tan()),
            OpCode::Asin => unary!(registers, op, x => x.asin()),
            OpCode::Acos => unary!(registers, op, x => x.acos()),
            OpCode::Atan => unary!(registers, op, x => x.atan()),
            OpCode::Sinh => unary!(registers, op, x => x.sinh()),
            OpCode::Cosh => unary!(registers, op, x => x.cosh()),
            OpCode::Tanh => unary!(registers, op, x => x.tanh()),
            OpCode::Asinh => unary!(registers, op, x => libm::asinh(x)),
            OpCode::Acosh => unary!(registers, op, x => libm::acosh(x)),
            OpCode::Atanh => unary!(registers, op, x => libm::atanh(x)),
            OpCode::Sigmoid => unary!(registers, op, x => functions::sigmoid(x)),
            OpCode::Factorial => unary!(registers, op, x => functions::factorial(x)),
            OpCode::Pow => binary!(registers, op, x, y => functions::pow(x, y)),
            OpCode::Min => binary!(registers, op, x, y => functions::min(x, y)),
            OpCode::Max => binary!(registers, op, x, y => functions::max(x, y)),
            OpCode::Quotient => binary!(registers, op, x, y => functions::quotient(x, y)),
            OpCode::Remainder => binary!(registers, op, x, y => functions::remainder(x, y)),
            OpCode::Hill => ternary!(registers, op, x, k, n => functions::hill(x, k, n)),
            OpCode::HillSlope => ternary!(registers, op, x, k, n => functions::hill_slope(x, k, n)),
            OpCode::HillCurvature => {
                ternary!(registers, op, x, k, n => functions::hill_curvature(x, k, n))
            }
            OpCode::XLogY => binary!(registers, op, x, y => functions::xlogy(x, y)),
            OpCode::ScaledPow => ternary!(registers, op, c, x, n => functions::scaled_pow(c, x, n)),
            OpCode::Polygamma => binary!(registers, op, m, x => functions::polygamma(m, x)),
        }
    }
}

/// The value of one operation on numbers, by the same loop (constants are folded with it).
pub(crate) fn apply(code: OpCode, a: f64, b: f64, c: f64) -> f64 {
    let mut registers = [Lane([a]), Lane([b]), Lane([c]), Lane([0.0])];
    run(
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
