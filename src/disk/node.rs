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

#[cfg(all(test, target_os = "linux", target_pointer_width = "64"))]
#[expect(unsafe_code, reason = "functions of the C library are called as programs do")]
mod tests {
    use std::ffi::CString;
    use std::os::unix::ffi::OsStrExt;
    use std::os::unix::fs::symlink;
    use std::os::unix::net::UnixListener;
    use std::sync::{Arc, Mutex};

    use crate::disk::{Decision, Operation, Watch, Watcher};

    #[derive(Default)]
    struct Heard(Mutex<Vec<String>>);

    impl Watcher for Heard {
        fn before(&self, _: &Operation<'_>) -> Decision {
            Decision::Proceed
        }

        fn after(&self, operation: &Operation<'_>, outcome: Result<usize, i32>) {
            let told = format!("{}: {:?}, {}", operation.path, operation.change, outcome.is_ok());
            self.0.lock().expect("nobody panics with it").push(told);
        }
    }

    #[test]
    fn what_is_neither_file_nor_directory_is_heard_of() {
        let dir = tempfile::tempdir().expect("a directory");
        let root = dir.path().canonicalize().expect("there");
        let heard = Arc::new(Heard::default());
        let watch = Watch::start(&root, Arc::clone(&heard) as Arc<dyn Watcher>);
        let pipe = CString::new(root.join("pipe").as_os_str().as_bytes()).expect("a path");
        // SAFETY: the path ends with a zero and lives as long as the call.
        let made = unsafe { libc::mkfifo(pipe.as_ptr(), 0o600) };
        let socket = UnixListener::bind(root.join("socket"));
        let strange = std::ffi::OsStr::from_bytes(b"d-\xff");
        std::fs::create_dir(root.join(strange)).expect("made");
        symlink(root.join(strange), root.join("inside")).expect("linked");
        symlink("elsewhere", root.join(strange).join("outside")).expect("linked");
        drop(watch);
        assert!(made == 0 && socket.is_ok());
        assert_eq!(
            *heard.0.lock().expect("nobody panics with it"),
            [
                "pipe: MakeNode(Pipe), true",
                "socket: MakeNode(Socket), true",
                "d-\\xff: MakeDirectory, true",
                "inside: Symlink { target: Within(\"d-\\\\xff\") }, true",
                "d-\\xff/outside: Symlink { target: AsSaid(\"elsewhere\") }, true",
            ]
        );
    }
}
