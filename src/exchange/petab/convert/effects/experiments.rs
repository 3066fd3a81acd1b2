//! Values of individuals in their experiments: conditions at the start and on each occasion, and formulas that name them.
use super::{Said, is_entity, plain};
use crate::exchange::petab::convert::error::Notes;
use crate::exchange::petab::individuals::occasions::{Timeline, occasion_at};
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
        // an experiment of several models is one of its individual
        let mut done: HashSet<String> = HashSet::new();
        for (i, individual) in population.individuals.iter().enumerate() {
            for &subject in &individual.subjects {
                let id = subjects[subject].1.clone().unwrap_or_default();
                if done.insert(id.clone()) {
                    let timeline = self.timelines[subject].clone();
                    self.experiment(i, &id, &timeline, &mut copied, notes);
                }
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
        id: &str,
        timeline: &Timeline,
        copied: &mut HashSet<String>,
        notes: &mut Notes,
    ) {
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
        let at = |time: f64| (i, occasion_at(timeline, time));
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
            if self.problem.doses[number].experiment.as_deref() != Some(id) {
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
                    experiment: id.to_owned(),
                    time,
                    condition: Some(condition),
                    origin: Origin::default(),
                }),
            }
        }
    }
}
