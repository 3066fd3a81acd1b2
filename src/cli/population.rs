//! What is told about a fitted population: its likelihood and the certificate in a few lines.
use super::terminal;
use crate::population::{Certificate, Estimator, Method, PopulationFit, Route};
use std::path::Path;

/// A few lines for somebody who watches; in a pipe, only that the fit was interrupted.
pub(super) fn tell(found: &PopulationFit, folder: &Path) {
    if !found.complete {
        terminal::note(
            "interrupted: the best so far was kept, and marked (\"complete\": false); --resume goes on from here",
        );
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
        "-2 ln L = {:.4} by {}, {} parameters, {} individuals{}",
        found.minus_two_log_likelihood,
        name(found.estimator),
        found.estimates.len(),
        found.individuals.len(),
        if boundary.is_empty() {
            String::new()
        } else {
            format!(", boundary variance of {}", boundary.join(", "))
        },
    ));
    for line in certificate(&found.certificate) {
        terminal::note(&line);
    }
    terminal::note(&format!("written to {}", folder.display()));
}

/// The certificate, a line for the routes, one for trust, one for the point.
fn certificate(found: &Certificate) -> Vec<String> {
    let routes: Vec<String> = found.routes.iter().map(route).collect();
    let mut lines = vec![format!("certificate, -2 ln L: {}", routes.join("; "))];
    let mut trust = Vec::new();
    match found.agree {
        Some(true) => trust.push("quadrature and importance sampling agree".to_owned()),
        Some(false) => trust.push("quadrature and importance sampling DISAGREE".to_owned()),
        None => {}
    }
    for route in &found.routes {
        if let Some(k) = route.worst_k_hat {
            trust.push(format!("worst k-hat {k:.2}"));
        }
        if !route.untrusted.is_empty() {
            trust.push(format!("k-hat >= 0.7 for {}", route.untrusted.join(", ")));
        }
    }
    let failed: usize = found.routes.iter().map(|r| r.failed_solves).sum();
    trust.push(format!("{failed} failed solves"));
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
        format!(
            ", {} seeds {agree} (within {:.2} standard errors)",
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
