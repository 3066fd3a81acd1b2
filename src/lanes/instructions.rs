//! The instruction set of this processor, and kernels that are compiled once for each.
//!
//! A kernel is a piece of work whose code is generic over W. `dispatch` inlines it into a function that may use the wider
//! instructions; the arithmetic is the same in all of them, so the results are, too.
#![allow(
    unsafe_code,
    reason = "calls of functions with target features, after the processor was asked"
)]

/// What a processor can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Level {
    /// What every processor of the target has: SSE2 on x86-64.
    Portable,
    /// AVX2 and FMA: four numbers at once.
    Avx2,
    /// AVX-512 F, DQ, VL, BW: eight numbers at once.
    Avx512,
}

/// An instruction set that this processor has.
///
/// ```
/// use holobiont::lanes::InstructionSet;
/// let best = InstructionSet::detect();
/// assert!(InstructionSet::available().contains(&best));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct InstructionSet(Level);

impl InstructionSet {
    /// What every processor has.
    pub const PORTABLE: InstructionSet = InstructionSet(Level::Portable);

    /// The widest of this processor.
    pub fn detect() -> Self {
        #[cfg(target_arch = "x86_64")]
        {
            use std::arch::is_x86_feature_detected as has;
            let avx2 = has!("avx2") && has!("fma");
            let avx512 =
                has!("avx512f") && has!("avx512dq") && has!("avx512vl") && has!("avx512bw");
            if avx2 && avx512 {
                return InstructionSet(Level::Avx512);
            }
            if avx2 {
                return InstructionSet(Level::Avx2);
            }
        }
        Self::PORTABLE
    }

    /// All that this processor has, narrowest first.
    pub fn available() -> Vec<Self> {
        let levels = [Level::Portable, Level::Avx2, Level::Avx512].map(InstructionSet);
        let best = Self::detect();
        levels.into_iter().filter(|set| *set <= best).collect()
    }

    pub(crate) fn level(self) -> Level {
        self.0
    }

    /// This set, or the narrower one of that level.
    pub(crate) fn at_most(self, level: Level) -> Self {
        InstructionSet(self.0.min(level))
    }

    /// Numbers that one register of the processor holds.
    pub fn width(self) -> usize {
        match self.0 {
            Level::Portable => 2,
            Level::Avx2 => 4,
            Level::Avx512 => 8,
        }
    }

    /// Runs a kernel with these instructions.
    #[inline(always)]
    pub(crate) fn dispatch<K: Kernel>(self, kernel: K) -> K::Output {
        #[cfg(target_arch = "x86_64")]
        match self.0 {
            // SAFETY: a value of this level is made only by `detect` and `available`, on a processor that has the features
            Level::Avx512 => unsafe { avx512(kernel) },
            // SAFETY: as above
            Level::Avx2 => unsafe { avx2(kernel) },
            Level::Portable => kernel.run(),
        }
        #[cfg(not(target_arch = "x86_64"))]
        kernel.run()
    }
}

impl std::fmt::Display for InstructionSet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self.0 {
            Level::Portable if cfg!(target_arch = "x86_64") => "SSE2",
            Level::Portable => "portable",
            Level::Avx2 => "AVX2",
            Level::Avx512 => "AVX-512",
        })
    }
}

/// A piece of work that is compiled for each instruction set; `run` must be `#[inline(always)]`, and so must all that it calls
/// in its loops.
pub(crate) trait Kernel {
    type Output;
    fn run(self) -> Self::Output;
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512dq,avx512vl,avx512bw,avx2")]
fn avx512<K: Kernel>(kernel: K) -> K::Output {
    kernel.run()
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn avx2<K: Kernel>(kernel: K) -> K::Output {
    kernel.run()
}
