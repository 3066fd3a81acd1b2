//! Registers of W lanes in memory that begins on the border of a cache line.
//!
//! A register of eight lanes fills a line of 64 bytes. One that straddles two lines costs two accesses; the allocator
//! promises 16 bytes only, and where memory happens to begin decided between fast and slow processes.
#![allow(
    unsafe_code,
    reason = "a view of aligned lines as registers; see the SAFETY comments"
)]
use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};

use super::Lane;

const LINE: usize = 8;

/// Eight numbers on the border of a cache line.
#[derive(Clone, Copy, Debug)]
#[repr(C, align(64))]
struct Line([f64; LINE]);

/// What a line may be read as: numbers in a row, without padding.
///
/// # Safety
/// The size is a multiple of that of f64, the alignment that of f64 at most, and every pattern of bits is a value.
#[allow(unsafe_code)]
pub(crate) unsafe trait Plain: Copy {}
// SAFETY: itself
unsafe impl Plain for f64 {}
// SAFETY: transparent over an array of f64
unsafe impl<const W: usize> Plain for Lane<W> {}

/// A slice that begins on the border of a cache line; zero at first.
#[derive(Clone, Debug)]
pub(crate) struct Aligned<T: Plain> {
    lines: Vec<Line>,
    len: usize,
    of: PhantomData<T>,
}

/// Registers of W lanes.
pub(crate) type Registers<const W: usize> = Aligned<Lane<W>>;

impl<T: Plain> Aligned<T> {
    pub(crate) fn new(len: usize) -> Self {
        let mut slice = Aligned {
            lines: Vec::new(),
            len: 0,
            of: PhantomData,
        };
        slice.grow(len);
        slice
    }

    /// Makes it at least `len` long; what is new is zero, what is old stays.
    pub(crate) fn grow(&mut self, len: usize) {
        if len > self.len {
            let lines = (len * size_of::<T>()).div_ceil(size_of::<Line>());
            self.lines.resize(lines, Line([0.0; LINE]));
            self.len = len;
        }
    }

    /// Bytes of memory.
    pub(crate) fn bytes(&self) -> usize {
        self.lines.capacity() * size_of::<Line>()
    }
}

impl<const W: usize> Registers<W> {
    /// The numbers of one lane.
    pub(crate) fn lane(&self, lane: usize) -> OneLane<'_> {
        assert!(lane < W, "lane {lane} of {W}");
        let numbers = self.len * W;
        // SAFETY: `lines` holds at least len * W initialised f64 in a row (`grow`); the lifetime is that of `self`.
        let numbers = unsafe { std::slice::from_raw_parts(self.lines.as_ptr().cast(), numbers) };
        OneLane {
            numbers,
            lane,
            stride: W,
        }
    }
}

/// One lane of a register file; its type does not depend on the number of lanes, so that code that reads it is made once.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OneLane<'a> {
    numbers: &'a [f64],
    lane: usize,
    stride: usize,
}

impl OneLane<'_> {
    /// The number in a register.
    #[inline(always)]
    pub(crate) fn get(&self, register: u32) -> f64 {
        self.numbers[register as usize * self.stride + self.lane]
    }
}

impl<T: Plain> Deref for Aligned<T> {
    type Target = [T];
    fn deref(&self) -> &[T] {
        // SAFETY: `lines` holds at least len * size_of::<T>() initialised bytes in a row (`grow`), aligned more strictly than
        // `Plain` allows T to be, and every pattern of bits is a T; the lifetime is that of `self`.
        unsafe { std::slice::from_raw_parts(self.lines.as_ptr().cast(), self.len) }
    }
}

impl<T: Plain> DerefMut for Aligned<T> {
    fn deref_mut(&mut self) -> &mut [T] {
        // SAFETY: as above, and `self` is borrowed exclusively.
        unsafe { std::slice::from_raw_parts_mut(self.lines.as_mut_ptr().cast(), self.len) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn begins_on_a_line_and_keeps_its_numbers<const W: usize>() {
        for len in [0, 1, 7, 40] {
            let mut registers = Registers::<W>::new(len);
            assert_eq!(registers.as_ptr().align_offset(64), 0);
            for (k, register) in registers.iter_mut().enumerate() {
                *register = Lane::splat(k as f64);
            }
            registers.grow(len + 100);
            assert_eq!(registers.len(), len + 100);
            for (k, register) in registers.iter().enumerate() {
                let expected = if k < len { k as f64 } else { 0.0 };
                assert_eq!(*register, Lane::splat(expected));
            }
            let last = len as u32 + 99;
            registers[last as usize].0[W - 1] = 7.0;
            assert_eq!(registers.lane(W - 1).get(last), 7.0);
            let copy = registers.clone();
            assert_eq!(copy.as_ptr().align_offset(64), 0);
            assert_eq!(*copy, *registers);
        }
    }

    #[test]
    fn registers_begin_on_a_line_and_keep_their_numbers_when_they_grow() {
        begins_on_a_line_and_keeps_its_numbers::<1>();
        begins_on_a_line_and_keeps_its_numbers::<4>();
        begins_on_a_line_and_keeps_its_numbers::<8>();
        begins_on_a_line_and_keeps_its_numbers::<16>();
    }
}
