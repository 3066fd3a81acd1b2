//! Work of the standard problems: steps, rejected steps, right-hand sides, Jacobians and factorisations, as counted.
//!
//! The counts are exact: they move only when a method, the controller or the order of an addition does. A change that means to
//! move them replaces the whole table by the one that the failing test prints.
use super::{
    air_pollution::pollu,
    orbits::{arenstorf, pleiades},
    problems::{Reference, e5, hires, oregonator, robertson, van_der_pol},
    reached::run,
};
use crate::support::rodas;
use holobiont::solve::{Dop853, Dopri5, Method, Tsit5};

type Row = (&'static str, &'static str, f64, [usize; 5]);

#[rustfmt::skip]
const WORK: &[Row] = &[
    ("Robertson", "Rodas5P", 1e-4, [166, 0, 1328, 166, 166]),
    ("Robertson", "Rodas5P", 1e-6, [348, 0, 2784, 348, 348]),
    ("Robertson", "Rodas5P", 1e-8, [938, 0, 7504, 938, 938]),
    ("HIRES", "Rodas5P", 1e-4, [54, 4, 464, 58, 58]),
    ("HIRES", "Rodas5P", 1e-6, [205, 3, 1664, 208, 208]),
    ("HIRES", "Rodas5P", 1e-8, [774, 1, 6200, 775, 775]),
    ("Oregonator", "Rodas5P", 1e-4, [348, 16, 2912, 364, 364]),
    ("Oregonator", "Rodas5P", 1e-6, [1204, 1, 9640, 1205, 1205]),
    ("Oregonator", "Rodas5P", 1e-8, [4043, 3, 32368, 4046, 4046]),
    ("van der Pol", "Rodas5P", 1e-4, [244, 36, 2240, 280, 280]),
    ("van der Pol", "Rodas5P", 1e-6, [829, 5, 6672, 834, 834]),
    ("van der Pol", "Rodas5P", 1e-8, [2865, 1, 22928, 2866, 2866]),
    ("E5", "Rodas5P", 1e-4, [221, 0, 1768, 221, 221]),
    ("E5", "Rodas5P", 1e-6, [735, 0, 5880, 735, 735]),
    ("E5", "Rodas5P", 1e-8, [3083, 1, 24672, 3084, 3084]),
    ("POLLU", "Rodas5P", 1e-4, [48, 0, 384, 48, 48]),
    ("POLLU", "Rodas5P", 1e-6, [117, 5, 976, 122, 122]),
    ("POLLU", "Rodas5P", 1e-8, [349, 4, 2824, 353, 353]),
    ("pleiades", "Tsit5", 1e-6, [190, 15, 1230, 0, 0]),
    ("pleiades", "Tsit5", 1e-8, [477, 0, 2862, 0, 0]),
    ("pleiades", "Tsit5", 1e-10, [1209, 0, 7254, 0, 0]),
    ("pleiades", "Dopri5", 1e-6, [160, 49, 1258, 0, 0]),
    ("pleiades", "Dopri5", 1e-8, [376, 34, 2464, 0, 0]),
    ("pleiades", "Dopri5", 1e-10, [937, 0, 5626, 0, 0]),
    ("pleiades", "Dop853", 1e-6, [80, 29, 1283, 0, 0]),
    ("pleiades", "Dop853", 1e-8, [133, 52, 2172, 0, 0]),
    ("pleiades", "Dop853", 1e-10, [226, 74, 3530, 0, 0]),
    ("Arenstorf", "Tsit5", 1e-6, [164, 12, 1056, 0, 0]),
    ("Arenstorf", "Tsit5", 1e-8, [409, 1, 2460, 0, 0]),
    ("Arenstorf", "Tsit5", 1e-10, [1033, 1, 6204, 0, 0]),
    ("Arenstorf", "Dopri5", 1e-6, [137, 25, 988, 0, 0]),
    ("Arenstorf", "Dopri5", 1e-8, [330, 22, 2128, 0, 0]),
    ("Arenstorf", "Dopri5", 1e-10, [822, 0, 4948, 0, 0]),
    ("Arenstorf", "Dop853", 1e-6, [65, 22, 1037, 0, 0]),
    ("Arenstorf", "Dop853", 1e-8, [104, 37, 1670, 0, 0]),
    ("Arenstorf", "Dop853", 1e-10, [174, 58, 2752, 0, 0]),
];

fn named(problem: &str) -> Reference {
    let all = [
        robertson,
        hires,
        oregonator,
        van_der_pol,
        e5,
        pollu,
        pleiades,
        arenstorf,
    ];
    let mut all = all.into_iter().map(|make| make());
    all.find(|reference| reference.name == problem)
        .expect("a problem of the table")
}

fn method(name: &str) -> Method {
    match name {
        "Rodas5P" => rodas(),
        "Tsit5" => Method::Tsit5(Tsit5::default()),
        "Dopri5" => Method::Dopri5(Dopri5::default()),
        "Dop853" => Method::Dop853(Dop853::default()),
        other => panic!("{other} is no method"),
    }
}

fn count(problem: &str, method_name: &str, relative: f64) -> [usize; 5] {
    let work = run(&named(problem), &method(method_name), relative).statistics;
    [
        work.steps,
        work.rejected,
        work.right_hand_sides,
        work.jacobians,
        work.factorisations,
    ]
}

#[test]
fn the_work_of_the_standard_problems_is_as_counted() {
    let (mut table, mut moved) = (String::new(), Vec::new());
    for (problem, method, relative, expected) in WORK {
        let counted = count(problem, method, *relative);
        table += &format!("    ({problem:?}, {method:?}, {relative:e}, {counted:?}),\n");
        if counted != *expected {
            moved.push(format!(
                "{problem} by {method} at {relative:e}: {counted:?} instead of {expected:?}"
            ));
        }
    }
    assert!(
        moved.is_empty(),
        "{}\n\nthe whole table as counted now:\n{table}",
        moved.join("\n")
    );
}

#[test]
fn every_attempt_of_rodas5p_costs_eight_right_hand_sides_one_jacobian_and_one_factorisation() {
    for (problem, method, relative, [steps, rejected, rhs, jacobians, factorisations]) in WORK {
        if *method == "Rodas5P" {
            let attempts = steps + rejected;
            assert_eq!(
                [*rhs, *jacobians, *factorisations],
                [8 * attempts, attempts, attempts],
                "{problem} at {relative:e}"
            );
        }
    }
}
