//! Makes what is neither file nor directory.

use std::io;
use std::path::Path;

/// What is neither file, nor directory, nor link.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Node {
    /// A named pipe.
    Pipe,
    /// A socket. Nobody listens at it.
    Socket,
    /// A device of blocks.
    BlockDevice(u64),
    /// A device of characters.
    CharacterDevice(u64),
}

impl Node {
    /// Makes one at this path.
    #[cfg(all(target_os = "linux", target_pointer_width = "64"))]
    pub(crate) fn make(self, path: &Path) -> io::Result<()> {
        use std::os::unix::ffi::OsStrExt;

        let path = std::ffi::CString::new(path.as_os_str().as_bytes())?;
        let (kind, device) = match self {
            Self::Pipe => (libc::S_IFIFO, 0),
            Self::Socket => (libc::S_IFSOCK, 0),
            Self::BlockDevice(number) => (libc::S_IFBLK, number),
            Self::CharacterDevice(number) => (libc::S_IFCHR, number),
        };
        match super::real::mknodat(libc::AT_FDCWD, path.as_ptr(), kind | 0o600, device) {
            0 => Ok(()),
            _ => Err(io::Error::last_os_error()),
        }
    }

    /// Makes one at this path.
    #[cfg(not(all(target_os = "linux", target_pointer_width = "64")))]
    pub(crate) fn make(self, _path: &Path) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }
}
