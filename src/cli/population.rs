//! What is told about a fitted population: its likelihood and the certificate in a few lines.
use super::terminal;
use crate::population::{Certificate, Estimator, Method, PopulationFit, Route};
use std::path::Path;

/// What must not be overlooked, then a few lines for somebody who watches.
pub(super) fn tell(found: &PopulationFit, folder: &Path) {
    if !found.complete {
        terminal::note(
            "interrupted: the best so far was kept, and marked (\"complete\": false); --resume goes on from here",
        );
    }
    for doubt in doubts(found) {
        terminal::warning(&doubt);
    }
    if !terminal::is_watched() {
        return;
    }
    let boundary: Vec<&str> = found
        .effects
        .iter()
        .filter(|e| e.boundary)
        .map(|e| e.id.as_str())
        .collect();
    terminal::note(&format!(
        "-2 ln L = {:.4} by {}, {} parameters, {} individuals, {}{}{}",
        found.minus_two_log_likelihood,
        name(found.estimator),
        found.estimates.len(),
        found.individuals.len(),
        if found.converged {
            "converged"
        } else {
            "NOT converged"
        },
        if boundary.is_empty() {
            String::new()
        } else {
            format!(", boundary variance of {}", boundary.join(", "))
        },
        match found.modes.len() {
            0 | 1 => String::new(),
            count => format!(", {count} distinct optima (the others stand in the report)"),
        },
    ));
    for line in certificate(found) {
        terminal::note(&line);
    }
    terminal::note(&format!("written to {}", folder.display()));
}

/// An approximation that is off by more changes what a comparison of models says.
const OFF: f64 = 1.0;

/// Why a fit may not be what it looks like, a line each; told in a pipe, too.
fn doubts(found: &PopulationFit) -> Vec<String> {
    let certificate = &found.certificate;
    let mut doubts = Vec::new();
    if found.complete && !found.stop.is_converged() && !found.converged {
        doubts.push("the best search did not converge (report.html says why)".to_owned());
    }
    if certificate.stationary == Some(false) {
        doubts.push("the end is not a stationary point: no maximum of the likelihood".to_owned());
    }
    if certificate.seeds.is_some_and(|s| !s.agree) {
        doubts.push("runs of SAEM with different seeds do not agree".to_owned());
    }
    if !certificate.higher_modes.is_empty() {
        doubts.push(format!(
            "the effects of {} have a higher mode than the one that the search followed; fit with --estimator saem, or begin elsewhere",
            certificate.higher_modes.join(", ")
        ));
    }
    if certificate.agree == Some(false) {
        doubts.push(format!(
            "{} do NOT agree on the likelihood",
            exact(certificate)
        ));
    }
    if let Some(off) = certificate.approximation.filter(|off| off.abs() > OFF) {
        doubts.push(format!(
            "-2 ln L by {} is {off:+.2} from the exact one; compare models by the exact one, or fit with --estimator quadrature or saem",
            name(found.estimator)
        ));
    }
    doubts
}

/// The two exact routes in words.
fn exact(found: &Certificate) -> &'static str {
    let by_quadrature = found.routes.iter().any(|r| r.method == Method::Quadrature);
    if by_quadrature {
        "quadrature and importance sampling"
    } else {
        "two importance samplings"
    }
}

/// The certificate, a line for the routes, one for trust, one for the point.
fn certificate(fit: &PopulationFit) -> Vec<String> {
    let found = &fit.certificate;
    let routes: Vec<String> = found.routes.iter().map(route).collect();
    let mut lines = vec![format!("certificate, -2 ln L: {}", routes.join("; "))];
    let mut trust = Vec::new();
    match found.agree {
        Some(true) => trust.push(format!("{} agree", exact(found))),
        Some(false) => trust.push(format!("{} DISAGREE", exact(found))),
        None => {}
    }
    for route in &found.routes {
        if let Some(k) = route.worst_k_hat {
            trust.push(format!("worst k-hat {k:.2}"));
        }
        if !route.untrusted.is_empty() {
            let who = route.untrusted.join(", ");
            trust.push(format!(
                "{} is not to be trusted for {who}",
                route.method.name()
            ));
        }
    }
    let failed: usize = found.routes.iter().map(|r| r.failed_solves).sum();
    let mut whose: Vec<&str> = (found.routes.iter())
        .flat_map(|r| &r.failed_individuals)
        .map(String::as_str)
        .collect();
    whose.sort_unstable();
    whose.dedup();
    trust.push(match whose.len() {
        0 => format!("{failed} failed solves"),
        _ => format!("{failed} failed solves, of {}", whose.join(", ")),
    });
    lines.push(format!("certificate: {}", trust.join(", ")));
    let number =
        |value: Option<f64>| value.map_or_else(|| "unknown".to_owned(), |v| format!("{v:.1e}"));
    let stationary = match found.stationary {
        Some(true) => "stationary",
        Some(false) => "NOT stationary",
        None => "stationary or not is unknown",
    };
    let seeds = found.seeds.map_or_else(String::new, |s| {
        let agree = if s.agree { "agree" } else { "DISAGREE" };
        let newton = match fit.runs.iter().map(|run| run.newton_steps).max() {
            None | Some(0) => String::new(),
            Some(most) => format!(" after up to {most} Newton steps on the exact likelihood"),
        };
        format!(
            ", {} seeds {agree} (within {:.2} standard errors){newton}",
            s.runs, s.furthest
        )
    });
    lines.push(format!(
        "certificate: {stationary}, gradient {}, Newton decrement {}{seeds}",
        number(found.gradient),
        number(found.newton_decrement),
    ));
    lines
}

/// Its name on the command line.
fn name(estimator: Estimator) -> &'static str {
    estimator.method().map_or("saem", Method::name)
}

fn route(route: &Route) -> String {
    let name = route.method.name();
    match (route.minus_two_log_likelihood, route.error) {
        (Some(value), Some(error)) => format!("{name} {value:.4} +- {error:.1e}"),
        (Some(value), None) => format!("{name} {value:.4}"),
        (None, _) => format!("{name} none"),
    }
}
