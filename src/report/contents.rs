//! What a report shows, computed once: predictions, curves with bands, residuals.
use super::{
    bands::{Shown, observed},
    residuals::{Compared, ComparedReading},
    sources::Sources,
};
use crate::{
    cohort::Simulation,
    fit::{
        CohortObjective, Fit, FitError, FitProblem, Likelihood, Natural, ObjectiveOptions,
        UncertaintyOptions,
    },
    noise::quantile_residual,
};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// What may be added to a report.
#[derive(Clone, Copy, Debug, Default)]
pub struct ReportOptions<'a> {
    /// model, compositions and digests of the files
    pub sources: Option<&'a Sources>,
    /// the values that made a virtual cohort, as (parameter, value)
    pub truth: Option<&'a [(String, f64)]>,
    /// whether a table lists every subject with its readings and log-likelihood
    pub subject_table: bool,
    /// the day, as it shall be printed; all else is the same for the same fit
    pub date: Option<&'a str>,
}

/// A fitted or evaluated cohort, ready to be shown.
#[derive(Clone, Debug)]
pub struct Report<'a> {
    pub(super) problem: &'a FitProblem,
    pub(super) fit: Option<&'a Fit>,
    pub(super) options: ReportOptions<'a>,
    pub(super) natural: Natural,
    pub(super) objective: ObjectiveOptions,
    /// None where a subject has no likelihood
    pub(super) likelihood: Option<Likelihood>,
    pub(super) simulations: Vec<Simulation>,
    /// per subject: curves and readings of its endpoints
    pub(super) curves: Vec<Vec<Shown>>,
    /// whether the bands hold the uncertainty of the parameters
    pub(super) has_covariance: bool,
    /// search entries that reach one subject only
    pub(super) own: Vec<usize>,
}

impl<'a> Report<'a> {
    /// A fit, at its best point.
    ///
    /// # Errors
    /// everything that is wrong with the problem.
    pub fn of_fit(
        problem: &'a FitProblem,
        fit: &'a Fit,
        options: ReportOptions<'a>,
    ) -> Result<Self, FitError> {
        let recorded = &fit.provenance.options;
        let mut report = Self::at(
            problem,
            fit.natural(problem),
            recorded.objective,
            options,
            Some((fit, &recorded.uncertainty)),
        )?;
        report.fit = Some(fit);
        Ok(report)
    }

    /// A problem at given natural values of all rows of the parameter table.
    ///
    /// # Errors
    /// everything that is wrong with the problem.
    pub fn of_evaluation(
        problem: &'a FitProblem,
        natural: Natural,
        objective: ObjectiveOptions,
        options: ReportOptions<'a>,
    ) -> Result<Self, FitError> {
        Self::at(problem, natural, objective, options, None)
    }

    /// Curves, bands and readings of a subject, one entry per endpoint it has readings of. Where the solve failed the curves are
    /// empty. To draw with [`subject_fit`](super::subject_fit).
    pub fn observed(&self, subject: usize) -> Vec<super::Observed> {
        let shown = &self.curves[subject];
        shown.iter().map(|(_, observed)| observed.clone()).collect()
    }

    fn at(
        problem: &'a FitProblem,
        natural: Natural,
        objective_options: ObjectiveOptions,
        options: ReportOptions<'a>,
        optimum: Option<(&Fit, &UncertaintyOptions)>,
    ) -> Result<Self, FitError> {
        let objective = CohortObjective::new(problem, objective_options)?;
        let covariance = optimum
            .and_then(|(fit, uncertainty)| objective.covariance(&fit.search(), uncertainty).ok());
        let curves = (0..problem.cohort.subjects.len())
            .map(|subject| observed(&objective, subject, &natural, covariance.as_ref()))
            .collect();
        Ok(Self {
            problem,
            fit: None,
            options,
            likelihood: objective.likelihood(&natural).ok(),
            simulations: problem.cohort.simulate(
                &natural.0,
                &objective_options.method,
                &objective_options.tolerances,
            ),
            curves,
            has_covariance: covariance.is_some(),
            own: objective.own_entries(),
            natural,
            objective: objective_options,
        })
    }

    /// Name of the model or models, for titles.
    pub(super) fn model_name(&self) -> String {
        self.problem.cohort.name()
    }

    /// Readings beside predictions, per endpoint; endpoints without readings are left out. Censored readings get their place
    /// within their limits from a stream of their own for each subject.
    pub(super) fn compared(&self) -> Vec<Compared> {
        let cohort = &self.problem.cohort;
        let seed = self.fit.map_or(1, |fit| fit.provenance.options.search.seed);
        let mut compared: Vec<Compared> = cohort
            .endpoints
            .iter()
            .map(|endpoint| Compared {
                name: endpoint.name.clone().unwrap_or_else(|| endpoint.id.clone()),
                unit: endpoint.unit.clone(),
                time_unit: cohort.time_unit_of(endpoint).map(str::to_owned),
                logarithmic: endpoint.noise.logarithmic(),
                readings: Vec::new(),
            })
            .collect();
        for (index, (subject, simulation)) in
            cohort.subjects.iter().zip(&self.simulations).enumerate()
        {
            let mut stream = ChaCha8Rng::seed_from_u64(seed);
            stream.set_stream(index as u64);
            for (visit, prediction) in subject.visits.iter().zip(&simulation.predictions) {
                let noise = &*cohort.endpoints[visit.endpoint].noise;
                // the middles of 2^32 equal parts of (0, 1)
                let uniform = (stream.random::<u32>() as f64 + 0.5) / (u32::MAX as f64 + 1.0);
                compared[visit.endpoint].readings.push(ComparedReading {
                    time: visit.time,
                    prediction: prediction.arguments[0],
                    reading: visit.reading,
                    residual: quantile_residual(
                        noise,
                        &visit.reading,
                        &prediction.arguments,
                        uniform,
                    ),
                });
            }
        }
        compared.retain(|c| !c.readings.is_empty());
        compared
    }
}
