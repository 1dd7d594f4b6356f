//! Why the harness could not do its job.
//!
//! Never a breach of the flow: that is a finding. These errors end a run with exit code 2, "could not tell".

use std::path::{Path, PathBuf};

use crate::fault::UnknownName;
use crate::schedule::ScheduleError;

/// Any error, where the harness only has to say what went wrong.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// The harness could not do its job.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file or directory of a world, or of the user, could not be used.
    #[error("{action} {}{}", path.display(), remedy(source))]
    File {
        /// The action that failed.
        action: &'static str,
        /// The file or directory.
        path: PathBuf,
        /// Why it failed.
        source: std::io::Error,
    },
    /// The database of a world could not be read from outside.
    #[error(
        "the database {} cannot be read from outside, and neither can a copy of it; what it takes (an extension, a function of \
         the application's own) is not there for others: leave out the tables that need it, with `Rules::ignore_table`",
        path.display()
    )]
    Dump {
        /// The database's file.
        path: PathBuf,
        /// Why it failed.
        source: rusqlite::Error,
    },
    /// The name of a flow or a strategy cannot stand in a schedule.
    #[error(
        "the name of a {what} is kebab-case (a-z, 0-9, single hyphens inside), such as add-book, and not {name:?}: a line that \
         repeats a case begins with it"
    )]
    Name {
        /// The kind of name: of a flow, or of a strategy.
        what: &'static str,
        /// The name.
        name: String,
    },
    /// The flow could not build the world in which its request is made.
    #[error("{subject}: prepare its world")]
    Prepare {
        /// The flow and its strategy.
        subject: String,
        /// Why it failed.
        source: BoxError,
    },
    /// The flow does not succeed even without a fault, so halfway has nothing to compare with.
    #[error(
        "{subject}: the run without faults does not succeed: {reason}; mend that first, there is nothing to compare with"
    )]
    NoReference {
        /// The flow and its strategy.
        subject: String,
        /// What the flow did instead.
        reason: String,
    },
    /// A rule names something that no world of this flow has: the rule would always hold.
    #[error("{subject}: {problem}")]
    Rules {
        /// The flow and its strategy.
        subject: String,
        /// The name that no world has, and the rule that names it.
        problem: String,
    },
    /// The attempt passes no point at which anything could go wrong: the flow would hold, whatever it did.
    #[error(
        "{subject}: there is nothing to break: the attempt names no step, {reason}; name its effects with `halfway::step`, \
         and keep its files below `World::dir` and its rows in `World::database_url`"
    )]
    NothingToBreak {
        /// The flow and its strategy.
        subject: String,
        /// Why its file operations cannot be broken instead, as a part of a sentence that begins with "and".
        reason: String,
    },
    /// A program keeps the path of its world in it.
    #[error(
        "{subject}: {place} holds the path of the folder in which the program runs: each case has a folder of its own, and goes \
         on in a copy of it after a crash, where that path leads to the old one. Let the program keep paths from its working \
         folder"
    )]
    OwnPlace {
        /// The flow and its strategy.
        subject: String,
        /// Where the path stands.
        place: String,
    },
    /// A program changed no file where halfway could have broken it.
    #[error(
        "{subject}: there is nothing to break: the program changed no file in its world, which is the folder in which it runs; \
         let it write there, by a path without a slash at its beginning or by a variable such as \
         environment = {{ HOME = \".\" }}"
    )]
    NothingChanged {
        /// The flow and its strategy.
        subject: String,
    },
    /// Two runs of one schedule differ: time, chance or another thread decides what the flow does.
    #[error(
        "{schedule}: two runs of the same schedule differ: {difference}; what a flow does must not depend on time, \
         chance or other threads while it is tested"
    )]
    NotDeterministic {
        /// The schedule.
        schedule: String,
        /// How the runs differ.
        difference: String,
    },
    /// A fault that was planned did not happen, so the case says nothing.
    #[error("{schedule}: the fault {fault} did not happen{hint}")]
    NotFired {
        /// The schedule.
        schedule: String,
        /// The fault.
        fault: String,
        /// A possible reason, with its own punctuation; or an empty text.
        hint: String,
    },
    /// A schedule names a step that the strategy does not have.
    #[error("{schedule}: {unknown}")]
    UnknownStep {
        /// The schedule.
        schedule: String,
        /// The step, and the steps that the strategy has.
        unknown: UnknownName,
    },
    /// A step ran outside its case while the case was running: no fault can hit it there.
    #[error(
        "{subject}: the step {step} ran outside its case, where no fault can hit it: spawn its task with halfway::inherit, \
         its closure on another thread with halfway::inherit_blocking, a worker that lives as long as the application with \
         halfway::inherit_worker"
    )]
    StepOutside {
        /// The flow and its strategy.
        subject: String,
        /// The step.
        step: &'static str,
    },
    /// halfway cannot see file operations here, so it cannot break them.
    #[error("file operations cannot be broken here: {0}")]
    OperationsUnseen(&'static str),
    /// The file operations that halfway saw do not add up to the files that are there.
    #[error(
        "{schedule}: the file operations that were seen do not add up to what is there: {difference}; a file is changed in a \
         way that cannot be followed (mapped memory, another process), and a loss of power cannot be told"
    )]
    OperationsMissed {
        /// The schedule.
        schedule: String,
        /// The first file that differs.
        difference: String,
    },
    /// A child process was to be killed at a point, and was not.
    #[error("{schedule}: the process that was to be killed there ended otherwise ({status}): {said}")]
    NotKilled {
        /// The schedule.
        schedule: String,
        /// How it ended.
        status: String,
        /// What it said.
        said: String,
    },
    /// The emulated crash leaves another world than a real one.
    #[error("{schedule}: a process that is really killed there leaves another world: {difference}")]
    NotACrash {
        /// The schedule.
        schedule: String,
        /// How the two worlds differ.
        difference: String,
    },
    /// The line is no schedule.
    #[error(transparent)]
    Schedule(#[from] ScheduleError),
    /// The name is not known.
    #[error(transparent)]
    UnknownName(#[from] UnknownName),
    /// halfway could not read the variable `FAILPOINTS`.
    #[error("FAILPOINTS: {0}")]
    FailPoints(String),
    /// The run was asked to stop.
    #[error("interrupted before the end")]
    Interrupted,
    /// halfway cannot go on with this saved report: it belongs to another run.
    #[error("go on with a stopped run: {0}")]
    NotTheSameRun(String),
}

/// A result of the harness, or the reason why there is none.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    pub(crate) fn file(action: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::File { action, path, source }
    }
}

/// A remedy if a file cannot be used, with its own punctuation; empty if the reason says it all.
fn remedy(error: &std::io::Error) -> &'static str {
    use std::io::ErrorKind;
    match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => {
            " (free some space, or say with TMPDIR where there is more of it for worlds)"
        }
        ErrorKind::ReadOnlyFilesystem => " (say with TMPDIR where worlds can be made)",
        ErrorKind::PermissionDenied => " (who runs this needs a permission for it)",
        _ => "",
    }
}

/// An error and its sources, in one line.
pub(crate) fn in_full(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let cause_text = cause.to_string();
        // Many errors repeat their source in their own text.
        if !text.ends_with(&cause_text) {
            text.push_str(": ");
            text.push_str(&cause_text);
        }
        source = cause.source();
    }
    text
}
