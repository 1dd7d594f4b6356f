//! Reaches what stands in a world even where the application has taken the permission away: for the time of the look,
//! and as it was afterwards.

use std::ffi::OsString;
use std::fs::{self, Metadata};
use std::io;
use std::path::{Path, PathBuf};

/// A directory or file that can be read, and its names changed, as long as this lives.
pub(super) struct Reached {
    restore: Option<(PathBuf, fs::Permissions)>,
}

impl Reached {
    /// Makes what stands here reachable. What cannot be made so is left as it is: whoever goes on meets the refusal.
    pub(super) fn at(path: &Path, found: &Metadata) -> Self {
        let nothing = Self { restore: None };
        let Some(wider) = widened(&found.permissions(), found.is_dir()) else { return nothing };
        if fs::set_permissions(path, wider).is_err() {
            return nothing;
        }
        Self { restore: Some((path.to_owned(), found.permissions())) }
    }

    /// Whether something had to be done for it.
    pub(super) const fn is_needed(&self) -> bool {
        self.restore.is_some()
    }
}

impl Drop for Reached {
    fn drop(&mut self) {
        if let Some((path, permissions)) = self.restore.take() {
            // What is gone meanwhile has none.
            let _ = fs::set_permissions(path, permissions);
        }
    }
}

/// Permissions with all that the owner can have, where some of it is missing.
#[cfg(unix)]
fn widened(permissions: &fs::Permissions, is_directory: bool) -> Option<fs::Permissions> {
    use std::os::unix::fs::PermissionsExt;
    let wanted = if is_directory { 0o700 } else { 0o600 };
    let mode = permissions.mode();
    (mode & wanted != wanted).then(|| fs::Permissions::from_mode(mode | wanted))
}

#[cfg(not(unix))]
fn widened(_permissions: &fs::Permissions, _is_directory: bool) -> Option<fs::Permissions> {
    None
}

/// The bytes of a file.
pub(super) fn read(path: &Path) -> io::Result<Vec<u8>> {
    match fs::read(path) {
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
            let _reached = Reached::at(path, &fs::symlink_metadata(path)?);
            fs::read(path)
        }
        other => other,
    }
}

/// Copies a file, with its permissions.
pub(super) fn copy(from: &Path, to: &Path) -> io::Result<()> {
    match fs::copy(from, to) {
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
            let found = fs::symlink_metadata(from)?;
            let reached = Reached::at(from, &found);
            fs::copy(from, to)?;
            drop(reached);
            fs::set_permissions(to, found.permissions())
        }
        other => other.map(drop),
    }
}

/// Removes a directory and all that is in it.
pub(super) fn remove_all(root: &Path) -> io::Result<()> {
    fs::remove_dir_all(root).or_else(|error| {
        if error.kind() != io::ErrorKind::PermissionDenied {
            return Err(error);
        }
        open_up(root)?;
        fs::remove_dir_all(root)
    })
}

/// Gives the owner back what he can have of all directories.
fn open_up(folder: &Path) -> io::Result<()> {
    let found = fs::symlink_metadata(folder)?;
    if let Some(wider) = widened(&found.permissions(), true) {
        fs::set_permissions(folder, wider)?;
    }
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            open_up(&entry.path())?;
        }
    }
    Ok(())
}

/// A copy of a database's files, in a directory of its own. Removed on drop.
pub(super) struct Spare {
    folder: PathBuf,
    database: PathBuf,
}

impl Spare {
    /// Copies the database and what belongs to it, but for the memory that its users share, into this new directory.
    pub(super) fn of_files(database: &Path, folder: &Path) -> io::Result<Self> {
        let unnamed = || io::Error::from(io::ErrorKind::InvalidInput);
        let (home, name) = (database.parent().ok_or_else(unnamed)?, database.file_name().ok_or_else(unnamed)?);
        fs::create_dir(folder)?;
        let spare = Self { folder: folder.to_owned(), database: folder.join(name) };
        for suffix in ["", "-journal", "-wal"] {
            let mut name = OsString::from(name);
            name.push(suffix);
            let copy = folder.join(&name);
            match self::copy(&home.join(&name), &copy) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                other => other?,
            }
            // The engine writes to what it recovers.
            if let Some(wider) = widened(&fs::metadata(&copy)?.permissions(), false) {
                fs::set_permissions(&copy, wider)?;
            }
        }
        Ok(spare)
    }

    /// The database's file.
    pub(super) fn path(&self) -> &Path {
        &self.database
    }
}

impl Drop for Spare {
    fn drop(&mut self) {
        // What stays goes with the world.
        let _ = fs::remove_dir_all(&self.folder);
    }
}
