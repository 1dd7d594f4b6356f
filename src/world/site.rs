//! One world on disk: made, copied, looked at from outside, removed. What is done here is the harness's own doing, and
//! nobody who watches a world hears of it.

use std::collections::BTreeMap;
use std::fs;
use std::mem::ManuallyDrop;
use std::path::{Path, PathBuf};

use super::{Workshop, World, sqlite};
use crate::disk::unwatched;
use crate::durability::{self, Item, Tree};
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
        unwatched(|| {
            let copy = Self { root: workshop.next_path() };
            fs::create_dir(&copy.root).map_err(Error::file("create", &copy.root))?;
            for folder in [DATABASE, FILES] {
                copy_folder(&self.root.join(folder), &copy.root.join(folder))?;
            }
            Ok(copy)
        })
    }

    /// A world that holds exactly this.
    pub(crate) fn plant(tree: &Tree, workshop: &Workshop) -> Result<Self> {
        unwatched(|| {
            let site = Self { root: workshop.next_path() };
            fs::create_dir(&site.root).map_err(Error::file("create", &site.root))?;
            for (path, item) in tree {
                let path = site.root.join(path);
                match item {
                    Item::File(bytes) => fs::write(&path, &**bytes).map_err(Error::file("write", &path))?,
                    Item::Directory => fs::create_dir(&path).map_err(Error::file("create", &path))?,
                    Item::Link(target) => link(target, &path)?,
                }
            }
            Ok(site)
        })
    }

    /// A world that another process made, and that removes it.
    pub(crate) fn of_somebody_else(root: &Path) -> ManuallyDrop<Self> {
        ManuallyDrop::new(Self { root: root.to_owned() })
    }

    /// Everything that is there, byte by byte, but for what is made anew each time.
    pub(crate) fn tree(&self) -> Result<Tree> {
        let mut tree = Tree::new();
        unwatched(|| read_tree(&self.root, "", &mut tree))?;
        Ok(tree)
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

    /// Everything that is there, and what the caller was told. Values that are as in an earlier observation are shared
    /// with it: most of a world never changes.
    pub(crate) fn observe(&self, answer: Option<Answer>, earlier: &Observation) -> Result<Observation> {
        unwatched(|| {
            let mut files = BTreeMap::new();
            read_folder(&self.root.join(FILES), "", &mut files)?;
            match sqlite::dump(&self.database(), &earlier.tables) {
                Ok(tables) => Ok(Observation { tables, files, answer, damage: None }),
                // Not that it cannot be read is an error of the harness, but that nobody knows why.
                Err(Error::Dump { source, .. }) if sqlite::is_damage(&source) => {
                    Ok(Observation { files, answer, damage: Some(source.to_string()), ..Observation::default() })
                }
                Err(error) => Err(error),
            }
        })
    }

    fn database(&self) -> PathBuf {
        self.root.join(DATABASE).join("world.sqlite")
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        // What a connection that is still closing leaves goes with the workshop.
        let _ = unwatched(|| fs::remove_dir_all(&self.root));
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
        } else if kind.is_symlink() {
            link(&target_of(&source)?, &target)?;
        } else {
            fs::copy(&source, &target).map_err(Error::file("copy", &source))?;
        }
    }
    Ok(())
}

fn target_of(link: &Path) -> Result<String> {
    let target = fs::read_link(link).map_err(Error::file("read the link", link))?;
    Ok(target.to_string_lossy().into_owned())
}

#[cfg(unix)]
fn link(target: &str, path: &Path) -> Result<()> {
    std::os::unix::fs::symlink(target, path).map_err(Error::file("link", path))
}

#[cfg(not(unix))]
fn link(_target: &str, path: &Path) -> Result<()> {
    Err(Error::file("link", path)(std::io::ErrorKind::Unsupported.into()))
}

fn read_tree(folder: &Path, prefix: &str, tree: &mut Tree) -> Result<()> {
    for entry in fs::read_dir(folder).map_err(Error::file("list", folder))? {
        let entry = entry.map_err(Error::file("list", folder))?;
        let path = entry.path();
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if !durability::is_followed(&name) {
            continue;
        }
        let kind = entry.file_type().map_err(Error::file("read the type of", &path))?;
        if kind.is_dir() {
            tree.insert(name.clone(), Item::Directory);
            read_tree(&path, &format!("{name}/"), tree)?;
        } else if kind.is_symlink() {
            tree.insert(name, Item::Link(target_of(&path)?));
        } else {
            let bytes = fs::read(&path).map_err(Error::file("read", &path))?;
            tree.insert(name, Item::File(bytes.into()));
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
        } else if kind.is_symlink() && !path.exists() {
            // It leads nowhere, and is there all the same.
            files.insert(name, Entry::File(target_of(&path)?.into_bytes().into()));
        } else {
            let bytes = fs::read(&path).map_err(Error::file("read", &path))?;
            files.insert(name, Entry::File(bytes.into()));
        }
    }
    Ok(())
}
