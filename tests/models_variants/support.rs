//! A model compiled, its scenarios solved, and which of its states act on which.
use holobiont::compile::System;
use holobiont::exchange::model::Model;
use holobiont::solve::{Method, Problem, Solution, Tolerances, solve};

pub struct Variant {
    pub model: Model,
    pub system: System,
}

pub fn variant(name: &str) -> Variant {
    let model = holobiont::models::get(name)
        .expect("a model of this name")
        .unwrap_or_else(|errors| panic!("{errors:?}"));
    let equations = model.network.check().expect("a sound network").equations();
    let system = System::compile(&equations).expect("a system");
    Variant { model, system }
}

impl Variant {
    /// A scenario with some parameters replaced.
    pub fn with(&self, scenario: &str, replaced: &[(&str, f64)], times: &[f64]) -> Solution {
        let found = self.model.scenario(scenario);
        let found = found.unwrap_or_else(|| panic!("no scenario {scenario}"));
        let (schedule, mut parameters) = found.schedule(&self.system).expect("a schedule");
        for (id, value) in replaced {
            let register = self.system.parameter_index(id);
            parameters[register.unwrap_or_else(|| panic!("no parameter {id}"))] = *value;
        }
        let problem = Problem {
            system: &self.system,
            parameters: &parameters,
            schedule: &schedule,
            times,
            sensitivity: None,
        };
        let tolerances = Tolerances {
            relative: 1e-6,
            absolute: 1e-9,
        };
        solve(&problem, &Method::default(), &tolerances)
            .finished()
            .unwrap_or_else(|error| panic!("{scenario}: {error}"))
    }

    pub fn run(&self, scenario: &str, times: &[f64]) -> Solution {
        self.with(scenario, &[], times)
    }

    /// The last value of a state, or of an observable or assigned quantity.
    pub fn last(&self, solution: &Solution, id: &str) -> f64 {
        if let Some(state) = self.system.state_index(id) {
            return *solution.series(state).last().expect("a time");
        }
        let column = self.system.observable_index(id);
        let column = column.unwrap_or_else(|| panic!("nothing is called {id}"));
        let rows = solution.observables(&self.system);
        rows.last().expect("a time")[column]
    }

    /// The last value of a quantity in a scenario at a time.
    pub fn at(&self, scenario: &str, time: f64, id: &str) -> f64 {
        self.last(&self.run(scenario, &[time]), id)
    }

    /// Every scenario ends, with finite states, none of them negative.
    pub fn check_scenarios(&self) {
        for scenario in &self.model.scenarios {
            // a pattern that comes back is seen thirty times
            let repeats = scenario.repeats.iter().map(|repeat| 30.0 * repeat.every);
            let until = repeats.fold(scenario.until.expect("an end"), f64::min);
            let times: Vec<f64> = (0..=20).map(|k| f64::from(k) * until / 20.0).collect();
            let solution = self.run(&scenario.id, &times);
            for (state, id) in self.system.state_ids().iter().enumerate() {
                for value in solution.series(state) {
                    // a step may pass 0 by its error
                    let sound = value.is_finite() && value > -1e-6;
                    assert!(sound, "{}: {id} {value}", scenario.id);
                }
            }
        }
    }

    /// All states that act on one of these, at once or over others.
    pub fn ancestors(&self, ids: &[&str]) -> Vec<&str> {
        let known = self.system.state_ids();
        let mut found: Vec<usize> = (ids.iter())
            .map(|id| {
                self.system
                    .state_index(id)
                    .unwrap_or_else(|| panic!("no state {id}"))
            })
            .collect();
        let mut next = 0;
        while next < found.len() {
            for (row, column) in self.system.jacobian_pattern() {
                let source = *column as usize;
                if *row as usize == found[next] && !found.contains(&source) {
                    found.push(source);
                }
            }
            next += 1;
        }
        found
            .into_iter()
            .map(|state| known[state].as_str())
            .collect()
    }
}
