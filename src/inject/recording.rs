//! What was changed in a world, in order, and between which changes which moments lie.

use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::durability::{Change, Storage, Tree};
use crate::fault::Edge;

/// A record of all changes to a world, from a moment on at which it was known.
pub(crate) struct Recording {
    base: Tree,
    log: Mutex<Vec<Recorded>>,
}

/// An entry of the record.
#[derive(Clone, Debug)]
pub(crate) enum Recorded {
    /// Something was changed.
    Change(Change),
    /// A point of the run was passed.
    Passed(Instant),
}

/// A moment at which a process may end. Steps and operations by their places in the trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Instant {
    /// An edge of a step.
    Step { at: usize, edge: Edge },
    /// An edge of a file operation.
    Operation { at: usize, edge: Edge },
    /// The caller has got the answer.
    Answer,
}

impl Recording {
    /// Nothing was changed yet.
    pub(crate) fn new(base: Tree) -> Self {
        Self { base, log: Mutex::default() }
    }

    /// Notes a change.
    pub(super) fn push(&self, change: Change) {
        self.log().push(Recorded::Change(change));
    }

    /// Notes a moment.
    pub(super) fn mark(&self, instant: Instant) {
        self.log().push(Recorded::Passed(instant));
    }

    /// The world at the beginning.
    pub(crate) fn base(&self) -> Storage {
        Storage::new(&self.base)
    }

    /// All changes and moments so far.
    pub(crate) fn entries(&self) -> Vec<Recorded> {
        self.log().clone()
    }

    /// The world now.
    pub(crate) fn storage(&self) -> Storage {
        let mut storage = self.base();
        for entry in &*self.log() {
            if let Recorded::Change(change) = entry {
                storage.apply(change);
            }
        }
        storage
    }

    fn log(&self) -> MutexGuard<'_, Vec<Recorded>> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
