//! A tape in single assignment: every step makes one new value, and each value knows where it may stand in memory.
//!
//! Operation codes become the few actions that the processor has: a product and sum are two steps (so it is rounded twice),
//! conditions become choices between two values, and what has no instruction is a call. Registers written several times
//! become several values; of a register that is not a temporary, the last value is stored.
use std::ops::Range;

use crate::compile::tape::{Op, OpCode};

/// No value, no register, no further use.
pub(super) const NONE: u32 = u32::MAX;

/// The number of a value.
pub(super) type Value = u32;

/// The relation of two numbers, as the compare instructions encode it; none of them signals on a quiet NaN.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Relation(pub u8);

impl Relation {
    pub const EQUAL: Relation = Relation(0x00);
    pub const LESS: Relation = Relation(0x11);
    pub const LESS_EQUAL: Relation = Relation(0x12);
    pub const GREATER: Relation = Relation(0x1e);
    /// True of NaN, too.
    pub const NOT_EQUAL: Relation = Relation(0x04);
    /// One of both is NaN.
    pub const UNORDERED: Relation = Relation(0x03);

    /// True where `self` is false.
    pub fn negated(self) -> Relation {
        Relation(self.0 ^ 4)
    }
}

/// What a step does with its values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Action {
    Add,
    Sub,
    Mul,
    Div,
    /// a < b ? a : b
    Min,
    /// a > b ? a : b
    Max,
    /// Bitwise; the second value is a constant.
    And,
    /// Bitwise; the second value is a constant.
    Xor,
    Sqrt,
    Floor,
    Ceil,
    /// 1 / a by Newton's iteration, to the bits of the division.
    Recip,
    /// The third value where the relation holds between the first two, else the fourth (0 where there is none).
    Choose(Relation),
    Move,
    /// The interpreter's operation.
    Call(OpCode),
}

/// One action on values.
#[derive(Clone, Copy, Debug)]
pub(super) struct Step {
    pub action: Action,
    pub to: Value,
    pub from: [Value; 4],
    /// The register where the result must stand at the end, if any.
    pub store: u32,
}

/// Where a value comes from, and with it where it may stand in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    /// Stands in this register from the start.
    Register(u32),
    /// Stands beside the code.
    Constant(Constant),
    /// Made by a step; this register is its own, if it is not `NONE`.
    Made(u32),
}

/// Numbers that stand beside the code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Constant {
    SignBit,
    AllButSign,
    One,
    Zero,
    MinusOne,
    /// Twice the smallest normal number.
    Small,
}

/// The constants in the order of their numbers.
pub(super) const CONSTANTS: [u64; 6] = [
    1 << 63,
    !(1 << 63),
    1.0f64.to_bits(),
    0,
    (-1.0f64).to_bits(),
    (2.0 * f64::MIN_POSITIVE).to_bits(),
];

/// A tape in single assignment.
#[derive(Debug)]
pub(super) struct Values {
    pub steps: Vec<Step>,
    pub origins: Vec<Origin>,
    /// One past the last register that the tape names.
    pub registers: u32,
}

/// Brings a tape into single assignment; `iterate` says whether reciprocals are iterated instead of divided.
pub(super) fn values(ops: &[Op], temporaries: &Range<u32>, iterate: bool) -> Values {
    let mut registers = 0;
    for op in ops {
        registers = registers.max(op.to + 1);
        for &from in &[op.a, op.b, op.c][..op.code.arity()] {
            registers = registers.max(from + 1);
        }
    }
    let mut last_write = vec![NONE; registers as usize];
    for (at, op) in ops.iter().enumerate() {
        last_write[op.to as usize] = at as u32;
    }
    let mut reader = Reader {
        steps: Vec::with_capacity(ops.len() + ops.len() / 2),
        origins: Vec::with_capacity(2 * ops.len()),
        makers: Vec::with_capacity(2 * ops.len()),
        current: vec![NONE; registers as usize],
        constants: [NONE; CONSTANTS.len()],
        last_write,
        temporaries,
        iterated: if iterate { iterated(ops) } else { (0, 1) },
        behind: 0,
        at: 0,
    };
    for (at, op) in ops.iter().enumerate() {
        reader.at = at as u32;
        reader.op(op);
    }
    Values {
        steps: reader.steps,
        origins: reader.origins,
        registers,
    }
}

/// How many of the reciprocals are iterated, of how many.
///
/// In eight lanes a division occupies its unit for 16 cycles; any other action, half a cycle of the two units that also
/// iterate, a reciprocal about seven. Both finish together if as many are iterated as this says (none, where there is enough
/// other work to hide the divisions).
fn iterated(ops: &[Op]) -> (u32, u32) {
    let (mut reciprocals, mut divisions, mut halves) = (0u32, 0u32, 0u32);
    for op in ops {
        match op.code {
            OpCode::Recip => reciprocals += 1,
            OpCode::Div => divisions += 1,
            OpCode::MulAdd | OpCode::MulSub => halves += 2,
            _ => halves += 1,
        }
    }
    let surplus = (16 * (reciprocals + divisions)).saturating_sub(halves / 2);
    ((surplus / 23).min(reciprocals), reciprocals.max(1))
}

/// The state while a tape is read.
struct Reader<'t> {
    steps: Vec<Step>,
    origins: Vec<Origin>,
    /// Of each value, the step that makes it.
    makers: Vec<u32>,
    /// Of each register, the value that stands there now.
    current: Vec<Value>,
    constants: [Value; CONSTANTS.len()],
    /// Of each register, the last operation that writes it.
    last_write: Vec<u32>,
    temporaries: &'t Range<u32>,
    /// Which share of the reciprocals is iterated, and how far that is behind.
    iterated: (u32, u32),
    behind: u32,
    at: u32,
}

impl Reader<'_> {
    fn value(&mut self, origin: Origin, maker: u32) -> Value {
        self.origins.push(origin);
        self.makers.push(maker);
        (self.origins.len() - 1) as u32
    }

    fn read(&mut self, register: u32) -> Value {
        if self.current[register as usize] == NONE {
            self.current[register as usize] = self.value(Origin::Register(register), NONE);
        }
        self.current[register as usize]
    }

    fn constant(&mut self, constant: Constant) -> Value {
        if self.constants[constant as usize] == NONE {
            self.constants[constant as usize] = self.value(Origin::Constant(constant), NONE);
        }
        self.constants[constant as usize]
    }

    fn is_constant(&self, value: Value, constant: Constant) -> bool {
        self.constants[constant as usize] == value
    }

    /// An intermediate result of an operation.
    fn step(&mut self, action: Action, from: [Value; 4]) -> Value {
        let to = self.value(Origin::Made(NONE), self.steps.len() as u32);
        self.steps.push(Step {
            action,
            to,
            from,
            store: NONE,
        });
        to
    }

    /// The result of an operation, in its register.
    fn finish(&mut self, action: Action, from: [Value; 4], to: u32) {
        let temporary = self.temporaries.contains(&to);
        let own = if temporary { NONE } else { to };
        let last = self.last_write[to as usize] == self.at;
        let value = self.value(Origin::Made(own), self.steps.len() as u32);
        self.steps.push(Step {
            action,
            to: value,
            from,
            store: if last { own } else { NONE },
        });
        self.current[to as usize] = value;
    }

    /// Whether the value's own register, if it has one, still holds it and no later operation overwrites it.
    fn is_stable(&self, value: Value) -> bool {
        match self.origins[value as usize] {
            Origin::Register(r) | Origin::Made(r) if r != NONE => {
                let last = self.last_write[r as usize];
                self.current[r as usize] == value && (last == NONE || last <= self.at)
            }
            _ => true,
        }
    }

    /// The relation that makes a value true.
    fn condition(&mut self, value: Value) -> (Relation, Value, Value) {
        let maker = self.makers[value as usize];
        if maker != NONE {
            let step = self.steps[maker as usize];
            let [a, b, x, y] = step.from;
            if let Action::Choose(relation) = step.action
                && self.is_constant(x, Constant::One)
                && y == NONE
                && self.is_stable(a)
                && self.is_stable(b)
            {
                return (relation, a, b);
            }
        }
        (Relation::NOT_EQUAL, value, self.constant(Constant::Zero))
    }

    /// 1 where the value is true, else 0.
    fn truth(&mut self, value: Value) -> Value {
        let (relation, a, b) = self.condition(value);
        let one = self.constant(Constant::One);
        self.step(Action::Choose(relation), [a, b, one, NONE])
    }

    fn op(&mut self, op: &Op) {
        use Action as A;
        let mut from = [NONE; 3];
        for (value, &register) in from.iter_mut().zip(&[op.a, op.b, op.c][..op.code.arity()]) {
            *value = self.read(register);
        }
        let [a, b, c] = from;
        let to = op.to;
        match op.code {
            OpCode::Add => self.finish(A::Add, [a, b, NONE, NONE], to),
            OpCode::Sub => self.finish(A::Sub, [a, b, NONE, NONE], to),
            OpCode::Mul => self.finish(A::Mul, [a, b, NONE, NONE], to),
            OpCode::Div => self.finish(A::Div, [a, b, NONE, NONE], to),
            OpCode::MulAdd => {
                let product = self.step(A::Mul, [a, b, NONE, NONE]);
                self.finish(A::Add, [product, c, NONE, NONE], to);
            }
            OpCode::MulSub => {
                let product = self.step(A::Mul, [a, b, NONE, NONE]);
                self.finish(A::Sub, [c, product, NONE, NONE], to);
            }
            OpCode::Neg => {
                let sign = self.constant(Constant::SignBit);
                self.finish(A::Xor, [a, sign, NONE, NONE], to);
            }
            OpCode::Abs => {
                let mask = self.constant(Constant::AllButSign);
                self.finish(A::And, [a, mask, NONE, NONE], to);
            }
            OpCode::Recip => {
                let (share, all) = self.iterated;
                self.behind += share;
                if self.behind >= all {
                    self.behind -= all;
                    return self.finish(A::Recip, [a, NONE, NONE, NONE], to);
                }
                let one = self.constant(Constant::One);
                self.finish(A::Div, [one, a, NONE, NONE], to);
            }
            OpCode::Less => self.compare(Relation::LESS, a, b, to),
            OpCode::LessEqual => self.compare(Relation::LESS_EQUAL, a, b, to),
            OpCode::Equal => self.compare(Relation::EQUAL, a, b, to),
            OpCode::NotEqual => self.compare(Relation::NOT_EQUAL, a, b, to),
            OpCode::Not => {
                let (relation, x, y) = self.condition(a);
                self.compare(relation.negated(), x, y, to);
            }
            OpCode::And => {
                let second = self.truth(b);
                let (relation, x, y) = self.condition(a);
                self.finish(A::Choose(relation), [x, y, second, NONE], to);
            }
            OpCode::Or => {
                let second = self.truth(b);
                let one = self.constant(Constant::One);
                let (relation, x, y) = self.condition(a);
                self.finish(A::Choose(relation), [x, y, one, second], to);
            }
            OpCode::Select => {
                let (relation, x, y) = self.condition(a);
                self.finish(A::Choose(relation), [x, y, b, c], to);
            }
            OpCode::Sqrt => self.finish(A::Sqrt, [a, NONE, NONE, NONE], to),
            OpCode::Floor => self.finish(A::Floor, [a, NONE, NONE, NONE], to),
            OpCode::Ceil => self.finish(A::Ceil, [a, NONE, NONE, NONE], to),
            OpCode::Min | OpCode::Max => {
                // the instruction gives b where either is NaN: only a NaN in a is left to see to
                let action = if op.code == OpCode::Min {
                    A::Min
                } else {
                    A::Max
                };
                let least = self.step(action, [a, b, NONE, NONE]);
                self.finish(A::Choose(Relation::UNORDERED), [a, a, a, least], to);
            }
            OpCode::Sign => {
                // 0, -0 and NaN: x + 0
                let zero = self.constant(Constant::Zero);
                let one = self.constant(Constant::One);
                let minus_one = self.constant(Constant::MinusOne);
                let rest = self.step(A::Add, [a, zero, NONE, NONE]);
                let rest = self.step(A::Choose(Relation::LESS), [a, zero, minus_one, rest]);
                self.finish(A::Choose(Relation::GREATER), [a, zero, one, rest], to);
            }
            OpCode::Copy => {
                let temporary = self.temporaries.contains(&to);
                let last = self.last_write[to as usize] == self.at;
                if self.is_stable(a) && (temporary || !last) {
                    self.current[to as usize] = a;
                } else {
                    self.finish(A::Move, [a, NONE, NONE, NONE], to);
                }
            }
            code => self.finish(A::Call(code), [a, b, c, NONE], to),
        }
    }

    fn compare(&mut self, relation: Relation, a: Value, b: Value, to: u32) {
        let one = self.constant(Constant::One);
        self.finish(Action::Choose(relation), [a, b, one, NONE], to);
    }
}
