//! What every coupling carries: outputs of untreated subjects with the coupling cut.
use super::build::Bench;
use super::claim::Couplings;
use super::measure::Samples;
use super::run::Laboratory;
use std::collections::BTreeMap;

/// One coupling.
#[derive(Clone, Debug, PartialEq)]
pub struct Coupling {
    /// its parameter
    pub id: String,
    /// the value in the model
    pub value: f64,
    /// relative change of each output when it is 0, subject by subject; none where a solve failed
    pub changes: Vec<Option<f64>>,
}

/// All couplings of a model.
#[derive(Clone, Debug, PartialEq)]
pub struct CouplingTable {
    /// what was asked
    pub asked: Couplings,
    /// values with all couplings, subject by subject
    pub whole: Vec<Option<f64>>,
    /// a row a coupling, in the order of the model's parameters
    pub rows: Vec<Coupling>,
}

/// Cuts every coupling of the claims' table, one after the other; nothing where the claims ask for none.
pub fn couplings(laboratory: &Laboratory, vector: &[f64]) -> Option<CouplingTable> {
    let asked = laboratory.claims.couplings.clone()?;
    let ids = laboratory.system.parameter_ids().iter().enumerate();
    let cut: Vec<(usize, &String)> = ids
        .filter(|(_, id)| id.starts_with(&asked.prefix))
        .collect();
    let bench = Bench {
        model: laboratory.model,
        system: laboratory.system,
        claims: laboratory.claims,
    };
    let mut vectors = vec![vector.to_vec()];
    for (index, _) in &cut {
        let mut without = vector.to_vec();
        without[*index] = 0.0;
        vectors.push(without);
    }
    let mut outputs: Vec<Vec<Option<f64>>> = vectors.iter().map(|_| Vec::new()).collect();
    for subject in &asked.subjects {
        let scenario = bench.untreated(subject, &BTreeMap::new());
        let samples = laboratory.of_scenario(&scenario, &vectors, asked.day, &asked.outputs);
        for (of_vector, samples) in outputs.iter_mut().zip(samples) {
            let value = |i: usize| Some(samples.as_ref().ok()?.first_of(i));
            of_vector.extend((0..asked.outputs.len()).map(value));
        }
    }
    let whole = outputs.remove(0);
    let rows = cut.iter().zip(outputs).map(|((index, id), values)| {
        let change = |(own, all): (Option<f64>, &Option<f64>)| Some(own? / (*all)? - 1.0);
        Coupling {
            id: (*id).clone(),
            value: vector[*index],
            changes: values.into_iter().zip(&whole).map(change).collect(),
        }
    });
    let rows = rows.collect();
    Some(CouplingTable { asked, whole, rows })
}

impl Samples {
    fn first_of(&self, quantity: usize) -> f64 {
        self.0[quantity].first().copied().unwrap_or(f64::NAN)
    }
}
