//! Runs a folder of PEtab problems: log-likelihood at nominal, gradient check, multi-start fit; a table and a waterfall picture.
//!
//! ```text
//! cargo run --release --example petab_benchmark -- DIR [--starts 20] [--seed 1] [--output OUT] [--only A,B]
//!     [--rtol 1e-8] [--atol 1e-8] [--fit-rtol 1e-6] [--fit-atol 1e-8] [--iterations 200] [--hops 3] [--best-hops 20] [--nominal]
//!     [--points FOLDER] [--lbfgs] [--threads 1] [--json FILE]
//! ```
//!
//! DIR is a YAML file, the folder of a problem, or a folder of such folders. Times are CPU milliseconds of the fastest of several
//! repeats; the gradient is the one by forward sensitivities on the search scale.
mod arguments;
mod fits;
mod nominal;
mod table;

use arguments::Arguments;
use std::process::ExitCode;

fn main() -> ExitCode {
    match Arguments::read(std::env::args().skip(1)).and_then(|arguments| run(&arguments)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("error: {message}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Result<(), String> {
    let files = arguments.problems()?;
    let mut rows = Vec::new();
    for file in &files {
        eprintln!("{}", file.display());
        let nominal = match nominal::evaluate(file, arguments) {
            Ok(nominal) => nominal,
            Err(message) => {
                eprintln!("{message}");
                rows.push(table::Row::refused(file, message));
                continue;
            }
        };
        let fits = match arguments.starts {
            0 => None,
            _ => Some(fits::run(&nominal, arguments)?),
        };
        rows.push(table::Row::new(&nominal, fits));
    }
    if let Some(file) = &arguments.json {
        let text = table::json(&rows, (arguments.rtol, arguments.atol));
        std::fs::write(file, text).map_err(|e| format!("{}: {e}", file.display()))?;
    }
    print!("{}", table::text(&rows));
    if let Some(folder) = &arguments.output {
        table::write(folder, &rows)?;
    }
    match rows.iter().any(table::Row::is_refused) {
        true => Err("a problem could not be evaluated".to_owned()),
        false => Ok(()),
    }
}
