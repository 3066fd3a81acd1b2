//! gut40 against its references: root mean square of (y - reference)/(1e-3 + |reference|).
use crate::support::*;
use holobiont::{
    compile::System,
    schedule::Schedule,
    solve::{Machine, Method, Problem, Solver, Tolerances, solve},
};

fn reference(variant: &str) -> Vec<Vec<f64>> {
    let path = file(&format!("gut40_reference_{variant}.csv"));
    let text = std::fs::read_to_string(path).expect("a file of the yardstick");
    let row = |line: &str| -> Vec<f64> {
        line.split(',')
            .filter_map(|cell| cell.trim().parse().ok())
            .collect()
    };
    text.lines()
        .map(row)
        .filter(|row| row.len() >= 40)
        .collect()
}

/// Error of the variant at the relative tolerance.
fn error(system: &System, variant: &str, relative: f64) -> f64 {
    let order = std::fs::read_to_string(file("gut40_order.txt")).expect("a file of the yardstick");
    let order: Vec<usize> = order
        .split_whitespace()
        .map(|id| system.state_index(id).expect("a state of the model"))
        .collect();
    let parameters = with_meals(system, if variant == "meals" { 1.0 } else { 0.0 });
    let times = times();
    let problem = Problem {
        system,
        parameters: &parameters,
        schedule: &Schedule::default(),
        times: &times,
        sensitivity: None,
    };
    let tolerances = Tolerances {
        relative,
        absolute: 1e-3 * relative,
    };
    let solution = solve(&problem, &Method::default(), &tolerances)
        .finished()
        .expect("a solution");
    let rows = reference(variant);
    assert_eq!((rows.len(), order.len()), (times.len(), 40));
    let mut sum = 0.0;
    for (k, row) in rows.iter().enumerate() {
        for (i, value) in order.iter().zip(&row[row.len() - 40..]) {
            sum += ((solution.states(k)[*i] - value) / (1e-3 + value.abs())).powi(2);
        }
    }
    let error = (sum / (40 * times.len()) as f64).sqrt();
    println!(
        "{variant} at {relative:e}: {error:.2e}, {:?}",
        solution.statistics
    );
    error
}

#[test]
#[ignore = "needs HOLOBIONT_SHARED"]
fn the_yardstick_is_met_within_a_tenth_of_the_tolerance_at_1e_4_and_within_it_at_1e_6() {
    let system = gut40();
    // measured: 2.4e-6, 2.2e-8, 5.2e-6, 8e-8; 600 meals in 200 days keep the steps from settling
    for (variant, relative, bound) in [
        ("steady", 1e-4, 1e-5),
        ("steady", 1e-6, 1e-6),
        ("meals", 1e-4, 1e-5),
        ("meals", 1e-6, 1e-6),
    ] {
        let error = error(&system, variant, relative);
        assert!(error <= bound, "{variant} at {relative:e}: {error:e}");
    }
}

/// The memory of a lane group for forty states without sensitivities: under 2 MB, and the same for many subjects.
#[test]
#[ignore = "needs HOLOBIONT_SHARED"]
fn a_lane_group_of_forty_states_takes_less_than_two_megabytes() {
    let system = gut40();
    let schedule = Schedule::default();
    let problem = Problem {
        system: &system,
        parameters: system.parameters(),
        schedule: &schedule,
        times: &[1.0],
        sensitivity: None,
    };
    let tolerances = Tolerances {
        relative: 1e-3,
        absolute: 1e-6,
    };
    for lanes in [1, 4, 8, 16] {
        let machine = Machine {
            lanes: Some(lanes),
            threads: Some(1),
            instructions: None,
        };
        let solver = Solver::new(&system, Method::default(), tolerances).on(machine);
        solver.map(&[problem; 4], |_, _| ());
        let few = solver.memory();
        solver.map(&vec![problem; 400], |_, _| ());
        assert_eq!(solver.memory(), few, "{lanes} lanes");
        assert!(few < 2_000_000, "{lanes} lanes: {few} bytes");
    }
}
