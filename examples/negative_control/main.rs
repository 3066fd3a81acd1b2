//! A negative control on real data: faecal butyrate of 110 adults tells nothing of their zonulin and interleukin-6, and a fit must say so.
//!
//! ```text
//! cargo run --release --example negative_control -- DATA_FOLDER [--quick] [--permutations N] [--seed N] [--threads N] [--output DIR]
//! ```
//!
//! The folder holds `blood.csv` and `stool_scfa.csv` of Thriene et al. 2026 (doi:10.1016/j.tjnut.2026.101408, four visits each; not
//! included). `problem/model.toml` couples release of both markers to butyrate by elasticities that may have either sign, on a linear
//! scale, so that 0 is a value like any other: a coupling on a logarithmic scale cannot be 0 and would be found in any data. The
//! library's population fit is laid beside a linear mixed model of the same logarithms (`mixed_model`, written apart), elasticities are
//! planted, butyrate is exchanged between subjects. What is estimated is an association within subjects, not an effect of a treatment.
//!
//! Missing readings are left out one by one, which is right if why they are missing has nothing to do with what they would have been; a
//! visit without butyrate is left out for both markers. Both kinds are listed. `--quick` makes 40 permutations instead of 500.
//! The last lines say which of the things asked hold.
use holobiont::exchange::files::write_files;
use std::{error::Error, path::PathBuf, process::ExitCode, thread};

mod cohort;
mod interval;
mod mixed_model;
mod outcome;
mod permutations;
mod tables;
mod text;

const USAGE: &str = "usage: negative_control DATA_FOLDER [--quick] [--permutations N] [--seed N] [--threads N] [--output DIR]";

struct Request {
    folder: PathBuf,
    permutations: usize,
    seed: u64,
    threads: usize,
    output: Option<PathBuf>,
}

fn request() -> Result<Request, String> {
    let (mut folder, mut quick, mut permutations, mut seed) = (None, false, None, 1);
    let (mut threads, mut output) = (None, None);
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let mut number = || -> Result<usize, String> {
            let next = words.next().ok_or(USAGE)?;
            let number = next.parse().ok().filter(|n| *n > 0);
            number.ok_or_else(|| format!("{word}: `{next}` is not a whole number above 0; {USAGE}"))
        };
        match word.as_str() {
            "--quick" => quick = true,
            "--permutations" => permutations = Some(number()?),
            "--seed" => seed = number()? as u64,
            "--threads" => threads = Some(number()?),
            "--output" => output = Some(words.next().ok_or(USAGE)?.into()),
            _ if folder.is_none() && !word.starts_with('-') => folder = Some(word.into()),
            _ => return Err(format!("`{word}` was not expected; {USAGE}")),
        }
    }
    let all = || thread::available_parallelism().map_or(1, usize::from);
    Ok(Request {
        folder: folder.ok_or(USAGE)?,
        permutations: permutations.unwrap_or(if quick { 40 } else { 500 }),
        seed,
        threads: threads.unwrap_or_else(all),
        output,
    })
}

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), Box<dyn Error>> {
    let request = request()?;
    let study = tables::read(&request.folder)?;
    let outcome = outcome::run(&study, request.seed, request.permutations, request.threads);
    let outcome = outcome.map_err(|error| error as Box<dyn Error>)?;
    print!("{}", text::text(&study, &outcome)?);
    if let Some(folder) = &request.output {
        cohort::write(&study, &folder.join("problem"))?;
        write_files(folder, &text::files(&study, &outcome)?)?;
        println!(
            "\ntables, picture and the problem are in {}",
            folder.display()
        );
    }
    Ok(())
}
