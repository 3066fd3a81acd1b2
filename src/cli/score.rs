//! `holobiont score`: a model beside published findings.
use super::{
    Failure,
    arguments::Score,
    models::{compile, find},
    terminal, trial,
};
use crate::{
    exchange::files::write_files,
    models,
    report::{forest, score_table, score_text},
    scorecard::{
        Bands, Quantities, Target, read_bands, read_quantities, read_targets, score, with_bands,
    },
};
use std::{fs, path::Path};

pub(super) fn run(command: &Score) -> Result<(), Failure> {
    let model = find(&command.model)?;
    let (targets, mut quantities) = tables(&command.model)?;
    let system = compile(&model)?;
    if command.population {
        quantities.population = trial::population(&command.model, &model, &system)?;
    }
    let mut rows = score(&model, &system, &targets, &quantities);
    with_bands(&mut rows, &bands(&command.model)?);
    terminal::print(&score_text(&rows));
    let mut files = Vec::new();
    let name = |file: &Path| file.to_string_lossy().into_owned();
    if let Some(file) = &command.output {
        files.push((name(file), score_table(&rows).into_bytes()));
    }
    if let Some(file) = &command.plot {
        let title = format!("{} beside published findings", system.id());
        let picture = forest(&title, &rows).svg().map_err(Failure::input)?;
        files.push((name(file), picture.into_bytes()));
    }
    write_files(Path::new(""), &files).map_err(Failure::input)
}

/// The range of each finding over vectors that fit equally well; empty where the model has no such vectors.
fn bands(name: &str) -> Result<Bands, Failure> {
    let path = Path::new(name);
    let file = path.join("calibration/bands.tsv");
    let text = match models::bands(name) {
        Some(text) => text.to_owned(),
        None => fs::read_to_string(&file).unwrap_or_default(),
    };
    match text.is_empty() {
        true => Ok(Bands::new()),
        false => read_bands(&file, &text).map_err(Failure::inputs),
    }
}

/// Findings and quantities of a model, shipped or in its folder.
fn tables(name: &str) -> Result<(Vec<Target>, Quantities), Failure> {
    let path = Path::new(name);
    let (folder, texts) = match models::scorecard(name) {
        Some(texts) => (Path::new("models").join(name), texts.map(str::to_owned)),
        None if models::get(name).is_some() => {
            return Err(Failure::Input(vec![format!(
                "{name} has no findings to be scored against"
            )]));
        }
        None => {
            let folder = if path.is_dir() {
                path
            } else {
                path.parent().unwrap_or(path)
            };
            let read = |file: &str| {
                let file = folder.join(file);
                fs::read_to_string(&file).map_err(|e| format!("{}: {e}", file.display()))
            };
            match (read("targets.tsv"), read("quantities.tsv")) {
                (Ok(targets), Ok(quantities)) => (folder.to_owned(), [targets, quantities]),
                (targets, quantities) => {
                    let errors = [targets, quantities].into_iter().filter_map(Result::err);
                    return Err(Failure::Input(errors.collect()));
                }
            }
        }
    };
    let targets = read_targets(&folder.join("targets.tsv"), &texts[0]);
    let quantities = read_quantities(&folder.join("quantities.tsv"), &texts[1]);
    match (targets, quantities) {
        (Ok(targets), Ok(quantities)) => Ok((targets, quantities)),
        (targets, quantities) => {
            let mut errors = targets.err().unwrap_or_default();
            errors.extend(quantities.err().unwrap_or_default());
            Err(Failure::inputs(errors))
        }
    }
}
