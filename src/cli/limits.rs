//! Detection limits on the command line: `--limit OBSERVABLE=VALUE`.
use super::{Failure, times::parse_quantity};
use crate::{
    cohort::{Cohort, DetectionLimit},
    expr::suggest,
    noise::Reading,
};

/// Reads the limits; an observable of several models is an endpoint of each.
pub(super) fn limits(texts: &[String], cohort: &Cohort) -> Result<Vec<DetectionLimit>, Failure> {
    let mut limits = Vec::new();
    for text in texts {
        let Some((id, value)) = text.split_once('=') else {
            return Err(Failure::Usage(format!(
                "--limit takes ID=VALUE, not `{text}`"
            )));
        };
        // an observable of several models is an endpoint of each
        let endpoints = &cohort.endpoints;
        let own: Vec<usize> = (0..endpoints.len())
            .filter(|&e| endpoints[e].id == id.trim())
            .collect();
        if own.is_empty() {
            let near = suggest(id, endpoints.iter().map(|e| e.id.as_str()));
            let hint = near
                .first()
                .map(|n| format!("; did you mean `{n}`?"))
                .unwrap_or_default();
            return Err(Failure::Input(vec![format!(
                "--limit {text}: unknown observable `{id}`{hint}"
            )]));
        }
        for endpoint in own {
            let limit = parse_quantity(value, endpoints[endpoint].unit.as_deref(), id)
                .map_err(|e| Failure::Input(vec![format!("--limit {text}: {e}")]))?;
            let below = Reading::Below(limit);
            if let Err(reason) = endpoints[endpoint].noise.check(&below) {
                return Err(Failure::Input(vec![format!("--limit {text}: {reason}")]));
            }
            if limits
                .iter()
                .any(|l: &DetectionLimit| l.endpoint == endpoint)
            {
                let message = format!("--limit {text}: `{}` has a limit already", id.trim());
                return Err(Failure::Input(vec![message]));
            }
            limits.push(DetectionLimit { endpoint, limit });
        }
    }
    Ok(limits)
}
