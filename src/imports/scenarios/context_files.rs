//! The effects on the files of contexts, as plain as the application was found with them: nothing is synced.
//!
//! Each function is one step. Effects are synchronous calls of the standard library: a future that is dropped must not
//! leave one running on another thread.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::{Step, step};

/// The folder of contexts, relative to the directory of the world.
pub(crate) const FOLDER: &str = "evaluator_context";

/// Makes the directory of a scenario.
pub(crate) const MAKE_DIRECTORY: Step = Step::new("make-directory");
/// Writes the context to its place.
pub(crate) const WRITE_CONTEXT: Step = Step::new("write-context");
/// Unlinks a context, if it is there.
pub(crate) const REMOVE_CONTEXT: Step = Step::new("remove-context");
/// Removes the directory of a scenario, if it is there.
pub(crate) const REMOVE_DIRECTORY: Step = Step::new("remove-directory");

/// Where a scenario's context is, relative to the directory of the world.
pub(crate) fn context_path(id: &str) -> String {
    format!("{FOLDER}/{id}/context.txt")
}

/// The directory of the scenario whose context is there.
pub(crate) fn directory_of(dir: &Path, path: &str) -> PathBuf {
    let mut directory = dir.join(path);
    directory.pop();
    directory
}

/// Makes the directory that the context goes to, and those above it.
pub(crate) async fn make_directory(dir: &Path, path: &str) -> io::Result<()> {
    step(MAKE_DIRECTORY, async { fs::create_dir_all(directory_of(dir, path)) }).await
}

/// Writes the context.
pub(crate) async fn write_context(dir: &Path, path: &str, context: &str) -> io::Result<()> {
    step(WRITE_CONTEXT, async { fs::write(dir.join(path), context) }).await
}

/// Unlinks the context. One that is not there is gone already.
pub(crate) async fn remove_context(dir: &Path, path: &str) -> io::Result<()> {
    step(REMOVE_CONTEXT, async { gone(fs::remove_file(dir.join(path))) }).await
}

/// Removes the directory of the context. One that is not there is gone already.
pub(crate) async fn remove_directory(dir: &Path, path: &str) -> io::Result<()> {
    step(REMOVE_DIRECTORY, async { gone(fs::remove_dir(directory_of(dir, path))) }).await
}

/// Removing what is not there succeeds: whoever removes may be doing it for the second time.
pub(crate) fn gone(removed: io::Result<()>) -> io::Result<()> {
    match removed {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}
