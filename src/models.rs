//! The models that ship inside the crate.
