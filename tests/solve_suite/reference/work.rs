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
    ("Robertson", "Rodas5P", 1e-4, [146, 0, 1168, 146, 146]),
    ("Robertson", "Rodas5P", 1e-6, [300, 2, 2416, 302, 302]),
    ("Robertson", "Rodas5P", 1e-8, [758, 1, 6072, 759, 759]),
    ("HIRES", "Rodas5P", 1e-4, [51, 13, 512, 64, 64]),
    ("HIRES", "Rodas5P", 1e-6, [162, 12, 1392, 174, 174]),
    ("HIRES", "Rodas5P", 1e-8, [602, 4, 4848, 606, 606]),
    ("Oregonator", "Rodas5P", 1e-4, [304, 103, 3256, 407, 407]),
    ("Oregonator", "Rodas5P", 1e-6, [952, 17, 7752, 969, 969]),
    ("Oregonator", "Rodas5P", 1e-8, [3194, 4, 25584, 3198, 3198]),
    ("van der Pol", "Rodas5P", 1e-4, [223, 104, 2616, 327, 327]),
    ("van der Pol", "Rodas5P", 1e-6, [656, 19, 5400, 675, 675]),
    ("van der Pol", "Rodas5P", 1e-8, [2242, 18, 18080, 2260, 2260]),
    ("E5", "Rodas5P", 1e-4, [189, 1, 1520, 190, 190]),
    ("E5", "Rodas5P", 1e-6, [503, 4, 4056, 507, 507]),
    ("E5", "Rodas5P", 1e-8, [2414, 3, 19336, 2417, 2417]),
    ("POLLU", "Rodas5P", 1e-4, [41, 0, 328, 41, 41]),
    ("POLLU", "Rodas5P", 1e-6, [96, 7, 824, 103, 103]),
    ("POLLU", "Rodas5P", 1e-8, [278, 4, 2256, 282, 282]),
    ("pleiades", "Tsit5", 1e-6, [172, 57, 1374, 0, 0]),
    ("pleiades", "Tsit5", 1e-8, [403, 29, 2592, 0, 0]),
    ("pleiades", "Tsit5", 1e-10, [1008, 0, 6048, 0, 0]),
    ("pleiades", "Dopri5", 1e-6, [160, 49, 1258, 0, 0]),
    ("pleiades", "Dopri5", 1e-8, [376, 34, 2464, 0, 0]),
    ("pleiades", "Dopri5", 1e-10, [937, 0, 5626, 0, 0]),
    ("pleiades", "Dop853", 1e-6, [80, 29, 1283, 0, 0]),
    ("pleiades", "Dop853", 1e-8, [133, 52, 2172, 0, 0]),
    ("pleiades", "Dop853", 1e-10, [226, 74, 3530, 0, 0]),
    ("Arenstorf", "Tsit5", 1e-6, [144, 35, 1074, 0, 0]),
    ("Arenstorf", "Tsit5", 1e-8, [345, 21, 2196, 0, 0]),
    ("Arenstorf", "Tsit5", 1e-10, [862, 1, 5178, 0, 0]),
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
