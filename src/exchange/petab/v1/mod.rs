//! Version 1 of the format: its tables, turned into rows of version 2.
//!
//! The standard: <https://petab.readthedocs.io/en/latest/v1/documentation_data_format.html>. What becomes what:
//!
//! * a pre-equilibration and a simulation condition become an experiment: a steady state, then time 0. A cell `NaN` or an empty one
//!   changes nothing: the model's own initial value, or what the pre-equilibration left;
//! * logarithmic observables become log-normal or log-Laplace noise; noise on the scale of `log10` is multiplied by ln 10, which is the
//!   same density;
//! * placeholders (`observableParameter1_ID`) are declared;
//! * priors are not truncated; those of the parameter scale are densities of the search value;
//! * several `problems` share the parameter table; where two of them use one id for different things, the later one is renamed.
mod conditions;
mod measurements;
mod observables;
mod parameters;

use self::conditions::Conditions;
use super::{read::Rows, sheet::Findings, yaml::ProblemFiles};

/// Reads every table; faults are noted and their rows left out.
pub(super) fn tables(files: &ProblemFiles, findings: &mut Findings) -> Rows {
    let mut rows = Rows::default();
    for file in &files.parameters {
        parameters::read(
            file,
            &mut rows.parameters,
            &mut rows.parameter_origins,
            findings,
        );
    }
    for block in &files.blocks {
        let model = (files.blocks.len() > 1).then(|| files.models[block.model].id.as_str());
        let names = observables::read(&block.observables, model, &mut rows.observables, findings);
        let before = std::mem::take(&mut findings.incomplete);
        let conditions = conditions::read(&block.conditions, &mut rows.unset, findings);
        let known = Conditions {
            complete: !findings.incomplete,
            rows: conditions,
        };
        findings.incomplete |= before;
        measurements::read(
            &block.measurements,
            model,
            &names,
            &known,
            &mut rows,
            findings,
        );
    }
    rows
}

/// Text of a cell of version 1, None where it is empty or one of the words for "not available".
fn available(text: Option<&str>) -> Option<&str> {
    const ABSENT: [&str; 8] = ["nan", "na", "n/a", "#n/a", "null", "none", "<na>", "-nan"];
    text.filter(|text| !ABSENT.contains(&text.to_ascii_lowercase().as_str()))
}
