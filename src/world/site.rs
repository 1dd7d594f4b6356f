//! One world on disk: made, copied, looked at from outside, removed.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use super::{Workshop, World, sqlite};
use crate::error::{Error, Result};
use crate::observe::{Answer, Entry, Observation};

/// A directory that holds a world: the database in one folder, the application's files in another. Removed on drop.
#[derive(Debug)]
pub(crate) struct Site {
    root: PathBuf,
}

const DATABASE: &str = "database";
const FILES: &str = "files";

impl Site {
    /// An empty world.
    pub(crate) fn new(workshop: &Workshop) -> Result<Self> {
        let site = Self { root: workshop.next_path() };
        for folder in [DATABASE, FILES] {
            let path = site.root.join(folder);
            fs::create_dir_all(&path).map_err(Error::file("create", &path))?;
        }
        Ok(site)
    }

    /// The world as an application opens it.
    pub(crate) fn world(&self) -> World {
        World::new(sqlite::url(&self.database()), self.root.join(FILES))
    }

    /// The world as it is at this instant, elsewhere: the template restored, or what a crash leaves. Database, journal
    /// and write-ahead log are copied as they are; whoever opens the copy recovers it.
    pub(crate) fn copy(&self, workshop: &Workshop) -> Result<Self> {
        let copy = Self { root: workshop.next_path() };
        fs::create_dir(&copy.root).map_err(Error::file("create", &copy.root))?;
        for folder in [DATABASE, FILES] {
            copy_folder(&self.root.join(folder), &copy.root.join(folder))?;
        }
        Ok(copy)
    }

    /// Everything that is there, and what the caller was told. Values that are as in an earlier observation are shared
    /// with it: most of a world never changes.
    pub(crate) fn observe(&self, answer: Option<Answer>, earlier: &Observation) -> Result<Observation> {
        let mut files = BTreeMap::new();
        read_folder(&self.root.join(FILES), "", &mut files)?;
        Ok(Observation { tables: sqlite::dump(&self.database(), &earlier.tables)?, files, answer })
    }

    fn database(&self) -> PathBuf {
        self.root.join(DATABASE).join("world.sqlite")
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        // What a connection that is still closing leaves goes with the workshop.
        let _ = fs::remove_dir_all(&self.root);
    }
}

fn copy_folder(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir(to).map_err(Error::file("create", to))?;
    for entry in fs::read_dir(from).map_err(Error::file("list", from))? {
        let entry = entry.map_err(Error::file("list", from))?;
        let (source, target) = (entry.path(), to.join(entry.file_name()));
        if sqlite::is_shared_memory(&source) {
            continue;
        }
        let kind = entry.file_type().map_err(Error::file("read the type of", &source))?;
        if kind.is_dir() {
            copy_folder(&source, &target)?;
        } else {
            fs::copy(&source, &target).map_err(Error::file("copy", &source))?;
        }
    }
    Ok(())
}

fn read_folder(folder: &Path, prefix: &str, files: &mut BTreeMap<String, Entry>) -> Result<()> {
    for entry in fs::read_dir(folder).map_err(Error::file("list", folder))? {
        let entry = entry.map_err(Error::file("list", folder))?;
        let path = entry.path();
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        let kind = entry.file_type().map_err(Error::file("read the type of", &path))?;
        if kind.is_dir() {
            let before = files.len();
            read_folder(&path, &format!("{name}/"), files)?;
            if files.len() == before {
                files.insert(name, Entry::EmptyDirectory);
            }
        } else {
            let bytes = fs::read(&path).map_err(Error::file("read", &path))?;
            files.insert(name, Entry::File(bytes.into()));
        }
    }
    Ok(())
}
