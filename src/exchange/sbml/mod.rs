//! SBML: models of Level 2 and Level 3 (core and hierarchical composition) read into a network,
//! and networks written as Level 3.
//!
//! The Systems Biology Markup Language is the exchange format of the field (Hucka et al. 2019, doi:10.1515/jib-2019-0021).
//! What ordinary differential equations cannot mean (delays, flux balance) is refused by name, with line and element.
//!
//! | file | what |
//! |---|---|
//! | `xml` | elements with their lines, attributes with their types |
//! | `math`, `mathml` | formulas as trees, and how they are read |
//! | `document`, `read` | the document as data, and how it is read |
//! | `compose` | hierarchies of models made flat |
//! | `formulas`, `units`, `interpret` | what the document means: names, units, elements of a network |
//! | `write` | networks written |
//! | `error` | what can be wrong, with line and element |
//!
//! ```
//! let text = r#"<sbml xmlns="http://www.sbml.org/sbml/level3/version2/core" level="3" version="2">
//!   <model id="decay">
//!     <listOfCompartments><compartment id="gut" size="2" constant="true"/></listOfCompartments>
//!     <listOfSpecies>
//!       <species id="butyrate" compartment="gut" initialConcentration="10" hasOnlySubstanceUnits="false"
//!                boundaryCondition="false" constant="false"/>
//!     </listOfSpecies>
//!     <listOfParameters><parameter id="k" value="0.5" constant="true"/></listOfParameters>
//!     <listOfRules>
//!       <rateRule variable="butyrate">
//!         <math xmlns="http://www.w3.org/1998/Math/MathML">
//!           <apply><times/><apply><minus/><ci>k</ci></apply><ci>butyrate</ci></apply>
//!         </math>
//!       </rateRule>
//!     </listOfRules>
//!   </model>
//! </sbml>"#;
//! let model = holobiont::exchange::sbml::read_text(text).expect("a sound model");
//! assert_eq!(model.compile()?.state_ids(), ["butyrate"]);
//! # Ok::<(), holobiont::compile::CompileError>(())
//! ```
mod compose;
mod document;
mod error;
mod formulas;
mod interpret;
mod math;
mod mathml;
mod read;
mod units;
mod write;
mod xml;

pub(super) use compose::external_files;
pub use error::SbmlError;
pub(super) use write::definition;
pub use write::{SbmlWriteError, Version, WriteOptions, under_scenario, write};

use crate::compile::{CompileError, System};
use crate::network::{Equations, Network};
use std::collections::HashMap;
use std::io::Read;
use std::path::Path;

/// What of a species is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    /// The amount of substance.
    Amount,
    /// The amount of substance by the size of the compartment.
    Concentration,
}

/// A model read from SBML.
#[derive(Clone, Debug)]
pub struct SbmlModel {
    /// The model as a network.
    pub network: Network,
    /// What reading noticed: units that do not fit, values that were assumed; each with its line.
    pub warnings: Vec<String>,
    equations: Equations,
    ids: HashMap<String, String>,
}

impl SbmlModel {
    /// The id in the network of a quantity of the file; they differ where the file's id has a meaning in formulas (`time`).
    pub fn id(&self, in_file: &str) -> Option<&str> {
        self.ids.get(in_file).map(String::as_str)
    }
    /// The formula (for [`System::outputs`]) of a quantity of the file; of a species as amount or concentration. None for an
    /// unknown id.
    pub fn formula(&self, in_file: &str, measure: Measure) -> Option<String> {
        let id = self.id(in_file)?;
        let species = self
            .network
            .all_species()
            .iter()
            .find(|(known, _)| known == id);
        let Some((_, species)) = species else {
            return Some(id.to_string());
        };
        Some(match (&species.compartment, species.amount, measure) {
            (Some(size), false, Measure::Amount) => format!("{id} * {size}"),
            (Some(size), true, Measure::Concentration) => format!("{id} / {size}"),
            _ => id.to_string(),
        })
    }
    /// The flat equations of the network as it was read.
    pub fn equations(&self) -> &Equations {
        &self.equations
    }
    /// Compiles the equations.
    ///
    /// # Errors
    /// Those of [`System::compile`].
    pub fn compile(&self) -> Result<System, CompileError> {
        System::compile(&self.equations)
    }
}

/// Reads a file, and the files beside or below it that its external model definitions name.
///
/// # Errors
/// All errors found, each with line and element.
pub fn read(file: &Path) -> Result<SbmlModel, Vec<SbmlError>> {
    let text = load(file).map_err(|error| vec![error])?;
    interpret_text(&text, Some(file))
}

/// Reads a text; external model definitions have no place to be looked for.
///
/// # Errors
/// All errors found, each with line and element.
pub fn read_text(text: &str) -> Result<SbmlModel, Vec<SbmlError>> {
    interpret_text(text, None)
}

fn interpret_text(text: &str, file: Option<&Path>) -> Result<SbmlModel, Vec<SbmlError>> {
    let document = read::read(text).map_err(|error| vec![error])?;
    let level = document.level;
    let model = compose::compose(document, file)?;
    interpret::interpret(&model, level)
}

/// The text of a file.
fn load(file: &Path) -> Result<String, SbmlError> {
    let unreadable = |message: String| SbmlError::Unreadable {
        file: file.to_owned(),
        message,
    };
    let open = std::fs::File::open(file).map_err(|e| unreadable(e.to_string()))?;
    let size = open.metadata().map_or(0, |m| m.len());
    let mut bytes = Vec::new();
    // a device or pipe may never end
    let read = open.take(xml::LARGEST + 1).read_to_end(&mut bytes);
    read.map_err(|e| unreadable(e.to_string()))?;
    if bytes.len() as u64 > xml::LARGEST {
        return Err(SbmlError::TooLarge {
            bytes: size.max(bytes.len() as u64),
            limit: xml::LARGEST,
        });
    }
    String::from_utf8(bytes).map_err(|e| unreadable(format!("it is not UTF-8: {e}")))
}
