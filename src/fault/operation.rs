//! The faults at a file operation, below the steps that are named in code.

use std::fmt;

/// A file operation, by what it does; several functions of the system do the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Call {
    /// Opens a file or directory that is there. Source: `open`, `openat`.
    Open,
    /// Opens a file that is not there, and so makes it. Source: `open` and `openat` with `O_CREAT`, `creat`.
    Create,
    /// Writes bytes. Source: `write`, `writev`, `pwrite`, `pwritev`.
    Write,
    /// Cuts or stretches a file to a length. Source: `ftruncate`, `truncate`.
    Truncate,
    /// Reserves room for a file. Source: `fallocate`, `posix_fallocate`.
    Allocate,
    /// Makes the bytes that were written to a file, or the names in a directory, outlive a loss of power. Source:
    /// `fsync`, `fdatasync`.
    Sync,
    /// Moves a name to another place; a schedule shows the new name. Source: `rename`, `renameat`, `renameat2`.
    Rename,
    /// Gives a file one more name. Source: `link`, `linkat`.
    Link,
    /// Makes a symbolic link. Source: `symlink`, `symlinkat`.
    Symlink,
    /// Removes a name of a file. Source: `unlink`, `unlinkat`.
    Unlink,
    /// Makes a directory. Source: `mkdir`, `mkdirat`.
    Mkdir,
    /// Removes a directory. Source: `rmdir`, `unlinkat`.
    Rmdir,
}

impl Call {
    /// Every operation.
    pub const ALL: [Self; 12] = [
        Self::Open,
        Self::Create,
        Self::Write,
        Self::Truncate,
        Self::Allocate,
        Self::Sync,
        Self::Rename,
        Self::Link,
        Self::Symlink,
        Self::Unlink,
        Self::Mkdir,
        Self::Rmdir,
    ];

    /// The operation's name in a schedule.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Create => "create",
            Self::Write => "write",
            Self::Truncate => "truncate",
            Self::Allocate => "allocate",
            Self::Sync => "sync",
            Self::Rename => "rename",
            Self::Link => "link",
            Self::Symlink => "symlink",
            Self::Unlink => "unlink",
            Self::Mkdir => "mkdir",
            Self::Rmdir => "rmdir",
        }
    }
}

/// The error that the system gives for a file operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Errno {
    /// `EIO`: the device failed.
    Eio,
    /// `ENOSPC`: no space is left on the device.
    Enospc,
    /// `EDQUOT`: the user's quota is used up.
    Edquot,
    /// `EACCES`: permission denied.
    Eacces,
    /// `EROFS`: the file system was made read-only, as Linux does with one that is damaged.
    Erofs,
    /// `EMFILE`: the process has too many files open.
    Emfile,
}

impl Errno {
    /// Every error, the usual one first.
    pub const ALL: [Self; 6] = [Self::Eio, Self::Enospc, Self::Edquot, Self::Eacces, Self::Erofs, Self::Emfile];

    /// The error's name in a schedule.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Eio => "eio",
            Self::Enospc => "enospc",
            Self::Edquot => "edquot",
            Self::Eacces => "eacces",
            Self::Erofs => "erofs",
            Self::Emfile => "emfile",
        }
    }

    /// Linux's number for it.
    pub const fn number(self) -> i32 {
        match self {
            Self::Eio => 5,
            Self::Eacces => 13,
            Self::Emfile => 24,
            Self::Enospc => 28,
            Self::Erofs => 30,
            Self::Edquot => 122,
        }
    }

    /// Whether the operation can give this error. Source: the manual pages of the functions, Linux. A file that is open
    /// for writing keeps a file system from becoming read-only by hand, so that writes do not give `EROFS`.
    pub const fn can_come_from(self, call: Call) -> bool {
        use Call::{Allocate, Create, Link, Mkdir, Open, Rename, Rmdir, Symlink, Sync, Unlink, Write};
        match self {
            Self::Eio => true,
            Self::Enospc | Self::Edquot => {
                matches!(call, Create | Write | Allocate | Sync | Rename | Link | Symlink | Mkdir)
            }
            Self::Eacces | Self::Erofs => {
                matches!(call, Create | Rename | Link | Symlink | Unlink | Mkdir | Rmdir)
                    || (matches!(self, Self::Eacces) && matches!(call, Open))
            }
            Self::Emfile => matches!(call, Open | Create),
        }
    }
}

/// The time for which an error of the disk lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Lasting {
    /// This operation fails, and no other.
    Once,
    /// From here on, until the run of the phase ends, every operation fails that can give this error: a full disk, a
    /// dying disk. Reading goes on to work.
    Onwards,
}

/// The ways in which a write is carried out in part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Tear {
    /// Half of the bytes are written, and the writer is told how many: no error, the rest is the writer's business.
    Short,
    /// Half of the bytes are written, and the next write to the file fails with `ENOSPC`: the disk is full.
    DiskFull,
    /// Half of the bytes are written, and the process is killed.
    Crash,
}

impl Tear {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Short, Self::DiskFull, Self::Crash];

    /// Its name in a schedule.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Short => "short",
            Self::DiskFull => "enospc",
            Self::Crash => "crash",
        }
    }
}

/// The fate of one change that was not synced when the power fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fate {
    /// It reached the disk.
    Kept,
    /// It did not.
    Lost,
    /// Bytes only: the room for them is there, and holds zeros.
    Zeros,
    /// Bytes only: the first half of them is there.
    Short,
}

impl Fate {
    /// Every fate.
    pub const ALL: [Self; 4] = [Self::Kept, Self::Lost, Self::Zeros, Self::Short];

    /// Its name in a schedule.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Kept => "kept",
            Self::Lost => "lost",
            Self::Zeros => "zeros",
            Self::Short => "short",
        }
    }
}

/// The most changes for which each fate can be said by itself.
pub const FEW: usize = 5;

/// Says which of the changes that were not synced reach the disk when the power fails. The changes are numbered in the
/// order in which they were made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Survivors {
    /// None of them.
    Nothing,
    /// All of them, as after a crash of the process.
    Everything,
    /// The names, and none of the bytes.
    Names,
    /// The names, and zeros in place of the bytes.
    Zeros,
    /// The names, and the first half of the bytes of each write.
    Short,
    /// The bytes, and no name.
    Data,
    /// All but this one, counted from 1.
    AllBut(u32),
    /// A fate for each change, if they are few.
    Each(Fates),
}

/// The fates of at most [`FEW`] changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fates {
    fates: [Fate; FEW],
    count: u8,
}

impl Fates {
    /// These fates, in order; `None` when they are none, or more than [`FEW`].
    pub fn new(of_each: &[Fate]) -> Option<Self> {
        if of_each.is_empty() || of_each.len() > FEW {
            return None;
        }
        let mut fates = [Fate::Kept; FEW];
        fates[..of_each.len()].copy_from_slice(of_each);
        Some(Self { fates, count: u8::try_from(of_each.len()).ok()? })
    }

    /// The fates, in order.
    pub fn of_each(&self) -> &[Fate] {
        &self.fates[..usize::from(self.count)]
    }
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl fmt::Display for Survivors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nothing => f.write_str("nothing"),
            Self::Everything => f.write_str("everything"),
            Self::Names => f.write_str("names"),
            Self::Zeros => f.write_str("zeros"),
            Self::Short => f.write_str("short"),
            Self::Data => f.write_str("data"),
            Self::AllBut(number) => write!(f, "all-but-{number}"),
            Self::Each(fates) => {
                let names: Vec<&str> = fates.of_each().iter().map(|fate| fate.name()).collect();
                write!(f, "({})", names.join(","))
            }
        }
    }
}
