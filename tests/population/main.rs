//! Marginal likelihoods of populations: published values, exact gradients, tables on disk.
mod classics;
mod faults;
mod occasions;
mod others;
mod plain;
mod priors;
mod problems;
mod recovery;
mod reproducible;
mod schedules;
mod shapes;
mod values;
