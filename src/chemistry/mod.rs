//! Compounds, pathways and their element balance, in exact arithmetic; knows no species and no rate.
//!
//! ```
//! use holobiont::chemistry::{Compound, Pathway};
//! let compounds = [("hexose", "C6H12O6"), ("acetate", "C2H4O2")];
//! let compounds: Vec<(&str, Compound)> = compounds.into_iter()
//!     .map(|(id, formula)| Ok((id, Compound::parse(formula)?)))
//!     .collect::<Result<_, holobiont::chemistry::ChemistryError>>()?;
//! let find = |id: &str| compounds.iter().find(|(known, _)| *known == id).map(|(_, c)| c.clone());
//! Pathway::parse("hexose -> 3 acetate")?.check(&find)?;
//! assert_eq!(
//!     Pathway::parse("hexose -> 2 acetate")?.check(&find).unwrap_err().to_string(),
//!     "pathway `hexose -> 2 acetate` does not balance C: 6 on the left, 4 on the right"
//! );
//! # Ok::<(), holobiont::chemistry::ChemistryError>(())
//! ```
mod biosynthesis;
mod compound;
mod error;
mod pathway;

pub use biosynthesis::{Biosynthesis, biosynthesis};
pub use compound::{ATOMIC_WEIGHTS, Compound};
pub use error::ChemistryError;
pub use pathway::Pathway;
