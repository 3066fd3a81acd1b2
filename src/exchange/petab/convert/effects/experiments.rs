//! Values of individuals in their experiments: conditions at the start and on each occasion, and formulas that name them.
use super::{Said, is_entity, plain};
use crate::exchange::petab::convert::error::Notes;
use crate::exchange::petab::rows::{ConditionRow, ExperimentRow, Origin};
use crate::exchange::tables::number_text;
use crate::population::Level;
use std::collections::HashSet;

impl Said<'_> {
    /// Conditions that set the individuals' values, and formulas of conditions, doses and tables that name them.
    pub(super) fn experiments(&mut self, notes: &mut Notes) {
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
}
