//! Lanes: W numbers that go through the same operations side by side, and the instruction sets that run them.
//!
//! | file | what |
//! |---|---|
//! | `instructions` | what this processor offers, and kernels compiled for each of it |
//! | `code` | memory for code of our own |
//! | `aligned` | memory for registers, on the borders of cache lines |
//!
//! A lane's numbers depend neither on W, nor on the other lanes, nor on the instruction set: nothing is fused, and nothing is
//! added across lanes.
mod aligned;
#[cfg(all(target_arch = "x86_64", any(unix, windows)))]
pub(crate) mod code;
mod instructions;

pub(crate) use aligned::{Aligned, OneLane, Registers};
pub use instructions::InstructionSet;
pub(crate) use instructions::{Kernel, Level};

/// One register in W lanes.
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(transparent)]
pub(crate) struct Lane<const W: usize>(pub [f64; W]);

impl<const W: usize> Lane<W> {
    /// Zero in every lane.
    pub(crate) const ZERO: Self = Lane([0.0; W]);

    /// The same number in every lane.
    pub(crate) const fn splat(value: f64) -> Self {
        Lane([value; W])
    }
}
