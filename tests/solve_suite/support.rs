//! Small systems built from text, and the comparison of sensitivities with differences of tight solves.
use holobiont::{
    compile::System,
    expr::Graph,
    network::{
        Equations, EventAssignment, EventEquation, InputEquation, InputKind, ObservableEquation,
        ParameterEquation, StateEquation,
    },
    schedule::{Register, Schedule},
    solve::{
        Directions, Dop853, Dopri5, Method, Problem, Rodas5P, Solution, Tolerances, Tsit5,
        required_registers, solve,
    },
};

pub type State<'a> = (&'a str, &'a str, &'a str);
pub type Table<'a> = (&'a str, InputKind, &'a [(f64, f64)]);

/// Equations from (id, initial value, right-hand side); a right-hand side that starts with `0 =` is algebraic.
pub fn equations(states: &[State], parameters: &[(&str, f64)], inputs: &[Table]) -> Equations {
    let mut graph = Graph::new();
    let states = states
        .iter()
        .map(|(id, initial, rhs)| {
            let (mass, rhs) = rhs
                .strip_prefix("0 =")
                .map_or((1.0, *rhs), |rest| (0.0, rest));
            StateEquation {
                id: id.to_string(),
                unit: None,
                initial: graph.parse(initial).unwrap(),
                right_hand_side: graph.parse(rhs).unwrap(),
                mass,
                nonnegative: false,
            }
        })
        .collect();
    Equations {
        id: "test".into(),
        time_unit: None,
        graph,
        states,
        parameters: parameters
            .iter()
            .map(|(id, value)| ParameterEquation {
                id: id.to_string(),
                value: *value,
                unit: None,
            })
            .collect(),
        inputs: inputs
            .iter()
            .map(|(id, kind, knots)| InputEquation {
                id: id.to_string(),
                kind: *kind,
                unit: None,
                knots: knots.to_vec(),
            })
            .collect(),
        observables: Vec::new(),
        rates: Vec::new(),
        events: Vec::new(),
        requirements: Vec::new(),
    }
}

pub fn system(states: &[State], parameters: &[(&str, f64)]) -> System {
    System::compile(&equations(states, parameters, &[])).unwrap()
}

pub fn system_with_inputs(
    states: &[State],
    parameters: &[(&str, f64)],
    inputs: &[Table],
) -> System {
    System::compile(&equations(states, parameters, inputs)).unwrap()
}

pub fn with_observable(mut equations: Equations, id: &str, formula: &str) -> Equations {
    let expression = equations.graph.parse(formula).unwrap();
    equations.observables.push(ObservableEquation {
        id: id.into(),
        expression,
        unit: None,
    });
    equations
}

/// An event in text; states by id.
#[derive(Clone)]
pub struct When<'a> {
    pub trigger: &'a str,
    pub delay: Option<&'a str>,
    pub priority: Option<&'a str>,
    pub persistent: bool,
    pub initial_value: bool,
    pub values_from_trigger_time: bool,
    pub set: &'a [(&'a str, &'a str)],
}

pub fn when<'a>(trigger: &'a str, set: &'a [(&'a str, &'a str)]) -> When<'a> {
    When {
        trigger,
        delay: None,
        priority: None,
        persistent: true,
        initial_value: true,
        values_from_trigger_time: true,
        set,
    }
}

/// A system with events, called e0, e1, ...
pub fn system_with_events(states: &[State], parameters: &[(&str, f64)], events: &[When]) -> System {
    let mut equations = equations(states, parameters, &[]);
    for (i, event) in events.iter().enumerate() {
        let graph = &mut equations.graph;
        let mut read = |text: &str| graph.parse(text).unwrap();
        let position = |id: &str| states.iter().position(|(state, ..)| *state == id).unwrap();
        equations.events.push(EventEquation {
            id: format!("e{i}"),
            trigger: read(event.trigger),
            delay: event.delay.map(&mut read),
            priority: event.priority.map(&mut read),
            persistent: event.persistent,
            initial_value: event.initial_value,
            values_from_trigger_time: event.values_from_trigger_time,
            assignments: event
                .set
                .iter()
                .map(|(id, value)| EventAssignment {
                    state: position(id),
                    value: read(value),
                    factor: None,
                })
                .collect(),
        });
    }
    System::compile(&equations).unwrap()
}

pub fn tolerances(relative: f64) -> Tolerances {
    Tolerances {
        relative,
        absolute: relative * 1e-3,
    }
}

pub fn rodas() -> Method {
    Method::Rodas5P(Rodas5P::default())
}

pub fn methods() -> [Method; 4] {
    [
        rodas(),
        Method::Tsit5(Tsit5::default()),
        Method::Dopri5(Dopri5::default()),
        Method::Dop853(Dop853::default()),
    ]
}

/// A solve of a schedule with its default entries.
pub fn run(
    system: &System,
    schedule: &Schedule,
    times: &[f64],
    method: &Method,
    relative: f64,
) -> Solution {
    let parameters = schedule.extend(system.parameters());
    let problem = Problem {
        system,
        parameters: &parameters,
        schedule,
        times,
        sensitivity: None,
    };
    solve(&problem, method, &tolerances(relative))
}

#[track_caller]
pub fn close(value: f64, expected: f64, tolerance: f64, what: &str) {
    let error = (value - expected).abs() / (1e-3 + expected.abs());
    assert!(
        error <= tolerance,
        "{what}: {value} instead of {expected} (error {error:e})"
    );
}

/// A solve with one direction per register given.
pub fn run_with_sensitivities(
    system: &System,
    schedule: &Schedule,
    parameters: &[f64],
    registers: &[Register],
    times: &[f64],
    method: &Method,
    relative: f64,
) -> Solution {
    let seeds: Vec<Vec<(Register, f64)>> = registers
        .iter()
        .map(|register| vec![(*register, 1.0)])
        .collect();
    let tapes = system
        .sensitivity(&required_registers(system, schedule, &seeds))
        .unwrap();
    let directions = Directions {
        tapes: &tapes,
        seeds: &seeds,
        error_control: false,
    };
    let problem = Problem {
        system,
        parameters,
        schedule,
        times,
        sensitivity: Some(directions),
    };
    solve(&problem, method, &tolerances(relative))
}

/// Every sensitivity along every register against central differences of tight solves.
///
/// With rtol 1e-12 and relative steps of 1e-4 the differences of order four are good to about 1e-8.
#[track_caller]
pub fn compare_with_differences(
    system: &System,
    schedule: &Schedule,
    registers: &[Register],
    times: &[f64],
    method: &Method,
) {
    let parameters = schedule.extend(system.parameters());
    let solution = run_with_sensitivities(
        system,
        schedule,
        &parameters,
        registers,
        times,
        method,
        1e-8,
    )
    .finished()
    .unwrap();
    for (j, register) in registers.iter().enumerate() {
        let h = 1e-4 * parameters[register.0].abs().max(1e-2);
        let moved = |offset: f64| {
            let mut parameters = parameters.clone();
            parameters[register.0] += offset * h;
            let problem = Problem {
                system,
                parameters: &parameters,
                schedule,
                times,
                sensitivity: None,
            };
            solve(
                &problem,
                &rodas(),
                &Tolerances {
                    relative: 1e-12,
                    absolute: 1e-14,
                },
            )
            .finished()
            .unwrap()
        };
        let (a, b, c, d) = (moved(-2.0), moved(-1.0), moved(1.0), moved(2.0));
        for (k, time) in times.iter().enumerate() {
            for i in 0..system.state_ids().len() {
                let at = |solution: &Solution| solution.states(k)[i];
                let expected = (at(&a) - 8.0 * at(&b) + 8.0 * at(&c) - at(&d)) / (12.0 * h);
                let value = solution.sensitivity(k, j)[i];
                let scale = 1e-2 + expected.abs();
                assert!(
                    (value - expected).abs() <= 3e-6 * scale,
                    "d {}({})/d register {}: {value} instead of {expected} ({method:?})",
                    system.state_ids()[i],
                    time,
                    register.0
                );
            }
        }
    }
}

/// Compares the first state with its closed form at all times, and gives the solution back.
#[track_caller]
pub fn first_state_is(
    system: &System,
    schedule: &Schedule,
    times: &[f64],
    expected: &[f64],
    method: &Method,
) -> Solution {
    let solution = run(system, schedule, times, method, 1e-9)
        .finished()
        .unwrap();
    for (k, expected) in expected.iter().enumerate() {
        let what = format!("at {} {method:?}", times[k]);
        close(solution.states(k)[0], *expected, 1e-8, &what);
    }
    solution
}
