//! J, df/dt, df/dp, derivatives of initial values and conditions, and the directional tapes against central differences.
use super::gut40::gut40;
use super::rich;
use crate::compile::{System, Workspace};
use crate::lanes::{InstructionSet, Lane};

/// Steps of central differences, relative to the argument.
const STEP: f64 = 1e-5;

/// A point of a system: time, states, registers.
#[derive(Clone)]
struct At {
    t: f64,
    y: Vec<f64>,
    registers: Vec<f64>,
}

struct Values {
    f: Vec<f64>,
    j: Vec<f64>,
    dt: Vec<f64>,
    fp: Vec<f64>,
    initial: Vec<f64>,
    triggers: Vec<f64>,
}

fn lanes(values: &[f64]) -> Vec<Lane<1>> {
    values.iter().map(|&value| Lane([value])).collect()
}
fn numbers(lanes: &[Lane<1>]) -> Vec<f64> {
    lanes.iter().map(|lane| lane.0[0]).collect()
}

fn set(system: &System, ws: &mut Workspace<1>, at: &At) {
    system.set_registers(ws, 0, &at.registers);
    system.hoist(ws);
}

fn evaluate(
    system: &System,
    ws: &mut Workspace<1>,
    tapes: &crate::compile::Sensitivity,
    at: &At,
) -> Values {
    set(system, ws, at);
    let zero = |n: usize| vec![Lane([0.0]); n];
    let n = at.y.len();
    let (mut f, mut dt, mut initial) = (zero(n), zero(n), zero(n));
    let (mut j, mut again, mut fp) = (
        zero(system.pattern.len()),
        zero(system.pattern.len()),
        zero(tapes.pattern().len()),
    );
    system.rhs_jacobian(ws, &Lane([at.t]), &lanes(&at.y), &mut f, &mut j, &mut dt);
    tapes.jacobian_parameters(
        system,
        ws,
        &Lane([at.t]),
        &lanes(&at.y),
        &mut again,
        &mut fp,
    );
    for (a, b) in j.iter().zip(&again) {
        // the same expressions, perhaps in another order
        assert!((a.0[0] - b.0[0]).abs() <= 1e-12 * a.0[0].abs().max(1.0));
    }
    system.initial(ws, &Lane([at.t]), &mut initial);
    let mut triggers = vec![0.0; system.mode_count()];
    let mut truths = vec![false; system.mode_count()];
    system.conditions(ws, 0, (at.t, &at.y), &mut truths, &mut triggers);
    Values {
        f: numbers(&f),
        j: numbers(&j),
        dt: numbers(&dt),
        fp: numbers(&fp),
        initial: numbers(&initial),
        triggers,
    }
}

/// Central differences lose about STEP^2 of curvature and 1e-16/STEP of rounding: 1e-8 relative, with room for large terms.
fn assert_close(value: f64, difference: f64, scale: f64, what: &str) {
    let tolerance = 1e-6 * value.abs().max(difference.abs()) + 1e-8 * scale.max(1.0);
    assert!(
        (value - difference).abs() <= tolerance,
        "{what}: {value} against {difference}"
    );
}

fn check(system: &System, at: &At) {
    let registers: Vec<usize> = (0..system.register_count()).collect();
    let tapes = system.sensitivity(&registers).expect("the registers exist");
    let mut ws = system.workspace::<1>(InstructionSet::detect());
    system.set_modes(&mut ws, 0, at.t, &at.y);
    let n = at.y.len();
    let values = evaluate(system, &mut ws, &tapes, at);
    let largest = |list: &[f64]| list.iter().fold(0.0f64, |m, v| m.max(v.abs()));
    let scale = largest(&values.f).max(largest(&values.j));

    let difference = |ws: &mut Workspace<1>, step: f64, shift: &dyn Fn(&mut At, f64)| {
        let (mut above, mut below) = (at.clone(), at.clone());
        shift(&mut above, step);
        shift(&mut below, -step);
        let (above, below) = (
            evaluate(system, ws, &tapes, &above),
            evaluate(system, ws, &tapes, &below),
        );
        let quotient = |a: &[f64], b: &[f64]| {
            a.iter()
                .zip(b)
                .map(|(a, b)| (a - b) / (2.0 * step))
                .collect::<Vec<f64>>()
        };
        Values {
            f: quotient(&above.f, &below.f),
            j: quotient(&above.j, &below.j),
            dt: Vec::new(),
            fp: quotient(&above.fp, &below.fp),
            initial: quotient(&above.initial, &below.initial),
            triggers: quotient(&above.triggers, &below.triggers),
        }
    };
    let dense = |pattern: &[(u32, u32)], entries: &[f64], row: usize, column: usize| {
        let entry = |(k, _): (usize, &(u32, u32))| entries[k];
        pattern
            .iter()
            .enumerate()
            .filter(|(_, p)| **p == (row as u32, column as u32))
            .map(entry)
            .sum::<f64>()
    };
    // J and df/dt
    for column in 0..n {
        let found = difference(&mut ws, STEP * at.y[column].abs(), &|at, step| {
            at.y[column] += step
        });
        for row in 0..n {
            let entry = dense(system.jacobian_pattern(), &values.j, row, column);
            assert_close(entry, found.f[row], scale, &format!("J({row}, {column})"));
        }
    }
    let by_time = difference(&mut ws, STEP, &|at, step| at.t += step);
    for row in 0..n {
        assert_close(
            values.dt[row],
            by_time.f[row],
            scale,
            &format!("df/dt of {row}"),
        );
    }
    // df/dp, derivatives of the initial values and of the conditions' distances
    let mut initial = vec![Lane([0.0]); tapes.initial_pattern().len()];
    let mut moving = vec![Lane([0.0]); n];
    set(system, &mut ws, at);
    tapes.initial(system, &mut ws, &Lane([at.t]), &mut initial, &mut moving);
    let initial = numbers(&initial);
    for (row, (found, difference)) in moving.iter().zip(&by_time.initial).enumerate() {
        let name = format!("d initial/dt of {row}");
        assert_close(found.0[0], *difference, 1.0, &name);
    }
    let mut along = vec![0.0; system.mode_count()];
    let mut distances = vec![0.0; tapes.trigger_pattern().len()];
    let mut conditions = |ws: &mut Workspace<1>, k: &[f64], tau: f64| {
        let point = (at.t, &at.y[..]);
        tapes.triggers(system, ws, 0, point, (k, tau), &mut along, &mut distances);
        (along.clone(), distances.clone())
    };
    let (along_time, distances) = conditions(&mut ws, &vec![0.0; n], 1.0);
    for (found, difference) in along_time.iter().zip(&by_time.triggers) {
        assert_close(*found, *difference, 1.0, "distance by time");
    }
    for register in 0..at.registers.len() {
        let found = difference(&mut ws, STEP * at.registers[register].abs(), &|at, step| {
            at.registers[register] += step
        });
        for row in 0..n {
            let name = format!("df/dp({row}, {register})");
            assert_close(
                dense(tapes.pattern(), &values.fp, row, register),
                found.f[row],
                scale,
                &name,
            );
            let name = format!("d initial/dp({row}, {register})");
            assert_close(
                dense(tapes.initial_pattern(), &initial, row, register),
                found.initial[row],
                1.0,
                &name,
            );
        }
        for (condition, difference) in found.triggers.iter().enumerate() {
            let entry = dense(tapes.trigger_pattern(), &distances, condition, register);
            assert_close(entry, *difference, 1.0, "distance by register");
        }
    }
    // along a direction
    let k: Vec<f64> = (0..n)
        .map(|i| at.y[i] * (0.3 - 0.1 * (i % 7) as f64))
        .collect();
    let tau = 0.4;
    let found = difference(&mut ws, STEP, &|at, step| {
        at.t += tau * step;
        at.y.iter_mut().zip(&k).for_each(|(y, k)| *y += k * step);
    });
    set(system, &mut ws, at);
    let (along, _) = conditions(&mut ws, &k, tau);
    for (along, difference) in along.iter().zip(&found.triggers) {
        assert_close(*along, *difference, 1.0, "distance along a direction");
    }
    let (mut dj, mut dfp) = (
        vec![Lane([0.0]); values.j.len()],
        vec![Lane([0.0]); values.fp.len()],
    );
    tapes.directional(
        system,
        &mut ws,
        &Lane([at.t]),
        &lanes(&at.y),
        &lanes(&k),
        &Lane([tau]),
        &mut dj,
        &mut dfp,
    );
    for (entry, difference) in dj.iter().zip(&found.j) {
        assert_close(entry.0[0], *difference, scale, "D J");
    }
    let scale = scale.max(largest(&values.fp));
    for (entry, difference) in dfp.iter().zip(&found.fp) {
        assert_close(entry.0[0], *difference, scale, "D df/dp");
    }
}

#[test]
fn derivatives_of_a_small_system_equal_differences() {
    let mut equations = rich();
    // a condition of states, parameters, an input and time
    let text = "k1*u - x*y/(km + x) - piecewise(ln(y - 1), y > 1, 0) + piecewise(x, x*y*k1 > km^2 + u*time, 0)";
    equations.states[0].right_hand_side = equations.graph.parse(text).expect("a formula");
    // inputs in initial values and under a function
    let text = "x0*u^2 + time";
    equations.states[1].initial = equations.graph.parse(text).expect("a formula");
    let system = System::compile(&equations).expect("compiles");
    assert!(system.depends_on_time());
    for y in [[0.8, 0.6, 1.3], [0.8, 1.7, 1.3]] {
        check(
            &system,
            &At {
                t: 0.9,
                y: y.to_vec(),
                registers: vec![1.1, 0.3, 0.7, 2.0, 1.0, 0.4, -0.3, 0.2, 0.25],
            },
        );
    }
}

#[test]
fn derivatives_of_a_system_of_forty_states_equal_differences() {
    let system = System::compile(&gut40()).expect("compiles");
    let y = (0..40).map(|i| 0.6 + 0.05 * (i % 11) as f64).collect();
    let mut registers = system.parameters().to_vec();
    registers.extend([3.0, 0.5, -0.2, 0.1, 0.2]);
    check(
        &system,
        &At {
            t: 0.7,
            y,
            registers,
        },
    );
}
