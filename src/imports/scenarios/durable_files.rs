//! The effects that put a context at its place so that neither a crash nor a power loss leaves half of it there, and those
//! that take it away again.
//!
//! A file is written under another name, synced, renamed, and its directory synced: under its own name it is whole or
//! not there. A new directory is on disk once the directory above it was synced. The order is the caller's business.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::context_files::{FOLDER, MAKE_DIRECTORY, directory_of, gone};
use crate::{Step, step};

/// Writes the context under a temporary name.
pub(crate) const WRITE_TEMPORARY: Step = Step::new("write-temporary");
/// Syncs the temporary file.
pub(crate) const SYNC_TEMPORARY: Step = Step::new("sync-temporary");
/// Gives the temporary file its own name.
pub(crate) const RENAME_CONTEXT: Step = Step::new("rename-context");
/// Syncs the directory of the scenario: the name of its context is on disk.
pub(crate) const SYNC_DIRECTORY: Step = Step::new("sync-directory");
/// Syncs the folder of contexts: the names of its directories are on disk.
pub(crate) const SYNC_PARENT: Step = Step::new("sync-parent");
/// Lists what is in the directory of a scenario.
pub(crate) const LIST_LEFTOVERS: Step = Step::new("list-leftovers");
/// Unlinks one of these.
pub(crate) const REMOVE_LEFTOVER: Step = Step::new("remove-leftover");

/// Makes the directory of this attempt's scenario. Its id is new, so that a directory that is there already is an error.
pub(crate) async fn make_new_directory(dir: &Path, path: &str) -> io::Result<()> {
    step(MAKE_DIRECTORY, async { fs::create_dir(directory_of(dir, path)) }).await
}

/// Syncs the folder of contexts.
pub(crate) async fn sync_parent(dir: &Path) -> io::Result<()> {
    step(SYNC_PARENT, async { File::open(dir.join(FOLDER))?.sync_all() }).await
}

/// Writes the context next to its place. The directory is this attempt's own, and so is the name in it.
pub(crate) async fn write_temporary(dir: &Path, path: &str, context: &str) -> io::Result<File> {
    step(WRITE_TEMPORARY, async {
        let mut file = File::create_new(temporary(dir, path))?;
        file.write_all(context.as_bytes())?;
        Ok(file)
    })
    .await
}

/// Syncs the file through the descriptor that wrote it: an error of writing back is told to that one.
pub(crate) async fn sync_temporary(file: File) -> io::Result<()> {
    step(SYNC_TEMPORARY, async { file.sync_all() }).await
}

/// Gives the file its own name.
pub(crate) async fn rename_context(dir: &Path, path: &str) -> io::Result<()> {
    step(RENAME_CONTEXT, async { fs::rename(temporary(dir, path), dir.join(path)) }).await
}

/// Syncs the directory of the context.
pub(crate) async fn sync_directory(dir: &Path, path: &str) -> io::Result<()> {
    step(SYNC_DIRECTORY, async { File::open(directory_of(dir, path))?.sync_all() }).await
}

/// What is in the directory of the context, sorted. Nothing, when it is not there.
pub(crate) async fn list_leftovers(dir: &Path, path: &str) -> io::Result<Vec<PathBuf>> {
    step(LIST_LEFTOVERS, async {
        let entries = match fs::read_dir(directory_of(dir, path)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries?,
        };
        let mut leftovers = entries.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>()?;
        leftovers.sort();
        Ok(leftovers)
    })
    .await
}

/// Unlinks a file. One that is not there is gone already.
pub(crate) async fn remove_leftover(leftover: &Path) -> io::Result<()> {
    step(REMOVE_LEFTOVER, async { gone(fs::remove_file(leftover)) }).await
}

fn temporary(dir: &Path, path: &str) -> PathBuf {
    dir.join(path).with_extension("txt.new")
}
