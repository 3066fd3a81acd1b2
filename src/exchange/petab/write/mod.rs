//! A problem on its way to the disk, as version 2 with the extension: the same problem gives the same bytes.
//!
//! What is written in other forms (version 1, without the extension) lives in [`super::convert`].
mod population;
mod tables;
mod yaml;

pub(super) use tables::overrides;
pub use tables::{measurement_table, simulation_table};
#[cfg(feature = "sbml")]
pub(super) use yaml::quoted;
pub(super) use yaml::{Location, version_2};

use super::{model, rows::PetabProblem};
use crate::exchange::files::{WriteError, write_files};
use std::path::{Path, PathBuf};

/// Name of the YAML file of a problem that is written.
pub(super) const YAML: &str = "problem.yaml";

/// Writes a problem, as [`files`] gives it, into a folder and returns the path of the YAML file, which is put in
/// place last.
pub fn write(problem: &PetabProblem, folder: &Path) -> Result<PathBuf, WriteError> {
    let files = files(problem)?;
    write_files(folder, &files)?;
    Ok(folder.join(YAML))
}

/// The files of a problem: its tables and, last, `problem.yaml`; models that are files stand beside them in the folder `model`.
///
/// # Errors
/// when the files of the model cannot be read.
pub fn files(problem: &PetabProblem) -> Result<Vec<(String, Vec<u8>)>, WriteError> {
    let mut files = Vec::new();
    let locations = model::copies(&problem.models, &mut files)?;
    version_2(problem, &locations, true, &mut files);
    Ok(files)
}
