//! The model of a problem: found, read, checked and compiled.
use super::{
    error::PetabErrorKind,
    rows::{ModelSource, PetabModel, PetabProblem},
    sheet::{Findings, is_id},
    write::Location,
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
    sync::Arc,
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

/// A fault as one text.
fn in_words((place, message): Fault) -> String {
    match place {
        Some(place) => format!("{place}: {message}"),
        None => message,
    }
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
    /// The only model of a problem, read from where it stands.
    ///
    /// # Errors
    /// Those of the model's files, in their own words.
    pub(crate) fn load(source: ModelSource) -> Result<Self, Vec<String>> {
        let network = read(&source)
            .map_err(|faults| faults.into_iter().map(in_words).collect::<Vec<_>>())?
            .network;
        let id = match is_id(&network.id) {
            true => network.id.clone(),
            false => "model".to_owned(),
        };
        Ok(PetabModel {
            id,
            source,
            system: Arc::new(compile(&network)?),
            applied: Vec::new(),
            entities: entities(&network),
        })
    }

    /// The model with its parameter table and its story, read again from where it came.
    ///
    /// # Errors
    /// Those of the model's files, in their own words.
    pub fn read(&self) -> Result<Model, Vec<String>> {
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
            if let ModelSource::BuiltIn(name) = &model.source {
                for (file, text) in built_in::files(name) {
                    files.push((format!("builtin:{file}"), text.as_bytes().to_vec()));
                }
            }
        }
        let mut copied = Vec::new();
        copies(&self.models, &mut copied).map_err(|error| FileError {
            file: error.file,
            source: error.source,
        })?;
        // the README tells, it does not compute
        files.extend(
            copied
                .into_iter()
                .filter(|(name, _)| !name.ends_with(FILES[2])),
        );
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

/// Adds the files of all models that are files to those to be written, and returns where each model stands. One model stands in the
/// folder `model`; of several each has a folder of its own there where their files would meet.
pub(super) fn copies(
    models: &[PetabModel],
    files: &mut Vec<(String, Vec<u8>)>,
) -> Result<Vec<Location>, WriteError> {
    let mut locations = Vec::new();
    for model in models {
        let language = match is_sbml(&model.source) {
            true => "sbml",
            false => "holobiont",
        };
        let location = match &model.source {
            ModelSource::BuiltIn(name) => format!("builtin:{name}"),
            ModelSource::File(path) => copy(path, &model.id, files)?,
        };
        locations.push(Location { language, location });
    }
    Ok(locations)
}

/// Adds the files of a model, in a folder of its own where a file of the same name is there already, and returns where it stands.
pub(super) fn copy(
    path: &Path,
    id: &str,
    files: &mut Vec<(String, Vec<u8>)>,
) -> Result<String, WriteError> {
    let own = own_files(path)?;
    let mut folder = FOLDER.to_owned();
    let mut number = 1;
    // names may differ in case only, which some disks do not tell apart
    let taken = |folder: &str| {
        own.iter().any(|(name, _)| {
            let name = format!("{folder}/{name}");
            files
                .iter()
                .any(|(known, _)| known.eq_ignore_ascii_case(&name))
        })
    };
    while taken(&folder) {
        folder = match number {
            1 => format!("{FOLDER}/{}", file_name(id)),
            _ => format!("{FOLDER}/{}_{number}", file_name(id)),
        };
        number += 1;
    }
    let location = format!("{folder}/{}", own[0].0);
    for (name, bytes) in own {
        files.push((format!("{folder}/{name}"), bytes));
    }
    Ok(location)
}

/// A name for a file or folder from an id.
pub(super) fn file_name(id: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    id.chars().map(|c| if plain(c) { c } else { '_' }).collect()
}

/// The files of a model by their names relative to it, the model itself first: the README and the parameters beside a `model.toml`,
/// the files that an SBML file takes submodels from.
fn own_files(path: &Path) -> Result<Vec<(String, Vec<u8>)>, WriteError> {
    let read = |file: &Path| {
        fs::read(file).map_err(|source| WriteError {
            file: file.to_owned(),
            source,
        })
    };
    if model::is_sbml(path) {
        let mut files = vec![(name_of(path), read(path)?)];
        let folder = path.parent().unwrap_or(Path::new(""));
        for name in external_files(path) {
            let bytes = read(&folder.join(&name))?;
            files.push((name, bytes));
        }
        return Ok(files);
    }
    let model_file = match path.is_dir() {
        true => path.join(FILES[0]),
        false => path.to_owned(),
    };
    let folder = model_file.parent().unwrap_or(Path::new(""));
    let mut files = vec![(FILES[0].to_owned(), read(&model_file)?)];
    for name in &FILES[1..] {
        let file = folder.join(name);
        match fs::read(&file) {
            // a problem's own table may stand beside the model
            Ok(bytes)
                if *name == FILES[1]
                    && model::is_problem_table(&String::from_utf8_lossy(&bytes)) => {}
            Ok(bytes) => files.push(((*name).to_owned(), bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(source) => return Err(WriteError { file, source }),
        }
    }
    Ok(files)
}

/// Paths, relative to an SBML file, of the files that its submodels come from.
#[cfg(feature = "sbml")]
fn external_files(path: &Path) -> Vec<String> {
    crate::exchange::sbml::external_files(path)
}

#[cfg(not(feature = "sbml"))]
fn external_files(_: &Path) -> Vec<String> {
    Vec::new()
}

/// Whether two addresses lead to the same model: the same built-in, or files with the same content.
pub(super) fn same(a: &ModelSource, b: &ModelSource) -> bool {
    match (a, b) {
        (ModelSource::BuiltIn(a), ModelSource::BuiltIn(b)) => a == b,
        (ModelSource::File(a), ModelSource::File(b)) => {
            let texts = |path: &Path| own_files(path).ok();
            a == b || texts(a).is_some_and(|texts_of_a| Some(texts_of_a) == texts(b))
        }
        _ => false,
    }
}
