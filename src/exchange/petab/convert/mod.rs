//! Problems in another form: as version 1 or 2 of the format, with our extension or without it, models as SBML.
//!
//! | file | what |
//! |---|---|
//! | `models` | models as SBML |
//! | `units` | numbers in the units of the model |
//! | `plain` | what belongs to the extension is said otherwise, left out with a warning, or refused |
//! | `doses` | doses as periods |
//! | `effects` | random effects as parameters of individuals, with readings of 0 for their distribution |
//! | `start` | values at the start of an experiment as formulas of the parameter table |
//! | `formulas` | observables within formulas, functions that are ours alone |
//! | `priors` | priors of the extension as those of the standard, of version 2 as of version 1 |
//! | `version_1` | tables of version 1 |
//! | `error` | what cannot be said, and what is lost |
//!
//! **What is kept.** Readings, predictions and noise: the log-likelihood, chi2 and their gradients are those of the problem before, but for the
//! unit of parameters; with random effects it is the joint density of readings and effects. Priors may change by a constant factor, with a warning. What the format cannot say is an error.
//!
//! **Priors of the search value.** Version 1 knows densities of the search value that are taken as they stand. On a
//! logarithmic scale the normal one, \\(\exp(-(\ln x - m)^2/2s^2)\\), is but for a constant the density of version 2's log-normal
//! distribution with \\(m + s^2\\) and \\(s\\), whose factor \\(1/x\\) the shift takes up; the uniform one is uniform between the natural limits.
//! Laplace's on a logarithmic scale is none of the standard's.
mod doses;
mod effects;
mod error;
mod formulas;
mod models;
mod plain;
mod priors;
mod start;
mod units;
mod version_1;

pub use error::{ConvertError, ConvertErrorKind, ConvertWarning, ConvertWarningKind, Format};

use super::{
    rows::{PetabProblem, PetabVersion},
    write::version_2,
};
use error::Notes;

/// A problem in another form.
#[derive(Clone, Debug, PartialEq)]
pub struct Converted {
    /// names and contents; the YAML file, `problem.yaml`, is the last
    pub files: Vec<(String, Vec<u8>)>,
    /// what was left out or changed
    pub warnings: Vec<ConvertWarning>,
}

/// Writes a problem in another form.
///
/// Models in our own language become SBML (but for those of version 2 whose experiments have input tables of their own, which
/// stay where the extension is kept); SBML files are copied byte by byte, with the files that they take submodels from.
/// Version 1 has no place for the extension: it is plain always.
///
/// # Errors
/// All parts of the problem that the format cannot say and that change the mathematics, each with file, row and column.
pub fn convert(problem: &PetabProblem, format: Format) -> Result<Converted, Vec<ConvertError>> {
    let mut notes = Notes {
        format,
        errors: Vec::new(),
        warnings: Vec::new(),
    };
    let mut problem = problem.clone();
    let stays = models::stay(&problem, &mut notes);
    if !stays && (format.is_plain() || models::any_own(&problem)) {
        units::to_model(&mut problem, &mut notes);
    }
    if format.version == PetabVersion::V1 {
        formulas::resolve_mappings(&mut problem, &mut notes);
    }
    if format.is_plain() {
        plain::leave_out(&mut problem, &mut notes);
        formulas::inline_observables(&mut problem, &mut notes);
    }
    start::of_parameters(&mut problem, &mut notes);
    if format.is_plain() {
        formulas::spell_out(&mut problem, &mut notes);
    }
    let mut files = Vec::new();
    let locations = models::write(&problem, stays, &mut files, &mut notes);
    match format.version {
        PetabVersion::V1 => version_1::write(&problem, &locations, &mut files, &mut notes),
        PetabVersion::V2 => version_2(&problem, &locations, !format.is_plain(), &mut files),
    }
    match notes.errors.is_empty() {
        true => Ok(Converted {
            files,
            warnings: notes.warnings,
        }),
        false => Err(notes.errors),
    }
}
