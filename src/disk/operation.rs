//! A file operation, as the watcher hears of it.

use super::Node;
use crate::fault::Call;

/// A file or directory that was opened, from `open` to the last `close`. Copies of a descriptor are the same file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct FileId(pub(crate) u64);

/// One operation. Paths are relative to the directory that is watched, without `.` and `..`.
#[derive(Debug)]
pub(crate) struct Operation<'a> {
    /// What is done.
    pub(crate) call: Call,
    /// To what. Of a file that is open, the path by which it was opened; of a rename, the new name.
    pub(crate) path: &'a str,
    /// What it changes when it succeeds.
    pub(crate) change: FileChange<'a>,
}

/// What a symbolic link leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LinkTarget<'a> {
    /// A path under the directory that is watched, which the link names from the root on: here without that directory.
    Within(&'a str),
    /// What the link says.
    AsSaid(&'a str),
}

/// What a successful operation changes.
#[derive(Debug)]
pub(crate) enum FileChange<'a> {
    /// The file at the path is open from now on; it is made, or emptied, where that is asked for.
    Open {
        /// The file.
        file: FileId,
        /// Whether it was not there before.
        created: bool,
        /// Whether what it held goes.
        emptied: bool,
        /// Whether this process has it open already, by this path.
        again: bool,
    },
    /// Bytes stand at an offset.
    Write {
        /// The file.
        file: FileId,
        /// Where, in bytes.
        offset: u64,
        /// The bytes; of an operation that wrote fewer, the first ones.
        data: &'a [u8],
    },
    /// The file at the path has this length, in bytes.
    Resize {
        /// The file, where it is open.
        file: Option<FileId>,
        /// Its length.
        length: u64,
        /// Whether a longer file stays as it is.
        only_grows: bool,
    },
    /// What was written to the file, or the names in the directory, outlives a loss of power.
    Sync {
        /// The file or directory.
        file: FileId,
    },
    /// The path is another name's file, and that name is gone.
    Rename {
        /// The old name; `None` where it lies outside of the watched directory.
        from: Option<&'a str>,
    },
    /// The path is a name of this one's file too.
    Link {
        /// The name that was there; `None` where it lies outside of the watched directory.
        from: Option<&'a str>,
    },
    /// The path is a symbolic link.
    Symlink {
        /// What it leads to.
        target: LinkTarget<'a>,
    },
    /// The path is neither file nor directory nor link.
    MakeNode(Node),
    /// The path is gone.
    Remove,
    /// The path is a directory.
    MakeDirectory,
}
