//! What stands at a path: files, and whatever else a directory can hold.

use std::sync::Arc;

/// What stands at a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entry {
    /// A file with these bytes.
    File(Arc<[u8]>),
    /// A directory with nothing in it. Others show by what they hold.
    EmptyDirectory,
    /// A symbolic link, to this path: relative to the world's directory where the link says so or leads into the world,
    /// and absolute elsewhere. It is there whether anything stands at that path or not.
    Link(String),
    /// Something that is neither file nor directory. It is never opened.
    Special(Special),
    /// Something that cannot be read, and why not.
    Unreadable(String),
}

/// What is neither file, nor directory, nor link.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Special {
    /// A named pipe.
    Pipe,
    /// A socket.
    Socket,
    /// A device of blocks, by its number.
    BlockDevice(u64),
    /// A device of characters, by its number.
    CharacterDevice(u64),
    /// Something that this system has, and nobody here knows.
    Unknown,
}

impl Special {
    /// What it is, in words.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pipe => "a named pipe",
            Self::Socket => "a socket",
            Self::BlockDevice(_) | Self::CharacterDevice(_) => "a device",
            Self::Unknown => "neither file nor directory",
        }
    }
}
