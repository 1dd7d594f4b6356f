//! Runs cases side by side, and gives their results in the order of the cases, whatever the number of threads.

use std::panic::resume_unwind;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::runtime::{Builder, Runtime};

use super::Progress;
use crate::error::{Error, Result};

/// Threads for cases. Each case stays on one thread, on a runtime of its own kind: one thread, real time.
pub(crate) struct Pool<'a> {
    jobs: usize,
    interrupted: Arc<AtomicBool>,
    progress: &'a dyn Progress,
}

impl<'a> Pool<'a> {
    /// So many threads, which stop between cases when `interrupted` is set.
    pub(crate) fn new(jobs: usize, interrupted: Arc<AtomicBool>, progress: &'a dyn Progress) -> Self {
        Self { jobs: jobs.max(1), interrupted, progress }
    }

    /// How many threads there are.
    pub(crate) const fn jobs(&self) -> usize {
        self.jobs
    }

    /// Who hears how the run gets on.
    pub(crate) const fn progress(&self) -> &'a dyn Progress {
        self.progress
    }

    /// The result for each item, in the order of the items.
    ///
    /// # Errors
    /// The error of the first item that has one; the items after it may not have been tried.
    pub(crate) fn run<T: Sync, R: Send>(
        &self,
        items: &[T],
        each: impl Fn(&Runtime, usize, &T) -> Result<R> + Sync,
    ) -> Result<Vec<R>> {
        let next = AtomicUsize::new(0);
        let results: Mutex<Vec<Option<Result<R>>>> = Mutex::new(items.iter().map(|_| None).collect());
        let work = || {
            let runtime = runtime();
            loop {
                let at = next.fetch_add(1, Ordering::Relaxed);
                let Some(item) = items.get(at) else { return };
                let result = if self.interrupted.load(Ordering::Relaxed) {
                    Err(Error::Interrupted)
                } else {
                    each(&runtime, at, item)
                };
                if result.is_err() {
                    // Everything before this item is under way already: the first error is among the results.
                    next.fetch_max(items.len(), Ordering::Relaxed);
                }
                results.lock().unwrap_or_else(PoisonError::into_inner)[at] = Some(result);
                self.progress.done();
            }
        };
        std::thread::scope(|scope| {
            let threads: Vec<_> = (0..self.jobs.min(items.len())).map(|_| scope.spawn(work)).collect();
            for thread in threads {
                if let Err(panic) = thread.join() {
                    resume_unwind(panic);
                }
            }
        });
        results.into_inner().unwrap_or_else(PoisonError::into_inner).into_iter().flatten().collect()
    }
}

/// A runtime for one thread's cases.
pub(crate) fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().expect("the system gives a thread its event loop")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::explore::Silent;

    #[test]
    fn results_come_in_the_order_of_the_items_for_any_number_of_threads() {
        let items: Vec<u64> = (0..100).collect();
        for jobs in [1, 2, 7] {
            let pool = Pool::new(jobs, Arc::default(), &Silent);
            let squares = pool.run(&items, |_, _, item| Ok(item * item)).expect("no error");
            assert_eq!(squares, items.iter().map(|item| item * item).collect::<Vec<_>>());
        }
    }

    #[test]
    fn the_first_error_is_the_one_that_is_told() {
        let items: Vec<u64> = (0..100).collect();
        for jobs in [1, 2, 7] {
            let pool = Pool::new(jobs, Arc::default(), &Silent);
            let error = pool
                .run(
                    &items,
                    |_, _, item| if item % 10 == 7 { Err(Error::FailPoints(item.to_string())) } else { Ok(()) },
                )
                .expect_err("an error");
            assert_eq!(error.to_string(), "FAILPOINTS: 7");
        }
    }
}
