//! Which descriptors are files under a watched directory.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use libc::c_int;

use super::FileId;
use super::real;
use super::watch::Watched;

/// A file that was opened under a watched directory.
pub(super) struct OpenFile {
    pub(super) entry: Arc<Watched>,
    pub(super) id: FileId,
    /// Relative to the watched directory.
    pub(super) path: String,
    /// Whether each write goes to the end.
    pub(super) appends: bool,
    /// Which file of the system it is.
    identity: Option<(u64, u64)>,
}

impl OpenFile {
    /// A file that was opened just now, as this descriptor.
    pub(super) fn new(fd: c_int, entry: Arc<Watched>, id: FileId, path: String, appends: bool) -> Self {
        entry.opened(&path);
        Self { entry, id, path, appends, identity: real::identity(fd) }
    }
}

impl Drop for OpenFile {
    fn drop(&mut self) {
        self.entry.closed(&self.path);
    }
}

/// Descriptors up to here are looked up without a lock; the system gives out the smallest that is free.
const FAST: usize = 1 << 16;

static IS_KNOWN: [AtomicBool; FAST] = [const { AtomicBool::new(false) }; FAST];
static KNOWN: Mutex<BTreeMap<c_int, Arc<OpenFile>>> = Mutex::new(BTreeMap::new());

/// The file behind a descriptor, if it is one of ours.
///
/// The C library closes some descriptors by itself (`closedir`, `fclose`), and the system gives their numbers out again:
/// a number that leads to another file by now is forgotten.
pub(super) fn get(fd: c_int) -> Option<Arc<OpenFile>> {
    let file = known(fd)?;
    if real::identity(fd) == file.identity {
        return Some(file);
    }
    forget(fd);
    None
}

fn known(fd: c_int) -> Option<Arc<OpenFile>> {
    let slot = usize::try_from(fd).ok()?;
    if IS_KNOWN.get(slot).is_some_and(|is_known| !is_known.load(Ordering::Acquire)) {
        return None;
    }
    KNOWN.lock().unwrap_or_else(PoisonError::into_inner).get(&fd).cloned()
}

/// Notes that a descriptor is this file from now on.
pub(super) fn remember(fd: c_int, file: Arc<OpenFile>) {
    let before = KNOWN.lock().unwrap_or_else(PoisonError::into_inner).insert(fd, file);
    drop(before);
    if let Some(is_known) = usize::try_from(fd).ok().and_then(|slot| IS_KNOWN.get(slot)) {
        is_known.store(true, Ordering::Release);
    }
}

/// Notes that a descriptor is going to be closed. Before it is: afterwards it may already be another's.
pub(super) fn forget(fd: c_int) {
    if known(fd).is_none() {
        return;
    }
    if let Some(is_known) = usize::try_from(fd).ok().and_then(|slot| IS_KNOWN.get(slot)) {
        is_known.store(false, Ordering::Release);
    }
    // Its end is noted when nobody waits for the table.
    let file = KNOWN.lock().unwrap_or_else(PoisonError::into_inner).remove(&fd);
    drop(file);
}
