//! What a loss of power may leave of what was written.
//!
//! # The contract
//!
//! A world is followed from a moment at which all of it counts as being on the disk. From there on:
//!
//! 1. **Bytes.** What was written to a file, and each change of its length, is *unsynced* until an `fsync` or `fdatasync`
//!    of that file comes to its end. Unsynced, each write by itself may be there, be missing, be zeros where its bytes
//!    should be, or be there with its first half; each change of length may be there or not.
//! 2. **Names.** A name that was made, moved or removed is unsynced until its directory is synced. Unsynced, each change by
//!    itself may be there or not. To sync a file does not sync its name.
//! 3. **Renames** happen as a whole or not at all. Between two directories there is one step in between, which syncing
//!    only the new one makes certain: the file has both names. It never has neither.
//! 4. **What was synced stays**, and so does everything that was there at the beginning.
//! 5. **After a failed sync** the changes that it did not write are lost when the power goes, whatever is synced later;
//!    until then they can be read.
//!
//! Legal is every combination. Where they are few (up to 5 changes, and no more than 32 combinations) all
//! are tried; elsewhere the same choice each time ([`Storage::choices`]): nothing survives, everything does, names without
//! bytes, names with zeros, names with half of the bytes, bytes without names, and all but one, for each change or, where
//! there are more than 16, for so many of them at even distances, the first and the last among them.
//!
//! # What it leaves out
//!
//! File systems that promise more (an order of changes, `fsync` of a new file that takes its name along): what holds here
//! holds there, not the other way round. Disks that lie about being done, and damage to what was synced. Orders in which
//! bytes of one write reach the disk other than front to back. What the kernel writes back by itself is covered: that is
//! one of the survivals. SQLite's `-shm` is mapped memory, made anew by whoever opens the database, and no part of it.
//! After a crash that is no loss of power, what the next process finds counts as synced.

mod choices;
mod storage;

use std::collections::BTreeMap;
use std::sync::Arc;

pub(crate) use storage::Storage;

/// Everything that stands under a directory, by path; directories are there by themselves.
pub(crate) type Tree = BTreeMap<String, Item>;

/// What stands at a path.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Item {
    /// A file with these bytes.
    File(Arc<Vec<u8>>),
    /// A directory.
    Directory,
    /// A symbolic link.
    Link(Target),
    /// A name more of the file that stands at this path, which comes first among its names.
    SameAs(String),
    /// Neither file, nor directory, nor link: what of it can be made again.
    Node(Node),
}

/// What a symbolic link leads to.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Target {
    /// A path under the directory, which the link names from the root of the file system on. Copied with the directory, it
    /// leads into the copy.
    Within(String),
    /// What the link says.
    AsSaid(String),
}

/// What is neither file, nor directory, nor link.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Node {
    /// A named pipe.
    Pipe,
    /// A socket.
    Socket,
    /// A device of blocks, by its number.
    BlockDevice(u64),
    /// A device of characters, by its number.
    CharacterDevice(u64),
}

/// The tree in which each file that has several names stands once: at the first of them. Files by what tells them apart.
pub(crate) fn with_names<Id: Ord>(found: BTreeMap<String, (Option<Id>, Item)>) -> Tree {
    let mut first: BTreeMap<Id, String> = BTreeMap::new();
    let once = |(path, (id, item)): (String, (Option<Id>, Item))| {
        let Some(id) = id else { return (path, item) };
        let name = first.entry(id).or_insert_with(|| path.clone());
        let item = if *name == path { item } else { Item::SameAs(name.clone()) };
        (path, item)
    };
    found.into_iter().map(once).collect()
}

/// A change to what stands under the directory, as it was seen.
#[derive(Clone, Debug)]
pub(crate) enum Change {
    /// A file or directory is open from now on, under this number.
    Opened { path: String, file: u64, created: bool, emptied: bool },
    /// Bytes stand at an offset.
    Wrote { file: u64, offset: u64, data: Arc<[u8]> },
    /// A file has this length; if it only grows, a longer one stays as it is. By its number, or by its path.
    Resized { file: Option<u64>, path: String, length: u64, only_grows: bool },
    /// The bytes of a file, or the names in a directory, are on the disk.
    Synced { file: u64 },
    /// They are not, and count as if they were.
    SyncFailed { file: u64 },
    /// A name moved, and what had the new name before lost it. From nowhere: it came from outside.
    Renamed { from: Option<String>, to: String },
    /// A file has one more name.
    Linked { from: Option<String>, to: String },
    /// A symbolic link was made.
    Symlinked { path: String, target: Target },
    /// Something was made that is neither file nor directory.
    MadeNode { path: String, node: Node },
    /// A name is gone.
    Removed { path: String },
    /// A directory was made.
    MadeDirectory { path: String },
}

/// Whether a file is part of what is followed.
pub(crate) fn is_followed(path: &str) -> bool {
    !path.ends_with("-shm")
}

#[cfg(test)]
mod tests;
