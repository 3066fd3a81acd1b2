//! What keeps a problem from being written in another form, and what is lost on the way; each with its place.
use crate::exchange::{
    files::WriteError, petab::PetabVersion, sbml::SbmlWriteError, tables::Place,
};
use crate::units::{excerpt, number_text};
use std::fmt;

/// The form that a problem is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Format {
    /// version of the format
    pub version: PetabVersion,
    /// whether the extension `holobiont` is left out
    pub plain: bool,
}

impl Format {
    /// Whether there is nothing but the standard: version 1 has no place for the extension.
    pub fn is_plain(self) -> bool {
        self.plain || self.version == PetabVersion::V1
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match (self.version, self.plain) {
            (PetabVersion::V1, _) => "version 1",
            (PetabVersion::V2, true) => "version 2 without extension",
            (PetabVersion::V2, false) => "version 2",
        })
    }
}

/// Something that the format cannot say and that changes the mathematics.
#[derive(Debug, thiserror::Error)]
#[error("{place}: {kind}")]
pub struct ConvertError {
    /// file, row, column
    pub place: Place,
    /// what it is
    #[source]
    pub kind: ConvertErrorKind,
}

/// The kinds of errors.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConvertErrorKind {
    /// Student's distributions belong to the extension.
    #[error("{distribution} noise has no form in {format}")]
    Noise {
        /// name of the distribution
        distribution: &'static str,
        /// the format
        format: Format,
    },
    /// Censored readings belong to the extension.
    #[error("a censored reading has no form in {format}")]
    Censored {
        /// the format
        format: Format,
    },
    /// Input tables belong to the extension.
    #[error(
        "the table of the input `{input}` in {experiment} has no form in {format}; give the input to the model itself"
    )]
    InputTable {
        /// the input
        input: String,
        /// "the experiment `e`"
        experiment: String,
        /// the format
        format: Format,
    },
    /// A dose of version 1, which has no periods.
    #[error("a dose has no form in {format}, which has no periods")]
    Dose {
        /// the format
        format: Format,
    },
    /// Parameters that differ between individuals.
    #[error("{what} has no form in {format}")]
    Mixed {
        /// "the random effect `eta`"
        what: String,
        /// the format
        format: Format,
    },
    /// An infusion, or a dose at a periodic steady state.
    #[error("{what} has no form in {format}")]
    Infusion {
        /// "an infusion"
        what: &'static str,
        /// the format
        format: Format,
    },
    /// A dose at a time that is no number.
    #[error("the time `{}` of the dose is no number; a period of {format} starts at one", excerpt(.formula, 1))]
    DoseTime {
        /// time, with lag
        formula: String,
        /// the format
        format: Format,
    },
    /// Periods that are not a steady state and time 0.
    #[error("the experiment `{experiment}` has a period from time {}; in {format} there are a steady state (-inf) and a simulation from time 0", number_text(*.time))]
    Periods {
        /// the experiment
        experiment: String,
        /// start of the period
        time: f64,
        /// the format
        format: Format,
    },
    /// A value of a condition that is neither a number nor a parameter.
    #[error("the value `{}` is neither a number nor a parameter, and {format} takes nothing else", excerpt(.formula, 1))]
    ConditionValue {
        /// the formula
        formula: String,
        /// the format
        format: Format,
    },
    /// A value at the start of an experiment that depends on more than the parameter table.
    #[error(
        "the value at the start of an experiment depends on `{id}`, {why}; {format} takes rows of the parameter table there"
    )]
    StartValue {
        /// what it depends on
        id: String,
        /// what that is
        why: &'static str,
        /// the format
        format: Format,
    },
    /// A prior that the format lacks.
    #[error("the prior `{distribution}`{on} has no form in {format}")]
    Prior {
        /// name of the distribution
        distribution: &'static str,
        /// " on the scale log10", or nothing
        on: String,
        /// the format
        format: Format,
    },
    /// A function that is ours alone.
    #[error("the function `{function}` does not belong to the mathematics of {format}")]
    Function {
        /// its name
        function: &'static str,
        /// the format
        format: Format,
    },
    /// A number that two units apply to.
    #[error(
        "`{id}` is used both in the unit of the model and in that of its row ({unit}), and {format} has one number for both; give the row the unit of the model"
    )]
    Units {
        /// the id
        id: String,
        /// unit of the row
        unit: String,
        /// the format
        format: Format,
    },
    /// A name of an entity that only the mapping table makes usable.
    #[error("`{model_id}` has no id of its own, and {format} has no mapping table")]
    Mapping {
        /// id in the model
        model_id: String,
        /// the format
        format: Format,
    },
    /// A formula that cannot be read.
    #[error("formula `{}`: {message}", excerpt(.formula, 1))]
    Formula {
        /// the formula
        formula: String,
        /// what is wrong
        message: String,
    },
    /// A model that cannot be read any more, in its own words.
    #[error("in the model: {message}")]
    Model {
        /// what its reader said
        message: String,
    },
    /// A model that cannot be written as SBML.
    #[error("the model cannot be written as SBML: {0}")]
    Sbml(#[from] SbmlWriteError),
    /// A file of a model that cannot be read any more.
    #[error("the model cannot be copied: {0}")]
    Copy(#[from] WriteError),
}

/// Something that is left out or said otherwise without a change of what a fit finds.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{place}: {kind}")]
pub struct ConvertWarning {
    /// file, row, column; the first of several rows
    pub place: Place,
    /// what it is
    pub kind: ConvertWarningKind,
}

/// The kinds of warnings.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ConvertWarningKind {
    /// A column of the extension, or of the other version, that is left out.
    #[error("{what}{} left out: {why}", in_rows(.rows))]
    Dropped {
        /// what the column holds
        what: &'static str,
        /// number of rows that say something in it
        rows: usize,
        /// why it matters
        why: &'static str,
    },
    /// A prior whose constant changes.
    #[error("{what}{}: the objective changes by a constant, what a fit finds does not", in_rows(.rows))]
    Constant {
        /// what happens
        what: &'static str,
        /// number of rows
        rows: usize,
    },
    /// A search scale that the format lacks.
    #[error("the scale `logit`{} becomes `lin`: the search takes another way", in_rows(.rows))]
    Logit {
        /// number of rows
        rows: usize,
    },
    /// A model that stays in our own language.
    #[error(
        "the model stays in our own language: the tables of its inputs need them as inputs, which SBML lacks"
    )]
    OwnLanguage,
    /// Random effects that become parameters.
    #[error(
        "random effects become {parameters} parameters of individuals, with readings of 0 for their distribution: the objective is the joint density of readings and effects, not the marginal likelihood"
    )]
    Effects {
        /// number of parameters
        parameters: usize,
    },
    /// Doses that become periods.
    #[error("doses{} become periods of their experiments", in_rows(.rows))]
    Doses {
        /// number of rows
        rows: usize,
    },
}

/// " (in 3 rows)" for several.
fn in_rows(number: &usize) -> String {
    match number {
        0 | 1 => String::new(),
        several => format!(" ({several} rows)"),
    }
}

/// All that a conversion meets.
#[derive(Debug)]
pub(super) struct Notes {
    pub format: Format,
    pub errors: Vec<ConvertError>,
    pub warnings: Vec<ConvertWarning>,
}

impl Notes {
    pub fn error(&mut self, place: Place, kind: ConvertErrorKind) {
        self.errors.push(ConvertError { place, kind });
    }

    pub fn warning(&mut self, place: Place, kind: ConvertWarningKind) {
        self.warnings.push(ConvertWarning { place, kind });
    }

    /// One warning for all rows that lose something, at the first of them.
    pub fn dropped(&mut self, places: Vec<Place>, what: &'static str, why: &'static str) {
        let rows = places.len();
        if let Some(place) = places.into_iter().next() {
            self.warning(place, ConvertWarningKind::Dropped { what, rows, why });
        }
    }
}
