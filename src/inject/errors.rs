//! The errors that faults inject: the real types, as the resource itself would report them.

use std::borrow::Cow;
use std::error::Error;
use std::fmt;
use std::io;

use sqlx::error::{DatabaseError, ErrorKind};

use crate::fault::{Cause, Resource};

/// An error that a step can fail with, and that a fault can therefore inject.
///
/// Implemented for [`sqlx::Error`] and [`std::io::Error`]. An application whose steps fail with an error of its own
/// implements it where its tests are built.
pub trait StepError: fmt::Display + Sized {
    /// What a step with this error acts on.
    const RESOURCE: Resource;

    /// The error that the resource reports for this cause. Asked only for causes that apply to [`Self::RESOURCE`].
    fn injected(cause: Cause) -> Self;
}

impl StepError for io::Error {
    const RESOURCE: Resource = Resource::Disk;

    fn injected(cause: Cause) -> Self {
        Self::from_raw_os_error(match cause {
            Cause::Usual | Cause::Busy => errno::EIO,
            Cause::DiskFull => errno::ENOSPC,
            Cause::Denied => errno::EACCES,
        })
    }
}

/// Linux's numbers, so that an injected error has the kind and the text of a real one.
mod errno {
    pub(super) const EIO: i32 = 5;
    pub(super) const EACCES: i32 = 13;
    pub(super) const ENOSPC: i32 = 28;
}

impl StepError for sqlx::Error {
    const RESOURCE: Resource = Resource::Database;

    fn injected(cause: Cause) -> Self {
        let refusal = match cause {
            Cause::Usual | Cause::Denied => {
                let reset = io::Error::new(io::ErrorKind::ConnectionReset, "connection reset by peer");
                return Self::Io(reset);
            }
            Cause::Busy => Refusal { code: "5", message: "database is locked" },
            Cause::DiskFull => Refusal { code: "13", message: "database or disk is full" },
        };
        Self::Database(Box::new(refusal))
    }
}

/// What the database says when it refuses: a code and a message, as SQLite's are.
///
/// `sqlx`'s own `SqliteError` cannot be made from outside; code that asks for [`DatabaseError::code`] cannot tell the
/// difference, code that downcasts can.
#[derive(Debug)]
struct Refusal {
    code: &'static str,
    message: &'static str,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "(code: {}) {}", self.code, self.message)
    }
}

impl Error for Refusal {}

impl DatabaseError for Refusal {
    fn message(&self) -> &str {
        self.message
    }

    fn code(&self) -> Option<Cow<'_, str>> {
        Some(self.code.into())
    }

    fn as_error(&self) -> &(dyn Error + Send + Sync + 'static) {
        self
    }

    fn as_error_mut(&mut self) -> &mut (dyn Error + Send + Sync + 'static) {
        self
    }

    fn into_error(self: Box<Self>) -> Box<dyn Error + Send + Sync + 'static> {
        self
    }

    fn kind(&self) -> ErrorKind {
        ErrorKind::Other
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flow_can_tell_the_injected_database_errors_apart() {
        assert!(matches!(sqlx::Error::injected(Cause::Usual), sqlx::Error::Io(error)
            if error.kind() == io::ErrorKind::ConnectionReset));
        for (cause, code) in [(Cause::Busy, "5"), (Cause::DiskFull, "13")] {
            let error = sqlx::Error::injected(cause);
            let error = error.as_database_error().expect("the database refuses");
            assert_eq!(error.code().as_deref(), Some(code));
        }
    }

    #[test]
    fn a_flow_can_tell_the_injected_disk_errors_apart() {
        for (cause, kind) in
            [(Cause::DiskFull, io::ErrorKind::StorageFull), (Cause::Denied, io::ErrorKind::PermissionDenied)]
        {
            assert_eq!(io::Error::injected(cause).kind(), kind);
        }
        assert_eq!(io::Error::injected(Cause::Usual).raw_os_error(), Some(errno::EIO));
    }
}
