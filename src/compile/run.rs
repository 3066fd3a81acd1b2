//! The one hot loop: runs a tape over W lanes.
//!
//! Every lane goes through the same scalar operations in the same order, so a lane's bits do not depend on W or on its
//! neighbours. Nothing is allocated. A product followed by a sum is rounded twice: a fused operation would differ between
//! instruction sets.
use super::tape::{Lane, Op, OpCode};
use crate::expr::{elementary, functions};

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
    ($registers:ident, $op:ident, $name:ident, $($argument:ident),*) => {{
        let value = elementary::$name($(&$registers[$op.$argument as usize].0),*);
        $registers[$op.to as usize].0 = value;
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
            OpCode::Exp => elementary!(registers, op, exp, a),
            OpCode::Ln => elementary!(registers, op, ln, a),
            OpCode::Log1p => elementary!(registers, op, ln_1p, a),
            OpCode::Expm1 => elementary!(registers, op, expm1, a),
            OpCode::Sqrt => unary!(registers, op, x => x.sqrt()),
            OpCode::Abs => unary!(registers, op, x => x.abs()),
            OpCode::Sign => unary!(registers, op, x => functions::sign(x)),
            OpCode::Floor => unary!(registers, op, x => x.floor()),
            OpCode::Ceil => unary!(registers, op, x => x.ceil()),
            OpCode::Sin => elementary!(registers, op, sin, a),
            OpCode::Cos => elementary!(registers, op, cos, a),
            OpCode::Tan => unary!(registers, op, x => x.tan()),
            OpCode::Asin => unary!(registers, op, x => x.asin()),
            OpCode::Acos => unary!(registers, op, x => x.acos()),
            OpCode::Atan => unary!(registers, op, x => x.atan()),
            OpCode::Sinh => unary!(registers, op, x => x.sinh()),
            OpCode::Cosh => unary!(registers, op, x => x.cosh()),
            OpCode::Tanh => elementary!(registers, op, tanh, a),
            OpCode::Asinh => unary!(registers, op, x => libm::asinh(x)),
            OpCode::Acosh => unary!(registers, op, x => libm::acosh(x)),
            OpCode::Atanh => unary!(registers, op, x => libm::atanh(x)),
            OpCode::Sigmoid => elementary!(registers, op, sigmoid, a),
            OpCode::Factorial => unary!(registers, op, x => functions::factorial(x)),
            OpCode::Pow => elementary!(registers, op, pow, a, b),
            OpCode::Min => binary!(registers, op, x, y => functions::min(x, y)),
            OpCode::Max => binary!(registers, op, x, y => functions::max(x, y)),
            OpCode::Quotient => binary!(registers, op, x, y => functions::quotient(x, y)),
            OpCode::Remainder => binary!(registers, op, x, y => functions::remainder(x, y)),
            OpCode::Hill => elementary!(registers, op, hill, a, b, c),
            OpCode::HillSlope => elementary!(registers, op, hill_slope, a, b, c),
            OpCode::HillCurvature => elementary!(registers, op, hill_curvature, a, b, c),
            OpCode::XLogY => elementary!(registers, op, xlogy, a, b),
            OpCode::ScaledPow => elementary!(registers, op, scaled_pow, a, b, c),
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
