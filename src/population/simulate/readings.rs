//! Virtual populations: a problem whose readings are drawn from its own model, censored as its laboratory would.

use super::{PopulationSimulation, PopulationSimulator, SimulationOptions};
use crate::cohort::{DetectionLimit, censor};
use crate::fit::Natural;
use crate::noise::Reading;
use crate::population::error::PopulationError;
use crate::population::limits::{Limits, limits};
use crate::population::model::PopulationProblem;
use crate::solve::{Method, Tolerances};

/// Limits of the readings of a design.
pub(crate) struct Censoring {
    own: Vec<Limits>,
    /// of each endpoint
    given: Vec<Option<f64>>,
}

impl Censoring {
    /// Those of its censored readings (of values, those of their neighbours, see `limits`), and further ones by endpoint.
    pub fn new(simulator: &PopulationSimulator, given: &[DetectionLimit]) -> Censoring {
        let problem = simulator.problem;
        let mut by_endpoint = vec![None; problem.problem.cohort.endpoints.len()];
        for limit in given {
            by_endpoint[limit.endpoint] = Some(limit.limit);
        }
        Censoring {
            own: limits(problem, &simulator.places()),
            given: by_endpoint,
        }
    }
}

/// The problem with the readings of a replicate; the number of an individual that has none.
pub(crate) fn drawn(
    problem: &PopulationProblem,
    simulation: &PopulationSimulation,
    replicate: usize,
    censoring: &Censoring,
) -> Result<PopulationProblem, usize> {
    let mut problem = problem.clone();
    let values = simulation.replicate(replicate);
    for ((place, value), own) in simulation.places.iter().zip(values).zip(&censoring.own) {
        if !value.is_finite() {
            return Err(place.individual);
        }
        let visit = &mut problem.problem.cohort.subjects[place.subject].visits[place.visit];
        let given = censoring.given[visit.endpoint];
        visit.reading = match (given, own, visit.reading) {
            (Some(_), _, reading) | (None, _, reading @ Reading::Between(..)) => {
                censor(*value, &reading, given)
            }
            (None, own, _) => match (own.lower, own.upper) {
                (Some(lower), _) if *value < lower => Reading::Below(lower),
                (_, Some(upper)) if *value > upper => Reading::Above(upper),
                _ => Reading::Value(*value),
            },
        };
    }
    Ok(problem)
}

/// Draws individuals and readings for the design of a population problem at natural values of all rows.
///
/// A draw below the detection limit of its endpoint becomes a left-censored reading; endpoints without a limit of their own have
/// those of their censored readings (values get that of a neighbour). The draws are those of [`PopulationSimulator::simulate`] with
/// one replicate: each individual has a stream of its own.
///
/// ```no_run
/// # use holobiont::population::{PopulationProblem, virtual_population};
/// # fn of(problem: &PopulationProblem) -> Result<(), holobiont::population::PopulationError> {
/// let truth = problem.problem.parameters.nominal();
/// let drawn = virtual_population(problem, &truth, 7, &[], Default::default(), Default::default())?;
/// assert_eq!(drawn.individuals.len(), problem.individuals.len());
/// # Ok(()) }
/// ```
///
/// # Errors
/// faults of the problem; standard deviations or correlations that no distribution has; an individual whose readings cannot be drawn.
///
/// # Panics
/// when a limit names an endpoint that does not exist.
pub fn virtual_population(
    problem: &PopulationProblem,
    natural: &Natural,
    seed: u64,
    limits: &[DetectionLimit],
    method: Method,
    tolerances: Tolerances,
) -> Result<PopulationProblem, PopulationError> {
    let simulator = PopulationSimulator::new(problem, method, tolerances)?;
    let options = SimulationOptions {
        replicates: 1,
        seed,
    };
    let simulation = simulator.simulate(natural, options)?;
    let censoring = Censoring::new(&simulator, limits);
    drawn(problem, &simulation, 0, &censoring).map_err(|individual| PopulationError::NotDrawn {
        individual: problem.individuals[individual].id.clone(),
    })
}
