//! Tables that stand beside a model: of one that ships with the program, or in the folder of one on disk.
use super::Failure;
use crate::models;
use std::{
    fs,
    path::{Path, PathBuf},
};

/// The folder of a model on disk; of one that ships, where it stands in the project.
fn folder(name: &str) -> PathBuf {
    match Path::new(name) {
        _ if models::names().contains(&name) => Path::new("models").join(name),
        folder if folder.is_dir() => folder.to_owned(),
        file => file.parent().unwrap_or(file).to_owned(),
    }
}

/// The folder, for messages, and the texts of some tables beside a model.
pub(super) fn companions<const N: usize>(
    name: &str,
    files: [&str; N],
) -> Result<(PathBuf, [String; N]), Failure> {
    let built_in = models::names().contains(&name);
    let folder = folder(name);
    let read = |file: &str| match built_in {
        true => models::table(name, file)
            .map(str::to_owned)
            .ok_or_else(|| format!("{name} ships without {file}")),
        false => {
            let file = folder.join(file);
            fs::read_to_string(&file).map_err(|e| format!("{}: {e}", file.display()))
        }
    };
    let mut errors = Vec::new();
    let texts = files.map(|file| {
        read(file).unwrap_or_else(|error| {
            errors.push(error);
            String::new()
        })
    });
    match errors.is_empty() {
        true => Ok((folder, texts)),
        false => Err(Failure::Input(errors)),
    }
}

/// A table that a model may have beside it: its path, for messages, and its text; `None` where there is none.
pub(super) fn companion(name: &str, file: &str) -> Result<Option<(PathBuf, String)>, Failure> {
    let stands = match models::names().contains(&name) {
        true => models::table(name, file).is_some(),
        false => folder(name).join(file).exists(),
    };
    if !stands {
        return Ok(None);
    }
    let (folder, [text]) = companions(name, [file])?;
    Ok(Some((folder.join(file), text)))
}
