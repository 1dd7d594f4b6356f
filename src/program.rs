//! A program under test: commands in any language, as a file describes them.
//!
//! To the harness it is a [`Flow`](crate::Flow) like any other: its world is a folder, its request a command that runs there.
//! What its processes do to files is seen and broken by `disk`; a crash kills them all.
//!
//! ```toml
//! name = "photo-import"
//! setup = ["sqlite3", "library.db", ".read {here}/schema.sql"]
//! request = ["./import.sh", "a.jpg"]
//! ```

mod file;
mod importing;
mod rules;

use std::path::{Path, PathBuf};

pub(crate) use crate::disk::launch;
use crate::document::Mistakes;
use crate::report::Expect;
use crate::rules::Rules;
use crate::subject::Subject;

/// The word with which halfway starts itself to become a program.
pub(crate) const LAUNCH: &str = "become-the-program-under-test";

/// A program, and what is asked of it.
#[derive(Clone, Debug)]
pub(crate) struct Program {
    /// The name of the flow.
    name: String,
    /// The name of the strategy: that of the file, unless the file says another one.
    strategy: String,
    /// The folder of the file.
    here: PathBuf,
    /// A folder that is copied into the world before anything else.
    template: Option<PathBuf>,
    /// What makes the world before the request.
    setup: Vec<Words>,
    /// What runs whenever the application starts.
    boot: Vec<Words>,
    /// What the request is.
    request: Vec<Words>,
    /// What the environment has beside halfway's own.
    environment: Vec<(String, String)>,
    /// The exit code of a success.
    success: i32,
    rules: Rules,
    expect: Expect,
}

/// A command: a program, and what it is given.
type Words = Vec<String>;

/// The program that a file describes.
///
/// # Errors
/// All mistakes of the file; that it cannot be read is one.
pub(crate) fn open(path: &Path, started_as: &str) -> Result<Subject, Mistakes> {
    let program = file::open(path)?;
    Ok(importing::subject(program, format!("{started_as} {}", path.display())))
}
