//! Compiled tapes against the interpreter, bit by bit.
#![cfg(test)]
mod encoder;

use std::ops::Range;

use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::Native;
use crate::compile::run;
use crate::compile::tape::{Op, OpCode};
use crate::lanes::{InstructionSet, Lane, Level};

const CODES: [OpCode; 49] = {
    use OpCode::*;
    [
        Add,
        Sub,
        Mul,
        Div,
        MulAdd,
        MulSub,
        Neg,
        Recip,
        Less,
        LessEqual,
        Equal,
        NotEqual,
        And,
        Or,
        Not,
        Select,
        Copy,
        Sqrt,
        Abs,
        Sign,
        Floor,
        Ceil,
        Min,
        Max,
        Exp,
        Ln,
        Log1p,
        Expm1,
        Sin,
        Cos,
        Tan,
        Asin,
        Acos,
        Atan,
        Sinh,
        Cosh,
        Tanh,
        Asinh,
        Acosh,
        Atanh,
        Sigmoid,
        Factorial,
        Pow,
        Quotient,
        Remainder,
        Hill,
        HillSlope,
        HillCurvature,
        XLogY,
    ]
};

/// A tape, its temporaries, and how many registers its file has.
struct Case {
    ops: Vec<Op>,
    temporaries: Range<u32>,
    length: u32,
}

/// Inputs, results, then temporaries; temporaries are written before they are read.
fn random_case(
    random: &mut impl Rng,
    ops: usize,
    fixed: u32,
    temporaries: u32,
    calls: f64,
) -> Case {
    let mut written: Vec<u32> = Vec::new();
    let range = fixed..fixed + temporaries;
    let mut tape = Vec::with_capacity(ops);
    for _ in 0..ops {
        let code = if random.random_bool(calls) {
            CODES[random.random_range(0..CODES.len())]
        } else {
            CODES[random.random_range(0..24)]
        };
        let mut read = || {
            if !written.is_empty() && random.random_bool(0.6) {
                written[random.random_range(0..written.len())]
            } else {
                random.random_range(0..fixed)
            }
        };
        let (a, b, c) = (read(), read(), read());
        let to = if random.random_bool(0.8) {
            random.random_range(range.clone())
        } else {
            random.random_range(0..fixed)
        };
        if range.contains(&to) && !written.contains(&to) {
            written.push(to);
        }
        tape.push(Op { code, to, a, b, c });
    }
    Case {
        ops: tape,
        length: range.end,
        temporaries: range,
    }
}

/// Ordinary numbers and, now and then, special ones.
fn random_number(random: &mut impl Rng) -> f64 {
    const SPECIAL: [f64; 14] = [
        f64::NAN,
        f64::INFINITY,
        f64::NEG_INFINITY,
        0.0,
        -0.0,
        5e-324,
        -5e-324,
        1e-310,
        f64::MAX,
        f64::MIN_POSITIVE,
        1.0,
        -1.0,
        0.5,
        -2.5,
    ];
    match random.random_range(0..4) {
        0 => SPECIAL[random.random_range(0..SPECIAL.len())],
        1 => random.random_range(-3i32..4).into(),
        _ => random.random_range(-4.0..4.0),
    }
}

/// The first register in which the compiled tape and the interpreter differ, if any.
fn difference<const W: usize>(
    case: &Case,
    random: &mut impl Rng,
    instructions: InstructionSet,
) -> Option<String> {
    let roomy = case.temporaries.start..case.temporaries.end + 64;
    let native = Native::compile(&case.ops, roomy, W, instructions).expect("this form exists");
    let length = native.registers().max(case.length as usize);
    let mut expected = vec![Lane([0.0; W]); length + 2];
    for lane in expected.iter_mut().flat_map(|register| &mut register.0) {
        *lane = random_number(random);
    }
    let mut found = expected.clone();
    run::run(InstructionSet::PORTABLE, &case.ops, &mut expected);
    native.run(&mut found[..length]);
    for (r, (expected, found)) in expected.iter().zip(&found).enumerate() {
        // temporaries and places behind them are undefined
        if case.temporaries.start as usize <= r && r < length {
            continue;
        }
        for (x, y) in expected.0.iter().zip(&found.0) {
            if x.to_bits() != y.to_bits() && !(x.is_nan() && y.is_nan()) {
                return Some(format!(
                    "register {r}, {instructions:?}, {W} lanes: {expected:?} expected, {found:?} found"
                ));
            }
        }
    }
    None
}

/// Every width and instruction set that this machine has.
fn check(case: &Case, random: &mut impl Rng) {
    let wrong = differences(case, random);
    if wrong.is_empty() {
        return;
    }
    // shorten the tape while it stays wrong
    let mut ops = case.ops.clone();
    let mut message = wrong;
    let mut at = 0;
    while at < ops.len() && ops.len() < 2_000 {
        let mut fewer = ops.clone();
        fewer.remove(at);
        let mut written = Vec::new();
        let proper = fewer.iter().all(|op| {
            let defined = [op.a, op.b, op.c][..op.code.arity()]
                .iter()
                .all(|r| !case.temporaries.contains(r) || written.contains(r));
            written.push(op.to);
            defined
        });
        if !proper {
            at += 1;
            continue;
        }
        let case = Case {
            ops: fewer,
            temporaries: case.temporaries.clone(),
            length: case.length,
        };
        let wrong: Vec<String> = (0..5).flat_map(|_| differences(&case, random)).collect();
        if wrong.is_empty() {
            at += 1;
        } else {
            ops = case.ops;
            message = wrong;
        }
    }
    panic!("{message:#?}\n{ops:?}, temporaries {:?}", case.temporaries);
}

fn differences(case: &Case, random: &mut impl Rng) -> Vec<String> {
    let mut wrong = Vec::new();
    for set in InstructionSet::available() {
        if set.level() >= Level::Avx2 {
            wrong.extend(difference::<1>(case, random, set));
            wrong.extend(difference::<4>(case, random, set));
        }
        if set.level() >= Level::Avx512 {
            wrong.extend(difference::<8>(case, random, set));
        }
    }
    wrong
}

#[test]
fn random_tapes_give_the_interpreters_bits() {
    for seed in 0..500 {
        let random = &mut ChaCha8Rng::seed_from_u64(seed);
        let ops = random.random_range(1..300);
        let fixed = random.random_range(1..60);
        let temporaries = random.random_range(1..120);
        let calls = [0.0, 0.05, 0.5][random.random_range(0..3)];
        let case = random_case(random, ops, fixed, temporaries, calls);
        check(&case, random);
    }
}

#[test]
fn every_operation_alone_gives_the_interpreters_bits() {
    let random = &mut ChaCha8Rng::seed_from_u64(1);
    for code in CODES
        .into_iter()
        .chain([OpCode::ScaledPow, OpCode::Polygamma])
    {
        for _ in 0..10 {
            let ops = (0..40)
                .map(|k| Op {
                    code,
                    to: 40 + k,
                    a: k,
                    b: (7 * k + 3) % 40,
                    c: (11 * k + 5) % 40,
                })
                .collect();
            let case = Case {
                ops,
                temporaries: 80..90,
                length: 90,
            };
            check(&case, random);
        }
    }
}

#[test]
fn sixty_values_at_once_give_the_interpreters_bits() {
    let random = &mut ChaCha8Rng::seed_from_u64(2);
    let mut ops = Vec::new();
    let op = |code, to, a, b| Op {
        code,
        to,
        a,
        b,
        c: 0,
    };
    // sixty sums, each then used with every other one
    for k in 0..60 {
        ops.push(op(OpCode::Add, 100 + k, k % 20, (k * 3 + 1) % 20));
    }
    ops.push(op(OpCode::Exp, 160, 100, 0));
    for k in 0..60 {
        for l in 0..60 {
            ops.push(op(OpCode::Mul, 161, 100 + k, 100 + l));
            ops.push(op(OpCode::Add, 20 + k, 20 + k, 161));
        }
    }
    ops.push(op(OpCode::Mul, 80, 160, 161));
    let case = Case {
        ops,
        temporaries: 100..162,
        length: 162,
    };
    check(&case, random);
}

#[test]
fn a_tape_of_twenty_thousand_operations_gives_the_interpreters_bits() {
    let random = &mut ChaCha8Rng::seed_from_u64(3);
    let case = random_case(random, 20_000, 3_000, 400, 0.01);
    check(&case, random);
}

#[test]
fn a_file_that_is_too_short_is_refused() {
    let ops = [Op {
        code: OpCode::Add,
        to: 7,
        a: 0,
        b: 1,
        c: 0,
    }];
    if let Some(native) = Native::compile(&ops, 8..8, 1, InstructionSet::detect()) {
        assert_eq!(native.registers(), 8);
        let short = std::panic::catch_unwind(|| native.run(&mut [Lane([0.0]); 7]));
        let wide = std::panic::catch_unwind(|| native.run(&mut [Lane([0.0; 2]); 8]));
        assert!(short.is_err() && wide.is_err());
    }
}

#[test]
fn reciprocals_have_the_bits_of_the_division() {
    let random = &mut ChaCha8Rng::seed_from_u64(4);
    let ops: Vec<Op> = (0..200)
        .map(|k| Op {
            code: OpCode::Recip,
            to: 200 + k,
            a: k,
            b: 0,
            c: 0,
        })
        .collect();
    let Some(native) = Native::compile(&ops, 400..400, 8, InstructionSet::detect()) else {
        return;
    };
    let mut registers = vec![Lane([0.0; 8]); 400];
    for round in 0..200 {
        for (k, x) in registers[..200]
            .iter_mut()
            .flat_map(|r| &mut r.0)
            .enumerate()
        {
            let bits: u64 = random.random();
            // all exponents; those of ordinary numbers; significands close to all ones and to one
            const SIGNIFICAND: u64 = (1 << 52) - 1;
            let ordinary = (bits >> 12) | ((1023 - 4 + (bits & 7)) << 52) | ((bits & 8) << 60);
            let near = (k as u64 / 4) % 40;
            *x = f64::from_bits(match (k + round) % 4 {
                0 => bits,
                1 => ordinary,
                2 => (ordinary | SIGNIFICAND) - near,
                _ => (ordinary & !SIGNIFICAND) + near,
            });
        }
        native.run(&mut registers);
        let (x, y) = registers.split_at(200);
        for (x, y) in x.iter().flat_map(|r| r.0).zip(y.iter().flat_map(|r| r.0)) {
            let expected = 1.0 / x;
            assert!(
                y.to_bits() == expected.to_bits() || y.is_nan() && expected.is_nan(),
                "1 / {x:e} = {expected:e}, not {y:e}"
            );
        }
    }
}
