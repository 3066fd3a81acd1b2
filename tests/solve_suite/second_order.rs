//! Second-order sensitivities against closed forms and differences of tight solves; symmetry, bits, failures.
use crate::{sensitivities::model, support::*};
use holobiont::{
    compile::System,
    lanes::InstructionSet,
    schedule::{Dose, Factor, Jump, Moment, Register, Schedule},
    solve::{
        Cause, Directions, Dop853, InvalidProblem, Machine, Method, Problem, SecondOrder, Solution,
        Solver, Status, Tolerances, Tsit5, required_registers,
    },
};

mod courses;

type Seeds = Vec<Vec<(Register, f64)>>;

fn one_by_one(registers: impl IntoIterator<Item = usize>) -> Seeds {
    registers
        .into_iter()
        .map(|register| vec![(Register(register), 1.0)])
        .collect()
}

fn second_on(
    machine: Machine,
    system: &System,
    schedule: &Schedule,
    vectors: &[Vec<f64>],
    (seeds, along): (&Seeds, &Seeds),
    times: &[f64],
    (method, relative): (&Method, f64),
) -> Vec<SecondOrder> {
    let tapes = system
        .sensitivity(&required_registers(system, schedule, seeds))
        .unwrap();
    let directions = Directions {
        tapes: &tapes,
        seeds,
        error_control: true,
    };
    let problems: Vec<Problem> = vectors
        .iter()
        .map(|parameters| Problem {
            system,
            parameters,
            schedule,
            times,
            sensitivity: Some(directions),
        })
        .collect();
    let solver = Solver::new(system, *method, tolerances(relative)).on(machine);
    solver.second_order(&problems, &vec![along.clone(); problems.len()])
}

fn second(
    system: &System,
    schedule: &Schedule,
    (seeds, along): (&Seeds, &Seeds),
    times: &[f64],
    method: &Method,
    relative: f64,
) -> SecondOrder {
    let parameters = schedule.extend(system.parameters());
    let all = second_on(
        Machine::default(),
        system,
        schedule,
        &[parameters],
        (seeds, along),
        times,
        (method, relative),
    );
    all.into_iter().next().unwrap()
}

/// The first-order sensitivities of a solve by Rodas5P with rtol 1e-12.
fn tight(
    system: &System,
    schedule: &Schedule,
    parameters: &[f64],
    seeds: &Seeds,
    times: &[f64],
    relative: f64,
) -> Solution {
    let tapes = system
        .sensitivity(&required_registers(system, schedule, seeds))
        .unwrap();
    let directions = Directions {
        tapes: &tapes,
        seeds,
        error_control: true,
    };
    let problem = Problem {
        system,
        parameters,
        schedule,
        times,
        sensitivity: Some(directions),
    };
    let tolerances = Tolerances {
        relative,
        absolute: relative * 1e-2,
    };
    Solver::new(system, rodas(), tolerances)
        .solve(&problem)
        .finished()
        .unwrap()
}

/// The greatest error of the second-order sensitivities beside differences of order four of tight first-order ones.
///
/// With rtol 1e-12 and relative steps of 2e-3 the differences are good to about 1e-9.
fn worst(
    system: &System,
    schedule: &Schedule,
    (seeds, along): (&Seeds, &Seeds),
    times: &[f64],
    record: &SecondOrder,
) -> f64 {
    let parameters = schedule.extend(system.parameters());
    let mut worst: f64 = 0.0;
    for (v, direction) in along.iter().enumerate() {
        let largest = direction
            .iter()
            .map(|(r, _)| parameters[r.0].abs())
            .fold(1e-1, f64::max);
        let h = 2e-3 * largest;
        let moved = |offset: f64| {
            let mut parameters = parameters.clone();
            for (register, rate) in direction {
                parameters[register.0] += offset * h * rate;
            }
            tight(system, schedule, &parameters, seeds, times, 1e-12)
        };
        let (a, b, c, d) = (moved(-2.0), moved(-1.0), moved(1.0), moved(2.0));
        for k in 0..times.len() {
            for j in 0..seeds.len() {
                for i in 0..system.state_ids().len() {
                    let at = |solution: &Solution| solution.sensitivity(k, j)[i];
                    let expected = (at(&a) - 8.0 * at(&b) + 8.0 * at(&c) - at(&d)) / (12.0 * h);
                    let error =
                        (record.second(k, j, v)[i] - expected).abs() / (1.0 + expected.abs());
                    worst = worst.max(if error.is_nan() { f64::INFINITY } else { error });
                }
            }
        }
    }
    worst
}

#[track_caller]
fn agrees(system: &System, schedule: &Schedule, seeds: &Seeds, times: &[f64], tolerance: f64) {
    for method in [rodas(), Method::Tsit5(Tsit5::default())] {
        let record = second(system, schedule, (seeds, seeds), times, &method, 1e-9)
            .finished()
            .unwrap();
        let error = worst(system, schedule, (seeds, seeds), times, &record);
        println!("error {error:.1e} ({method:?})");
        assert!(error <= tolerance, "error {error:e} ({method:?})");
    }
}

#[test]
fn exponential_decay_has_its_second_derivatives() {
    let system = system(&[("y", "y0", "-k * y")], &[("k", 0.5), ("y0", 8.0)]);
    let (seeds, times) = (one_by_one(0..2), [0.0, 0.5, 2.0, 5.0]);
    for method in [rodas(), Method::Tsit5(Tsit5::default())] {
        let record = second(
            &system,
            &Schedule::default(),
            (&seeds, &seeds),
            &times,
            &method,
            1e-10,
        )
        .finished()
        .unwrap();
        for (k, t) in times.iter().enumerate() {
            let e = (-0.5 * t).exp();
            for (j, v, expected) in [
                (0, 0, 8.0 * t * t * e),
                (0, 1, -t * e),
                (1, 0, -t * e),
                (1, 1, 0.0),
            ] {
                let value = record.second(k, j, v)[0];
                assert!(
                    (value - expected).abs() <= 1e-8 * (1.0 + expected.abs()),
                    "{t} {j} {v}: {value} {expected}"
                );
            }
        }
    }
}

#[test]
fn logistic_growth_has_its_second_derivative_by_the_rate() {
    let (r, capacity, y0) = (0.8, 5.0, 0.3);
    let system = system(
        &[("y", "y0", "r * y * (1 - y / K)")],
        &[("r", r), ("K", capacity), ("y0", y0)],
    );
    let (seeds, times) = (one_by_one(0..3), [1.0, 3.0, 8.0]);
    let record = second(
        &system,
        &Schedule::default(),
        (&seeds, &seeds),
        &times,
        &rodas(),
        1e-10,
    )
    .finished()
    .unwrap();
    for (k, t) in times.iter().enumerate() {
        let (a, e) = ((capacity - y0) / y0, (-r * t).exp());
        let u = 1.0 + a * e;
        let expected = capacity * a * t * t * e * (a * e - 1.0) / u.powi(3);
        let value = record.second(k, 0, 0)[0];
        assert!(
            (value - expected).abs() <= 1e-8 * (1.0 + expected.abs()),
            "{t}: {value} instead of {expected}"
        );
    }
}

/// Robertson's chemistry, and the moderately stiff model with its start values.
#[test]
fn stiff_systems_agree_with_differences_of_tight_solves() {
    let robertson = system(
        &[
            ("a", "1", "-k1 * a + k3 * b * c"),
            ("b", "0", "k1 * a - k3 * b * c - k2 * 1e7 * b^2"),
            ("c", "0", "k2 * 1e7 * b^2"),
        ],
        &[("k1", 0.04), ("k2", 3.0), ("k3", 1e4)],
    );
    let seeds = vec![
        vec![(Register(0), 0.04)],
        vec![(Register(1), 3.0)],
        vec![(Register(2), 1e4)],
    ];
    let record = second(
        &robertson,
        &Schedule::default(),
        (&seeds, &seeds),
        &[0.4, 40.0],
        &rodas(),
        1e-9,
    )
    .finished()
    .unwrap();
    for k in 0..2 {
        for (j, v) in [(0, 1), (0, 2), (1, 2)] {
            for i in [0, 2] {
                let (a, b) = (record.second(k, j, v)[i], record.second(k, v, j)[i]);
                assert!(
                    (a - b).abs() <= 1e-8 * (1e-3 + a.abs()),
                    "{k} {j} {v} {i}: {a} and {b}"
                );
            }
        }
    }
    agrees(
        &model(),
        &Schedule::default(),
        &one_by_one(0..6),
        &[0.0, 0.33, 1.0, 4.0],
        1e-7,
    );
}

#[test]
fn the_derivatives_are_symmetric_to_rounding() {
    let system = model();
    let seeds = one_by_one(0..6);
    // the discrete solution itself is differentiated: symmetric at any tolerance
    let record = second(
        &system,
        &Schedule::default(),
        (&seeds, &seeds),
        &[0.33, 4.0],
        &rodas(),
        1e-4,
    )
    .finished()
    .unwrap();
    let mut worst: f64 = 0.0;
    for k in 0..2 {
        for j in 0..6 {
            for v in 0..6 {
                for (a, b) in record.second(k, j, v).iter().zip(record.second(k, v, j)) {
                    worst = worst.max((a - b).abs() / (1.0 + a.abs()));
                }
            }
        }
    }
    println!("asymmetry {worst:.1e}");
    assert!(worst <= 1e-8, "{worst:e}");
}

#[test]
fn a_direction_of_several_registers_is_their_sum() {
    let system = model();
    let seeds = one_by_one(0..6);
    let mixed = vec![vec![
        (Register(0), 2.0),
        (Register(2), -0.5),
        (Register(0), 1.0),
    ]];
    let run = |along: &Seeds| {
        second(
            &system,
            &Schedule::default(),
            (&seeds, along),
            &[2.0],
            &rodas(),
            1e-6,
        )
        .finished()
        .unwrap()
    };
    let (single, sum) = (run(&seeds), run(&mixed));
    for j in 0..6 {
        for i in 0..3 {
            let expected = 3.0 * single.second(0, j, 0)[i] - 0.5 * single.second(0, j, 2)[i];
            close(sum.second(0, j, 0)[i], expected, 1e-7, "sum");
        }
    }
}

fn jump(state: usize, offset: Option<Register>, factor: Factor) -> Jump {
    Jump {
        state,
        offset,
        factor,
    }
}

#[test]
fn bits_do_not_depend_on_lanes_or_threads_and_the_solution_is_that_of_solve() {
    let system = model();
    let p = system.parameters().len();
    let mut schedule = Schedule::default();
    let (at, amount) = (
        schedule.add_entry(p, "at", 0.8),
        schedule.add_entry(p, "amount", 1.5),
    );
    schedule.doses = vec![Dose {
        moment: Moment { at, lag: None },
        jump: jump(0, Some(amount), Factor::One),
    }];
    let base = schedule.extend(system.parameters());
    let vectors: Vec<Vec<f64>> = (0..5)
        .map(|subject| {
            base.iter()
                .map(|x| x * (1.0 + 0.03 * f64::from(subject)))
                .collect()
        })
        .collect();
    let (seeds, along) = (one_by_one(0..7), one_by_one([0, 2, 6]));
    let times = [0.5, 1.0, 3.0];
    let run = |lanes, threads, instructions| {
        let machine = Machine {
            lanes: Some(lanes),
            threads: Some(threads),
            instructions,
        };
        let all = second_on(
            machine,
            &system,
            &schedule,
            &vectors,
            (&seeds, &along),
            &times,
            (&rodas(), 1e-5),
        );
        let mut bits = Vec::new();
        for record in &all {
            assert_eq!(record.status(0), &Status::Finished);
            for k in 0..times.len() {
                bits.extend(record.solution.states(k).iter().map(|x| x.to_bits()));
                for j in 0..seeds.len() {
                    bits.extend(
                        record
                            .solution
                            .sensitivity(k, j)
                            .iter()
                            .map(|x| x.to_bits()),
                    );
                    bits.extend(
                        (0..along.len())
                            .flat_map(|v| record.second(k, j, v))
                            .map(|x| x.to_bits()),
                    );
                }
            }
        }
        (bits, all)
    };
    let (expected, all) = run(1, 1, None);
    for lanes in [1, 4, 8] {
        for threads in [1, 2] {
            assert_eq!(
                run(lanes, threads, None).0,
                expected,
                "{lanes} lanes, {threads} threads"
            );
        }
    }
    for set in InstructionSet::available() {
        assert_eq!(run(4, 1, Some(set)).0, expected, "{set}");
    }
    let tapes = system
        .sensitivity(&required_registers(&system, &schedule, &seeds))
        .unwrap();
    let directions = Directions {
        tapes: &tapes,
        seeds: &seeds,
        error_control: true,
    };
    for (record, parameters) in all.iter().zip(&vectors) {
        let problem = Problem {
            system: &system,
            parameters,
            schedule: &schedule,
            times: &times,
            sensitivity: Some(directions),
        };
        let alone = Solver::new(&system, rodas(), tolerances(1e-5)).solve(&problem);
        for k in 0..times.len() {
            assert_eq!(alone.states(k), record.solution.states(k));
            assert_eq!(alone.sensitivity(k, 6), record.solution.sensitivity(k, 6));
        }
        assert_eq!(alone.statistics, record.solution.statistics);
    }
}

#[test]
fn derivatives_of_observables_include_their_own_parameters() {
    let equations = with_observable(
        equations(&[("y", "1", "-k * y")], &[("k", 0.5)], &[]),
        "o",
        "k * y^2",
    );
    let system = System::compile(&equations).unwrap();
    let seeds = one_by_one(0..1);
    let record = second(
        &system,
        &Schedule::default(),
        (&seeds, &seeds),
        &[2.0],
        &rodas(),
        1e-9,
    )
    .finished()
    .unwrap();
    let (mut along, mut none) = ([0.0], []);
    record.outputs(system.observables(), 0, &[0], &[], 0, &mut along, &mut none);
    // k e^{-4 k}: (16 k - 8) e^{-4 k} at k = 1/2
    assert!(along[0].abs() < 1e-6, "{}", along[0]);
}

#[test]
fn failures_are_typed_and_one_side_is_enough() {
    let system = system(&[("y", "y0", "-k * y")], &[("k", 0.5), ("y0", 8.0)]);
    let seeds = one_by_one(0..2);
    let invalid = |record: &SecondOrder, v: usize| match record.status(v) {
        Status::Failed {
            cause: Cause::Invalid(invalid),
            ..
        } => invalid.clone(),
        other => panic!("{other}"),
    };
    let record = second(
        &system,
        &Schedule::default(),
        (&seeds, &seeds),
        &[1.0],
        &Method::Dop853(Dop853::default()),
        1e-6,
    );
    assert_eq!(record.solution.status, Status::Finished);
    assert_eq!(invalid(&record, 1), InvalidProblem::StepsOfItsOwn);
    assert!(record.second(0, 0, 0)[0].is_nan());

    let beyond = vec![vec![(Register(7), 1.0)], vec![(Register(0), 1.0)]];
    let record = second(
        &system,
        &Schedule::default(),
        (&seeds, &beyond),
        &[1.0],
        &rodas(),
        1e-6,
    );
    assert_eq!(
        invalid(&record, 0),
        InvalidProblem::Seed {
            direction: 0,
            register: 7,
            count: 2
        }
    );
    assert_eq!(record.status(1), &Status::Finished);

    // before the start there is no dose: only the later side can be solved
    let mut schedule = Schedule::default();
    let (at, amount) = (
        schedule.add_entry(2, "at", 0.0),
        schedule.add_entry(2, "amount", 3.0),
    );
    schedule.doses = vec![Dose {
        moment: Moment { at, lag: None },
        jump: jump(0, Some(amount), Factor::One),
    }];
    let seeds = one_by_one([0, 2]);
    let record = second(
        &system,
        &schedule,
        (&seeds, &seeds),
        &[2.0],
        &rodas(),
        1e-10,
    )
    .finished()
    .unwrap();
    // y = y0 e^{-k t} + amount e^{-k (t - at)}
    close(
        record.second(0, 1, 1)[0],
        3.0 * 0.25 * (-1.0f64).exp(),
        1e-6,
        "by the time of the dose",
    );
}
