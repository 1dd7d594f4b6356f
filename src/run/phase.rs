//! Runs one phase of a case to its end, whatever that is.

use std::future::poll_fn;
use std::task::Poll;
use std::time::Duration;

use super::watched::Watched;
use crate::error::Result;
use crate::inject::{Caught, Probe, Stop, Trace, catch, probed};
use crate::world::Site;

/// What came of one run of a phase.
pub(super) struct PhaseRun<T> {
    /// Its steps and file operations, as they went.
    pub(super) trace: Trace,
    /// Its end.
    pub(super) end: End<T>,
}

/// How a run of a phase ended.
pub(super) enum End<T> {
    /// It came to its own end.
    Done(T),
    /// Its future was dropped.
    Cancelled,
    /// The process was killed, and left this.
    Crashed(Site),
    /// The power went, and left this.
    PowerLost(Site),
    /// It panicked.
    Panicked(Caught),
    /// It was not over by the deadline, and was dropped.
    Hung,
}

/// Runs a phase, at most as long as the deadline. Nothing of it is left running, but for tasks that it spawned.
pub(super) async fn run<T>(
    probe: &Probe,
    watched: &Watched,
    deadline: Duration,
    phase: impl Future<Output = T>,
) -> Result<PhaseRun<T>> {
    watched.begin(probe.clone());
    let mut phase = Box::pin(probed(probe.clone(), phase));
    let polled = poll_fn(|context| {
        let progress = catch(|| phase.as_mut().poll(context));
        // What stopped one of several concurrent steps stopped the whole, even if another step brought it to an end.
        match (probe.stopped(context.waker()), progress) {
            (Some(Stop::Cancelled), _) => Poll::Ready(Ok(End::Cancelled)),
            (Some(Stop::Crashed(image)), _) => Poll::Ready(image.map(End::Crashed)),
            (Some(Stop::PowerLost(image)), _) => Poll::Ready(image.map(End::PowerLost)),
            (None, Err(caught)) => Poll::Ready(Ok(End::Panicked(caught))),
            (None, Ok(Poll::Ready(value))) => Poll::Ready(Ok(End::Done(value))),
            (None, Ok(Poll::Pending)) => Poll::Pending,
        }
    });
    let end = tokio::time::timeout(deadline, polled).await.unwrap_or(Ok(End::Hung))?;
    let is_gone = matches!(end, End::Crashed(_) | End::PowerLost(_));
    if watched.is_heard() && !is_gone {
        // What the phase set going belongs to it, though nobody waits for it: a rollback, say.
        watched.settle();
    }
    watched.end();
    let trace = probe.trace();
    // Destructors run here. After a crash they touch the world that was left behind, not its image.
    let _ = catch(|| drop(phase));
    match end {
        End::Done(_) | End::Crashed(_) | End::PowerLost(_) => {}
        // Others may still be at what the phase has left them.
        End::Cancelled | End::Panicked(_) | End::Hung => watched.settle(),
    }
    Ok(PhaseRun { trace, end })
}
