//! Random effects in the standard: individual values become estimated parameters, their distribution becomes readings of 0.
//!
//! The parameter $\varphi_i$ of an individual takes the place of the common one in its experiments, and an observable
//! $h(\varphi_i) - h(\mu) - \beta^\top c_i$ with the noise $\omega$ is read as 0 once: that is the density of $\eta_i$. On an occasion it is
//! $h(\varphi_{ik}) - h(\varphi_i)$ with the noise $\gamma$. Correlated effects are conditioned on those before them, $\eta_j \mid \eta_1 \dots
//! \eta_{j-1}$, with the factor of Cholesky of their correlations as formulas. What other programs then have is the joint density of readings
//! and effects; the marginal likelihood is its integral over the $\varphi$.
use super::{
    error::{ConvertErrorKind, ConvertWarningKind, Notes},
    formulas::replaced,
};
use crate::exchange::{
    petab::rows::{
        ConditionRow, ExperimentRow, MeasurementRow, ObservableRow, Origin, Override, PetabProblem,
    },
    tables::{Place, number_text},
};
use crate::fit::{Parameter, Scale};
use crate::noise::Reading;
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

/// What stands in a formula of a distribution for each individual.
#[derive(Clone, PartialEq)]
enum Part {
    /// individual value of a parameter (its typical row) on the level of an effect
    Value(usize, Level),
    /// a covariate, by its effect
    Covariate(usize),
}

struct Said<'a> {
    problem: &'a mut PetabProblem,
    population: &'a PopulationProblem,
    /// typical rows that vary, with their ids before
    varying: Vec<(usize, String, Transform)>,
    /// (typical row, who) to the id of the value
    values: HashMap<(usize, Who), String>,
    /// names of the occasions
    occasions: Vec<String>,
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
        let mut occasions: Vec<String> = Vec::new();
        // in the order in which the problem counted them: that of the subjects
        for (_, experiment) in problem.subjects() {
            let rows = problem.population.individuals.iter();
            let mut own: Vec<_> = rows
                .filter(|r| Some(&r.experiment) == experiment.as_ref())
                .collect();
            own.sort_by(|a, b| a.start().total_cmp(&b.start()));
            for name in own.iter().filter_map(|r| r.occasion.as_ref()) {
                if !occasions.contains(name) {
                    occasions.push(name.clone());
                }
            }
        }
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

    /// An observable for every effect, and its readings of 0.
    fn distributions(&mut self) {
        let population = self.population;
        for (number, effect) in population.effects.iter().enumerate() {
            let mut parts: Vec<Part> = Vec::new();
            let before: Vec<usize> = (0..number)
                .filter(|&k| population.effects[k].level == effect.level)
                .collect();
            let factor = Factor {
                said: self,
                effects: &[before, vec![number]].concat(),
            };
            let last = factor.effects.len() - 1;
            let own = self.deviation(number, &mut parts);
            let sd = self.number_or_id(effect.standard_deviation);
            let shift: Vec<String> = (0..last)
                .filter_map(|m| {
                    Some(format!(
                        "{} * {}",
                        factor.entry(last, m)?,
                        factor.whitened(m, &mut parts)
                    ))
                })
                .collect();
            let formula = match shift.is_empty() {
                true => own,
                false => format!("{own} - {sd} * ({})", shift.join(" + ")),
            };
            let noise_formula = match factor.entry(last, last) {
                Some(entry) => format!("{sd} * {entry}"),
                None => sd,
            };
            let id = self.unique(format!("distribution_{}", effect.id));
            let names: Vec<String> = parts.iter().map(|part| self.placeholder(part)).collect();
            self.problem.observables.push(ObservableRow {
                id: id.clone(),
                name: Some(format!("distribution of {}", effect.id)),
                formula,
                placeholders: names,
                noise_formula,
                ..ObservableRow::default()
            });
            for (i, individual) in population.individuals.iter().enumerate() {
                let whose: Vec<Who> = match effect.level {
                    Level::Individual => vec![(i, None)],
                    Level::Occasion => individual.occasions.iter().map(|k| (i, Some(*k))).collect(),
                };
                for who in whose {
                    let reading = self.reading_of_zero(&id, who, &parts);
                    self.problem.measurements.push(reading);
                }
            }
        }
    }

    /// h(own value) less what it varies about, with placeholders.
    fn deviation(&self, effect: usize, parts: &mut Vec<Part>) -> String {
        let effect = &self.population.effects[effect];
        let transform = self
            .varying
            .iter()
            .find(|(row, ..)| *row == effect.typical)
            .expect("it varies")
            .2;
        let mut name = |part: Part| {
            let name = self.placeholder(&part);
            if !parts.contains(&part) {
                parts.push(part);
            }
            name
        };
        let own = scaled(transform, &name(Part::Value(effect.typical, effect.level)));
        if effect.level == Level::Occasion && self.has(effect.typical, Level::Individual) {
            let above = name(Part::Value(effect.typical, Level::Individual));
            return format!("({own} - {})", scaled(transform, &above));
        }
        for (number, other) in self.population.covariate_effects.iter().enumerate() {
            if other.typical == effect.typical {
                name(Part::Covariate(number));
            }
        }
        let centre = self.centre(effect.typical, &|c| self.placeholder(&Part::Covariate(c)));
        format!("({own} - ({centre}))")
    }

    fn placeholder(&self, part: &Part) -> String {
        let id = |typical: &usize| {
            let found = self.varying.iter().find(|(row, ..)| row == typical);
            found.expect("it varies").1.clone()
        };
        match part {
            Part::Value(typical, Level::Individual) => format!("own_{}", id(typical)),
            Part::Value(typical, Level::Occasion) => format!("own_{}_here", id(typical)),
            Part::Covariate(number) => format!("covariate_{}", number + 1),
        }
    }

    fn reading_of_zero(&self, observable: &str, who: Who, parts: &[Part]) -> MeasurementRow {
        let individual = &self.population.individuals[who.0];
        let subjects = self.problem.subjects();
        // any reading of the individual has an experiment and a time that will do
        let (model, experiment) = subjects[individual.subjects[0]].clone();
        let mut own = self.problem.measurements.iter();
        let there =
            own.find(|m| m.experiment == experiment && self.problem.model_of(m) == Some(model));
        let there = there.expect("a subject has readings");
        let observable_parameters = parts
            .iter()
            .map(|part| match part {
                Part::Value(typical, Level::Individual) => {
                    Override::Parameter(self.values[&(*typical, (who.0, None))].clone())
                }
                Part::Value(typical, Level::Occasion) => {
                    Override::Parameter(self.values[&(*typical, who)].clone())
                }
                Part::Covariate(number) => {
                    Override::Number(self.population.covariate_effects[*number].values[who.0])
                }
            })
            .collect();
        MeasurementRow {
            observable: observable.to_owned(),
            reading: Reading::Value(0.0),
            observable_parameters,
            noise_parameters: Vec::new(),
            dataset: None,
            replicate: who.1.map(|k| self.occasions[k].clone()),
            origin: Origin::default(),
            ..there.clone()
        }
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
            let transform = self
                .varying
                .iter()
                .find(|(row, ..)| *row == typical)
                .expect("it varies")
                .2;
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

    /// Conditions that set the individuals' values, and formulas of conditions, doses and tables that name them.
    fn experiments(&mut self, notes: &mut Notes) {
        let subjects = self.problem.subjects();
        let population = self.population;
        let mut copied: HashSet<String> = HashSet::new();
        for (i, individual) in population.individuals.iter().enumerate() {
            for &subject in &individual.subjects {
                let (_, experiment) = &subjects[subject];
                self.experiment(i, experiment.clone(), &mut copied, notes);
            }
        }
        let used: HashSet<&String> = self
            .problem
            .experiments
            .iter()
            .filter_map(|r| r.condition.as_ref())
            .collect();
        let used: HashSet<String> = used.into_iter().cloned().collect();
        self.problem
            .conditions
            .retain(|row| used.contains(&row.condition) || !copied.contains(&row.condition));
    }

    fn experiment(
        &mut self,
        i: usize,
        experiment: Option<String>,
        copied: &mut HashSet<String>,
        notes: &mut Notes,
    ) {
        let id = match &experiment {
            Some(id) => id.clone(),
            None => {
                let id = self.unique("as_it_stands".to_owned());
                for row in &mut self.problem.measurements {
                    row.experiment.get_or_insert_with(|| id.clone());
                }
                for row in &mut self.problem.doses {
                    row.experiment.get_or_insert_with(|| id.clone());
                }
                for row in &mut self.problem.inputs {
                    row.experiment.get_or_insert_with(|| id.clone());
                }
                id
            }
        };
        let rows = self.problem.population.individuals.iter();
        let mut timeline: Vec<(f64, Option<usize>)> = rows
            .filter(|r| Some(&r.experiment) == experiment.as_ref())
            .map(|r| {
                let name = r.occasion.as_ref();
                (
                    r.start(),
                    name.and_then(|n| self.occasions.iter().position(|o| o == n)),
                )
            })
            .collect();
        timeline.sort_by(|a, b| a.0.total_cmp(&b.0));
        let periods = self
            .problem
            .experiments
            .iter()
            .filter(|r| r.experiment == id);
        let begin = periods.map(|r| r.time).reduce(f64::min).unwrap_or(0.0);
        let start = |time: f64| {
            if time == f64::NEG_INFINITY {
                begin
            } else {
                time
            }
        };
        let at = |time: f64| {
            let begun = timeline.iter().rev().find(|(from, _)| *from <= time);
            (i, begun.and_then(|(_, k)| *k))
        };
        // formulas of what is there
        for number in 0..self.problem.experiments.len() {
            let row = &self.problem.experiments[number];
            let Some(condition) = row.condition.clone().filter(|_| row.experiment == id) else {
                continue;
            };
            let (who, time) = (at(start(row.time)), row.time);
            let mut changed = false;
            let mut own: Vec<ConditionRow> = Vec::new();
            for row in self
                .problem
                .conditions
                .iter()
                .filter(|r| r.condition == condition)
            {
                let place = row.origin.place("conditions.tsv", "targetValue");
                let value = self.of(&row.value, who, &place, notes);
                changed |= value != row.value;
                own.push(ConditionRow {
                    value,
                    ..row.clone()
                });
            }
            if changed {
                copied.insert(condition.clone());
                let when = if time == begin {
                    String::new()
                } else {
                    format!("_{}", plain(&number_text(time)))
                };
                let new = self.unique(format!("{condition}_{id}{when}"));
                for row in &mut own {
                    row.condition.clone_from(&new);
                }
                self.problem.conditions.extend(own);
                self.problem.experiments[number].condition = Some(new);
            }
        }
        for number in 0..self.problem.doses.len() {
            if self.problem.doses[number].experiment.as_ref() != Some(&id) {
                continue;
            }
            let mut row = self.problem.doses[number].clone();
            let who = at(row.time.parse().map_or(begin, start));
            let place = |column| row.origin.place("doses.tsv", column);
            row.time = self.of(&row.time, who, &place("time"), notes);
            row.value = self.of(&row.value, who, &place("value"), notes);
            let mut text = |cell: &mut Option<String>, column| {
                if let Some(text) = cell {
                    *text = self.of(text, who, &row.origin.place("doses.tsv", column), notes);
                }
            };
            text(&mut row.lag, "lag");
            text(&mut row.duration, "duration");
            text(&mut row.rate, "rate");
            text(&mut row.bioavailability, "bioavailability");
            text(&mut row.interval, "interval");
            self.problem.doses[number] = row;
        }
        // the individual's values from the start on, and from each occasion on
        let mut times: Vec<f64> = vec![begin];
        times.extend(
            timeline
                .iter()
                .map(|(from, _)| *from)
                .filter(|from| *from > begin),
        );
        for time in times {
            let who = at(start(time));
            let targets: Vec<(String, String)> = self
                .varying
                .iter()
                .filter(|(row, target, _)| {
                    let changes = time == begin || self.has(*row, Level::Occasion);
                    changes && is_entity(self.problem, target)
                })
                .map(|(row, target, _)| (target.clone(), self.value(*row, who)))
                .collect();
            if targets.is_empty() {
                continue;
            }
            let when = match (time == begin, who.1) {
                (true, _) => String::new(),
                (false, Some(k)) => format!("_{}", self.occasions[k]),
                (false, None) => "_between".to_owned(),
            };
            let condition = self.unique(format!("individual_{id}{when}"));
            for (target, value) in targets {
                self.problem.conditions.push(ConditionRow {
                    condition: condition.clone(),
                    target,
                    value,
                    origin: Origin::default(),
                });
            }
            let mut rows = self.problem.experiments.iter_mut();
            let open = rows.find(|r| r.experiment == id && r.time == time && r.condition.is_none());
            match open {
                Some(row) => row.condition = Some(condition),
                None => self.problem.experiments.push(ExperimentRow {
                    experiment: id.clone(),
                    time,
                    condition: Some(condition),
                    origin: Origin::default(),
                }),
            }
        }
    }

    /// Individual parameters that are no quantities of the model become placeholders of the observables that name them; overrides that name
    /// individual parameters take the individual's.
    fn observables(&mut self, notes: &mut Notes) {
        let outside: Vec<(usize, String)> = self
            .varying
            .iter()
            .filter(|(_, id, _)| !is_entity(self.problem, id))
            .map(|(row, id, _)| (*row, id.clone()))
            .collect();
        // (observable, in the noise) to what its further placeholders stand for
        let mut further: HashMap<(String, bool), Vec<usize>> = HashMap::new();
        for number in 0..self.problem.observables.len() {
            for noise in [false, true] {
                let row = &self.problem.observables[number];
                let (text, column) = match noise {
                    false => (&row.formula, "observableFormula"),
                    true => (&row.noise_formula, "noiseFormula"),
                };
                let place = row.origin.place("observables.tsv", column);
                let mut used: Vec<usize> = Vec::new();
                let text = replaced(text, &place, notes, |graph, name| {
                    let (typical, id) = outside.iter().find(|(_, id)| id == name)?;
                    used.push(*typical);
                    Some(graph.symbol(&own_name(id, noise)))
                });
                if used.is_empty() {
                    continue;
                }
                let names = outside.iter().filter(|(row, _)| used.contains(row));
                let names: Vec<(usize, String)> =
                    names.map(|(row, id)| (*row, own_name(id, noise))).collect();
                let row = &mut self.problem.observables[number];
                let of = (row.id.clone(), noise);
                let placeholders = match noise {
                    false => {
                        row.formula = text;
                        &mut row.placeholders
                    }
                    true => {
                        row.noise_formula = text;
                        &mut row.noise_placeholders
                    }
                };
                for (row, name) in names {
                    placeholders.push(name);
                    further.entry(of.clone()).or_default().push(row);
                }
            }
        }
        let who = self.readers();
        for (number, who) in who.into_iter().enumerate() {
            let Some(who) = who else { continue };
            let mut row = self.problem.measurements[number].clone();
            for (noise, cells) in [
                (false, &mut row.observable_parameters),
                (true, &mut row.noise_parameters),
            ] {
                for cell in cells.iter_mut() {
                    let Override::Parameter(id) = cell else {
                        continue;
                    };
                    if let Some((typical, ..)) = self.varying.iter().find(|(_, own, _)| own == id) {
                        *cell = Override::Parameter(self.value(*typical, who));
                    }
                }
                let more = further.get(&(row.observable.clone(), noise));
                for typical in more.into_iter().flatten() {
                    cells.push(Override::Parameter(self.value(*typical, who)));
                }
            }
            self.problem.measurements[number] = row;
        }
    }

    /// Whose reading each row of the measurement table is, and on which occasion.
    fn readers(&self) -> Vec<Option<Who>> {
        let subjects = self.problem.subjects();
        let individuals = self.population.individuals.iter().enumerate();
        let owner: HashMap<usize, usize> = individuals
            .flat_map(|(i, own)| own.subjects.iter().map(move |s| (*s, i)))
            .collect();
        let rows = &self.problem.population.individuals;
        let of = |row: &MeasurementRow| {
            let model = self.problem.model_of(row)?;
            let key = (model, row.experiment.clone());
            let i = *owner.get(&subjects.iter().position(|s| *s == key)?)?;
            let own = rows
                .iter()
                .filter(|r| Some(&r.experiment) == row.experiment.as_ref());
            let begun = own
                .filter(|r| r.start() <= row.time)
                .max_by(|a, b| a.start().total_cmp(&b.start()));
            let name = begun.and_then(|r| r.occasion.as_ref());
            Some((
                i,
                name.and_then(|n| self.occasions.iter().position(|o| o == n)),
            ))
        };
        self.problem.measurements.iter().map(of).collect()
    }
}

/// Name of the placeholder of an individual parameter in observables.
fn own_name(id: &str, noise: bool) -> String {
    match noise {
        false => format!("individual_{id}"),
        true => format!("noise_{id}"),
    }
}

/// The factor of Cholesky of the correlations of some effects, as formulas.
struct Factor<'a, 'b> {
    said: &'a Said<'b>,
    effects: &'a [usize],
}

impl Factor<'_, '_> {
    fn correlation(&self, j: usize, k: usize) -> Option<String> {
        let (j, k) = (self.effects[j], self.effects[k]);
        let mut all = self.said.population.correlations.iter();
        let found = all.find(|c| (c.first, c.second) == (j, k) || (c.first, c.second) == (k, j));
        found.map(|c| self.said.number_or_id(c.value))
    }

    /// L_jk; None: 0, and 1 on the diagonal.
    fn entry(&self, j: usize, k: usize) -> Option<String> {
        let products: Vec<String> = (0..k)
            .filter_map(|m| Some(format!("{} * {}", self.entry(j, m)?, self.entry(k, m)?)))
            .filter(|_| j != k)
            .collect();
        if j == k {
            let squares: Vec<String> = (0..j)
                .filter_map(|m| self.entry(j, m).map(|l| format!("{l}^2")))
                .collect();
            return (!squares.is_empty()).then(|| format!("sqrt(1 - {})", squares.join(" - ")));
        }
        let correlation = self.correlation(j, k);
        let above = match (correlation, products.is_empty()) {
            (None, true) => return None,
            (Some(correlation), true) => correlation,
            (correlation, false) => {
                format!(
                    "({} - {})",
                    correlation.unwrap_or_else(|| "0".to_owned()),
                    products.join(" - ")
                )
            }
        };
        Some(match self.entry(k, k) {
            Some(below) => format!("({above} / {below})"),
            None => above,
        })
    }

    /// The effect, less what those before it tell of it, in units of its own.
    fn whitened(&self, j: usize, parts: &mut Vec<Part>) -> String {
        let effect = self.effects[j];
        let sd = self
            .said
            .number_or_id(self.said.population.effects[effect].standard_deviation);
        let mut text = format!("{} / {sd}", self.said.deviation(effect, parts));
        for m in 0..j {
            if let Some(entry) = self.entry(j, m) {
                text += &format!(" - {entry} * {}", self.whitened(m, parts));
            }
        }
        match self.entry(j, j) {
            Some(below) => format!("(({text}) / {below})"),
            None => format!("({text})"),
        }
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
