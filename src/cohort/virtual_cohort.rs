//! Virtual cohorts: the subjects of a real one, with readings drawn from the model at known parameter values.

use super::{Cohort, CohortError};
use crate::noise::Reading;
use crate::solve::{Method, Status, Tolerances};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Below which value an endpoint's readings are only known to lie below it.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct DetectionLimit {
    /// index into `Cohort::endpoints`
    pub endpoint: usize,
    /// the limit
    pub limit: f64,
}

/// Draws new readings for every visit of `cohort` at natural values of all rows of the parameter table.
///
/// A draw below the detection limit of its endpoint becomes `Reading::Below(limit)`. Rows that were censored keep their limit:
/// a left-censored row's new reading is censored when it falls below the row's own limit, a right-censored one when above, an
/// interval one when it falls inside. Each subject draws from its own ChaCha stream, two numbers or more a reading in the
/// order of the visits: a subject's readings do not depend on the others.
///
/// # Errors
/// when a subject cannot be simulated at these values, or its drawn reading is not in the support of its noise.
pub fn virtual_cohort(
    cohort: &Cohort,
    natural: &[f64],
    seed: u64,
    limits: &[DetectionLimit],
    method: &Method,
    tolerances: &Tolerances,
) -> Result<Cohort, Vec<CohortError>> {
    let simulations = cohort.simulate(natural, method, tolerances);
    let mut drawn = cohort.clone();
    let mut errors = Vec::new();
    for (index, (subject, simulation)) in drawn.subjects.iter_mut().zip(simulations).enumerate() {
        if let Status::Failed { .. } = simulation.status {
            errors.push(CohortError::Simulation {
                subject: subject.id.clone(),
                why: simulation.status.to_string(),
            });
            continue;
        }
        let mut stream = ChaCha8Rng::seed_from_u64(seed);
        stream.set_stream(index as u64);
        let mut uniform = || loop {
            let u: f64 = stream.random();
            if u > 0.0 {
                return u;
            }
        };
        for (visit, prediction) in subject.visits.iter_mut().zip(&simulation.predictions) {
            let endpoint = &cohort.endpoints[visit.endpoint];
            let value = endpoint.noise.sample(&prediction.arguments, &mut uniform);
            let limit = limits
                .iter()
                .find(|limit| limit.endpoint == visit.endpoint)
                .map(|limit| limit.limit);
            visit.reading = censor(value, &visit.reading, limit);
            if let Err(why) = endpoint.noise.check(&visit.reading) {
                errors.push(CohortError::Reading {
                    subject: subject.id.clone(),
                    row: visit.row,
                    endpoint: endpoint.id.clone(),
                    noise: endpoint.noise.name(),
                    why,
                });
            }
        }
    }
    if errors.is_empty() {
        Ok(drawn)
    } else {
        Err(errors)
    }
}

/// The drawn value as the laboratory would report it.
pub(crate) fn censor(value: f64, original: &Reading, limit: Option<f64>) -> Reading {
    match *original {
        Reading::Below(own) if value < own => return Reading::Below(own),
        Reading::Above(own) if value > own => return Reading::Above(own),
        Reading::Between(lower, upper) if value > lower && value < upper => {
            return Reading::Between(lower, upper);
        }
        _ => {}
    }
    match limit {
        Some(limit) if value < limit => Reading::Below(limit),
        _ => Reading::Value(value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn detection_limits_are_applied_again() {
        assert_eq!(
            censor(0.5, &Reading::Value(3.0), Some(1.0)),
            Reading::Below(1.0)
        );
        assert_eq!(
            censor(1.5, &Reading::Value(3.0), Some(1.0)),
            Reading::Value(1.5)
        );
        assert_eq!(censor(0.5, &Reading::Below(0.7), None), Reading::Below(0.7));
        assert_eq!(censor(0.8, &Reading::Below(0.7), None), Reading::Value(0.8));
        assert_eq!(censor(9.0, &Reading::Above(7.0), None), Reading::Above(7.0));
        assert_eq!(
            censor(2.0, &Reading::Between(1.0, 3.0), None),
            Reading::Between(1.0, 3.0)
        );
        assert_eq!(
            censor(4.0, &Reading::Between(1.0, 3.0), None),
            Reading::Value(4.0)
        );
    }
}
