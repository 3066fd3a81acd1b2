//! `holobiont models expected`: reference trajectories, written into the folder of a model or compared with what it says now.
use super::{Failure, arguments::Expected, models::compile, terminal};
use crate::{
    compile::System,
    exchange::{
        expected::{self, ExpectedError},
        files::write_files,
        model::{self, Model},
    },
    models,
};
use std::path::{Path, PathBuf};

pub(super) fn run(command: &Expected) -> Result<(), Failure> {
    let folder = folder(&command.model)?;
    let model = model::read(&folder).map_err(Failure::inputs)?;
    let system = compile(&model)?;
    let scenarios = expected::scenarios(&model, &folder).map_err(Failure::inputs)?;
    match command.check {
        true => check(&model, &system, &folder, &scenarios),
        false => write(command, &model, &system, &folder, &scenarios),
    }
}

/// The folder on disk that holds the model.
fn folder(name: &str) -> Result<PathBuf, Failure> {
    let path = Path::new(name);
    let folder = match models::names().contains(&name) && !path.is_dir() {
        true => Path::new("models").join(name),
        false if path.is_file() => path.parent().unwrap_or(Path::new("")).to_owned(),
        false => path.to_owned(),
    };
    match folder.join("model.toml").is_file() {
        true => Ok(folder),
        false => Err(Failure::input(format!(
            "{} is not there; give the folder of a model, or the name of one whose folder stands in `models`",
            folder.join("model.toml").display()
        ))),
    }
}

fn write(
    command: &Expected,
    model: &Model,
    system: &System,
    folder: &Path,
    scenarios: &[Option<&str>],
) -> Result<(), Failure> {
    let files: Vec<PathBuf> = (scenarios.iter())
        .map(|scenario| expected::file(folder, *scenario))
        .collect();
    let there: Vec<String> = (files.iter())
        .filter(|file| file.exists() && !command.force)
        .map(|file| format!("{} is there already; --force replaces it", file.display()))
        .collect();
    if !there.is_empty() {
        return Err(Failure::Input(there));
    }
    let mut texts = Vec::new();
    let mut lines = String::new();
    for (scenario, file) in scenarios.iter().zip(&files) {
        let trajectory = expected::reference(model, system, *scenario).map_err(failure)?;
        let (relative, rows) = (trajectory.tolerances.relative, trajectory.times.len());
        lines += &format!("{}: {rows} rows, rtol {relative:e}\n", file.display());
        let text = trajectory.text(system.time_unit());
        texts.push((file.to_string_lossy().into_owned(), text.into_bytes()));
    }
    write_files(Path::new(""), &texts).map_err(Failure::input)?;
    for file in expected::stale(folder, scenarios) {
        terminal::warning(&format!("{}: no scenario has this table", file.display()));
    }
    terminal::print(&lines);
    Ok(())
}

fn check(
    model: &Model,
    system: &System,
    folder: &Path,
    scenarios: &[Option<&str>],
) -> Result<(), Failure> {
    let mut errors: Vec<String> = (expected::stale(folder, scenarios).iter())
        .map(|file| format!("{}: no scenario has this table", file.display()))
        .collect();
    for scenario in scenarios {
        let file = expected::file(folder, *scenario);
        match expected::compare(model, system, *scenario, &file, None) {
            Ok(differences) => errors.extend(differences.iter().map(|d| d.to_string())),
            Err(error) => match failure(error) {
                Failure::Input(messages) => errors.extend(messages),
                other => return Err(other),
            },
        }
    }
    if !errors.is_empty() {
        return Err(Failure::Input(errors));
    }
    terminal::print(&match scenarios.len() {
        1 => "1 table holds\n".to_owned(),
        count => format!("{count} tables hold\n"),
    });
    Ok(())
}

fn failure(error: ExpectedError) -> Failure {
    match error {
        ExpectedError::Solve { .. } => Failure::Numerical(error.to_string()),
        _ => Failure::input(error),
    }
}
