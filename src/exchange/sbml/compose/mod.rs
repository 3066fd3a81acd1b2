//! Hierarchies of models (SBML Level 3 package comp, version 1 release 3, doi:10.1515/jib-2015-268) made one flat model.
//!
//! | file | what |
//! |---|---|
//! | `library` | the models that can be instantiated, of this file and of those beside it |
//! | `index` | the parts of a model, numbered and by name |
//! | `instances` | the tree of instances, and how large it may become |
//! | `links` | deletions and replacements, resolved |
//! | `values` | what a name of a submodel means in the flat model: prefixes and conversion factors |
//! | `flatten` | the parts that are left, joined |
mod flatten;
mod index;
mod instances;
mod library;
mod links;
#[cfg(test)]
mod tests;
mod values;

use super::document::{Document, Model};
use super::error::SbmlError;
use library::Library;
pub(in crate::exchange) use library::external_files;
use std::path::Path;

/// The main model of a document without submodels. `file` is where the document was read from.
pub(super) fn compose(document: Document, file: Option<&Path>) -> Result<Model, Vec<SbmlError>> {
    let mut library = Library::new(document, file).map_err(|error| vec![error])?;
    let main = library.main();
    if library.templates[main].index.is_flat() {
        return Ok(library.templates.swap_remove(main).model);
    }
    let instances = instances::instantiate(&mut library).map_err(|error| vec![error])?;
    let composition = links::Composition::new(&library, &instances);
    match composition.errors.is_empty() {
        true => flatten::flatten(&composition),
        false => Err(composition.errors),
    }
}
