//! The interpreter: runs a tape over W lanes, with the instructions that the processor has.
//!
//! Every lane goes through the same scalar operations in the same order, so a lane's bits do not depend on W or on its
//! neighbours. Nothing is allocated. A product followed by a sum is rounded twice: a fused operation would differ between
//! instruction sets.
use super::functions_of_lanes::function;
use super::tape::{Op, OpCode};
use crate::expr::functions;
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

/// A condition as a number.
#[inline(always)]
fn truth(condition: bool) -> f64 {
    if condition { 1.0 } else { 0.0 }
}

/// Operations on registers, as a kernel.
struct Operations<'a, const W: usize> {
    instructions: InstructionSet,
    ops: &'a [Op],
    registers: &'a mut [Lane<W>],
}

impl<const W: usize> Kernel for Operations<'_, W> {
    type Output = ();
    #[inline(always)]
    fn run(self) {
        interpret(self.instructions, self.ops, self.registers);
    }
}

/// Runs the operations in order.
pub(crate) fn run<const W: usize>(
    instructions: InstructionSet,
    ops: &[Op],
    registers: &mut [Lane<W>],
) {
    instructions.dispatch(Operations {
        instructions,
        ops,
        registers,
    });
}

#[inline(always)]
fn interpret<const W: usize>(instructions: InstructionSet, ops: &[Op], registers: &mut [Lane<W>]) {
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
            OpCode::Sqrt => unary!(registers, op, x => x.sqrt()),
            OpCode::Abs => unary!(registers, op, x => x.abs()),
            OpCode::Sign => unary!(registers, op, x => functions::sign(x)),
            OpCode::Floor => unary!(registers, op, x => x.floor()),
            OpCode::Ceil => unary!(registers, op, x => x.ceil()),
            OpCode::Min => binary!(registers, op, x, y => functions::min(x, y)),
            OpCode::Max => binary!(registers, op, x, y => functions::max(x, y)),
            _ => function(instructions, op, registers),
        }
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
