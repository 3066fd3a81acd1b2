//! Parameters that differ between occasions: rows of their own, and the experiments or parts of experiments that read them.
use super::{Varying, WithOccasions, within};
use crate::exchange::petab::{error::PetabErrorKind, findings::Findings};
use crate::{
    cohort::{Cohort, Source},
    compile::Formulas,
    expr::Graph,
    fit::{FitProblem, Parameter},
    population::IndividualParameter,
};
use std::collections::HashMap;

/// The occasions of one subject: (when each begins, which), ascending; the first begins at minus infinity.
pub(in crate::exchange::petab) type Timeline = Vec<(f64, Option<usize>)>;

/// The occasion at a time; one that begins then has begun.
pub(in crate::exchange::petab) fn occasion_at(timeline: &Timeline, time: f64) -> Option<usize> {
    let begun = timeline.iter().rev().find(|(start, _)| *start <= time);
    begun.and_then(|(_, which)| *which)
}

/// What takes the place of the common rows on an occasion.
pub(super) struct Rows {
    /// (typical row, occasion) to the row that takes its place
    taken: HashMap<(usize, usize), usize>,
    ids: Vec<String>,
    /// formulas of sources
    texts: Vec<String>,
    replaced: HashMap<(usize, usize), usize>,
}

impl Rows {
    /// The source on an occasion.
    pub fn on(&mut self, source: &Source, occasion: Option<usize>) -> Source {
        let Some(occasion) = occasion else {
            return *source;
        };
        match *source {
            Source::Parameter(row) => {
                Source::Parameter(*self.taken.get(&(row, occasion)).unwrap_or(&row))
            }
            Source::Formula(formula) => {
                if let Some(known) = self.replaced.get(&(formula, occasion)) {
                    return Source::Formula(*known);
                }
                let text = self.formula(formula, occasion);
                let next = self.texts.iter().position(|t| *t == text);
                let next = next.unwrap_or_else(|| {
                    self.texts.push(text);
                    self.texts.len() - 1
                });
                self.replaced.insert((formula, occasion), next);
                Source::Formula(next)
            }
            Source::Constant(_) => *source,
        }
    }

    /// A formula with the rows of an occasion in place of the common ones.
    fn formula(&self, formula: usize, occasion: usize) -> String {
        let text = &self.texts[formula];
        let mut graph = Graph::new();
        let expression = graph.parse(text).expect("it was compiled before");
        let mut named = HashMap::new();
        for symbol in graph.symbols_of(expression) {
            let row = self.ids.iter().position(|id| id == graph.name(symbol));
            if let Some(&own) = row.and_then(|row| self.taken.get(&(row, occasion))) {
                let to = graph.symbol(&self.ids[own]);
                named.insert(symbol, to);
            }
        }
        if named.is_empty() {
            // as it was written
            return text.clone();
        }
        let swapped = graph.substitute(expression, &named);
        graph.text(swapped)
    }
}

/// Gives parameters that differ between occasions a row for every occasion, and the subjects their rows.
pub(super) fn split(
    mut fit: FitProblem,
    texts: &[String],
    varying: &[Varying],
    occasions: &[&String],
    individuals: &[WithOccasions],
    findings: &mut Findings,
) -> Option<(FitProblem, Vec<IndividualParameter>)> {
    let mut parameters = Vec::new();
    let mut taken: HashMap<(usize, usize), usize> = HashMap::new();
    for one in varying {
        let typical = one.row;
        let mut add = |row: usize, occasion: Option<usize>| {
            parameters.push(IndividualParameter {
                row,
                typical,
                transform: one.transform,
                occasion,
            });
        };
        add(typical, None);
        if !one.between_occasions {
            continue;
        }
        for (occasion, name) in occasions.iter().enumerate() {
            let common = &fit.parameters.rows[typical];
            let own = Parameter {
                id: format!("{}__{name}", common.id),
                estimate: false,
                prior: None,
                initialization: None,
                ..common.clone()
            };
            let row = fit.parameters.rows.len();
            fit.parameters.rows.push(own);
            taken.insert((typical, occasion), row);
            add(row, Some(occasion));
        }
    }
    if taken.is_empty() {
        return Some((fit, parameters));
    }
    let ids: Vec<String> = fit.parameters.rows.iter().map(|r| r.id.clone()).collect();
    let mut rows = Rows {
        taken,
        ids,
        texts: texts.to_vec(),
        replaced: HashMap::new(),
    };
    for (individual, own) in individuals {
        for (&subject, timeline) in individual.subjects.iter().zip(own) {
            let subject = &mut fit.cohort.subjects[subject];
            let system = &fit.cohort.models[subject.model].system;
            within::rows_of_occasions(subject, system, timeline, occasions, &mut rows);
        }
    }
    fit.cohort = Cohort {
        formulas: None,
        ..fit.cohort
    };
    if !rows.texts.is_empty() {
        match Formulas::compile(&rows.texts, &rows.ids) {
            Ok(formulas) => fit.cohort.formulas = Some(formulas),
            Err(error) => {
                let place = crate::exchange::tables::Place::file("conditions.tsv");
                let message = error.to_string();
                findings.error(place, PetabErrorKind::Model { message });
                return None;
            }
        }
    }
    Some((fit, parameters))
}
