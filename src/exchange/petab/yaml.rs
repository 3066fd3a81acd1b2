//! The YAML file that names the files of a problem.
use super::error::{PetabError, PetabErrorKind, PetabWarning, PetabWarningKind};
use crate::{exchange::tables::Place, expr::suggest};
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
    let value: Value = match serde_yaml_ng::from_str(&text) {
        Ok(value) => value,
        Err(error) => {
            let place = Place {
                file: path.to_owned(),
                row: error.location().map(|l| l.line()),
                column: None,
            };
            errors.push(PetabError::new(
                place,
                PetabErrorKind::Yaml {
                    message: error.to_string(),
                },
            ));
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
        text: &text,
        folder: path.parent().unwrap_or(Path::new("")),
        errors,
        warnings,
    };
    let before = reader.errors.len();
    let files = reader.problem(&map);
    (reader.errors.len() == before).then_some(files)
}

struct YamlReader<'a> {
    path: &'a Path,
    text: &'a str,
    folder: &'a Path,
    errors: &'a mut Vec<PetabError>,
    warnings: &'a mut Vec<PetabWarning>,
}

impl YamlReader<'_> {
    /// The place of a key: the first line that starts with it.
    fn place(&self, key: &str) -> Place {
        let row = self
            .text
            .lines()
            .position(|l| {
                l.trim_start()
                    .trim_start_matches(['"', '\''])
                    .starts_with(key)
            })
            .map(|i| i + 1);
        Place {
            file: self.path.to_owned(),
            row,
            column: None,
        }
    }

    fn error(&mut self, key: &str, message: String) {
        let place = self.place(key);
        self.errors
            .push(PetabError::new(place, PetabErrorKind::Yaml { message }));
    }

    fn problem(&mut self, map: &Mapping) -> ProblemFiles {
        for key in map.keys() {
            let Some(key) = key.as_str() else { continue };
            if !KEYS.contains(&key) {
                let near = suggest(key, KEYS);
                let hint = near
                    .first()
                    .map(|n| format!("; did you mean `{n}`?"))
                    .unwrap_or_default();
                self.error(key, format!("unknown key `{key}`{hint}"));
            }
        }
        match map.get("format_version") {
            None => self.error(
                "format_version",
                "`format_version` is missing (2.0.0)".to_owned(),
            ),
            Some(value) => {
                let found = scalar(value);
                if !(found == "2" || found.starts_with("2.")) {
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

    fn files(&mut self, map: &Mapping, key: &'static str, required: bool) -> Vec<PathBuf> {
        let found = match map.get(key) {
            None | Some(Value::Null) => Vec::new(),
            Some(Value::String(one)) => vec![self.folder.join(one)],
            Some(Value::Sequence(list)) => {
                list.iter().map(|v| self.folder.join(scalar(v))).collect()
            }
            Some(_) => {
                self.error(key, format!("`{key}` must be a list of file names"));
                return Vec::new();
            }
        };
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
            files.model_id = scalar(id);
            for (key, field) in [
                ("language", &mut files.model_language),
                ("location", &mut files.model_location),
            ] {
                match model.get(key) {
                    Some(value) => *field = scalar(value),
                    None => {
                        let message = format!("the model `{}` has no `{key}`", scalar(id));
                        let place = self.place("model_files");
                        self.errors
                            .push(PetabError::new(place, PetabErrorKind::Yaml { message }));
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
            let id = scalar(id);
            if id != "holobiont" {
                if body
                    .get("required")
                    .and_then(Value::as_bool)
                    .unwrap_or(true)
                {
                    let place = self.place(&id);
                    self.errors
                        .push(PetabError::new(place, PetabErrorKind::Extension { id }));
                }
                continue;
            }
            files.extension = true;
            let version = body.get("version").map(scalar).unwrap_or_default();
            if !(version == "1" || version.starts_with("1.")) {
                self.error(
                    "version",
                    format!("version `{version}` of the extension `holobiont` is not known; 1 is"),
                );
            }
            if let Value::Mapping(body) = body {
                for key in body.keys().map(scalar) {
                    if !["version", "required", "input_files", "dose_files"].contains(&key.as_str())
                    {
                        self.error(
                            &key,
                            format!("unknown key `{key}` under the extension `holobiont`"),
                        );
                    }
                }
                files.inputs = self.files(body, "input_files", false);
                files.doses = self.files(body, "dose_files", false);
            }
        }
    }
}

/// Text of a YAML scalar.
fn scalar(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Bool(b) => b.to_string(),
        _ => String::new(),
    }
}
