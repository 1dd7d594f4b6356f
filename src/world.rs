//! What outlives the process: one database and one directory.
//!
//! A world is a database URL and a directory, no more. An application under test opens them with its own code, as it
//! does in production; the harness looks at them from outside, through connections of its own.

mod look;
mod moved;
mod reach;
mod site;
mod sqlite;
#[cfg(test)]
mod tests;
mod workshop;

use std::path::{Path, PathBuf};

pub(crate) use site::Site;
pub(crate) use workshop::Workshop;

/// A database and a directory: an application keeps its rows and files there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct World {
    database_url: String,
    dir: PathBuf,
}

impl World {
    /// A world made of this database and this directory.
    pub fn new(database_url: impl Into<String>, dir: impl Into<PathBuf>) -> Self {
        Self { database_url: database_url.into(), dir: dir.into() }
    }

    /// The URL of the database, as `sqlx` takes it. SQLite creates the file if it is not there.
    pub fn database_url(&self) -> &str {
        &self.database_url
    }

    /// The file of the database, for a library that takes a path instead of a URL. `None` if the URL is not that of a
    /// file.
    pub fn database_file(&self) -> Option<&Path> {
        let path = self.database_url.strip_prefix("sqlite://")?;
        Some(Path::new(path.split_once('?').map_or(path, |(path, _)| path)))
    }

    /// The directory of the application's files. It exists. The application has to store paths relative to it, because
    /// after a crash the case goes on in a copy elsewhere.
    pub fn dir(&self) -> &Path {
        &self.dir
    }
}
