//! Runs one phase of a case to its end, whatever that is.

use std::future::poll_fn;
use std::task::Poll;
use std::time::Duration;

use super::turns::{InTurn, let_others_finish};
use super::watched::Watched;
use crate::error::Result;
use crate::fault::Fault;
use crate::inject::{Caught, Kin, Part, Probe, Seat, Stop, Trace, catch, taking_part};
use crate::world::Site;

/// Where a phase is run, and how long it may take.
pub(super) struct Scene<'s> {
    /// What its steps ask.
    pub(super) probe: &'s Probe,
    /// The seat of its process.
    pub(super) seat: &'s Seat,
    /// Whoever hears its file operations.
    pub(super) watched: &'s Watched,
    /// How long it may take, and how long what it leaves in background.
    pub(super) deadline: Duration,
    /// Is called when the phase itself is over, and only what it left in background goes on.
    pub(super) over: &'s dyn Fn(),
}

/// What came of one run of a phase.
pub(super) struct PhaseRun<T> {
    /// Its steps and file operations, as they went.
    pub(super) trace: Trace,
    /// Its end.
    pub(super) end: End<T>,
    /// What came after it.
    pub(super) later: Later,
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

/// What came after the end of a phase, while what it left in background went on.
pub(super) enum Later {
    /// It came to its end, too.
    AtRest,
    /// The process was killed, and left this.
    Crashed(Site),
    /// The power went, and left this.
    PowerLost(Site),
    /// Somebody who waited for it panicked.
    Panicked(Caught),
    /// It was not at rest by the deadline; so many spawned tasks that take part were still there.
    Restless(usize),
}

impl<T> End<T> {
    /// Whether the process is gone.
    pub(super) const fn is_gone(&self) -> bool {
        matches!(self, Self::Crashed(_) | Self::PowerLost(_))
    }

    /// Whether somebody was told something, if only that there is nobody.
    const fn is_answered(&self) -> bool {
        matches!(self, Self::Done(_) | Self::Panicked(_) | Self::Hung)
    }
}

impl Later {
    /// Whether the process is gone.
    pub(super) const fn is_gone(&self) -> bool {
        matches!(self, Self::Crashed(_) | Self::PowerLost(_))
    }

    /// The end of the phase, in view of what came after it.
    pub(super) fn amended<T>(&self, end: End<T>) -> End<T> {
        match self {
            // What was accepted is never done; whoever waits for it waits for ever.
            Self::Restless(_) => End::Hung,
            Self::Panicked(caught) if !matches!(end, End::Panicked(_)) => End::Panicked(caught.clone()),
            Self::AtRest | Self::Crashed(_) | Self::PowerLost(_) | Self::Panicked(_) => end,
        }
    }

    /// Why it never came to rest, where it did not.
    pub(super) fn told(&self, deadline_ms: u128) -> Option<String> {
        match self {
            Self::AtRest | Self::Crashed(_) | Self::PowerLost(_) => None,
            Self::Panicked(caught) => Some(format!("panic while it was waited for: {}", caught.message)),
            Self::Restless(0) => {
                Some(format!("not at rest after {deadline_ms} ms: its work in the background does not come to an end"))
            }
            Self::Restless(tasks) => Some(format!(
                "not at rest after {deadline_ms} ms: {tasks} spawned with halfway::inherit still there; a task that lives as \
                 long as the application is spawned with halfway::inherit_worker"
            )),
        }
    }
}

/// Runs a phase, at most as long as the deadline; then, at most as long again, what `rest` waits for, and the tasks that
/// the phase spawned and that take part in it. Nothing of it is left running but for tasks that do not.
pub(super) async fn run<T>(
    scene: &Scene<'_>,
    phase: impl Future<Output = T>,
    rest: impl AsyncFnOnce(&End<T>),
) -> Result<PhaseRun<T>> {
    let Scene { probe, watched, .. } = scene;
    watched.begin((*probe).clone());
    scene.seat.begin((*probe).clone());
    let end = scene.watch_over(Kin::Request, phase).await?;
    (scene.over)();
    let later = if end.is_gone() { Later::AtRest } else { scene.background(&end, rest).await? };
    let is_gone = end.is_gone() || later.is_gone();
    if !is_gone {
        // What the phase set going belongs to it, though nobody waits for it: the rollback of a transaction that it dropped,
        // say, which would lock out a retry on another connection. And others may still be at what a phase has left them
        // that was not allowed to come to its end.
        watched.settle();
        scene.seat.end();
    }
    watched.end();
    Ok(PhaseRun { trace: probe.trace(), end, later })
}

impl Scene<'_> {
    /// What follows the end of the phase itself.
    async fn background<T>(&self, end: &End<T>, rest: impl AsyncFnOnce(&End<T>)) -> Result<Later> {
        let stop = if end.is_answered() { self.probe.end_after_the_answer() } else { None };
        match stop {
            None | Some(Stop::Cancelled) => {}
            Some(Stop::Crashed(image)) => return Ok(Later::Crashed(image?)),
            Some(Stop::PowerLost(image)) => return Ok(Later::PowerLost(image?)),
        }
        let work = async {
            rest(end).await;
            self.probe.alone().await;
            let_others_finish(self.probe, self.watched).await;
        };
        Ok(match self.watch_over(Kin::Background, work).await? {
            End::Done(()) | End::Cancelled => Later::AtRest,
            End::Crashed(image) => Later::Crashed(image),
            End::PowerLost(image) => Later::PowerLost(image),
            // The fault itself, in work that only this future does.
            End::Panicked(caught) if caught.injected => Later::AtRest,
            End::Panicked(caught) => Later::Panicked(caught),
            End::Hung => Later::Restless(self.probe.living()),
        })
    }

    /// A panic as it is told. Who waits for a task and unwraps what comes of it panics where the fault panicked there.
    fn blamed(&self, caught: Caught) -> Caught {
        let is_passed_on = caught.message.contains("JoinError::Panic") && self.probe.was_hit_by(Fault::Panic);
        Caught { injected: caught.injected || is_passed_on, ..caught }
    }

    /// Runs something until it is over or stopped, and drops it.
    async fn watch_over<T>(&self, kin: Kin, work: impl Future<Output = T>) -> Result<End<T>> {
        if kin == Kin::Request {
            self.probe.runs_here();
        }
        let part = Part::new(self.probe.clone(), self.seat.clone(), kin);
        let mut work = Box::pin(InTurn::new(Box::pin(taking_part(part, work)), self.probe, self.watched));
        let polled = poll_fn(|context| {
            // What another thread has given up goes no step further.
            if kin == Kin::Request && self.probe.is_given_up() {
                return Poll::Ready(Ok(End::Cancelled));
            }
            let progress = catch(|| work.as_mut().poll(context));
            // What stopped one of several concurrent steps stopped the whole, even if another step brought it to an end.
            match (self.probe.stopped(context.waker()), progress) {
                (Some(Stop::Crashed(image)), _) => Poll::Ready(image.map(End::Crashed)),
                (Some(Stop::PowerLost(image)), _) => Poll::Ready(image.map(End::PowerLost)),
                (Some(Stop::Cancelled), _) if kin == Kin::Request => Poll::Ready(Ok(End::Cancelled)),
                (Some(Stop::Cancelled) | None, Err(caught)) => Poll::Ready(Ok(End::Panicked(self.blamed(caught)))),
                (Some(Stop::Cancelled) | None, Ok(Poll::Ready(value))) => Poll::Ready(Ok(End::Done(value))),
                (Some(Stop::Cancelled) | None, Ok(Poll::Pending)) => Poll::Pending,
            }
        });
        let end = tokio::time::timeout(self.deadline, polled).await.unwrap_or(Ok(End::Hung));
        // Destructors run here. After a crash they touch the world that was left behind, not its image.
        let _ = catch(|| drop(work));
        self.probe.let_go();
        end
    }
}
