//! Takes a world from one place to another: copied, or read and planted, each thing as what it is.
//!
//! Names of one file stay names of one file. A symbolic link that names its target from the root of the file system on,
//! and leads into the world, leads into the copy: a case must never touch a world that is not its own. Of a socket there
//! is the name, and nobody who listens, as after the end of the process. Left out: SQLite's mapped memory.

use std::collections::BTreeMap;
use std::fs::{self, Metadata};
use std::io;
use std::path::{Path, PathBuf};

use super::reach::{self, Reached};
use super::site::SPARE;
use super::sqlite;
use crate::disk::{self, os_name_of, text_of_os};
use crate::durability::{self, Item, Node, Target, Tree, with_names};
use crate::error::{Error, Result};

/// Which file something is, whatever its name.
type FileId = (u64, u64);

/// Copies the world with this root.
pub(super) fn copy(from: &Path, to: &Path) -> Result<()> {
    let mut copying = Copying { from, to, known: BTreeMap::new() };
    match fs::symlink_metadata(from) {
        Ok(found) => copying.folder(from, to, &found),
        // The application went as far as that.
        Err(error) if error.kind() == io::ErrorKind::NotFound => fs::create_dir(to).map_err(Error::file("create", to)),
        Err(error) => Err(Error::file("look at", from)(error)),
    }
}

struct Copying<'c> {
    from: &'c Path,
    to: &'c Path,
    /// The files that have several names, and the first name of each copy.
    known: BTreeMap<FileId, PathBuf>,
}

impl Copying<'_> {
    fn folder(&mut self, from: &Path, to: &Path, found: &Metadata) -> Result<()> {
        fs::create_dir(to).map_err(Error::file("create", to))?;
        let reached = Reached::at(from, found);
        for entry in fs::read_dir(from).map_err(Error::file("list", from))? {
            let entry = entry.map_err(Error::file("list", from))?;
            let (source, target) = (entry.path(), to.join(entry.file_name()));
            if sqlite::is_shared_memory(&source) || source == self.from.join(SPARE) {
                continue;
            }
            let found = fs::symlink_metadata(&source).map_err(Error::file("look at", &source))?;
            self.entry(&source, &target, &found)?;
        }
        if reached.is_needed() {
            fs::set_permissions(to, found.permissions()).map_err(Error::file("set the permissions of", to))?;
        }
        Ok(())
    }

    fn entry(&mut self, from: &Path, to: &Path, found: &Metadata) -> Result<()> {
        if found.is_dir() {
            return self.folder(from, to, found);
        }
        if found.is_symlink() {
            let target = fs::read_link(from).map_err(Error::file("read the link", from))?;
            return link(&target_of(self.from, &target), self.to, to);
        }
        if !found.is_file() {
            return match node(found) {
                Some(node) => make(node, to),
                None => Err(Error::file("copy", from)(io::ErrorKind::Unsupported.into())),
            };
        }
        let id = several_names(found);
        if let Some(first) = id.and_then(|id| self.known.get(&id)) {
            return fs::hard_link(first, to).map_err(Error::file("link", to));
        }
        reach::copy(from, to).map_err(Error::file("copy", from))?;
        self.known.extend(id.map(|id| (id, to.to_owned())));
        Ok(())
    }
}

/// Makes a world with this root, which holds exactly this.
pub(super) fn plant(tree: &Tree, root: &Path) -> Result<()> {
    fs::create_dir(root).map_err(Error::file("create", root))?;
    for (path, item) in tree {
        let path = root.join(os_name_of(path));
        match item {
            Item::File(bytes) => fs::write(&path, &**bytes).map_err(Error::file("write", &path))?,
            Item::Directory => fs::create_dir(&path).map_err(Error::file("create", &path))?,
            Item::Link(target) => link(target, root, &path)?,
            Item::SameAs(first) => {
                fs::hard_link(root.join(os_name_of(first)), &path).map_err(Error::file("link", &path))?;
            }
            Item::Node(node) => make(*node, &path)?,
        }
    }
    Ok(())
}

/// Everything that stands below this root.
pub(super) fn read(root: &Path) -> Result<Tree> {
    let mut found = BTreeMap::new();
    match fs::symlink_metadata(root) {
        Ok(metadata) => read_folder(root, root, "", &metadata, &mut found)?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(Error::file("look at", root)(error)),
    }
    Ok(with_names(found))
}

fn read_folder(
    root: &Path,
    folder: &Path,
    prefix: &str,
    found: &Metadata,
    items: &mut BTreeMap<String, (Option<FileId>, Item)>,
) -> Result<()> {
    let _reached = Reached::at(folder, found);
    for entry in fs::read_dir(folder).map_err(Error::file("list", folder))? {
        let entry = entry.map_err(Error::file("list", folder))?;
        let path = entry.path();
        let name = format!("{prefix}{}", text_of_os(&entry.file_name()));
        if !durability::is_followed(&name) {
            continue;
        }
        let found = fs::symlink_metadata(&path).map_err(Error::file("look at", &path))?;
        let item = if found.is_dir() {
            items.insert(name.clone(), (None, Item::Directory));
            read_folder(root, &path, &format!("{name}/"), &found, items)?;
            continue;
        } else if found.is_symlink() {
            let target = fs::read_link(&path).map_err(Error::file("read the link", &path))?;
            (None, Item::Link(target_of(root, &target)))
        } else if found.is_file() {
            let bytes = reach::read(&path).map_err(Error::file("read", &path))?;
            (several_names(&found), Item::File(bytes.into()))
        } else {
            match node(&found) {
                Some(node) => (None, Item::Node(node)),
                None => return Err(Error::file("read", &path)(io::ErrorKind::Unsupported.into())),
            }
        };
        items.insert(name, item);
    }
    Ok(())
}

/// What a link in the world with this root leads to.
fn target_of(root: &Path, target: &Path) -> Target {
    match target.strip_prefix(root) {
        Ok(within) => Target::Within(text_of_os(within.as_os_str())),
        Err(_) => Target::AsSaid(text_of_os(target.as_os_str())),
    }
}

/// Makes a link in the world with this root.
fn link(target: &Target, root: &Path, path: &Path) -> Result<()> {
    let target = match target {
        Target::Within(within) if within.is_empty() => root.to_owned(),
        Target::Within(within) => root.join(os_name_of(within)),
        Target::AsSaid(said) => os_name_of(said).into(),
    };
    symlink(&target, path).map_err(Error::file("link", path))
}

#[cfg(unix)]
fn symlink(target: &Path, path: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(target, path)
}

#[cfg(not(unix))]
fn symlink(_target: &Path, _path: &Path) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

/// Which file it is, where it has more names than one.
#[cfg(unix)]
fn several_names(found: &Metadata) -> Option<FileId> {
    use std::os::unix::fs::MetadataExt;
    (found.nlink() > 1).then(|| (found.dev(), found.ino()))
}

#[cfg(not(unix))]
fn several_names(_found: &Metadata) -> Option<FileId> {
    None
}

#[cfg(unix)]
fn node(found: &Metadata) -> Option<Node> {
    use std::os::unix::fs::{FileTypeExt, MetadataExt};
    let kind = found.file_type();
    match (kind.is_fifo(), kind.is_socket(), kind.is_block_device(), kind.is_char_device()) {
        (true, ..) => Some(Node::Pipe),
        (_, true, ..) => Some(Node::Socket),
        (_, _, true, _) => Some(Node::BlockDevice(found.rdev())),
        (.., true) => Some(Node::CharacterDevice(found.rdev())),
        _ => None,
    }
}

#[cfg(not(unix))]
fn node(_found: &Metadata) -> Option<Node> {
    None
}

fn make(node: Node, path: &Path) -> Result<()> {
    let node = match node {
        Node::Pipe => disk::Node::Pipe,
        Node::Socket => disk::Node::Socket,
        Node::BlockDevice(number) => disk::Node::BlockDevice(number),
        Node::CharacterDevice(number) => disk::Node::CharacterDevice(number),
    };
    node.make(path).map_err(Error::file("make", path))
}
