//! Instruction tapes as machine code: a tape is compiled once and then runs without an interpreter's dispatch, with its
//! temporaries in vector registers.
//!
//! Every operation rounds as the interpreter in `run` does, a product and sum twice: the results have the same bits (of a
//! NaN, only that it is one: which payload survives a sum of two NaN depends on the order of the operands). Elementary
//! functions are the interpreter's own, called from the code.
//!
//! | file | what |
//! |---|---|
//! | `values` | the tape in single assignment |
//! | `group` | calls of elementary functions, brought together |
//! | `allocate` | which value stands in which vector register, or where in memory |
//! | `encoder` | instructions as bytes |
//! | `machine` | the compiled tape and how it is run |
//!
//! There is code for x86-64 with AVX2 (1 and 4 lanes) or AVX-512 (1, 4 and 8 lanes); elsewhere nothing compiles and the
//! interpreter runs.
#[cfg(all(target_arch = "x86_64", any(unix, windows)))]
mod allocate;
#[cfg(all(target_arch = "x86_64", any(unix, windows)))]
mod encoder;
#[cfg(all(target_arch = "x86_64", any(unix, windows)))]
mod group;
#[cfg(all(target_arch = "x86_64", any(unix, windows)))]
mod machine;
#[cfg(all(target_arch = "x86_64", any(unix, windows)))]
mod values;

#[cfg(all(target_arch = "x86_64", any(unix, windows)))]
pub(crate) use machine::Native;
#[cfg(not(all(target_arch = "x86_64", any(unix, windows))))]
pub(crate) use nothing::Native;

/// Where there is no machine-code form.
#[cfg(not(all(target_arch = "x86_64", any(unix, windows))))]
mod nothing {
    use crate::compile::tape::Op;
    use crate::lanes::{InstructionSet, Lane};
    use std::ops::Range;

    /// A tape as machine code: none here.
    #[derive(Clone, Debug)]
    pub(crate) enum Native {}

    impl Native {
        /// Nothing: the interpreter runs.
        pub(crate) fn compile(
            _: &[Op],
            _: Range<u32>,
            _: usize,
            _: InstructionSet,
        ) -> Option<Native> {
            None
        }

        /// Registers that the file must have at least.
        pub(crate) fn registers(&self) -> usize {
            match *self {}
        }

        /// Runs the tape.
        pub(crate) fn run<const W: usize>(&self, _: &mut [Lane<W>]) {
            match *self {}
        }
    }
}

#[cfg(all(test, target_arch = "x86_64", any(unix, windows)))]
mod tests;
