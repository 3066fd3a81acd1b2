//! Marginal likelihoods of populations: published values, exact gradients, tables on disk.
mod faults;
mod problems;
mod values;
