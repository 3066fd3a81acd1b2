//! `holobiont fit`: starts or resumes a fit, shows its progress, and writes what it found.
use super::{
    Failure,
    arguments::{Estimator, Fit as Command, Numerics},
    date::today,
    population, terminal,
    values::{Opened, open, own_folder},
};
use crate::{
    exchange::{
        files::{write_file, write_files},
        tables::{Table, number_text},
    },
    fit::{
        Control, Fit, FitError, FitOptions, MultiStartOptions, ObjectiveOptions, Observer, Record,
        Sampling, StopReason, checkpoint_folder, fit,
    },
    population::{
        DiagnosticOptions, Estimator as PopulationEstimator, PopulationError, PopulationFitOptions,
        PopulationOptions, SaemOptions, fit_population,
    },
    report::{PopulationReport, Report, ReportOptions, Sources},
};
use clap::ValueEnum;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde::{Deserialize, Serialize};
use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::{
        Mutex,
        atomic::{AtomicBool, Ordering},
    },
};

/// Sampled starts when nobody says how many.
const STARTS: usize = 10;
/// What `--resume DIR` needs to know.
const REQUEST: &str = "request.json";
const RESULT: &str = "fit.json";

/// What was asked for; the number of threads changes nothing and is left out.
#[derive(Debug, Serialize, Deserialize)]
struct Request {
    problem: PathBuf,
    #[serde(default)]
    estimator: Option<Estimator>,
    /// of SAEM: exploration, smoothing, runs
    #[serde(default)]
    saem: [Option<u32>; 3],
    starts: Option<usize>,
    #[serde(default)]
    hops: u32,
    #[serde(default)]
    best_hops: u32,
    seed: u64,
    numerics: Numerics,
}

impl std::fmt::Display for Request {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.problem.display())?;
        for (option, value) in ["exploration", "smoothing", "runs"].iter().zip(self.saem) {
            if let Some(value) = value {
                write!(f, " --{option} {value}")?;
            }
        }
        if let Some(starts) = self.starts {
            write!(f, " --starts {starts}")?;
        }
        write!(f, " --seed {}", self.seed)?;
        if let Some(value) = self.estimator.and_then(|e| e.to_possible_value()) {
            write!(f, " --estimator {}", value.get_name())?;
        }
        if self.hops > 0 {
            write!(f, " --hops {}", self.hops)?;
        }
        if self.best_hops > 0 {
            write!(f, " --best-hops {}", self.best_hops)?;
        }
        let Numerics { rtol, atol, solver } = self.numerics;
        for (option, value) in [("rtol", rtol), ("atol", atol)] {
            if let Some(value) = value {
                write!(f, " --{option} {}", number_text(value))?;
            }
        }
        if let Some(value) = solver.and_then(|s| s.to_possible_value()) {
            write!(f, " --solver {}", value.get_name())?;
        }
        Ok(())
    }
}

/// Raised by Ctrl-C.
static STOP: AtomicBool = AtomicBool::new(false);

pub(super) fn run(command: &Command) -> Result<(), Failure> {
    let (request, folder, resume) = request(command)?;
    own_folder(&request.problem, &folder)?;
    let on_disk = open(&request.problem)?;
    let mixed = on_disk.problem.is_mixed();
    let estimator = request.estimator.unwrap_or(if mixed {
        Estimator::Focei
    } else {
        Estimator::Map
    });
    if let Some(estimator) = estimator.population() {
        goes_with(&request, estimator, command.subject_table)?;
        return of_population(
            &request,
            &folder,
            resume,
            &on_disk,
            estimator,
            command.threads,
        );
    }
    if mixed {
        terminal::warning(
            "random effects and covariate effects are left out: everybody has the typical parameters (--estimator focei keeps them)",
        );
    }
    if request.saem.iter().any(Option::is_some) {
        return Err(Failure::Usage(
            "--exploration, --smoothing and --runs are of --estimator saem".to_owned(),
        ));
    }
    let built = on_disk.problem.fit_problem().map_err(Failure::inputs)?;
    // what is read now is what is fitted, however long that takes
    let sources = Sources::of(&on_disk.problem).map_err(Failure::input)?;
    let tolerances = request.numerics.tolerances()?;
    let options = FitOptions {
        objective: ObjectiveOptions {
            method: request.numerics.method(),
            tolerances,
            prior: estimator != Estimator::Mle,
            ..ObjectiveOptions::default()
        },
        search: MultiStartOptions {
            starts: request.starts.unwrap_or(STARTS),
            hops: request.hops,
            best_hops: request.best_hops,
            seed: request.seed,
            sampling: Sampling::Prior,
            threads: command.threads.map(|n| n as usize),
            ..MultiStartOptions::default()
        },
        ..FitOptions::default()
    };
    prepare(&folder, &request, resume)?;
    let found = watched(request.starts.unwrap_or(STARTS) + 1, |control| {
        let checkpoint = checkpoint_folder(&folder);
        fit(&built, &options, &[], control, Some(&checkpoint))
    });
    let found = found.map_err(|error| match error {
        FitError::NoFeasibleStart { .. } if STOP.load(Ordering::Relaxed) => interrupted(&folder),
        FitError::NoFeasibleStart { .. } => failed(&folder, error.to_string()),
        other => Failure::Input(other.to_string().lines().map(str::to_owned).collect()),
    })?;
    let truth = truth(&request.problem);
    let shown = ReportOptions {
        sources: Some(&sources),
        truth: truth.as_deref(),
        subject_table: command.subject_table,
        date: Some(&today()),
    };
    let report = Report::of_fit(&built, &found, shown).map_err(Failure::input)?;
    let mut files = report.files().map_err(Failure::input)?;
    let mut json = serde_json::to_string_pretty(&found).map_err(Failure::input)?;
    json.push('\n');
    files.push((RESULT.to_owned(), json.into_bytes()));
    write_files(&folder, &files).map_err(Failure::input)?;
    tell(&found, &folder);
    Ok(())
}

/// Options that say nothing to an estimator are no options.
fn goes_with(
    request: &Request,
    estimator: PopulationEstimator,
    subject_table: bool,
) -> Result<(), Failure> {
    let is_saem = estimator == PopulationEstimator::Saem;
    let starts = request.starts.unwrap_or(0) + (request.hops + request.best_hops) as usize;
    let message = if is_saem && starts > 0 {
        "SAEM begins at the nominal values: --starts, --hops and --best-hops are of other estimators. Look for other modes with --estimator focei --starts N, and begin SAEM there (nominalValue of parameters.tsv)"
    } else if !is_saem && request.saem.iter().any(Option::is_some) {
        "--exploration, --smoothing and --runs are of --estimator saem"
    } else if subject_table {
        "--subject-table is of fits without random effects; those of a population list every individual anyway"
    } else {
        return Ok(());
    };
    Err(Failure::Usage(message.to_owned()))
}

/// There is nothing to go on with.
fn failed(folder: &Path, message: String) -> Failure {
    let _ = fs::remove_dir_all(checkpoint_folder(folder));
    Failure::Numerical(message)
}

fn interrupted(folder: &Path) -> Failure {
    Failure::Interrupted(format!(
        "interrupted before any search had a value; `holobiont fit --resume {}` goes on",
        folder.display()
    ))
}

/// Fits a population and writes what it found.
fn of_population(
    request: &Request,
    folder: &Path,
    resume: bool,
    on_disk: &Opened,
    estimator: PopulationEstimator,
    threads: Option<u32>,
) -> Result<(), Failure> {
    let problem = on_disk
        .problem
        .population_problem()
        .map_err(Failure::inputs)?;
    let saem = SaemOptions::default();
    let options = PopulationFitOptions {
        estimator,
        saem: SaemOptions {
            exploration: request.saem[0].map_or(saem.exploration, |n| n as usize),
            smoothing: request.saem[1].map_or(saem.smoothing, |n| n as usize),
            runs: request.saem[2].map_or(saem.runs, |n| n as usize),
            seed: request.seed,
            ..saem
        },
        population: PopulationOptions {
            objective: ObjectiveOptions {
                method: request.numerics.method(),
                tolerances: request.numerics.tolerances()?,
                ..ObjectiveOptions::default()
            },
            exact_linear: request.numerics.solver.is_none(),
            ..PopulationOptions::default()
        },
        search: MultiStartOptions {
            starts: request.starts.unwrap_or(0),
            hops: request.hops,
            best_hops: request.best_hops,
            seed: request.seed,
            sampling: Sampling::Prior,
            threads: threads.map(|n| n as usize),
            ..MultiStartOptions::default()
        },
        ..PopulationFitOptions::default()
    };
    // what is read now is what is fitted, however long that takes
    let sources = Sources::of(&on_disk.problem).map_err(Failure::input)?;
    prepare(folder, request, resume)?;
    let searches = match options.estimator {
        PopulationEstimator::Saem => options.saem.runs,
        _ => options.search.starts + 1,
    };
    let found = watched(searches, |control| {
        let checkpoint = checkpoint_folder(folder);
        fit_population(&problem, &options, &[], control, Some(&checkpoint))
    });
    let found = found.map_err(|error| match error {
        PopulationError::Fit(FitError::NoFeasibleStart { .. }) if STOP.load(Ordering::Relaxed) => {
            interrupted(folder)
        }
        PopulationError::Fit(FitError::NoFeasibleStart { .. }) => failed(folder, error.to_string()),
        other => Failure::Input(other.to_string().lines().map(str::to_owned).collect()),
    })?;
    let mut found = found;
    found.notices.clone_from(&on_disk.notices);
    // whatever becomes of the report, the fit is kept
    let mut json = serde_json::to_string_pretty(&found).map_err(Failure::input)?;
    json.push('\n');
    write_file(&folder.join(RESULT), json.as_bytes()).map_err(Failure::input)?;
    let truth = truth(&request.problem);
    let shown = ReportOptions {
        sources: Some(&sources),
        truth: truth.as_deref(),
        subject_table: false,
        date: Some(&today()),
    };
    let covariates = on_disk.problem.population.covariates_of(&problem);
    let simulated = DiagnosticOptions {
        seed: request.seed,
        ..DiagnosticOptions::default()
    };
    let report = PopulationReport::new(&problem, &found, &covariates, simulated, shown)
        .map_err(Failure::input)?;
    write_files(folder, &report.files().map_err(Failure::input)?).map_err(Failure::input)?;
    population::tell(&found, folder);
    Ok(())
}

/// What is to be fitted, where it goes, and whether it goes on from before.
fn request(command: &Command) -> Result<(Request, PathBuf, bool), Failure> {
    let mut problem = command.problem.clone();
    let mut folder = command.output.clone();
    if let Some(Some(value)) = &command.resume {
        // `--resume DIR`, or `--resume PROBLEM --output DIR`
        if problem.is_none() && folder.is_some() {
            problem = Some(value.clone());
        } else if folder.is_none() {
            folder = Some(value.clone());
        } else if folder.as_ref() != Some(value) {
            return Err(Failure::Usage(
                "--resume and --output name different folders".to_owned(),
            ));
        }
    }
    let resume = command.resume.is_some();
    let folder =
        folder.ok_or_else(|| Failure::Usage("say where the fit goes: --output DIR".to_owned()))?;
    let before = if resume { stored(&folder)? } else { None };
    let problem = match (problem, &before) {
        (Some(problem), _) => problem,
        (None, Some(before)) => before.problem.clone(),
        (None, None) if resume => {
            return Err(Failure::Input(vec![format!(
                "{}: there is no fit to go on with",
                folder.display()
            )]));
        }
        (None, None) => {
            return Err(Failure::Usage(
                "say what to fit: the YAML file of a problem".to_owned(),
            ));
        }
    };
    let earlier = before.as_ref();
    let stored = earlier.map_or(Numerics::default(), |b| b.numerics);
    let asked = Request {
        problem: fs::canonicalize(&problem).unwrap_or(problem),
        estimator: command.estimator.or(earlier.and_then(|b| b.estimator)),
        saem: std::array::from_fn(|k| {
            let given = [command.exploration, command.smoothing, command.runs][k];
            given.or(earlier.and_then(|b| b.saem[k]))
        }),
        starts: command.starts.or(earlier.and_then(|b| b.starts)),
        hops: command.hops.or(earlier.map(|b| b.hops)).unwrap_or(0),
        best_hops: (command.best_hops)
            .or(earlier.map(|b| b.best_hops))
            .unwrap_or(0),
        seed: command.seed.or(earlier.map(|b| b.seed)).unwrap_or(1),
        numerics: Numerics {
            rtol: command.numerics.rtol.or(stored.rtol),
            atol: command.numerics.atol.or(stored.atol),
            solver: command.numerics.solver.or(stored.solver),
        },
    };
    // the checkpoint knows its problem by content: the file may have moved
    let options = |r: &Request| {
        (
            r.estimator,
            r.saem,
            r.starts,
            r.hops,
            r.best_hops,
            r.seed,
            r.numerics,
        )
    };
    if let Some(before) = earlier.filter(|before| options(before) != options(&asked)) {
        return Err(Failure::Input(vec![format!(
            "{}: the fit there was begun otherwise ({before}); go on without these options, or give another --output",
            folder.display()
        )]));
    }
    Ok((asked, folder, resume))
}

fn stored(folder: &Path) -> Result<Option<Request>, Failure> {
    let file = folder.join(REQUEST);
    let bytes = match fs::read(&file) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(Failure::Input(vec![format!("{}: {error}", file.display())])),
    };
    let request = serde_json::from_slice(&bytes).map_err(|e| {
        let file = file.display();
        Failure::Input(vec![format!(
            "{file}: not what a fit stores ({e}); start anew with PROBLEM and --output"
        )])
    })?;
    Ok(Some(request))
}

/// Tables and pages of a fit; its pictures stand in a folder of their own.
const PAGES: [&str; 9] = [
    "report.html",
    "parameters.csv",
    "starts.csv",
    "history.csv",
    "readings.csv",
    "estimates.tsv",
    "individuals.tsv",
    "predictions.tsv",
    "vpc.tsv",
];
const PICTURES: &str = "pictures";

/// For a new fit: removes all that an earlier one left, so that nothing of it stands beside what comes, and stores what is asked for.
/// A fit that goes on keeps the result that it stopped with until it has a better one.
fn prepare(folder: &Path, request: &Request, resume: bool) -> Result<(), Failure> {
    if resume && folder.join(REQUEST).exists() {
        return Ok(());
    }
    let gone = |result: io::Result<()>, path: PathBuf| match result {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(Failure::Input(vec![format!("{}: {error}", path.display())]))
        }
        _ => Ok(()),
    };
    let (result, checkpoint) = (folder.join(RESULT), checkpoint_folder(folder));
    let begun = folder.join(REQUEST).exists();
    if begun && checkpoint.exists() && !result.exists() {
        let folder = folder.display();
        return Err(Failure::Input(vec![format!(
            "{folder}: a fit was begun there and did not end; `holobiont fit --resume {folder}` goes on with it; to begin anew give another --output, or delete that folder"
        )]));
    }
    if begun {
        for name in PAGES {
            let page = folder.join(name);
            gone(fs::remove_file(&page), page)?;
        }
        let pictures = fs::read_dir(folder.join(PICTURES)).into_iter().flatten();
        for picture in pictures.flatten().map(|entry| entry.path()) {
            if picture.extension().is_some_and(|e| e == "svg") {
                gone(fs::remove_file(&picture), picture)?;
            }
        }
    }
    gone(fs::remove_file(&result), result)?;
    gone(fs::remove_dir_all(&checkpoint), checkpoint)?;
    let text = serde_json::to_string_pretty(request).map_err(Failure::input)?;
    write_file(&folder.join(REQUEST), text.as_bytes()).map_err(Failure::input)
}

/// The values that made a virtual cohort, when they stand beside the problem.
fn truth(problem: &Path) -> Option<Vec<(String, f64)>> {
    let table = Table::read(&problem.with_file_name("truth.tsv")).ok()?;
    let value = table
        .column("value")
        .or_else(|| table.column("nominalValue"))?;
    let id = table.column("parameterId")?;
    table
        .rows
        .iter()
        .map(|row| Some((row.cells[id].clone(), row.cells[value].parse().ok()?)))
        .collect()
}

/// A few lines for somebody who watches; nothing in a pipe.
fn tell(found: &Fit, folder: &Path) {
    if !found.complete {
        terminal::note(
            "interrupted: the best so far was kept, and marked (\"complete\": false); --resume goes on from here",
        );
    }
    if !terminal::is_watched() {
        return;
    }
    let at_bound = found
        .uncertainty
        .estimates
        .iter()
        .filter(|e| e.at_bound.is_some())
        .count();
    terminal::note(&format!(
        "ln p(data) = {:.4}, {} parameters ({at_bound} at a bound, rank {} of {}), {} of {} searches converged",
        found.log_likelihood,
        found.uncertainty.estimates.len(),
        found.uncertainty.rank,
        found.uncertainty.free,
        found
            .starts
            .iter()
            .filter(|s| s.stop.is_converged())
            .count(),
        found.starts.len(),
    ));
    terminal::note(&format!("written to {}", folder.display()));
}

/// A bar on a terminal.
/// Does searches with a bar on a terminal; Ctrl-C stops them at their next iteration, a second one at once.
pub(super) fn watched<T>(searches: usize, run: impl FnOnce(Control<'_>) -> T) -> T {
    // without a handler Ctrl-C ends the program; the checkpoint is there all the same
    let _ = ctrlc::set_handler(|| {
        if STOP.swap(true, Ordering::Relaxed) {
            std::process::exit(130);
        }
    });
    let progress = Progress::new(searches);
    let found = run(Control {
        stop: Some(&STOP),
        observer: Some(&progress),
        ..Control::default()
    });
    progress.bar.finish_and_clear();
    found
}

struct Progress {
    bar: ProgressBar,
    best: Mutex<f64>,
}

impl Progress {
    fn new(starts: usize) -> Self {
        let bar = ProgressBar::with_draw_target(Some(starts as u64), ProgressDrawTarget::stderr());
        if let Ok(style) =
            ProgressStyle::with_template("{bar:30} {pos}/{len} searches, {elapsed}, {msg}")
        {
            bar.set_style(style);
        }
        Self {
            bar,
            best: Mutex::new(f64::INFINITY),
        }
    }

    fn better(&self, value: f64) {
        let mut best = self
            .best
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        if value < *best {
            *best = value;
            self.bar.set_message(format!("best ln p = {:.4}", -value));
        }
    }
}

impl Observer for Progress {
    fn iteration(&self, _start: usize, record: &Record) {
        self.better(record.value);
        self.bar.tick();
    }

    fn saem_iteration(&self, run: usize, done: usize, all: usize) {
        self.bar
            .set_message(format!("run {}: iteration {done} of {all}", run + 1));
        self.bar
            .set_position((run + usize::from(done == all)) as u64);
        self.bar.tick();
    }

    fn finished(&self, _start: usize, value: Option<f64>, _stop: &StopReason) {
        if let Some(value) = value {
            self.better(value);
        }
        // a method that goes on from where another ended has searches of its own
        if Some(self.bar.position()) >= self.bar.length() {
            self.bar.inc_length(1);
        }
        self.bar.inc(1);
    }
}
