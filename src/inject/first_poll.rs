//! Starts an effect and sees it no further: the edge `during`.

use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Wake, Waker};

/// Polls an effect until it has begun to change something, and is ready when what was begun has come to its end.
///
/// An effect that waits (for a database's worker, say) goes on while nobody polls it. To stop at a moment that is the
/// same in every run, the future waits until the effect asks to be polled again, and looks whether anything was changed by
/// then; if so, it does not poll it any more. How often an effect waits before that is a matter of luck: a worker that is
/// fast has answered before anybody waits. An effect that comes to its end first is over; its result is dropped unseen.
pub(crate) struct FirstPoll<F, E> {
    effect: Pin<Box<F>>,
    progress: Progress,
    is_enough: E,
}

enum Progress {
    NotStarted,
    Waiting(Arc<Bell>),
}

impl<F: Future, E: FnMut() -> bool> FirstPoll<F, E> {
    /// Until so much has happened, asked for where the effect asks to be polled again.
    pub(crate) fn of(effect: F, is_enough: E) -> Self {
        Self { effect: Box::pin(effect), progress: Progress::NotStarted, is_enough }
    }
}

impl<F: Future, E: FnMut() -> bool + Unpin> Future for FirstPoll<F, E> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let this = &mut *self;
        if let Progress::Waiting(bell) = &this.progress {
            if !bell.is_rung(context) {
                return Poll::Pending;
            }
            if (this.is_enough)() {
                return Poll::Ready(());
            }
        }
        this.progress.poll(this.effect.as_mut(), context).map(drop)
    }
}

/// Passes an effect on, and calls out at the moment at which [`FirstPoll`] would be ready.
pub(crate) struct Noticed<F, E, N> {
    effect: Pin<Box<F>>,
    progress: Progress,
    is_enough: E,
    notice: Option<N>,
}

impl<F: Future, E: FnMut() -> bool, N: FnOnce()> Noticed<F, E, N> {
    /// Calls `notice` when so much has happened, or the effect is over.
    pub(crate) fn of(effect: F, is_enough: E, notice: N) -> Self {
        Self { effect: Box::pin(effect), progress: Progress::NotStarted, is_enough, notice: Some(notice) }
    }
}

impl<F: Future, E: FnMut() -> bool + Unpin, N: FnOnce() + Unpin> Future for Noticed<F, E, N> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let this = &mut *self;
        if this.notice.is_none() {
            return this.effect.as_mut().poll(context);
        }
        if let Progress::Waiting(bell) = &this.progress {
            if !bell.is_rung(context) {
                return Poll::Pending;
            }
            if (this.is_enough)() {
                if let Some(notice) = this.notice.take() {
                    notice();
                }
                return this.effect.as_mut().poll(context);
            }
        }
        let polled = this.progress.poll(this.effect.as_mut(), context);
        if polled.is_ready() {
            if let Some(notice) = this.notice.take() {
                notice();
            }
        }
        polled
    }
}

impl Progress {
    /// Polls the effect, with a bell that it rings when it wants to be polled again.
    fn poll<F: Future>(&mut self, effect: Pin<&mut F>, context: &Context<'_>) -> Poll<F::Output> {
        let bell = Arc::new(Bell { rung: AtomicBool::new(false), task: Mutex::new(context.waker().clone()) });
        *self = Self::Waiting(Arc::clone(&bell));
        effect.poll(&mut Context::from_waker(&Waker::from(bell)))
    }
}

/// Remembers that it was rung, and passes it on to whoever polled last.
struct Bell {
    rung: AtomicBool,
    task: Mutex<Waker>,
}

impl Bell {
    /// Whether it was rung; if not, this task is woken when it is.
    fn is_rung(&self, context: &Context<'_>) -> bool {
        self.task.lock().unwrap_or_else(PoisonError::into_inner).clone_from(context.waker());
        self.rung.load(Ordering::Acquire)
    }
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.rung.store(true, Ordering::Release);
        self.task.lock().unwrap_or_else(PoisonError::into_inner).wake_by_ref();
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    #[tokio::test]
    async fn what_follows_the_first_wait_is_not_run() {
        let reached = Cell::new(0);
        FirstPoll::of(
            async {
                reached.set(1);
                tokio::task::yield_now().await;
                reached.set(2);
            },
            || true,
        )
        .await;
        assert_eq!(reached.get(), 1);
    }

    #[tokio::test]
    async fn an_effect_that_never_waits_is_run_to_its_end() {
        let reached = Cell::new(0);
        FirstPoll::of(async { reached.set(1) }, || true).await;
        assert_eq!(reached.get(), 1);
    }

    #[tokio::test]
    async fn waits_in_which_nothing_happens_are_passed() {
        let reached = Cell::new(0);
        let effect = async {
            for step in 1..=4 {
                tokio::task::yield_now().await;
                reached.set(step);
            }
        };
        FirstPoll::of(effect, || reached.get() == 2).await;
        assert_eq!(reached.get(), 2);
        let (reached, noticed) = (Cell::new(0), Cell::new(0));
        let effect = async {
            for step in 1..=4 {
                tokio::task::yield_now().await;
                reached.set(step);
            }
        };
        Noticed::of(effect, || reached.get() == 2, || noticed.set(reached.get())).await;
        assert_eq!((reached.get(), noticed.get()), (4, 2));
    }
}
