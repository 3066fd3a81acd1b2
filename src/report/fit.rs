//! A fitted cohort as files: tables of parameters, starts, iterations and readings, and the pictures.
use super::{
    contents::Report,
    data_and_fit::{Observed, subject_fit},
    draw::DrawError,
    pictures::{Estimate, Start, parameters, waterfall},
    residuals::observed_against_predicted,
};
use crate::{
    cohort::{Cohort, Simulation},
    exchange::tables::{TableWriter, number_text},
    fit::{Bound, Fit, FitProblem, StartSummary, StopReason},
    noise::Reading,
};

impl Report<'_> {
    /// Everything as (file name, content): `report.html`, and of a fit the tables `parameters.csv`, `starts.csv`, `history.csv`,
    /// `readings.csv` and the pictures `pictures/parameters.svg`, `pictures/waterfall.svg`, `pictures/observed_predicted.svg` and
    /// `pictures/subject_ID.svg` for every subject.
    ///
    /// # Errors
    /// When a picture cannot be drawn.
    pub fn files(&self) -> Result<Vec<(String, Vec<u8>)>, DrawError> {
        let mut files: Vec<(String, Vec<u8>)> = Vec::new();
        let mut add = |name: &str, text: String| files.push((name.to_owned(), text.into_bytes()));
        add("report.html", self.html()?);
        let Some(fit) = self.fit else {
            return Ok(files);
        };
        add("parameters.csv", parameter_csv(self.problem, fit));
        add("starts.csv", starts_csv(self.problem, fit));
        add("history.csv", history_csv(fit));
        add(
            "readings.csv",
            readings_csv(&self.problem.cohort, &self.simulations),
        );
        let model = self.model_name();
        let estimates = self.estimates(|_| true);
        add(
            "pictures/parameters.svg",
            parameters(&format!("{model}: estimates"), &estimates).svg()?,
        );
        add(
            "pictures/waterfall.svg",
            waterfall(&format!("{model}: local searches"), &starts(fit)).svg()?,
        );
        let title = format!("{model}: observed and predicted");
        add(
            "pictures/observed_predicted.svg",
            observed_against_predicted(&title, &self.compared()).svg()?,
        );
        for (subject, curves) in self.problem.cohort.subjects.iter().zip(&self.curves) {
            let endpoints: Vec<Observed> = curves.iter().map(|c| c.1.clone()).collect();
            let model = &self.problem.cohort.models[subject.model];
            let figure = subject_fit(
                &format!("{}: {}", model.id, subject.id),
                model.system.time_unit(),
                &endpoints,
            );
            add(
                &format!("pictures/subject_{}.svg", subject.id),
                figure.svg()?,
            );
        }
        Ok(files)
    }

    /// The estimates whose search entries are wanted, as pictures show them; none without a fit.
    pub(super) fn estimates(&self, wanted: impl Fn(usize) -> bool) -> Vec<Estimate> {
        let estimates = self.fit.map_or(&[][..], |fit| &fit.uncertainty.estimates);
        estimates
            .iter()
            .enumerate()
            .filter(|(entry, _)| wanted(*entry))
            .map(|(_, e)| Estimate {
                name: e.id.clone(),
                unit: e.unit.clone(),
                value: e.value,
                interval: e.interval,
                at_bound: e.at_bound.is_some(),
                truth: self.truth_of(&e.id),
            })
            .collect()
    }

    /// The true value of a parameter of a virtual cohort.
    pub(super) fn truth_of(&self, id: &str) -> Option<f64> {
        let truth = self.options.truth?;
        truth.iter().find(|(known, _)| known == id).map(|(_, v)| *v)
    }
}

/// The searches of a fit, as pictures show them.
pub(super) fn starts(fit: &Fit) -> Vec<Start> {
    begun(fit)
        .map(|s| Start {
            objective: s.value.map_or(f64::NAN, |v| -v),
            converged: s.stop.is_converged(),
        })
        .collect()
}

/// The searches that were begun before the fit was interrupted.
pub(super) fn begun(fit: &Fit) -> impl Iterator<Item = &StartSummary> {
    fit.starts
        .iter()
        .filter(|s| s.value.is_some() || s.stop != StopReason::Interrupted)
}

fn cell(value: Option<f64>) -> String {
    value.map_or_else(String::new, number_text)
}

fn parameter_csv(problem: &FitProblem, fit: &Fit) -> String {
    let percent = number_text((fit.uncertainty.level * 1e4).round() / 100.0);
    let (low, high) = (format!("lower_{percent}"), format!("upper_{percent}"));
    let columns = [
        "parameterId",
        "name",
        "unit",
        "estimated",
        "value",
        "standard_error",
        &low,
        &high,
        "at_bound",
        "determined",
        "lowerBound",
        "upperBound",
    ];
    let mut writer = TableWriter::csv(&columns);
    for row in &problem.parameters.rows {
        let estimate = fit.uncertainty.estimates.iter().find(|e| e.id == row.id);
        let bound = match estimate.and_then(|e| e.at_bound) {
            Some(Bound::Lower) => "lower",
            Some(Bound::Upper) => "upper",
            None => "",
        };
        writer.row([
            row.id.clone(),
            row.name.clone().unwrap_or_default(),
            row.unit.clone().unwrap_or_default(),
            row.estimate.to_string(),
            number_text(estimate.map_or(row.nominal, |e| e.value)),
            cell(estimate.and_then(|e| e.standard_error)),
            cell(estimate.and_then(|e| e.interval).map(|i| i.0)),
            cell(estimate.and_then(|e| e.interval).map(|i| i.1)),
            bound.to_owned(),
            estimate.map_or_else(String::new, |e| e.determined.to_string()),
            cell(row.estimate.then_some(row.lower)),
            cell(row.estimate.then_some(row.upper)),
        ]);
    }
    writer.finish()
}

/// A word of an enum as serde writes it.
pub(super) fn word(value: &impl serde::Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        Ok(serde_json::Value::Object(map)) => map
            .get("reason")
            .and_then(|r| r.as_str())
            .map(str::to_owned)
            .or_else(|| map.keys().next().cloned())
            .unwrap_or_default(),
        _ => String::new(),
    }
}

fn starts_csv(problem: &FitProblem, fit: &Fit) -> String {
    let mut columns = vec![
        "start",
        "origin",
        "objective",
        "stop",
        "iterations",
        "evaluations",
        "infeasible",
    ];
    let ids: Vec<&str> = fit
        .uncertainty
        .estimates
        .iter()
        .map(|e| e.id.as_str())
        .collect();
    columns.extend(&ids);
    debug_assert_eq!(ids.len(), problem.parameters.estimated().len());
    let mut writer = TableWriter::csv(&columns);
    for start in begun(fit) {
        let head = [
            start.start.to_string(),
            word(&start.origin),
            cell(start.value),
            word(&start.stop),
            start.iterations.to_string(),
            (start.counts.values + start.counts.gradients).to_string(),
            start.counts.infeasible.to_string(),
        ];
        writer.row(
            head.into_iter()
                .chain(start.to.iter().map(|v| number_text(*v))),
        );
    }
    writer.finish()
}

fn history_csv(fit: &Fit) -> String {
    let mut writer = TableWriter::csv(&[
        "iteration",
        "objective",
        "projected_gradient",
        "trust_radius",
    ]);
    for record in &fit.history {
        writer.row([
            record.iteration.to_string(),
            number_text(record.value),
            number_text(record.gradient),
            number_text(record.radius),
        ]);
    }
    writer.finish()
}

fn readings_csv(cohort: &Cohort, simulations: &[Simulation]) -> String {
    let columns = [
        "subject",
        "endpoint",
        "time",
        "censoring",
        "reading",
        "upper",
        "prediction",
        "noise",
        "ln_density",
        "chi2",
    ];
    let mut writer = TableWriter::csv(&columns);
    for (subject, simulation) in cohort.subjects.iter().zip(simulations) {
        for (visit, prediction) in subject.visits.iter().zip(&simulation.predictions) {
            let (censoring, value, upper) = match visit.reading {
                Reading::Value(v) => ("none", v, None),
                Reading::Below(v) => ("left", v, None),
                Reading::Above(v) => ("right", v, None),
                Reading::Between(a, b) => ("interval", a, Some(b)),
            };
            writer.row([
                subject.id.clone(),
                cohort.endpoints[visit.endpoint].id.clone(),
                number_text(visit.time),
                censoring.to_owned(),
                number_text(value),
                cell(upper),
                cell(prediction.arguments.first().copied()),
                prediction
                    .arguments
                    .iter()
                    .skip(1)
                    .map(|v| number_text(*v))
                    .collect::<Vec<_>>()
                    .join(";"),
                number_text(prediction.ln_density),
                cell(prediction.chi2),
            ]);
        }
    }
    writer.finish()
}
