//! What applications leave behind that may run for ever: nobody can stop a thread.
//!
//! It decides which of it is still there when somebody asks, and refuses to know what it does. Not seen: a thread that the
//! application starts without [`crate::inherit_blocking`].

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::inject::SeatTaken;

/// All that was left behind in the cases of one subject. A clone is the same list.
#[derive(Clone, Debug, Default)]
pub(crate) struct LeftBehind(Arc<Mutex<Vec<Left>>>);

/// What was left behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Straggler {
    /// The thread of a process: a start or a request never came back.
    Phase,
    /// The thread of a process: the application did not come to its end when it was dropped.
    Drop,
    /// Something that the application spawned and that takes part, in a process that is gone.
    Spawned,
}

/// How it is seen whether one of them is still there.
#[derive(Debug)]
enum Left {
    Thread(Straggler, JoinHandle<()>),
    Spawned(SeatTaken),
}

/// So often it is looked again, for three seconds: what was halted a moment ago is on its way to its end.
const ROUNDS: usize = 300;

/// Between two looks.
const PAUSE: Duration = Duration::from_millis(10);

impl LeftBehind {
    /// The thread of a process is given up.
    pub(super) fn thread(&self, straggler: Straggler, thread: JoinHandle<()>) {
        self.lock().push(Left::Thread(straggler, thread));
    }

    /// A process is gone; what it spawned may be there for longer.
    pub(super) fn spawned(&self, taken: SeatTaken) {
        if taken.is_taken() {
            self.lock().push(Left::Spawned(taken));
        }
    }

    /// How much of it is still there, kind by kind.
    pub(crate) fn still_there(&self) -> BTreeMap<Straggler, usize> {
        for _ in 0..ROUNDS {
            let mut left = self.lock();
            left.retain(Left::is_there);
            if left.is_empty() {
                break;
            }
            drop(left);
            std::thread::sleep(PAUSE);
        }
        let mut counted = BTreeMap::new();
        for left in &*self.lock() {
            *counted.entry(left.straggler()).or_default() += 1;
        }
        counted
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Left>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Left {
    fn is_there(&self) -> bool {
        match self {
            Self::Thread(_, thread) => !thread.is_finished(),
            Self::Spawned(taken) => taken.is_taken(),
        }
    }

    const fn straggler(&self) -> Straggler {
        match self {
            Self::Thread(straggler, _) => *straggler,
            Self::Spawned(_) => Straggler::Spawned,
        }
    }
}
