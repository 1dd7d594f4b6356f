//! Arms a schedule for one world; the only user of `fail`.

use crate::fault::{Cause, Resource};
use crate::step::Step;

/// An error that a step can fail with, and that the harness can therefore inject.
pub trait StepError: Sized {
    /// What the step acts on.
    const RESOURCE: Resource;

    /// The error as the resource itself would report it.
    fn injected(cause: Cause) -> Self;
}

pub(crate) async fn around<T, E: StepError>(_step: Step, effect: impl Future<Output = Result<T, E>>) -> Result<T, E> {
    effect.await
}

impl StepError for std::io::Error {
    const RESOURCE: Resource = Resource::Disk;
    fn injected(_cause: Cause) -> Self {
        std::io::Error::from_raw_os_error(5)
    }
}

impl StepError for sqlx::Error {
    const RESOURCE: Resource = Resource::Database;
    fn injected(_cause: Cause) -> Self {
        sqlx::Error::Io(std::io::ErrorKind::ConnectionReset.into())
    }
}
