//! One gradient and one local fit of nine mice: 143 shared parameters, 11 states, 748 readings.
//!
//! `cargo bench --bench fit`: virtual mice, sampled on the days of Stein et al. 2013 (doi:10.1371/journal.pcbi.1003388).
//! With `HOLOBIONT_SHARED` set to the folder of shared data, the nine real mice.
use std::{hint::black_box, sync::Arc, time::Instant};

use cpu_time::ProcessTime;
use holobiont::{
    cohort::{
        Cohort, CohortModel, DetectionLimit, Endpoint, Source, Subject, Visit, virtual_cohort,
    },
    compile::System,
    fit::{
        CohortObjective, Control, Derivatives, FitProblem, LocalMethod, Objective,
        ObjectiveOptions, Order, Parameter, ParameterTable, Prior, Scale, Search, local_fit,
    },
    models,
    noise::{LogNormal, Reading},
    schedule::{InputTable, Schedule},
    solve::{Method, Tolerances, Tsit5},
};

/// Sampling days after the drug's signal, treated and untreated mice.
const TREATED: &[f64] = &[0.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 9.0, 12.0, 16.0, 23.0];
const UNTREATED: &[f64] = &[0.0, 2.0, 6.0, 13.0];
const FLOOR: f64 = 1e-5;

/// One mouse: days, densities by day (in the order of the states), treated or not.
struct Mouse {
    days: Vec<f64>,
    densities: Vec<Vec<f64>>,
    treated: bool,
}

fn virtual_mice(states: usize) -> Vec<Mouse> {
    (0..9)
        .map(|i| {
            let treated = i % 3 != 1;
            let days = if treated { TREATED } else { UNTREATED }.to_vec();
            let start: Vec<f64> = (0..states)
                .map(|j| 10.0_f64.powf(-1.5 + 1.5 * ((7 * i + 3 * j) as f64).sin()))
                .collect();
            Mouse {
                densities: vec![start; days.len()],
                days,
                treated,
            }
        })
        .collect()
}

fn real_mice(folder: &str, states: &[String]) -> Vec<Mouse> {
    let file = format!("{folder}/data/stein2013_cdiff/mice.csv");
    let text = std::fs::read_to_string(&file).unwrap_or_else(|e| panic!("{file}: {e}"));
    let mut lines = text.lines();
    let header: Vec<&str> = lines.next().unwrap_or_default().split(',').collect();
    let columns: Vec<usize> = states
        .iter()
        .map(|s| {
            header
                .iter()
                .position(|h| h == s)
                .expect("a column per taxon")
        })
        .collect();
    let mut mice: Vec<(String, Mouse)> = Vec::new();
    for line in lines {
        let cells: Vec<&str> = line.split(',').collect();
        let number = |k: usize| cells[k].parse::<f64>().expect("a number");
        if mice.last().is_none_or(|(id, _)| id != cells[2]) {
            let mouse = Mouse {
                days: Vec::new(),
                densities: Vec::new(),
                treated: number(header.len() - 1) > 0.0,
            };
            mice.push((cells[2].into(), mouse));
        }
        if let Some((_, mouse)) = mice.last_mut() {
            mouse.days.push(number(3));
            mouse
                .densities
                .push(columns.iter().map(|&k| number(k)).collect());
        }
    }
    mice.into_iter().map(|(_, mouse)| mouse).collect()
}

fn problem(mice: &[Mouse], system: Arc<System>) -> FitProblem {
    let states = system.state_ids().to_vec();
    let parameters = system.parameters().len();
    let estimated: Vec<usize> = (0..parameters)
        .filter(|&i| {
            let id = &system.parameter_ids()[i];
            id.starts_with("mu_") || id.starts_with("m_") || id.starts_with("eps_")
        })
        .collect();
    let rows = estimated
        .iter()
        .map(|&i| {
            let id = system.parameter_ids()[i].clone();
            let (mean, sd) = match id.split('_').next() {
                Some("mu") => (0.4, 0.5),
                Some("eps") => (0.0, 3.0),
                _ => (0.0, 0.5),
            };
            Parameter {
                name: None,
                unit: None,
                scale: Scale::Linear,
                lower: -20.0,
                upper: if id
                    .split("m_")
                    .nth(1)
                    .is_some_and(|pair| states.iter().any(|s| pair == format!("{s}_{s}")))
                {
                    0.0
                } else {
                    20.0
                },
                nominal: system.parameters()[i],
                estimate: true,
                prior: Some(Prior::Normal { mean, sd }),
                id,
            }
        })
        .collect();
    let formulas: Vec<(String, String)> = states
        .iter()
        .map(|s| (format!("o_{s}"), format!("{s} + 1e-300")))
        .chain([("sd".into(), "1.5".into())])
        .collect();
    let outputs = system.outputs(&formulas, &[]).expect("sound formulas");
    let endpoints = states
        .iter()
        .enumerate()
        .map(|(k, s)| Endpoint {
            id: s.clone(),
            model: 0,
            observable: k,
            noise_parameters: vec![states.len()],
            noise: Arc::new(LogNormal),
            unit: None,
            name: None,
        })
        .collect();
    let subjects = mice
        .iter()
        .enumerate()
        .map(|(i, mouse)| {
            let mut schedule = Schedule::default();
            if mouse.treated {
                let mut entry = |id: &str, value| schedule.add_entry(parameters, id, value);
                let on = (entry("on", 0.0), entry("one", 1.0));
                let off = (entry("off", 1.0), entry("zero", 0.0));
                schedule.inputs.push(InputTable {
                    input: 0,
                    knots: vec![on, off],
                });
            }
            let mut registers: Vec<(usize, Source)> = estimated
                .iter()
                .enumerate()
                .map(|(row, &register)| (register, Source::Parameter(row)))
                .collect();
            for (s, x) in states.iter().zip(&mouse.densities[0]) {
                let register = system
                    .parameter_index(&format!("initial({s})"))
                    .expect("a register of the start value");
                registers.push((register, Source::Constant(x.max(1e-6))));
            }
            let visits = (1..mouse.days.len())
                .flat_map(|k| {
                    let mouse = &mouse;
                    (0..states.len()).map(move |endpoint| {
                        let x = mouse.densities[k][endpoint];
                        Visit {
                            time: mouse.days[k],
                            endpoint,
                            reading: if x > FLOOR {
                                Reading::Value(x)
                            } else {
                                Reading::Below(FLOOR)
                            },
                            placeholders: Vec::new(),
                            row: 1000 * i + 11 * k + endpoint,
                        }
                    })
                })
                .collect();
            Subject {
                id: format!("mouse_{i}"),
                model: 0,
                schedule,
                registers,
                visits,
            }
        })
        .collect();
    FitProblem {
        cohort: Cohort {
            models: vec![CohortModel::new(system, outputs)],
            endpoints,
            formulas: None,
            subjects,
        },
        parameters: ParameterTable { rows },
    }
}

fn main() {
    let model = models::get("stein2013")
        .expect("a model of this name")
        .expect("a sound model");
    let equations = model.network.check().expect("a sound network").equations();
    let system = Arc::new(System::compile(&equations).expect("a compiled model"));
    let tolerances = Tolerances::default();
    let real = std::env::var("HOLOBIONT_SHARED").ok();
    let mut problem = match &real {
        Some(folder) => problem(&real_mice(folder, system.state_ids()), system),
        None => problem(&virtual_mice(system.state_ids().len()), system),
    };
    if real.is_none() {
        let limits: Vec<DetectionLimit> = (0..problem.cohort.endpoints.len())
            .map(|endpoint| DetectionLimit {
                endpoint,
                limit: FLOOR,
            })
            .collect();
        let truth = problem.parameters.nominal();
        problem.cohort = virtual_cohort(
            &problem.cohort,
            &truth.0,
            1,
            &limits,
            &Method::default(),
            &tolerances,
        )
        .expect("virtual mice");
    }
    println!(
        "{} parameters, {} mice, {} readings",
        problem.parameters.rows.len(),
        problem.cohort.subjects.len(),
        problem
            .cohort
            .subjects
            .iter()
            .map(|s| s.visits.len())
            .sum::<usize>()
    );
    let one_core = rayon::ThreadPoolBuilder::new()
        .num_threads(1)
        .build()
        .expect("a thread");
    let x = problem.parameters.search(&problem.parameters.nominal());
    // the community is not stiff: the explicit method is the faster one here
    let options =
        [Method::default(), Method::Tsit5(Tsit5::default())].map(|method| ObjectiveOptions {
            method,
            ..ObjectiveOptions::default()
        });
    for options in options {
        let objective = CohortObjective::new(&problem, options).expect("a sound problem");
        let mut out = Derivatives::new(objective.layout());
        for (name, want) in [
            ("value", Order::Value),
            ("gradient", Order::Gradient),
            ("gradient and Gauss-Newton", Order::GaussNewton),
        ] {
            let shortest = (0..5)
                .map(|_| {
                    one_core.install(|| {
                        let start = ProcessTime::now();
                        black_box(objective.evaluate(&x, want, &mut out));
                        start.elapsed()
                    })
                })
                .min()
                .unwrap_or_default();
            println!("{:?}: {name}, one core: {shortest:?}", options.method);
        }
    }
    // a start that saw nothing: slow growth, self-limitation only
    let start = Search(
        problem
            .parameters
            .rows
            .iter()
            .map(|row| {
                if row.upper == 0.0 {
                    -0.2
                } else if row.id.starts_with("mu_") {
                    0.3
                } else {
                    0.0
                }
            })
            .collect(),
    );
    let (lower, upper) = problem.parameters.search_bounds();
    for sensitivity_error_control in [false, true] {
        let options = ObjectiveOptions {
            sensitivity_error_control,
            ..options[1]
        };
        local_search(&problem, options, (&lower, &upper), &start);
    }
}

/// One local search on all cores, its time and how well it fits.
fn local_search(
    problem: &FitProblem,
    options: ObjectiveOptions,
    (lower, upper): (&[f64], &[f64]),
    start: &Search,
) {
    let objective = CohortObjective::new(problem, options).expect("a sound problem");
    let (clock, cpu) = (Instant::now(), ProcessTime::now());
    let fit = local_fit(
        &objective,
        (lower, upper),
        start,
        &LocalMethod::default(),
        Control::default(),
    );
    println!(
        "local fit, sensitivities in step control: {}: {:?} wall, {:?} processor, value {:?}, {} iterations, {:?}, {:?}",
        options.sensitivity_error_control,
        clock.elapsed(),
        cpu.elapsed(),
        fit.value,
        fit.iterations,
        fit.counts,
        fit.stop
    );
    let natural = problem.parameters.natural(&fit.x);
    let mut squares = (0.0, 0.0);
    for (simulation, subject) in problem
        .cohort
        .simulate(&natural.0, &options.method, &options.tolerances)
        .iter()
        .zip(&problem.cohort.subjects)
    {
        for (prediction, visit) in simulation.predictions.iter().zip(&subject.visits) {
            let seen = match visit.reading {
                Reading::Value(v) | Reading::Below(v) | Reading::Above(v) => v.max(FLOOR),
                Reading::Between(..) => continue,
            };
            let d = (prediction.arguments[0].max(FLOOR) / seen).log10();
            squares = (squares.0 + d * d, squares.1 + 1.0);
        }
    }
    println!(
        "RMSE of log10 density: {:.4}",
        (squares.0 / squares.1).sqrt()
    );
}
