//! Covariates of individuals: formulas of the columns of their table, in numbers.
use super::WithOccasions;
use crate::exchange::petab::{
    error::PetabErrorKind, findings::Findings, population::PopulationRows,
};
use crate::{
    compile::Formulas,
    expr::{Graph, suggest},
};

/// Per covariate effect: the covariate of every individual.
pub(super) fn covariate_values(
    rows: &PopulationRows,
    individuals: &[WithOccasions],
    tabled: &[Option<usize>],
    findings: &mut Findings,
) -> Vec<Vec<f64>> {
    let mut all = Vec::new();
    for effect in &rows.covariate_effects {
        let place = effect.origin.place("covariate_effects.tsv", "covariate");
        let mut graph = Graph::new();
        let used: Vec<String> = match graph.parse(&effect.covariate) {
            Ok(expression) => graph
                .symbols_of(expression)
                .into_iter()
                .map(|symbol| graph.name(symbol).to_owned())
                .collect(),
            Err(error) => {
                let kind = PetabErrorKind::Formula {
                    formula: effect.covariate.clone(),
                    character: error.column,
                    message: error.message,
                };
                findings.error(place, kind);
                continue;
            }
        };
        let unknown: Vec<&String> = used
            .iter()
            .filter(|id| !rows.covariates.contains(id))
            .collect();
        for id in &unknown {
            let kind = PetabErrorKind::UnknownId {
                what: "covariate",
                id: (*id).clone(),
                near: suggest(id, rows.covariates.iter().map(String::as_str)),
            };
            findings.error(place.clone(), kind);
        }
        if !unknown.is_empty() {
            continue;
        }
        let formulas =
            match Formulas::compile(std::slice::from_ref(&effect.covariate), &rows.covariates) {
                Ok(formulas) => formulas,
                Err(error) => {
                    let message = error.to_string();
                    findings.error(place, PetabErrorKind::Model { message });
                    continue;
                }
            };
        let mut values = Vec::new();
        for ((individual, _), row) in individuals.iter().zip(tabled) {
            let Some(row) = row.map(|r| &rows.individuals[r]) else {
                values.push(f64::NAN);
                continue;
            };
            let cells: Vec<f64> = row
                .covariates
                .iter()
                .map(|c| c.unwrap_or(f64::NAN))
                .collect();
            for other in rows
                .individuals
                .iter()
                .filter(|r| r.individual == individual.id)
            {
                for (k, id) in rows.covariates.iter().enumerate() {
                    if !used.contains(id) {
                        continue;
                    }
                    let at = other.origin.place("individuals.tsv", id);
                    let individual = individual.id.clone();
                    let covariate = id.clone();
                    if other.covariates[k].is_none() {
                        findings.error(
                            at,
                            PetabErrorKind::MissingCovariate {
                                covariate,
                                individual,
                            },
                        );
                    } else if other.covariates[k] != row.covariates[k]
                        && row.covariates[k].is_some()
                    {
                        findings.error(
                            at,
                            PetabErrorKind::ChangingCovariate {
                                covariate,
                                individual,
                            },
                        );
                    }
                }
            }
            let mut value = [f64::NAN];
            formulas.evaluate(&cells, &mut value);
            values.push(value[0]);
        }
        all.push(values);
    }
    all
}
