//! The certificate of a population fit: the likelihood by every route, trust in importance sampling, gradient, failed solves.
use super::summary::method;
use crate::report::{
    axes::short_number,
    html::text::{decimal, names},
    population::PopulationReport,
};
use maud::{Markup, html};

pub(super) fn section(report: &PopulationReport) -> Markup {
    let certificate = &report.fit.certificate;
    let mut checks: Vec<(&str, Markup)> = vec![
        (
            "quadrature and importance sampling agree",
            match certificate.agree {
                Some(true) => {
                    html! { "yes, within three standard errors and the error of quadrature" }
                }
                Some(false) => html! { span.flag { "no" } },
                None => {
                    html! { "not known: quadrature cannot be done with so many effects, or one of the two has no value" }
                }
            },
        ),
        (
            "largest entry of the gradient",
            match certificate.gradient {
                Some(gradient) => {
                    html! { (short_number(gradient)) " on the search scale, entries at a bound left out" }
                }
                None => {
                    html! { "not known: there are too many random effects for the exact gradient" }
                }
            },
        ),
        (
            "Newton decrement",
            match certificate.newton_decrement {
                Some(decrement) => {
                    html! { (short_number(decrement)) ": what a Newton step would still change −2 ln L by" }
                }
                None if certificate.gradient.is_none() => html! { "not known" },
                None => html! { span.flag { "none" } ": the curvature is not positive definite" },
            },
        ),
        (
            "stationary",
            match certificate.stationary {
                Some(true) => html! { "yes (the decrement is small)" },
                Some(false) => html! { span.flag { "no" } },
                None => html! { "not known" },
            },
        ),
        (
            "searches",
            html! { (report.fit.searches.0) ", of which " (report.fit.searches.1) " had no value" },
        ),
    ];
    if !report.fit.modes.is_empty() {
        checks.push(("distinct optima found", html! { (report.fit.modes.len()) }));
    }
    if let Some(seeds) = certificate.seeds {
        checks.push((
            "runs with different seeds agree",
            html! {
                @if seeds.agree { "yes" } @else { span.flag { "no" } }
                ": the furthest of " (seeds.runs) " ends " (short_number(seeds.furthest)) " standard errors from their mean"
            },
        ));
    }
    let newton_steps = report.fit.runs.iter().map(|run| run.newton_steps);
    let newton_steps: usize = newton_steps.sum();
    if newton_steps > 0 {
        checks.push((
            "Newton steps",
            html! { (newton_steps) " over all runs, on the exact likelihood: the rounds of SAEM had not arrived" },
        ));
    }
    let failed = certificate.routes.iter().any(|r| r.failure.is_some());
    html! {
        p {
            "What stands behind the fit: the marginal likelihood at the estimates by independent routes. FOCEI and Laplace's approximation have errors that they do not know; quadrature knows the change of its last finer grid, importance sampling its standard error and, by k-hat, whether that can be trusted."
        }
        div.table { table {
            thead { tr {
                th { "route" } th.n { "−2 ln L" } th.n { "error" } th.n { "nodes" } th.n { "worst k-hat" }
                th { "k-hat of 0.7 or more" } th.n { "failed solves" } @if failed { th { "" } }
            } }
            tbody {
                @for route in &certificate.routes {
                    tr {
                        td { (method(route.method)) @if Some(route.method) == report.fit.estimator.method() { " " span.name { "the fit's own" } }
                            @if let Some(differs) = &route.differs { " " span.name { (differs) } } }
                        td.n { (route.minus_two_log_likelihood.map_or_else(|| "none".to_owned(), decimal)) }
                        td.n { (route.error.map_or_else(|| "unknown".to_owned(), short_number)) }
                        td.n { @if let Some(nodes) = route.nodes { (nodes) } }
                        td.n { @if let Some(k) = route.worst_k_hat { (format!("{k:.2}").replace('-', "−")) } }
                        td {
                            @if route.untrusted.is_empty() {
                                @if route.worst_k_hat.is_some() { "nobody" }
                            } @else {
                                @let ids: Vec<&str> = route.untrusted.iter().map(String::as_str).collect();
                                span.flag { (names(&ids, 20)) }
                            }
                        }
                        td.n { (route.failed_solves) }
                        @if failed { td { @if let Some(failure) = &route.failure { span.flag { "failed" } " " (failure) } } }
                    }
                }
            }
        } }
        div.table { table { tbody {
            @for (name, value) in &checks { tr { td { (name) } td { (value) } } }
        } } }
    }
}
