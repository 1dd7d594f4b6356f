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

    /// A statement of the database engine begins, on this thread. Returns whether the engine is to give it up.
    fn statement_begins(&self, statement: &Statement<'_>) -> bool {
        let _ = statement;
        false
    }

    /// A statement ends, on this thread: it is over, or its last commit still follows.
    fn statement_ends(&self, number: usize, is_over: bool) {
        let _ = (number, is_over);
    }
}

/// A statement of the database engine.
pub(crate) struct Statement<'s> {
    /// Tells it from all others that are under way.
    pub(crate) number: usize,
    /// Its text.
    pub(crate) sql: &'s str,
    /// The file of its connection's main database, below the directory.
    pub(crate) database: &'s str,
    /// Whether it changes nothing by itself.
    pub(crate) only_reads: bool,
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
pub(crate) use elsewhere::{ThreadId, Watch, available, kill_this_process, leave_behind, this_thread};
#[cfg(all(target_os = "linux", target_pointer_width = "64"))]
pub(crate) use linux::{ThreadId, Watch, available, kill_this_process, leave_behind, this_thread};
#[cfg(all(target_os = "linux", target_pointer_width = "64"))]
pub(super) use linux::{Watched, any, find, is_unwatched, numbered};

#[cfg(all(target_os = "linux", target_pointer_width = "64"))]
mod linux {
    use std::collections::BTreeMap;
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
    use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError, RwLock};

    use super::super::text::{name_of, text_of};
    use super::super::{statements, threads};
    use super::{Arc, Decision, Operation, Path, Result, Statement, UNWATCHED, Watcher, unwatched};
    use crate::disk::{FileChange, FileId};
    use crate::error::Error;

    static COUNT: AtomicUsize = AtomicUsize::new(0);
    static WATCHED: RwLock<Vec<Arc<Watched>>> = RwLock::new(Vec::new());

    /// A directory that is watched, until this is dropped.
    pub(crate) struct Watch(Arc<Watched>);

    /// What is known of a watched directory.
    pub(in crate::disk) struct Watched {
        /// Tells it from all others that are or were watched.
        number: usize,
        root: Vec<u8>,
        watcher: Arc<dyn Watcher>,
        is_over: AtomicBool,
        files: AtomicU64,
        /// How often anything was changed.
        changes: AtomicU64,
        turn: Mutex<()>,
        /// The threads that made an operation under the directory.
        threads: threads::Known,
        /// How often each file is open.
        open: Mutex<BTreeMap<String, usize>>,
    }

    impl Watch {
        /// Watches a directory. Its path is absolute and has no symbolic link in it.
        pub(crate) fn start(root: &Path, watcher: Arc<dyn Watcher>) -> Self {
            static NUMBERS: AtomicUsize = AtomicUsize::new(1);
            statements::hear();
            let number = NUMBERS.fetch_add(1, Ordering::Relaxed);
            let root = root.as_os_str().as_bytes().to_vec();
            let (is_over, files, changes) = (AtomicBool::new(false), AtomicU64::new(0), AtomicU64::new(0));
            let (turn, threads, open) = (Mutex::default(), threads::Known::default(), Mutex::default());
            let entry = Arc::new(Watched { number, root, watcher, is_over, files, changes, turn, threads, open });
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
        /// with a statement after it has given its first row: what it leaves must not depend on how fast it is. Returns whether
        /// that came about: a thread that computes for long is not waited for.
        pub(crate) fn settle(&self) -> bool {
            if UNWATCHED.get() {
                return true;
            }
            unwatched(|| self.0.threads.wait_until_idle())
        }

        /// How often anything was changed under the directory.
        #[expect(clippy::unnecessary_wraps, reason = "elsewhere nobody knows")]
        pub(crate) fn changes(&self) -> Option<u64> {
            Some(self.0.changes.load(Ordering::SeqCst))
        }
    }

    impl Drop for Watch {
        fn drop(&mut self) {
            self.0.is_over.store(true, Ordering::SeqCst);
            COUNT.fetch_sub(1, Ordering::SeqCst);
            WATCHED.write().unwrap_or_else(PoisonError::into_inner).retain(|entry| !Arc::ptr_eq(entry, &self.0));
        }
    }

    impl Watched {
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

        /// Whether a file is open.
        pub(in crate::disk) fn is_open(&self, path: &str) -> bool {
            self.open().contains_key(path)
        }

        /// A file was opened.
        pub(in crate::disk) fn opened(&self, path: &str) {
            *self.open().entry(path.to_owned()).or_insert(0) += 1;
        }

        /// A file was closed, for good.
        pub(in crate::disk) fn closed(&self, path: &str) {
            let mut open = self.open();
            if let Some(times) = open.get_mut(path) {
                *times -= 1;
                if *times == 0 {
                    open.remove(path);
                }
            }
        }

        fn open(&self) -> MutexGuard<'_, BTreeMap<String, usize>> {
            self.open.lock().unwrap_or_else(PoisonError::into_inner)
        }

        /// Waits until no other operation under the directory is on its way; `None` when it is no longer watched.
        pub(in crate::disk) fn take_turn(&self) -> Option<MutexGuard<'_, ()>> {
            self.threads.add_this();
            let turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
            (!self.is_over.load(Ordering::SeqCst)).then_some(turn)
        }

        /// Tells it from all others that are or were watched.
        pub(in crate::disk) const fn number(&self) -> usize {
            self.number
        }

        pub(in crate::disk) fn statement_begins(&self, statement: &Statement<'_>) -> bool {
            unwatched(|| self.watcher.statement_begins(statement))
        }

        pub(in crate::disk) fn statement_ends(&self, number: usize, is_over: bool) {
            unwatched(|| self.watcher.statement_ends(number, is_over));
        }

        pub(in crate::disk) fn before(&self, operation: &Operation<'_>) -> Decision {
            unwatched(|| self.watcher.before(operation))
        }

        pub(in crate::disk) fn after(&self, operation: &Operation<'_>, outcome: Result<usize, i32>) {
            if !matches!(operation.change, FileChange::Open { created: false, emptied: false, .. }) {
                self.changes.fetch_add(1, Ordering::SeqCst);
            }
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
    pub(in crate::disk) fn find(path: &[u8]) -> Option<(Arc<Watched>, String)> {
        let watched = WATCHED.read().unwrap_or_else(PoisonError::into_inner);
        watched.iter().find_map(|entry| {
            let rest = path.strip_prefix(&*entry.root)?.strip_prefix(b"/")?;
            Some((Arc::clone(entry), text_of(rest)))
        })
    }

    /// The watched directory of this number, while it is watched.
    pub(in crate::disk) fn numbered(number: usize) -> Option<Arc<Watched>> {
        let watched = WATCHED.read().unwrap_or_else(PoisonError::into_inner);
        watched.iter().find(|entry| entry.number == number).cloned()
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

    pub(crate) use threads::{Id as ThreadId, this as this_thread};

    /// Lets a thread that nobody can stop run only when nothing else wants to.
    pub(crate) fn leave_behind(thread: ThreadId) {
        crate::disk::real::make_idle(thread);
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
        pub(crate) fn settle(&self) -> bool {
            true
        }

        /// Nor what is changed.
        pub(crate) fn changes(&self) -> Option<u64> {
            None
        }

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

    /// Threads are not told apart here.
    pub(crate) type ThreadId = i32;

    /// The thread that asks.
    pub(crate) fn this_thread() -> ThreadId {
        0
    }

    /// It runs on as it is.
    pub(crate) fn leave_behind(_thread: ThreadId) {}
}
