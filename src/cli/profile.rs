//! `holobiont profile`: finds or takes the best point, profiles the parameters, and writes what came of it.
use super::{
    Failure,
    arguments::Profile as Command,
    date::today,
    terminal,
    values::{own_folder, problem, values},
};
use crate::{
    exchange::files::write_files,
    expr::suggest,
    fit::{
        Control, Fit, FitError, FitOptions, FitProblem, MultiStartOptions, Natural,
        ObjectiveOptions, Observer, ProfileError, ProfileOptions, Profiles, ProfilesOptions,
        Sampling, StopReason, StructureOptions, Verdict, checkpoint_folder, fit, profiles,
    },
    population::PopulationFit,
    report::{Sources, profile_page},
};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::{
    fs, io,
    path::Path,
    sync::atomic::{AtomicBool, Ordering},
};

/// Sampled starts when nobody says how many.
const STARTS: usize = 10;
const RESULT: &str = "profile.json";

/// Raised by Ctrl-C.
static STOP: AtomicBool = AtomicBool::new(false);

pub(super) fn run(command: &Command) -> Result<(), Failure> {
    if !(command.level > 0.0 && command.level < 1.0) {
        return Err(Failure::Usage(format!(
            "--level must lie between 0 and 1, not {}",
            command.level
        )));
    }
    own_folder(&command.problem, &command.output)?;
    let (on_disk, built) = problem(&command.problem)?;
    let sources = Sources::of(&on_disk.problem).map_err(Failure::input)?;
    let threads = command.threads.map(|n| n as usize);
    let options = ProfilesOptions {
        objective: ObjectiveOptions {
            method: command.numerics.method(),
            tolerances: command.numerics.tolerances()?,
            prior: !command.no_prior,
            ..ObjectiveOptions::default()
        },
        profile: ProfileOptions {
            level: command.level,
            threads,
            ..ProfileOptions::default()
        },
        structure: StructureOptions {
            seed: command.seed,
            ..StructureOptions::default()
        },
        parameters: command.parameters.clone(),
    };
    known(&built, &command.parameters)?;
    let entries = options.entries(&built.parameters).map_err(Failure::input)?;
    let begin = given(command, &built)?;
    prepare(command)?;
    // without a handler Ctrl-C ends the program; the checkpoint is there all the same
    let _ = ctrlc::set_handler(|| {
        if STOP.swap(true, Ordering::Relaxed) {
            std::process::exit(130);
        }
    });
    let checkpoint = checkpoint_folder(&command.output);
    let best = match begin {
        Some(best) => best,
        None => search(command, &built, &options, &checkpoint.join("fit"))?,
    };
    let progress = Progress::new(entries.len(), "profiles");
    let control = Control {
        stop: Some(&STOP),
        observer: Some(&progress),
        ..Control::default()
    };
    let folder = checkpoint.join("profiles");
    let found = profiles(&built, &best, &options, control, Some(&folder));
    progress.bar.finish_and_clear();
    let found = found.map_err(|error| match error {
        ProfileError::Interrupted => interrupted(),
        ProfileError::NoValue { .. } => Failure::Numerical(error.to_string()),
        other => Failure::Input(other.to_string().lines().map(str::to_owned).collect()),
    })?;
    let mut files = found.files().map_err(Failure::input)?;
    let page = profile_page(&found, Some(&sources), Some(&today())).map_err(Failure::input)?;
    // the last file says that the others are there
    files.insert(0, ("profile.html".to_owned(), page.into_bytes()));
    write_files(&command.output, &files).map_err(Failure::input)?;
    tell(&found, &command.output);
    Ok(())
}

fn interrupted() -> Failure {
    Failure::Interrupted(
        "interrupted before the best point was found; the same command with --resume goes on"
            .to_owned(),
    )
}

/// All ids that are not estimated parameters, with near ones.
fn known(built: &FitProblem, ids: &[String]) -> Result<(), Failure> {
    let rows = &built.parameters.rows;
    let errors: Vec<String> = ids
        .iter()
        .filter_map(|id| match rows.iter().find(|row| row.id == *id) {
            Some(row) if row.estimate => None,
            Some(_) => Some(format!("--parameters: `{id}` is not estimated")),
            None => {
                let estimated = rows.iter().filter(|r| r.estimate).map(|r| r.id.as_str());
                let hint = (suggest(id, estimated).first())
                    .map_or_else(String::new, |n| format!("; did you mean `{n}`?"));
                Some(format!("--parameters: unknown parameter `{id}`{hint}"))
            }
        })
        .collect();
    if errors.is_empty() {
        Ok(())
    } else {
        Err(Failure::Input(errors))
    }
}

/// The point that the command line names, if it does.
fn given(command: &Command, built: &FitProblem) -> Result<Option<Natural>, Failure> {
    if let Some(file) = &command.from {
        return values(built, Some(file)).map(Some);
    }
    let Some(folder) = &command.fit else {
        return Ok(None);
    };
    let file = folder.join("fit.json");
    let wrong = |what: String| Failure::Input(vec![format!("{}: {what}", file.display())]);
    let bytes = fs::read(&file).map_err(|error| wrong(error.to_string()))?;
    let is_population = serde_json::from_slice::<PopulationFit>(&bytes).is_ok();
    if is_population {
        return Err(wrong(
            "the fit of a population; profiles are made of fits without random effects (their intervals stand in estimates.tsv)".to_owned(),
        ));
    }
    let earlier: Fit =
        serde_json::from_slice(&bytes).map_err(|e| wrong(format!("not a fit ({e})")))?;
    let rows = &built.parameters.rows;
    let ids: Vec<&str> = (rows.iter())
        .filter(|row| row.estimate)
        .map(|row| row.id.as_str())
        .collect();
    let theirs: Vec<&str> = (earlier.uncertainty.estimates.iter())
        .map(|e| e.id.as_str())
        .collect();
    if ids != theirs {
        let odd = (ids.iter().find(|id| !theirs.contains(id)))
            .or_else(|| theirs.iter().find(|id| !ids.contains(id)))
            .map_or_else(String::new, |id| format!(", see `{id}`"));
        return Err(wrong(format!(
            "a fit of other parameters than those of this problem{odd}"
        )));
    }
    Ok(Some(earlier.natural(built)))
}

/// Removes result and checkpoint of an earlier run, unless it is to go on.
fn prepare(command: &Command) -> Result<(), Failure> {
    if command.resume {
        return Ok(());
    }
    let gone = |result: io::Result<()>, path: &Path| match result {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(Failure::Input(vec![format!("{}: {error}", path.display())]))
        }
        _ => Ok(()),
    };
    let result = command.output.join(RESULT);
    gone(fs::remove_file(&result), &result)?;
    for own in ["fit", "profiles"] {
        let folder = checkpoint_folder(&command.output).join(own);
        gone(fs::remove_dir_all(&folder), &folder)?;
    }
    Ok(())
}

/// Fits the problem first.
fn search(
    command: &Command,
    built: &FitProblem,
    options: &ProfilesOptions,
    checkpoint: &Path,
) -> Result<Natural, Failure> {
    let starts = command.starts.unwrap_or(STARTS);
    let options = FitOptions {
        objective: options.objective,
        search: MultiStartOptions {
            starts,
            seed: command.seed,
            sampling: Sampling::Prior,
            threads: options.profile.threads,
            ..MultiStartOptions::default()
        },
        ..FitOptions::default()
    };
    let progress = Progress::new(starts + 1, "searches");
    let control = Control {
        stop: Some(&STOP),
        observer: Some(&progress),
        ..Control::default()
    };
    let found = fit(built, &options, &[], control, Some(checkpoint));
    progress.bar.finish_and_clear();
    match found {
        _ if STOP.load(Ordering::Relaxed) => Err(interrupted()),
        Ok(found) => Ok(found.natural(built)),
        Err(error @ FitError::NoFeasibleStart { .. }) => Err(Failure::Numerical(error.to_string())),
        Err(other) => Err(Failure::Input(
            other.to_string().lines().map(str::to_owned).collect(),
        )),
    }
}

/// What everybody should know, and a few lines for somebody who watches.
fn tell(found: &Profiles, folder: &Path) {
    for better in &found.improvements {
        terminal::warning(&format!(
            "the profile of `{}` found a better optimum: the objective fell from {:.4} to {:.4}, and all profiles began anew",
            better.parameter, better.before, better.after
        ));
    }
    if !found.is_best_optimal() {
        terminal::warning(&format!(
            "the search for the best point did not converge: the objective could be {:.2e} lower",
            found.best.remaining
        ));
    }
    if !found.settled {
        terminal::warning("profiles still fall below the best point after all restarts");
    }
    if !found.structure.decided {
        terminal::warning(
            "no random point had a solution and a clear rank: nothing is said of structural identifiability",
        );
    }
    if !found.is_complete() {
        terminal::note(&format!(
            "interrupted: {} of {} profiles are finished and written; the same command with --resume goes on",
            found.parameters.len(),
            found.parameters.len() + found.unfinished.len(),
        ));
    }
    if !terminal::is_watched() {
        return;
    }
    let count = |wanted: fn(&Verdict) -> bool| {
        (found.parameters.iter())
            .filter(|p| wanted(&p.verdict))
            .count()
    };
    terminal::note(&format!(
        "{} identified, {} practically not, {} structurally not, {} otherwise",
        count(|v| matches!(v, Verdict::Identified)),
        count(|v| matches!(v, Verdict::PracticallyNot { .. })),
        count(|v| matches!(v, Verdict::StructurallyNot { .. })),
        count(|v| matches!(v, Verdict::ByPriorAlone { .. } | Verdict::Undecided)),
    ));
    terminal::note(&format!("written to {}", folder.display()));
}

/// A bar on a terminal.
struct Progress {
    bar: ProgressBar,
}

impl Progress {
    fn new(length: usize, what: &str) -> Self {
        let bar = ProgressBar::with_draw_target(Some(length as u64), ProgressDrawTarget::stderr());
        let template = format!("{{bar:30}} {{pos}}/{{len}} {what}, {{elapsed}}, {{msg}}");
        if let Ok(style) = ProgressStyle::with_template(&template) {
            bar.set_style(style);
        }
        Self { bar }
    }
}

impl Observer for Progress {
    fn iteration(&self, _start: usize, _record: &crate::fit::Record) {
        self.bar.tick();
    }

    fn finished(&self, _start: usize, _value: Option<f64>, _stop: &StopReason) {
        self.bar.inc(1);
    }

    fn profile_point(&self, _entry: usize, rise: f64) {
        self.bar.set_message(format!("rise {rise:.2}"));
    }

    fn profile_finished(&self, _entry: usize) {
        self.bar.inc(1);
    }

    fn profile_restart(&self, _entry: usize, value: f64) {
        self.bar.set_position(0);
        self.bar
            .set_message(format!("a better optimum, ln p = {:.4}", -value));
    }
}
