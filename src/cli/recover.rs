//! `holobiont recover`: populations drawn from a problem's model, refitted, and how well its parameters come back.
use super::{
    Failure,
    arguments::Recover,
    limits::limits,
    terminal,
    values::{open, own_folder, values},
};
use crate::{
    exchange::{
        files::write_files,
        tables::{TableWriter, number_text},
    },
    fit::{Control, MultiStartOptions, Natural, ObjectiveOptions, fingerprint},
    population::{
        Estimator, PopulationError, PopulationFitOptions, PopulationOptions, PopulationProblem,
        PopulationSimulator, Recovery, RecoveryOptions, Refit, SimulationOptions, recover,
    },
};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::{
    fmt::Write as _,
    fs,
    io::Write as _,
    path::Path,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

/// Finished refits, one a line under a first line that says what was asked.
const FINISHED: &str = "refits.jsonl";

/// Raised by Ctrl-C.
static STOP: AtomicBool = AtomicBool::new(false);

pub(super) fn run(command: &Recover) -> Result<(), Failure> {
    if !(command.level > 0.0 && command.level < 1.0) {
        let message = format!(
            "--level must lie between 0 and 1, not {}",
            number_text(command.level)
        );
        return Err(Failure::Usage(message));
    }
    if command.replicates < 2 {
        let message = format!(
            "--replicates must be 2 or more, not {}: bias and coverage are means over refits",
            command.replicates
        );
        return Err(Failure::Usage(message));
    }
    let estimator = match command.estimator {
        None => Estimator::default(),
        Some(named) => named.population().ok_or_else(|| {
            Failure::Usage("recover takes a population estimator: fo, foce, focei, laplace, quadrature or saem".to_owned())
        })?,
    };
    own_folder(&command.problem, &command.output)?;
    let opened = open(&command.problem)?;
    let built = opened
        .problem
        .population_problem()
        .map_err(Failure::inputs)?;
    let truth = values(&built.problem, command.parameters.as_deref())?;
    let options = RecoveryOptions {
        replicates: command.replicates,
        seed: command.seed,
        level: command.level,
        limits: limits(&command.limits, &built.problem.cohort)?,
        fit: PopulationFitOptions {
            estimator,
            population: PopulationOptions {
                objective: ObjectiveOptions {
                    method: command.numerics.method(),
                    tolerances: command.numerics.tolerances()?,
                    ..ObjectiveOptions::default()
                },
                exact_linear: command.numerics.solver.is_none(),
                ..PopulationOptions::default()
            },
            search: MultiStartOptions {
                starts: command.starts,
                ..MultiStartOptions::default()
            },
            ..PopulationFitOptions::default()
        },
        threads: command.threads.map(|n| n as usize),
    };
    fs::create_dir_all(&command.output).map_err(Failure::input)?;
    let asked = asked(&built, &truth, &options)?;
    let file = command.output.join(FINISHED);
    let before = if command.resume {
        stored(&file, &asked)?
    } else {
        Vec::new()
    };
    let mut lines = vec![asked];
    for refit in &before {
        lines.push(serde_json::to_string(refit).map_err(Failure::input)?);
    }
    fs::write(&file, lines.join("\n") + "\n").map_err(Failure::input)?;
    let found = watched(command.replicates, before.len(), |control, bar| {
        let kept = Mutex::new(fs::OpenOptions::new().append(true).open(&file).ok());
        let finished = |refit: &Refit| {
            if let Ok(line) = serde_json::to_string(refit)
                && let Some(file) = &mut *kept.lock().unwrap_or_else(PoisonError::into_inner)
            {
                // a line that is not kept is fitted again after a stop
                let _ = writeln!(file, "{line}");
            }
            bar.inc(1);
        };
        recover(&built, &truth, &options, before, control, &finished)
    });
    let found = found.map_err(bad_input)?;
    let (made, failed, _) = found.counts;
    if made < command.replicates {
        terminal::note(&format!(
            "interrupted: {made} of {} refits are kept; the same command with --resume goes on",
            command.replicates
        ));
    }
    if made - failed < 2 {
        let first = (found.refits.iter()).find_map(|r| r.failure.clone());
        let why = first.map_or_else(String::new, |f| format!("; the first failure: {f}"));
        return Err(Failure::Numerical(format!(
            "only {} of {made} refits have estimates{why}",
            made - failed
        )));
    }
    let mut json = serde_json::to_string_pretty(&found).map_err(Failure::input)?;
    json.push('\n');
    let files = [
        ("recovery.md".to_owned(), page(&found).into_bytes()),
        ("recovery.tsv".to_owned(), table(&found).into_bytes()),
        ("recovery.json".to_owned(), json.into_bytes()),
    ];
    write_files(&command.output, &files).map_err(Failure::input)?;
    if terminal::is_watched() {
        terminal::note(&page(&found));
        terminal::note(&format!("written to {}", command.output.display()));
    }
    Ok(())
}

fn bad_input(error: PopulationError) -> Failure {
    Failure::Input(error.to_string().lines().map(str::to_owned).collect())
}

/// What was asked for, in one line: the options, and model and design by the bits of what is drawn first; replicates and threads change
/// no refit.
fn asked(
    problem: &PopulationProblem,
    truth: &Natural,
    options: &RecoveryOptions,
) -> Result<String, Failure> {
    let objective = &options.fit.population.objective;
    let simulated = PopulationSimulator::new(problem, objective.method, objective.tolerances)
        .and_then(|simulator| {
            let one = SimulationOptions {
                replicates: 1,
                seed: options.seed,
            };
            simulator.simulate(truth, one)
        })
        .map_err(bad_input)?;
    let options = RecoveryOptions {
        replicates: 0,
        threads: None,
        level: 0.0,
        ..options.clone()
    };
    let table = &problem.problem.parameters;
    let text = format!("{options:?}|{truth:?}|{table:?}|{simulated:?}");
    Ok(format!(
        "\"{} {}\"",
        env!("CARGO_PKG_VERSION"),
        fingerprint(&text)
    ))
}

/// The refits that an earlier run finished; a last line that was cut short is dropped.
fn stored(file: &Path, asked: &str) -> Result<Vec<Refit>, Failure> {
    let Ok(text) = fs::read_to_string(file) else {
        return Ok(Vec::new());
    };
    let mut lines = text.lines();
    if lines.next() != Some(asked) {
        return Err(Failure::Input(vec![format!(
            "{}: the refits there were asked for otherwise (model, design, values, estimator, seed, limits or tolerances); give the same options, or another --output",
            file.display()
        )]));
    }
    Ok(lines
        .filter_map(|line| serde_json::from_str(line).ok())
        .collect())
}

fn watched<T>(
    replicates: usize,
    before: usize,
    run: impl FnOnce(Control<'_>, &ProgressBar) -> T,
) -> T {
    // without a handler Ctrl-C ends the program; finished refits are there all the same
    let _ = ctrlc::set_handler(|| {
        if STOP.swap(true, Ordering::Relaxed) {
            std::process::exit(130);
        }
    });
    let bar = ProgressBar::with_draw_target(Some(replicates as u64), ProgressDrawTarget::stderr());
    if let Ok(style) =
        ProgressStyle::with_template("{bar:30} {pos}/{len} refits, {elapsed}, {eta} to go")
    {
        bar.set_style(style);
    }
    bar.set_position(before as u64);
    let control = Control {
        stop: Some(&STOP),
        ..Control::default()
    };
    let found = run(control, &bar);
    bar.finish_and_clear();
    found
}

fn table(found: &Recovery) -> String {
    let mut table = TableWriter::tsv(&[
        "parameterId",
        "truth",
        "bias",
        "biasError",
        "rmse",
        "varianceRatio",
        "coverage",
        "withoutStandardError",
    ]);
    for p in &found.parameters {
        table.row([
            p.id.clone(),
            number_text(p.truth),
            number_text(p.bias),
            number_text(p.bias_error),
            number_text(p.rmse),
            p.variance_ratio.map_or_else(String::new, number_text),
            number_text(p.coverage),
            p.without_error.to_string(),
        ]);
    }
    table.finish()
}

/// A table for people, in Markdown.
fn page(found: &Recovery) -> String {
    let (made, failed, open) = found.counts;
    let fits = made - failed;
    let mut out = format!(
        "{made} populations drawn and refitted: {failed} failed, {open} of the others did not converge; {:.1} % of the readings are censored.\n\n\
         | parameter | truth | bias | +- | RMSE | variance told / found | {:.0} % intervals that hold the truth |\n|---|---|---|---|---|---|---|\n",
        100.0 * found.censored,
        100.0 * found.level
    );
    for p in &found.parameters {
        let ratio = p
            .variance_ratio
            .map_or_else(|| "none".to_owned(), |r| format!("{r:.2}"));
        let without = match p.without_error {
            0 => String::new(),
            n => format!(" ({n} refits without standard error)"),
        };
        let _ = writeln!(
            out,
            "| {} | {:.4} | {:+.3} | {:.3} | {:.3} | {ratio} | {:.1} %{without} |",
            p.id,
            p.truth,
            p.bias,
            p.bias_error,
            p.rmse,
            100.0 * p.coverage
        );
    }
    let each = (found.level * (1.0 - found.level) / fits as f64).sqrt();
    let all = each / (found.parameters.len() as f64).sqrt();
    let _ = write!(
        out,
        "\nOver all parameters {:.2} % of the intervals hold the truth, +- {:.2} % (standard error over refits; binomial {:.2} % for all, {:.2} % for one parameter).\n\
         Bias and RMSE: of a typical value in standard deviations of its random effect; of standard deviations and parameters on a logarithmic\n\
         scale as a share of the true value; of others in standard deviations of the estimates.\n",
        100.0 * found.coverage,
        100.0 * found.coverage_error,
        100.0 * all,
        100.0 * each,
    );
    out
}
