//! Marginal likelihoods of populations: published values, exact gradients, tables on disk.
mod problems;
mod values;
