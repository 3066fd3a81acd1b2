//! Random effects in the standard: individual values become estimated parameters, their distribution becomes readings of 0.
//!
//! The parameter $\varphi_i$ of an individual takes the place of the common one in its experiments, and an observable
//! $h(\varphi_i) - h(\mu) - \beta^\top c_i$ with the noise $\omega$ is read as 0 once: that is the density of $\eta_i$. On an occasion it is
//! $h(\varphi_{ik}) - h(\varphi_i)$ with the noise $\gamma$. Correlated effects are conditioned on those before them, $\eta_j \mid \eta_1 \dots
//! \eta_{j-1}$, with the factor of Cholesky of their correlations as formulas. What other programs then have is the joint density of readings
//! and effects; the marginal likelihood is its integral over the $\varphi$.
mod distributions;
mod experiments;
mod readings;

use super::{
    error::{ConvertErrorKind, ConvertWarningKind, Notes},
    formulas::replaced,
};
use crate::exchange::{
    petab::individuals::{occasions::Timeline, timelines},
    petab::rows::{ExperimentRow, Origin, PetabProblem},
    tables::{Place, number_text},
};
use crate::fit::{Parameter, Scale};
use crate::population::{Coefficient, Level, PopulationProblem, Transform};
use std::collections::{HashMap, HashSet};

/// Says the tables about individuals in the standard; without effects they say nothing that a fit reads.
pub(super) fn to_parameters(problem: &mut PetabProblem, notes: &mut Notes) {
    if !problem.is_mixed() {
        let rows = std::mem::take(&mut problem.population).individuals;
        let places = rows
            .iter()
            .map(|row| row.origin.place("individuals.tsv", "individualId"));
        let why = "nothing differs between individuals; the objective does not change";
        notes.dropped(places.collect(), "the table of individuals", why);
        return;
    }
    with_experiments(problem);
    let population = match problem.population_problem() {
        Ok(population) => population,
        Err(errors) => {
            for error in errors {
                let message = error.kind.to_string();
                notes.error(error.place, ConvertErrorKind::Model { message });
            }
            return;
        }
    };
    if !can_be_said(problem, &population, notes) {
        problem.population = Default::default();
        return;
    }
    let mut said = Said::new(problem, &population);
    said.values();
    said.distributions();
    said.experiments(notes);
    said.observables(notes);
    let place = Place::file("random_effects.tsv");
    let kind = ConvertWarningKind::Effects {
        parameters: said.added,
    };
    notes.warning(place, kind);
    problem.population = Default::default();
}

/// Gives readings of the model as it stands an experiment, whose conditions can set what an individual has.
fn with_experiments(problem: &mut PetabProblem) {
    if problem.measurements.iter().all(|m| m.experiment.is_some()) {
        return;
    }
    let mut id = "as_it_stands".to_owned();
    while problem.experiments.iter().any(|r| r.experiment == id) {
        id.push('_');
    }
    let rows = problem.measurements.iter_mut().map(|r| &mut r.experiment);
    let rows = rows.chain(problem.doses.iter_mut().map(|r| &mut r.experiment));
    let rows = rows.chain(problem.inputs.iter_mut().map(|r| &mut r.experiment));
    for experiment in rows {
        experiment.get_or_insert_with(|| id.clone());
    }
    problem.experiments.push(ExperimentRow {
        experiment: id,
        ..ExperimentRow::default()
    });
}

/// What has no form in the standard, with its place.
fn can_be_said(problem: &PetabProblem, population: &PopulationProblem, notes: &mut Notes) -> bool {
    let format = notes.format;
    let before = notes.errors.len();
    let rows = &problem.population.effects;
    for (number, row) in rows.iter().enumerate() {
        let place = |column| row.origin.place("random_effects.tsv", column);
        if matches!(row.transform, Transform::Probit { .. }) {
            let what = format!("the transformation probit of `{}`", row.parameter);
            notes.error(
                place("transformation"),
                ConvertErrorKind::Mixed { what, format },
            );
        }
        let same = |r: &&crate::exchange::petab::RandomEffectRow| {
            r.parameter == row.parameter && r.level == row.level
        };
        if rows[..number].iter().any(|r| same(&r)) {
            let what = format!("a second effect on `{}` of one level", row.parameter);
            notes.error(
                place("parameterId"),
                ConvertErrorKind::Mixed { what, format },
            );
        }
        if matches!(
            population.effects[number].standard_deviation,
            Coefficient::Constant(0.0)
        ) {
            let what = format!("the standard deviation 0 of `{}`", row.id);
            notes.error(
                place("standardDeviation"),
                ConvertErrorKind::Mixed { what, format },
            );
        }
    }
    for row in &problem.population.covariate_effects {
        let has_effect = rows.iter().any(|r| r.parameter == row.parameter);
        if !has_effect && !is_entity(problem, &row.parameter) {
            let what = format!(
                "the effect of `{}` on `{}`, which is no quantity of the model and has no random effect,",
                row.covariate, row.parameter
            );
            let place = row.origin.place("covariate_effects.tsv", "parameterId");
            notes.error(place, ConvertErrorKind::Mixed { what, format });
        }
    }
    let mut owners: HashMap<Option<String>, usize> = HashMap::new();
    let subjects = problem.subjects();
    for (i, individual) in population.individuals.iter().enumerate() {
        for &subject in &individual.subjects {
            let experiment = &subjects[subject].1;
            if *owners.entry(experiment.clone()).or_insert(i) != i {
                let name = experiment.as_deref().unwrap_or_default();
                let what = format!("the experiment `{name}` of two individuals, one a model,");
                let place = Place::file("experiments.tsv").column("experimentId");
                notes.error(place, ConvertErrorKind::Mixed { what, format });
            }
        }
    }
    notes.errors.len() == before
}

fn is_entity(problem: &PetabProblem, id: &str) -> bool {
    problem
        .models
        .iter()
        .any(|model| model.entities.contains_key(id))
}

/// An individual, on an occasion or on none.
type Who = (usize, Option<usize>);

struct Said<'a> {
    problem: &'a mut PetabProblem,
    population: &'a PopulationProblem,
    /// typical rows that vary, with their ids before
    varying: Vec<(usize, String, Transform)>,
    /// (typical row, who) to the id of the value
    values: HashMap<(usize, Who), String>,
    /// names of the occasions
    occasions: Vec<String>,
    /// occasions of every subject
    timelines: Vec<Timeline>,
    taken: HashSet<String>,
    added: usize,
}

impl<'a> Said<'a> {
    fn new(problem: &'a mut PetabProblem, population: &'a PopulationProblem) -> Self {
        let mut varying: Vec<(usize, String, Transform)> = Vec::new();
        for one in &population.parameters {
            if !varying.iter().any(|(row, ..)| *row == one.typical) {
                let id = problem.parameters.rows[one.typical].id.clone();
                varying.push((one.typical, id, one.transform));
            }
        }
        let (occasions, timelines) = timelines(problem);
        let mut taken: HashSet<String> = problem
            .parameters
            .rows
            .iter()
            .map(|r| r.id.clone())
            .collect();
        taken.extend(problem.observables.iter().map(|r| r.id.clone()));
        taken.extend(problem.conditions.iter().map(|r| r.condition.clone()));
        taken.extend(problem.experiments.iter().map(|r| r.experiment.clone()));
        taken.extend(
            problem
                .models
                .iter()
                .flat_map(|m| m.entities.keys().cloned()),
        );
        Said {
            problem,
            population,
            varying,
            values: HashMap::new(),
            occasions,
            timelines,
            taken,
            added: 0,
        }
    }

    fn unique(&mut self, wanted: String) -> String {
        let mut id = wanted.clone();
        let mut number = 2;
        while !self.taken.insert(id.clone()) {
            id = format!("{wanted}_{number}");
            number += 1;
        }
        id
    }

    fn has(&self, typical: usize, level: Level) -> bool {
        let own = |e: &&crate::population::RandomEffect| e.typical == typical && e.level == level;
        self.population.effects.iter().any(|e| own(&e))
    }

    /// Rows of the parameter table: one an individual, and one an occasion of it; the common one is the typical value from now on.
    fn values(&mut self) {
        let population = self.population;
        let natural = population.problem.parameters.nominal().0;
        for (typical, id, transform) in self.varying.clone() {
            let (typical_id, levels) = (
                self.unique(format!("{id}_typical")),
                [
                    self.has(typical, Level::Individual),
                    self.has(typical, Level::Occasion),
                ],
            );
            self.problem.parameters.rows[typical].id = typical_id;
            for (i, individual) in population.individuals.iter().enumerate() {
                let mut whose: Vec<Who> = Vec::new();
                if levels[0] {
                    whose.push((i, None));
                }
                if levels[1] {
                    whose.extend(individual.occasions.iter().map(|k| (i, Some(*k))));
                }
                for who in whose {
                    let on = who
                        .1
                        .map_or_else(String::new, |k| format!("_{}", self.occasions[k]));
                    let own = self.unique(format!("{id}_{}{on}", plain(&individual.id)));
                    let centre =
                        transform.scaled(natural[typical]).0 + self.shift(typical, i, &natural);
                    let nominal = transform.value(centre).0;
                    let (scale, lower, upper) = match transform {
                        // far beyond what any effect reaches
                        Transform::Log => (Scale::Log, 1e-6 * nominal, 1e6 * nominal),
                        Transform::Identity => {
                            let reach = 1e6 * nominal.abs().max(1.0);
                            (Scale::Linear, nominal - reach, nominal + reach)
                        }
                        Transform::Logit { lower, upper } | Transform::Probit { lower, upper } => {
                            (Scale::Linear, lower, upper)
                        }
                    };
                    self.problem.parameters.rows.push(Parameter {
                        id: own.clone(),
                        name: Some(format!(
                            "{id} of {}{}",
                            individual.id,
                            on.replace('_', ", ")
                        )),
                        unit: None,
                        scale,
                        lower,
                        upper,
                        nominal,
                        estimate: true,
                        prior: None,
                        initialization: None,
                    });
                    self.problem.parameter_origins.push(Origin::default());
                    self.values.insert((typical, who), own);
                    self.added += 1;
                }
            }
        }
    }

    /// What covariates add for an individual, in numbers.
    fn shift(&self, typical: usize, individual: usize, natural: &[f64]) -> f64 {
        let own = self
            .population
            .covariate_effects
            .iter()
            .filter(|c| c.typical == typical);
        own.map(|c| c.coefficient.value(natural) * c.values[individual])
            .sum()
    }

    fn number_or_id(&self, value: Coefficient) -> String {
        match value {
            Coefficient::Constant(number) => number_text(number),
            Coefficient::Row(row) => self.problem.parameters.rows[row].id.clone(),
        }
    }

    /// h(typical value) + what covariates add, where `covariate` says how the covariate of an effect is written.
    fn centre(&self, typical: usize, covariate: &dyn Fn(usize) -> String) -> String {
        let (_, _, transform) = self
            .varying
            .iter()
            .find(|(row, ..)| *row == typical)
            .expect("it varies");
        let mut text = scaled(*transform, &self.problem.parameters.rows[typical].id);
        for (number, effect) in self.population.covariate_effects.iter().enumerate() {
            if effect.typical == typical {
                text += &format!(
                    " + {} * {}",
                    self.number_or_id(effect.coefficient),
                    covariate(number)
                );
            }
        }
        text
    }

    /// The value of a parameter for an individual on an occasion: a parameter, or a formula where nothing random stands in it.
    fn value(&self, typical: usize, who: Who) -> String {
        let own = self
            .values
            .get(&(typical, who))
            .or(self.values.get(&(typical, (who.0, None))));
        own.cloned().unwrap_or_else(|| {
            let covariate =
                |c: usize| number_text(self.population.covariate_effects[c].values[who.0]);
            let effects = &self.population.covariate_effects;
            if effects.iter().all(|c| c.typical != typical) {
                return self.problem.parameters.rows[typical].id.clone();
            }
            let varying = self.varying.iter().find(|(row, ..)| *row == typical);
            let transform = varying.expect("it varies").2;
            natural(transform, &self.centre(typical, &covariate))
        })
    }

    /// A formula with an individual's values.
    fn of(&self, text: &str, who: Who, place: &Place, notes: &mut Notes) -> String {
        replaced(text, place, notes, |graph, name| {
            let (typical, ..) = self.varying.iter().find(|(_, id, _)| id == name)?;
            graph.parse(&self.value(*typical, who)).ok()
        })
    }
}

/// h(x)
fn scaled(transform: Transform, x: &str) -> String {
    match transform {
        Transform::Identity => x.to_owned(),
        Transform::Log => format!("ln({x})"),
        Transform::Logit { lower, upper } | Transform::Probit { lower, upper } => {
            let (lower, upper) = (number_text(lower), number_text(upper));
            format!("ln(({x} - ({lower})) / ({upper} - {x}))")
        }
    }
}

/// h^-1(t)
fn natural(transform: Transform, t: &str) -> String {
    match transform {
        Transform::Identity => t.to_owned(),
        Transform::Log => format!("exp({t})"),
        Transform::Logit { lower, upper } | Transform::Probit { lower, upper } => {
            let width = number_text(upper - lower);
            format!("{} + {width} / (1 + exp(-({t})))", number_text(lower))
        }
    }
}

/// An id of a name.
fn plain(name: &str) -> String {
    let letter = |c: char| {
        if c.is_ascii_alphanumeric() || c == '_' {
            c
        } else {
            '_'
        }
    };
    name.chars().map(letter).collect()
}
