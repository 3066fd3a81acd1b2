//! The model alexander2010: trajectories, the threshold R0, the state of chronic autoimmunity in closed form.
use super::support::{Classic, classic};
use approx::assert_relative_eq;

#[test]
fn numbers_and_readme_are_complete() {
    classic("alexander2010").assert_documented();
}

#[test]
fn the_scenarios_follow_an_independent_solution() {
    let table = include_str!("../../models/alexander2010/expected/trajectories.tsv");
    // up to 1e8 items: both solutions know 1e-9 of each
    classic("alexander2010").assert_follows(table, 1e-9, 1e-6);
}

fn ratio(classic: &Classic, replaced: &[(&str, f64)]) -> f64 {
    let value = |id| classic.parameter(id, replaced).expect("a parameter");
    value("f") * value("v") * value("lambda_E") * value("gamma")
        / ((value("v") + value("mu_G")) * (value("b_1") + value("mu_A")) * value("mu_E"))
}

/// A, R, E, G of chronic autoimmunity.
fn endemic(classic: &Classic, replaced: &[(&str, f64)]) -> [f64; 4] {
    let value = |id| classic.parameter(id, replaced).expect("a parameter");
    let loss = value("b_1") + value("mu_A");
    let r = (ratio(classic, replaced) - 1.0) * loss / value("sigma_1");
    let per_a = value("lambda_E") / value("mu_E");
    let c = value("pi_1") * per_a;
    let root = (value("beta").powi(2) + 4.0 * c * value("mu_R") * r).sqrt();
    let a = (root - value("beta")) / (2.0 * c);
    let g = value("gamma") * per_a * a / (value("v") + value("mu_G"));
    [a, r, per_a * a, g]
}

#[test]
fn below_the_threshold_the_response_dies_out() {
    let classic = classic("alexander2010");
    assert_relative_eq!(ratio(&classic, &[]), 0.79960, epsilon = 5e-6);
    let solution = classic.run("tolerance", &[], &[0.0, 50.0, 2000.0], 1e-9);
    assert_relative_eq!(
        solution.observables(&classic.system)[0][0],
        ratio(&classic, &[]),
        max_relative = 1e-14
    );
    let expected = [0.321478997, 340.490882, 1490.83736, 600159.892];
    for (value, expected) in solution.states(1).iter().zip(expected) {
        // nine digits of a reference solution
        assert_relative_eq!(*value, expected, max_relative = 1e-7);
    }
    assert!(solution.states(2).iter().all(|x| *x < 1e-6));
    assert!(classic.eigenvalues(&[0.0; 4], &[])[0].re < 0.0);
}

#[test]
fn above_the_threshold_tolerance_is_unstable_and_the_chronic_state_is_stable() {
    let classic = classic("alexander2010");
    for (f, sigma) in [
        (1.26e-4, 3e-6),
        (1.5e-4, 3e-6),
        (1.5e-4, 3e-7),
        (5e-4, 3e-6),
    ] {
        let replaced = [("f", f), ("sigma_1", sigma)];
        assert!(ratio(&classic, &replaced) > 1.0);
        assert!(classic.eigenvalues(&[0.0; 4], &replaced)[0].re > 0.0);
        let rest = endemic(&classic, &replaced);
        for (derivative, gross) in classic
            .derivatives(&rest, &replaced)
            .iter()
            // what flows through each state in a day
            .zip([rest[0], rest[1], rest[2], rest[3]])
        {
            assert!(derivative.abs() < 1e-11 * gross, "{derivative} of {gross}");
        }
        assert!(classic.eigenvalues(&rest, &replaced)[0].re < 0.0);
    }
}

#[test]
fn autoimmunity_settles_at_the_closed_form() {
    let classic = classic("alexander2010");
    for (scenario, replaced) in [
        ("autoimmunity", vec![("f", 1.5e-4)]),
        ("weak_regulation", vec![("f", 1.5e-4), ("sigma_1", 3e-7)]),
    ] {
        let solution = classic.run(scenario, &[], &[0.0, 3000.0], 1e-6);
        for (value, expected) in solution.states(1).iter().zip(endemic(&classic, &replaced)) {
            // exp(-0.06 3000) is left of the start
            assert_relative_eq!(*value, expected, max_relative = 1e-8);
        }
    }
}

#[test]
fn regulatory_cells_of_the_antigen_set_the_size_of_the_response_and_not_its_threshold() {
    let classic = classic("alexander2010");
    let (strong, weak) = ([("f", 1.5e-4)], [("f", 1.5e-4), ("sigma_1", 3e-7)]);
    assert_eq!(ratio(&classic, &strong), ratio(&classic, &weak));
    let [a, b] = [&strong[..], &weak[..]].map(|replaced| endemic(&classic, replaced));
    assert!(b[2] > 3.0 * a[2], "effectors {} and {}", a[2], b[2]);
    // those of other antigens do
    assert!(ratio(&classic, &[("f", 1.5e-4), ("b_1", 0.4)]) < 1.0);
}
