//! `holobiont claims`: what is said of a model's subject beside what the model says, or what every coupling carries.
use super::{
    Failure,
    arguments::ClaimTable,
    companions::{companion, companions},
    models::{compile, find},
    terminal,
};
use crate::{
    exchange::files::{write_file, write_files},
    report::{
        ClaimReport, claims_markdown, claims_summary, claims_table, claims_text,
        couplings_markdown, couplings_table,
    },
    scorecard::{
        Target,
        claims::{Laboratory, Settings, couplings, draws, evaluate, examine, labels, read_claims},
        read_targets,
    },
};
use std::{
    fs,
    path::{Path, PathBuf},
};

pub(super) fn run(command: &ClaimTable) -> Result<(), Failure> {
    let model = find(&command.model)?;
    let (folder, [claims, targets]) = companions(&command.model, ["claims.toml", "targets.tsv"])?;
    let targets = read_targets(&folder.join("targets.tsv"), &targets).map_err(Failure::inputs)?;
    let behaviour = behaviour(&command.model)?;
    let system = compile(&model)?;
    let file = folder.join("claims.toml");
    let claims = read_claims(&file, &claims, &model, &system, &targets).map_err(Failure::inputs)?;
    let laboratory = Laboratory {
        model: &model,
        system: &system,
        claims: &claims,
        settings: Settings {
            threads: command.threads.map(|n| n as usize),
            ..Settings::default()
        },
    };
    let name = &model.network.id;
    if command.ablations {
        let Some(table) = couplings(&laboratory, system.parameters()) else {
            let message = format!("{} names no couplings", file.display());
            return Err(Failure::input(message));
        };
        let line = format!("holobiont claims {name} --ablations");
        let markdown = couplings_markdown(name, &table, &line);
        return match command.output.is_empty() {
            true => {
                terminal::print(&markdown);
                Ok(())
            }
            false => write(&command.output, &markdown, &couplings_table(&table)),
        };
    }
    let vectors = draws(&model, &system, &claims, command.draws, command.seed);
    let evaluated = evaluate(&laboratory, &vectors);
    let examined = examine(&laboratory, system.parameters());
    let labelled = labels(
        &model,
        &claims,
        (&targets, &behaviour),
        &evaluated,
        &examined,
    );
    let report = ClaimReport {
        model: name,
        claims: &claims,
        evaluated: &evaluated,
        examined: &examined,
        labelled: &labelled,
        draws: command.draws,
        seed: command.seed,
    };
    terminal::print(&claims_text(&report));
    let (draws, seed) = (command.draws, command.seed);
    let line = format!("holobiont claims {name} --draws {draws} --seed {seed}");
    let markdown = claims_markdown(&report, &line);
    write(&command.output, &markdown, &claims_table(&report))?;
    match &command.into {
        Some(file) => insert(file, &claims_summary(&report)),
        None => Ok(()),
    }
}

/// What a calibration was asked for beside findings; nothing where there is no such table.
fn behaviour(name: &str) -> Result<Vec<Target>, Failure> {
    match companion(name, "calibration/behaviour.tsv")? {
        Some((file, text)) => read_targets(&file, &text).map_err(Failure::inputs),
        None => Ok(Vec::new()),
    }
}

/// The lines that a short table stands between.
const MARKS: [&str; 2] = ["<!-- claims -->\n", "<!-- end of claims -->"];

/// Replaces what stands between the marks of a file.
fn insert(file: &Path, text: &str) -> Result<(), Failure> {
    let wrong = |why: String| Failure::input(format!("{}: {why}", file.display()));
    let old = fs::read_to_string(file).map_err(|e| wrong(e.to_string()))?;
    let halves = old.split_once(MARKS[0]);
    let halves = halves.and_then(|(before, rest)| Some((before, rest.split_once(MARKS[1])?.1)));
    let Some((before, after)) = halves else {
        let marks = MARKS.map(str::trim_end).join("` and `");
        return Err(wrong(format!("it has no lines `{marks}`")));
    };
    let [begin, end] = MARKS;
    let new = format!("{before}{begin}\n{text}\n{end}{after}");
    write_file(file, new.as_bytes()).map_err(Failure::input)
}

/// Each file as Markdown or as a table, by its name.
fn write(files: &[PathBuf], markdown: &str, table: &str) -> Result<(), Failure> {
    let text = |file: &PathBuf| {
        let is_markdown = file
            .extension()
            .is_some_and(|e| e.eq_ignore_ascii_case("md"));
        let text = if is_markdown { markdown } else { table };
        (
            file.to_string_lossy().into_owned(),
            text.as_bytes().to_vec(),
        )
    };
    let files: Vec<(String, Vec<u8>)> = files.iter().map(text).collect();
    write_files(Path::new(""), &files).map_err(Failure::input)
}
