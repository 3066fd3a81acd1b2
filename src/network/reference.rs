//! A citation with its DOI.
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// A published source.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Reference {
    /// Authors, year, journal in short.
    pub citation: Cow<'static, str>,
    /// Digital object identifier, without `https://doi.org/`; empty if there is none.
    pub doi: Cow<'static, str>,
}
impl Reference {
    /// A reference known at compile time.
    pub const fn new(citation: &'static str, doi: &'static str) -> Self {
        Reference {
            citation: Cow::Borrowed(citation),
            doi: Cow::Borrowed(doi),
        }
    }
}

/// A piece of biology that adds its species, reactions and parameters to a network.
///
/// The numbers are left to a parameter table; see `models/`.
pub trait Mechanism {
    /// Adds the mechanism's elements.
    ///
    /// # Errors
    /// A formula that cannot be read or an option that makes no sense.
    fn add_to(&self, network: &mut super::Network) -> Result<(), super::NetworkError>;
    /// Where the equations come from.
    fn references(&self) -> &'static [Reference];
}
