//! How a tape that is run often runs: interpreted, or as machine code made at the first run.
use super::run::run;
use super::tape::Tape;
use crate::lanes::{InstructionSet, Lane};

/// The machine code of one tape.
#[derive(Clone, Debug, Default)]
pub(crate) struct Codes {}

impl Codes {
    /// Runs a tape, always the same one.
    #[inline]
    pub(crate) fn run<const W: usize>(
        &self,
        instructions: InstructionSet,
        tape: &Tape,
        registers: &mut [Lane<W>],
    ) {
        run(instructions, &tape.ops, registers);
    }
}
