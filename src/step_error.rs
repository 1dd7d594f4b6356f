//! The errors that a step can fail with.

use std::error::Error;
use std::fmt::Display;
use std::io;

#[cfg(feature = "harness")]
mod injected;

#[cfg(not(feature = "harness"))]
pub use bare::Injected;
#[cfg(feature = "harness")]
pub use injected::Injected;

/// An error that a step can fail with, and that a fault can therefore inject.
///
/// halfway injects the error that the resource itself would report, the [`Source`](Self::Source). The `From` that your
/// code has for `?` anyway turns it into your error. For an error of your own, add one line to your application's code;
/// without the feature `harness` it costs nothing:
///
/// ```
/// #[derive(Debug)]
/// enum ImportError {
///     Disk(std::io::Error),
///     TooLarge,
/// }
/// # impl std::fmt::Display for ImportError {
/// #     fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { f.write_str("it failed") }
/// # }
///
/// impl From<std::io::Error> for ImportError {
///     fn from(error: std::io::Error) -> Self { Self::Disk(error) }
/// }
///
/// impl halfway::StepError for ImportError { type Source = std::io::Error; }
/// ```
///
/// [`std::io::Error`] and `Box<dyn Error>` need no line. `sqlx::Error` and `anyhow::Error` need none with the features
/// `sqlx-08`, `sqlx-09` and `anyhow`. A source is an [`std::io::Error`], a `sqlx::Error` or a `rusqlite::Error`.
pub trait StepError: Display + From<Self::Source> {
    /// The error of the resource on which the step acts: of the disk, or of the database.
    type Source: Injected;
}

impl StepError for io::Error {
    type Source = Self;
}

/// The step fails as on a disk that fails.
impl StepError for Box<dyn Error> {
    type Source = io::Error;
}

/// The step fails as on a disk that fails.
impl StepError for Box<dyn Error + Send + Sync> {
    type Source = io::Error;
}

#[cfg(feature = "sqlx-09")]
impl StepError for sqlx::Error {
    type Source = Self;
}

#[cfg(feature = "sqlx-08")]
impl StepError for sqlx_08::Error {
    type Source = Self;
}

/// The step fails as on a disk that fails.
#[cfg(feature = "anyhow")]
impl StepError for anyhow::Error {
    type Source = io::Error;
}

#[cfg(not(feature = "harness"))]
mod bare {
    /// An error that a fault can inject. Without the feature `harness` nothing is injected, and any error will do.
    pub trait Injected {}

    impl<E> Injected for E {}
}
