//! Who takes part in a case: the request itself, what it spawns, and what the application keeps running.
//!
//! A step knows its case by a task-local, which a new task or thread does not have. Whoever spawns hands it on here.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use super::probe::{Alive, Probe};

tokio::task_local! {
    /// What a step asks whether anything is due.
    static PART: Part;
}

/// The run of a phase that a process is in, if it is in one.
#[derive(Clone, Default)]
pub(crate) struct Seat(Arc<Mutex<Option<Probe>>>);

/// The seat of a process, for whoever wants to know if anything of the process is still there.
#[derive(Clone, Debug, Default)]
pub(crate) struct SeatTaken(Weak<Mutex<Option<Probe>>>);

/// In what a piece of code takes part, and how.
#[derive(Clone)]
pub(crate) struct Part {
    /// The run of a phase to which it belongs; without one, it belongs to whichever its process is in.
    run: Option<Probe>,
    seat: Seat,
    kin: Kin,
}

/// How a step belongs to the run of a phase.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kin {
    /// It is made by the request itself, and ends with it.
    Request,
    /// It is made by a task that goes on when the request is over.
    Background,
    /// It is made on a thread that does.
    Thread,
}

impl Seat {
    /// From now on the process is in this run of a phase.
    pub(crate) fn begin(&self, probe: Probe) {
        *self.lock() = Some(probe);
    }

    /// From now on it is in none.
    pub(crate) fn end(&self) {
        *self.lock() = None;
    }

    /// Is taken for as long as this process, or anything that takes part in it, is there.
    pub(crate) fn taken(&self) -> SeatTaken {
        SeatTaken(Arc::downgrade(&self.0))
    }

    fn probe(&self) -> Option<Probe> {
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, Option<Probe>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl SeatTaken {
    /// Whether it is.
    pub(crate) fn is_taken(&self) -> bool {
        self.0.strong_count() > 0
    }
}

impl Part {
    /// Takes part in this run of a phase.
    pub(crate) const fn new(probe: Probe, seat: Seat, kin: Kin) -> Self {
        Self { run: Some(probe), seat, kin }
    }

    /// The part of the code that asks; none outside of any case.
    pub(super) fn of_this_task() -> Option<Self> {
        PART.try_with(Self::clone).ok()
    }

    /// What it asks whether anything is due; nothing while its process is in no phase.
    pub(super) fn probe(&self) -> Option<Probe> {
        self.run.clone().or_else(|| self.seat.probe())
    }

    /// How it belongs to that.
    pub(super) const fn kin(&self) -> Kin {
        self.kin
    }

    /// What a task or thread gets that this one spawns, and a token that it lives.
    fn handed_on(&self, kin: Kin) -> (Self, Option<Alive>) {
        let run = self.probe();
        let alive = run.as_ref().map(Probe::alive);
        (Self { run, seat: self.seat.clone(), kin }, alive)
    }
}

/// Runs a future whose steps take this part.
pub(crate) async fn taking_part<F: Future>(part: Part, future: F) -> F::Output {
    PART.scope(part, future).await
}

/// Lets a spawned task take part in the case of the task that spawns it.
///
/// A step knows its case by a task-local, which a new task does not have. Without this function halfway cannot break
/// the steps of the task, and a step that runs in this way during its case is an error ([`crate::Error::StepOutside`]).
///
/// The task goes on when the request is over, whether the request was answered, failed, panicked or was cancelled: as
/// in production, only the end of the process ends the task. halfway looks at the world when the task has come to its
/// end. If a task never ends (a worker), spawn it with [`inherit_worker`].
///
/// ```no_run
/// # async fn work() {}
/// tokio::spawn(halfway::inherit(work()));
/// ```
pub fn inherit<F: Future>(future: F) -> impl Future<Output = F::Output> {
    let part = Part::of_this_task().map(|part| part.handed_on(Kin::Background));
    async move {
        match part {
            Some((part, alive)) => {
                // It lives until its future is gone, whoever drops it.
                let _alive = alive;
                PART.scope(part, future).await
            }
            None => future.await,
        }
    }
}

/// Lets a closure on another thread take part in the case of the task that starts it, as [`inherit`] does for a task.
/// Use it with `spawn_blocking` and `std::thread::spawn`.
///
/// ```no_run
/// # fn work() {}
/// tokio::task::spawn_blocking(halfway::inherit_blocking(|| work()));
/// ```
pub fn inherit_blocking<T>(work: impl FnOnce() -> T) -> impl FnOnce() -> T {
    let part = Part::of_this_task().map(|part| part.handed_on(Kin::Thread));
    move || match part {
        Some((part, alive)) => {
            let _alive = alive;
            PART.sync_scope(part, work)
        }
        None => work(),
    }
}

/// Lets a worker take part in each start, attempt and retry of its application: a task that [`crate::Flow::boot`]
/// spawns, and that lives as long as the application.
///
/// Its steps belong to the start, attempt or retry during which they run. halfway does not wait for its end;
/// [`crate::Flow::at_rest`] says when its work is done.
///
/// ```no_run
/// # async fn work_for_ever() {}
/// tokio::spawn(halfway::inherit_worker(work_for_ever()));
/// ```
pub fn inherit_worker<F: Future>(future: F) -> impl Future<Output = F::Output> {
    let part = Part::of_this_task().map(|part| Part { run: None, seat: part.seat, kin: Kin::Background });
    async move {
        match part {
            Some(part) => PART.scope(part, future).await,
            None => future.await,
        }
    }
}
