//! Lets everybody else come to rest before a request goes on.
//!
//! A pool takes a connection back in a task of its own, and asks the engine whether it still works. Whether the request
//! gets that connection next, or a new one, would be a matter of luck: here it goes on only when nobody else has anything
//! to do. In production there is time for that between two requests, and often none between two statements; both are legal,
//! and one of them has to be the same in each run.

use std::pin::Pin;
use std::task::{Context, Poll};

use super::watched::Watched;
use crate::inject::Probe;

/// So often everybody else gets a turn. To take a connection back takes two.
const TURNS: usize = 2;

/// A future that goes on when everybody else has come to rest, from the first statement on that no step names.
pub(super) struct InTurn<'s, F> {
    work: Pin<Box<F>>,
    probe: &'s Probe,
    watched: &'s Watched,
    /// How many turns the others still get.
    turns: usize,
    /// Somebody never comes to rest, and is not waited for any more.
    is_restless: bool,
}

impl<'s, F> InTurn<'s, F> {
    pub(super) fn new(work: Pin<Box<F>>, probe: &'s Probe, watched: &'s Watched) -> Self {
        Self { work, probe, watched, turns: 0, is_restless: false }
    }
}

impl<F: Future> Future for InTurn<'_, F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let this = &mut *self;
        if this.turns > 0 {
            this.turns -= 1;
            this.is_restless |= !this.watched.settle();
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        let polled = this.work.as_mut().poll(context);
        if polled.is_pending() && !this.is_restless && this.probe.met_statements() {
            this.turns = TURNS;
        }
        polled
    }
}

/// Gives everybody else their turns at the end of a phase.
pub(super) async fn let_others_finish(probe: &Probe, watched: &Watched) {
    if probe.met_statements() {
        for _ in 0..TURNS {
            if !watched.settle() {
                return;
            }
            tokio::task::yield_now().await;
        }
        watched.settle();
    }
}
