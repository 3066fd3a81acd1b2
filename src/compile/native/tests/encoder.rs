//! Instructions against the bytes that they must become, as a disassembler reads them.
use crate::compile::native::encoder::{ENTRY, Form, Instruction, Operand, encode};
use crate::compile::native::values::{Action, Constant, Relation};

use Operand::{Memory as M, Register as R};

const ONE: Operand = Operand::Constant(Constant::One);

/// The bytes of one instruction, without what enters and leaves, for a file of 5000 registers.
fn bytes(instruction: Instruction, lanes: u32, masks: bool) -> String {
    let form = Form {
        scalar: lanes == 1,
        lanes,
        masks,
        step: 8 * lanes,
    };
    let all = encode(&[instruction], form, 5000, None);
    // nine base registers are set, seven bytes each; vzeroupper and ret
    let start = ENTRY + 9 * 7;
    let end = all.len() - if lanes == 1 { 1 } else { 4 };
    all[start..end]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect::<Vec<_>>()
        .join(" ")
}

#[test]
fn instructions_become_the_bytes_that_a_disassembler_reads() {
    for (lanes, masks, instruction, expected) in table() {
        assert_eq!(
            bytes(instruction, lanes, masks),
            expected,
            "{instruction:?}, {lanes} lanes, {masks}"
        );
    }
}

/// Lanes, whether there are masks, the instruction, its bytes.
fn table() -> Vec<(u32, bool, Instruction, &'static str)> {
    vec![
        // vmovsd xmm1,[rdi-0x80]
        (1, false, Instruction::Load(1, M(0)), "c5 fb 10 4f 80"),
        // vmovsd xmm9,[rsi-0x40]
        (1, false, Instruction::Load(9, M(40)), "c5 7b 10 4e c0"),
        // vmovsd xmm9,[rdi+0x9bb8]
        (
            1,
            false,
            Instruction::Load(9, M(4999)),
            "c5 7b 10 8f b8 9b 00 00",
        ),
        // vmovupd xmm3,[rip-0x147]
        (
            1,
            false,
            Instruction::Load(3, ONE),
            "c5 f9 10 1d b9 fe ff ff",
        ),
        // vmovsd [rdi-0x48],xmm12
        (1, false, Instruction::Store(12, 7), "c5 7b 11 67 b8"),
        // vaddsd xmm1,xmm2,xmm3
        (
            1,
            false,
            Instruction::Binary(Action::Add, 1, 2, R(3)),
            "c5 eb 58 cb",
        ),
        // vsubsd xmm9,xmm10,xmm11
        (
            1,
            false,
            Instruction::Binary(Action::Sub, 9, 10, R(11)),
            "c4 41 2b 5c cb",
        ),
        // vmulsd xmm9,xmm10,[rsi-0x78]
        (
            1,
            false,
            Instruction::Binary(Action::Mul, 9, 10, M(33)),
            "c5 2b 59 4e 88",
        ),
        // vdivsd xmm1,xmm2,[rip-0x147]
        (
            1,
            false,
            Instruction::Binary(Action::Div, 1, 2, ONE),
            "c5 eb 5e 0d b9 fe ff ff",
        ),
        // vminsd xmm1,xmm2,xmm3
        (
            1,
            false,
            Instruction::Binary(Action::Min, 1, 2, R(3)),
            "c5 eb 5d cb",
        ),
        // vmaxsd xmm1,xmm2,xmm3
        (
            1,
            false,
            Instruction::Binary(Action::Max, 1, 2, R(3)),
            "c5 eb 5f cb",
        ),
        // vandpd xmm1,xmm2,[rip-0x147]
        (
            1,
            false,
            Instruction::Binary(Action::And, 1, 2, ONE),
            "c5 e9 54 0d b9 fe ff ff",
        ),
        // vxorpd xmm1,xmm2,xmm13
        (
            1,
            false,
            Instruction::Binary(Action::Xor, 1, 2, R(13)),
            "c4 c1 69 57 cd",
        ),
        // vsqrtsd xmm1,xmm2,xmm2
        (
            1,
            false,
            Instruction::Unary(Action::Sqrt, 1, R(2)),
            "c5 eb 51 ca",
        ),
        // vroundsd xmm1,xmm2,xmm2,0x9
        (
            1,
            false,
            Instruction::Unary(Action::Floor, 1, R(2)),
            "c4 e3 69 0b ca 09",
        ),
        // vroundsd xmm8,xmm9,xmm9,0xa
        (
            1,
            false,
            Instruction::Unary(Action::Ceil, 8, R(9)),
            "c4 43 31 0b c1 0a",
        ),
        // vmovapd xmm8,xmm9
        (
            1,
            false,
            Instruction::Unary(Action::Move, 8, R(9)),
            "c4 41 79 28 c1",
        ),
        // vcmplt_oqsd xmm1,xmm2,xmm3 ; vblendvpd xmm1,xmm5,xmm4,xmm1
        (
            1,
            false,
            Instruction::Choose {
                relation: Relation::LESS,
                to: 1,
                first: 2,
                second: R(3),
                chosen: R(4),
                otherwise: Some(5),
            },
            "c5 eb c2 cb 11 c4 e3 51 4b cc 10",
        ),
        // vcmpeqsd xmm11,xmm12,[rdi-0x78] ; vandpd xmm11,xmm11,[rip-0x14d]
        (
            1,
            false,
            Instruction::Choose {
                relation: Relation::EQUAL,
                to: 11,
                first: 12,
                second: M(1),
                chosen: ONE,
                otherwise: None,
            },
            "c5 1b c2 5f 88 00 c5 21 54 1d b3 fe ff ff",
        ),
        // vmovupd ymm1,[rdi-0x80]
        (4, false, Instruction::Load(1, M(0)), "c5 fd 10 4f 80"),
        // vmovupd ymm9,[r9-0x80]
        (4, false, Instruction::Load(9, M(40)), "c4 41 7d 10 49 80"),
        // vmovupd ymm9,[rdi+0x27060]
        (
            4,
            false,
            Instruction::Load(9, M(4999)),
            "c5 7d 10 8f 60 70 02 00",
        ),
        // vmulpd ymm9,ymm10,[r8-0x60]
        (
            4,
            false,
            Instruction::Binary(Action::Mul, 9, 10, M(33)),
            "c4 41 2d 59 48 a0",
        ),
        // vcmplt_oqpd ymm1,ymm2,ymm3 ; vblendvpd ymm1,ymm5,ymm4,ymm1
        (
            4,
            false,
            Instruction::Choose {
                relation: Relation::LESS,
                to: 1,
                first: 2,
                second: R(3),
                chosen: R(4),
                otherwise: Some(5),
            },
            "c5 ed c2 cb 11 c4 e3 55 4b cc 10",
        ),
        // vcmpeqpd ymm11,ymm12,[rdi-0x60] ; vandpd ymm11,ymm11,[rip-0x14d]
        (
            4,
            false,
            Instruction::Choose {
                relation: Relation::EQUAL,
                to: 11,
                first: 12,
                second: M(1),
                chosen: ONE,
                otherwise: None,
            },
            "c5 1d c2 5f a0 00 c5 25 54 1d b3 fe ff ff",
        ),
        // vmovsd xmm1,[rdi-0x400]
        (1, true, Instruction::Load(1, M(0)), "62 f1 ff 08 10 4f 80"),
        // vmovsd xmm9,[rdi-0x2c0]
        (1, true, Instruction::Load(9, M(40)), "62 71 ff 08 10 4f a8"),
        // vmovsd xmm9,[rdi+0x9838]
        (
            1,
            true,
            Instruction::Load(9, M(4999)),
            "c5 7b 10 8f 38 98 00 00",
        ),
        // vmulsd xmm9,xmm10,[rdi-0x2f8]
        (
            1,
            true,
            Instruction::Binary(Action::Mul, 9, 10, M(33)),
            "62 71 af 08 59 4f a1",
        ),
        // vcmplt_oqsd k1,xmm2,xmm3 ; vblendmpd xmm1{k1},xmm5,xmm4
        (
            1,
            true,
            Instruction::Choose {
                relation: Relation::LESS,
                to: 1,
                first: 2,
                second: R(3),
                chosen: R(4),
                otherwise: Some(5),
            },
            "62 f1 ef 08 c2 cb 11 62 f2 d5 09 65 cc",
        ),
        // vcmpeqsd k1,xmm12,[rdi-0x3f8] ; vmovupd xmm11{k1}{z},[rip-0x151]
        (
            1,
            true,
            Instruction::Choose {
                relation: Relation::EQUAL,
                to: 11,
                first: 12,
                second: M(1),
                chosen: ONE,
                otherwise: None,
            },
            "62 f1 9f 08 c2 4f 81 00 62 71 fd 89 10 1d af fe ff ff",
        ),
        // vaddsd xmm17,xmm26,[rsi-0x2a0]
        (
            1,
            true,
            Instruction::Binary(Action::Add, 17, 26, M(300)),
            "62 e1 af 00 58 4e ac",
        ),
        // vcmplt_oqsd k1,xmm22,xmm23 ; vblendmpd xmm21{k1},xmm25,xmm24
        (
            1,
            true,
            Instruction::Choose {
                relation: Relation::LESS,
                to: 21,
                first: 22,
                second: R(23),
                chosen: R(24),
                otherwise: Some(25),
            },
            "62 b1 cf 00 c2 cf 11 62 82 b5 01 65 e8",
        ),
        // vmovupd ymm1,[rdi-0x1000]
        (4, true, Instruction::Load(1, M(0)), "62 f1 fd 28 10 4f 80"),
        // vmovupd ymm9,[rdi-0xb00]
        (4, true, Instruction::Load(9, M(40)), "62 71 fd 28 10 4f a8"),
        // vmovupd ymm9,[rdi+0x260e0]
        (
            4,
            true,
            Instruction::Load(9, M(4999)),
            "c5 7d 10 8f e0 60 02 00",
        ),
        // vmulpd ymm9,ymm10,[rdi-0xbe0]
        (
            4,
            true,
            Instruction::Binary(Action::Mul, 9, 10, M(33)),
            "62 71 ad 28 59 4f a1",
        ),
        // vcmplt_oqpd k1,ymm2,ymm3 ; vblendmpd ymm1{k1},ymm5,ymm4
        (
            4,
            true,
            Instruction::Choose {
                relation: Relation::LESS,
                to: 1,
                first: 2,
                second: R(3),
                chosen: R(4),
                otherwise: Some(5),
            },
            "62 f1 ed 28 c2 cb 11 62 f2 d5 29 65 cc",
        ),
        // vcmpeqpd k1,ymm12,[rdi-0xfe0] ; vmovupd ymm11{k1}{z},[rip-0x151]
        (
            4,
            true,
            Instruction::Choose {
                relation: Relation::EQUAL,
                to: 11,
                first: 12,
                second: M(1),
                chosen: ONE,
                otherwise: None,
            },
            "62 f1 9d 28 c2 4f 81 00 62 71 fd a9 10 1d af fe ff ff",
        ),
        // vaddpd ymm17,ymm26,[rsi-0xa80]
        (
            4,
            true,
            Instruction::Binary(Action::Add, 17, 26, M(300)),
            "62 e1 ad 20 58 4e ac",
        ),
        // vcmplt_oqpd k1,ymm22,ymm23 ; vblendmpd ymm21{k1},ymm25,ymm24
        (
            4,
            true,
            Instruction::Choose {
                relation: Relation::LESS,
                to: 21,
                first: 22,
                second: R(23),
                chosen: R(24),
                otherwise: Some(25),
            },
            "62 b1 cd 20 c2 cf 11 62 82 b5 21 65 e8",
        ),
        // vmovupd zmm1,[rdi-0x2000]
        (8, true, Instruction::Load(1, M(0)), "62 f1 fd 48 10 4f 80"),
        // vmovupd zmm9,[rdi-0x1600]
        (8, true, Instruction::Load(9, M(40)), "62 71 fd 48 10 4f a8"),
        // vmovupd zmm9,[rdi+0x4c1c0]
        (
            8,
            true,
            Instruction::Load(9, M(4999)),
            "62 71 fd 48 10 8f c0 c1 04 00",
        ),
        // vmovupd zmm3,[rip-0x149]
        (
            8,
            true,
            Instruction::Load(3, ONE),
            "62 f1 fd 48 10 1d b7 fe ff ff",
        ),
        // vmovupd [rdi-0x1e40],zmm12
        (8, true, Instruction::Store(12, 7), "62 71 fd 48 11 67 87"),
        // vaddpd zmm1,zmm2,zmm3
        (
            8,
            true,
            Instruction::Binary(Action::Add, 1, 2, R(3)),
            "62 f1 ed 48 58 cb",
        ),
        // vsubpd zmm9,zmm10,zmm11
        (
            8,
            true,
            Instruction::Binary(Action::Sub, 9, 10, R(11)),
            "62 51 ad 48 5c cb",
        ),
        // vmulpd zmm9,zmm10,[rdi-0x17c0]
        (
            8,
            true,
            Instruction::Binary(Action::Mul, 9, 10, M(33)),
            "62 71 ad 48 59 4f a1",
        ),
        // vdivpd zmm1,zmm2,[rip-0x149]
        (
            8,
            true,
            Instruction::Binary(Action::Div, 1, 2, ONE),
            "62 f1 ed 48 5e 0d b7 fe ff ff",
        ),
        // vminpd zmm1,zmm2,zmm3
        (
            8,
            true,
            Instruction::Binary(Action::Min, 1, 2, R(3)),
            "62 f1 ed 48 5d cb",
        ),
        // vmaxpd zmm1,zmm2,zmm3
        (
            8,
            true,
            Instruction::Binary(Action::Max, 1, 2, R(3)),
            "62 f1 ed 48 5f cb",
        ),
        // vandpd zmm1,zmm2,[rip-0x149]
        (
            8,
            true,
            Instruction::Binary(Action::And, 1, 2, ONE),
            "62 f1 ed 48 54 0d b7 fe ff ff",
        ),
        // vxorpd zmm1,zmm2,zmm13
        (
            8,
            true,
            Instruction::Binary(Action::Xor, 1, 2, R(13)),
            "62 d1 ed 48 57 cd",
        ),
        // vsqrtpd zmm1,zmm2
        (
            8,
            true,
            Instruction::Unary(Action::Sqrt, 1, R(2)),
            "62 f1 fd 48 51 ca",
        ),
        // vrndscalepd zmm1,zmm2,0x9
        (
            8,
            true,
            Instruction::Unary(Action::Floor, 1, R(2)),
            "62 f3 fd 48 09 ca 09",
        ),
        // vrndscalepd zmm8,zmm9,0xa
        (
            8,
            true,
            Instruction::Unary(Action::Ceil, 8, R(9)),
            "62 53 fd 48 09 c1 0a",
        ),
        // vmovapd zmm8,zmm9
        (
            8,
            true,
            Instruction::Unary(Action::Move, 8, R(9)),
            "62 51 fd 48 28 c1",
        ),
        // vcmplt_oqpd k1,zmm2,zmm3 ; vblendmpd zmm1{k1},zmm5,zmm4
        (
            8,
            true,
            Instruction::Choose {
                relation: Relation::LESS,
                to: 1,
                first: 2,
                second: R(3),
                chosen: R(4),
                otherwise: Some(5),
            },
            "62 f1 ed 48 c2 cb 11 62 f2 d5 49 65 cc",
        ),
        // vcmpeqpd k1,zmm12,[rdi-0x1fc0] ; vmovupd zmm11{k1}{z},[rip-0x151]
        (
            8,
            true,
            Instruction::Choose {
                relation: Relation::EQUAL,
                to: 11,
                first: 12,
                second: M(1),
                chosen: ONE,
                otherwise: None,
            },
            "62 f1 9d 48 c2 4f 81 00 62 71 fd c9 10 1d af fe ff ff",
        ),
        // vmulpd zmm17,zmm26,zmm31
        (
            8,
            true,
            Instruction::Binary(Action::Mul, 17, 26, R(31)),
            "62 81 ad 40 59 cf",
        ),
        // vaddpd zmm17,zmm26,[rsi-0x1500]
        (
            8,
            true,
            Instruction::Binary(Action::Add, 17, 26, M(300)),
            "62 e1 ad 40 58 4e ac",
        ),
        // vmovupd [rdi-0x1e40],zmm25
        (8, true, Instruction::Store(25, 7), "62 61 fd 48 11 4f 87"),
        // vrndscalepd zmm25,zmm30,0x9
        (
            8,
            true,
            Instruction::Unary(Action::Floor, 25, R(30)),
            "62 03 fd 48 09 ce 09",
        ),
        // vcmplt_oqpd k1,zmm22,zmm23 ; vblendmpd zmm21{k1},zmm25,zmm24
        (
            8,
            true,
            Instruction::Choose {
                relation: Relation::LESS,
                to: 21,
                first: 22,
                second: R(23),
                chosen: R(24),
                otherwise: Some(25),
            },
            "62 b1 cd 40 c2 cf 11 62 82 b5 41 65 e8",
        ),
    ]
}

#[test]
fn a_function_sets_its_base_registers_and_returns() {
    let form = Form {
        scalar: false,
        lanes: 8,
        masks: true,
        step: 64,
    };
    // lea rsi,[rdi+0x6000] ; lea rdi,[rdi+0x2000] ; vzeroupper ; ret
    assert_eq!(
        encode(&[], form, 300, None)[ENTRY..],
        [
            0x48, 0x8d, 0xb7, 0x00, 0x60, 0x00, 0x00, 0x48, 0x8d, 0xbf, 0x00, 0x20, 0x00, 0x00,
            0xc5, 0xf8, 0x77, 0xc3
        ]
    );
}

#[test]
fn a_reciprocal_is_iterated_and_its_division_stands_behind_the_code() {
    let form = Form {
        scalar: false,
        lanes: 8,
        masks: true,
        step: 64,
    };
    let recip = Instruction::Recip {
        to: 1,
        from: 18,
        scratch: [3, 20],
    };
    let expected = [
        "48 8d bf 00 20 00 00",             // lea rdi,[rdi+0x2000]
        "62 f1 ed 40 54 1d af fe ff ff",    // vandpd zmm3,zmm18,[rip-0x151]
        "62 e2 fd 48 4c e3",                // vrcp14pd zmm20,zmm3
        "62 f1 fd 48 10 0d df fe ff ff",    // vmovupd zmm1,[rip-0x121]
        "62 b2 e5 48 bc cc",                // vfnmadd231pd zmm1,zmm3,zmm20
        "62 b2 dd 40 a8 cc",                // vfmadd213pd zmm1,zmm20,zmm20
        "62 e1 fd 48 10 25 c9 fe ff ff",    // vmovupd zmm20,[rip-0x137]
        "62 e2 e5 48 bc e1",                // vfnmadd231pd zmm20,zmm3,zmm1
        "62 e2 f5 58 a8 e1",                // vfmadd213pd zmm20,zmm1,zmm1{ru-sae}
        "62 f1 fd 48 10 0d b3 fe ff ff",    // vmovupd zmm1,[rip-0x14d]
        "62 b2 e5 48 bc cc",                // vfnmadd231pd zmm1,zmm3,zmm20
        "62 b2 dd 40 a8 cc",                // vfmadd213pd zmm1,zmm20,zmm20
        "62 f1 f5 48 c2 0d 5c ff ff ff 1a", // vcmpngt_uqpd k1,zmm1,[rip-0xa4]
        "62 f3 ed 40 25 0d 11 fe ff ff f8", // vpternlogq zmm1,zmm18,[rip-0x1ef],0xf8
        "c5 f9 98 c9",                      // kortestb k1,k1
        "0f 85 04 00 00 00",                // jne to the division
        "c5 f8 77",                         // vzeroupper
        "c3",                               // ret
        "62 f1 fd 48 10 0d 79 fe ff ff",    // vmovupd zmm1,[rip-0x187]
        "62 b1 f5 48 5e ca",                // vdivpd zmm1,zmm1,zmm18
        "e9 e7 ff ff ff",                   // jmp back
    ];
    let found: Vec<String> = encode(&[recip], form, 1, None)[ENTRY..]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    assert_eq!(found.join(" "), expected.join(" "));
}
