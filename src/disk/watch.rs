//! Which directories are watched, and by whom.

use std::cell::Cell;
use std::path::Path;
use std::sync::Arc;

use super::Operation;
use crate::error::Result;
use crate::fault::Errno;

/// Who hears of the operations under a directory.
pub(crate) trait Watcher: Send + Sync {
    /// An operation is about to be carried out.
    fn before(&self, operation: &Operation<'_>) -> Decision;

    /// An operation was carried out, or refused. Of a write, how many bytes were written.
    fn after(&self, operation: &Operation<'_>, outcome: Result<usize, i32>);
}

/// A watcher that does not listen. What is watched can be paused.
pub(crate) struct Deaf;

impl Watcher for Deaf {
    fn before(&self, _: &Operation<'_>) -> Decision {
        Decision::Proceed
    }

    fn after(&self, _: &Operation<'_>, _: Result<usize, i32>) {}
}

/// What becomes of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Decision {
    /// It is carried out.
    Proceed,
    /// It is not, and gives this error.
    Fail(Errno),
    /// It is a write, and only so many of its bytes are written.
    Shorten(usize),
}

thread_local! {
    static UNWATCHED: Cell<bool> = const { Cell::new(false) };
}

/// Does something whose file operations are the harness's own: nobody hears of them. Counts for this thread.
pub(crate) fn unwatched<T>(work: impl FnOnce() -> T) -> T {
    struct Restore(bool);
    impl Drop for Restore {
        fn drop(&mut self) {
            UNWATCHED.set(self.0);
        }
    }
    let _restore = Restore(UNWATCHED.replace(true));
    work()
}

#[cfg(not(all(target_os = "linux", target_pointer_width = "64")))]
pub(crate) use elsewhere::{Watch, available, kill_this_process};
#[cfg(all(target_os = "linux", target_pointer_width = "64"))]
pub(super) use linux::{Entry, any, find, is_unwatched};
#[cfg(all(target_os = "linux", target_pointer_width = "64"))]
pub(crate) use linux::{Watch, available, kill_this_process};

#[cfg(all(target_os = "linux", target_pointer_width = "64"))]
mod linux {
    use std::collections::BTreeSet;
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
    use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError, RwLock};

    use super::super::text::{name_of, text_of};
    use super::super::threads;
    use super::{Arc, Decision, Operation, Path, Result, UNWATCHED, Watcher, unwatched};
    use crate::disk::FileId;
    use crate::error::Error;

    static COUNT: AtomicUsize = AtomicUsize::new(0);
    static WATCHED: RwLock<Vec<Arc<Entry>>> = RwLock::new(Vec::new());

    /// A directory that is watched, until this is dropped.
    pub(crate) struct Watch(Arc<Entry>);

    /// What is known of a watched directory.
    pub(in crate::disk) struct Entry {
        root: Vec<u8>,
        watcher: Arc<dyn Watcher>,
        is_over: AtomicBool,
        files: AtomicU64,
        turn: Mutex<()>,
        /// The threads that made an operation under the directory.
        threads: Mutex<BTreeSet<threads::Id>>,
    }

    impl Watch {
        /// Watches a directory. Its path is absolute and has no symbolic link in it.
        pub(crate) fn start(root: &Path, watcher: Arc<dyn Watcher>) -> Self {
            let root = root.as_os_str().as_bytes().to_vec();
            let (is_over, files) = (AtomicBool::new(false), AtomicU64::new(0));
            let (turn, threads) = (Mutex::default(), Mutex::default());
            let entry = Arc::new(Entry { root, watcher, is_over, files, turn, threads });
            WATCHED.write().unwrap_or_else(PoisonError::into_inner).push(Arc::clone(&entry));
            COUNT.fetch_add(1, Ordering::SeqCst);
            Self(entry)
        }
    }

    impl Watch {
        /// Does something while no operation under the directory is on its way: what it sees is no mixture. A watcher may
        /// do so too, while it holds up an operation.
        pub(crate) fn pause<T>(&self, work: impl FnOnce() -> T) -> T {
            let _turn = (!UNWATCHED.get()).then(|| self.0.turn.lock().unwrap_or_else(PoisonError::into_inner));
            work()
        }

        /// Waits until the other threads that work under the directory have nothing more to do. A database engine may go on
        /// with a statement after it has given its first row: what it leaves must not depend on how fast it is.
        pub(crate) fn settle(&self) {
            if UNWATCHED.get() {
                return;
            }
            let known = || self.0.threads.lock().unwrap_or_else(PoisonError::into_inner).clone();
            unwatched(|| threads::wait_until_idle(known));
        }
    }

    impl Drop for Watch {
        fn drop(&mut self) {
            self.0.is_over.store(true, Ordering::SeqCst);
            COUNT.fetch_sub(1, Ordering::SeqCst);
            WATCHED.write().unwrap_or_else(PoisonError::into_inner).retain(|entry| !Arc::ptr_eq(entry, &self.0));
        }
    }

    impl Entry {
        /// The path of something under the directory.
        pub(in crate::disk) fn path_of(&self, relative: &str) -> Vec<u8> {
            [&*self.root, b"/", &name_of(relative)].concat()
        }

        /// What of an absolute path lies below the directory.
        pub(in crate::disk) fn below(&self, path: &[u8]) -> Option<String> {
            let rest = path.strip_prefix(&*self.root)?;
            (rest.is_empty() || rest.starts_with(b"/")).then(|| text_of(rest.strip_prefix(b"/").unwrap_or(rest)))
        }

        /// The number of the next file that is opened.
        pub(in crate::disk) fn next_file(&self) -> FileId {
            FileId(self.files.fetch_add(1, Ordering::Relaxed))
        }

        /// Waits until no other operation under the directory is on its way; `None` when it is no longer watched.
        pub(in crate::disk) fn take_turn(&self) -> Option<MutexGuard<'_, ()>> {
            self.threads.lock().unwrap_or_else(PoisonError::into_inner).insert(threads::this());
            let turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
            (!self.is_over.load(Ordering::SeqCst)).then_some(turn)
        }

        pub(in crate::disk) fn before(&self, operation: &Operation<'_>) -> Decision {
            unwatched(|| self.watcher.before(operation))
        }

        pub(in crate::disk) fn after(&self, operation: &Operation<'_>, outcome: Result<usize, i32>) {
            unwatched(|| self.watcher.after(operation, outcome));
        }
    }

    /// Whether anything is watched at all.
    pub(in crate::disk) fn any() -> bool {
        COUNT.load(Ordering::Relaxed) != 0
    }

    /// Whether the operations of this thread are the harness's own.
    pub(in crate::disk) fn is_unwatched() -> bool {
        UNWATCHED.get()
    }

    /// The watched directory under which an absolute path lies, and the rest of the path.
    pub(in crate::disk) fn find(path: &[u8]) -> Option<(Arc<Entry>, String)> {
        let watched = WATCHED.read().unwrap_or_else(PoisonError::into_inner);
        watched.iter().find_map(|entry| {
            let rest = path.strip_prefix(&*entry.root)?.strip_prefix(b"/")?;
            Some((Arc::clone(entry), text_of(rest)))
        })
    }

    /// Whether file operations can be seen in this process: makes one, and looks whether it was seen.
    ///
    /// # Errors
    /// When it was not: the program was linked so that the system's own functions come first.
    pub(crate) fn available() -> Result<()> {
        static SEEN: OnceLock<bool> = OnceLock::new();
        if *SEEN.get_or_init(is_one_seen) { Ok(()) } else { Err(Error::OperationsUnseen(UNSEEN)) }
    }

    const UNSEEN: &str = "the functions that watch them were not linked into this program; build it without static linking \
                          of the C library, or try faults of steps only";

    fn is_one_seen() -> bool {
        struct Seen(AtomicBool);
        impl Watcher for Seen {
            fn before(&self, _: &Operation<'_>) -> Decision {
                Decision::Proceed
            }

            fn after(&self, _: &Operation<'_>, _: Result<usize, i32>) {
                self.0.store(true, Ordering::SeqCst);
            }
        }
        let Ok(dir) = tempfile::tempdir() else { return false };
        let Ok(root) = dir.path().canonicalize() else { return false };
        let seen = Arc::new(Seen(AtomicBool::new(false)));
        let watch = Watch::start(&root, Arc::clone(&seen) as Arc<dyn Watcher>);
        let made = std::fs::create_dir(root.join(OsStr::new("seen")));
        drop(watch);
        made.is_ok() && seen.0.load(Ordering::SeqCst)
    }

    /// The real thing: ends this process as nothing else does, at once and without a word.
    pub(crate) fn kill_this_process() -> ! {
        crate::disk::real::kill_this_process()
    }
}

#[cfg(not(all(target_os = "linux", target_pointer_width = "64")))]
mod elsewhere {
    use super::{Arc, Path, Result, Watcher};
    use crate::error::Error;

    /// Nothing can be watched here.
    pub(crate) struct Watch(());

    impl Watch {
        /// Nothing is heard.
        pub(crate) fn start(_root: &Path, _watcher: Arc<dyn Watcher>) -> Self {
            Self(())
        }

        /// Nobody knows who works there.
        pub(crate) fn settle(&self) {}

        /// Does something. Nothing is held up.
        pub(crate) fn pause<T>(&self, work: impl FnOnce() -> T) -> T {
            work()
        }
    }

    /// Whether file operations can be seen in this process.
    ///
    /// # Errors
    /// Always.
    pub(crate) fn available() -> Result<()> {
        Err(Error::OperationsUnseen("that takes Linux with 64 bits; on this system only faults of steps can be tried"))
    }

    /// As near as this system comes to it.
    pub(crate) fn kill_this_process() -> ! {
        std::process::abort()
    }
}
