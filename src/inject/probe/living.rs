//! What was spawned and takes part: whether any of it is still there.

use std::future::poll_fn;
use std::task::Poll;

use super::{Probe, wake};

/// A task or thread that lives, until this is dropped.
pub(crate) struct Alive(Probe);

impl Probe {
    /// One more lives.
    pub(in crate::inject) fn alive(&self) -> Alive {
        self.state().living += 1;
        Alive(self.clone())
    }

    /// How many live.
    pub(crate) fn living(&self) -> usize {
        self.state().living
    }

    /// Waits until none lives. Told by them, and by no clock.
    pub(crate) async fn alone(&self) {
        poll_fn(|context| {
            let mut state = self.state();
            if state.living == 0 {
                return Poll::Ready(());
            }
            state.runner = Some(context.waker().clone());
            Poll::Pending
        })
        .await;
    }
}

impl Drop for Alive {
    fn drop(&mut self) {
        let runner = {
            let mut state = self.0.state();
            state.living -= 1;
            // It is asked for again by whoever still waits.
            if state.living == 0 { state.runner.take() } else { None }
        };
        wake(runner);
    }
}
