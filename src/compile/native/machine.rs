//! A compiled tape: from operations to callable code, and the way back into the interpreter.
#![allow(unsafe_code)]
use std::{ops::Range, sync::Arc};

use super::allocate::allocate;
use super::encoder::{Callee, ENTRY, Form, encode};
use super::group::group_calls;
use super::values::values;
use crate::compile::functions_of_lanes::function;
use crate::compile::tape::Op;
use crate::lanes::{InstructionSet, Lane, Level, code::Code};

/// Longer tapes are interpreted: their code would outgrow every cache (about 10 MB), so that reading it costs as much as
/// dispatch does, and 32-bit displacements need some bound.
const MOST_OPS: usize = 1 << 20;

/// A tape as machine code, for one number of lanes.
#[derive(Clone, Debug)]
pub(crate) struct Native {
    compiled: Arc<Compiled>,
}

#[derive(Debug)]
struct Compiled {
    code: Code,
    width: usize,
    registers: usize,
    /// What the code has the interpreter do: it holds pointers into this.
    _calls: Box<[Op]>,
}

/// `operations[..count]` in the interpreter.
type Interpreter = extern "sysv64" fn(*mut f64, *const Op, usize, usize);

impl Native {
    /// Compiles a tape for `width` lanes; registers of `temporaries` are undefined before and after it.
    ///
    /// `None` where this width or these instructions have no machine-code form, the tape is too long, or the operating
    /// system gives no executable memory: the interpreter does the same work. `None` also where the code needs more places
    /// than there are temporaries.
    pub(crate) fn compile(
        ops: &[Op],
        temporaries: Range<u32>,
        width: usize,
        instructions: InstructionSet,
    ) -> Option<Native> {
        if ops.len() > MOST_OPS {
            return None;
        }
        let masks = match instructions.level() {
            Level::Portable => return None,
            Level::Avx2 => false,
            Level::Avx512 => true,
        };
        let (interpreter, step): (Interpreter, usize) = match (width, masks) {
            (1, _) => (interpret::<1, false>, size_of::<Lane<1>>()),
            (4, false) => (interpret::<4, false>, size_of::<Lane<4>>()),
            (4, true) => (interpret::<4, true>, size_of::<Lane<4>>()),
            (8, true) => (interpret::<8, true>, size_of::<Lane<8>>()),
            _ => return None,
        };
        let form = Form {
            scalar: width == 1,
            lanes: width as u32,
            masks,
            step: step as u32,
        };
        let attempt = |grouped: bool| {
            let mut values = values(ops, &temporaries, masks && width == 8);
            if grouped {
                group_calls(&mut values);
            }
            let allocation = allocate(&values, &temporaries, &form);
            (allocation.extra == 0).then_some((values.registers, allocation))
        };
        // measured with 16 cheap calls in 551 operations: a fifth faster in one lane, no faster in four, slower in eight
        let grouped = if width == 1 { attempt(true) } else { None };
        let (named, allocation) = grouped.or_else(|| attempt(false))?;
        let registers = named.max(allocation.end);
        if u64::from(registers) * step as u64 > i32::MAX as u64 {
            return None;
        }
        let calls = allocation.calls.into_boxed_slice();
        let callee = (!calls.is_empty()).then_some(Callee {
            function: interpreter as usize as u64,
            ops: calls.as_ptr() as u64,
            length: registers,
        });
        let bytes = encode(&allocation.instructions, form, registers, callee);
        Some(Native {
            compiled: Arc::new(Compiled {
                code: Code::new(&bytes, ENTRY)?,
                width,
                registers: registers as usize,
                _calls: calls,
            }),
        })
    }

    /// Registers that the file must have at least: one past the last that the code touches.
    pub(crate) fn registers(&self) -> usize {
        self.compiled.registers
    }

    /// Runs the tape on a register file, which must have the width that was compiled for and at least
    /// [`Native::registers`] registers.
    pub(crate) fn run<const W: usize>(&self, registers: &mut [Lane<W>]) {
        let compiled = &*self.compiled;
        assert_eq!(W, compiled.width, "lanes of the register file and the code");
        assert!(
            registers.len() >= compiled.registers,
            "the register file has {} of {} registers",
            registers.len(),
            compiled.registers
        );
        // SAFETY: the encoder wrote a System V function at this entry that takes one pointer. It reads and writes
        // registers below `compiled.registers` of a file of W lanes, all of which `registers` holds; the operations that
        // it passes to the interpreter live in `compiled`.
        unsafe { compiled.code.call(registers.as_mut_ptr().cast()) }
    }
}

/// The interpreter, as the code calls it. A panic in it ends the process, for there is no way back through the code.
extern "sysv64" fn interpret<const W: usize, const WIDE: bool>(
    registers: *mut f64,
    ops: *const Op,
    count: usize,
    length: usize,
) {
    // SAFETY: only compiled code calls this. `registers` is the start of the file that `Native::run` holds exclusively,
    // with at least `length` registers of W lanes; `ops` points to `count` operations that the compiled tape owns.
    let (ops, registers) = unsafe {
        (
            std::slice::from_raw_parts(ops, count),
            std::slice::from_raw_parts_mut(registers.cast::<Lane<W>>(), length),
        )
    };
    // code for AVX-512 was compiled, and so runs, only where it is the best
    let best = InstructionSet::detect();
    let set = if WIDE {
        best
    } else {
        best.at_most(Level::Avx2)
    };
    for op in ops {
        function(set, op, registers);
    }
}
