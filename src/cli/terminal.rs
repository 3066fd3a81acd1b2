//! What goes to standard error: errors, notes, progress; coloured only on a terminal.
use std::io::{IsTerminal, Write};

fn paint(code: &str, text: &str) -> String {
    let coloured = std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    if coloured {
        format!("\x1b[{code}m{text}\x1b[0m")
    } else {
        text.to_owned()
    }
}

fn line(head: &str, text: &str) {
    // nobody is left to be told when standard error is closed
    let _ = writeln!(std::io::stderr(), "{head} {text}");
}

pub(super) fn error(text: &str) {
    line(&paint("1;31", "error:"), text);
}

pub(super) fn warning(text: &str) {
    line(&paint("1;33", "warning:"), text);
}

pub(super) fn note(text: &str) {
    line(&paint("1;36", "note:"), text);
}

/// Writes to standard output; a closed pipe ends the output, not the program.
pub(super) fn print(text: &str) {
    let mut out = std::io::stdout().lock();
    let _ = out.write_all(text.as_bytes());
    let _ = out.flush();
}

/// Whether somebody watches standard error.
pub(super) fn is_watched() -> bool {
    std::io::stderr().is_terminal()
}
