//! The summary: warnings first, then what was done and a few numbers.
use crate::{
    population::{Estimator, Method, PopulationFit},
    report::{
        html::text::{count, decimal, names, stop},
        population::PopulationReport,
    },
};
use maud::{Markup, html};

/// Names in a warning; the tables have all.
const NAMES: usize = 12;
/// An approximation that is off by more, in -2 ln L, changes what a comparison of models says.
const OFF: f64 = 1.0;

/// A method as people say it.
pub(super) fn method(method: Method) -> &'static str {
    match method {
        Method::Fo => "first order (FO)",
        Method::Foce => "first-order conditional estimation (FOCE)",
        Method::Focei => "first-order conditional estimation with interaction (FOCEI)",
        Method::Laplace => "Laplace's approximation",
        Method::Quadrature => "adaptive Gauss-Hermite quadrature",
        Method::Importance => "importance sampling",
    }
}

/// An estimator as people say it.
pub(super) fn estimator(estimator: Estimator) -> &'static str {
    match estimator.method() {
        Some(own) => method(own),
        None => "stochastic approximation of expectation and maximisation (SAEM)",
    }
}

pub(super) fn section(report: &PopulationReport) -> Markup {
    let warnings = warnings(report);
    html! {
        @if warnings.is_empty() {
            p.fine {
                "No warnings: the best search converged to a stationary point, no estimate lies at a bound, independent routes agree on the likelihood, and no solve failed."
            }
        } @else {
            div.warnings role="note" {
                h3 { (count(warnings.len(), "warning")) }
                ul { @for warning in &warnings { li { (warning) } } }
            }
        }
        (notices(&report.fit.notices))
        (paragraph(report))
        (numbers(report.fit))
    }
}

/// What was odd about the data, and what was made of it.
fn notices(notices: &[String]) -> Markup {
    html! {
        @if !notices.is_empty() {
            div.warnings role="note" {
                h3 { "Of the data" }
                ul { @for notice in notices { li { (notice) } } }
            }
        }
    }
}

fn warnings(report: &PopulationReport) -> Vec<Markup> {
    let (fit, shown) = (report.fit, &report.diagnostics);
    let certificate = &fit.certificate;
    let mut found = Vec::new();
    if !fit.complete {
        found.push(html! { "The fit was interrupted: this is the best found so far." });
    }
    let at_an_end = fit.stop.is_converged() || fit.converged;
    if !at_an_end {
        found.push(html! { "The best search did not converge: " (stop(&fit.stop)) "." });
    }
    if certificate.stationary == Some(false) {
        found.push(html! {
            "The point is not stationary: "
            @match certificate.newton_decrement {
                Some(decrement) => { "a Newton step would still lower −2 ln L by about " (decimal(decrement)) "." }
                None => { "the curvature is not positive definite there." }
            }
            " Standard errors and tests rest on a stationary point."
        });
    }
    if certificate.stationary.is_none() {
        found.push(html! { "Whether the point is stationary is not known: there are too many random effects for the exact gradient, or the curvature is not positive definite." });
    }
    if let Some(seeds) = certificate.seeds.filter(|s| !s.agree) {
        found.push(html! {
            "Runs with different seeds do not agree: the furthest ends " (decimal(seeds.furthest)) " standard errors from their mean. More iterations would tell."
        });
    }
    let boundary: Vec<&str> = fit
        .effects
        .iter()
        .filter(|e| e.boundary)
        .map(|e| e.id.as_str())
        .collect();
    if !boundary.is_empty() {
        found.push(html! {
            "The standard deviation of " (names(&boundary, NAMES))
            " is 0 or at its lower bound: the data show no such variation, or it cannot be told from the noise. Its interval says nothing."
        });
    }
    let at_bound: Vec<&str> = fit
        .estimates
        .iter()
        .filter(|e| e.at_bound)
        .map(|e| e.id.as_str())
        .collect();
    if !at_bound.is_empty() {
        found.push(html! {
            (count(at_bound.len(), "parameter")) " at a bound: " (names(&at_bound, NAMES))
            ". A parameter at a bound has no interval; all other intervals hold it there."
        });
    }
    if let Some(off) = certificate.approximation.filter(|off| off.abs() > OFF) {
        found.push(html! {
            "−2 ln L by " (estimator(fit.estimator)) " is " (decimal(off)) " from the exact one: as an approximation it is poor here, and so may be the estimates. Compare models by the exact likelihood, or fit by quadrature or SAEM."
        });
    }
    if !certificate.higher_modes.is_empty() {
        let ids: Vec<&str> = certificate
            .higher_modes
            .iter()
            .map(String::as_str)
            .collect();
        found.push(html! {
            "The effects of " (names(&ids, NAMES)) " have a higher mode than the one that the search followed, on which its likelihood rests. Fit by SAEM, or begin elsewhere."
        });
    }
    if certificate.agree == Some(false) {
        found.push(html! {
            "The exact routes (quadrature and importance sampling, or two samplings) do not agree within their errors: the likelihood is not known as well as they say."
        });
    }
    for route in &certificate.routes {
        if !route.untrusted.is_empty() {
            let ids: Vec<&str> = route.untrusted.iter().map(String::as_str).collect();
            found.push(html! {
                (method(route.method)) " cannot be trusted for " (names(&ids, NAMES))
                @if route.method == Method::Importance { " (k-hat of 0.7 or more)." } @else { " (the last finer grid still moved it by more than 0.01, or it may miss peaks)." }
            });
        }
        if let Some(failure) = &route.failure {
            found.push(html! { "No likelihood by " (method(route.method)) ": " (failure) "." });
        }
        if route.failed_solves > 0 {
            found.push(html! {
                (count(route.failed_solves, "solve")) " failed on the way of " (method(route.method))
                @if !route.failed_individuals.is_empty() {
                    ", of " (names(&route.failed_individuals.iter().map(String::as_str).collect::<Vec<_>>(), NAMES))
                }
                "; they count as impossible."
            });
        }
    }
    if !shown.without_mode.is_empty() {
        found.push(html! {
            (count(shown.without_mode.len(), "individual")) " without a likelihood: "
            @for (i, (id, why)) in shown.without_mode.iter().take(NAMES).enumerate() {
                @if i > 0 { "; " } code { (id) } " (" (why) ")"
            }
            @if shown.without_mode.len() > NAMES { " and " (shown.without_mode.len() - NAMES) " more" }
            ". They have no residuals and no curves."
        });
    }
    let failures: usize = shown.failed_simulations.iter().map(|f| f.1).sum();
    if failures > 0 {
        let ids: Vec<&str> = shown
            .failed_simulations
            .iter()
            .map(|f| f.0.as_str())
            .collect();
        found.push(html! {
            (count(failures, "simulated draw")) " of " (shown.options.replicates * report.problem.individuals.len())
            " failed (a solve, or an impossible prediction) and are missing in predictive checks and prediction errors: " (names(&ids, NAMES)) "."
        });
    }
    if !shown.without_npde.is_empty() {
        let ids: Vec<&str> = shown.without_npde.iter().map(String::as_str).collect();
        found.push(html! {
            "No prediction distribution errors for " (names(&ids, NAMES))
            ": their simulated readings have no covariance of full rank, or there are too few of them."
        });
    }
    if fit.searches.1 > 0 {
        found.push(html! {
            (fit.searches.1) " of " (fit.searches.0) " local searches never had a value."
        });
    }
    found
}

fn paragraph(report: &PopulationReport) -> Markup {
    let fit = report.fit;
    let (readings, censored) = fit.readings;
    let covariates = report.problem.covariate_effects.len();
    html! {
        p {
            "The model " code { (report.model_name()) } " was fitted to " (count(report.problem.individuals.len(), "individual"))
            " with " (count(readings, "reading")) " of " (count(report.endpoints().len(), "observable"))
            @if censored > 0 { ", " (censored) " of them censored" }
            ". "
            @if fit.effects.is_empty() { "Individuals have no random effects. " }
            @else { "Individuals differ by " (count(fit.effects.len(), "random effect")) @if covariates > 0 { " and " (count(covariates, "covariate effect")) } ". " }
             (count(fit.estimates.len(), "parameter"))
            @if fit.estimates.len() == 1 { " was" } @else { " were" }
            " estimated by " (estimator(fit.estimator)) " in " (fit.searches.0)
            @if fit.searches.0 == 1 { " search" } @else { " searches" }
            ". The best search ended because " (stop(&fit.stop)) "."
        }
        @if fit.modes.len() > 1 {
            p { "The searches found " (fit.modes.len()) " distinct optima; the best is shown, the others stand among the estimates." }
        }
    }
}

fn numbers(fit: &PopulationFit) -> Markup {
    let tiles = [
        ("−2 ln L", decimal(fit.minus_two_log_likelihood)),
        ("OFV (−2 ln L − n ln 2π)", decimal(fit.ofv)),
        ("log-prior", decimal(fit.log_prior)),
        ("AIC, by this method", decimal(fit.criteria.aic)),
        ("BICc, by this method", decimal(fit.criteria.bicc)),
        ("parameters estimated", fit.estimates.len().to_string()),
    ];
    html! {
        dl.numbers {
            @for (name, value) in &tiles { div { dt { (name) } dd { (value) } } }
        }
    }
}
