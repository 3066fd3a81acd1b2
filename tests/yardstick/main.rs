//! The engine's yardstick, gut40: its references, and thousands of random parameter vectors.
//!
//! The model and the references are read from the folder `suites/engine` of the shared data, whose README says where they come from.
mod random;
mod references;
mod support;
