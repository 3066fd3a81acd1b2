//! Calibration: the findings that may be fitted to, written as a PEtab problem over a model's own file.
//!
//! A subject lives three years untreated, then its treatment begins on day 0; every arm of a finding is an experiment. A contrast is two
//! readings, one of each arm, over a level of its own that is estimated beside the parameters: of two normal readings with
//! standard deviation s/sqrt(2) around a free level, the difference has the standard deviation s. So the log-likelihood at its best level is that of
//! the contrast, whatever the arms' level is. Ratios are compared by their logarithms. s is the half-width of the
//! 95 % interval over 1.96. Behaviour that the model was asked to have stands in a table of the same form and is fitted like a finding.
mod design;
mod ensemble;
mod experiments;
mod information;
mod readings;
mod start;
mod walk;

pub use design::{Design, DesignError};
pub use ensemble::{Ensemble, EnsembleError, EnsembleOptions};
pub use information::{Calibrated, Information, NotDefinite};
pub use start::read_start;

use super::evaluate::{Outcome, references, score_at};
use super::target::{Quantities, Target};
use crate::compile::System;
use crate::exchange::model::Model;
use std::collections::BTreeMap;

/// A PEtab problem in texts, and what became of the findings.
#[derive(Clone, Debug, PartialEq)]
pub struct Calibration {
    /// name and text of each file
    pub files: Vec<(String, String)>,
    /// the findings and the behaviour that are fitted
    pub used: Vec<Target>,
    /// ids of those that the model cannot speak of, and why
    pub left_out: Vec<(String, String)>,
    /// parameters whose search begins at a starting value of their own
    pub started: usize,
}

/// Writes the problem: `location` is where the YAML file finds the model.
///
/// # Errors
/// Words of the design that fit no parameter, starting values of what is not free or outside its range, free parameters without a range, scenarios that the tables cannot hold, findings that the
/// model could speak of whose solve fails.
pub fn calibration(
    model: &Model,
    system: &System,
    targets: &[Target],
    quantities: &Quantities,
    design: &Design,
    location: &str,
) -> Result<Calibration, Vec<DesignError>> {
    let mut rows: Vec<Target> = targets.iter().filter(|t| !t.held_out()).cloned().collect();
    rows.extend(design.behaviour.iter().cloned());
    let started = design.started(model, system)?;
    let (mut used, mut left_out, mut errors) = (Vec::new(), Vec::new(), Vec::new());
    for scored in score_at(model, system, &started, &rows, quantities) {
        match scored.outcome {
            Outcome::Contrast(_) => used.push(scored.target),
            Outcome::NotRepresentable(why) => left_out.push((scored.target.id, why)),
            Outcome::Failed(why) => {
                let id = scored.target.id;
                errors.push(DesignError::Failed { id, why });
            }
        }
    }
    if !errors.is_empty() {
        return Err(errors);
    }
    let references = references(model, system, &started, &used, quantities);
    let mut experiments = experiments::Experiments::new(model, system);
    let (observables, measurements, levels) =
        readings::tables(&used, &references, quantities, &mut experiments).map_err(|e| vec![e])?;
    let parameters = design.parameters(model, &levels)?;
    let yaml = format!(
        "format_version: 2.0.0\nmodel_files:\n  {}:\n    language: holobiont\n    location: \"{location}\"\n{}extensions:\n  holobiont:\n    version: \"1\"\n    required: true\n    input_files: [inputs.tsv]\n",
        system.id(),
        [
            "parameter",
            "observable",
            "condition",
            "experiment",
            "measurement"
        ]
        .map(|table| format!("{table}_files:\n- {table}s.tsv\n"))
        .concat(),
    );
    let mut files: BTreeMap<String, String> = experiments.finish();
    files.insert("parameters.tsv".to_string(), parameters);
    files.insert("observables.tsv".to_string(), observables);
    files.insert("measurements.tsv".to_string(), measurements);
    let mut files: Vec<(String, String)> = files.into_iter().collect();
    files.push(("problem.yaml".to_string(), yaml));
    Ok(Calibration {
        files,
        used,
        left_out,
        started: started.len(),
    })
}
