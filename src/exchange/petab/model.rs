//! The model of a problem: found, read, checked and compiled.
use super::{
    error::PetabErrorKind,
    rows::{ModelSource, PetabModel, PetabProblem},
    sheet::Findings,
    yaml::ModelFile,
};
use crate::{
    compile::System,
    exchange::{
        files::WriteError,
        model::{self, Model, ModelError, Spot, built_in},
        tables::Place,
    },
    expr::suggest,
    network::{ElementKind, Network, Rule},
};
use std::{
    collections::HashMap,
    fs, io,
    path::{Path, PathBuf},
};

/// Files that make a model on disk; the first must be there.
const FILES: [&str; 3] = ["model.toml", "parameters.tsv", "README.md"];
/// Folder of the model beside the YAML file.
const FOLDER: &str = "model";

/// Where a `location` of the YAML file points.
pub(super) fn source(location: &str, folder: &Path) -> ModelSource {
    match location.strip_prefix("builtin:") {
        Some(name) => ModelSource::BuiltIn(name.to_owned()),
        None => ModelSource::File(folder.join(location)),
    }
}

/// Whether the model is an SBML file.
pub(super) fn is_sbml(source: &ModelSource) -> bool {
    matches!(source, ModelSource::File(path) if model::is_sbml(path))
}

/// An error of a model: its place, where it has a file, and its words.
type Fault = (Option<Place>, String);

/// Reads a model; all its errors in its own words.
fn read(source: &ModelSource) -> Result<Model, Vec<Fault>> {
    match source {
        ModelSource::File(path) => {
            model::read(path).map_err(|errors| errors.iter().map(fault).collect())
        }
        ModelSource::BuiltIn(name) => {
            let model = built_in::get(name).ok_or_else(|| vec![(None, no_model(name))])?;
            let words = |errors: Vec<ModelError>| {
                errors
                    .iter()
                    .map(|error| (None, error.to_string()))
                    .collect()
            };
            model.map_err(words)
        }
    }
}

/// What to say of a built-in model that does not exist.
fn no_model(name: &str) -> String {
    let names = built_in::names();
    let near = suggest(name, names.iter().copied());
    let list = if near.is_empty() {
        format!("there are {}", names.join(", "))
    } else {
        format!("did you mean {}?", near.join(" or "))
    };
    format!("there is no model `{name}` in the crate; {list}")
}

/// The place that the words of an error begin with, and the rest of them.
fn fault(error: &ModelError) -> Fault {
    let words = error.to_string();
    let Spot { file, line, .. } = error.spot();
    let begin = match line {
        Some(line) => format!("{}, line {line}", file.display()),
        None => file.display().to_string(),
    };
    let rest = words.strip_prefix(&begin).unwrap_or(&words);
    let rest = rest.trim_start_matches([',', ':', ' ']).to_owned();
    let row = line;
    let column = None;
    (Some(Place { file, row, column }), rest)
}

/// The network of a model that the YAML file names; faults are noted.
pub(super) fn named(
    file: &ModelFile,
    folder: &Path,
    findings: &mut Findings,
) -> Option<(ModelSource, Network)> {
    let source = source(&file.location, folder);
    let sbml = is_sbml(&source);
    let known = match file.language.as_str() {
        "holobiont" => !sbml,
        "sbml" => sbml,
        _ => false,
    };
    if !known {
        let of_file = if sbml { "sbml" } else { "holobiont" };
        let what = match file.language.as_str() {
            "holobiont" | "sbml" => format!(
                "the model language `{}` for a file that reads as `{of_file}` is",
                file.language
            ),
            other => format!("the model language `{other}` is"),
        };
        findings.error(file.place.clone(), PetabErrorKind::NotSupported { what });
        return None;
    }
    match read(&source) {
        Ok(model) => Some((source, model.network)),
        Err(faults) => {
            for (place, message) in faults {
                let place = place.unwrap_or_else(|| file.place.clone());
                findings.error(place, PetabErrorKind::Model { message });
            }
            None
        }
    }
}

/// Ids of the elements of a network with their kinds; what a rule assigns counts as that.
pub(super) fn entities(network: &Network) -> HashMap<String, ElementKind> {
    let declared = network.declared().map(|(kind, id)| (id.to_owned(), kind));
    let mut found: HashMap<String, ElementKind> = declared.collect();
    for rule in network.all_rules() {
        if let Rule::Assignment { id, .. } = rule {
            found.insert(id.clone(), ElementKind::Assignment);
        }
    }
    found
}

/// Checks and compiles a network; all its errors in its own words.
pub(super) fn compile(network: &Network) -> Result<System, Vec<String>> {
    let equations = network
        .check()
        .map_err(|errors| errors.iter().map(ToString::to_string).collect::<Vec<_>>())?
        .equations();
    System::compile(&equations).map_err(|error| vec![error.to_string()])
}

impl PetabModel {
    /// The model with its parameter table and its story, read again from where it came.
    ///
    /// # Errors
    /// Those of the model's files, in their own words.
    pub fn read(&self) -> Result<Model, Vec<String>> {
        let in_words = |(place, message): Fault| match place {
            Some(place) => format!("{place}: {message}"),
            None => message,
        };
        read(&self.source).map_err(|faults| faults.into_iter().map(in_words).collect())
    }
}

impl PetabProblem {
    /// Every file the problem stands on, as (name, content): the YAML file, the tables, the model. The files of a model that
    /// ships inside the crate are named `builtin:NAME/FILE`.
    ///
    /// # Errors
    /// A file that can no longer be read, with its path.
    pub fn contents(&self) -> Result<Vec<(String, Vec<u8>)>, FileError> {
        let mut files = Vec::new();
        for file in &self.files {
            let bytes = fs::read(file).map_err(|source| FileError {
                file: file.clone(),
                source,
            })?;
            files.push((name_of(file), bytes));
        }
        for model in &self.models {
            match &model.source {
                ModelSource::BuiltIn(name) => {
                    for (file, text) in built_in::files(name).into_iter().flatten() {
                        files.push((format!("builtin:{name}/{file}"), text.as_bytes().to_vec()));
                    }
                }
                ModelSource::File(path) => {
                    let mut model = Vec::new();
                    copy(path, &mut model).map_err(|error| FileError {
                        file: error.file,
                        source: error.source,
                    })?;
                    // the README tells, it does not compute
                    files.extend(
                        model
                            .into_iter()
                            .filter(|(name, _)| !name.ends_with(FILES[2])),
                    );
                }
            }
        }
        Ok(files)
    }
}

/// A file of a problem that can no longer be read.
#[derive(Debug, thiserror::Error)]
#[error("{} cannot be read: {source}", .file.display())]
pub struct FileError {
    /// the file
    pub file: PathBuf,
    /// what the operating system said
    pub source: io::Error,
}

fn name_of(file: &Path) -> String {
    file.file_name().map_or_else(
        || file.display().to_string(),
        |n| n.to_string_lossy().into_owned(),
    )
}

/// Adds the files of a model to those to be written, and returns its new location. Of an SBML file the files of external
/// submodels stay where they are.
pub(super) fn copy(path: &Path, files: &mut Vec<(String, Vec<u8>)>) -> Result<String, WriteError> {
    if model::is_sbml(path) {
        let bytes = fs::read(path).map_err(|source| WriteError {
            file: path.to_owned(),
            source,
        })?;
        let name = format!("{FOLDER}/{}", name_of(path));
        files.push((name.clone(), bytes));
        return Ok(name);
    }
    let model_file = if path.is_dir() {
        path.join(FILES[0])
    } else {
        path.to_owned()
    };
    let folder = model_file.parent().unwrap_or(Path::new(""));
    for name in FILES {
        let file = if name == FILES[0] {
            model_file.clone()
        } else {
            folder.join(name)
        };
        match fs::read(&file) {
            // a problem's own table may stand beside the model
            Ok(bytes)
                if name == FILES[1]
                    && model::is_problem_table(&String::from_utf8_lossy(&bytes)) => {}
            Ok(bytes) => files.push((format!("{FOLDER}/{name}"), bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound && name != FILES[0] => {}
            Err(source) => return Err(WriteError { file, source }),
        }
    }
    Ok(format!("{FOLDER}/{}", FILES[0]))
}

/// Whether two addresses lead to the same model: the same built-in, or files with the same content.
pub(super) fn same(a: &ModelSource, b: &ModelSource) -> bool {
    match (a, b) {
        (ModelSource::BuiltIn(a), ModelSource::BuiltIn(b)) => a == b,
        (ModelSource::File(a), ModelSource::File(b)) => {
            let texts = |path: &Path| {
                let mut files = Vec::new();
                copy(path, &mut files).map(|_| files).ok()
            };
            a == b || texts(a).is_some_and(|texts_of_a| Some(texts_of_a) == texts(b))
        }
        _ => false,
    }
}
