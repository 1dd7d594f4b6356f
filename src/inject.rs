//! Arms faults for one run of one phase, and brings them about; the only user of `fail`.
//!
//! Names are scoped per run (`17/chapter-import/link-segments#1:before`), so that cases run side by side in one process
//! although the registry of `fail` is global. The name without the scope works too: with
//! `FAILPOINTS='chapter-import/link-segments:before=return(error)'` a fault is put in by hand. `fail` accepts a name
//! that nothing ever evaluates without a word, so what happened is taken from a record of our own, never from it.
//!
//! Not done here: choosing faults, and what becomes of the world after them.

mod by_hand;
mod errors;
mod first_poll;
mod names;
mod operations;
mod panics;
mod probe;
mod recording;
mod trace;

pub(crate) use by_hand::arm_from_environment;
pub use errors::StepError;
pub(crate) use operations::Operations;
pub(crate) use panics::{Caught, InjectedPanic, catch};
pub(crate) use probe::{Ends, Keep, Probe, Run, Stop};
pub(crate) use recording::{Entry, Instant, Recording};
pub(crate) use trace::{Record, Touch, Trace};

use first_poll::{FirstPoll, Noticed};

use crate::fault::{Cause, Edge, Fault};
use crate::step::Step;

tokio::task_local! {
    /// What a step asks whether anything is due.
    static PROBE: Probe;
}

/// Runs a future in which steps find the probe.
pub(crate) async fn probed<F: Future>(probe: Probe, future: F) -> F::Output {
    PROBE.scope(probe, future).await
}

/// Lets a spawned task take part in the case of the task that spawns it.
///
/// A step knows its case by a task-local, which a new task does not have: without this the steps of a spawned task are
/// never broken.
///
/// ```no_run
/// # async fn work() {}
/// tokio::spawn(halfway::inherit(work()));
/// ```
pub fn inherit<F: Future>(future: F) -> impl Future<Output = F::Output> {
    let probe = PROBE.try_with(Probe::clone).ok();
    async move {
        match probe {
            Some(probe) => PROBE.scope(probe, future).await,
            None => future.await,
        }
    }
}

/// The effect, with whatever is due at its edges.
pub(crate) async fn around<T, E: StepError>(step: Step, effect: impl Future<Output = Result<T, E>>) -> Result<T, E> {
    let Ok(probe) = PROBE.try_with(Probe::clone) else {
        return by_hand::around(step, effect).await;
    };
    if probe.is_halted() {
        return std::future::pending().await;
    }
    let run = probe.enter(step, E::RESOURCE);
    if let Some(fault) = probe.due(&run, Edge::Before) {
        return Err(strike(&probe, &run, Edge::Before, fault).await);
    }
    if probe.is_down(E::RESOURCE) {
        probe.refuse(&run);
        return Err(E::injected(Cause::Usual));
    }
    let outcome = if probe.is_marked() {
        let notice = || {
            probe.settle();
            probe.mark(Instant::Step { at: run.place(), edge: Edge::During });
        };
        Noticed::of(effect, notice).await
    } else if let Some(fault) = probe.due(&run, Edge::During) {
        FirstPoll::of(effect).await;
        probe.settle();
        return Err(strike(&probe, &run, Edge::During, fault).await);
    } else {
        effect.await
    };
    // A fault of a file operation ended the process, and the effect does not know it.
    if probe.is_halted() {
        return std::future::pending().await;
    }
    probe.leave(&run, outcome.as_ref().err().map(ToString::to_string));
    if let Some(fault) = probe.due(&run, Edge::After) {
        return Err(strike(&probe, &run, Edge::After, fault).await);
    }
    outcome
}

/// Brings a fault about. Returns what the caller of the step is told, if it is ever told anything.
async fn strike<E: StepError>(probe: &Probe, run: &Run, edge: Edge, fault: Fault) -> E {
    probe.hit(run, edge, fault);
    match fault {
        Fault::Error(cause) => E::injected(cause),
        Fault::LostAck => E::injected(Cause::Usual),
        Fault::Outage => {
            probe.take_down(E::RESOURCE);
            E::injected(Cause::Usual)
        }
        Fault::Cancel => probe.stop(Stop::Cancelled).await,
        Fault::Crash => {
            probe.crash();
            std::future::pending().await
        }
        Fault::Panic => std::panic::panic_any(InjectedPanic),
        Fault::DiskError(..) | Fault::FailedSync | Fault::Torn(_) | Fault::PowerLoss(_) => {
            unreachable!("a fault of a file operation does not fit the edge of a step")
        }
    }
}
