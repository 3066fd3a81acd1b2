//! `holobiont calibrate`: the problem of a model's findings, its fit, and the vectors that fit as well.
use super::{
    Failure,
    arguments::Calibrate as Command,
    models::{compile, find},
    terminal,
};
use crate::{
    exchange::files::write_files,
    scorecard::{Calibration, Design, calibration, read_quantities, read_targets},
};
use std::{fs, path::Path};

pub(super) fn run(command: &Command) -> Result<(), Failure> {
    let calibration = problem(command)?;
    for (id, why) in &calibration.left_out {
        terminal::note(&format!("{id} is left out: {why}"));
    }
    let files: Vec<(String, Vec<u8>)> = (calibration.files.iter())
        .map(|(name, text)| (name.clone(), text.clone().into_bytes()))
        .collect();
    let folder = command.folder.join("calibration");
    write_files(&folder, &files).map_err(Failure::input)?;
    Ok(())
}

/// Findings, design and model, read from their folders, as a problem.
fn problem(command: &Command) -> Result<Calibration, Failure> {
    let findings = command.findings.as_deref().unwrap_or(&command.folder);
    let mut wrong = Vec::new();
    let mut text = |path: &Path| match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) => {
            wrong.push(format!("{}: {error}", path.display()));
            String::new()
        }
    };
    let paths = ["targets.tsv", "quantities.tsv", "calibration/behaviour.tsv", "calibration/design.toml"]
        .map(|name| findings.join(name));
    let texts = paths.each_ref().map(|path| text(path));
    if !wrong.is_empty() {
        return Err(Failure::Input(wrong));
    }
    let targets = read_targets(&paths[0], &texts[0]).map_err(Failure::inputs)?;
    let quantities = read_quantities(&paths[1], &texts[1]).map_err(Failure::inputs)?;
    let behaviour = read_targets(&paths[2], &texts[2]).map_err(Failure::inputs)?;
    let design = Design::read(&paths[3].display().to_string(), &texts[3], behaviour);
    let design = design.map_err(Failure::input)?;
    let model = find(&command.folder.display().to_string())?;
    let system = compile(&model)?;
    let location = "../model.toml";
    calibration(&model, &system, &targets, &quantities, &design, location).map_err(Failure::inputs)
}
