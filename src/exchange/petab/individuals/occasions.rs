//! Parameters that differ between occasions: rows of their own, and the experiments that read them.
use super::{Varying, WithOccasions};
use crate::exchange::petab::{error::PetabErrorKind, findings::Findings};
use crate::{
    cohort::{Cohort, Source},
    compile::Formulas,
    expr::Graph,
    fit::{FitProblem, Parameter},
    population::IndividualParameter,
};
use std::collections::HashMap;

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
    // (typical row, occasion) to the row that takes its place
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
    let mut texts = texts.to_vec();
    let mut replaced: HashMap<(usize, usize), usize> = HashMap::new();
    for (individual, own) in individuals {
        for (&subject, occasion) in individual.subjects.iter().zip(own) {
            let Some(occasion) = *occasion else { continue };
            let mut swap = |source: &mut Source| match *source {
                Source::Parameter(row) => {
                    if let Some(&own) = taken.get(&(row, occasion)) {
                        *source = Source::Parameter(own);
                    }
                }
                Source::Formula(formula) => {
                    let next = *replaced.entry((formula, occasion)).or_insert_with(|| {
                        let text = with_rows_of(&texts[formula], &ids, &taken, occasion);
                        texts.iter().position(|t| *t == text).unwrap_or_else(|| {
                            texts.push(text);
                            texts.len() - 1
                        })
                    });
                    *source = Source::Formula(next);
                }
                Source::Constant(_) => {}
            };
            let subject = &mut fit.cohort.subjects[subject];
            for (_, source) in &mut subject.registers {
                swap(source);
            }
            for (_, source) in subject.visits.iter_mut().flat_map(|v| &mut v.placeholders) {
                swap(source);
            }
        }
    }
    fit.cohort = Cohort {
        formulas: None,
        ..fit.cohort
    };
    if !texts.is_empty() {
        match Formulas::compile(&texts, &ids) {
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

/// A formula with the rows of an occasion in place of the common ones.
fn with_rows_of(
    text: &str,
    ids: &[String],
    taken: &HashMap<(usize, usize), usize>,
    occasion: usize,
) -> String {
    let mut graph = Graph::new();
    let expression = graph.parse(text).expect("it was compiled before");
    let mut named = HashMap::new();
    for symbol in graph.symbols_of(expression) {
        let row = ids.iter().position(|id| id == graph.name(symbol));
        if let Some(&own) = row.and_then(|row| taken.get(&(row, occasion))) {
            let to = graph.symbol(&ids[own]);
            named.insert(symbol, to);
        }
    }
    let swapped = graph.substitute(expression, &named);
    graph.text(swapped)
}
