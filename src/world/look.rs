//! Looks at what stands in the directories of a world. Nothing that is there makes it fail: each thing is seen as what it
//! is, and nothing but files is opened.
//!
//! Paths are relative to the folder of the application's files. What lies beside that folder is seen as well, with `..`:
//! an application knows the way there. Not seen: the database's own files, and permissions.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs::{self, FileType};
use std::io;
use std::path::{Component, Path};

use super::reach::{self, Reached};
use super::site::{DATABASE, DATABASE_FILE, FILES, SPARE};
use crate::disk::text_of_os;
use crate::observe::{Entry, Special};

/// What stands where, by path.
type Files = BTreeMap<String, Entry>;

/// All that stands in the world with this root. Bytes that are as they were earlier are shared.
pub(super) fn files(root: &Path, earlier: &Files) -> Files {
    let mut look = Look { root, earlier, files: Files::new() };
    let mut names: Vec<_> = fs::read_dir(root).into_iter().flatten().flatten().map(|entry| entry.file_name()).collect();
    names.sort_unstable();
    for name in names.iter().filter(|name| *name != SPARE) {
        let path = root.join(name);
        let Ok(found) = fs::symlink_metadata(&path) else { continue };
        match (name == FILES, name == DATABASE, found.is_dir()) {
            (true, _, true) => look.folder(&path, ""),
            (true, _, false) => look.entry(&path, ".".to_owned(), found.file_type()),
            (_, true, true) => look.folder(&path, "../database/"),
            _ => look.entry(&path, format!("../{}", text_of_os(name)), found.file_type()),
        }
    }
    look.files
}

/// Whether a directory stands there itself, not only a link to one.
pub(super) fn is_directory(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|found| found.is_dir())
}

struct Look<'l> {
    root: &'l Path,
    earlier: &'l Files,
    files: Files,
}

impl Look<'_> {
    /// What stands in a folder whose paths begin so.
    fn folder(&mut self, folder: &Path, prefix: &str) {
        let listed = fs::symlink_metadata(folder).and_then(|found| {
            let reached = Reached::at(folder, &found);
            Ok((reached, fs::read_dir(folder)?))
        });
        let (_reached, listed) = match listed {
            Ok(listed) => listed,
            Err(error) => return self.unreadable(prefix.trim_end_matches('/'), &error),
        };
        for entry in listed {
            let Ok(entry) = entry else { continue };
            let name = entry.file_name();
            if prefix == "../database/" && is_of_the_database(&name) {
                continue;
            }
            let path = format!("{prefix}{}", text_of_os(&name));
            match entry.file_type() {
                Ok(kind) => self.entry(&entry.path(), path, kind),
                Err(error) => self.unreadable(&path, &error),
            }
        }
    }

    fn entry(&mut self, at: &Path, path: String, kind: FileType) {
        if kind.is_dir() {
            let before = self.files.len();
            self.folder(at, &format!("{path}/"));
            if self.files.len() == before {
                self.files.insert(path, Entry::EmptyDirectory);
            }
            return;
        }
        let seen = if kind.is_file() {
            reach::read(at).map(|bytes| self.file(&path, bytes))
        } else if kind.is_symlink() {
            fs::read_link(at).map(|target| Entry::Link(shown_target(self.root, &path, &target)))
        } else {
            fs::symlink_metadata(at).map(|found| Entry::Special(special(&found)))
        };
        match seen {
            Ok(entry) => drop(self.files.insert(path, entry)),
            Err(error) => self.unreadable(&path, &error),
        }
    }

    fn file(&self, path: &str, bytes: Vec<u8>) -> Entry {
        match self.earlier.get(path) {
            Some(known @ Entry::File(before)) if **before == *bytes => known.clone(),
            _ => Entry::File(bytes.into()),
        }
    }

    /// What is gone by now was on its way, and is not there.
    fn unreadable(&mut self, path: &str, error: &io::Error) {
        if error.kind() != io::ErrorKind::NotFound {
            let path = if path.is_empty() { "." } else { path };
            self.files.insert(path.to_owned(), Entry::Unreadable(error.kind().to_string()));
        }
    }
}

fn is_of_the_database(name: &OsStr) -> bool {
    name.as_encoded_bytes().starts_with(DATABASE_FILE.as_bytes())
}

#[cfg(unix)]
fn special(found: &fs::Metadata) -> Special {
    use std::os::unix::fs::{FileTypeExt, MetadataExt};
    let kind = found.file_type();
    if kind.is_fifo() {
        Special::Pipe
    } else if kind.is_socket() {
        Special::Socket
    } else if kind.is_block_device() {
        Special::BlockDevice(found.rdev())
    } else if kind.is_char_device() {
        Special::CharacterDevice(found.rdev())
    } else {
        Special::Unknown
    }
}

#[cfg(not(unix))]
fn special(_found: &fs::Metadata) -> Special {
    Special::Unknown
}

/// What a link at this path leads to: relative to the world's directory, the same in each copy of the world. Only a target
/// that is absolute and lies outside of the world stays as it is.
fn shown_target(root: &Path, path: &str, target: &Path) -> String {
    let below_root = |path: &Path| {
        let mut parts = vec!["..".to_owned()];
        parts.extend(path.components().map(|part| text_of_os(part.as_os_str())));
        parts
    };
    let mut parts: Vec<String> = if target.is_absolute() {
        match target.strip_prefix(root) {
            Ok(within) => below_root(within),
            Err(_) => return text_of_os(target.as_os_str()),
        }
    } else {
        // What stands at `.` took the place of the directory itself.
        let folder = if path == "." { ".." } else { path.rsplit_once('/').map_or("", |(folder, _)| folder) };
        let mut parts: Vec<String> = folder.split('/').filter(|part| !part.is_empty()).map(str::to_owned).collect();
        // Until it comes to a name, a target climbs through directories: afterwards a name may be a link, and `..` behind
        // it leads elsewhere.
        let mut is_climbing = true;
        for part in target.components().filter(|part| *part != Component::CurDir) {
            is_climbing &= part == Component::ParentDir;
            match parts.last() {
                Some(last) if is_climbing && last != ".." => drop(parts.pop()),
                _ => parts.push(text_of_os(part.as_os_str())),
            }
        }
        parts
    };
    if parts.first().is_some_and(|part| part == "..") && parts.get(1).is_some_and(|part| part == FILES) {
        parts.drain(..2);
    }
    if parts.is_empty() { ".".to_owned() } else { parts.join("/") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_shown_by_where_it_leads_in_the_world() {
        let check = |path: &str, target: &str, shown: &str| {
            assert_eq!(
                shown_target(Path::new("/shm/halfway-1/7"), path, Path::new(target)),
                shown,
                "{path} -> {target}"
            );
        };
        check("l", "a/b", "a/b");
        check("d/l", "a/b", "d/a/b");
        check("d/l", "../a/b", "a/b");
        check("d/e/l", "../../a", "a");
        check("d/l", "..", ".");
        check("l", ".", ".");
        check("d/l", "./x", "d/x");
        check("d/l", "x/../y", "d/x/../y");
        check("l", "/shm/halfway-1/7/files/a/b", "a/b");
        check("d/l", "/shm/halfway-1/7/files", ".");
        check("l", "/shm/halfway-1/7/database/world.sqlite", "../database/world.sqlite");
        check("d/l", "../../database/world.sqlite", "../database/world.sqlite");
        check("d/l", "../../files/a", "a");
        check("l", "/shm/halfway-1/70/files/a", "/shm/halfway-1/70/files/a");
        check("l", "/etc/passwd", "/etc/passwd");
        check("l", "../../x", "../../x");
        check("../old/l", "a", "../old/a");
        check(".", "elsewhere", "../elsewhere");
    }
}
