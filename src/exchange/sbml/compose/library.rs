//! The models that submodels instantiate: those of the file, and those of the files beside it that it names.
use super::super::document::{Definition, Document, Meta, Model};
use super::super::error::SbmlError;
use super::super::{load, read};
use super::index::Index;
use crate::expr::did_you_mean;
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// A model that can be instantiated.
#[derive(Debug)]
pub(super) struct Template {
    /// the document it stands in; 0 is the file being read
    pub document: usize,
    pub model: Model,
    pub index: Index,
}

/// Where a name of a model leads.
enum Place {
    Here(usize),
    /// line, source, modelRef
    There(u32, String, Option<String>),
}

struct Source {
    file: Option<PathBuf>,
    main: usize,
    models: HashMap<String, Place>,
}

/// All documents read so far, and their models.
pub(super) struct Library {
    /// the folder that external files must not leave
    folder: Option<PathBuf>,
    sources: Vec<Source>,
    by_file: HashMap<PathBuf, usize>,
    pub templates: Vec<Template>,
}

impl Library {
    /// The library of a document; `file` is where it was read from.
    pub(super) fn new(document: Document, file: Option<&Path>) -> Result<Self, SbmlError> {
        let file = file.and_then(|file| file.canonicalize().ok());
        let mut library = Library {
            folder: file.as_deref().and_then(Path::parent).map(Path::to_owned),
            sources: Vec::new(),
            by_file: HashMap::new(),
            templates: Vec::new(),
        };
        library.add(document, file)?;
        Ok(library)
    }

    /// The main model of the file being read.
    pub(super) fn main(&self) -> usize {
        self.sources[0].main
    }

    /// An error within a document, with the file's name unless it is the file being read.
    pub(super) fn at(&self, document: usize, error: SbmlError) -> SbmlError {
        match &self.sources[document].file {
            Some(file) if document > 0 => SbmlError::External {
                file: file.clone(),
                source: Box::new(error),
            },
            _ => error,
        }
    }

    fn add(&mut self, document: Document, file: Option<PathBuf>) -> Result<usize, SbmlError> {
        let number = self.sources.len();
        if let Some(file) = &file {
            self.by_file.insert(file.clone(), number);
        }
        let mut lines: HashMap<String, u32> = HashMap::new();
        let mut models = HashMap::new();
        let mut duplicate = None;
        let mut enter = |meta: &Meta, place: Place| {
            let Some(id) = &meta.id else { return };
            match lines.get(id) {
                None => {
                    lines.insert(id.clone(), meta.line);
                    models.insert(id.clone(), place);
                }
                Some(first) if duplicate.is_none() => {
                    duplicate = Some(SbmlError::DuplicateId {
                        line: meta.line,
                        element: format!("modelDefinition `{id}`"),
                        id: id.clone(),
                        first: *first,
                    });
                }
                Some(_) => {}
            }
        };
        let main = self.templates.len();
        let mut template = |model: Model, enter: &mut dyn FnMut(&Meta, Place)| {
            enter(&model.meta, Place::Here(self.templates.len()));
            let mut model = model;
            let index = Index::new(&mut model);
            self.templates.push(Template {
                document: number,
                model,
                index,
            });
        };
        template(document.model, &mut enter);
        for definition in document.definitions {
            match definition {
                Definition::Here(model) => template(*model, &mut enter),
                Definition::External(meta, source, model) => {
                    enter(&meta, Place::There(meta.line, source, model));
                }
            }
        }
        self.sources.push(Source { file, main, models });
        match duplicate {
            Some(error) => Err(self.at(number, error)),
            None => Ok(number),
        }
    }

    /// The model that a name means in a document; `line` and `element` are who asks.
    pub(super) fn find(
        &mut self,
        document: usize,
        name: &str,
        line: u32,
        element: &str,
    ) -> Result<usize, SbmlError> {
        // external definitions may name external definitions
        let mut way: Vec<(usize, String)> = Vec::new();
        let (mut document, mut name) = (document, name.to_string());
        let (mut line, mut element) = (line, element.to_string());
        loop {
            let (asking, source) = match self.sources[document].models.get(&name) {
                Some(Place::Here(template)) => return Ok(*template),
                None => {
                    let known = self.sources[document].models.keys().map(String::as_str);
                    let error = SbmlError::UnknownName {
                        line,
                        element,
                        kind: "model",
                        near: did_you_mean(&name, known),
                        name,
                    };
                    let asks = way.last().map_or(document, |(document, _)| *document);
                    return Err(self.at(asks, error));
                }
                Some(Place::There(at, source, model)) => ((*at, model.clone()), source.clone()),
            };
            let (at, model) = asking;
            let here = (document, name.clone());
            let element_here = format!("externalModelDefinition `{name}`");
            if way.contains(&here) {
                let chain = way.iter().chain([&here]).map(|(_, name)| name.as_str());
                let chain: Vec<&str> = chain.collect();
                let error = SbmlError::Composition {
                    line: at,
                    element: element_here,
                    message: format!(
                        "external definitions name each other in a circle: {}",
                        chain.join(" -> ")
                    ),
                };
                return Err(self.at(document, error));
            }
            way.push(here);
            let there = self.open(document, &source, at, &element_here)?;
            let Some(model) = model else {
                return Ok(self.sources[there].main);
            };
            (line, element) = (at, element_here);
            (document, name) = (there, model);
        }
    }

    /// The document of an external file, which is read the first time.
    fn open(
        &mut self,
        document: usize,
        source: &str,
        line: u32,
        element: &str,
    ) -> Result<usize, SbmlError> {
        let wrong = |message: String| {
            let error = SbmlError::Composition {
                line,
                element: element.to_string(),
                message,
            };
            self.at(document, error)
        };
        let (Some(folder), Some(from)) = (&self.folder, &self.sources[document].file) else {
            return Err(wrong(format!(
                "the model stands in \"{source}\", which cannot be found from a text alone; read the file itself"
            )));
        };
        let relative = relative_path(source).map_err(&wrong)?;
        let beside = from.parent().unwrap_or(folder);
        let file = beside.join(relative).canonicalize();
        let file = file.map_err(|e| wrong(format!("\"{source}\" cannot be read: {e}")))?;
        if !file.starts_with(folder) {
            return Err(wrong(format!(
                "\"{source}\" leads out of the folder of the model; put the file beside or below it"
            )));
        }
        if let Some(known) = self.by_file.get(&file) {
            return Ok(*known);
        }
        if !file.is_file() {
            return Err(wrong(format!("\"{source}\" is no file")));
        }
        let external = |error| SbmlError::External {
            file: file.clone(),
            source: Box::new(error),
        };
        let text = load(&file).map_err(|error| wrong(error.to_string()))?;
        let document = read::read(&text).map_err(external)?;
        self.add(document, Some(file))
    }
}

/// Paths, relative to the folder of the file, of the files that external definitions name, and of those that these name in turn.
pub(in crate::exchange) fn external_files(file: &Path) -> Vec<String> {
    let Ok(file) = file.canonicalize() else {
        return Vec::new();
    };
    let folder = file.parent().unwrap_or(Path::new("")).to_owned();
    let mut found = vec![file];
    let mut next = 0;
    while let Some(from) = found.get(next).cloned() {
        next += 1;
        // what cannot be read is an error of the model elsewhere
        let document = load(&from).ok().and_then(|text| read::read(&text).ok());
        for definition in document.into_iter().flat_map(|d| d.definitions) {
            let Definition::External(_, source, _) = definition else {
                continue;
            };
            let beside = from.parent().unwrap_or(&folder);
            let path = relative_path(&source).ok();
            let path = path.and_then(|path| beside.join(path).canonicalize().ok());
            let path = path.filter(|path| path.starts_with(&folder) && path.is_file());
            found.extend(path.filter(|path| !found.contains(path)));
        }
    }
    let relative = |path: &PathBuf| {
        let parts = path.strip_prefix(&folder).ok()?.components();
        let parts: Vec<String> = parts
            .map(|part| part.as_os_str().to_string_lossy().into_owned())
            .collect();
        Some(parts.join("/"))
    };
    found[1..].iter().filter_map(relative).collect()
}

/// The path in a `source`: a relative URI, perhaps with `file:` before it.
fn relative_path(source: &str) -> Result<PathBuf, String> {
    let path = source.trim();
    let path = path.strip_prefix("file:").unwrap_or(path);
    let scheme = path.split_once(':').map(|(scheme, _)| scheme);
    let is_scheme =
        |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric());
    if scheme.is_some_and(is_scheme) {
        return Err(format!(
            "\"{source}\" is no file beside the model, and nothing is fetched from elsewhere; save it beside the model and name it so"
        ));
    }
    let path = decode(path.split('#').next().unwrap_or(path))
        .ok_or_else(|| format!("\"{source}\" is no valid URI"))?;
    if path.is_empty() || Path::new(&path).is_absolute() {
        return Err(format!(
            "\"{source}\" is no relative path; external models are read from files beside or below the model"
        ));
    }
    Ok(PathBuf::from(path))
}

/// Without the `%20` of URIs.
fn decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        rest = tail;
        if *first != b'%' {
            bytes.push(*first);
            continue;
        }
        let (high, low) = (*rest.first()?, *rest.get(1)?);
        let digit = |b: u8| (b as char).to_digit(16);
        bytes.push((digit(high)? * 16 + digit(low)?) as u8);
        rest = &rest[2..];
    }
    String::from_utf8(bytes)
        .ok()
        .filter(|path| !path.contains('\0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_are_relative_paths() {
        let path = |text| relative_path(text).map(|p| p.to_string_lossy().into_owned());
        assert_eq!(path("part.xml").as_deref(), Ok("part.xml"));
        assert_eq!(
            path("file:parts/a%20b.xml#m").as_deref(),
            Ok("parts/a b.xml")
        );
        for refused in [
            "http://example.org/m.xml",
            "urn:miriam:biomodels.db:BIOMD0000000001",
            "file:///etc/model.xml",
            "/etc/model.xml",
            "",
            "a%2",
            "a%00b",
        ] {
            assert!(path(refused).is_err(), "{refused}");
        }
    }
}
