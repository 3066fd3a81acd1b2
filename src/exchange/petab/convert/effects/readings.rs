//! Values of individuals in observables: placeholders, and what each reading puts in their place.
use super::{Said, Who, is_entity};
use crate::exchange::petab::convert::{error::Notes, formulas::replaced};
use crate::exchange::petab::rows::{MeasurementRow, Override};
use std::collections::HashMap;

impl Said<'_> {
    /// Individual parameters that are no quantities of the model become placeholders of the observables that name them; overrides that name
    /// individual parameters take the individual's.
    pub(super) fn observables(&mut self, notes: &mut Notes) {
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
