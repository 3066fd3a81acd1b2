//! What an instruction tape is: operation codes, operations on registers of W lanes, where results stand.
//!
//! How a tape is made is told in `lower` and `emit`; how it runs in `run` and `native`.
use std::ops::Range;

use super::code::Codes;
use crate::expr::Function;
use crate::lanes::{InstructionSet, Lane};

/// What an operation computes from its registers a, b and c.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub(crate) enum OpCode {
    /// a + b
    Add,
    /// a - b
    Sub,
    /// a b
    Mul,
    /// a / b
    Div,
    /// a b + c, rounded twice
    MulAdd,
    /// c - a b, rounded twice
    MulSub,
    /// -a
    Neg,
    /// 1 / a
    Recip,
    /// 1 where a < b, else 0
    Less,
    /// 1 where a <= b, else 0
    LessEqual,
    /// 1 where a = b, else 0
    Equal,
    /// 1 where a and b differ, else 0
    NotEqual,
    /// both true
    And,
    /// one true at least
    Or,
    /// 1 where a is false, else 0
    Not,
    /// b where a is true, else c
    Select,
    /// a
    Copy,
    /// An elementary function of a, b, c.
    Exp,
    Ln,
    Log1p,
    Expm1,
    Sqrt,
    Abs,
    Sign,
    Floor,
    Ceil,
    Sin,
    Cos,
    Tan,
    Asin,
    Acos,
    Atan,
    Sinh,
    Cosh,
    Tanh,
    Asinh,
    Acosh,
    Atanh,
    Sigmoid,
    Factorial,
    Pow,
    Min,
    Max,
    Quotient,
    Remainder,
    Hill,
    HillSlope,
    HillCurvature,
    XLogY,
    ScaledPow,
    Polygamma,
}

impl OpCode {
    /// How many of a, b, c are read.
    pub(crate) fn arity(self) -> usize {
        use OpCode::*;
        match self {
            MulAdd | MulSub | Select | Hill | HillSlope | HillCurvature | ScaledPow => 3,
            Add | Sub | Mul | Div | Less | LessEqual | Equal | NotEqual | And | Or | Pow | Min
            | Max | Quotient | Remainder | XLogY | Polygamma => 2,
            _ => 1,
        }
    }

    /// The word of the listing.
    pub(crate) fn name(self) -> String {
        format!("{self:?}").to_lowercase()
    }
}

impl From<Function> for OpCode {
    fn from(function: Function) -> Self {
        match function {
            Function::Exp => OpCode::Exp,
            Function::Ln => OpCode::Ln,
            Function::Log1p => OpCode::Log1p,
            Function::Expm1 => OpCode::Expm1,
            Function::Sqrt => OpCode::Sqrt,
            Function::Abs => OpCode::Abs,
            Function::Sign => OpCode::Sign,
            Function::Floor => OpCode::Floor,
            Function::Ceil => OpCode::Ceil,
            Function::Sin => OpCode::Sin,
            Function::Cos => OpCode::Cos,
            Function::Tan => OpCode::Tan,
            Function::Asin => OpCode::Asin,
            Function::Acos => OpCode::Acos,
            Function::Atan => OpCode::Atan,
            Function::Sinh => OpCode::Sinh,
            Function::Cosh => OpCode::Cosh,
            Function::Tanh => OpCode::Tanh,
            Function::Asinh => OpCode::Asinh,
            Function::Acosh => OpCode::Acosh,
            Function::Atanh => OpCode::Atanh,
            Function::Sigmoid => OpCode::Sigmoid,
            Function::Factorial => OpCode::Factorial,
            Function::Pow => OpCode::Pow,
            Function::Min => OpCode::Min,
            Function::Max => OpCode::Max,
            Function::Quotient => OpCode::Quotient,
            Function::Remainder => OpCode::Remainder,
            Function::Hill => OpCode::Hill,
            Function::HillSlope => OpCode::HillSlope,
            Function::HillCurvature => OpCode::HillCurvature,
            Function::XLogY => OpCode::XLogY,
            Function::ScaledPow => OpCode::ScaledPow,
            Function::Polygamma => OpCode::Polygamma,
        }
    }
}

/// One operation: `registers[to] = code(registers[a], registers[b], registers[c])`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Op {
    pub code: OpCode,
    pub to: u32,
    pub a: u32,
    pub b: u32,
    pub c: u32,
}

/// Operations in order, and the registers that hold the results afterwards.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tape {
    pub ops: Vec<Op>,
    pub outputs: Vec<u32>,
    /// Registers that hold nothing before the tape and nothing that matters after it.
    pub temporaries: Range<u32>,
    pub codes: Codes,
}

impl Tape {
    /// Operations, a function counted as twenty.
    pub(crate) fn weight(&self) -> f64 {
        let one = |op: &Op| if op.code >= OpCode::Exp { 20.0 } else { 1.0 };
        self.ops.iter().map(one).sum()
    }

    /// Runs it, as machine code where there is some: for tapes that are run again and again.
    #[inline]
    pub(crate) fn run<const W: usize>(
        &self,
        instructions: InstructionSet,
        registers: &mut [Lane<W>],
    ) {
        self.codes.run(instructions, self, registers);
    }
}
