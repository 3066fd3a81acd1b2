//! Readers and writers of files: models, PEtab problems and tables. What the numbers mean lives in the layers below.
pub mod expected;
pub mod files;
pub mod model;
pub mod nonmem;
#[cfg(feature = "omex")]
pub mod omex;
pub mod petab;
#[cfg(feature = "sbml")]
pub mod sbml;
pub mod tables;
