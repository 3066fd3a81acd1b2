//! The model baker2013: trajectories, its state of rest, bistability and oscillation.
use super::support::classic;
use approx::assert_relative_eq;

#[test]
fn numbers_and_readme_are_complete() {
    classic("baker2013").assert_documented();
}

#[test]
fn the_scenarios_follow_an_independent_solution() {
    let table = include_str!("../../models/baker2013/expected/trajectories.tsv");
    // ten digits in the table; twenty periods of the oscillation add up small errors of its phase
    classic("baker2013").assert_follows(table, 1e-10, 1e-6);
}

/// dp/dt where `a` is at rest.
fn gain(p: f64, gamma: f64, alpha: [f64; 4]) -> f64 {
    let hill = |k: f64| p * p / (k * k + p * p);
    let a = alpha[3] * hill(alpha[2]);
    (alpha[0] + alpha[1] * hill(1.0)) / (1.0 + a * a) - gamma * p
}

/// All p at rest between 1e-6 and 1e2, by signs on a fine grid and bisection.
fn rests(gamma: f64, alpha: [f64; 4]) -> Vec<f64> {
    let grid: Vec<f64> = (0..=8000)
        .map(|k| 10.0_f64.powf(-6.0 + f64::from(k) * 1e-3))
        .collect();
    let mut found = Vec::new();
    for pair in grid.windows(2) {
        let (mut low, mut high) = (pair[0], pair[1]);
        let sign = gain(low, gamma, alpha) > 0.0;
        if (gain(high, gamma, alpha) > 0.0) == sign {
            continue;
        }
        for _ in 0..60 {
            let middle = (low + high) / 2.0;
            match (gain(middle, gamma, alpha) > 0.0) == sign {
                true => low = middle,
                false => high = middle,
            }
        }
        found.push(low);
    }
    found
}

#[test]
fn the_published_numbers_have_one_state_of_rest_and_it_is_stable() {
    let rests = rests(1.25, [0.025, 1.0, 0.5, 3.5]);
    assert_eq!(rests.len(), 1);
    // ten digits
    assert_relative_eq!(rests[0], 0.02032982647, max_relative = 1e-9);
    let classic = classic("baker2013");
    let rest = classic.rest(&[0.02, 0.005], &[]);
    assert_relative_eq!(rest[0], rests[0], max_relative = 1e-12);
    assert_relative_eq!(rest[1], 0.00577667577789773, max_relative = 1e-12);
    assert!(classic.eigenvalues(&rest, &[])[0].re < 0.0);
    // and it attracts
    for scenario in ["rest", "flare"] {
        let end = classic.run(scenario, &[], &[0.0, 200.0], 1e-13);
        assert_relative_eq!(end.states(1)[0], rests[0], max_relative = 1e-9);
    }
}

#[test]
fn slow_clearance_and_a_weak_opponent_make_two_stable_states_with_a_saddle_between() {
    let classic = classic("baker2013");
    let rests = rests(0.4, [0.025, 1.0, 0.5, 0.5]);
    assert_eq!(rests.len(), 3);
    let replaced = [("gamma", 0.4), ("alpha_4", 0.5)];
    for (p, stable) in rests.iter().zip([true, false, true]) {
        let a = 0.5 * p * p / (0.25 + p * p);
        let rest = classic.rest(&[*p, a], &replaced);
        assert_relative_eq!(rest[0], *p, max_relative = 1e-10);
        let leading = classic.eigenvalues(&rest, &replaced)[0];
        assert_eq!(leading.re < 0.0, stable, "{p}");
    }
    for (scenario, p) in [("bistable_low", rests[0]), ("bistable_high", rests[2])] {
        let end = classic.run(scenario, &[], &[0.0, 400.0], 1e-13);
        assert_relative_eq!(end.states(1)[0], p, max_relative = 1e-8);
    }
}

#[test]
fn strong_drive_and_a_strong_opponent_oscillate_for_ever() {
    let classic = classic("baker2013");
    let alpha = [0.1, 30.0, 0.5, 10.0];
    let rests = rests(2.5, alpha);
    assert_eq!(rests.len(), 1);
    let replaced = [
        ("gamma", 2.5),
        ("alpha_1", 0.1),
        ("alpha_2", 30.0),
        ("alpha_4", 10.0),
    ];
    let p = rests[0];
    let leading = classic.eigenvalues(&[p, 10.0 * p * p / (0.25 + p * p)], &replaced)[0];
    assert!(leading.re > 0.0 && leading.im != 0.0);
    let times: Vec<f64> = (0..=30000).map(|k| f64::from(k) * 0.01).collect();
    let series = classic.run("oscillation", &[], &times, 1e-12).series(0);
    let late = &series[20000..];
    let (low, high) = late
        .iter()
        .fold((f64::INFINITY, 0.0_f64), |(low, high), p| {
            (low.min(*p), high.max(*p))
        });
    // extremes and period of an independent solution, on a grid of 0.01
    assert_relative_eq!(low, 0.026078309, max_relative = 1e-3);
    assert_relative_eq!(high, 0.781710795, max_relative = 1e-3);
    let peaks: Vec<usize> = (20001..30000)
        .filter(|k| series[*k] > series[k - 1] && series[*k] >= series[k + 1])
        .collect();
    let period = (peaks[peaks.len() - 1] - peaks[0]) as f64 * 0.01 / (peaks.len() - 1) as f64;
    assert_relative_eq!(period, 5.257067672, max_relative = 1e-3);
}
