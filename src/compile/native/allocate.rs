//! Which values stand in vector registers when, and where the others stand in memory.
//!
//! Belady's rule: if a register is needed and none is free, the value whose next use is furthest away leaves (L. A. Belady,
//! IBM Systems Journal 5:78, 1966, doi:10.1147/sj.52.0078). A value that also stands in memory leaves without a store. A
//! value that no later step reads is never stored, unless the tape promises its register.
use std::ops::Range;

use super::encoder::{Form, Instruction, Operand};
use super::values::{Action, NONE, Origin, Step, Value, Values};
use crate::compile::tape::Op;

/// Instructions, the operations that they call, and the registers of the file that they touch.
#[derive(Debug, Default)]
pub(super) struct Allocation {
    pub instructions: Vec<Instruction>,
    /// What the interpreter runs, on registers of the file; the calls name ranges of it.
    pub calls: Vec<Op>,
    /// Spilled values beyond the last temporary.
    pub extra: u32,
    /// One past the last temporary that holds a spilled value.
    pub end: u32,
}

/// No vector register.
const NO_REGISTER: u8 = u8::MAX;

/// Gives every value a place at every time.
pub(super) fn allocate(values: &Values, temporaries: &Range<u32>, form: &Form) -> Allocation {
    let Values { steps, origins, .. } = values;
    let (next, first, dead) = next_uses(steps, origins.len());
    // temporaries that the tape reads before it writes them are not ours
    let mut free_places: Vec<u32> = temporaries.clone().rev().collect();
    let read_first: Vec<u32> = origins
        .iter()
        .filter_map(|origin| match *origin {
            Origin::Register(r) if temporaries.contains(&r) => Some(r),
            _ => None,
        })
        .collect();
    if !read_first.is_empty() {
        free_places.retain(|r| !read_first.contains(r));
    }
    let mut allocator = Allocator {
        origins,
        form,
        places: origins
            .iter()
            .map(|origin| match *origin {
                Origin::Register(r) => Place::Stands(r),
                Origin::Constant(_) => Place::Stands(NONE),
                Origin::Made(_) => Place::Nowhere,
            })
            .collect(),
        registers: vec![NO_REGISTER; origins.len()],
        next: first,
        held: [NONE; 32],
        free: form.all_registers(),
        free_places,
        end: temporaries.end,
        at: 0,
        done: Allocation {
            instructions: Vec::with_capacity(2 * steps.len()),
            ..Allocation::default()
        },
    };
    for (at, step) in steps.iter().enumerate() {
        allocator.at = at as u32;
        if !dead[at] {
            allocator.step(step, &next[at]);
        }
    }
    allocator.done
}

/// Of each step and source, the step that next reads the same value; of each value, the first step that reads it; and the
/// steps whose results nobody wants.
fn next_uses(steps: &[Step], values: usize) -> (Vec<[u32; 4]>, Vec<u32>, Vec<bool>) {
    let mut upcoming = vec![NONE; values];
    let mut next = vec![[NONE; 4]; steps.len()];
    let mut dead = vec![false; steps.len()];
    for (at, step) in steps.iter().enumerate().rev() {
        if step.store == NONE && upcoming[step.to as usize] == NONE {
            dead[at] = true;
            continue;
        }
        for (value, next) in step.from.iter().zip(&mut next[at]).rev() {
            if *value != NONE {
                *next = upcoming[*value as usize];
                upcoming[*value as usize] = at as u32;
            }
        }
    }
    (next, upcoming, dead)
}

/// Where a value stands in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Nowhere,
    /// In its own register of the file (a constant: beside the code).
    Stands(u32),
    /// In a place that is free again after the last use.
    Spilled(u32),
}

struct Allocator<'v> {
    origins: &'v [Origin],
    form: &'v Form,
    places: Vec<Place>,
    /// Of each value, its vector register.
    registers: Vec<u8>,
    /// Of each value, the next step that reads it.
    next: Vec<u32>,
    /// Of each vector register, its value.
    held: [Value; 32],
    /// The free vector registers, as bits.
    free: u32,
    free_places: Vec<u32>,
    /// One past the last temporary of the tape.
    end: u32,
    /// The number of the step.
    at: u32,
    done: Allocation,
}

impl Allocator<'_> {
    fn step(&mut self, step: &Step, next: &[u32; 4]) {
        let [a, b, x, y] = step.from;
        match step.action {
            Action::Call(_) => return self.call(step, next),
            Action::Move => return self.copy(step, next),
            Action::Add | Action::Sub | Action::Mul | Action::Div | Action::Min | Action::Max => {
                let swap = matches!(step.action, Action::Add | Action::Mul)
                    && !self.has_register(a)
                    && (self.has_register(b) || next[0] == NONE && next[1] != NONE);
                let (a, b, next_b) = if swap {
                    (b, a, next[0])
                } else {
                    (a, b, next[1])
                };
                let first = self.fetch(a, 0);
                let second = self.operand(b, next_b, bit(first));
                self.pass(&step.from, next);
                let to = self.take(0, step.to);
                self.push(Instruction::Binary(step.action, to, first, second));
            }
            Action::And | Action::Xor => {
                let first = self.fetch(a, 0);
                let second = self.operand(b, next[1], bit(first));
                self.pass(&step.from, next);
                let to = self.take(0, step.to);
                self.push(Instruction::Binary(step.action, to, first, second));
            }
            Action::Sqrt | Action::Floor | Action::Ceil => {
                let from = if self.form.scalar {
                    Operand::Register(self.fetch(a, 0))
                } else {
                    self.operand(a, next[0], 0)
                };
                self.pass(&step.from, next);
                let to = self.take(0, step.to);
                self.push(Instruction::Unary(step.action, to, from));
            }
            Action::Recip => {
                let from = self.fetch(a, 0);
                let mut pinned = bit(from);
                let scratch = [(); 2].map(|()| {
                    let register = self.vacate(pinned);
                    pinned |= bit(register);
                    register
                });
                self.pass(&step.from, next);
                let to = self.take(pinned, step.to);
                self.push(Instruction::Recip { to, from, scratch });
            }
            Action::Choose(relation) => {
                let first = self.fetch(a, 0);
                let mut pinned = bit(first);
                let second = self.operand(b, next[1], pinned);
                pinned |= second.bit();
                let otherwise = (y != NONE).then(|| self.fetch(y, pinned));
                pinned |= otherwise.map_or(0, bit);
                let memory_allowed = !self.form.scalar
                    || otherwise.is_none()
                        && matches!(self.origins[x as usize], Origin::Constant(_));
                let chosen = if memory_allowed {
                    self.operand(x, next[2], pinned)
                } else {
                    Operand::Register(self.fetch(x, pinned))
                };
                self.pass(&step.from, next);
                // without mask registers, the mask is made in the register of the result
                let pinned = if self.form.masks {
                    0
                } else {
                    chosen.bit() | otherwise.map_or(0, bit)
                };
                let to = self.take(pinned, step.to);
                self.push(Instruction::Choose {
                    relation,
                    to,
                    first,
                    second,
                    chosen,
                    otherwise,
                });
            }
        }
        self.release_places(&step.from);
        if step.store != NONE {
            let from = self.registers[step.to as usize];
            self.push(Instruction::Store(from, step.store));
            self.places[step.to as usize] = Place::Stands(step.store);
        }
        self.release_if_unused(step.to);
    }

    /// A value in a further place.
    fn copy(&mut self, step: &Step, next: &[u32; 4]) {
        let from = step.from[0];
        let register = self.fetch(from, 0);
        self.pass(&step.from, next);
        if step.store != NONE {
            self.push(Instruction::Store(register, step.store));
            self.places[step.to as usize] = Place::Stands(step.store);
        }
        if self.next[step.to as usize] != NONE {
            if self.held[register as usize] == NONE {
                let to = self.take(!bit(register), step.to);
                debug_assert_eq!(to, register);
            } else if step.store == NONE {
                let to = self.take(bit(register), step.to);
                self.push(Instruction::Unary(
                    Action::Move,
                    to,
                    Operand::Register(register),
                ));
            }
        }
        self.release_places(&step.from);
    }

    /// An operation of the interpreter: everything that is read later goes to memory, for no vector register survives.
    fn call(&mut self, step: &Step, next: &[u32; 4]) {
        for register in 0..32 {
            let value = self.held[register];
            if value != NONE {
                self.save(value);
                self.drop_register(register as u8);
            }
        }
        let place = |value: Value, places: &[Place]| match places.get(value as usize) {
            Some(Place::Stands(r) | Place::Spilled(r)) => *r,
            _ => 0,
        };
        let [a, b, c, _] = step.from.map(|value| place(value, &self.places));
        if let Origin::Made(own) = self.origins[step.to as usize]
            && own != NONE
        {
            self.places[step.to as usize] = Place::Stands(own);
        } else {
            let to = self.free_place();
            self.places[step.to as usize] = Place::Spilled(to);
        }
        let to = place(step.to, &self.places);
        let Action::Call(code) = step.action else {
            return;
        };
        let at = self.done.calls.len() as u32;
        self.done.calls.push(Op { code, to, a, b, c });
        match self.done.instructions.last_mut() {
            Some(Instruction::Call { count, .. }) => *count += 1,
            _ => self.push(Instruction::Call {
                first: at,
                count: 1,
            }),
        }
        self.pass(&step.from, next);
        self.release_places(&step.from);
        self.release_places(&[step.to, NONE, NONE, NONE]);
    }

    fn push(&mut self, instruction: Instruction) {
        self.done.instructions.push(instruction);
    }

    fn has_register(&self, value: Value) -> bool {
        self.registers[value as usize] != NO_REGISTER
    }

    fn in_memory(&self, value: Value) -> Operand {
        match (self.places[value as usize], self.origins[value as usize]) {
            (_, Origin::Constant(constant)) => Operand::Constant(constant),
            (Place::Stands(r) | Place::Spilled(r), _) => Operand::Memory(r),
            (Place::Nowhere, _) => unreachable!("a value that left its register was stored"),
        }
    }

    /// The value's vector register, loaded if need be; those of `pinned` stay.
    fn fetch(&mut self, value: Value, pinned: u32) -> u8 {
        let register = self.registers[value as usize];
        if register != NO_REGISTER {
            return register;
        }
        let from = self.in_memory(value);
        let register = self.take(pinned, value);
        self.push(Instruction::Load(register, from));
        register
    }

    /// The value as the last source of an instruction: from memory, unless it is worth a register.
    fn operand(&mut self, value: Value, next: u32, pinned: u32) -> Operand {
        if self.has_register(value) {
            return Operand::Register(self.registers[value as usize]);
        }
        let worth = next != NONE
            && (self.free != 0
                || self
                    .furthest(pinned)
                    .is_some_and(|(_, distance)| distance > next));
        if worth {
            Operand::Register(self.fetch(value, pinned))
        } else {
            self.in_memory(value)
        }
    }

    /// The register whose value is read last, and when. A value that would need a store first counts as half as far away
    /// (measured on right-hand sides: a tenth fewer stores and loads than with the plain rule).
    fn furthest(&self, pinned: u32) -> Option<(u8, u32)> {
        let mut candidates = self.form.all_registers() & !self.free & !pinned;
        let mut best = None;
        while candidates != 0 {
            let register = candidates.trailing_zeros();
            candidates &= candidates - 1;
            let held = self.held[register as usize] as usize;
            let mut next = self.next[held];
            if self.places[held] == Place::Nowhere {
                next = self.at + (next - self.at) / 2;
            }
            if best.is_none_or(|(_, furthest)| next > furthest) {
                best = Some((register as u8, next));
            }
        }
        best
    }

    /// A vector register that is free from now on.
    fn vacate(&mut self, pinned: u32) -> u8 {
        if self.free & !pinned == 0 {
            let (register, _) = self
                .furthest(pinned)
                .expect("an instruction keeps fewer registers than there are");
            self.save(self.held[register as usize]);
            self.drop_register(register);
        }
        (self.free & !pinned).trailing_zeros() as u8
    }

    /// A vector register for a value.
    fn take(&mut self, pinned: u32, value: Value) -> u8 {
        let register = self.vacate(pinned);
        self.free &= !bit(register);
        self.held[register as usize] = value;
        self.registers[value as usize] = register;
        register
    }

    /// Stores a value that will be read again and stands in no memory yet.
    fn save(&mut self, value: Value) {
        if self.places[value as usize] != Place::Nowhere {
            return;
        }
        let place = match self.origins[value as usize] {
            Origin::Made(own) if own != NONE => {
                self.places[value as usize] = Place::Stands(own);
                own
            }
            _ => {
                let place = self.free_place();
                self.places[value as usize] = Place::Spilled(place);
                place
            }
        };
        self.push(Instruction::Store(self.registers[value as usize], place));
    }

    fn free_place(&mut self) -> u32 {
        let place = self.free_places.pop().unwrap_or_else(|| {
            self.done.extra += 1;
            self.end + self.done.extra - 1
        });
        self.done.end = self.done.end.max(place + 1);
        place
    }

    fn drop_register(&mut self, register: u8) {
        let value = std::mem::replace(&mut self.held[register as usize], NONE);
        self.registers[value as usize] = NO_REGISTER;
        self.free |= bit(register);
    }

    /// The sources were read: what is not read again leaves its register.
    fn pass(&mut self, from: &[Value; 4], next: &[u32; 4]) {
        for (&value, &next) in from.iter().zip(next) {
            if value != NONE {
                self.next[value as usize] = next;
            }
        }
        for &value in from {
            if value != NONE && self.next[value as usize] == NONE && self.has_register(value) {
                self.drop_register(self.registers[value as usize]);
            }
        }
    }

    fn release_if_unused(&mut self, value: Value) {
        if self.next[value as usize] == NONE && self.has_register(value) {
            self.drop_register(self.registers[value as usize]);
        }
    }

    /// Places of values that are not read again are free (only after the instruction that read them).
    fn release_places(&mut self, from: &[Value; 4]) {
        for &value in from {
            if value != NONE
                && self.next[value as usize] == NONE
                && let Place::Spilled(place) = self.places[value as usize]
            {
                self.free_places.push(place);
                self.places[value as usize] = Place::Nowhere;
            }
        }
    }
}

/// A register as a bit.
pub(super) fn bit(register: u8) -> u32 {
    1 << register
}
