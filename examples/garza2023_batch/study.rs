//! Experiments as subjects of a cohort, the weighted sum of squares of a model, and fits from several starts.
use super::{models::BatchModel, readings::Readings};
use holobiont::{
    cohort::{Cohort, CohortModel, Endpoint, Prediction, Source, Subject, Visit},
    fit::{
        CohortObjective, Control, FitProblem, LocalMethod, MultiStartOptions, Natural,
        ObjectiveOptions, Search, TrustRegionOptions, multi_start,
    },
    noise::{Normal, Reading},
    schedule::Schedule,
    solve::{Method, Status, Tolerances},
};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::{error::Error, sync::Arc};

/// For the sums that are printed: ten times tighter, they change by less than 1e-3 of themselves (the published model has kinks).
const TOLERANCES: Tolerances = Tolerances {
    relative: 1e-7,
    absolute: 1e-9,
};
/// While searching.
const SEARCH_TOLERANCES: Tolerances = Tolerances {
    relative: 1e-5,
    absolute: 1e-8,
};
/// Standard deviation of sampled starts about the documented one, as share of the box on the search scale.
const SPREAD: f64 = 0.15;

/// Sum of squared residuals over the range of each quantity, quantity by quantity, and their number.
#[derive(Clone, Debug, PartialEq)]
pub struct WeightedSum {
    /// readings of each quantity
    pub counts: Vec<usize>,
    /// weighted sum of squares of each quantity
    pub sums: Vec<f64>,
}

impl WeightedSum {
    /// Over all quantities.
    pub fn total(&self) -> f64 {
        self.sums.iter().sum()
    }
}

/// A fitted model.
#[derive(Clone, Debug)]
pub struct Fitted {
    /// values of the rows of the parameter table
    pub natural: Natural,
    /// its weighted sum of squares
    pub sum: WeightedSum,
    /// weighted sums at which the starts ended, the documented one first; none where a start failed
    pub ends: Vec<Option<f64>>,
}

/// A model and readings as a problem: one subject an experiment, started from its own measured means; the noise of a quantity is
/// normal with its range as standard deviation, so that -2 ln L is the weighted sum of squares plus a constant.
///
/// # Errors
/// A model that does not offer a quantity.
pub fn problem(model: &BatchModel, data: &Readings) -> Result<FitProblem, Box<dyn Error>> {
    let (system, of) = (&model.system, data.of);
    let count = of.quantities.len();
    let reads = of
        .quantities
        .iter()
        .map(|q| (format!("{q}_reading"), format!("{q}_read")));
    let noise = of
        .quantities
        .iter()
        .zip(&data.ranges)
        .map(|(q, range)| (format!("{q}_range"), range.to_string()));
    let formulas: Vec<(String, String)> = reads.chain(noise).collect();
    let endpoints = of
        .quantities
        .iter()
        .enumerate()
        .map(|(q, quantity)| Endpoint {
            id: quantity.to_string(),
            model: 0,
            observable: q,
            noise_parameters: vec![count + q],
            noise: Arc::new(Normal),
            unit: Some(unit(quantity).to_string()),
            name: Some(quantity.to_string()),
        });
    let estimated = model
        .parameters
        .rows
        .iter()
        .enumerate()
        .filter_map(|(row, parameter)| {
            Some((
                system.parameter_index(&parameter.id)?,
                Source::Parameter(row),
            ))
        });
    let estimated: Vec<(usize, Source)> = estimated.collect();
    let subjects = of.experiments.iter().enumerate().map(|(e, experiment)| {
        let starts = of
            .quantities
            .iter()
            .zip(&data.starts[e])
            .filter_map(|(quantity, start)| {
                // a model that computes a quantity from others has no start of it
                let register = system.parameter_index(&format!("start_{quantity}"))?;
                Some((register, Source::Constant(*start)))
            });
        let own = data
            .readings
            .iter()
            .filter(|reading| reading.experiment == e);
        Subject {
            id: experiment.to_string(),
            model: 0,
            schedule: Schedule::default(),
            registers: estimated.iter().copied().chain(starts).collect(),
            visits: own
                .map(|reading| Visit {
                    time: reading.time,
                    endpoint: reading.quantity,
                    reading: Reading::Value(reading.value),
                    placeholders: Vec::new(),
                    row: 0,
                })
                .collect(),
        }
    });
    let cohort = Cohort {
        models: vec![CohortModel::new(
            system.clone(),
            system.outputs(&formulas, &[])?,
        )],
        endpoints: endpoints.collect(),
        formulas: None,
        subjects: subjects.collect(),
    };
    Ok(FitProblem {
        cohort,
        parameters: model.parameters.clone(),
    })
}

/// The unit of a quantity.
pub fn unit(quantity: &str) -> &'static str {
    match quantity {
        "live" | "dead" => "1e8*cells/ml",
        "pH" => "pH",
        _ => "mmol/l",
    }
}

/// What the model says about every reading, experiment by experiment in the order of the readings, with its squared residual.
///
/// # Errors
/// A solve that failed, with experiment, time and cause.
pub fn predict(
    problem: &FitProblem,
    natural: &Natural,
) -> Result<Vec<Vec<Prediction>>, Box<dyn Error>> {
    let cohort = &problem.cohort;
    let simulations = cohort.simulate(&natural.0, &Method::default(), &TOLERANCES);
    let predictions = cohort
        .subjects
        .iter()
        .zip(simulations)
        .map(|(subject, simulation)| match simulation.status {
            Status::Finished => Ok(simulation.predictions),
            status => Err(format!("experiment `{}`: {status}", subject.id).into()),
        });
    predictions.collect()
}

/// The weighted sum of squares at natural values of the parameter table.
///
/// # Errors
/// A solve that failed, with experiment, time and cause.
pub fn weigh(problem: &FitProblem, natural: &Natural) -> Result<WeightedSum, Box<dyn Error>> {
    let cohort = &problem.cohort;
    let mut weighted = WeightedSum {
        counts: vec![0; cohort.endpoints.len()],
        sums: vec![0.0; cohort.endpoints.len()],
    };
    let predictions = predict(problem, natural)?;
    for (subject, predictions) in cohort.subjects.iter().zip(&predictions) {
        for (visit, prediction) in subject.visits.iter().zip(predictions) {
            weighted.counts[visit.endpoint] += 1;
            weighted.sums[visit.endpoint] += prediction.chi2.unwrap_or(f64::INFINITY);
        }
    }
    Ok(weighted)
}

/// Fits from the documented start and `sampled` starts about it; the best counts.
///
/// # Errors
/// A problem that is none, and no start that ends at a value.
pub fn fit(problem: &FitProblem, sampled: usize, seed: u64) -> Result<Fitted, Box<dyn Error>> {
    let objective = CohortObjective::new(
        problem,
        ObjectiveOptions {
            tolerances: SEARCH_TOLERANCES,
            ..ObjectiveOptions::default()
        },
    )?;
    let table = &problem.parameters;
    let options = MultiStartOptions {
        method: LocalMethod::TrustRegion(TrustRegionOptions {
            max_iterations: 100,
            value_tolerance: 1e-7,
            ..TrustRegionOptions::default()
        }),
        ..MultiStartOptions::default()
    };
    let given = starts_about(problem, sampled, seed);
    let searches = multi_start(
        &objective,
        table,
        &given,
        &options,
        Control::default(),
        None,
    )?;
    let mut ends = vec![None; searches.starts.len()];
    for search in searches
        .starts
        .iter()
        .filter(|search| search.fit.value.is_some())
    {
        let end = weigh(problem, &table.natural(&search.fit.x)).ok();
        ends[search.start] = end.map(|sum| sum.total());
    }
    let best = searches.best().ok_or("no start was feasible")?;
    let natural = table.natural(&best.fit.x);
    Ok(Fitted {
        sum: weigh(problem, &natural)?,
        natural,
        ends,
    })
}

/// Starts spread about the documented one, uniform with [`SPREAD`] as standard deviation, within the box.
fn starts_about(problem: &FitProblem, count: usize, seed: u64) -> Vec<Search> {
    let table = &problem.parameters;
    let (lower, upper) = table.search_bounds();
    let centre = table.search(&table.nominal());
    let mut stream = ChaCha8Rng::seed_from_u64(seed);
    let half = SPREAD * 3.0_f64.sqrt();
    let mut draw = || {
        let boxes = centre.0.iter().zip(lower.iter().zip(&upper));
        let x = boxes.map(|(centre, (lower, upper))| {
            let step = half * (2.0 * stream.random::<f64>() - 1.0) * (upper - lower);
            (centre + step).clamp(*lower, *upper)
        });
        Search(x.collect())
    };
    (0..count).map(|_| draw()).collect()
}
