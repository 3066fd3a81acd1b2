//! Tables of NONMEM and Monolix become problems: who was given what, when, and what was read.
//!
//! One row is one event of one individual. What each column means is what NONMEM's PREDPP means by it (NONMEM Users Guide VI), and CENS
//! and LIMIT are Monolix's (data set format).
//!
//! | column | meaning |
//! |---|---|
//! | `ID` | the individual; an ID that comes again after another one is a new individual (a warning) |
//! | `TIME` | time, in the unit of the model; the experiment of an individual begins at its first row |
//! | `AMT` | amount of a dose, added to the state as it stands in the model |
//! | `RATE` | 0: at once; positive: infused at this rate; -1: at the rate `R<cmt>`, -2: over the duration `D<cmt>`, parameters of the model |
//! | `II`, `ADDL` | so many further doses, one interval apart |
//! | `SS` | 1: at the periodic steady state of this dose every II; 2: that is added to what is there. Doses with SS at one time are one regimen |
//! | `EVID` | 0 reading, 1 dose, 2 other event (nothing happens), 3 reset of all states to their initial values, 4 reset and dose; by default 1 where AMT is not 0, 2 where MDV is 1, else 0 |
//! | `CMT` | the compartment of a dose: position among the states of the model, or of `--compartments`, from 1; or the id of a state. That of a reading is not read |
//! | `DV`, `MDV` | the reading, and whether it is missing (1) |
//! | `CENS`, `LIMIT` | 1: the reading lies below DV, and above LIMIT where that is given; -1: above DV, and below LIMIT |
//! | `OCC` | occasion: an experiment of its own |
//! | `DVID` | the observable: position among those of the model, or of `--observable`, from 1; or its id |
//! | any other | a covariate, where it holds numbers: its first value of each individual |
//!
//! Names of columns may be in small letters, and other names be given their meaning (`--column AMT=dose`). See the module `table` for
//! separators and lines that are ignored.
//!
//! Lags and bioavailabilities are the model's parameters `ALAG<cmt>` and `F<cmt>`, where it has them, or those that options name. A lag
//! shifts the dose; the bioavailability multiplies its amount, so that the duration of an infusion of a given rate follows it. A reset, and a
//! dose with SS 1, ends earlier ADDL doses; a reset also ends an infusion whose end is a number. A time that goes back at a
//! reset begins a new experiment of the same individual.
//!
//! An occasion that begins with a reset, with SS 1 or with a time that goes back begins anew. One that goes on has the earlier doses of the
//! individual in its experiment, too, for what is left of them, under its own parameters (a warning).
//!
//! What is written is a problem of PEtab 2 with the extension: tables of measurements, observables, parameters, experiments, conditions where there are
//! resets, doses, and `individuals.tsv` with the columns `individualId`, `experimentId`, `occasionId` (where there are occasions)
//! and one for each covariate. No parameter of the model is estimated until somebody says so; the noise of each observable is additive, normal,
//! with an estimated standard deviation `sigma_<observable>`.
//!
//! ```
//! use holobiont::exchange::nonmem::{Options, import_text};
//! let model = r#"
//! id = "one"
//! [species.central]
//! initial = 0
//! [parameters]
//! k = { value = 0.1 }
//! V = { value = 20 }
//! [reactions.elimination]
//! rate = "k * central"
//! consumes = { central = 1 }
//! [observables.concentration]
//! formula = "central / V"
//! "#;
//! let folder = tempfile::tempdir()?;
//! let path = folder.path().join("model.toml");
//! std::fs::write(&path, model)?;
//! let table = "ID,TIME,AMT,DV,WT\n1,0,100,.,70\n1,2,.,4.2,70\n1,6,.,2.6,70\n";
//! let imported = import_text("data.csv".as_ref(), table, &Options::new(&path)).expect("a sound table");
//! assert_eq!(imported.individuals, 1);
//! let names: Vec<&str> = imported.files.iter().map(|(name, _)| name.as_str()).collect();
//! assert!(names.contains(&"individuals.tsv") && names.contains(&"problem.yaml"));
//! # Ok::<(), std::io::Error>(())
//! ```
mod covariates;
mod error;
mod model;
mod problem;
mod records;
mod sequence;
mod table;

pub use error::{NonmemError, NonmemErrorKind, NonmemWarning, NonmemWarningKind};

use super::{
    petab::{self, ModelSource},
    tables::Place,
};
use error::{join_errors, join_warnings};
use std::path::{Path, PathBuf};

/// A column with a meaning of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Column {
    /// the individual
    Id,
    /// time
    Time,
    /// amount of a dose
    Amt,
    /// rate of an infusion
    Rate,
    /// interval between doses
    Ii,
    /// steady state
    Ss,
    /// additional doses
    Addl,
    /// kind of event
    Evid,
    /// compartment of a dose
    Cmt,
    /// the reading
    Dv,
    /// whether the reading is missing
    Mdv,
    /// limit of a censored reading
    Limit,
    /// kind of censoring
    Cens,
    /// occasion
    Occ,
    /// observable
    Dvid,
}

impl Column {
    /// All of them.
    pub const ALL: [Column; 15] = [
        Column::Id,
        Column::Time,
        Column::Amt,
        Column::Rate,
        Column::Ii,
        Column::Ss,
        Column::Addl,
        Column::Evid,
        Column::Cmt,
        Column::Dv,
        Column::Mdv,
        Column::Limit,
        Column::Cens,
        Column::Occ,
        Column::Dvid,
    ];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Column::Id => "ID",
            Column::Time => "TIME",
            Column::Amt => "AMT",
            Column::Rate => "RATE",
            Column::Ii => "II",
            Column::Ss => "SS",
            Column::Addl => "ADDL",
            Column::Evid => "EVID",
            Column::Cmt => "CMT",
            Column::Dv => "DV",
            Column::Mdv => "MDV",
            Column::Limit => "LIMIT",
            Column::Cens => "CENS",
            Column::Occ => "OCC",
            Column::Dvid => "DVID",
        }
    }

    /// The column of a name, in small or capital letters.
    pub fn named(name: &str) -> Option<Column> {
        Column::ALL
            .into_iter()
            .find(|column| column.name().eq_ignore_ascii_case(name))
    }
}

/// What an import is told beside the table.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Options {
    /// path of a model.toml or SBML file, `builtin:NAME`, or the name of a model that ships with the crate
    pub model: PathBuf,
    /// states in the order of CMT; those of the model where empty
    pub compartments: Vec<String>,
    /// observables in the order of DVID; those of the model where empty
    pub observables: Vec<String>,
    /// (compartment, parameter): lags
    pub lags: Vec<(String, String)>,
    /// (compartment, parameter): bioavailabilities
    pub bioavailabilities: Vec<(String, String)>,
    /// columns of other names
    pub columns: Vec<(Column, String)>,
}

impl Options {
    /// Those of a model, all else by default.
    pub fn new(model: impl Into<PathBuf>) -> Self {
        Options {
            model: model.into(),
            ..Options::default()
        }
    }

    fn source(&self) -> ModelSource {
        let name = self.model.to_string_lossy();
        let name = name.strip_prefix("builtin:").unwrap_or(&name);
        let ships = super::model::built_in::names().contains(&name);
        if ships || self.model.to_string_lossy().starts_with("builtin:") {
            return ModelSource::BuiltIn(name.to_owned());
        }
        ModelSource::File(self.model.clone())
    }
}

/// What came of an import.
#[derive(Clone, Debug)]
pub struct Imported {
    /// the files of the problem, `problem.yaml` last
    pub files: Vec<(String, Vec<u8>)>,
    /// what was odd
    pub warnings: Vec<NonmemWarning>,
    /// number of individuals
    pub individuals: usize,
    /// number of experiments
    pub experiments: usize,
    /// number of readings
    pub readings: usize,
    /// number of rows of the dose table
    pub doses: usize,
}

/// Reads a table and makes a problem of it.
///
/// # Errors
/// All that is wrong with the table and with what it shares with the model, each with file, row, column and ID.
pub fn import(data: &Path, options: &Options) -> Result<Imported, Vec<NonmemError>> {
    let unreadable = |error: std::io::Error| {
        let reason = error.to_string();
        let kind = NonmemErrorKind::Unreadable { reason };
        vec![NonmemError::new(Place::file(data), kind)]
    };
    let bytes = std::fs::read(data).map_err(unreadable)?;
    // old tables hold names in other encodings; numbers are the same in all of them
    let text = String::from_utf8_lossy(&bytes);
    import_text(data, &text, options)
}

/// The same for a text; `file` is for messages.
///
/// # Errors
/// Those of [`import`].
pub fn import_text(
    file: &Path,
    text: &str,
    options: &Options,
) -> Result<Imported, Vec<NonmemError>> {
    let in_words = |messages: Vec<String>| -> Vec<NonmemError> {
        let fault = |message| {
            NonmemError::new(
                Place::file(&options.model),
                NonmemErrorKind::Model { message },
            )
        };
        messages.into_iter().map(fault).collect()
    };
    let model = petab::PetabModel::load(options.source()).map_err(in_words)?;
    let (mut errors, mut warnings) = (Vec::new(), Vec::new());
    let compartments = model::Compartments::new(&model, options, &mut errors);
    let Some(sheet) = table::Sheet::parse(file, text, &options.columns, &mut errors) else {
        return Err(join_errors(errors));
    };
    let records = records::read(&sheet, &compartments, &mut errors);
    let individuals = sequence::sequence(&sheet, records, &mut errors, &mut warnings);
    let covariates = covariates::read(&sheet, &individuals, &mut warnings);
    let made = problem::make(
        &sheet,
        model,
        &compartments,
        &individuals,
        &options.model,
        &mut errors,
        &mut warnings,
    );
    let Some(mut problem) = made.filter(|_| errors.is_empty()) else {
        return Err(join_errors(errors));
    };
    problem.population = covariates::individuals(&individuals, &covariates);
    // what was made must be a problem that can be read
    if let Err(errors) = problem.fit_problem() {
        return Err(in_words(errors.iter().map(ToString::to_string).collect()));
    }
    let files = petab::files(&problem).map_err(|e| in_words(vec![e.to_string()]))?;
    let names: std::collections::HashSet<&str> =
        individuals.iter().map(|i| i.individual.as_str()).collect();
    Ok(Imported {
        files,
        warnings: join_warnings(warnings),
        individuals: names.len(),
        experiments: individuals.len(),
        readings: problem.measurements.len(),
        doses: problem.doses.len(),
    })
}
