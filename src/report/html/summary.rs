//! The summary: warnings first, then what was done in one paragraph and a few numbers.
use super::text::{count, decimal, names, stop};
use crate::{
    cohort::Subject,
    fit::Fit,
    report::{contents::Report, fit::begun},
    solve::Status,
};
use maud::{Markup, html};

/// Searches this close to the best (in ln p) found the same optimum.
const SAME: f64 = 0.1;
/// Names in a warning; the tables have all.
const NAMES: usize = 12;

pub(super) fn section(report: &Report) -> Markup {
    let warnings = warnings(report);
    html! {
        @if warnings.is_empty() {
            p.fine { "No warnings: " (no_warnings(report)) }
        } @else {
            div.warnings role="note" {
                h3 { (count(warnings.len(), "warning")) }
                ul { @for warning in &warnings { li { (warning) } } }
            }
        }
        (paragraph(report))
        (numbers(report))
    }
}

fn no_warnings(report: &Report) -> &'static str {
    if report.fit.is_some() {
        "the best search converged, no estimate lies at a bound, all parameters are identified, every subject was solved."
    } else {
        "every subject was solved."
    }
}

fn warnings(report: &Report) -> Vec<Markup> {
    let mut found = Vec::new();
    if let Some(fit) = report.fit {
        fit_warnings(fit, &mut found);
    }
    let subjects = report.problem.cohort.subjects.iter();
    let failed: Vec<(&Subject, String)> = subjects
        .zip(&report.simulations)
        .filter_map(|(subject, simulation)| match &simulation.status {
            Status::Failed { time, cause } => Some((subject, format!("at time {time}: {cause}"))),
            Status::Finished => None,
        })
        .collect();
    if !failed.is_empty() {
        found.push(html! {
            (count(failed.len(), "subject")) " could not be solved, and nothing is predicted for them: "
            @for (i, (subject, why)) in failed.iter().take(NAMES).enumerate() {
                @if i > 0 { "; " }
                code { (subject.id) } " " (why)
            }
            @if failed.len() > NAMES { " and " (failed.len() - NAMES) " more" }
            "."
        });
    } else if report.likelihood.is_none() {
        found.push(
            html! { "At these parameters a reading has no probability: there is no likelihood." },
        );
    }
    if report.fit.is_some() && !report.has_covariance {
        found.push(html! { "The Fisher matrix could not be computed: bands show the noise of the readings alone." });
    }
    found
}

fn fit_warnings(fit: &Fit, found: &mut Vec<Markup>) {
    let estimates = &fit.uncertainty.estimates;
    if !fit.complete {
        found.push(html! { "The fit was interrupted: this is the best found so far." });
    }
    if !fit.stop.is_converged() {
        found.push(html! { "The best search did not converge: " (stop(&fit.stop)) "." });
    }
    let at_bound: Vec<&str> = estimates
        .iter()
        .filter(|e| e.at_bound.is_some())
        .map(|e| e.id.as_str())
        .collect();
    if !at_bound.is_empty() {
        found.push(html! {
            (count(at_bound.len(), "parameter")) " at a bound: " (names(&at_bound, NAMES))
            ". A parameter at a bound has no interval; all other intervals hold it there."
        });
    }
    let loose: Vec<&str> = estimates
        .iter()
        .filter(|e| !e.determined)
        .map(|e| e.id.as_str())
        .collect();
    if !loose.is_empty() {
        found.push(html! {
            (count(loose.len(), "parameter")) " not identified by the data: " (names(&loose, NAMES))
            ". Only " (fit.uncertainty.rank) " of " (fit.uncertainty.free)
            " free directions are determined; the bands hold the rest at the estimate."
        });
    }
    if fit.failures > 0 {
        found.push(html! {
            (fit.failures) " of " (fit.starts.len()) " local searches never had a value: a subject's solve failed, or a reading had no probability, at every draw of the start."
        });
    }
    let converged = begun(fit).filter(|s| s.stop.is_converged()).count();
    if converged > 2 && near_best(fit) == 1 {
        found.push(html! {
            "Only one search reached the best value: there may be a better one. More starts would tell."
        });
    }
}

/// Converged searches that found the best optimum.
fn near_best(fit: &Fit) -> usize {
    begun(fit)
        .filter(|s| s.value.is_some_and(|v| v - fit.value <= SAME))
        .count()
}

fn paragraph(report: &Report) -> Markup {
    let subjects = &report.problem.cohort.subjects;
    let visits = || subjects.iter().flat_map(|s| &s.visits);
    let (readings, censored) = (
        visits().count(),
        visits().filter(|v| v.reading.is_censored()).count(),
    );
    html! {
        p {
            "The model " code { (report.model_name()) } " was "
            @if report.fit.is_some() { "fitted to " } @else { "evaluated on " }
            (count(subjects.len(), "subject")) " with " (count(readings, "reading")) " of "
            (count(report.problem.cohort.endpoints.len(), "observable"))
            @if censored > 0 { ", " (censored) " of them censored" }
            ". "
            @if let Some(fit) = report.fit {
                (count(fit.provenance.parameters, "parameter")) " "
                @if fit.provenance.parameters == 1 { "was" } @else { "were" }
                " estimated from " (begun(fit).count()) " starts. The best search ended after "
                (count(fit.history.last().map_or(0, |r| r.iteration as usize), "iteration")) ", because "
                (stop(&fit.stop)) "; " (near_best(fit)) " of " (begun(fit).count())
                " searches came within " (SAME) " of its value."
            } @else {
                "Nothing was estimated: all parameters have the values that were given."
            }
        }
    }
}

fn numbers(report: &Report) -> Markup {
    let mut tiles: Vec<(&str, String)> = Vec::new();
    if let Some(likelihood) = &report.likelihood {
        tiles.push(("log-likelihood", decimal(likelihood.log_likelihood)));
        tiles.push(("log-prior", decimal(likelihood.log_prior)));
        tiles.push((
            "chi²",
            likelihood.chi2.map_or_else(|| "none".to_owned(), decimal),
        ));
    }
    if let Some(fit) = report.fit {
        tiles.push(("objective (−ln p)", decimal(fit.value)));
        let uncertainty = &fit.uncertainty;
        tiles.push((
            "parameters estimated",
            fit.provenance.parameters.to_string(),
        ));
        tiles.push((
            "determined directions",
            format!("{} of {}", uncertainty.rank, uncertainty.free),
        ));
    }
    html! {
        dl.numbers {
            @for (name, value) in &tiles { div { dt { (name) } dd { (value) } } }
        }
    }
}
