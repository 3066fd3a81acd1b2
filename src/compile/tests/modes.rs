//! Conditions: frozen in f and its derivatives, read anew on demand, and no leak from the branch not taken.
use super::equations;
use crate::compile::System;
use crate::lanes::{InstructionSet, Lane};

fn switching() -> System {
    let states = [
        (
            "x",
            "piecewise(1, p > 2, 5)",
            "piecewise(1/(x - 2), x > 2 && time <= 4, -x)",
            1.0,
        ),
        (
            "y",
            "0",
            "piecewise(p, p > 2, y) + piecewise(1, u != 1, 0)",
            1.0,
        ),
    ];
    System::compile(&equations(&states, &[("p", 1.0)], &["u"])).expect("compiles")
}

fn f(system: &System, ws: &mut crate::compile::Workspace<1>, t: f64, y: [f64; 2]) -> [f64; 2] {
    let mut dy = [Lane([0.0]); 2];
    system.rhs(ws, &Lane([t]), &y.map(|y| Lane([y])), &mut dy);
    dy.map(|dy| dy.0[0])
}

#[test]
fn relations_of_parameters_alone_are_no_modes() {
    // x > 2, time <= 4 and u != 1 can switch while time passes; p > 2 cannot
    let system = switching();
    assert_eq!(system.mode_count(), 3);
    let mut ws = system.workspace::<1>(InstructionSet::detect());
    system.set_registers(&mut ws, 0, &[3.0, 1.0, 0.0, 0.0, 0.0, 0.0]);
    system.hoist(&mut ws);
    assert_eq!(f(&system, &mut ws, 0.0, [1.0, 7.0])[1], 3.0);
}

#[test]
fn modes_stay_until_they_are_read_again() {
    let system = switching();
    let mut ws = system.workspace::<1>(InstructionSet::detect());
    system.set_modes(&mut ws, 0, 1.0, &[3.0, 0.5]);
    assert_eq!(system.modes(&ws, 0).iter().filter(|mode| **mode).count(), 2);
    // on the other side of both relations, still the first branch
    assert_eq!(f(&system, &mut ws, 5.0, [1.5, 0.5])[0], -2.0);
    let (mut dy, mut dt) = ([Lane([0.0]); 2], [Lane([0.0]); 2]);
    let mut j = vec![Lane([0.0]); system.jacobian_pattern().len()];
    system.rhs_jacobian(
        &mut ws,
        &Lane([5.0]),
        &[Lane([1.5]), Lane([0.5])],
        &mut dy,
        &mut j,
        &mut dt,
    );
    assert_eq!(system.jacobian_pattern()[0], (0, 0));
    assert_eq!(j[0].0[0], -4.0);
    system.set_modes(&mut ws, 0, 5.0, &[1.5, 0.5]);
    assert_eq!(f(&system, &mut ws, 5.0, [1.5, 0.5])[0], -1.5);
}

#[test]
fn differences_are_positive_on_the_true_side() {
    let system = switching();
    let mut ws = system.workspace::<1>(InstructionSet::detect());
    for (t, x) in [(1.0, 3.0), (4.5, 3.0), (1.0, 0.5), (6.0, 1.0)] {
        let mut distances = [0.0; 3];
        let mut truths = [false; 3];
        system.conditions(&mut ws, 0, (t, &[x, 0.0]), &mut truths, &mut distances);
        let before = system.modes(&ws, 0);
        system.set_modes(&mut ws, 0, t, &[x, 0.0]);
        let after = system.modes(&ws, 0);
        assert_eq!(truths[..], after);
        for (distance, mode) in distances.iter().zip(&after) {
            assert_eq!(
                *distance > 0.0,
                *mode,
                "{distances:?} {after:?} at {t}, {x}"
            );
        }
        let mut expected = [x - 2.0, 4.0 - t, 0.0];
        let mut found = distances;
        expected.sort_by(f64::total_cmp);
        found.sort_by(f64::total_cmp);
        assert_eq!(found, expected);
        // reading distances alone changes no mode
        let _ = before;
    }
    let modes = system.modes(&ws, 0);
    let at = (1.0, &[3.0, 0.0][..]);
    system.conditions(&mut ws, 0, at, &mut [false; 3], &mut [0.0; 3]);
    assert_eq!(system.modes(&ws, 0), modes);
}

#[test]
fn a_branch_not_taken_never_leaks() {
    let states = [(
        "x",
        "1",
        "piecewise(1/x, x > 0, 0) + piecewise(0, x <= 0, ln(x)) + x",
        1.0,
    )];
    let system = System::compile(&equations(&states, &[], &[])).expect("compiles");
    let mut ws = system.workspace::<8>(InstructionSet::detect());
    let x = [0.0, -1.0, 1.0, f64::INFINITY, 0.0, 2.0, -3.0, 0.5];
    for (lane, x) in x.iter().enumerate() {
        system.set_modes(&mut ws, lane, 0.0, &[*x]);
    }
    let (mut dy, mut j, mut dt) = ([Lane([0.0; 8])], [Lane([0.0; 8])], [Lane([0.0; 8])]);
    system.rhs_jacobian(
        &mut ws,
        &Lane([0.0; 8]),
        &[Lane(x)],
        &mut dy,
        &mut j,
        &mut dt,
    );
    let expected = |x: f64| if x > 0.0 { 1.0 / x + x.ln() + x } else { x };
    assert_eq!(dy[0].0, x.map(expected));
    for (lane, x) in x.into_iter().enumerate().filter(|(_, x)| *x <= 0.0) {
        assert_eq!(j[0].0[lane], 1.0, "slope at {x}");
    }
}

#[test]
fn initial_values_read_conditions_where_they_stand() {
    let system = switching();
    let mut ws = system.workspace::<1>(InstructionSet::detect());
    let mut y = [Lane([0.0]); 2];
    system.initial(&mut ws, &Lane([0.0]), &mut y);
    assert_eq!(y[0].0[0], 5.0);
    system.set_registers(&mut ws, 0, &[2.5, 1.0, 0.0, 0.0, 0.0, 0.0]);
    system.hoist(&mut ws);
    system.initial(&mut ws, &Lane([0.0]), &mut y);
    assert_eq!(y[0].0[0], 1.0);
}
