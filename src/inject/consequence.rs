//! What a fault does to the step at which it hits: the one place that turns a fault into an effect.
//!
//! In a case and in a process of its own the same fault has the same consequence. How each brings it about differs: a crash
//! ends a case, or the process itself.

use crate::fault::{Cause, Fault};
use crate::step_error::{Injected, StepError};

/// What becomes of a step.
pub(super) enum Consequence<E> {
    /// Its caller is told so.
    Fails(E),
    /// The same, and whatever uses its resource fails from now on.
    FailsFromNowOn(E),
    /// Its request is given up.
    GivenUp,
    /// It panics.
    Panics,
    /// Its process dies.
    Dies,
}

impl<E: StepError> Consequence<E> {
    /// Of a fault at the edge of a step.
    pub(super) fn of(fault: Fault) -> Self {
        let error = |cause: Cause| E::from(E::Source::injected(cause));
        match fault {
            Fault::Error(cause) => Self::Fails(error(cause)),
            Fault::LostAck => Self::Fails(error(Cause::Usual)),
            Fault::Outage => Self::FailsFromNowOn(error(Cause::Usual)),
            Fault::Cancel => Self::GivenUp,
            Fault::Panic => Self::Panics,
            Fault::Crash => Self::Dies,
            Fault::DiskError(..) | Fault::FailedSync | Fault::Torn(_) | Fault::PowerLoss(_) => {
                unreachable!("a fault of a file operation does not fit the edge of a step")
            }
        }
    }
}
