//! Finds the files of fault scenarios.

use std::path::{Path, PathBuf};

use crate::error::{Error, Result};

/// The files that are meant: a file is itself, a folder is every `*.toml` below it, in the order of their names. Each is
/// there once. Symbolic links within a folder are not followed.
///
/// # Errors
/// When a path is not there, a folder cannot be read, or has no such file: that nothing failed would then say nothing.
pub fn find(paths: &[PathBuf]) -> Result<Vec<PathBuf>> {
    let mut found: Vec<PathBuf> = Vec::new();
    for path in paths {
        let metadata = std::fs::metadata(path).map_err(Error::file("read", path))?;
        let mut files = Vec::new();
        if metadata.is_dir() {
            below(path, &mut files)?;
            if files.is_empty() {
                let nothing = std::io::Error::other("no fault scenario (*.toml) is in it");
                return Err(Error::file("read", path)(nothing));
            }
        } else {
            files.push(path.clone());
        }
        files.retain(|file| !found.contains(file));
        found.extend(files);
    }
    Ok(found)
}

fn below(folder: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    let failed = |error| Error::file("read", folder)(error);
    let mut entries = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        entries.push((entry.path(), entry.file_type().map_err(failed)?));
    }
    entries.sort_by(|(a, _), (b, _)| a.cmp(b));
    for (path, kind) in entries {
        if kind.is_dir() {
            below(&path, files)?;
        } else if kind.is_file() && path.extension().is_some_and(|extension| extension == "toml") {
            files.push(path);
        }
    }
    Ok(())
}
