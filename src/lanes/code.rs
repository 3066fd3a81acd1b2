//! Memory for machine code: written first, then readable and executable, never writable and executable at once.
//!
//! What the code does is not known here; whoever calls it says why the call is sound.
#![allow(unsafe_code)]
use memmap2::{Mmap, MmapMut};

/// Machine code that can be called: `extern "sysv64" fn(registers)`.
#[derive(Debug)]
pub(crate) struct Code {
    memory: Mmap,
    entry: usize,
}

impl Code {
    /// Copies the bytes into memory of their own, to be entered at byte `entry`; `None` where the operating system
    /// gives no executable memory.
    pub(crate) fn new(bytes: &[u8], entry: usize) -> Option<Self> {
        if entry >= bytes.len() {
            return None;
        }
        let mut memory = MmapMut::map_anon(bytes.len()).ok()?;
        memory.copy_from_slice(bytes);
        let memory = memory.make_exec().ok()?;
        Some(Code { memory, entry })
    }

    /// Calls the code with the start of a register file.
    ///
    /// # Safety
    /// The bytes from `entry` on must be a function of the System V convention that takes one pointer, and `registers`
    /// must be valid for every read and write that this function makes through it.
    pub(crate) unsafe fn call(&self, registers: *mut f64) {
        let start = self.memory[self.entry..].as_ptr();
        // SAFETY: the memory is executable (made so in `new`) and lives as long as `self`; the caller vouches that a
        // function of this type stands at its entry and that the pointer is good for it.
        unsafe {
            let function: extern "sysv64" fn(*mut f64) = std::mem::transmute(start);
            function(registers);
        }
    }
}
