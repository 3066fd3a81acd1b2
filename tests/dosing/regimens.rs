//! Steady states beside what brute force gives, the work they take, overlapping infusions, resets, lanes and threads.
use crate::support::*;
use holobiont::{
    compile::System,
    network::{Network, Parameter, Reaction, Species},
    schedule::{Moment, RegimenKind, Register, Schedule},
    solve::{Directions, Machine, Method, Problem, Solver, Tolerances},
};

/// Doses from so many intervals before on, one by one; registers of amount and interval.
fn one_by_one(system: &System, state: &str, numbers: [f64; 3], count: usize) -> Schedule {
    let mut schedule = Schedule::default();
    let first = system.parameters().len();
    let state = system.state_index(state).unwrap();
    let [time, amount, interval] = numbers;
    let amount = schedule.add_entry(first, "amount", amount);
    for k in 0..=count {
        let at = schedule.add_entry(first, "time", time + k as f64 * interval);
        give(&mut schedule, state, Moment { at, lag: None }, amount, None);
    }
    schedule
}

#[test]
fn saturable_elimination_agrees_with_two_hundred_periods() {
    let system = saturable();
    let (schedule, parameters) = regimen(&system, "central", [0.0, 8.0, 8.0, 0.0, 0.0]);
    let long = one_by_one(&system, "central", [0.0, 8.0, 8.0], 200);
    let all = long.extend(system.parameters());
    for method in methods() {
        let at = [3.0];
        let steady = run(problem(&system, &schedule, &parameters, &at), method, TIGHT);
        let late = [1603.0];
        let forced = run(problem(&system, &long, &all, &late), method, TIGHT);
        let (steady, forced) = (steady.finished().unwrap(), forced.finished().unwrap());
        let (a, b) = (steady.states(0)[0], forced.states(0)[0]);
        // each of the 200 periods ends within the tolerances; the feedback of a period is about a half
        assert!((a - b).abs() < 1e-7 * b, "{a} {b}");
        assert!(steady.statistics.intervals < 12, "Newton's method");
    }
}

#[test]
fn the_derivatives_of_a_saturable_steady_state_are_those_of_two_hundred_periods() {
    let system = saturable();
    let (schedule, parameters) = regimen(&system, "central", [0.0, 8.0, 8.0, 0.0, 0.0]);
    let long = one_by_one(&system, "central", [0.0, 8.0, 8.0], 200);
    let all = long.extend(system.parameters());
    let tapes = system.sensitivity(&[0, 1]).unwrap();
    let (v, k_m) = (Register(0), Register(1));
    let amount = |schedule: &Schedule| {
        let position = schedule.entries.iter().position(|e| e.id == "amount");
        Register(system.parameters().len() + position.unwrap())
    };
    let seeds = |s| [v, k_m, amount(s)].map(|register| vec![(register, 1.0)]);
    let solve = |schedule, parameters, times| {
        let seeds = seeds(schedule);
        let directions = Directions {
            tapes: &tapes,
            seeds: &seeds,
            error_control: true,
        };
        let problem = Problem {
            sensitivity: Some(directions),
            ..problem(&system, schedule, parameters, times)
        };
        let solver = Solver::new(&system, Method::default(), TIGHT);
        let second = solver.second_order(&[problem], &[seeds.to_vec()]).remove(0);
        second.finished().unwrap()
    };
    let steady = solve(&schedule, &parameters, &[3.0]);
    let forced = solve(&long, &all, &[1603.0]);
    for j in 0..3 {
        let [a, b] = [&steady, &forced].map(|s| s.solution.sensitivity(0, j)[0]);
        assert!((a - b).abs() < 1e-6 * b.abs(), "d/d{j}: {a} {b}");
        for i in 0..3 {
            let [a, b] = [&steady, &forced].map(|s| s.second(0, i, j)[0]);
            assert!((a - b).abs() < 1e-4 * b.abs(), "d2/d{i}d{j}: {a} {b}");
        }
    }
}

#[test]
fn a_linear_model_takes_one_correction_and_one_look() {
    let system = oral();
    let (schedule, parameters) = regimen(&system, "depot", [0.0, 8.0, 8.0, 1.0, 0.0]);
    for method in methods() {
        let problem = problem(&system, &schedule, &parameters, &[3.0]);
        let solution = run(problem, method, TIGHT).finished().unwrap();
        assert_eq!(solution.statistics.intervals, 2, "{method:?}");
    }
}

#[test]
fn a_slow_model_takes_no_more_intervals_than_a_fast_one() {
    let system = oral();
    let (schedule, mut parameters) = regimen(&system, "central", [0.0, 8.0, 8.0, 0.0, 0.0]);
    // a half-life of 1000 intervals
    parameters[0] = std::f64::consts::LN_2 / 8000.0;
    let problem = problem(&system, &schedule, &parameters, &[0.0]);
    let solution = run(problem, Method::default(), TIGHT).finished().unwrap();
    assert!(solution.statistics.intervals <= 3);
    let expected = 8.0 / (1.0 - (-8.0 * parameters[0]).exp());
    // the error of an interval, 1e-10, times the 1400 intervals that are remembered
    assert!((solution.states(0)[1] - expected).abs() < 1e-6 * expected);
}

#[test]
fn overlapping_infusions_add_their_rates() {
    let system = oral();
    let first = system.parameters().len();
    let state = system.state_index("central").unwrap();
    let mut schedule = Schedule::default();
    for (time, amount, duration) in [(0.0, 6.0, 3.0), (1.0, 8.0, 4.0), (2.0, 5.0, 0.5)] {
        let at = schedule.add_entry(first, "time", time);
        let amount = schedule.add_entry(first, "amount", amount);
        let duration = schedule.add_entry(first, "duration", duration);
        let moment = Moment { at, lag: None };
        give(&mut schedule, state, moment, amount, Some(duration));
    }
    let mut parameters = schedule.extend(system.parameters());
    parameters[0] = 0.0; // nothing leaves
    let times = [1.5, 2.25, 6.0];
    for method in methods() {
        let problem = problem(&system, &schedule, &parameters, &times);
        let solution = run(problem, method, TIGHT).finished().unwrap();
        for (k, expected) in [4.0, 9.5, 19.0].into_iter().enumerate() {
            let got = solution.states(k)[1];
            // straight lines, which every method follows: rounding
            assert!((got - expected).abs() < 1e-12, "{got} for {expected}");
        }
    }
}

#[test]
fn a_reset_forgets_what_still_runs_and_what_has_not_arrived() {
    let system = oral();
    let first = system.parameters().len();
    let state = system.state_index("central").unwrap();
    let (mut schedule, _) = regimen(&system, "central", [10.0, 8.0, 8.0, 0.0, 0.0]);
    let alone = schedule.clone();
    let amount = schedule.add_entry(first, "amount", 100.0);
    let early = schedule.add_entry(first, "time", 9.0);
    let long = Some(schedule.add_entry(first, "long", 5.0));
    let at = Moment {
        at: early,
        lag: None,
    };
    give(&mut schedule, state, at, amount, long);
    let late = Moment {
        at: early,
        lag: long,
    };
    give(&mut schedule, state, late, amount, None);
    let solve = |schedule: &Schedule| {
        let parameters = schedule.extend(system.parameters());
        let problem = problem(&system, schedule, &parameters, &[12.0, 20.0]);
        let solution = run(problem, Method::default(), TIGHT).finished().unwrap();
        [solution.states(0)[1], solution.states(1)[1]]
    };
    let ([a, b], [c, d]) = (solve(&schedule), solve(&alone));
    // the steady state begins its search elsewhere, so it may be off by the tolerance
    assert!((a - c).abs() < 1e-8 * c && (b - d).abs() < 1e-8 * d);
}

#[test]
fn an_added_steady_state_is_the_sum_of_both_in_a_linear_model() {
    let system = oral();
    let (mut schedule, _) = regimen(&system, "central", [10.0, 8.0, 8.0, 0.0, 0.0]);
    schedule.regimens[0].kind = RegimenKind::Add;
    let first = system.parameters().len();
    let amount = schedule.add_entry(first, "amount", 3.0);
    let at = schedule.add_entry(first, "time", 4.0);
    give(&mut schedule, 1, Moment { at, lag: None }, amount, None);
    let parameters = schedule.extend(system.parameters());
    let problem = problem(&system, &schedule, &parameters, &[12.0]);
    let solution = run(problem, Method::default(), TIGHT).finished().unwrap();
    let k = parameters[0];
    let expected = 8.0 * (-2.0 * k).exp() / (1.0 - (-8.0 * k).exp()) + 3.0 * (-8.0 * k).exp();
    assert!((solution.states(0)[1] - expected).abs() < 1e-8 * expected);
}

#[test]
fn two_doses_a_day_at_uneven_times_are_one_regimen() {
    let system = oral();
    let (mut schedule, _) = regimen(&system, "central", [0.0, 8.0, 24.0, 0.0, 0.0]);
    let first = system.parameters().len();
    let lag = schedule.add_entry(first, "evening", 10.0);
    let amount = schedule.add_entry(first, "less", 5.0);
    let mut evening = schedule.regimens[0].doses[0];
    (evening.lag, evening.amount) = (Some(lag), amount);
    schedule.regimens[0].doses.push(evening);
    let parameters = schedule.extend(system.parameters());
    let problem = problem(&system, &schedule, &parameters, &[2.0]);
    let solution = run(problem, Method::default(), TIGHT).finished().unwrap();
    let k = parameters[0];
    let parts = 8.0 * (-2.0 * k).exp() + 5.0 * (-16.0 * k).exp();
    let expected = parts / (1.0 - (-24.0 * k).exp());
    assert!((solution.states(0)[1] - expected).abs() < 1e-8 * expected);
}

#[test]
fn a_conserved_total_is_kept() {
    // drug binds a receptor whose total stays
    let mut network = Network::new("bound");
    network.species("drug", Species::new(0.0)).unwrap();
    network.species("free", Species::new(2.0)).unwrap();
    network.species("bound", Species::new(0.0)).unwrap();
    for (id, value) in [("on", 0.4), ("off", 0.3), ("k", 0.2)] {
        network.parameter(id, Parameter::new(value));
    }
    let binding = Reaction::rate("on * drug * free - off * bound").consumes("drug", 1.0);
    let binding = binding.consumes("free", 1.0).produces("bound", 1.0);
    network.reaction("binding", binding).unwrap();
    let elimination = Reaction::rate("k * drug").consumes("drug", 1.0);
    network.reaction("elimination", elimination).unwrap();
    let system = network.compile().unwrap();
    let (schedule, parameters) = regimen(&system, "drug", [0.0, 4.0, 6.0, 0.0, 0.0]);
    let long = one_by_one(&system, "drug", [0.0, 4.0, 6.0], 60);
    let all = long.extend(system.parameters());
    // the total that is kept has derivatives, too
    let registers: Vec<usize> = (0..system.parameters().len()).collect();
    let tapes = system.sensitivity(&registers).unwrap();
    let seeds = all_seeds(registers.len());
    let directions = Some(Directions {
        tapes: &tapes,
        seeds: &seeds,
        error_control: true,
    });
    for method in methods() {
        let solve = |schedule: &Schedule, parameters: &[f64], times: &[f64]| {
            let problem = Problem {
                sensitivity: directions,
                ..problem(&system, schedule, parameters, times)
            };
            let solution = run(problem, method, TIGHT).finished().unwrap();
            let mut numbers = solution.states(0).to_vec();
            for j in 0..solution.directions() {
                numbers.extend(solution.sensitivity(0, j));
            }
            numbers
        };
        let steady = solve(&schedule, &parameters, &[1.0]);
        let forced = solve(&long, &all, &[361.0]);
        for (at, (a, b)) in steady.iter().zip(&forced).enumerate() {
            // 60 intervals forget all but 1e-10 of the start
            assert!((a - b).abs() < 1e-6 * b.abs().max(0.1), "{at}: {a} {b}");
        }
    }
}

#[test]
fn lanes_and_threads_change_no_bit() {
    let system = saturable();
    let subjects: Vec<(Schedule, Vec<f64>)> = (0..11)
        .map(|i| {
            let x = f64::from(i);
            let duration = if i % 2 == 0 { 0.0 } else { 1.0 + 0.1 * x };
            let lag = if i % 3 == 0 { 0.0 } else { 0.7 * x };
            regimen(&system, "central", [x, 5.0 + 0.2 * x, 8.0, lag, duration])
        })
        .collect();
    let plain = Schedule::default();
    let tapes = system.sensitivity(&[0, 1]).unwrap();
    let seeds = all_seeds(2);
    let directions = Directions {
        tapes: &tapes,
        seeds: &seeds,
        error_control: false,
    };
    let mut problems: Vec<Problem> = Vec::new();
    for (i, (schedule, parameters)) in subjects.iter().enumerate() {
        problems.push(Problem {
            sensitivity: (i % 4 != 1).then_some(directions),
            ..problem(&system, schedule, parameters, &[12.0, 15.0])
        });
    }
    // one without regimen among them
    problems.push(Problem {
        sensitivity: Some(directions),
        ..problem(&system, &plain, system.parameters(), &[12.0, 15.0])
    });
    for method in methods() {
        let bits = |lanes, threads| {
            let machine = Machine {
                lanes: Some(lanes),
                threads: Some(threads),
                instructions: None,
            };
            let solver = Solver::new(&system, method, Tolerances::default()).on(machine);
            let solutions = solver.solve_many(&problems);
            let mut bits: Vec<u64> = Vec::new();
            for solution in solutions {
                let solution = solution.finished().unwrap();
                bits.push(solution.statistics.steps as u64);
                for k in 0..2 {
                    bits.extend(solution.states(k).iter().map(|y| y.to_bits()));
                    for j in 0..solution.directions() {
                        bits.extend(solution.sensitivity(k, j).iter().map(|y| y.to_bits()));
                    }
                }
            }
            bits
        };
        let alone = bits(1, 1);
        for (lanes, threads) in [(4, 1), (8, 2), (16, 3), (1, 2)] {
            assert_eq!(
                alone,
                bits(lanes, threads),
                "{lanes} lanes, {threads} threads"
            );
        }
    }
}
