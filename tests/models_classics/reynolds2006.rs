//! The model reynolds2006: trajectories, the states of rest without pathogen, its thresholds.
use super::support::classic;
use approx::assert_relative_eq;

#[test]
fn numbers_and_readme_are_complete() {
    classic("reynolds2006").assert_documented();
}

#[test]
fn the_scenarios_follow_an_independent_solution() {
    let table = include_str!("../../models/reynolds2006/expected/trajectories.tsv");
    // ten digits in the table, both solutions at 1e-10 and better; near thresholds errors grow some hundredfold
    classic("reynolds2006").assert_follows(table, 1e-11, 1e-6);
}

#[test]
fn growth_of_the_pathogen_decides_between_health_aseptic_and_septic_death() {
    let classic = classic("reynolds2006");
    let states = |scenario: &str, time: f64| {
        classic
            .run(scenario, &[], &[0.0, time], 1e-13)
            .states(1)
            .to_vec()
    };
    // seven to eight digits as published numbers of a reference solution
    let early = states("health", 100.0);
    assert!(early[0].abs() < 1e-12);
    for (value, expected) in early[1..].iter().zip([0.14406754, 1.9759044, 0.50949393]) {
        assert_relative_eq!(*value, expected, max_relative = 2e-6);
    }
    for (scenario, expected) in [
        ("health", [0.0, 0.0, 0.0, 0.125]),
        ("aseptic_death", [0.0, 0.63501406, 17.39895586, 0.52286399]),
        (
            "septic_death",
            [4.9363521, 0.98096563, 17.492523, 0.52287614],
        ),
    ] {
        for (value, expected) in states(scenario, 3000.0).iter().zip(expected) {
            assert_relative_eq!(*value, expected, epsilon = 1e-9, max_relative = 1e-7);
        }
    }
}

#[test]
fn without_pathogen_health_and_aseptic_death_are_stable_and_a_saddle_lies_between() {
    let classic = classic("reynolds2006");
    let table = include_str!("../../models/reynolds2006/expected/states_of_rest.tsv");
    let rows: Vec<Vec<&str>> = table.lines().map(|l| l.split('\t').collect()).collect();
    assert_eq!(rows.len(), 5);
    for row in &rows[1..] {
        let number = |k: usize| row[k].parse::<f64>().expect("a number");
        let growth = [("k_pg", number(1))];
        let expected: Vec<f64> = (2..6).map(number).collect();
        let rest = classic.rest(&expected, &growth);
        for (value, expected) in rest.iter().zip(&expected) {
            // ten digits in the table
            assert_relative_eq!(*value, *expected, epsilon = 1e-12, max_relative = 1e-9);
        }
        let eigenvalues = classic.eigenvalues(&rest, &growth);
        for (k, value) in eigenvalues.iter().enumerate() {
            // five digits in the table
            assert_relative_eq!(value.re, number(6 + k), max_relative = 1e-4);
        }
        let unstable = eigenvalues.iter().filter(|e| e.re > 0.0).count();
        assert_eq!(unstable, usize::from(row[0] == "saddle"));
    }
    // in closed form: health has -mu_d, s_nr k_nn/(mu_nr inhibition) - mu_n, -mu_c and k_pg - k_pm s_m/mu_m
    let health = classic.eigenvalues(&[0.0, 0.0, 0.0, 0.125], &[]);
    let inhibition = 1.0 + (0.125_f64 / 0.28).powi(2);
    let closed = [
        -0.02,
        0.08 * 0.01 / (0.12 * inhibition) - 0.05,
        -0.1,
        0.3 - 1.5,
    ];
    for (value, expected) in health.iter().zip(closed) {
        assert_relative_eq!(value.re, expected, max_relative = 1e-12);
    }
}

#[test]
fn health_is_invaded_only_by_a_pathogen_that_outgrows_the_local_response() {
    let classic = classic("reynolds2006");
    let solution = classic.run("health", &[], &[0.0], 1e-12);
    let at = classic
        .system
        .observable_index("local_threshold")
        .expect("an observable");
    assert_relative_eq!(
        solution.observables(&classic.system)[0][at],
        1.5,
        max_relative = 1e-12
    );
    for (growth, stable) in [(1.49, true), (1.51, false)] {
        let leading = classic.eigenvalues(&[0.0, 0.0, 0.0, 0.125], &[("k_pg", growth)])[0].re;
        assert_eq!(leading < 0.0, stable, "{growth}");
    }
    // a trace of pathogen: cleared without any response, or not
    for (growth, cleared) in [(1.49, true), (1.51, false)] {
        let replaced = [("k_pg", growth), ("initial(P)", 1e-6)];
        let end = classic.run("health", &replaced, &[0.0, 2000.0], 1e-14);
        assert_eq!(end.states(1)[0] < 1e-6, cleared, "{growth}");
    }
}

#[test]
fn health_stays_at_rest_whatever_the_mediator_numbers() {
    let classic = classic("reynolds2006");
    let replaced = [("s_c", 0.02), ("mu_c", 0.07), ("initial(P)", 0.0)];
    let end = classic.run("health", &replaced, &[0.0, 100.0], 1e-13);
    for (value, expected) in end.states(1).iter().zip([0.0, 0.0, 0.0, 0.02 / 0.07]) {
        assert_relative_eq!(*value, expected, max_relative = 1e-12);
    }
}
