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
mod http;
mod importing;
mod rules;
mod running;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use crate::disk::Limits;
pub(crate) use crate::disk::launch;
use crate::document::Mistakes;
use crate::report::Expect;
use crate::rules::Rules;
use crate::subject::Subject;
use http::Call;

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
    /// What stays up from then on, and is sent the request.
    serve: Option<Server>,
    /// What the request is.
    request: Vec<Action>,
    /// What the environment has beside halfway's own.
    environment: Vec<(String, String)>,
    success: Success,
    /// What each command may use.
    limits: Limits,
    rules: Rules,
    expect: Expect,
}

/// A command: a program, and what it is given.
pub(crate) type Words = Vec<String>;

/// A program that stays up.
#[derive(Clone, Debug)]
struct Server {
    words: Words,
    ready: Ready,
}

/// When a server takes requests.
#[derive(Clone, Debug)]
enum Ready {
    /// When it takes a connection here.
    Listening(SocketAddr),
    /// When it answers this with anything but an error of its own.
    Answering(Box<Call>),
}

/// One part of a request.
#[derive(Clone, Debug)]
pub(crate) enum Action {
    Run(Words),
    Send(Box<Call>),
}

/// What the caller takes for a success.
#[derive(Clone, Debug, Default)]
struct Success {
    /// The exit code of each command.
    exit: i32,
    /// The status of each answer; any from 200 to 299 where none is said.
    statuses: Vec<u16>,
    /// What the answer has to say.
    contains: Option<String>,
}

/// The program that a file describes.
///
/// # Errors
/// All mistakes of the file; that it cannot be read is one.
pub(crate) fn open(path: &Path, started_as: &str) -> Result<Subject, Mistakes> {
    let program = file::open(path)?;
    Ok(importing::subject(program, format!("{started_as} {}", path.display())))
}
