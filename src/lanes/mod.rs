//! What the processor offers for work on several lanes at once: instruction sets, and memory for code of our own.
//!
//! Knows nothing of tapes; those become machine code in `compile::native`.
#[cfg(all(target_arch = "x86_64", any(unix, windows)))]
pub(crate) mod code;

/// The instructions that a compiled tape may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum InstructionSet {
    /// What every processor of the architecture has.
    Portable,
    /// AVX2 and FMA: four lanes to a register, 16 registers.
    Avx2,
    /// AVX-512 F, DQ, VL and BW: eight lanes to a register, 32 registers.
    Avx512,
}

impl InstructionSet {
    /// The richest set of this processor that its operating system has switched on.
    pub(crate) fn detect() -> Self {
        #[cfg(target_arch = "x86_64")]
        {
            if std::is_x86_feature_detected!("avx2") && std::is_x86_feature_detected!("fma") {
                if std::is_x86_feature_detected!("avx512f")
                    && std::is_x86_feature_detected!("avx512dq")
                    && std::is_x86_feature_detected!("avx512vl")
                    && std::is_x86_feature_detected!("avx512bw")
                {
                    return InstructionSet::Avx512;
                }
                return InstructionSet::Avx2;
            }
        }
        InstructionSet::Portable
    }
}
