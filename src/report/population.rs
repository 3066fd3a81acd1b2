//! A fitted population as files: page, tables and pictures. What they show is computed in [`crate::population`].
mod effects;
mod errors;
mod individuals;
mod residuals;
mod tables;
mod traces;
mod vpc;

pub(super) use effects::{MOST_EFFECTS, covariates, distributions, pairs};
pub(super) use errors::errors;
pub(super) use individuals::{Member, multiples};
pub(super) use residuals::{observed, weighted};
pub use traces::traces;
pub(super) use vpc::checks;

use super::{
    contents::ReportOptions, draw::DrawError, figure::Figure, pictures::Estimate,
    pictures::parameters,
};
use crate::cohort::Endpoint;
use crate::fit::Search;
use crate::population::{
    DiagnosticOptions, Diagnostics, PopulationError, PopulationFit, PopulationProblem, Route,
    diagnose,
};

/// A fitted population, ready to be shown.
#[derive(Clone, Debug)]
pub struct PopulationReport<'a> {
    pub(super) problem: &'a PopulationProblem,
    pub(super) fit: &'a PopulationFit,
    pub(super) options: ReportOptions<'a>,
    pub(super) diagnostics: Diagnostics,
    /// (parameter, natural value by iteration) of stochastic searches, run by run
    pub(super) traces: Vec<(String, Vec<f64>)>,
}

impl<'a> PopulationReport<'a> {
    /// Computes what is shown. `covariates` are (name, one number an individual) beside those of the model.
    ///
    /// # Errors
    /// everything wrong with the problem, or a fit of another one.
    pub fn new(
        problem: &'a PopulationProblem,
        fit: &'a PopulationFit,
        covariates: &[(String, Vec<f64>)],
        diagnostics: DiagnosticOptions,
        options: ReportOptions<'a>,
    ) -> Result<Self, PopulationError> {
        Ok(PopulationReport {
            problem,
            fit,
            options,
            diagnostics: diagnose(problem, fit, covariates, diagnostics)?,
            traces: ways(problem, fit),
        })
    }

    /// What was computed.
    pub fn diagnostics(&self) -> &Diagnostics {
        &self.diagnostics
    }

    /// Everything as (file name, content): `report.html`, the tables `estimates.tsv`, `individuals.tsv`, `predictions.tsv` and
    /// `vpc.tsv`, and the pictures in `pictures/`.
    ///
    /// # Errors
    /// When a picture cannot be drawn.
    pub fn files(&self) -> Result<Vec<(String, Vec<u8>)>, DrawError> {
        let mut files: Vec<(String, Vec<u8>)> =
            vec![("report.html".to_owned(), self.html()?.into_bytes())];
        let mut add = |name: &str, text: String| files.push((name.to_owned(), text.into_bytes()));
        add("estimates.tsv", tables::estimates(self));
        add("individuals.tsv", tables::individuals(self));
        add("predictions.tsv", tables::predictions(self));
        add("vpc.tsv", tables::vpc(self));
        let mut picture = |name: &str, title: &str, mut figure: Figure| {
            if figure.panels.is_empty() {
                return Ok(());
            }
            figure.title = format!("{}: {title}", self.model_name());
            add(&format!("pictures/{name}.svg"), figure.svg()?);
            Ok(())
        };
        picture("parameters", "estimates", parameters("", &self.estimates()))?;
        for (endpoint, members) in self.members() {
            let id = &self.endpoint(endpoint).id;
            let figure = multiples(self, endpoint, &members, &members);
            picture(
                &format!("individuals_{id}"),
                &format!("{id} of individuals"),
                figure,
            )?;
        }
        picture(
            "observed_predicted",
            "observed and predicted",
            observed(self),
        )?;
        picture("residuals", "weighted residuals", weighted(self))?;
        picture("npde", "prediction distribution errors", errors(self))?;
        picture("vpc", "visual predictive check", checks(self))?;
        picture("effects", "random effects", distributions(self))?;
        picture("effect_pairs", "pairs of random effects", pairs(self))?;
        picture(
            "covariates",
            "random effects and covariates",
            covariates(self),
        )?;
        picture("traces", "search", traces(&self.traces))?;
        Ok(files)
    }

    /// Name of the model or models.
    pub(super) fn model_name(&self) -> String {
        self.problem.problem.cohort.name()
    }

    pub(super) fn endpoint(&self, endpoint: usize) -> &Endpoint {
        &self.problem.problem.cohort.endpoints[endpoint]
    }

    /// What people call an endpoint.
    pub(super) fn endpoint_name(&self, endpoint: usize) -> &str {
        let endpoint = self.endpoint(endpoint);
        endpoint.name.as_deref().unwrap_or(&endpoint.id)
    }

    pub(super) fn time_unit(&self, endpoint: usize) -> Option<&str> {
        let cohort = &self.problem.problem.cohort;
        cohort.time_unit_of(self.endpoint(endpoint))
    }

    /// Endpoints that were read.
    pub(super) fn endpoints(&self) -> Vec<usize> {
        let mut found: Vec<usize> = self
            .diagnostics
            .readings
            .iter()
            .map(|r| r.endpoint)
            .collect();
        found.sort_unstable();
        found.dedup();
        found
    }

    /// The estimates as pictures show them.
    pub(super) fn estimates(&self) -> Vec<Estimate> {
        let estimates = self.fit.estimates.iter();
        estimates
            .map(|e| Estimate {
                name: e.id.clone(),
                unit: e.unit.clone(),
                value: e.value,
                interval: e.interval,
                at_bound: e.at_bound,
                truth: self.truth_of(&e.id),
            })
            .collect()
    }

    /// The true value of a parameter of a virtual cohort.
    pub(super) fn truth_of(&self, id: &str) -> Option<f64> {
        let truth = self.options.truth?;
        truth.iter().find(|(known, _)| known == id).map(|(_, v)| *v)
    }

    /// The route of importance sampling.
    fn importance(&self) -> Option<&Route> {
        let mut routes = self.fit.certificate.routes.iter();
        routes.find(|r| !r.k_hat.is_empty())
    }

    /// k-hat of an individual.
    pub(super) fn k_hat(&self, individual: usize) -> Option<f64> {
        *self.importance()?.k_hat.get(individual)?
    }

    /// Name of an effect on an occasion, counted from 1.
    pub(super) fn effect_name(id: &str, occasion: Option<usize>) -> String {
        occasion.map_or_else(|| id.to_owned(), |o| format!("{id}_{}", o + 1))
    }
}

/// (parameter, natural value by iteration) of every run of a stochastic search.
fn ways(problem: &PopulationProblem, fit: &PopulationFit) -> Vec<(String, Vec<f64>)> {
    let table = &problem.problem.parameters;
    let mut found = Vec::new();
    for run in &fit.runs {
        let natural = |x: &Vec<f64>| table.natural(&Search(x.clone())).0;
        let all: Vec<Vec<f64>> = run.trace.iter().map(natural).collect();
        for row in table.estimated() {
            let values = all.iter().map(|natural| natural[row]).collect();
            found.push((table.rows[row].id.clone(), values));
        }
    }
    found
}
