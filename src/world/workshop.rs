//! The place where all worlds of a run are made, and that leaves nothing behind.
//!
//! One temporary directory per run. It goes when the run ends. When the harness itself is killed it stays; the next run,
//! of anyone, finds that nobody holds its lock any more, and removes it.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use fs4::fs_std::FileExt;

use super::reach;
use crate::error::{Error, Result};

/// A directory for the worlds of one run.
#[derive(Debug)]
pub(crate) struct Workshop {
    root: PathBuf,
    made: AtomicU64,
    /// Held as long as the run lives; the kernel lets go of it when the process dies, however it dies.
    _lock: File,
}

const PREFIX: &str = "halfway-";
const LOCK: &str = "in-use";

impl Workshop {
    /// Opens a workshop in memory where the system has a file system for that (no disk is worn, and fsync costs what
    /// the call costs), otherwise among the temporary files. `TMPDIR` decides when it is set.
    pub(crate) fn open() -> Result<Self> {
        let memory = Path::new("/dev/shm");
        let parent = match std::env::var_os("TMPDIR") {
            None if memory.is_dir() => memory.to_owned(),
            _ => std::env::temp_dir(),
        };
        Self::open_in(&parent)
    }

    fn open_in(parent: &Path) -> Result<Self> {
        sweep(parent);
        let made = tempfile::Builder::new().prefix(PREFIX).tempdir_in(parent);
        let made = made.map_err(Error::file("make a directory in", parent))?;
        let root = made.path().to_owned();
        // It goes with the workshop. (A method for this has another name in each version.)
        std::mem::forget(made);
        // Whether a path lies in a world is told by how it begins: no link may stand in it.
        let root = root.canonicalize().map_err(Error::file("find", &root))?;
        let path = root.join(LOCK);
        let lock = File::create(&path).map_err(Error::file("create", &path))?;
        lock.lock_exclusive().map_err(Error::file("lock", &path))?;
        Ok(Self { root, made: AtomicU64::new(0), _lock: lock })
    }

    /// The directory below which all of its worlds lie.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// A path for one more world; nothing is there yet.
    pub(crate) fn next_path(&self) -> PathBuf {
        self.root.join(self.made.fetch_add(1, Ordering::Relaxed).to_string())
    }
}

impl Drop for Workshop {
    fn drop(&mut self) {
        // A connection of the application may still be closing, and make a file while its directory is being emptied.
        for _ in 0..20 {
            if reach::remove_all(&self.root).is_ok() || !self.root.exists() {
                return;
            }
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
    }
}

/// Removes what killed runs left in `parent`. Whatever cannot be removed is left to the next sweep.
fn sweep(parent: &Path) {
    let Ok(entries) = fs::read_dir(parent) else { return };
    for entry in entries.flatten() {
        let is_ours = entry.file_name().to_str().is_some_and(|name| name.starts_with(PREFIX));
        if is_ours && is_abandoned(&entry.path()) {
            let _ = reach::remove_all(&entry.path());
        }
    }
}

/// Whether a workshop's lock is free. A directory without a lock is either not ours or was made a moment ago.
fn is_abandoned(root: &Path) -> bool {
    let Ok(lock) = File::open(root.join(LOCK)) else { return false };
    lock.try_lock_exclusive().unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_workshop_leaves_nothing_behind() {
        let parent = tempfile::tempdir().expect("a directory");
        let workshop = Workshop::open_in(parent.path()).expect("a workshop");
        fs::create_dir_all(workshop.next_path().join("files")).expect("a world");
        drop(workshop);
        assert_eq!(fs::read_dir(parent.path()).expect("the directory").count(), 0);
    }

    #[test]
    fn what_a_killed_run_left_is_swept_and_what_a_live_one_uses_is_not() {
        let parent = tempfile::tempdir().expect("a directory");
        let killed = parent.path().join("halfway-killed");
        fs::create_dir_all(killed.join("0/files")).expect("a world");
        File::create(killed.join(LOCK)).expect("a lock that nobody holds");
        fs::create_dir(parent.path().join("halfway-of-somebody-else")).expect("a directory without a lock");

        let alive = Workshop::open_in(parent.path()).expect("a workshop");
        let second = Workshop::open_in(parent.path()).expect("another");
        assert!(!killed.exists());
        assert!(parent.path().join("halfway-of-somebody-else").exists());
        assert!(alive.root.exists() && second.root.exists());
    }
}
