//! The single effects on the files of contexts, each one step. Which of them happen, and in which order, is a strategy's
//! business.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use halfway::{Step, step};

/// The folder of contexts, relative to the directory of the world.
pub(crate) const FOLDER: &str = "evaluator_context";

/// How much of a context is written at a time, in bytes: a context comes in over a network, too.
const BLOCK: usize = 512;

const MAKE_DIRECTORY: Step = Step::new("make-directory");
const SYNC_PARENT: Step = Step::new("sync-parent");
const OPEN_TEMPORARY: Step = Step::new("open-temporary");
const WRITE_BLOCK: Step = Step::new("write-block");
const SYNC_TEMPORARY: Step = Step::new("sync-temporary");
const RENAME_CONTEXT: Step = Step::new("rename-context");
const SYNC_DIRECTORY: Step = Step::new("sync-directory");
const LIST_LEFTOVERS: Step = Step::new("list-leftovers");
const REMOVE_LEFTOVER: Step = Step::new("remove-leftover");
const REMOVE_DIRECTORY: Step = Step::new("remove-directory");
const LOOK_FOR_FILE: Step = Step::new("look-for-file");

/// Where the context of a scenario is, relative to the directory of the world.
pub(crate) fn context_path(id: &str) -> String {
    format!("{FOLDER}/{id}/context.txt")
}

/// The directory that a file is in.
pub(crate) fn directory_of(file: &Path) -> &Path {
    file.parent().expect("a context is in a directory of its own")
}

/// Makes the directory of a file. One that is there is an error.
pub(crate) async fn make_new_directory(file: &Path) -> io::Result<()> {
    step(MAKE_DIRECTORY, async { fs::create_dir(directory_of(file)) }).await
}

/// Makes the directory of a file, unless it is there.
pub(crate) async fn make_directory(file: &Path) -> io::Result<()> {
    step(MAKE_DIRECTORY, async { fs::create_dir_all(directory_of(file)) }).await
}

/// Syncs the folder of contexts: the names of the directories in it are on disk.
pub(crate) async fn sync_parent(dir: &Path) -> io::Result<()> {
    step(SYNC_PARENT, async { File::open(dir.join(FOLDER))?.sync_all() }).await
}

/// Opens a file to write a context into, from its beginning.
pub(crate) async fn open_temporary(file: &Path) -> io::Result<File> {
    open(file, OpenOptions::new().write(true).create(true).truncate(true)).await
}

/// Opens a file to write a context into, behind what is there.
pub(crate) async fn open_to_append(file: &Path) -> io::Result<File> {
    open(file, OpenOptions::new().append(true).create(true)).await
}

async fn open(file: &Path, options: &OpenOptions) -> io::Result<File> {
    step(OPEN_TEMPORARY, async { options.open(file) }).await
}

/// Writes a context, block by block: each is an effect of its own.
pub(crate) async fn write(mut file: &File, context: &str) -> io::Result<()> {
    for block in context.as_bytes().chunks(BLOCK) {
        step(WRITE_BLOCK, async { file.write_all(block) }).await?;
    }
    Ok(())
}

/// Writes as much of a context as one call takes, and says how much that was.
pub(crate) async fn write_once(mut file: &File, context: &str) -> io::Result<usize> {
    step(WRITE_BLOCK, async { file.write(context.as_bytes()) }).await
}

/// Syncs a file through the descriptor that wrote it.
pub(crate) async fn sync(file: &File) -> io::Result<()> {
    step(SYNC_TEMPORARY, async { file.sync_all() }).await
}

/// Gives a file another name.
pub(crate) async fn rename(from: &Path, to: &Path) -> io::Result<()> {
    step(RENAME_CONTEXT, async { fs::rename(from, to) }).await
}

/// Syncs the directory of a file: its name is on disk.
pub(crate) async fn sync_directory(file: &Path) -> io::Result<()> {
    step(SYNC_DIRECTORY, async { File::open(directory_of(file))?.sync_all() }).await
}

/// Whether a file is there.
pub(crate) async fn is_there(file: &Path) -> io::Result<bool> {
    step(LOOK_FOR_FILE, async { file.try_exists() }).await
}

/// What is in a directory, sorted. Nothing, when it is not there.
pub(crate) async fn list(directory: &Path) -> io::Result<Vec<PathBuf>> {
    step(LIST_LEFTOVERS, async {
        let entries = match fs::read_dir(directory) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries?,
        };
        let mut paths = entries.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>()?;
        paths.sort();
        Ok(paths)
    })
    .await
}

/// Unlinks a file, if it is there.
pub(crate) async fn remove(file: &Path) -> io::Result<()> {
    step(REMOVE_LEFTOVER, async { gone(fs::remove_file(file)) }).await
}

/// Removes an empty directory, if it is there.
pub(crate) async fn remove_directory(directory: &Path) -> io::Result<()> {
    step(REMOVE_DIRECTORY, async { gone(fs::remove_dir(directory)) }).await
}

/// Removes a directory with all files in it, one by one.
pub(crate) async fn remove_with_files(directory: &Path) -> io::Result<()> {
    for file in list(directory).await? {
        remove(&file).await?;
    }
    remove_directory(directory).await
}

/// Removing what is not there succeeds: whoever removes may be doing it for the second time.
fn gone(removed: io::Result<()>) -> io::Result<()> {
    match removed {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}
