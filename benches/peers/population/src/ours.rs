//! The fits of holobiont: its default options but for one thread, one run of SAEM, and the routes and solver that a job names.
use crate::{End, Estimator, Job, PARAMETERS};
use holobiont::fit::Control;
use holobiont::population::{
    Estimator as Search, ImportanceOptions, Method, PopulationFitOptions, PopulationOptions,
    PopulationProblem, SaemOptions, fit_population,
};

/// How the model is solved.
pub const MODELS: &[&str] = &[
    "matrix exponential",
    "Rodas5P, rtol 1e-6",
    "Rodas5P, rtol 1e-4",
];

pub struct Ours<'p> {
    problem: &'p PopulationProblem,
    pool: rayon::ThreadPool,
}

impl<'p> Ours<'p> {
    pub fn new(problem: &'p PopulationProblem) -> Self {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build();
        Ours {
            problem,
            pool: pool.expect("a thread"),
        }
    }

    pub fn fit(&self, job: &Job) -> Result<End, String> {
        let table = &self.problem.problem.parameters;
        let mut start = table.nominal();
        for (id, value) in PARAMETERS.iter().zip(job.start.typical) {
            start.0[table.index_of(id).expect("a row")] = value;
        }
        let mut population = PopulationOptions {
            exact_linear: job.model == "matrix exponential",
            importance: ImportanceOptions {
                draws: 1000,
                seed: job.seed,
                ..ImportanceOptions::default()
            },
            ..PopulationOptions::default()
        };
        if job.model.ends_with("1e-4") {
            let tolerances = &mut population.objective.tolerances;
            (tolerances.relative, tolerances.absolute) = (1e-4, 1e-6);
        }
        let mut options = PopulationFitOptions {
            estimator: match job.estimator {
                Estimator::Focei => Search::Focei,
                Estimator::Laplace => Search::Laplace,
                Estimator::Saem | Estimator::SaemImportance => Search::Saem,
            },
            saem: SaemOptions {
                runs: 1,
                seed: job.seed,
                ..SaemOptions::default()
            },
            population,
            // SAEM's fit is not complete without its likelihood
            routes: match job.estimator {
                Estimator::Focei | Estimator::Laplace => Vec::new(),
                Estimator::Saem | Estimator::SaemImportance => vec![Method::Importance],
            },
            ..PopulationFitOptions::default()
        };
        options.search.nominal = false;
        options.search.threads = Some(1);
        let found = self
            .pool
            .install(|| fit_population(self.problem, &options, &[start], Control::default(), None));
        let found = found.map_err(|e| e.to_string())?;
        let of = |id: &str| {
            let row = found.estimates.iter().find(|e| e.id == id);
            row.expect("an estimated parameter")
        };
        let errors = PARAMETERS.map(|id| of(id).standard_error);
        let importance = found
            .certificate
            .routes
            .iter()
            .find(|route| route.method == Method::Importance)
            .and_then(|route| Some((route.minus_two_log_likelihood?, route.error?)));
        let saem = options.estimator == Search::Saem;
        Ok(End {
            values: PARAMETERS.map(|id| of(id).value),
            errors: errors
                .iter()
                .all(Option::is_some)
                .then(|| errors.map(|e| e.unwrap_or(f64::NAN))),
            reported: (!saem).then_some(found.minus_two_log_likelihood),
            importance,
            converged: found.converged,
            remarks: vec![
                format!("{:?}", found.stop),
                format!("Newton decrement {:?}", found.certificate.newton_decrement),
            ],
        })
    }
}
