//! Arms faults for one run of one phase, and brings them about; the only user of `fail`.
//!
//! Names are scoped per run (`17/chapter-import/link-segments#1:before`), so that cases run side by side in one process
//! although the registry of `fail` is global. The name without the scope works too: with
//! `FAILPOINTS='chapter-import/link-segments:before=return(error)'` a fault is put in by hand. `fail` accepts a name
//! that nothing ever evaluates without a word, so what happened is taken from a record of our own, never from it.
//!
//! Not done here: choosing faults, and what becomes of the world after them.

mod by_hand;
mod consequence;
mod first_poll;
mod named_statement;
mod names;
mod operations;
mod panics;
mod part;
mod probe;
mod recording;
mod statements;
mod stray;
mod trace;

pub(crate) use by_hand::arm_from_environment;
pub(crate) use operations::Operations;
pub(crate) use panics::{Caught, InjectedPanic, catch};
pub(crate) use part::{Kin, Part, Seat, SeatTaken, taking_part};
pub use part::{inherit, inherit_blocking, inherit_worker};
pub(crate) use probe::{Ends, Keep, Probe, Run, Stop};
pub(crate) use recording::{Instant, Recorded, Recording};
pub(crate) use statements::Statements;
pub(crate) use stray::{Marked, Running, stray};
pub(crate) use trace::{OperationTrace, Seen, StepTrace, Trace};

use consequence::Consequence;
use first_poll::{FirstPoll, Noticed};
use std::future::pending;

use crate::fault::{Cause, Edge, Fault};
use crate::step::Step;
use crate::step_error::{Injected as _, StepError};

/// The effect, with whatever is due at its edges.
pub(crate) async fn around<T, E: StepError>(step: Step, effect: impl Future<Output = Result<T, E>>) -> Result<T, E> {
    let Some(part) = Part::of_this_task() else {
        stray::note(step);
        return by_hand::around(step, effect).await;
    };
    // A worker of the application, while nothing is asked of it.
    let Some(probe) = part.probe() else { return effect.await };
    let kin = part.kin();
    if probe.is_halted(kin) {
        return never(kin).await;
    }
    let run = probe.enter(step, E::Source::RESOURCE);
    let mut is_hit = false;
    if let Some(fault) = probe.due(&run, Edge::Before) {
        match strike(&probe, &run, kin, Edge::Before, fault).await {
            Struck::Fails(error) => return Err(error),
            Struck::GoesOn => is_hit = true,
        }
    }
    if probe.is_down(E::Source::RESOURCE) {
        probe.refuse(&run);
        return Err(E::Source::injected(Cause::Usual).into());
    }
    let outcome = if probe.is_marked() {
        let mark = || probe.mark(Instant::Step { at: run.place(), edge: Edge::During });
        Noticed::of(effect, probe.since_now(), mark).await
    } else {
        match (probe.due(&run, Edge::During), kin) {
            (None, _) => effect.await,
            // Who is not the request itself goes on when it is given up.
            (Some(Fault::Cancel), Kin::Background | Kin::Thread) => {
                is_hit = true;
                let give_up = || {
                    probe.hit(&run, Edge::During, Fault::Cancel);
                    probe.reopen(&run);
                    probe.cancel();
                };
                Noticed::of(effect, probe.since_now(), give_up).await
            }
            (Some(fault), _) => {
                FirstPoll::of(effect, probe.since_now()).await;
                probe.settle();
                match strike(&probe, &run, kin, Edge::During, fault).await {
                    Struck::Fails(error) => return Err(error),
                    Struck::GoesOn => unreachable!("only a cancel in the background is gone on from"),
                }
            }
        }
    };
    // A fault of a file operation ended the process, and the effect does not know it.
    if probe.is_halted(kin) {
        return never(kin).await;
    }
    if !is_hit {
        probe.leave(&run, outcome.as_ref().err().map(ToString::to_string));
    }
    if let Some(fault) = probe.due(&run, Edge::After) {
        match strike(&probe, &run, kin, Edge::After, fault).await {
            Struck::Fails(error) => return Err(error),
            Struck::GoesOn => {}
        }
    }
    outcome
}

/// Does not come back. A task is left where it is, and goes with its runtime; a thread would be there for ever, so it unwinds.
/// What its destructors do, they do in a world that nobody looks at.
async fn never<T>(kin: Kin) -> T {
    match kin {
        Kin::Request | Kin::Background => pending().await,
        // No hook hears of it.
        Kin::Thread => std::panic::resume_unwind(Box::new(InjectedPanic)),
    }
}

/// What becomes of a step at which a fault hits.
enum Struck<E> {
    /// Its caller is told so.
    Fails(E),
    /// The fault was another's: the step goes on.
    GoesOn,
}

/// Brings a fault about. Returns what the caller of the step is told, if it is ever told anything.
async fn strike<E: StepError>(probe: &Probe, run: &Run, kin: Kin, edge: Edge, fault: Fault) -> Struck<E> {
    probe.hit(run, edge, fault);
    match Consequence::of(fault) {
        Consequence::Fails(error) => Struck::Fails(error),
        Consequence::FailsFromNowOn(error) => {
            probe.take_down(E::Source::RESOURCE);
            Struck::Fails(error)
        }
        Consequence::GivenUp => {
            probe.cancel();
            match kin {
                Kin::Request => pending().await,
                Kin::Background | Kin::Thread => {
                    probe.reopen(run);
                    Struck::GoesOn
                }
            }
        }
        Consequence::Dies => {
            probe.crash();
            never(kin).await
        }
        Consequence::Panics => std::panic::panic_any(InjectedPanic),
    }
}
