//! The model compiled, and its scenarios solved.
use holobiont::compile::System;
use holobiont::exchange::model::Model;
use holobiont::solve::{Method, Problem, Solution, Tolerances, solve};

pub struct GutMs {
    pub model: Model,
    pub system: System,
}

pub fn gut_ms() -> GutMs {
    let model = holobiont::models::get("gut_ms")
        .expect("a model of this name")
        .expect("a sound model");
    let equations = model.network.check().expect("a sound network").equations();
    let system = System::compile(&equations).expect("a system");
    GutMs { model, system }
}

impl GutMs {
    /// A scenario with some parameters replaced; the cause as text where the solve fails.
    pub fn attempt(
        &self,
        scenario: &str,
        replaced: &[(String, f64)],
        times: &[f64],
        relative: f64,
    ) -> Result<Solution, String> {
        let scenario = self.model.scenario(scenario).expect("a scenario");
        let (schedule, mut parameters) = scenario.schedule(&self.system).expect("a schedule");
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
            relative,
            absolute: 1e-3 * relative,
        };
        let solution = solve(&problem, &Method::default(), &tolerances);
        solution.finished().map_err(|error| error.to_string())
    }

    pub fn run(&self, scenario: &str, times: &[f64]) -> Solution {
        self.attempt(scenario, &[], times, 1e-6)
            .unwrap_or_else(|error| panic!("{scenario}: {error}"))
    }

    pub fn state(&self, id: &str) -> usize {
        let state = self.system.state_index(id);
        state.unwrap_or_else(|| panic!("no state {id}"))
    }

    /// An observable or assigned quantity at every time.
    pub fn observable(&self, solution: &Solution, id: &str) -> Vec<f64> {
        let ids = self.system.observable_ids();
        let column = ids
            .iter()
            .position(|known| known == id)
            .expect("an observable");
        let rows = solution.observables(&self.system);
        rows.iter().map(|row| row[column]).collect()
    }

    /// The last value of a state.
    pub fn last(&self, solution: &Solution, id: &str) -> f64 {
        *solution.series(self.state(id)).last().expect("a time")
    }
}

/// 0, step, 2 step ... end
pub fn every(step: f64, end: f64) -> Vec<f64> {
    let steps = (end / step).round() as usize;
    (0..=steps).map(|k| k as f64 * step).collect()
}

/// Maxima that rise by half over the least value of the year before: (time, value).
pub fn attacks(times: &[f64], values: &[f64]) -> Vec<(f64, f64)> {
    let mut found = Vec::new();
    for i in 1..values.len() - 1 {
        let recent = (0..=i).filter(|k| times[i] - times[*k] <= 365.0);
        let least = recent.fold(f64::INFINITY, |least, k| least.min(values[k]));
        let top = values[i] > values[i - 1] && values[i] >= values[i + 1];
        if top && values[i] > 1.5 * least {
            found.push((times[i], values[i]));
        }
    }
    found
}
