//! Values of individuals in observables: placeholders, and what each reading puts in their place.
use super::{Said, Who, is_entity};
use crate::exchange::petab::convert::{
    error::{ConvertErrorKind, Notes},
    formulas::replaced,
};
use crate::exchange::petab::individuals::occasions::occasion_at;
use crate::exchange::petab::rows::{MeasurementRow, Origin, Override};
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
                        *cell = self.in_place_of(*typical, who, &row.origin, notes);
                    }
                }
                let more = further.get(&(row.observable.clone(), noise));
                for typical in more.into_iter().flatten() {
                    cells.push(self.in_place_of(*typical, who, &row.origin, notes));
                }
            }
            self.problem.measurements[number] = row;
        }
    }

    /// What stands in the place of a parameter in a reading: a parameter, where nothing else has a form.
    fn in_place_of(
        &self,
        typical: usize,
        who: Who,
        origin: &Origin,
        notes: &mut Notes,
    ) -> Override {
        let value = self.value(typical, who);
        if self.problem.parameters.index_of(&value).is_none() {
            let id = &self.problem.parameters.rows[typical].id;
            let what = format!("`{id}` with its covariates in a reading outside of all occasions");
            let format = notes.format;
            let place = origin.place("measurements.tsv", "time");
            notes.error(place, ConvertErrorKind::Mixed { what, format });
        }
        Override::Parameter(value)
    }

    /// Whose reading each row of the measurement table is, and on which occasion.
    fn readers(&self) -> Vec<Option<Who>> {
        let subjects = self.problem.subjects();
        let individuals = self.population.individuals.iter().enumerate();
        let owner: HashMap<usize, usize> = individuals
            .flat_map(|(i, own)| own.subjects.iter().map(move |s| (*s, i)))
            .collect();
        let of = |row: &MeasurementRow| {
            let key = (self.problem.model_of(row)?, row.experiment.clone());
            let subject = subjects.iter().position(|s| *s == key)?;
            let occasion = occasion_at(&self.timelines[subject], row.time);
            Some((*owner.get(&subject)?, occasion))
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
