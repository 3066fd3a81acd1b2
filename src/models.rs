//! The models that ship inside the crate. Their files are in the folder `models`; how they are read, in [`crate::exchange::model`].
pub use crate::exchange::model::built_in::{
    BIBLIOGRAPHY, get, names, population, scorecard, table, trials,
};
