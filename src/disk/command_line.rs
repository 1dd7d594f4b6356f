//! A program that halfway starts, and how it ends.

use std::ffi::OsString;
use std::path::PathBuf;

/// A command, and with what it is started.
#[derive(Clone, Debug)]
pub(crate) struct CommandLine {
    /// The program, and what it is given.
    pub(crate) words: Vec<OsString>,
    /// What its environment has beside halfway's own.
    pub(crate) environment: Vec<(String, String)>,
    /// What it may use.
    pub(crate) limits: Limits,
    /// How halfway itself is started to become the program: its file, and the word that says so.
    pub(crate) launcher: (PathBuf, &'static str),
}

/// What a program may use before halfway ends it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// Bytes that it writes in its world; and in each file elsewhere, what it prints among them.
    pub(crate) disk: u64,
    /// Bytes of memory of each process, where that is limited at all.
    pub(crate) memory: Option<u64>,
    /// Processes and threads that it starts.
    pub(crate) processes: u64,
}

impl Default for Limits {
    /// More than an import needs, and less than a machine has.
    fn default() -> Self {
        Self { disk: 4 << 30, memory: None, processes: 20_000 }
    }
}

/// How a program ended.
#[derive(Clone, Debug)]
pub(crate) struct Over {
    /// Its exit code, or the signal that killed it.
    pub(crate) end: Result<i32, i32>,
    /// What it printed, at most a mebibyte.
    pub(crate) output: Vec<u8>,
    /// What it said of errors, at most as many.
    pub(crate) errors: Vec<u8>,
}

/// Whether the processes of a program go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rest {
    /// One of them is at something.
    Busy,
    /// All wait.
    Asleep,
    /// None is left.
    Gone,
}
