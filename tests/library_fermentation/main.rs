//! Laws of the mechanisms `metabolites` and `microbiota`.
mod balance;
mod limits;
mod options;
mod support;
