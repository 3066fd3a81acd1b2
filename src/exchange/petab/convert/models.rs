//! The models of a problem as SBML files.
use super::error::{ConvertErrorKind, ConvertWarningKind, Notes};
use crate::exchange::{
    petab::{
        model::{self, file_name},
        rows::{ModelSource, PetabModel, PetabProblem, PetabVersion},
        write::Location,
    },
    sbml::{WriteOptions, write as write_sbml},
    tables::Place,
};

/// Whether a model is in our own language.
pub(super) fn any_own(problem: &PetabProblem) -> bool {
    problem
        .models
        .iter()
        .any(|model| !model::is_sbml(&model.source))
}

/// Whether models stay in our own language: only there an experiment may have tables of inputs of its own.
pub(super) fn stay(problem: &PetabProblem, notes: &mut Notes) -> bool {
    let Some(row) = problem.inputs.first() else {
        return false;
    };
    let stay = any_own(problem) && !notes.format.is_plain();
    if stay {
        let place = row.origin.place("inputs.tsv", "inputId");
        notes.warning(place, ConvertWarningKind::OwnLanguage);
    }
    stay
}

/// Adds the files of all models and returns where they stand.
pub(super) fn write(
    problem: &PetabProblem,
    stay: bool,
    files: &mut Vec<(String, Vec<u8>)>,
    notes: &mut Notes,
) -> Vec<Location> {
    let mut locations = Vec::new();
    for (position, model) in problem.models.iter().enumerate() {
        let several = problem.models.len() > 1;
        let location = match &model.source {
            source if stay || model::is_sbml(source) => {
                // names of models of version 1 are those of their files
                let named = several && notes.format.version == PetabVersion::V1;
                copied(model, named, files, notes)
            }
            _ => own(problem, position, files, notes),
        };
        locations.extend(location);
    }
    locations
}

/// A model as it stands on disk.
fn copied(
    model: &PetabModel,
    named: bool,
    files: &mut Vec<(String, Vec<u8>)>,
    notes: &mut Notes,
) -> Option<Location> {
    let before = files.len();
    match model::copies(std::slice::from_ref(model), files) {
        Ok(mut locations) => {
            let mut location = locations.pop()?;
            if named && files.len() == before + 1 {
                let name = format!("model/{}.xml", file_name(&model.id));
                if !files[..before].iter().any(|(known, _)| *known == name) {
                    files[before].0.clone_from(&name);
                    location.location = name;
                }
            }
            Some(location)
        }
        Err(error) => {
            let place = Place::file(&error.file);
            notes.error(place, ConvertErrorKind::Copy(error));
            None
        }
    }
}

/// A model of our own language, written as SBML.
fn own(
    problem: &PetabProblem,
    position: usize,
    files: &mut Vec<(String, Vec<u8>)>,
    notes: &mut Notes,
) -> Option<Location> {
    let model = &problem.models[position];
    let place = match &model.source {
        ModelSource::File(path) => Place::file(path),
        ModelSource::BuiltIn(name) => Place::file(format!("builtin:{name}")),
    };
    let read = match model.read() {
        Ok(read) => read,
        Err(messages) => {
            for message in messages {
                notes.error(place.clone(), ConvertErrorKind::Model { message });
            }
            return None;
        }
    };
    let options = WriteOptions {
        notes: read.description.into_iter().collect(),
        ..WriteOptions::default()
    };
    match write_sbml(&read.network, &options) {
        Ok(text) => {
            let mut name = format!("model/{}.xml", file_name(&model.id));
            if files
                .iter()
                .any(|(known, _)| known.eq_ignore_ascii_case(&name))
            {
                name = format!("model/{}_{}.xml", file_name(&model.id), position + 1);
            }
            files.push((name.clone(), text.into_bytes()));
            Some(Location {
                language: "sbml",
                location: name,
            })
        }
        Err(error) => {
            notes.error(place, ConvertErrorKind::Sbml(error));
            None
        }
    }
}
