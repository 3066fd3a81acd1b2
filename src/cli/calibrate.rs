//! `holobiont calibrate`: the problem of a model's findings, its fit, and the vectors that fit as well.
use super::{
    Failure,
    arguments::Calibrate as Command,
    fit::watched,
    models::{compile, find},
    terminal,
};
use crate::{
    compile::System,
    exchange::{
        files::{write_file, write_files},
        model::{Model, write_parameters},
        petab,
    },
    fit::{
        CohortObjective, Derivatives, Fit, FitOptions, FitProblem, MultiStartOptions, Objective,
        ObjectiveOptions, Order, Prior, Sampling, Search, checkpoint_folder, fit,
    },
    network::Evidence,
    report::{bands_table, calibration_text, ensemble_table, estimates_table},
    scorecard::{
        Calibration, Design, EnsembleOptions, Information, Quantities, Target, calibration,
        read_quantities, read_start, read_targets, score_at,
    },
    solve::Tolerances,
};
use std::{fs, path::Path};

/// Tolerances of the searches: the sum of squares comes out to a millionth.
const TOLERANCES: Tolerances = Tolerances {
    relative: 1e-4,
    absolute: 1e-6,
};

/// What the folders hold.
struct Study {
    model: Model,
    system: System,
    targets: Vec<Target>,
    quantities: Quantities,
    design: Design,
}

pub(super) fn run(command: &Command) -> Result<(), Failure> {
    let mut study = read(command)?;
    let Study { model, system, .. } = &study;
    let problem = calibration(
        model,
        system,
        &study.targets,
        &study.quantities,
        &study.design,
        "../model.toml",
    );
    let problem = problem.map_err(Failure::inputs)?;
    for (id, why) in &problem.left_out {
        terminal::note(&format!("{id} is left out: {why}"));
    }
    let folder = command.folder.join("calibration");
    let files: Vec<(String, Vec<u8>)> = (problem.files.iter())
        .map(|(name, text)| (name.clone(), text.clone().into_bytes()))
        .collect();
    write_files(&folder, &files).map_err(Failure::input)?;
    if command.write_only {
        return Ok(());
    }
    let read = petab::read(&folder.join("problem.yaml")).map_err(Failure::inputs)?;
    let built = read.fit_problem().map_err(Failure::inputs)?;
    let objective = ObjectiveOptions {
        tolerances: TOLERANCES,
        ..ObjectiveOptions::default()
    };
    let found = match &command.from {
        Some(file) => {
            let text = fs::read_to_string(file)
                .map_err(|e| Failure::Input(vec![format!("{}: {e}", file.display())]))?;
            serde_json::from_str(&text)
                .map_err(|e| Failure::Input(vec![format!("{}: {e}", file.display())]))?
        }
        None => search(&built, objective, command)?,
    };
    let information = information(&built, objective, &found, (&study, &problem))?;
    let files = described(&study, &problem, &found, &information, command)?;
    write_files(&folder, &files).map_err(Failure::input)?;
    // all is written; what the searches left for a resumption is of no use any more
    let _ = fs::remove_dir_all(checkpoint_folder(&folder));
    if !command.keep {
        let estimates = information.parameters.iter();
        for parameter in estimates {
            let mut rows = study.model.parameters.iter_mut();
            if let Some(row) = rows.find(|row| row.id == parameter.id) {
                row.value = rounded(parameter.scale.natural(parameter.estimate).value);
                row.evidence = Some(Evidence::Fitted);
            }
        }
        let text = write_parameters(&study.model.parameters);
        let file = command.folder.join("parameters.tsv");
        write_file(&file, text.as_bytes()).map_err(Failure::input)?;
    }
    Ok(())
}

/// The command, as it would be typed again.
fn asked(command: &Command) -> String {
    let mut text = format!("holobiont calibrate {}", command.folder.display());
    if let Some(findings) = &command.findings {
        text += &format!(" --findings {}", findings.display());
    }
    if !command.only.is_empty() {
        text += &format!(" --only \"{}\"", command.only.join(","));
    }
    match &command.from {
        Some(file) => text += &format!(" --from {}", file.display()),
        None => text += &format!(" --starts {}", command.starts),
    }
    let (members, spread, sweeps) = (command.members, command.spread, command.sweeps);
    let seed = command.seed;
    text + &format!(" --members {members} --spread {spread} --sweeps {sweeps} --seed {seed}")
}

/// Six digits.
fn rounded(x: f64) -> f64 {
    format!("{x:.5e}").parse().unwrap_or(x)
}

fn search(
    problem: &FitProblem,
    objective: ObjectiveOptions,
    command: &Command,
) -> Result<Fit, Failure> {
    let options = FitOptions {
        objective,
        search: MultiStartOptions {
            starts: command.starts,
            seed: command.seed,
            sampling: Sampling::Prior,
            nominal: true,
            threads: command.threads,
            ..MultiStartOptions::default()
        },
        ..FitOptions::default()
    };
    let checkpoint = checkpoint_folder(&command.folder.join("calibration"));
    let found = watched(command.starts + 1, |control| {
        fit(problem, &options, &[], control, Some(&checkpoint))
    });
    let found = found.map_err(|e| Failure::Numerical(e.to_string()))?;
    if !found.complete {
        let message = "interrupted; the same command goes on from where it was";
        return Err(Failure::Interrupted(message.to_string()));
    }
    Ok(found)
}

fn information(
    problem: &FitProblem,
    options: ObjectiveOptions,
    found: &Fit,
    findings: (&Study, &Calibration),
) -> Result<Information, Failure> {
    let objective =
        CohortObjective::new(problem, options).map_err(|e| Failure::Input(vec![e.to_string()]))?;
    let x = found.search();
    if x.0.len() != objective.dim() {
        let message = "the fit has other parameters than the problem; leave out --from";
        return Err(Failure::Input(vec![message.to_string()]));
    }
    let mut derivatives = Derivatives::new(objective.layout());
    let evaluation = objective.evaluate(&x, Order::GaussNewton, &mut derivatives);
    if evaluation.value().is_none() {
        let message = format!("no information at the estimate: {evaluation}");
        return Err(Failure::Numerical(message));
    }
    Information::new(problem, &x, &derivatives).map_err(|error| {
        let mut message = error.to_string();
        if let Some((finding, moved)) = steepest(problem, &x, findings, &error.id) {
            message += &format!(
                "; the finding `{finding}` moves by {moved:.1e} half-widths when `{}` does by a thousandth of its prior's standard deviation: its interval is too narrow, or a subject of it lives on the border between two states of rest",
                error.id
            );
        }
        let advice = "give that finding a wider interval, move fewer parameters (--only) or search from elsewhere (--starts)";
        Failure::Numerical(format!("{message}; {advice}"))
    })
}

/// The finding that moves most with a parameter, and how far.
fn steepest(
    problem: &FitProblem,
    x: &Search,
    (study, calibration): (&Study, &Calibration),
    id: &str,
) -> Option<(String, f64)> {
    let rows = &problem.parameters.rows;
    let estimated = problem.parameters.estimated();
    let at = |step: f64| {
        let pairs = estimated.iter().zip(&x.0).filter_map(|(&row, value)| {
            let row = &rows[row];
            let moved = if row.id == id { value + step } else { *value };
            let register = study.system.parameter_index(&row.id)?;
            Some((register, row.scale.natural(moved).value))
        });
        let values: Vec<(usize, f64)> = pairs.collect();
        let Study { model, system, .. } = study;
        score_at(model, system, &values, &calibration.used, &study.quantities)
    };
    let row = estimated.iter().find(|&&row| rows[row].id == id)?;
    let Some(Prior::OnScale { density, .. }) = &rows[*row].prior else {
        return None;
    };
    let Prior::Normal { sd, .. } = **density else {
        return None;
    };
    let (here, there) = (at(0.0), at(1e-3 * sd));
    let moved = here.iter().zip(&there).filter_map(|(a, b)| {
        let distance = (a.distance()? - b.distance()?).abs();
        Some((a.target.id.clone(), distance))
    });
    moved.max_by(|a, b| a.1.total_cmp(&b.1))
}

/// Estimates, ensemble, bands and report.
fn described(
    study: &Study,
    problem: &Calibration,
    found: &Fit,
    information: &Information,
    command: &Command,
) -> Result<Vec<(String, Vec<u8>)>, Failure> {
    let Study {
        model,
        system,
        targets,
        quantities,
        ..
    } = study;
    let options = EnsembleOptions {
        members: command.members,
        spread: command.spread,
        sweeps: command.sweeps,
        seed: command.seed,
        threads: command.threads,
        ..EnsembleOptions::default()
    };
    let ensemble = information.ensemble(
        model,
        system,
        (&problem.used, targets),
        quantities,
        &options,
    );
    let ensemble = ensemble.map_err(|e| Failure::Numerical(e.to_string()))?;
    let registers = ensemble
        .ids
        .iter()
        .filter_map(|id| system.parameter_index(id));
    let values: Vec<(usize, f64)> = registers.zip(ensemble.members[0].iter().copied()).collect();
    let rows = score_at(model, system, &values, targets, quantities);
    let text = calibration_text(
        system.id(),
        &asked(command),
        problem,
        found,
        information,
        &ensemble,
        &rows,
    );
    terminal::print(&text);
    let files = [
        ("estimates.tsv", estimates_table(information)),
        ("ensemble.tsv", ensemble_table(&ensemble)),
        ("bands.tsv", bands_table(targets, &ensemble)),
        ("REPORT.md", text),
    ];
    let bytes = |(name, text): (&str, String)| (name.to_string(), text.into_bytes());
    Ok(files.into_iter().map(bytes).collect())
}

/// Findings, design and model, from their folders.
fn read(command: &Command) -> Result<Study, Failure> {
    let findings = command.findings.as_deref().unwrap_or(&command.folder);
    let mut wrong = Vec::new();
    let mut text = |path: &Path| match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) => {
            wrong.push(format!("{}: {error}", path.display()));
            String::new()
        }
    };
    let names = [
        "targets.tsv",
        "quantities.tsv",
        "calibration/behaviour.tsv",
        "calibration/design.toml",
    ];
    // a rival may be asked for other behaviour than the model whose findings it answers to
    let paths = names.map(|name| match command.folder.join(name) {
        own if own.is_file() => own,
        _ => findings.join(name),
    });
    let texts = paths.each_ref().map(|path| text(path));
    if !wrong.is_empty() {
        return Err(Failure::Input(wrong));
    }
    let targets = read_targets(&paths[0], &texts[0]).map_err(Failure::inputs)?;
    let quantities = read_quantities(&paths[1], &texts[1]).map_err(Failure::inputs)?;
    let behaviour = read_targets(&paths[2], &texts[2]).map_err(Failure::inputs)?;
    let design = Design::read(&paths[3].display().to_string(), &texts[3], behaviour);
    let mut design = design.map_err(Failure::input)?;
    design.only = command.only.clone();
    let start = command.folder.join("calibration/start.tsv");
    if start.is_file() {
        let text = fs::read_to_string(&start)
            .map_err(|e| Failure::Input(vec![format!("{}: {e}", start.display())]))?;
        design.start = read_start(&start, &text).map_err(Failure::inputs)?;
    }
    let model = find(&command.folder.display().to_string())?;
    let system = compile(&model)?;
    let model = design.with_treatments(model, &system);
    let model = model.map_err(Failure::inputs)?;
    Ok(Study {
        model,
        system,
        targets,
        quantities,
        design,
    })
}
