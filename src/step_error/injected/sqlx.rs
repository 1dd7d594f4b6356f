//! What sqlx reports: the same in each version, which is another crate.

macro_rules! reports {
    ($sqlx:ident) => {
        use std::borrow::Cow;
        use std::error::Error;
        use std::fmt;
        use std::io;

        use $sqlx::error::{DatabaseError, ErrorKind};

        use crate::fault::{Cause, Resource};
        use crate::step_error::Injected;

        impl Injected for $sqlx::Error {
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
        /// sqlx's own `SqliteError` cannot be made from outside; code that asks for [`DatabaseError::code`] cannot tell the
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
                assert!(matches!($sqlx::Error::injected(Cause::Usual), $sqlx::Error::Io(error)
                    if error.kind() == io::ErrorKind::ConnectionReset));
                for (cause, code) in [(Cause::Busy, "5"), (Cause::DiskFull, "13")] {
                    let error = $sqlx::Error::injected(cause);
                    let error = error.as_database_error().expect("the database refuses");
                    assert_eq!(error.code().as_deref(), Some(code));
                }
            }
        }
    };
}

#[cfg(feature = "sqlx-08")]
mod version_08 {
    reports!(sqlx_08);
}

#[cfg(feature = "sqlx-09")]
mod version_09 {
    reports!(sqlx);
}
