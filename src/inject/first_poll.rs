//! Starts an effect and sees it no further: the edge `during`.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};

/// Polls an effect once, and is ready when what that poll started has come to its end.
///
/// An effect that waits (for a database's worker, say) goes on while nobody polls it. To stop at a moment that is the
/// same in every run, the future waits until the effect asks to be polled again, and does not poll it. An effect that
/// was over within its first poll is over; its result is dropped unseen.
pub(crate) struct FirstPoll<F> {
    effect: Pin<Box<F>>,
    progress: Progress,
}

enum Progress {
    NotStarted,
    Waiting(Arc<Bell>),
}

impl<F: Future> FirstPoll<F> {
    pub(crate) fn of(effect: F) -> Self {
        Self { effect: Box::pin(effect), progress: Progress::NotStarted }
    }
}

impl<F: Future> Future for FirstPoll<F> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        match &self.progress {
            Progress::NotStarted => {
                let bell = Arc::new(Bell { rung: AtomicBool::new(false), task: context.waker().clone() });
                self.progress = Progress::Waiting(Arc::clone(&bell));
                let waker = Waker::from(bell);
                self.effect.as_mut().poll(&mut Context::from_waker(&waker)).map(drop)
            }
            Progress::Waiting(bell) if bell.rung.load(Ordering::Acquire) => Poll::Ready(()),
            Progress::Waiting(_) => Poll::Pending,
        }
    }
}

/// Passes an effect on, and calls out at the moment at which [`FirstPoll`] would be ready.
pub(crate) struct Noticed<F, N> {
    effect: Pin<Box<F>>,
    progress: Progress,
    notice: Option<N>,
}

impl<F: Future, N: FnOnce()> Noticed<F, N> {
    pub(crate) fn of(effect: F, notice: N) -> Self {
        Self { effect: Box::pin(effect), progress: Progress::NotStarted, notice: Some(notice) }
    }
}

impl<F: Future, N: FnOnce() + Unpin> Future for Noticed<F, N> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let this = &mut *self;
        let polled = match &this.progress {
            Progress::NotStarted => {
                let bell = Arc::new(Bell { rung: AtomicBool::new(false), task: context.waker().clone() });
                this.progress = Progress::Waiting(Arc::clone(&bell));
                this.effect.as_mut().poll(&mut Context::from_waker(&Waker::from(bell)))
            }
            Progress::Waiting(bell) if !bell.rung.load(Ordering::Acquire) => return Poll::Pending,
            Progress::Waiting(_) => {
                if let Some(notice) = this.notice.take() {
                    notice();
                }
                this.effect.as_mut().poll(context)
            }
        };
        if polled.is_ready()
            && let Some(notice) = this.notice.take()
        {
            notice();
        }
        polled
    }
}

/// Remembers that it was rung, and passes it on to the task.
struct Bell {
    rung: AtomicBool,
    task: Waker,
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.rung.store(true, Ordering::Release);
        self.task.wake_by_ref();
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    #[tokio::test]
    async fn what_follows_the_first_wait_is_not_run() {
        let reached = Cell::new(0);
        FirstPoll::of(async {
            reached.set(1);
            tokio::task::yield_now().await;
            reached.set(2);
        })
        .await;
        assert_eq!(reached.get(), 1);
    }

    #[tokio::test]
    async fn an_effect_that_never_waits_is_run_to_its_end() {
        let reached = Cell::new(0);
        FirstPoll::of(async { reached.set(1) }).await;
        assert_eq!(reached.get(), 1);
    }
}
