//! How a tape that is run often runs: as machine code made at the first run, or interpreted where there is none.
use std::sync::OnceLock;

use super::native::Native;
use super::run::run;
use super::tape::Tape;
use crate::lanes::{InstructionSet, Lane, Level};

/// The machine code of one tape, by width.
#[derive(Clone, Debug, Default)]
pub(crate) struct Codes {
    one: OnceLock<Option<Native>>,
    four: OnceLock<Option<Native>>,
    eight: OnceLock<Option<Native>>,
}

impl Codes {
    /// Runs a tape, always the same one. The code of a width is made with the instructions of the first run; the bits are the
    /// same with all.
    #[inline]
    pub(crate) fn run<const W: usize>(
        &self,
        instructions: InstructionSet,
        tape: &Tape,
        registers: &mut [Lane<W>],
    ) {
        let place = match W {
            1 => &self.one,
            4 => &self.four,
            8 if instructions.level() == Level::Avx512 => &self.eight,
            _ => return run(instructions, &tape.ops, registers),
        };
        if instructions.level() == Level::Portable {
            return run(instructions, &tape.ops, registers);
        }
        let code = place.get_or_init(|| {
            let temporaries = tape.temporaries.clone();
            Native::compile(&tape.ops, temporaries, W, instructions)
        });
        match code {
            Some(code) if code.registers() <= registers.len() => code.run(registers),
            _ => run(instructions, &tape.ops, registers),
        }
    }
}
