//! `holobiont score`: a model beside published findings.
use super::{
    Failure,
    arguments::Score,
    companions::{companion, companions},
    models::{compile, find},
    terminal, trial,
};
use crate::{
    exchange::files::{write_file, write_files},
    report::{beside_text, forest, score_table, score_text},
    scorecard::{
        Bands, Quantities, Scored, Target, read_bands, read_quantities, read_targets, score,
        with_bands,
    },
};
use std::path::Path;

pub(super) fn run(command: &Score) -> Result<(), Failure> {
    let model = find(&command.model)?;
    let (targets, mut quantities) = tables(&command.model)?;
    let system = compile(&model)?;
    if command.population {
        quantities.population = trial::population(&command.model, &model, &system)?;
    }
    let mut rows = score(&model, &system, &targets, &quantities);
    if !command.beside.is_empty() {
        return beside(command, &rows, &targets, &quantities);
    }
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

/// The model and its rivals on the same findings.
fn beside(
    command: &Score,
    own: &[Scored],
    targets: &[Target],
    quantities: &Quantities,
) -> Result<(), Failure> {
    let mut rivals = Vec::new();
    for name in &command.beside {
        let rival = find(name)?;
        let system = compile(&rival)?;
        rivals.push(score(&rival, &system, targets, quantities));
    }
    let mut line = format!("holobiont score {}", command.model);
    let mut models = vec![(command.model.as_str(), own)];
    for (name, rows) in command.beside.iter().zip(&rivals) {
        line += &format!(" --beside {name}");
        models.push((name, rows));
    }
    let text = beside_text(&models, &line);
    terminal::print(&text);
    match &command.output {
        Some(file) => write_file(file, text.as_bytes()).map_err(Failure::input),
        None => Ok(()),
    }
}

/// The range of each finding over vectors that fit equally well; empty where the model has no such vectors.
fn bands(name: &str) -> Result<Bands, Failure> {
    match companion(name, "calibration/bands.tsv")? {
        Some((file, text)) => read_bands(&file, &text).map_err(Failure::inputs),
        None => Ok(Bands::new()),
    }
}

/// Findings and quantities of a model, shipped or in its folder.
fn tables(name: &str) -> Result<(Vec<Target>, Quantities), Failure> {
    let (folder, [targets, quantities]) = companions(name, ["targets.tsv", "quantities.tsv"])?;
    let targets = read_targets(&folder.join("targets.tsv"), &targets);
    let quantities = read_quantities(&folder.join("quantities.tsv"), &quantities);
    match (targets, quantities) {
        (Ok(targets), Ok(quantities)) => Ok((targets, quantities)),
        (targets, quantities) => {
            let mut errors = targets.err().unwrap_or_default();
            errors.extend(quantities.err().unwrap_or_default());
            Err(Failure::inputs(errors))
        }
    }
}
