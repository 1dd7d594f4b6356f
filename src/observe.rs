//! What was seen: all rows and files of a world at one moment, its schema, and the answer that the caller got.
//!
//! Plain data. How it was read from a database or a directory is the business of `world`; what it means is
//! the business of [`crate::judge`]. Not seen: file times, permissions, owners, anything outside the world.

mod entry;
pub(crate) mod instant;
mod links;
mod schema;
mod sql;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

pub use entry::{Entry, Special};
pub use schema::{ObjectKind, Schema, SchemaObject};
#[cfg(feature = "harness")]
pub(crate) use sql::form as words_of_sql;

/// Everything that was there at one moment.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Observation {
    /// All tables of the database, by name, the engine's own left out.
    pub tables: BTreeMap<String, Table>,
    /// What the database is made of, beside its rows.
    pub schema: Arc<Schema>,
    /// What stands in the world's directory, and all directories with nothing in them, by path relative to it, with `/`.
    /// A name that is no text has `\\x` and two digits for each byte that is none. What stands where the directory itself
    /// should be is at `.`.
    pub files: BTreeMap<String, Entry>,
    /// The folders that are there whatever an application does, and that it removed all the same.
    pub missing: BTreeSet<Folder>,
    /// The last answer that the caller got; `None` when nobody got one (a crash, a client that hung up).
    pub answer: Option<Answer>,
    /// Why the database cannot be read, where it is damaged; no table is known then.
    pub damage: Option<String>,
}

/// A folder that each world begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Folder {
    /// The world's directory, for the application's files.
    Files,
    /// The one that holds the database.
    Database,
}

impl Folder {
    /// The folder, in words.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Files => "the world's directory",
            Self::Database => "the folder of the database",
        }
    }
}

/// One table: its columns and all of its rows, in the order in which the database keeps them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Table {
    /// The names of the columns.
    pub columns: Vec<String>,
    /// The rows; each has one value per column.
    pub rows: Vec<Vec<Value>>,
}

impl Table {
    /// The position of a column, if the table has it.
    pub fn column(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column == name)
    }
}

/// A value in a row.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// No value.
    Null,
    /// A whole number.
    Integer(i64),
    /// A floating-point number.
    Real(f64),
    /// Text.
    Text(Arc<str>),
    /// Bytes.
    Blob(Arc<[u8]>),
}

impl Value {
    /// The text, if it is text.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// A number, whole or not.
    pub fn as_number(&self) -> Option<f64> {
        match self {
            #[expect(clippy::cast_precision_loss, reason = "positions and counts, far below 2^53")]
            Self::Integer(number) => Some(*number as f64),
            Self::Real(number) => Some(*number),
            _ => None,
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.into())
    }
}

impl From<&&str> for Value {
    fn from(text: &&str) -> Self {
        Self::from(*text)
    }
}

impl From<i32> for Value {
    fn from(number: i32) -> Self {
        Self::Integer(number.into())
    }
}

impl From<bool> for Value {
    /// As SQLite keeps it.
    fn from(is_true: bool) -> Self {
        Self::Integer(is_true.into())
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Integer(number)
    }
}

impl From<f64> for Value {
    fn from(number: f64) -> Self {
        Self::Real(number)
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Integer(number) => write!(f, "{number}"),
            Self::Real(number) => write!(f, "{number}"),
            Self::Text(text) => write!(f, "{text:?}"),
            Self::Blob(bytes) => write!(f, "{} bytes", bytes.len()),
        }
    }
}

/// What the caller was told.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "value", rename_all = "kebab-case")]
pub enum Answer {
    /// The import says that it succeeded, and answers this.
    Success(serde_json::Value),
    /// The import says that it failed, and why: the error and its sources, joined by `: `.
    Failure(String),
    /// The import panicked, with this message; a server turns that into an error for the caller.
    Panicked {
        /// The message of the panic.
        message: String,
        /// Whether it was the fault itself, and not the flow's own doing.
        injected: bool,
    },
    /// The import did not answer before the deadline, in milliseconds.
    Hung {
        /// The deadline.
        deadline_ms: u64,
    },
    /// The application could not be started, so that nobody could be asked: why.
    NotBooted(String),
}

impl Answer {
    /// Whether the caller takes the import for done.
    pub const fn is_success(&self) -> bool {
        matches!(self, Self::Success(_))
    }
}

/// When an observation was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Moment {
    /// After an attempt, before anything else happened.
    AtRest,
    /// After the application was started again.
    AfterRecovery,
    /// After the last retry, which no fault disturbed.
    AfterRetry,
    /// After a success, once the application was started once more and nobody asked it for anything: what was
    /// acknowledged stays.
    AfterRestart,
}

impl Moment {
    /// The moment's name in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::AtRest => "at-rest",
            Self::AfterRecovery => "after-recovery",
            Self::AfterRetry => "after-retry",
            Self::AfterRestart => "after-restart",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_called_the_same_in_reports_and_in_json() {
        for moment in [Moment::AtRest, Moment::AfterRecovery, Moment::AfterRetry, Moment::AfterRestart] {
            assert_eq!(serde_json::json!(moment), moment.name());
        }
    }
}
