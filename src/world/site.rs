//! One world on disk: made, copied, looked at from outside, removed. What is done here is the harness's own doing, and
//! nobody who watches a world hears of it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::mem::ManuallyDrop;
use std::path::{Path, PathBuf};

use super::sqlite::{self, Looking, Readable};
use super::{Workshop, World, look, moved, reach};
use crate::disk::{os_name_of, unwatched};
use crate::durability::Tree;
use crate::error::{Error, Result};
use crate::observe::{Answer, Folder, Observation};

/// A directory that holds a world: the database in one folder, the application's files in another. Removed on drop.
#[derive(Debug)]
pub(crate) struct Site {
    root: PathBuf,
}

/// The folder of the database.
pub(super) const DATABASE: &str = "database";
/// The folder of the application's files.
pub(super) const FILES: &str = "files";
/// The database; what belongs to it has a name that begins so.
pub(super) const DATABASE_FILE: &str = "world.sqlite";
/// Where a copy of a database is looked at that cannot be looked at itself.
pub(super) const SPARE: &str = "looked-at";

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
        unwatched(|| {
            let copy = Self { root: workshop.next_path() };
            moved::copy(&self.root, &copy.root)?;
            Ok(copy)
        })
    }

    /// The same world, where its databases count on from later numbers; one that cannot be written counts as it did.
    ///
    /// # Errors
    /// When the world cannot be copied.
    pub(crate) fn with_other_counters(&self, workshop: &Workshop) -> Result<Self> {
        let site = self.copy(workshop)?;
        unwatched(|| {
            let files = look::files(&site.root, &BTreeMap::new());
            let beside = look::databases(&files).into_iter().map(|path| site.root.join(FILES).join(os_name_of(&path)));
            for database in beside.chain([site.database()]).filter(|database| database.is_file()) {
                // What cannot be written is found guilty, or not, by the import itself.
                let _ = sqlite::move_counters(&database);
            }
        });
        Ok(site)
    }

    /// A world that holds exactly this.
    pub(crate) fn plant(tree: &Tree, workshop: &Workshop) -> Result<Self> {
        unwatched(|| {
            let site = Self { root: workshop.next_path() };
            moved::plant(tree, &site.root)?;
            Ok(site)
        })
    }

    /// A world that another process made, and that removes it.
    pub(crate) fn of_somebody_else(root: &Path) -> ManuallyDrop<Self> {
        ManuallyDrop::new(Self { root: root.to_owned() })
    }

    /// Everything that is there, byte by byte, but for what is made anew each time.
    pub(crate) fn tree(&self) -> Result<Tree> {
        unwatched(|| moved::read(&self.root))
    }

    /// Removes the index of the write-ahead log, which whoever looked at the world has left: the next process makes it anew,
    /// as after a crash.
    pub(crate) fn forget_shared_memory(&self) {
        let index = self.root.join(DATABASE).join("world.sqlite-shm");
        // Most often nobody has looked.
        let _ = unwatched(|| fs::remove_file(index));
    }

    /// The directory that holds it all.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// Everything that is there but for the tables that are ignored, and what the caller was told. What is as in an
    /// earlier observation is shared with it: most of a world never changes.
    ///
    /// # Errors
    /// When the database cannot be read, and it cannot be told why. Whatever else stands in a world is seen as what it is.
    pub(crate) fn observe(
        &self,
        answer: Option<Answer>,
        earlier: &Observation,
        ignored: &BTreeSet<String>,
    ) -> Result<Observation> {
        unwatched(|| {
            let mut files = look::files(&self.root, &earlier.files);
            let folders = [(Folder::Files, FILES), (Folder::Database, DATABASE)].into_iter();
            let missing = folders.filter(|(_, name)| !look::is_directory(&self.root.join(name)));
            let missing = missing.map(|(folder, _)| folder).collect();
            let mut looking = Looking::new(earlier, ignored, self.root.join(SPARE));
            let damage = looking.at(&self.database())?;
            for path in look::databases(&files) {
                let database = self.root.join(FILES).join(os_name_of(&path));
                if looking.beside(&database, &format!("{path}: ")) == Readable::Yes {
                    look::take_for_a_database(&path, &mut files);
                }
            }
            let (tables, schema) = looking.end();
            Ok(Observation { tables, schema, files, missing, answer, damage })
        })
    }

    fn database(&self) -> PathBuf {
        self.root.join(DATABASE).join(DATABASE_FILE)
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        // What a connection that is still closing leaves goes with the workshop.
        let _ = unwatched(|| reach::remove_all(&self.root));
    }
}
