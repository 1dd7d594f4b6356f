//! Steps that run outside their case: in a task or on a thread that was not told to which it belongs.
//!
//! Such a step is never broken, so that whoever says that all is well has not looked at it. All threads of an exploration
//! descend from one, and the system hands a mark on from thread to thread ([`crate::disk`]): a step without a part, on a
//! thread with the mark, while a case is running, is a stray. Other tests of the same program run on threads without it.
//! A thread that an earlier exploration started, and that is still there, belongs to all that are running.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::disk::{Mark, descend_from, mark_of_this_thread};
use crate::step::Step;

/// The explorations that are going on, by their marks.
static GOING_ON: Mutex<BTreeMap<Mark, Arc<Strays>>> = Mutex::new(BTreeMap::new());
/// How many there are, for those who ask often.
static COUNT: AtomicUsize = AtomicUsize::new(0);

/// What one exploration knows of steps outside.
#[derive(Default)]
struct Strays {
    /// How many phases are running.
    running: AtomicUsize,
    first: Mutex<Option<Step>>,
}

/// An exploration, on the thread that began it and all threads that descend from it, until this is dropped.
pub(crate) struct Marked(Mark);

/// A phase that is running, until this is dropped.
pub(crate) struct Running(Option<Arc<Strays>>);

impl Marked {
    /// Marks this thread as the first of an exploration.
    pub(crate) fn begin() -> Self {
        let mut going_on = going_on();
        let mark = Mark::ALL.into_iter().find(|mark| !going_on.contains_key(mark));
        let mark = mark.expect("fewer explorations go on at a time than there are marks");
        going_on.insert(mark, Arc::default());
        COUNT.fetch_add(1, Ordering::SeqCst);
        descend_from(Some(mark));
        Self(mark)
    }
}

impl Drop for Marked {
    fn drop(&mut self) {
        going_on().remove(&self.0);
        COUNT.fetch_sub(1, Ordering::SeqCst);
        descend_from(None);
    }
}

impl Running {
    /// A phase runs on this thread.
    pub(crate) fn begin() -> Self {
        let strays = mark_of_this_thread().and_then(|mark| going_on().get(&mark).cloned());
        if let Some(strays) = &strays {
            strays.running.fetch_add(1, Ordering::SeqCst);
        }
        Self(strays)
    }

    /// The first step that ran outside a case of this exploration.
    pub(crate) fn stray(&self) -> Option<Step> {
        self.0.as_ref().and_then(|strays| strays.first())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(strays) = &self.0 {
            strays.running.fetch_sub(1, Ordering::SeqCst);
        }
    }
}

impl Strays {
    fn first(&self) -> Option<Step> {
        *self.first.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn note(&self, step: Step) {
        if self.running.load(Ordering::SeqCst) > 0 {
            self.first.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(step);
        }
    }
}

/// A step runs that takes no part in anything.
pub(super) fn note(step: Step) {
    if COUNT.load(Ordering::Relaxed) == 0 {
        return;
    }
    let Some(mark) = mark_of_this_thread() else { return };
    let going_on = going_on();
    match going_on.get(&mark) {
        Some(strays) => strays.note(step),
        None => going_on.values().for_each(|strays| strays.note(step)),
    }
}

/// The first step that ran outside a case of the exploration to which this thread belongs.
pub(crate) fn stray() -> Option<Step> {
    let mark = mark_of_this_thread()?;
    going_on().get(&mark).and_then(|strays| strays.first())
}

fn going_on() -> MutexGuard<'static, BTreeMap<Mark, Arc<Strays>>> {
    GOING_ON.lock().unwrap_or_else(PoisonError::into_inner)
}
