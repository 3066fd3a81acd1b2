//! Instructions as bytes: VEX and EVEX encodings of the few vector instructions that tapes need.
//!
//! Source: Intel 64 and IA-32 Architectures Software Developer's Manual, volume 2, sections 2.3 (VEX) and 2.7 (EVEX). A
//! register of the file is addressed from one of several base registers, each in the middle of the range that one byte of
//! displacement reaches (EVEX: a byte counts lanes of the vector); constants stand before the code and are addressed
//! relative to it.
use super::values::{Action, CONSTANTS, Constant, Relation};

/// The last source of an instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operand {
    Register(u8),
    /// A register of the file.
    Memory(u32),
    Constant(Constant),
}

impl Operand {
    /// The vector register as a bit.
    pub fn bit(self) -> u32 {
        match self {
            Operand::Register(r) => 1 << r,
            _ => 0,
        }
    }
}

/// What the processor is to do, on vector registers and registers of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Instruction {
    Load(u8, Operand),
    /// From a vector register to a register of the file.
    Store(u8, u32),
    /// To, first and second source.
    Binary(Action, u8, u8, Operand),
    Unary(Action, u8, Operand),
    /// A reciprocal, all registers distinct; only for eight lanes.
    Recip {
        to: u8,
        from: u8,
        scratch: [u8; 2],
    },
    Choose {
        relation: Relation,
        to: u8,
        first: u8,
        second: Operand,
        chosen: Operand,
        /// 0 if there is none.
        otherwise: Option<u8>,
    },
    /// A range of the operations that the interpreter runs.
    Call {
        first: u32,
        count: u32,
    },
}

/// Which encodings there are, and how large a register of the file is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Form {
    /// One lane: scalar instructions.
    pub scalar: bool,
    /// Numbers that one instruction works on.
    pub lanes: u32,
    /// 32 vector registers and mask registers (EVEX).
    pub masks: bool,
    /// Bytes from one register of the file to the next.
    pub step: u32,
}

impl Form {
    /// All vector registers, as bits.
    pub fn all_registers(&self) -> u32 {
        if self.masks { u32::MAX } else { 0xffff }
    }
}

/// Bytes of one constant beside the code.
const CONSTANT: usize = 64;
/// Where the code begins: after the constants.
pub(super) const ENTRY: usize = CONSTANT * CONSTANTS.len();

/// An opcode: its prefix (1: 66, 3: F2), map (1: 0F, 2: 0F38, 3: 0F3A) and byte; W is 1 in EVEX and 0 in VEX.
#[derive(Clone, Copy)]
struct Opcode {
    prefix: u8,
    map: u8,
    byte: u8,
}

const fn opcode(prefix: u8, map: u8, byte: u8) -> Opcode {
    Opcode { prefix, map, byte }
}

/// General registers, by number.
const RAX: u8 = 0;
const RCX: u8 = 1;
const RDX: u8 = 2;
const RSI: u8 = 6;
const RDI: u8 = 7;
/// Base registers where nothing is called: rdi first, for that is where the argument stands.
const BASES: [u8; 9] = [RDI, RSI, RDX, RCX, 8, 9, 10, 11, RAX];
/// Base registers that a callee restores: rbx, rbp, r13, r14, r15 (r12 would need one byte more in every address).
const SAVED_BASES: [u8; 5] = [3, 5, 13, 14, 15];

/// Where the interpreter's operations are, as the code calls them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Callee {
    /// `extern "sysv64" fn(registers, operations, count, length)`.
    pub function: u64,
    pub ops: u64,
    /// Registers in the file.
    pub length: u32,
}

/// Writes instructions as bytes.
pub(super) struct Encoder {
    bytes: Vec<u8>,
    form: Form,
    bases: &'static [u8],
    callee: Option<Callee>,
    /// Divisions behind the code: the jump that leads there, and the registers.
    divisions: Vec<(usize, u8, u8)>,
}

/// The bytes of a function that runs the instructions on the register file it is given; it is entered at [`ENTRY`].
pub(super) fn encode(
    instructions: &[Instruction],
    form: Form,
    registers: u32,
    callee: Option<Callee>,
) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(ENTRY + 64 + 8 * instructions.len());
    for constant in CONSTANTS {
        for _ in 0..CONSTANT / 8 {
            bytes.extend_from_slice(&constant.to_le_bytes());
        }
    }
    let bases: &'static [u8] = if callee.is_some() {
        &SAVED_BASES
    } else {
        &BASES
    };
    let mut encoder = Encoder {
        bytes,
        form,
        bases,
        callee,
        divisions: Vec::new(),
    };
    let reach = encoder.reach();
    let wanted = (u64::from(registers) * u64::from(form.step)).div_ceil(u64::from(reach));
    encoder.bases = &bases[..(wanted as usize).clamp(1, bases.len())];
    encoder.enter();
    for instruction in instructions {
        encoder.instruction(instruction);
    }
    encoder.leave();
    encoder.divide();
    encoder.bytes
}

impl Encoder {
    /// Bytes of the register file that one base register serves.
    fn reach(&self) -> u32 {
        if self.form.masks {
            256 * 8 * self.form.lanes
        } else {
            256
        }
    }

    fn enter(&mut self) {
        if self.callee.is_some() {
            // five registers and the return address: the stack is aligned again
            self.bytes
                .extend_from_slice(&[0x53, 0x55, 0x41, 0x55, 0x41, 0x56, 0x41, 0x57]);
        }
        let reach = self.reach() as i32;
        // the argument itself moves last
        for (k, &base) in self.bases.iter().enumerate().rev() {
            self.lea(base, RDI, reach / 2 + k as i32 * reach);
        }
    }

    fn leave(&mut self) {
        if !self.form.scalar {
            self.vzeroupper();
        }
        if self.callee.is_some() {
            self.bytes
                .extend_from_slice(&[0x41, 0x5f, 0x41, 0x5e, 0x41, 0x5d, 0x5d, 0x5b]);
        }
        self.bytes.push(0xc3);
    }

    fn vzeroupper(&mut self) {
        self.bytes.extend_from_slice(&[0xc5, 0xf8, 0x77]);
    }

    /// lea to, [from + displacement]
    fn lea(&mut self, to: u8, from: u8, displacement: i32) {
        let rex = 0x48 | (to >> 3) << 2 | from >> 3;
        self.bytes
            .extend_from_slice(&[rex, 0x8d, 0x80 | (to & 7) << 3 | from & 7]);
        self.bytes.extend_from_slice(&displacement.to_le_bytes());
    }

    /// mov to, number (64 bits)
    fn load_number(&mut self, to: u8, number: u64) {
        self.bytes
            .extend_from_slice(&[0x48 | to >> 3, 0xb8 | to & 7]);
        self.bytes.extend_from_slice(&number.to_le_bytes());
    }

    fn instruction(&mut self, instruction: &Instruction) {
        let packed = !self.form.scalar;
        // scalar forms have prefix F2, packed ones 66
        let number = if packed { 1 } else { 3 };
        let arithmetic = |byte| opcode(number, 1, byte);
        match *instruction {
            Instruction::Load(to, from) => self.load(to, from, 0),
            Instruction::Store(from, to) => {
                self.vector(arithmetic(0x11), from, 0, Operand::Memory(to), 0)
            }
            Instruction::Binary(action, to, first, second) => {
                let opcode = match action {
                    Action::Add => arithmetic(0x58),
                    Action::Mul => arithmetic(0x59),
                    Action::Sub => arithmetic(0x5c),
                    Action::Min => arithmetic(0x5d),
                    Action::Div => arithmetic(0x5e),
                    Action::Max => arithmetic(0x5f),
                    Action::And => opcode(1, 1, 0x54),
                    _ => opcode(1, 1, 0x57),
                };
                self.vector(opcode, to, first, second, 0);
            }
            Instruction::Unary(action, to, from) => {
                // a scalar result takes its upper half from the second source
                let upper = match from {
                    Operand::Register(r) if !packed => r,
                    _ => 0,
                };
                let round = opcode(1, 3, if packed { 0x09 } else { 0x0b });
                match action {
                    Action::Sqrt => self.vector(arithmetic(0x51), to, upper, from, 0),
                    Action::Floor => {
                        self.vector_with(round, to, upper, from, 0, Some(0x09));
                    }
                    Action::Ceil => {
                        self.vector_with(round, to, upper, from, 0, Some(0x0a));
                    }
                    _ => self.vector(opcode(1, 1, 0x28), to, 0, from, 0),
                }
            }
            Instruction::Recip { to, from, scratch } => self.recip(to, from, scratch),
            Instruction::Choose {
                relation,
                to,
                first,
                second,
                chosen,
                otherwise,
            } => {
                let compare = arithmetic(0xc2);
                let test = Some(relation.0);
                if self.form.masks {
                    self.vector_with(compare, 1, first, second, EVEX_ONLY, test);
                    match otherwise {
                        None => self.load(to, chosen, 1 | ZERO_REST | EVEX_ONLY),
                        Some(rest) => {
                            self.vector(opcode(1, 2, 0x65), to, rest, chosen, 1 | EVEX_ONLY)
                        }
                    }
                } else {
                    self.vector_with(compare, to, first, second, 0, test);
                    match otherwise {
                        None => self.vector(opcode(1, 1, 0x54), to, to, chosen, 0),
                        Some(rest) => {
                            let mask = Some(to << 4);
                            self.vector_with(opcode(1, 3, 0x4b), to, rest, chosen, 0, mask);
                        }
                    }
                }
            }
            Instruction::Call { first, count } => self.call(first, count),
        }
    }

    fn load(&mut self, to: u8, from: Operand, mask: u8) {
        let opcode = match from {
            Operand::Register(_) => opcode(1, 1, 0x28),
            Operand::Memory(_) if self.form.scalar => opcode(3, 1, 0x10),
            _ => opcode(1, 1, 0x10),
        };
        self.vector(opcode, to, 0, from, mask);
    }

    /// 1 / x to the bits of the division, in two fifths of its time: eight lanes take 16 cycles to divide.
    ///
    /// From an approximation y of 1/|x| to 14 bits, e = 1 - |x| y and y + y e give 28 bits and, rounded up, an error below
    /// one unit in the last place; a third time they give the correctly rounded reciprocal (P. W. Markstein, IBM Journal of
    /// Research and Development 34:111, 1990, doi:10.1147/rd.341.0111). The one exception of that theorem, a significand of
    /// all ones, comes out right from above, hence the rounding up. Where the result is not a normal number, or NaN comes
    /// out (of 0, infinity, NaN), the division is done behind the code.
    fn recip(&mut self, to: u8, from: u8, [magnitude, other]: [u8; 2]) {
        use Operand::Register as R;
        let constant = Operand::Constant;
        let residual = opcode(1, 2, 0xbc);
        let improve = opcode(1, 2, 0xa8);
        self.vector(
            opcode(1, 1, 0x54),
            magnitude,
            from,
            constant(Constant::AllButSign),
            0,
        );
        self.vector(opcode(1, 2, 0x4c), other, 0, R(magnitude), 0);
        for (e, y, rounding) in [(to, other, 0), (other, to, ROUND_UP), (to, other, 0)] {
            self.load(e, constant(Constant::One), 0);
            self.vector(residual, e, magnitude, R(y), 0);
            self.vector(improve, e, y, R(y), rounding);
        }
        let not_greater = Relation::GREATER.negated();
        let small = constant(Constant::Small);
        self.vector_with(opcode(1, 1, 0xc2), 1, to, small, 0, Some(not_greater.0));
        let sign = constant(Constant::SignBit);
        // to | from & sign
        self.vector_with(opcode(1, 3, 0x25), to, from, sign, 0, Some(0xf8));
        // kortestb k1, k1 ; jnz
        self.bytes
            .extend_from_slice(&[0xc5, 0xf9, 0x98, 0xc9, 0x0f, 0x85, 0, 0, 0, 0]);
        self.divisions.push((self.bytes.len(), to, from));
    }

    /// The divisions of reciprocals that iteration does not reach.
    fn divide(&mut self) {
        for (after, to, from) in std::mem::take(&mut self.divisions) {
            let jump = (self.bytes.len() - after) as i32;
            self.bytes[after - 4..after].copy_from_slice(&jump.to_le_bytes());
            self.load(to, Operand::Constant(Constant::One), 0);
            self.vector(opcode(1, 1, 0x5e), to, to, Operand::Register(from), 0);
            self.bytes.push(0xe9);
            let back = after as i64 - (self.bytes.len() + 4) as i64;
            self.bytes.extend_from_slice(&(back as i32).to_le_bytes());
        }
    }

    fn call(&mut self, first: u32, count: u32) {
        let callee = self
            .callee
            .expect("a tape with calls has somewhere to call");
        if !self.form.scalar {
            self.vzeroupper();
        }
        self.lea(RDI, self.bases[0], -(self.reach() as i32) / 2);
        let size = std::mem::size_of::<crate::compile::tape::Op>() as u64;
        self.load_number(RSI, callee.ops + u64::from(first) * size);
        self.bytes.push(0xb8 | RDX);
        self.bytes.extend_from_slice(&count.to_le_bytes());
        self.bytes.push(0xb8 | RCX);
        self.bytes.extend_from_slice(&callee.length.to_le_bytes());
        self.load_number(RAX, callee.function);
        self.bytes.extend_from_slice(&[0xff, 0xd0]);
    }

    fn vector(&mut self, opcode: Opcode, reg: u8, second: u8, last: Operand, mask: u8) {
        self.vector_with(opcode, reg, second, last, mask, None);
    }

    /// One vector instruction: `reg` and `last` are the fields of the address byte, `second` that of the prefix.
    fn vector_with(
        &mut self,
        opcode: Opcode,
        reg: u8,
        second: u8,
        last: Operand,
        mask: u8,
        immediate: Option<u8>,
    ) {
        let high = match last {
            Operand::Register(r) => r >= 16,
            _ => false,
        };
        let vex_possible =
            mask & EVEX_ONLY == 0 && reg < 16 && second < 16 && !high && self.form.lanes <= 4;
        let address = self.address(last);
        let vex = match address {
            _ if !self.form.masks => true,
            Address::Near { displacement, .. } => {
                vex_possible && i8::try_from(displacement).is_ok()
            }
            _ => vex_possible,
        };
        let (r, x, b) = match address {
            Address::Register(r) => (reg, r >> 4 & 1, r >> 3 & 1),
            Address::Near { base, .. } | Address::Far { base, .. } => (reg, 0, base >> 3),
            Address::Constant(_) => (reg, 0, 0),
        };
        if vex {
            let length = u8::from(self.form.lanes == 4);
            let tail = !second << 3 & 0x78 | length << 2 | opcode.prefix;
            let r_bit = !r << 4 & 0x80;
            if b == 0 && opcode.map == 1 {
                self.bytes.extend_from_slice(&[0xc5, r_bit | tail]);
            } else {
                let b_bit = if b == 0 { 0x20 } else { 0 };
                self.bytes
                    .extend_from_slice(&[0xc4, r_bit | 0x40 | b_bit | opcode.map, tail]);
            }
        } else {
            let length = match self.form.lanes {
                8 => 2,
                4 => 1,
                _ => 0,
            };
            let r_bits = !r << 4 & 0x80 | !r & 0x10;
            let x_bit = if x == 0 { 0x40 } else { 0 };
            let b_bit = if b == 0 { 0x20 } else { 0 };
            self.bytes.extend_from_slice(&[
                0x62,
                r_bits | x_bit | b_bit | opcode.map,
                0x80 | !second << 3 & 0x78 | 0x04 | opcode.prefix,
                mask & (ZERO_REST | ROUND_UP) | length << 5 | !second >> 1 & 0x08 | mask & 0x07,
            ]);
        }
        self.bytes.push(opcode.byte);
        let reg = reg << 3 & 0x38;
        match address {
            Address::Register(r) => self.bytes.push(0xc0 | reg | r & 7),
            Address::Constant(constant) => {
                self.bytes.push(reg | 5);
                let end = self.bytes.len() + 4 + usize::from(immediate.is_some());
                let displacement = (constant as usize * CONSTANT) as i64 - end as i64;
                self.bytes
                    .extend_from_slice(&(displacement as i32).to_le_bytes());
            }
            Address::Near { base, displacement } => {
                let scale = if vex { 1 } else { 8 * self.form.lanes as i32 };
                self.bytes.push(0x40 | reg | base & 7);
                self.bytes.push((displacement / scale) as i8 as u8);
            }
            Address::Far { base, displacement } => {
                self.bytes.push(0x80 | reg | base & 7);
                self.bytes.extend_from_slice(&displacement.to_le_bytes());
            }
        }
        self.bytes.extend(immediate);
    }

    fn address(&self, operand: Operand) -> Address {
        match operand {
            Operand::Register(r) => Address::Register(r),
            Operand::Constant(constant) => Address::Constant(constant),
            Operand::Memory(register) => {
                let reach = self.reach();
                let byte = register * self.form.step;
                let nearest = byte / reach;
                match self.bases.get(nearest as usize) {
                    Some(&base) => Address::Near {
                        base,
                        displacement: (byte - nearest * reach) as i32 - (reach / 2) as i32,
                    },
                    None => Address::Far {
                        base: self.bases[0],
                        displacement: byte as i32 - (reach / 2) as i32,
                    },
                }
            }
        }
    }
}

/// Where an operand stands, as it is encoded.
#[derive(Clone, Copy, Debug)]
enum Address {
    Register(u8),
    /// One byte of displacement reaches it.
    Near {
        base: u8,
        displacement: i32,
    },
    Far {
        base: u8,
        displacement: i32,
    },
    Constant(Constant),
}

/// Flag of a mask: lanes that are not chosen become zero.
const ZERO_REST: u8 = 0x80;
/// Flag of a mask: the instruction has no VEX form, or another meaning there.
const EVEX_ONLY: u8 = 0x40;
/// Flag of a mask: eight lanes, rounded up (the length field, 2, is then the rounding).
const ROUND_UP: u8 = 0x10;
