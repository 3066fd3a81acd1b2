//! From instructions to tapes: what is hoisted, in which order operations run, which registers they use.
//!
//! Parameter-only work that a tape needs goes into the prologue, once for all tapes of a program. Within a tape,
//! operations follow the outputs depth first; a product that is used once, in a sum, is fused into one operation with it; a
//! temporary register is free again after its last reader.
use std::collections::{HashMap, HashSet};

use super::lower::{Class, Id, Instruction, Lowering};
use super::tape::{Op, OpCode, Tape};

/// Registers and prologue that the tapes of one program share.
#[derive(Clone, Debug, Default)]
pub(crate) struct Program {
    /// The first register of the program: constants, then hoisted values, then temporaries.
    pub first: usize,
    pub constants: Vec<f64>,
    pub hoisted: usize,
    pub prologue: Vec<Op>,
    /// One past the last temporary.
    pub end: usize,
}

/// Makes one tape of each list of results; the program's own registers start at `first`.
pub(crate) fn emit(lowering: &Lowering, tapes: &[Vec<Id>], first: usize) -> (Program, Vec<Tape>) {
    let mut constants: Vec<Id> = Vec::new();
    let mut hoisted: Vec<Id> = Vec::new();
    let mut seen: HashSet<Id> = HashSet::new();
    // everything the tapes read, then everything the prologue reads
    let mut stack: Vec<Id> = tapes.iter().flatten().rev().copied().collect();
    let mut deeper = Vec::new();
    while let Some(id) = stack.pop() {
        if !seen.insert(id) {
            continue;
        }
        match (lowering.instruction(id), lowering.class(id)) {
            (Instruction::Constant(_), _) => constants.push(id),
            (Instruction::Register(_), _) => {}
            (Instruction::Op(code, operands), Class::Varying) => {
                stack.extend(operands[..code.arity()].iter().rev())
            }
            (Instruction::Op(code, operands), _) => {
                hoisted.push(id);
                deeper.extend(operands[..code.arity()].iter().copied());
            }
        }
    }
    let frontier: HashSet<Id> = hoisted.iter().copied().collect();
    while let Some(id) = deeper.pop() {
        if frontier.contains(&id) || !seen.insert(id) {
            continue;
        }
        match lowering.instruction(id) {
            Instruction::Constant(_) => constants.push(id),
            Instruction::Register(_) => {}
            Instruction::Op(code, operands) => {
                deeper.extend(operands[..code.arity()].iter().copied())
            }
        }
    }
    constants.sort_unstable();
    hoisted.sort_unstable();

    let mut fixed: HashMap<Id, u32> = HashMap::new();
    let mut next = first as u32;
    for &id in constants.iter().chain(&hoisted) {
        fixed.insert(id, next);
        next += 1;
    }
    let mut program = Program {
        first,
        constants: constants
            .iter()
            .map(|&id| {
                lowering
                    .constant_value(id)
                    .expect("constants were collected")
            })
            .collect(),
        hoisted: hoisted.len(),
        prologue: Vec::new(),
        end: next as usize,
    };
    let prologue = schedule(
        lowering,
        &hoisted,
        &fixed,
        |class| class != Class::Varying,
        next,
    );
    program.end = program.end.max(prologue.1);
    program.prologue = prologue.0.ops;
    let tapes = tapes
        .iter()
        .map(|results| {
            let (tape, end) = schedule(
                lowering,
                results,
                &fixed,
                |class| class == Class::Varying,
                next,
            );
            program.end = program.end.max(end);
            tape
        })
        .collect();
    (program, tapes)
}

/// Orders the operations of one tape and gives them registers; temporaries start at `temporaries`.
fn schedule(
    lowering: &Lowering,
    results: &[Id],
    fixed: &HashMap<Id, u32>,
    belongs: impl Fn(Class) -> bool,
    temporaries: u32,
) -> (Tape, usize) {
    let operation = |id: Id| match lowering.instruction(id) {
        Instruction::Op(code, operands) if belongs(lowering.class(id)) => Some((code, operands)),
        _ => None,
    };
    // how often each operation is read within the tape
    let kept: HashSet<Id> = results.iter().copied().collect();
    let mut uses: HashMap<Id, usize> = HashMap::new();
    let mut stack: Vec<Id> = kept
        .iter()
        .copied()
        .filter(|&id| operation(id).is_some())
        .collect();
    let mut reachable: HashSet<Id> = stack.iter().copied().collect();
    while let Some(id) = stack.pop() {
        let (code, operands) = operation(id).expect("only operations are stacked");
        for &operand in &operands[..code.arity()] {
            if operation(operand).is_some() {
                *uses.entry(operand).or_insert(0) += 1;
                if reachable.insert(operand) {
                    stack.push(operand);
                }
            }
        }
    }
    // fuse: a product read once, by a sum
    let mut forms: HashMap<Id, (OpCode, [Id; 3])> = HashMap::with_capacity(reachable.len());
    let product = |id: Id| match operation(id) {
        Some((OpCode::Mul, operands)) if uses.get(&id) == Some(&1) && !kept.contains(&id) => {
            Some(operands)
        }
        _ => None,
    };
    for &id in &reachable {
        let (code, operands) = operation(id).expect("only operations are reachable");
        let [a, b, _] = operands;
        let form = match code {
            OpCode::Add => match (product(b), product(a)) {
                (Some(p), _) => (OpCode::MulAdd, [p[0], p[1], a]),
                (None, Some(p)) => (OpCode::MulAdd, [p[0], p[1], b]),
                _ => (code, operands),
            },
            OpCode::Sub => match product(b) {
                Some(p) => (OpCode::MulSub, [p[0], p[1], a]),
                None => (code, operands),
            },
            _ => (code, operands),
        };
        forms.insert(id, form);
    }
    // depth first, operands in order
    let mut order = Vec::with_capacity(reachable.len());
    let mut done: HashSet<Id> = HashSet::new();
    let mut stack: Vec<(Id, bool)> = results.iter().rev().map(|&id| (id, false)).collect();
    while let Some((id, ready)) = stack.pop() {
        let Some(&(code, operands)) = forms.get(&id) else {
            continue;
        };
        if ready {
            order.push(id);
        } else if done.insert(id) {
            stack.push((id, true));
            stack.extend(
                operands[..code.arity()]
                    .iter()
                    .rev()
                    .filter(|o| !done.contains(o))
                    .map(|&o| (o, false)),
            );
        }
    }
    // registers
    let mut readers: HashMap<Id, usize> = HashMap::new();
    for id in &order {
        let (code, operands) = forms[id];
        for &operand in &operands[..code.arity()] {
            *readers.entry(operand).or_insert(0) += 1;
        }
    }
    let mut place: HashMap<Id, u32> = HashMap::new();
    let mut free: Vec<u32> = Vec::new();
    let mut next = temporaries;
    let mut ops = Vec::with_capacity(order.len());
    let named = |id: Id, place: &HashMap<Id, u32>| match lowering.instruction(id) {
        Instruction::Register(register) => register,
        _ => *fixed
            .get(&id)
            .or_else(|| place.get(&id))
            .expect("operands come before their readers"),
    };
    for id in order {
        let (code, operands) = forms[&id];
        let arity = code.arity();
        let mut registers = [named(operands[0], &place); 3];
        for (register, &operand) in registers.iter_mut().zip(&operands[..arity]) {
            *register = named(operand, &place);
        }
        for &operand in &operands[..arity] {
            let left = readers
                .get_mut(&operand)
                .expect("every operand has a reader");
            *left -= 1;
            if *left == 0
                && !kept.contains(&operand)
                && !fixed.contains_key(&operand)
                && let Some(&register) = place.get(&operand)
            {
                free.push(register);
            }
        }
        let to = fixed.get(&id).copied().unwrap_or_else(|| {
            free.pop().unwrap_or_else(|| {
                next += 1;
                next - 1
            })
        });
        place.insert(id, to);
        ops.push(Op {
            code,
            to,
            a: registers[0],
            b: registers[1],
            c: registers[2],
        });
    }
    let outputs = results.iter().map(|&id| named(id, &place)).collect();
    (Tape { ops, outputs }, next as usize)
}
