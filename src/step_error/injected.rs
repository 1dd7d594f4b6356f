//! The errors that faults inject: the real types, as the resource itself would report them.

#[cfg(any(feature = "sqlx-08", feature = "sqlx-09"))]
mod sqlx;

use std::io;

use crate::fault::{Cause, Resource};

/// An error that a fault can inject: the error that a resource itself reports.
///
/// Implemented for [`std::io::Error`], `rusqlite::Error` and, with the features `sqlx-08` and `sqlx-09`, `sqlx::Error`.
/// Implement it for an error that your application makes of another error. If your error has a `From` of one of
/// them, [`StepError`](crate::StepError) is enough.
pub trait Injected: Sized {
    /// The resource on which a step with this error acts.
    const RESOURCE: Resource;

    /// The error that the resource reports for this cause. halfway asks only for causes that apply to
    /// [`Self::RESOURCE`].
    fn injected(cause: Cause) -> Self;
}

impl Injected for io::Error {
    const RESOURCE: Resource = Resource::Disk;

    fn injected(cause: Cause) -> Self {
        Self::from_raw_os_error(match cause {
            Cause::Usual | Cause::Busy => errno::EIO,
            Cause::DiskFull => errno::ENOSPC,
            Cause::Denied => errno::EACCES,
        })
    }
}

impl Injected for rusqlite::Error {
    const RESOURCE: Resource = Resource::Database;

    fn injected(cause: Cause) -> Self {
        let (code, message) = match cause {
            Cause::Usual | Cause::Denied => (rusqlite::ffi::SQLITE_IOERR, "disk I/O error"),
            Cause::Busy => (rusqlite::ffi::SQLITE_BUSY, "database is locked"),
            Cause::DiskFull => (rusqlite::ffi::SQLITE_FULL, "database or disk is full"),
        };
        Self::SqliteFailure(rusqlite::ffi::Error::new(code), Some(message.to_owned()))
    }
}

/// Linux's numbers, so that an injected error has the kind and the text of a real one.
mod errno {
    pub(super) const EIO: i32 = 5;
    pub(super) const EACCES: i32 = 13;
    pub(super) const ENOSPC: i32 = 28;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flow_can_tell_the_injected_errors_of_rusqlite_apart() {
        use rusqlite::ErrorCode;
        let causes = [
            (Cause::Usual, ErrorCode::SystemIoFailure),
            (Cause::Busy, ErrorCode::DatabaseBusy),
            (Cause::DiskFull, ErrorCode::DiskFull),
        ];
        for (cause, code) in causes {
            assert_eq!(rusqlite::Error::injected(cause).sqlite_error_code(), Some(code));
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
