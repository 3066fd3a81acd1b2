//! The command line of holobiont; what it does is in `holobiont::cli`.
use std::process::ExitCode;

fn main() -> ExitCode {
    holobiont::cli::main()
}
