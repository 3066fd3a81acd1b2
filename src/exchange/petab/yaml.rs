//! The YAML file that names the files of a problem.
use super::error::{PetabError, PetabErrorKind, PetabWarning, PetabWarningKind};
use crate::{exchange::tables::Place, expr::did_you_mean};
use serde_yaml_ng::{Mapping, Value};
use std::{
    fs,
    path::{Path, PathBuf},
};

/// The files of one kind, as paths that can be opened.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct ProblemFiles {
    pub model_id: String,
    pub model_language: String,
    /// as written
    pub model_location: String,
    /// where the model is named
    pub model_place: Place,
    pub parameters: Vec<PathBuf>,
    pub observables: Vec<PathBuf>,
    pub measurements: Vec<PathBuf>,
    pub conditions: Vec<PathBuf>,
    pub experiments: Vec<PathBuf>,
    pub inputs: Vec<PathBuf>,
    pub doses: Vec<PathBuf>,
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
            &self.inputs,
            &self.doses,
        ]
        .into_iter()
        .flatten()
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

struct YamlReader<'a> {
    path: &'a Path,
    text: &'a str,
    folder: &'a Path,
    errors: &'a mut Vec<PetabError>,
    warnings: &'a mut Vec<PetabWarning>,
}

impl YamlReader<'_> {
    /// The place of a key: the first line that begins with it.
    fn place(&self, key: &str) -> Place {
        Place {
            file: self.path.to_owned(),
            row: lines_of(self.text, key).next(),
            column: None,
        }
    }

    /// A text, number or truth value as text; anything else is an error.
    fn scalar(&mut self, key: &str, value: &Value) -> String {
        let text = scalar(value);
        text.unwrap_or_else(|| {
            self.error(key, format!("`{key}` must be a text"));
            String::new()
        })
    }

    fn error(&mut self, key: &str, message: String) {
        let place = self.place(key);
        self.errors
            .push(PetabError::new(place, PetabErrorKind::Yaml { message }));
    }

    fn problem(&mut self, map: &Mapping) -> ProblemFiles {
        self.keys(map, &KEYS, "");
        match map.get("format_version") {
            None => self.error(
                "format_version",
                "`format_version` is missing (2.0.0)".to_owned(),
            ),
            Some(value) => {
                let found = self.scalar("format_version", value);
                if !(found.is_empty() || found == "2" || found.starts_with("2.")) {
                    let place = self.place("format_version");
                    self.errors
                        .push(PetabError::new(place, PetabErrorKind::Version { found }));
                }
            }
        }
        for key in ["visualization_files", "mapping_files"] {
            if map
                .get(key)
                .and_then(Value::as_sequence)
                .is_some_and(|s| !s.is_empty())
            {
                let place = self.place(key);
                if key == "mapping_files" {
                    let what = "a mapping table is".to_owned();
                    self.errors.push(PetabError::new(
                        place,
                        PetabErrorKind::NotSupported { what },
                    ));
                } else {
                    let kind = PetabWarningKind::IgnoredKey {
                        key: key.to_owned(),
                    };
                    self.warnings.push(PetabWarning { place, kind });
                }
            }
        }
        let mut files = ProblemFiles {
            parameters: self.files(map, "parameter_files", true),
            observables: self.files(map, "observable_files", true),
            measurements: self.files(map, "measurement_files", true),
            conditions: self.files(map, "condition_files", false),
            experiments: self.files(map, "experiment_files", false),
            ..ProblemFiles::default()
        };
        self.model(map, &mut files);
        self.extensions(map, &mut files);
        files
    }

    /// Notes keys that mean nothing; `where_to` says under what they stand.
    fn keys(&mut self, map: &Mapping, known: &[&str], where_to: &str) {
        for key in map.keys() {
            let key = scalar(key).unwrap_or_default();
            if !known.contains(&key.as_str()) {
                let hint = did_you_mean(&key, known.iter().copied());
                self.error(&key, format!("unknown key `{key}`{where_to}{hint}"));
            }
        }
    }

    fn files(&mut self, map: &Mapping, key: &'static str, required: bool) -> Vec<PathBuf> {
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
            self.error(key, format!("`{key}` names no file"));
        }
        found
    }

    fn model(&mut self, map: &Mapping, files: &mut ProblemFiles) {
        let Some(models) = map
            .get("model_files")
            .and_then(Value::as_mapping)
            .filter(|m| !m.is_empty())
        else {
            self.error("model_files", "`model_files` names no model".to_owned());
            return;
        };
        if models.len() > 1 {
            let place = self.place("model_files");
            let what = "a problem with several models is".to_owned();
            self.errors.push(PetabError::new(
                place,
                PetabErrorKind::NotSupported { what },
            ));
            return;
        }
        for (id, model) in models {
            files.model_id = self.scalar("model_files", id);
            files.model_place = self.place(&files.model_id);
            for (key, field) in [
                ("language", &mut files.model_language),
                ("location", &mut files.model_location),
            ] {
                match model.get(key).map(|value| self.scalar(key, value)) {
                    Some(text) if text.is_empty() => self.error(key, format!("`{key}` is empty")),
                    Some(text) => *field = text,
                    None => {
                        let message = format!("the model `{}` has no `{key}`", files.model_id);
                        self.error("model_files", message);
                    }
                }
            }
        }
    }

    fn extensions(&mut self, map: &Mapping, files: &mut ProblemFiles) {
        let extensions = match map.get("extensions") {
            None | Some(Value::Null) => return,
            Some(Value::Mapping(extensions)) => extensions,
            Some(_) => {
                self.error(
                    "extensions",
                    "`extensions` must be a mapping from id to version and required".to_owned(),
                );
                return;
            }
        };
        for (id, body) in extensions {
            let id = self.scalar("extensions", id);
            let Value::Mapping(body) = body else {
                let message = format!("the extension `{id}` must be a mapping (version, required)");
                self.error(&id, message);
                continue;
            };
            let required = body.get("required").unwrap_or(&Value::Bool(true));
            if !required.is_bool() {
                self.error("required", "`required` is true or false".to_owned());
            }
            if id != "holobiont" {
                if required.as_bool().unwrap_or(true) {
                    let place = self.place(&id);
                    self.errors
                        .push(PetabError::new(place, PetabErrorKind::Extension { id }));
                }
                continue;
            }
            files.extension = true;
            match body.get("version").map(|v| self.scalar("version", v)) {
                None => self.error(
                    &id,
                    "the extension `holobiont` has no `version` (1)".to_owned(),
                ),
                Some(version) if version == "1" || version.starts_with("1.") => {}
                Some(version) => self.error(
                    "version",
                    format!("version `{version}` of the extension `holobiont` is not known; 1 is"),
                ),
            }
            let known = ["version", "required", "input_files", "dose_files"];
            self.keys(body, &known, " under the extension `holobiont`");
            files.inputs = self.files(body, "input_files", false);
            files.doses = self.files(body, "dose_files", false);
        }
    }
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
