//! Models that build on `gut_ms`, its rivals and its smaller and larger relatives.
mod base;
mod community;
mod fourteen;
mod rivals;
mod support;
