//! Tables that stand beside a model: of one that ships with the program, or in the folder of one on disk.
use super::Failure;
use crate::models;
use std::{
    fs,
    path::{Path, PathBuf},
};

/// The folder, for messages, and the texts of some tables beside a model.
pub(super) fn companions<const N: usize>(
    name: &str,
    files: [&str; N],
) -> Result<(PathBuf, [String; N]), Failure> {
    let path = Path::new(name);
    let built_in = models::names().contains(&name);
    let folder = match path {
        _ if built_in => Path::new("models").join(name),
        folder if folder.is_dir() => folder.to_owned(),
        file => file.parent().unwrap_or(file).to_owned(),
    };
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
