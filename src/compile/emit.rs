//! From instructions to tapes: what is hoisted, in which order operations run, which registers they use.
//!
//! Parameter-only work that a tape needs goes into the prologue, once for all tapes of a program; what depends on time alone,
//! or on the point and not on a direction, goes into a tape that runs before it, but less often. Within a tape,
//! operations follow the outputs depth first; a product that is used once, in a sum, is fused into one operation with it; a
//! temporary register is free again after its last reader.
//!
//! Results stand in registers of their own, in order, before the temporaries; a result that is a constant, a named or a
//! hoisted register stays where it is, unless the reader wants it in the row.
use std::collections::{HashMap, HashSet};

use super::lower::{Class, Id, Instruction, Lowering};
use super::tape::{Op, OpCode, Tape};

/// Registers and prologue that the tapes of one program share.
#[derive(Clone, Debug, Default)]
pub(crate) struct Program {
    /// The first register of the program: constants, then hoisted values, results, temporaries.
    pub first: usize,
    pub constants: Vec<f64>,
    pub hoisted: usize,
    pub results: usize,
    pub prologue: Vec<Op>,
    /// For each tape the one that must have run before it, see [`Early`]; empty where there is nothing to do.
    pub early: Vec<Tape>,
    /// One past the last temporary.
    pub end: usize,
}

/// Temporaries beyond those that the order of the operations needs, for machine code that runs them in another.
pub(super) const SPARE: usize = 32;

/// What a tape is to compute.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wanted {
    pub results: Vec<Id>,
    /// The first results stand in a row that the reader may write to: how many.
    pub row: usize,
    /// Which tapes may overwrite one another's results: those of the same place.
    pub place: usize,
    /// Whether results that are named registers are copied, for a reader who comes after those have changed.
    pub keeps: bool,
    /// What is computed by a tape of its own, which runs less often.
    pub early: Option<Early>,
}

/// The part of a tape that depends on little.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Early {
    /// on this, and on what is below it
    pub most: Class,
    /// the tape whose early part has always run at the same point
    pub after: Option<usize>,
}

impl From<Vec<Id>> for Wanted {
    fn from(results: Vec<Id>) -> Self {
        Wanted {
            results,
            ..Wanted::default()
        }
    }
}

/// Makes one tape of each list of results; the program's own registers start at `first`.
pub(crate) fn emit(lowering: &Lowering, tapes: &[Wanted], first: usize) -> (Program, Vec<Tape>) {
    let mut constants: Vec<Id> = Vec::new();
    let mut hoisted: Vec<Id> = Vec::new();
    let mut seen: HashSet<Id> = HashSet::new();
    // everything the tapes read, then everything the prologue reads
    let mut stack: Vec<Id> = tapes
        .iter()
        .flat_map(|tape| &tape.results)
        .rev()
        .copied()
        .collect();
    let mut deeper = Vec::new();
    while let Some(id) = stack.pop() {
        if !seen.insert(id) {
            continue;
        }
        match (lowering.instruction(id), lowering.class(id)) {
            (Instruction::Constant(_), _) => constants.push(id),
            (Instruction::Register(_), _) => {}
            (Instruction::Op(code, operands), class) if class > Class::Parameters => {
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
    // the early values of each tape, and with them all that is known before it runs
    let mut known: Vec<HashMap<Id, u32>> = Vec::with_capacity(tapes.len());
    let mut early: Vec<Vec<Id>> = Vec::with_capacity(tapes.len());
    for tape in tapes {
        let mut before = match tape.early.and_then(|early| early.after) {
            Some(other) => known[other].clone(),
            None => fixed.clone(),
        };
        let mut own = Vec::new();
        if let Some(Early { most, .. }) = tape.early {
            own = frontier_of(lowering, &tape.results, most, &before);
            for &id in &own {
                before.insert(id, next);
                next += 1;
            }
        }
        known.push(before);
        early.push(own);
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
        ..Program::default()
    };
    // results of one place begin at the same register
    let places = tapes.iter().map(|tape| tape.place + 1).max().unwrap_or(0);
    let mut sizes = vec![0u32; places];
    let rows: Vec<Row> = tapes
        .iter()
        .zip(&known)
        .map(|(tape, known)| {
            let row = Row::new(lowering, tape, known);
            sizes[tape.place] = sizes[tape.place].max(row.size);
            row
        })
        .collect();
    let mut starts = Vec::with_capacity(places);
    for size in sizes {
        starts.push(next);
        next += size;
    }
    program.results = next as usize - first - program.constants.len() - program.hoisted;
    let fixed_ends: HashMap<Id, u32> = hoisted.iter().map(|&id| (id, fixed[&id])).collect();
    let prologue = schedule(
        lowering,
        &hoisted,
        &fixed,
        &fixed_ends,
        |class| class <= Class::Parameters,
        next,
    );
    program.prologue = prologue.ops;
    program.end = (prologue.temporaries.end).max(next) as usize;
    for ((wanted, own), known) in tapes.iter().zip(&early).zip(&known) {
        let most = wanted.early.map_or(Class::Constant, |early| early.most);
        let ends: HashMap<Id, u32> = own.iter().map(|&id| (id, known[&id])).collect();
        let before: HashMap<Id, u32> = (known.iter())
            .filter(|(id, _)| !ends.contains_key(id))
            .map(|(&id, &register)| (id, register))
            .collect();
        let belongs = |class| class > Class::Parameters && class <= most;
        let tape = schedule(lowering, own, &before, &ends, belongs, next);
        program.end = program.end.max(tape.temporaries.end as usize);
        program.early.push(tape);
    }
    let mut tapes: Vec<Tape> = tapes
        .iter()
        .zip(rows)
        .zip(&known)
        .map(|((wanted, row), fixed)| {
            let start = starts[wanted.place];
            let ends: HashMap<Id, u32> = row.own.iter().map(|(&id, k)| (id, start + k)).collect();
            let mut tape = schedule(
                lowering,
                &wanted.results,
                fixed,
                &ends,
                |class| class > Class::Parameters,
                next,
            );
            for &(position, from, k) in &row.copies {
                let from = match lowering.instruction(from) {
                    Instruction::Register(register) => register,
                    _ => *fixed
                        .get(&from)
                        .or_else(|| ends.get(&from))
                        .expect("computed"),
                };
                tape.ops.push(Op {
                    code: OpCode::Copy,
                    to: start + k,
                    a: from,
                    b: from,
                    c: from,
                });
                tape.outputs[position] = start + k;
            }
            program.end = program.end.max(tape.temporaries.end as usize);
            tape
        })
        .collect();
    // what one tape leaves in a temporary no other reads: all may use all of them
    program.end += SPARE;
    for tape in tapes.iter_mut().chain(&mut program.early) {
        tape.temporaries = next..program.end as u32;
    }
    (program, tapes)
}

/// The operations of a class up to `most` that the others among what leads to `results` read, or that are results.
fn frontier_of(
    lowering: &Lowering,
    results: &[Id],
    most: Class,
    before: &HashMap<Id, u32>,
) -> Vec<Id> {
    let mut found = Vec::new();
    let mut seen: HashSet<Id> = HashSet::new();
    let mut stack: Vec<Id> = results.to_vec();
    while let Some(id) = stack.pop() {
        if before.contains_key(&id) || !seen.insert(id) {
            continue;
        }
        if let Instruction::Op(code, operands) = lowering.instruction(id) {
            if lowering.class(id) <= most {
                found.push(id);
            } else {
                stack.extend(&operands[..code.arity()]);
            }
        }
    }
    found.sort_unstable();
    found
}

/// Where the results of one tape stand, counted from the start of their place.
struct Row {
    own: HashMap<Id, u32>,
    /// (position among the results, what, where)
    copies: Vec<(usize, Id, u32)>,
    size: u32,
}

impl Row {
    fn new(lowering: &Lowering, wanted: &Wanted, fixed: &HashMap<Id, u32>) -> Self {
        let mut row = Row {
            own: HashMap::new(),
            copies: Vec::new(),
            size: 0,
        };
        let changes = |id: Id| {
            let named = matches!(lowering.instruction(id), Instruction::Register(_));
            named && lowering.class(id) > Class::Parameters
        };
        for (k, &id) in wanted.results.iter().enumerate() {
            let operation = matches!(lowering.instruction(id), Instruction::Op(..));
            if operation && !fixed.contains_key(&id) && !row.own.contains_key(&id) {
                row.own.insert(id, row.size);
                row.size += 1;
            } else if k < wanted.row || (wanted.keeps && changes(id)) {
                row.copies.push((k, id, row.size));
                row.size += 1;
            }
        }
        row
    }
}

/// Orders the operations of one tape and gives them registers: `ends` to its results, `fixed` to what is known before;
/// temporaries start at `temporaries`.
fn schedule(
    lowering: &Lowering,
    results: &[Id],
    fixed: &HashMap<Id, u32>,
    ends: &HashMap<Id, u32>,
    belongs: impl Fn(Class) -> bool,
    temporaries: u32,
) -> Tape {
    let operation = |id: Id| match lowering.instruction(id) {
        Instruction::Op(code, operands)
            if belongs(lowering.class(id))
                && (ends.contains_key(&id) || !fixed.contains_key(&id)) =>
        {
            Some((code, operands))
        }
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
        let to = ends.get(&id).copied().unwrap_or_else(|| {
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
    Tape {
        ops,
        outputs,
        temporaries: temporaries..next,
        ..Tape::default()
    }
}
