//! The command line: arguments in, files and exit codes out. Everything it does is a function of the library.
//!
//! | exit code | meaning |
//! |---|---|
//! | 0 | done |
//! | 1 | bad input: files, ids, units; all errors on standard error |
//! | 2 | bad usage of the command line |
//! | 3 | numerical failure |
//! | 130 | Ctrl-C before there was anything to keep |
mod arguments;
mod bifurcation;
mod calibrate;
mod check;
mod claims;
mod companions;
#[cfg(feature = "sbml")]
mod convert;
mod date;
mod evaluate;
mod expected;
#[cfg(feature = "sbml")]
mod export;
mod fit;
mod import_nonmem;
mod limits;
mod models;
mod population;
mod profile;
mod recover;
mod score;
mod simulate;
mod terminal;
mod times;
mod trial;
mod values;
mod virtual_cohort;

pub use times::{TimeError, parse_time};

use arguments::{Arguments, Command};
use clap::Parser;
use std::{ffi::OsString, process::ExitCode};

/// Why a command did not do what was asked.
#[derive(Debug)]
enum Failure {
    /// files, ids, units: every error on a line of its own
    Input(Vec<String>),
    /// options that do not go together
    Usage(String),
    /// a solve or a search that failed
    Numerical(String),
    /// Ctrl-C with nothing to keep
    Interrupted(String),
}

impl Failure {
    fn input(error: impl std::fmt::Display) -> Self {
        Self::Input(vec![error.to_string()])
    }

    fn inputs<E: std::fmt::Display>(errors: impl IntoIterator<Item = E>) -> Self {
        Self::Input(errors.into_iter().map(|e| e.to_string()).collect())
    }
}

/// Runs one command line, the program's name first, and returns its exit code.
///
/// ```
/// let code = holobiont::cli::run(["holobiont", "models"]);
/// assert_eq!(code, 0);
/// ```
pub fn run(arguments: impl IntoIterator<Item = impl Into<OsString> + Clone>) -> u8 {
    let arguments = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => arguments,
        Err(error) => {
            // help and version are no errors; a closed pipe is nobody's fault
            let _ = error.print();
            return u8::from(error.use_stderr()) * 2;
        }
    };
    let done = match arguments.command {
        Command::Models(command) => models::run(&command),
        Command::Check(command) => check::run(&command),
        Command::Simulate(command) => simulate::run(&command),
        Command::Score(command) => score::run(&command),
        Command::Claims(command) => claims::run(&command),
        Command::Calibrate(command) => calibrate::run(&command),
        Command::Bifurcation(command) => bifurcation::run(&command),
        Command::Evaluate(command) => evaluate::run(&command),
        Command::Fit(command) => fit::run(&command),
        Command::Profile(command) => profile::run(&command),
        Command::Virtual(command) => virtual_cohort::run(&command),
        Command::Recover(command) => recover::run(&command),
        Command::Trial(command) => trial::run(&command),
        Command::ImportNonmem(command) => import_nonmem::run(&command),
        #[cfg(feature = "sbml")]
        Command::Export(command) => export::run(&command),
        #[cfg(feature = "sbml")]
        Command::Convert(command) => convert::run(&command),
    };
    match done {
        Ok(()) => 0,
        Err(Failure::Input(errors)) => {
            for error in &errors {
                terminal::error(error);
            }
            if errors.len() > 1 {
                terminal::note(&format!("{} errors", errors.len()));
            }
            1
        }
        Err(Failure::Usage(message)) => {
            terminal::error(&message);
            terminal::note("`holobiont --help` and `holobiont COMMAND --help` list the options");
            2
        }
        Err(Failure::Numerical(message)) => {
            terminal::error(&message);
            3
        }
        Err(Failure::Interrupted(message)) => {
            terminal::error(&message);
            130
        }
    }
}

/// The program.
pub fn main() -> ExitCode {
    ExitCode::from(run(std::env::args_os()))
}
