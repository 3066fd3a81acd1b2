//! The YAML file that names the files of a problem.
use super::{
    error::{PetabError, PetabErrorKind, PetabWarning, PetabWarningKind},
    rows::PetabVersion,
    sheet::is_id,
};
use crate::{
    exchange::tables::Place,
    expr::{did_you_mean, suggest},
};
use serde_yaml_ng::{Mapping, Value};
use std::{
    fs,
    path::{Path, PathBuf},
};

/// A model as the YAML file names it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct ModelFile {
    pub id: String,
    pub language: String,
    /// as written
    pub location: String,
    /// where the model is named
    pub place: Place,
}

/// Tables of version 1 that belong to one model.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Block {
    /// position of the model
    pub model: usize,
    pub observables: Vec<PathBuf>,
    pub measurements: Vec<PathBuf>,
    pub conditions: Vec<PathBuf>,
}

/// The files of one kind, as paths that can be opened.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct ProblemFiles {
    pub version: PetabVersion,
    pub id: Option<String>,
    pub models: Vec<ModelFile>,
    /// version 1 only
    pub blocks: Vec<Block>,
    pub mappings: Vec<PathBuf>,
    pub parameters: Vec<PathBuf>,
    pub observables: Vec<PathBuf>,
    pub measurements: Vec<PathBuf>,
    pub conditions: Vec<PathBuf>,
    pub experiments: Vec<PathBuf>,
    pub inputs: Vec<PathBuf>,
    pub doses: Vec<PathBuf>,
    pub individuals: Vec<PathBuf>,
    pub random_effects: Vec<PathBuf>,
    pub correlations: Vec<PathBuf>,
    pub covariate_effects: Vec<PathBuf>,
    /// whether the extension `holobiont` is declared
    pub extension: bool,
}

impl ProblemFiles {
    /// All tables, in the order of the standard's keys.
    pub fn tables(&self) -> Vec<PathBuf> {
        [
            &self.parameters,
            &self.observables,
            &self.measurements,
            &self.conditions,
            &self.experiments,
            &self.mappings,
            &self.inputs,
            &self.doses,
            &self.individuals,
            &self.random_effects,
            &self.correlations,
            &self.covariate_effects,
        ]
        .into_iter()
        .flatten()
        .chain(self.blocks.iter().flat_map(|block| {
            let lists = [&block.observables, &block.measurements, &block.conditions];
            lists.into_iter().flatten()
        }))
        .cloned()
        .collect()
    }
}

const KEYS: [&str; 11] = [
    "format_version",
    "id",
    "parameter_files",
    "model_files",
    "observable_files",
    "measurement_files",
    "condition_files",
    "experiment_files",
    "visualization_files",
    "mapping_files",
    "extensions",
];

const KEYS_1: [&str; 4] = ["format_version", "parameter_file", "problems", "extensions"];

const KEYS_OF_PROBLEM: [&str; 6] = [
    "sbml_files",
    "observable_files",
    "measurement_files",
    "condition_files",
    "visualization_files",
    "mapping_files",
];

/// Reads the YAML file; whatever is wrong with it ends up in `errors`.
pub(super) fn read(
    path: &Path,
    errors: &mut Vec<PetabError>,
    warnings: &mut Vec<PetabWarning>,
) -> Option<ProblemFiles> {
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(source) => {
            errors.push(PetabError::new(
                Place::file(path),
                PetabErrorKind::Unreadable { source },
            ));
            return None;
        }
    };
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    if let Some(row) = too_deep(text) {
        let place = Place::file(path).row(row);
        let message = format!("more than {MAX_DEPTH} brackets within brackets");
        errors.push(PetabError::new(place, PetabErrorKind::Yaml { message }));
        return None;
    }
    let value: Value = match serde_yaml_ng::from_str(text) {
        Ok(value) => value,
        Err(error) => {
            let message = error.to_string();
            // the parser places a key that stands twice at the start of its mapping
            let twice = message
                .split_once("duplicate entry with key \"")
                .and_then(|(_, rest)| rest.split('"').next())
                .and_then(|key| lines_of(text, key).last());
            let place = Place {
                file: path.to_owned(),
                row: twice.or(error.location().map(|l| l.line())),
                column: None,
            };
            errors.push(PetabError::new(place, PetabErrorKind::Yaml { message }));
            return None;
        }
    };
    let Value::Mapping(map) = value else {
        let message =
            "a mapping of keys is expected (format_version, parameter_files, ...)".to_owned();
        errors.push(PetabError::new(
            Place::file(path),
            PetabErrorKind::Yaml { message },
        ));
        return None;
    };
    let mut reader = YamlReader {
        path,
        text,
        folder: path.parent().unwrap_or(Path::new("")),
        errors,
        warnings,
        misspelt: Vec::new(),
    };
    let before = reader.errors.len();
    let files = reader.problem(&map);
    (reader.errors.len() == before).then_some(files)
}

/// Deeper nesting than any problem has; the parser's time grows with the square of it.
const MAX_DEPTH: usize = 100;

/// The first line whose brackets nest too deep.
fn too_deep(text: &str) -> Option<usize> {
    let mut depth = 0_usize;
    for (number, line) in text.lines().enumerate() {
        for c in line.chars() {
            match c {
                '[' | '{' => depth += 1,
                ']' | '}' => depth = depth.saturating_sub(1),
                _ => {}
            }
            if depth > MAX_DEPTH {
                return Some(number + 1);
            }
        }
    }
    None
}

/// Numbers of the lines that begin with a key.
fn lines_of<'a>(text: &'a str, key: &'a str) -> impl Iterator<Item = usize> + 'a {
    let begins = move |line: &str| {
        line.trim_start()
            .trim_start_matches(['"', '\'', '{'])
            .strip_prefix(key)
            .is_some_and(|rest| rest.trim_start_matches(['"', '\'', ' ']).starts_with(':'))
    };
    text.lines()
        .enumerate()
        .filter(move |(_, line)| begins(line))
        .map(|(i, _)| i + 1)
}

/// Reads keys; whatever is wrong with one is noted with its line.
pub(super) struct YamlReader<'a> {
    path: &'a Path,
    text: &'a str,
    folder: &'a Path,
    pub(super) errors: &'a mut Vec<PetabError>,
    pub(super) warnings: &'a mut Vec<PetabWarning>,
    /// keys that are missing because another one seems to be meant for them
    misspelt: Vec<String>,
}

impl YamlReader<'_> {
    /// The place of a key: the first line that begins with it.
    pub(super) fn place(&self, key: &str) -> Place {
        Place {
            file: self.path.to_owned(),
            row: lines_of(self.text, key).next(),
            column: None,
        }
    }

    /// A text, number or truth value as text; anything else is an error.
    pub(super) fn scalar(&mut self, key: &str, value: &Value) -> String {
        let text = scalar(value);
        text.unwrap_or_else(|| {
            self.error(key, format!("`{key}` must be a text"));
            String::new()
        })
    }

    pub(super) fn error(&mut self, key: &str, message: String) {
        let place = self.place(key);
        self.errors
            .push(PetabError::new(place, PetabErrorKind::Yaml { message }));
    }

    /// Notes that a key is missing, unless it was found misspelt.
    fn missing(&mut self, key: &str, message: String) {
        if !self.misspelt.iter().any(|k| k == key) {
            self.error(key, message);
        }
    }

    fn problem(&mut self, map: &Mapping) -> ProblemFiles {
        match self.version(map) {
            PetabVersion::V1 => self.version_1(map),
            PetabVersion::V2 => self.version_2(map),
        }
    }

    /// The version that the file says; without one the keys tell.
    fn version(&mut self, map: &Mapping) -> PetabVersion {
        let guess = match map.contains_key("problems") {
            true => PetabVersion::V1,
            false => PetabVersion::V2,
        };
        let Some(value) = map.get("format_version") else {
            let known = match guess {
                PetabVersion::V1 => KEYS_1.as_slice(),
                PetabVersion::V2 => KEYS.as_slice(),
            };
            let strange = map
                .keys()
                .filter_map(scalar)
                .filter(|k| !known.contains(&k.as_str()));
            let meant = |key: &String| suggest(key, ["format_version"]);
            if strange.flat_map(|key| meant(&key)).next().is_none() {
                let message = "`format_version` is missing (1 or 2.0.0)".to_owned();
                self.error("format_version", message);
            }
            return guess;
        };
        let found = self.scalar("format_version", value);
        match found.split('.').next() {
            Some("1") => PetabVersion::V1,
            Some("2") => PetabVersion::V2,
            Some("") => guess,
            _ => {
                let place = self.place("format_version");
                self.errors
                    .push(PetabError::new(place, PetabErrorKind::Version { found }));
                guess
            }
        }
    }

    fn version_2(&mut self, map: &Mapping) -> ProblemFiles {
        self.keys(map, &KEYS, "");
        self.not_used(map, "visualization_files");
        let mut files = ProblemFiles {
            version: PetabVersion::V2,
            id: self.id(map),
            parameters: self.files(map, "parameter_files", true),
            observables: self.files(map, "observable_files", true),
            measurements: self.files(map, "measurement_files", true),
            conditions: self.files(map, "condition_files", false),
            experiments: self.files(map, "experiment_files", false),
            mappings: self.files(map, "mapping_files", false),
            ..ProblemFiles::default()
        };
        self.models(map, &mut files);
        self.extensions(map, &mut files);
        files
    }

    fn version_1(&mut self, map: &Mapping) -> ProblemFiles {
        self.keys(map, &KEYS_1, " (version 1)");
        let mut files = ProblemFiles {
            version: PetabVersion::V1,
            parameters: self.files(map, "parameter_file", true),
            ..ProblemFiles::default()
        };
        let problems = match map.get("problems") {
            Some(Value::Sequence(list)) if !list.is_empty() => list.as_slice(),
            _ => {
                self.missing("problems", "`problems` lists no problem".to_owned());
                &[]
            }
        };
        for problem in problems {
            let Value::Mapping(problem) = problem else {
                let message = "each of `problems` must be a mapping (sbml_files, ...)".to_owned();
                self.error("problems", message);
                continue;
            };
            self.keys(problem, &KEYS_OF_PROBLEM, " under `problems`");
            self.not_used(problem, "visualization_files");
            let models = self.files(problem, "sbml_files", true);
            if models.len() > 1 {
                let message =
                    "`sbml_files` names several models; give each its own entry under `problems`";
                self.error("sbml_files", message.to_owned());
            }
            let Some(location) = problem.get("sbml_files").and_then(|value| match value {
                Value::Sequence(list) => list.first().and_then(scalar),
                one => scalar(one),
            }) else {
                continue;
            };
            let id = model_id(&location, &files.models);
            files.models.push(ModelFile {
                id,
                language: "sbml".to_owned(),
                location,
                place: self.place("sbml_files"),
            });
            files.blocks.push(Block {
                model: files.models.len() - 1,
                observables: self.files(problem, "observable_files", true),
                measurements: self.files(problem, "measurement_files", true),
                conditions: self.files(problem, "condition_files", true),
            });
            let mappings = self.files(problem, "mapping_files", false);
            files.mappings.extend(mappings);
        }
        self.extensions(map, &mut files);
        files
    }

    /// The id of the problem, which means nothing here.
    fn id(&mut self, map: &Mapping) -> Option<String> {
        let id = self.scalar("id", map.get("id")?);
        if !is_id(&id) {
            let what = format!("by the standard the id of a problem is an identifier, not `{id}`");
            let place = self.place("id");
            let kind = PetabWarningKind::NotStandard { what };
            self.warnings.push(PetabWarning { place, kind });
        }
        Some(id)
    }

    /// A kind of files that other programs read.
    fn not_used(&mut self, map: &Mapping, key: &str) {
        let names = map.get(key).and_then(Value::as_sequence);
        if names.is_some_and(|names| !names.is_empty()) {
            let (place, key) = (self.place(key), key.to_owned());
            let kind = PetabWarningKind::IgnoredKey { key };
            self.warnings.push(PetabWarning { place, kind });
        }
    }

    /// Notes keys that mean nothing; `where_to` says under what they stand.
    pub(super) fn keys(&mut self, map: &Mapping, known: &[&str], where_to: &str) {
        for key in map.keys() {
            let key = scalar(key).unwrap_or_default();
            if !known.contains(&key.as_str()) {
                let hint = did_you_mean(&key, known.iter().copied());
                let absent = known.iter().filter(|k| !map.contains_key(**k));
                self.misspelt.extend(suggest(&key, absent.copied()));
                self.error(&key, format!("unknown key `{key}`{where_to}{hint}"));
            }
        }
    }

    pub(super) fn files(
        &mut self,
        map: &Mapping,
        key: &'static str,
        required: bool,
    ) -> Vec<PathBuf> {
        let names = match map.get(key) {
            None | Some(Value::Null) => Vec::new(),
            Some(Value::Sequence(list)) => list.iter().map(scalar).collect(),
            Some(one) => vec![scalar(one)],
        };
        let mut found: Vec<PathBuf> = Vec::new();
        for name in &names {
            let Some(name) = name.as_deref().filter(|name| !name.trim().is_empty()) else {
                self.error(key, format!("`{key}` must be a list of file names"));
                return Vec::new();
            };
            let file = self.folder.join(name);
            if found.contains(&file) {
                self.error(key, format!("`{key}` names `{name}` twice"));
            } else {
                found.push(file);
            }
        }
        if required && found.is_empty() {
            self.missing(key, format!("`{key}` names no file"));
        }
        found
    }

    fn models(&mut self, map: &Mapping, files: &mut ProblemFiles) {
        let Some(models) = map
            .get("model_files")
            .and_then(Value::as_mapping)
            .filter(|m| !m.is_empty())
        else {
            self.missing("model_files", "`model_files` names no model".to_owned());
            return;
        };
        for (id, model) in models {
            let id = self.scalar("model_files", id);
            if !is_id(&id) {
                let place = self.place(&id);
                let kind = PetabErrorKind::InvalidId { id: id.clone() };
                self.errors.push(PetabError::new(place, kind));
            }
            if let Value::Mapping(model) = model {
                self.keys(
                    model,
                    &["language", "location"],
                    &format!(" of the model `{id}`"),
                );
            }
            let mut file = ModelFile {
                place: self.place(&id),
                id,
                ..ModelFile::default()
            };
            for (key, field) in [
                ("language", &mut file.language),
                ("location", &mut file.location),
            ] {
                match model.get(key).map(|value| self.scalar(key, value)) {
                    Some(text) if text.is_empty() => self.error(key, format!("`{key}` is empty")),
                    Some(text) => *field = text,
                    None => {
                        let message = format!("the model `{}` has no `{key}`", file.id);
                        if !self.misspelt.iter().any(|k| k == key) {
                            let place = file.place.clone();
                            let kind = PetabErrorKind::Yaml { message };
                            self.errors.push(PetabError::new(place, kind));
                        }
                    }
                }
            }
            files.models.push(file);
        }
    }
}

/// An id for a model of version 1, from the name of its file; unlike those before it.
fn model_id(location: &str, before: &[ModelFile]) -> String {
    let stem = Path::new(location).file_stem().unwrap_or_default();
    let stem = stem.to_string_lossy();
    let mut id: String = stem
        .trim_start_matches("model_")
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '_' })
        .collect();
    if !id.starts_with(|c: char| c.is_ascii_alphabetic()) {
        id.insert_str(0, "model");
    }
    while before.iter().any(|model| model.id == id) {
        id.push_str("_2");
    }
    id
}

/// Text of a YAML scalar; None where it is a list or a mapping, or nothing.
fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(b) => Some(b.to_string()),
        _ => None,
    }
}
