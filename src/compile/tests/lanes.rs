//! Lanes: the same bits at every width, nothing passes from one lane to another, workspaces can be used again.
use super::gut40::gut40;
use super::rich;
use crate::compile::{Sensitivity, System};
use crate::lanes::{InstructionSet, Lane};

/// A number in (0, 1) that looks random.
fn noise(seed: usize) -> f64 {
    let mut z = (seed as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 53) as f64
}

/// Everything a system computes for some subjects, W of them at a time, as bits.
fn everything<const W: usize>(
    system: &System,
    tapes: &Sensitivity,
    subjects: usize,
    spoilt: Option<usize>,
    set: InstructionSet,
) -> Vec<Vec<u64>> {
    let n = system.state_ids().len();
    let nnz = system.jacobian_pattern().len();
    let zero = Lane([0.0; W]);
    let mut results = Vec::new();
    for block in 0..subjects.div_ceil(W) {
        let mut ws = system.workspace::<W>(set);
        let subject = |lane: usize| (block * W + lane) % subjects;
        let value = |k: usize| {
            Lane(std::array::from_fn(|lane| {
                if spoilt == Some(subject(lane)) {
                    f64::NAN
                } else {
                    0.1 + noise(1000 * subject(lane) + k)
                }
            }))
        };
        let t = value(0);
        let y: Vec<Lane<W>> = (0..n).map(|i| value(1 + i)).collect();
        let direction: Vec<Lane<W>> = (0..n).map(|i| value(101 + i)).collect();
        for lane in 0..W {
            let mut registers = system.parameters().to_vec();
            registers.resize(system.register_count(), 0.0);
            for (k, register) in registers.iter_mut().enumerate() {
                *register = value(200 + k).0[lane];
            }
            system.set_registers(&mut ws, lane, &registers);
        }
        system.hoist(&mut ws);
        let mut parts: Vec<Vec<Lane<W>>> = Vec::new();
        let mut initial = vec![zero; n];
        system.initial(&mut ws, &t, &mut initial);
        for lane in 0..W {
            let point: Vec<f64> = y.iter().map(|y| y.0[lane]).collect();
            system.set_modes(&mut ws, lane, t.0[lane], &point);
        }
        let (mut dy, mut f, mut j, mut dt) =
            (vec![zero; n], vec![zero; n], vec![zero; nnz], vec![zero; n]);
        system.rhs(&mut ws, &t, &y, &mut dy);
        system.rhs_jacobian(&mut ws, &t, &y, &mut f, &mut j, &mut dt);
        let sound = system.factor_here(&mut ws, &Lane(t.0.map(|t| 1.0 / t)));
        ws.registers[system.slopes()].copy_from_slice(&dy);
        system.solve_here(&mut ws);
        let x = ws.registers[system.solution()].to_vec();
        let (mut sj, mut fp) = (vec![zero; nnz], vec![zero; tapes.pattern().len()]);
        tapes.jacobian_parameters(system, &mut ws, &t, &y, &mut sj, &mut fp);
        let (mut dj, mut dfp) = (sj.clone(), fp.clone());
        tapes.directional(
            system,
            &mut ws,
            &t,
            &y,
            &direction,
            &value(300),
            &mut dj,
            &mut dfp,
        );
        parts.extend([initial, dy, f, j, dt, x, sj, fp, dj, dfp]);
        for (lane, sound) in sound.iter().enumerate().take(subjects - block * W) {
            let mut bits: Vec<u64> = parts
                .iter()
                .flatten()
                .map(|value| value.0[lane].to_bits())
                .collect();
            bits.push(u64::from(*sound));
            results.push(bits);
        }
    }
    results
}

fn all_registers(system: &System) -> Sensitivity {
    let registers: Vec<usize> = (0..system.register_count()).collect();
    system.sensitivity(&registers).expect("the registers exist")
}

#[test]
fn the_bits_are_the_same_at_every_width_with_every_instruction_set() {
    for equations in [rich(), gut40()] {
        let system = System::compile(&equations).expect("compiles");
        let tapes = all_registers(&system);
        let one = everything::<1>(&system, &tapes, 8, None, InstructionSet::PORTABLE);
        for set in InstructionSet::available() {
            assert_eq!(one, everything::<1>(&system, &tapes, 8, None, set), "{set}");
            assert_eq!(one, everything::<4>(&system, &tapes, 8, None, set), "{set}");
            assert_eq!(one, everything::<8>(&system, &tapes, 8, None, set), "{set}");
            assert_eq!(
                one,
                everything::<16>(&system, &tapes, 8, None, set),
                "{set}"
            );
        }
    }
}

#[test]
fn a_nan_in_one_lane_leaves_the_others_as_they_are() {
    let system = System::compile(&gut40()).expect("compiles");
    let tapes = all_registers(&system);
    let sound = everything::<8>(&system, &tapes, 8, None, InstructionSet::detect());
    let spoilt = everything::<8>(&system, &tapes, 8, Some(3), InstructionSet::detect());
    for lane in (0..8).filter(|lane| *lane != 3) {
        assert_eq!(sound[lane], spoilt[lane], "lane {lane}");
    }
    assert_ne!(sound[3], spoilt[3]);
    assert_eq!(
        spoilt[3].last(),
        Some(&0),
        "a matrix of NaN was taken for regular"
    );
}

#[test]
fn a_workspace_forgets_the_parameters_before() {
    let system = System::compile(&rich()).expect("compiles");
    let few = system.sensitivity(&[1]).expect("the register exists");
    let tapes = all_registers(&system);
    let y = [Lane([0.7]), Lane([0.4]), Lane([1.1])];
    let t = Lane([0.3]);
    let registers = |k: f64| [1.0, 0.3 * k, 0.7 / k, 2.0 * k, 1.0, 0.5, 0.0, 0.0, 0.1];
    let run = |ws: &mut crate::compile::Workspace<1>, k: f64| {
        system.set_registers(ws, 0, &registers(k));
        system.hoist(ws);
        system.set_modes(ws, 0, 0.3, &[0.7, 0.4, 1.1]);
        let mut dy = [Lane([0.0]); 3];
        system.rhs(ws, &t, &y, &mut dy);
        let mut j = vec![Lane([0.0]); system.jacobian_pattern().len()];
        let mut fp = vec![Lane([0.0]); tapes.pattern().len()];
        tapes.jacobian_parameters(&system, ws, &t, &y, &mut j, &mut fp);
        // another set of tapes in between must not disturb
        let (mut j2, mut fp2) = (j.clone(), vec![Lane([0.0]); few.pattern().len()]);
        few.jacobian_parameters(&system, ws, &t, &y, &mut j2, &mut fp2);
        tapes.jacobian_parameters(&system, ws, &t, &y, &mut j, &mut fp);
        (dy, j, fp, fp2)
    };
    let mut used = system.workspace::<1>(InstructionSet::detect());
    run(&mut used, 3.0);
    assert_eq!(
        run(&mut used, 1.0),
        run(&mut system.workspace::<1>(InstructionSet::detect()), 1.0)
    );
}
