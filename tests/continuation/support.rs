//! Small systems, and origins of continuations.
use holobiont::compile::System;
use holobiont::network::{Network, Parameter, Reaction, Species};
use holobiont::solve::{
    Along, ContinuationError, ContinuationOptions, Diagram, Method, Origin, Problem, Tolerances,
    solve,
};

/// (id, start, whether it may not be negative), (id, value), (produced state, rate).
pub fn system(
    species: &[(&str, f64, bool)],
    parameters: &[(&str, f64)],
    rates: &[(&str, &str)],
) -> System {
    let mut network = Network::new("closed_form");
    for &(id, start, nonnegative) in species {
        let declared = Species {
            nonnegative,
            ..Species::new(start)
        };
        network.species(id, declared).expect("a new id");
    }
    for &(id, value) in parameters {
        network.parameter(id, Parameter::new(value));
    }
    for (k, (id, rate)) in rates.iter().enumerate() {
        let reaction = Reaction::rate(*rate).produces(id, 1.0);
        let name = format!("reaction_{k}");
        network.reaction(&name, reaction).expect("a new id");
    }
    network.compile().expect("a sound network")
}

/// A run from the start values.
pub fn run(system: &System, length: f64) -> Origin {
    let problem = Problem {
        system,
        parameters: system.parameters(),
        schedule: &Default::default(),
        times: &[length],
        sensitivity: None,
    };
    let solution = solve(&problem, &Method::default(), &Tolerances::default());
    Origin::of(&solution.finished().expect("a solution"), 0, length)
}

/// A state without a run.
pub fn at(system: &System, states: &[f64]) -> Origin {
    Origin {
        states: states.to_vec(),
        registers: system.parameters().to_vec(),
        time: 0.0,
        run: 100.0,
    }
}

pub fn value(system: &System, id: &str) -> Along {
    Along::Value(system.parameter_index(id).expect("a parameter"))
}

pub fn diagram<'a>(system: &'a System, id: &str, from: f64, to: f64) -> Diagram<'a> {
    let options = ContinuationOptions::over(from, to);
    Diagram::new(system, value(system, id), options).expect("a sound range")
}

/// The error of a diagram with one origin.
pub fn refused(system: &System, along: Along, origin: &Origin) -> ContinuationError {
    let options = ContinuationOptions::over(0.5, 2.0);
    let found = Diagram::new(system, along, options).and_then(|mut d| d.add(origin));
    found.expect_err("an error")
}
