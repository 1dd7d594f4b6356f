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
    /// How halfway itself is started to become the program: its file, and the word that says so.
    pub(crate) launcher: (PathBuf, &'static str),
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
