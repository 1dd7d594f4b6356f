//! Writes to the terminal, to a pipe, to a file.

use std::io::{ErrorKind, Write};
use std::path::Path;

use super::Failure;
use crate::report::paint::paint;

/// The width for text that goes to no terminal, and for text in files.
pub(super) const WIDTH: usize = 100;

/// How wide text may be: as the terminal is, if it is one.
pub(super) fn width() -> usize {
    terminal_size::terminal_size().map_or(WIDTH, |(width, _)| usize::from(width.0))
}

/// Prints a text, in colour where the reader wants that.
pub(super) fn print(text: &str) -> Result<(), Failure> {
    // `anstream` takes the colours away again for a pipe, for NO_COLOR, and for a terminal that has none.
    let written = anstream::stdout().lock().write_all(paint(text).as_bytes());
    heard(written)
}

/// Prints what a program reads: as it is.
pub(super) fn print_raw(text: &str) -> Result<(), Failure> {
    heard(std::io::stdout().lock().write_all(text.as_bytes()))
}

/// Writes a file.
pub(super) fn write(path: &Path, text: &str) -> Result<(), Failure> {
    let written = std::fs::write(path, text);
    written.map_err(|error| Failure::Input(format!("write {}: {error}", path.display())))
}

/// Says what went wrong.
pub(super) fn complain(problem: &str) {
    anstream::eprintln!("\u{1b}[1;31merror\u{1b}[0m: {problem}");
}

/// Says what went wrong in words and colours that are complete.
pub(super) fn complain_as_it_is(problems: &str) {
    anstream::eprintln!("{problems}");
}

/// A reader that has seen enough and closed the pipe is no error.
fn heard(written: std::io::Result<()>) -> Result<(), Failure> {
    match written {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(Failure::Input(format!("write to the standard output: {error}")))
        }
        _ => Ok(()),
    }
}
