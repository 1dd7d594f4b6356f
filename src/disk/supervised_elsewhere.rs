//! Where halfway cannot see the file operations of programs.

use std::ffi::OsString;
use std::io;
use std::path::Path;

use super::command_line::{CommandLine, Over};

/// No program runs.
pub(crate) struct Supervised(());

/// Starts nothing.
///
/// # Errors
/// Always.
pub(crate) fn supervise(
    _line: &CommandLine,
    _folder: &Path,
    _over: impl FnOnce(io::Result<Over>) + Send + 'static,
) -> io::Result<Supervised> {
    Err(io::Error::other("halfway sees the file operations of programs on Linux with x86-64 only"))
}

/// There is nobody who would ask for that.
pub(crate) fn launch(_line: Vec<OsString>) -> ! {
    std::process::exit(2)
}
