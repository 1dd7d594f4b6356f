//! Where halfway cannot see the file operations of programs.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::io;
use std::os::fd::OwnedFd;
use std::path::Path;
use std::sync::Arc;

use super::command_line::{CommandLine, Over, Rest};

/// No program runs.
pub(crate) struct Supervised(());

/// There is no server that would have to wait.
#[derive(Default)]
pub(crate) struct Gate(());

impl Gate {
    /// There is no answer.
    pub(crate) fn wait_for(&self, _socket: OwnedFd) {}

    /// There is no answer.
    pub(crate) fn answered(&self) {}

    /// It is.
    pub(crate) fn open(&self) {}
}

/// Which network a program would see.
#[derive(Clone, Copy)]
pub(crate) enum Network<'s> {
    /// That of halfway itself.
    OfHalfway,
    /// One of its own.
    Own(&'s Arc<Gate>),
    /// That of another program.
    Beside(&'s Supervised),
}

impl Supervised {
    /// There is none.
    ///
    /// # Errors
    /// Always.
    pub(crate) fn socket(&self, _is_version_6: bool) -> io::Result<OwnedFd> {
        Err(io::ErrorKind::NotConnected.into())
    }

    /// Nothing runs.
    pub(crate) fn rest(&self) -> Rest {
        Rest::Gone
    }
}

/// Starts nothing.
///
/// # Errors
/// Always.
pub(crate) fn supervise(
    _line: &CommandLine,
    _network: Network<'_>,
    _folder: &Path,
    _over: impl FnOnce(io::Result<Over>) + Send + 'static,
) -> io::Result<Supervised> {
    Err(io::Error::other("halfway sees the file operations of programs on Linux with x86-64 only"))
}

/// Nothing is written.
pub(crate) fn take_written_outside() -> BTreeSet<String> {
    BTreeSet::new()
}

/// There is nobody who would ask for that.
pub(crate) fn launch(_line: Vec<OsString>) -> ! {
    std::process::exit(2)
}
