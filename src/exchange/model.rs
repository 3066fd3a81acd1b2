//! A model on disk: `model.toml` beside `parameters.tsv` (and `README.md`), read and written.
//!
//! `model.toml` names mechanisms of the library and may spell out any element of a network:
//!
//! ```toml
//! id = "pair"
//! time_unit = "d"
//!
//! [[mechanism]]              # a struct of `holobiont::library`; `prefix` and `connect` compose it
//! type = "lotka_volterra"
//! taxa = ["A", "B"]
//!
//! [species.C]                # further tables: compartments, parameters, reactions, functions, events, inputs,
//! initial = 0.1              # observables, ports; each element by its id
//!
//! [reactions.growth_C]
//! rate = "mu_C * C"
//! produces = { C = 1 }
//!
//! [assignments]
//! total = "A + B + C"        # or { formula = "...", unit = "..." }
//!
//! [initial]                  # initial values of the mechanisms' species
//! A = 0.1
//! B = 0.1
//!
//! [[scenario]]
//! id = "default"
//! until = 30
//! ```
//!
//! A model that differs little from one of the crate builds on it: `base = "gut_ms"`, and then only what differs, in the file and in the table.
//! `[[without]]` takes away influences (`module`, `rate`, `sources`; `sources` alone: everywhere), a `module`, or elements (`section`, `ids`);
//! `[[change]]` gives a `module` other `options` and more `influences`, or the `scenarios` of a list other `keys`; each states its `reason`. Every other element replaces the base's of
//! the same id, a mechanism that of the same type, a key of a scenario that of the scenario with the same id; rows of the base's
//! table for parameters that are gone, and starts of species that are gone, fall away.
//!
//! An event is `[events.dose]` with `trigger = "time >= 2"`, `set = { C = "C + 1" }` and, where wanted, `delay`, `priority`,
//! `persistent`, `initial_value` and `values_from_trigger_time` (see [`Event`](crate::network::Event)).
//!
//! `rates` holds rate rules, `algebraic` a list of residuals and `constraints` conditions on parameters by id. `parameters.tsv` has the columns `parameterId`, `value`,
//! `unit`, `scale`, `lower`, `upper`, `priorDistribution`, `priorParameters`, `source` (a DOI), `evidence` and `name`, of
//! which the first two are needed; values are converted to the unit that a mechanism declares. Reading finds all errors at once, each with file, line and column.
mod base;
pub mod built_in;
mod change;
mod document;
mod error;
mod module;
mod repeat;
mod scenario;
mod table;
mod without;
mod write;

pub use error::{ModelError, ScenarioError, Spot};
pub use module::{Influence, Module};
pub use repeat::Repeat;
pub use scenario::{Scenario, ScenarioDose, ScenarioPeriod, ScenarioStart, Standing, Study};
pub use table::{ParameterRow, write_parameters};
pub use write::{write, write_text};

use crate::network::Network;
use std::io::Read;
use std::path::{Path, PathBuf};

/// A network with its parameter table, scenarios and story.
#[derive(Clone, Debug)]
pub struct Model {
    /// The network, checked.
    pub network: Network,
    /// What it is about, in a line or two.
    pub description: Option<String>,
    /// The rows of the parameter table, in file order.
    pub parameters: Vec<ParameterRow>,
    /// Protocols that come with the model.
    pub scenarios: Vec<Scenario>,
    /// The mechanisms of the file, in its order; none for an SBML file.
    pub modules: Vec<Module>,
    /// The README beside the model.
    pub readme: Option<String>,
    /// What reading noticed without refusing the model (of an SBML file).
    pub warnings: Vec<String>,
}

impl Model {
    /// The scenario with this id.
    pub fn scenario(&self, id: &str) -> Option<&Scenario> {
        self.scenarios.iter().find(|s| s.id == id)
    }
}

/// The texts of a model, with the file names that errors shall name.
#[derive(Clone, Debug, Default)]
pub struct ModelText<'a> {
    /// Path of the model file.
    pub model_file: PathBuf,
    /// Its text.
    pub model: &'a str,
    /// Path of the parameter table.
    pub parameters_file: PathBuf,
    /// Its text, if there is one.
    pub parameters: Option<&'a str>,
    /// The README, if there is one.
    pub readme: Option<&'a str>,
}

/// Reads a model from a folder that holds `model.toml`, from the path of the model file itself, or from an SBML file (named
/// `.xml` or `.sbml`, or beginning with `<`).
///
/// # Errors
/// All errors of the files and the network at once, each with file, line and column where it has them.
pub fn read(path: &Path) -> Result<Model, Vec<ModelError>> {
    if is_sbml(path) {
        return read_sbml(path);
    }
    let model_file = if path.is_dir() {
        path.join("model.toml")
    } else {
        path.to_path_buf()
    };
    let folder = model_file.parent().unwrap_or(Path::new("")).to_path_buf();
    let load = |file: &Path| std::fs::read_to_string(file);
    let model = load(&model_file).map_err(|source| {
        vec![ModelError::Io {
            file: model_file.clone(),
            message: source.to_string(),
        }]
    })?;
    let parameters_file = folder.join("parameters.tsv");
    let parameters = match load(&parameters_file) {
        Ok(text) => Some(text).filter(|text| !is_problem_table(text)),
        Err(source) if source.kind() == std::io::ErrorKind::NotFound => None,
        Err(source) => {
            return Err(vec![ModelError::Io {
                file: parameters_file,
                message: source.to_string(),
            }]);
        }
    };
    let readme = load(&folder.join("README.md")).ok();
    read_text(&ModelText {
        model_file,
        model: &model,
        parameters_file,
        parameters: parameters.as_deref(),
        readme: readme.as_deref(),
    })
}

/// Whether a table of this name beside a model belongs to a PEtab problem: a column of its header stands in such tables only.
pub(crate) fn is_problem_table(text: &str) -> bool {
    let mut columns = text.lines().next().unwrap_or("").split('\t');
    let own = ["estimate", "nominalValue", "lowerBound", "upperBound"];
    columns.any(|column| own.contains(&column.trim()))
}

/// Reads a model from texts.
///
/// # Errors
/// All errors at once.
pub fn read_text(text: &ModelText) -> Result<Model, Vec<ModelError>> {
    let mut errors = Vec::new();
    let texts = base::Texts::follow(text, &mut errors);
    let mut document = document::read(&texts, &mut errors);
    let mut rows = Vec::new();
    for (text, inherited) in texts.upwards() {
        if let Some(table) = text.parameters {
            let own = table::read(&text.parameters_file, table, inherited, &mut errors);
            table::lay(&mut rows, own);
        }
    }
    table::apply(&mut rows, &mut document, &mut errors);
    if errors.is_empty() {
        if let Err(found) = document.network.check() {
            for source in found {
                let spot = document.spot_of(&source, &texts, &rows);
                errors.push(ModelError::Network { spot, source });
            }
        }
        document.check_scenarios(&texts, &mut errors);
    }
    if !errors.is_empty() {
        return Err(errors);
    }
    Ok(Model {
        network: document.network,
        description: document.description,
        parameters: rows.into_iter().map(|row| row.row).collect(),
        scenarios: document
            .scenarios
            .into_iter()
            .map(|(_, scenario)| scenario)
            .collect(),
        modules: document.modules,
        readme: text.readme.map(str::to_string),
        warnings: Vec::new(),
    })
}

/// Whether a file is read as SBML: by its name, or by its first letter.
pub(crate) fn is_sbml(path: &Path) -> bool {
    let extension = path.extension().unwrap_or_default();
    let named = |names: &[&str]| names.iter().any(|e| extension.eq_ignore_ascii_case(e));
    if path.is_dir() || named(&["toml"]) {
        return false;
    }
    let begins = || -> std::io::Result<bool> {
        let mut first = [0; 64];
        let read = std::fs::File::open(path)?.read(&mut first)?;
        // a mark of the byte order may stand before it
        let text = first[..read].strip_prefix(b"\xef\xbb\xbf");
        let text = text.unwrap_or(&first[..read]).trim_ascii_start();
        Ok(text.starts_with(b"<"))
    };
    named(&["xml", "sbml"]) || begins().unwrap_or(false)
}

#[cfg(feature = "sbml")]
fn read_sbml(file: &Path) -> Result<Model, Vec<ModelError>> {
    let located = |source| match source {
        super::sbml::SbmlError::Unreadable { file, message } => ModelError::Io { file, message },
        source => ModelError::Sbml {
            file: file.to_owned(),
            source,
        },
    };
    let model = super::sbml::read(file)
        .map_err(|errors| errors.into_iter().map(located).collect::<Vec<_>>())?;
    Ok(Model {
        network: model.network,
        description: None,
        parameters: Vec::new(),
        scenarios: Vec::new(),
        modules: Vec::new(),
        readme: None,
        warnings: model.warnings,
    })
}

#[cfg(not(feature = "sbml"))]
fn read_sbml(file: &Path) -> Result<Model, Vec<ModelError>> {
    Err(vec![ModelError::Io {
        file: file.to_owned(),
        message: "SBML is read by the feature `sbml`, which this build lacks".to_string(),
    }])
}
