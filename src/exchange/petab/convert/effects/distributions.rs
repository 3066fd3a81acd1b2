//! Distributions of random effects as observables that are read as 0.
use super::{Said, Who, scaled};
use crate::exchange::petab::rows::{MeasurementRow, ObservableRow, Origin, Override};
use crate::noise::Reading;
use crate::population::Level;

/// What stands in a formula of a distribution for each individual.
#[derive(Clone, PartialEq)]
enum Part {
    /// individual value of a parameter (its typical row) on the level of an effect
    Value(usize, Level),
    /// a covariate, by its effect
    Covariate(usize),
}

impl Said<'_> {
    /// An observable for every effect, and its readings of 0.
    pub(super) fn distributions(&mut self) {
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
