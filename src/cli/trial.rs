//! `holobiont trial`: a virtual trial of a model.
use super::{
    Failure,
    arguments::Trial,
    models::{compile, find},
    terminal,
};
use crate::{
    compile::System,
    exchange::{files::write_files, model::Model},
    models,
    report::{trial_files, trial_text},
    trial::{Design, Options, Population, TrialError, run as run_trial},
    units::did_you_mean,
};
use std::{
    fs,
    path::{Path, PathBuf},
};

pub(super) fn run(command: &Trial) -> Result<(), Failure> {
    let model = find(&command.model)?;
    let (file, text) = design(command)?;
    let system = compile(&model)?;
    let Some(population) = population(&command.model, &model, &system)? else {
        let file = folder(&command.model).join("population.toml");
        let message = format!(
            "{}: the virtual subjects of the model are described nowhere",
            file.display()
        );
        return Err(Failure::Input(vec![message]));
    };
    let design =
        Design::read(&file, &text, &model, &system, &population).map_err(Failure::inputs)?;
    let options = Options {
        seed: command.seed,
        trials: command.trials.map(|trials| trials as usize),
        ..Options::default()
    };
    if terminal::is_watched() {
        terminal::note(&format!(
            "{} subjects live in {} arms",
            design.size(),
            design.arms.len()
        ));
    }
    let trial =
        run_trial(&model, &system, &population, &design, &options).map_err(
            |error| match error {
                TrialError::TooManyFailed { .. } => Failure::Numerical(error.to_string()),
                _ => Failure::input(error),
            },
        )?;
    terminal::print(&trial_text(&trial));
    match &command.output {
        Some(folder) => {
            let files = trial_files(&trial).map_err(Failure::input)?;
            write_files(folder, &files).map_err(Failure::input)
        }
        None => Ok(()),
    }
}

/// The folder of a model, shipped or on disk.
fn folder(name: &str) -> PathBuf {
    if models::get(name).is_some() {
        return Path::new("models").join(name);
    }
    let path = Path::new(name);
    match path.is_dir() {
        true => path.to_owned(),
        false => path.parent().unwrap_or(path).to_owned(),
    }
}

/// The virtual subjects of a model, shipped or in its folder; None where there are none.
pub(super) fn population(
    name: &str,
    model: &Model,
    system: &System,
) -> Result<Option<Population>, Failure> {
    let file = folder(name).join("population.toml");
    let text = match models::get(name) {
        Some(_) => models::population(name).map(str::to_owned),
        None if file.exists() => Some(load(&file)?),
        None => None,
    };
    let read = |text: String| Population::read(&file, &text, model, system);
    text.map(read).transpose().map_err(Failure::inputs)
}

/// File and text of the design that is asked for.
fn design(command: &Trial) -> Result<(PathBuf, String), Failure> {
    let folder = folder(&command.model).join("trials");
    let shipped = models::trials(&command.model);
    if let Some(name) = &command.design {
        let path = Path::new(name);
        let own = folder.join(format!("{name}.toml"));
        if let Some((id, text)) = shipped.iter().find(|(id, _)| id == name) {
            return Ok((folder.join(format!("{id}.toml")), (*text).to_owned()));
        }
        if path.exists() || name.ends_with(".toml") {
            return Ok((path.to_owned(), load(path)?));
        }
        if own.exists() {
            let text = load(&own)?;
            return Ok((own, text));
        }
        let near = did_you_mean(name, shipped.iter().map(|(id, _)| *id));
        return Err(Failure::Input(vec![format!(
            "the model has no trial `{name}`, and no file has this name{near}"
        )]));
    }
    match shipped {
        [(id, text)] => Ok((folder.join(format!("{id}.toml")), (*text).to_owned())),
        [] => Err(Failure::Usage("name the file of a design".to_owned())),
        several => {
            let ids: Vec<&str> = several.iter().map(|(id, _)| *id).collect();
            Err(Failure::Usage(format!("name a trial: {}", ids.join(", "))))
        }
    }
}

fn load(file: &Path) -> Result<String, Failure> {
    let wrong = |error| Failure::Input(vec![format!("{}: {error}", file.display())]);
    fs::read_to_string(file).map_err(wrong)
}
