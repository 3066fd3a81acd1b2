//! Models, their solutions, states of rest and eigenvalues for the tests beside this file.
use approx::assert_relative_eq;
use holobiont::compile::System;
use holobiont::exchange::model::Model;
use holobiont::expr::Variable;
use holobiont::network::{Equations, Evidence};
use holobiont::solve::{Method, Problem, Solution, Tolerances, solve};
use nalgebra::{Complex, DMatrix, DVector};

pub struct Classic {
    pub model: Model,
    pub equations: Equations,
    pub system: System,
}

pub fn classic(name: &str) -> Classic {
    let model = holobiont::models::get(name)
        .expect("a model of this name")
        .expect("a sound model");
    let equations = model.network.check().expect("a sound network").equations();
    let system = System::compile(&equations).expect("a system");
    Classic {
        model,
        equations,
        system,
    }
}

impl Classic {
    /// The solution of a scenario with some parameters replaced.
    pub fn run(
        &self,
        scenario: &str,
        replaced: &[(&str, f64)],
        times: &[f64],
        absolute: f64,
    ) -> Solution {
        let scenario = self.model.scenario(scenario).expect("a scenario");
        let (schedule, mut parameters) = scenario.schedule(&self.system).expect("a schedule");
        for (id, value) in replaced {
            parameters[self.system.parameter_index(id).expect("a parameter")] = *value;
        }
        let problem = Problem {
            system: &self.system,
            parameters: &parameters,
            schedule: &schedule,
            times,
            sensitivity: None,
        };
        let tolerances = Tolerances {
            relative: 1e-10,
            absolute,
        };
        solve(&problem, &Method::default(), &tolerances)
            .finished()
            .expect("a finished solution")
    }

    /// The value of a parameter, with some replaced.
    pub fn parameter(&self, id: &str, replaced: &[(&str, f64)]) -> Option<f64> {
        let other = replaced.iter().find(|(known, _)| *known == id);
        let mut own = self.equations.parameters.iter();
        other
            .map(|(_, value)| *value)
            .or_else(|| own.find(|p| p.id == id).map(|p| p.value))
    }

    fn values<'a>(
        &'a self,
        states: &'a [f64],
        replaced: &'a [(&str, f64)],
    ) -> impl Fn(&str) -> Option<f64> + 'a {
        move |id| {
            let state = self.system.state_index(id).map(|i| states[i]);
            // an input by its first knot
            let input = || self.system.input_index(id);
            let input = || input().map(|i| self.system.inputs()[i].knots[0].1);
            state
                .or_else(|| self.parameter(id, replaced))
                .or_else(input)
        }
    }

    /// The right-hand side.
    pub fn derivatives(&self, states: &[f64], replaced: &[(&str, f64)]) -> Vec<f64> {
        let values = self.values(states, replaced);
        let evaluate = |e| self.equations.graph.evaluate(e, &values, 0.0);
        let all = self.equations.states.iter();
        all.map(|s| evaluate(s.right_hand_side).expect("all symbols have values"))
            .collect()
    }

    pub fn jacobian(&self, states: &[f64], replaced: &[(&str, f64)]) -> DMatrix<f64> {
        let values = self.values(states, replaced);
        let mut graph = self.equations.graph.clone();
        let all = &self.equations.states;
        DMatrix::from_fn(all.len(), all.len(), |i, j| {
            let by = Variable::Symbol(graph.intern(&all[j].id));
            let slope = graph.derivative(all[i].right_hand_side, by);
            graph
                .evaluate(slope, &values, 0.0)
                .expect("all symbols have values")
        })
    }

    /// Eigenvalues of the Jacobian, the leading one first.
    pub fn eigenvalues(&self, states: &[f64], replaced: &[(&str, f64)]) -> Vec<Complex<f64>> {
        let found = self.jacobian(states, replaced).complex_eigenvalues();
        let mut all: Vec<_> = found.iter().copied().collect();
        all.sort_by(|a, b| b.re.total_cmp(&a.re));
        all
    }

    /// The state of rest that Newton's method finds from a guess.
    pub fn rest(&self, guess: &[f64], replaced: &[(&str, f64)]) -> Vec<f64> {
        let mut states = DVector::from_column_slice(guess);
        for _ in 0..20 {
            let f = DVector::from_vec(self.derivatives(states.as_slice(), replaced));
            let jacobian = self.jacobian(states.as_slice(), replaced);
            states -= jacobian.lu().solve(&f).expect("a regular Jacobian");
        }
        states.as_slice().to_vec()
    }

    /// Compares every row of `expected/trajectories.tsv` (scenario, time, states) with a solution.
    pub fn assert_follows(&self, table: &str, absolute: f64, relative: f64) {
        let mut rows = table
            .lines()
            .map(|line| line.split('\t').collect::<Vec<_>>());
        let header = rows.next().expect("a header");
        assert_eq!(header.len(), self.system.state_ids().len() + 2);
        let rows: Vec<Vec<&str>> = rows.collect();
        for scenario in &self.model.scenarios {
            let own: Vec<_> = rows.iter().filter(|row| row[0] == scenario.id).collect();
            assert!(!own.is_empty(), "{} has no row", scenario.id);
            let number = |cell: &str| cell.parse::<f64>().expect("a number");
            let mut times = vec![0.0];
            times.extend(own.iter().map(|row| number(row[1])));
            let solution = self.run(&scenario.id, &[], &times, absolute * 1e-2);
            for (k, row) in own.iter().enumerate() {
                for (id, cell) in header.iter().zip(row.iter()).skip(2) {
                    let at = self.system.state_index(id).expect("a state");
                    let value = solution.states(k + 1)[at];
                    assert_relative_eq!(
                        value,
                        number(cell),
                        epsilon = absolute,
                        max_relative = relative
                    );
                }
            }
        }
    }

    /// Every number has unit, bounds around it, name, evidence, and a source unless it is assumed.
    pub fn assert_documented(&self) {
        for row in &self.model.parameters {
            let id = &row.id;
            assert!(row.unit.is_some() && row.name.is_some(), "{id}");
            let inside = row.lower <= Some(row.value) && Some(row.value) <= row.upper;
            assert!(inside && row.lower.is_some() && row.upper.is_some(), "{id}");
            let evidence = row.evidence.expect("a grade of evidence");
            assert!(
                evidence == Evidence::Assumed || row.source.is_some(),
                "{id}"
            );
        }
        let readme = self.model.readme.as_deref().unwrap_or_default();
        for part in [
            "**Question.**",
            "**Picture.**",
            "**Equations.**",
            "**Numbers.**",
            "**Scenarios.**",
            "**Expected**",
            "**Limits.**",
            "**Not modelled.**",
        ] {
            assert!(readme.contains(part), "{part} is missing");
        }
    }
}
