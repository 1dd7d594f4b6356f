//! The faults: what can go wrong at a point.
//!
//! A closed list. Each fault says which real event it models and what it leaves out. How a fault is brought about is
//! none of this file's business.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Where at a step: before, during or after its effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Edge {
    /// The effect was not started.
    Before,
    /// The effect was polled once, and what that poll started has come to its end; nobody has seen its result.
    During,
    /// The effect is over; its caller has not been told.
    After,
}

impl Edge {
    /// Every edge, in the order in which a step passes them.
    pub const ALL: [Self; 3] = [Self::Before, Self::During, Self::After];

    /// The edge's name in a schedule.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Before => "before",
            Self::During => "during",
            Self::After => "after",
        }
    }
}

/// What a step acts on, told by the type of its error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Resource {
    /// The database: the step fails with a [`sqlx::Error`].
    Database,
    /// The file system: the step fails with a [`std::io::Error`].
    Disk,
}

impl Resource {
    /// The resource in a sentence.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Database => "database",
            Self::Disk => "disk",
        }
    }
}

/// Why an injected error says that it happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Cause {
    /// The resource's usual failure. Database: the connection was reset ([`sqlx::Error::Io`]). Disk: `EIO`.
    Usual,
    /// The database is busy: SQLite's `SQLITE_BUSY` (5), a failure that a flow may take for one worth trying again.
    Busy,
    /// No space is left. Database: SQLite's `SQLITE_FULL` (13). Disk: `ENOSPC`.
    DiskFull,
    /// The disk refuses: `EACCES`.
    Denied,
}

impl Cause {
    /// Every cause.
    pub const ALL: [Self; 4] = [Self::Usual, Self::Busy, Self::DiskFull, Self::Denied];

    /// The cause's name in a schedule; [`Cause::Usual`] goes without saying.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Usual => "usual",
            Self::Busy => "busy",
            Self::DiskFull => "disk-full",
            Self::Denied => "denied",
        }
    }

    /// Whether the resource can fail for this cause.
    pub const fn applies_to(self, resource: Resource) -> bool {
        match self {
            Self::Usual | Self::DiskFull => true,
            Self::Busy => matches!(resource, Resource::Database),
            Self::Denied => matches!(resource, Resource::Disk),
        }
    }
}

/// What goes wrong at a point.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fault {
    /// The effect does not happen and the step fails. Models a reset connection, a time-out, a busy database, a full or
    /// broken disk. Leaves out what the failure does to the connection: it can be used again at once (an outage is the
    /// contrary).
    Error(Cause),
    /// The effect happened, and the caller of the step is told that it failed. Models a connection that breaks between
    /// the server's work and its answer; at a commit, the ambiguous commit. Leaves out partial effects.
    LostAck,
    /// The step fails as by an error, and so does every later step on the same resource until the attempt ends: cleanup
    /// code meets a dead database or a full disk. Leaves out a resource that comes back in between.
    Outage,
    /// The future of the request is dropped here; destructors run. Models a client that hung up, a deadline, a task
    /// that was aborted. Leaves out tasks that the request spawned: they go on, as they do in production.
    Cancel,
    /// The step panics, and the stack unwinds. Models a bug, an overflow, a poisoned lock. Leaves out a panic while
    /// panicking, which is a crash.
    Panic,
    /// SIGKILL: nothing after this runs, no destructor; open transactions are gone, written bytes stay. Models a kill,
    /// an abort, the kernel's memory killer, a deployment. Leaves out the loss of what was written but not synced: that
    /// is a power loss.
    Crash,
}

impl Fault {
    /// The fault's class, as the options and the matrix name it.
    pub const fn class(self) -> FaultClass {
        match self {
            Self::Error(_) => FaultClass::Error,
            Self::LostAck => FaultClass::LostAck,
            Self::Outage => FaultClass::Outage,
            Self::Cancel => FaultClass::Cancel,
            Self::Panic => FaultClass::Panic,
            Self::Crash => FaultClass::Crash,
        }
    }

    /// Whether the fault can happen at this edge.
    pub const fn fits(self, edge: Edge) -> bool {
        match self {
            Self::Error(_) | Self::Outage => matches!(edge, Edge::Before),
            Self::LostAck => matches!(edge, Edge::After),
            Self::Cancel | Self::Crash => true,
            Self::Panic => matches!(edge, Edge::Before | Edge::After),
        }
    }

    /// Whether the code that was hit goes on: it sees an error, and may clean up.
    pub const fn is_seen_by_the_flow(self) -> bool {
        matches!(self, Self::Error(_) | Self::LostAck | Self::Outage)
    }
}

/// The class of a fault: the matrix has a column for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FaultClass {
    /// See [`Fault::Error`].
    Error,
    /// See [`Fault::LostAck`].
    LostAck,
    /// See [`Fault::Outage`].
    Outage,
    /// See [`Fault::Cancel`].
    Cancel,
    /// See [`Fault::Panic`].
    Panic,
    /// See [`Fault::Crash`].
    Crash,
}

impl FaultClass {
    /// Every class, in the order of the reports.
    pub const ALL: [Self; 6] = [Self::Error, Self::LostAck, Self::Outage, Self::Cancel, Self::Panic, Self::Crash];

    /// The class's name in options and reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::LostAck => "lost-ack",
            Self::Outage => "outage",
            Self::Cancel => "cancel",
            Self::Panic => "panic",
            Self::Crash => "crash",
        }
    }
}

/// A name that is not one of those that are known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownName {
    what: &'static str,
    name: String,
    known: Vec<String>,
}

impl UnknownName {
    /// `name` is no `what`; these are.
    pub fn new(what: &'static str, name: &str, known: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self { what, name: name.to_owned(), known: known.into_iter().map(Into::into).collect() }
    }

    /// The known name that the reader most likely meant, if one is near enough.
    pub fn suggestion(&self) -> Option<&str> {
        self.known
            .iter()
            .map(|known| (strsim::jaro_winkler(&self.name, known), known))
            .filter(|(likeness, _)| *likeness > 0.75)
            .max_by(|(a, _), (b, _)| a.total_cmp(b))
            .map(|(_, known)| known.as_str())
    }

    /// The name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What is wrong.
    pub fn problem(&self) -> String {
        format!("unknown {} \"{}\"", self.what, self.name)
    }

    /// What would be right.
    pub fn remedy(&self) -> String {
        match self.suggestion() {
            Some(known) => format!("did you mean \"{known}\"?"),
            None => format!("known: {}", self.known.join(", ")),
        }
    }
}

impl fmt::Display for UnknownName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}; {}", self.problem(), self.remedy())
    }
}

impl std::error::Error for UnknownName {}

impl fmt::Display for Edge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl fmt::Display for FaultClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Error(cause) if *cause != Cause::Usual => write!(f, "error:{}", cause.name()),
            other => f.write_str(other.class().name()),
        }
    }
}

impl FromStr for Edge {
    type Err = UnknownName;

    fn from_str(name: &str) -> Result<Self, UnknownName> {
        let known = Self::ALL.into_iter().find(|edge| edge.name() == name);
        known.ok_or_else(|| UnknownName::new("edge", name, Self::ALL.map(Self::name)))
    }
}

impl FromStr for FaultClass {
    type Err = UnknownName;

    fn from_str(name: &str) -> Result<Self, UnknownName> {
        let known = Self::ALL.into_iter().find(|class| class.name() == name);
        known.ok_or_else(|| UnknownName::new("fault", name, Self::ALL.map(Self::name)))
    }
}

impl FromStr for Fault {
    type Err = UnknownName;

    fn from_str(text: &str) -> Result<Self, UnknownName> {
        if let Some(cause) = text.strip_prefix("error:") {
            let known = Cause::ALL.into_iter().find(|known| known.name() == cause);
            let unknown = || UnknownName::new("cause of an error", cause, Cause::ALL.map(Cause::name));
            return known.map(Self::Error).ok_or_else(unknown);
        }
        Ok(match text.parse()? {
            FaultClass::Error => Self::Error(Cause::Usual),
            FaultClass::LostAck => Self::LostAck,
            FaultClass::Outage => Self::Outage,
            FaultClass::Cancel => Self::Cancel,
            FaultClass::Panic => Self::Panic,
            FaultClass::Crash => Self::Crash,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_reads_back_as_it_prints() {
        let faults = [
            Fault::Error(Cause::Usual),
            Fault::Error(Cause::Busy),
            Fault::Error(Cause::DiskFull),
            Fault::Error(Cause::Denied),
            Fault::LostAck,
            Fault::Outage,
            Fault::Cancel,
            Fault::Panic,
            Fault::Crash,
        ];
        for fault in faults {
            assert_eq!(fault.to_string().parse(), Ok(fault));
        }
    }

    #[test]
    fn an_unknown_name_says_what_was_meant() {
        let message = |text: &str| text.parse::<Fault>().expect_err("not a fault").to_string();
        assert_eq!(message("chrash"), "unknown fault \"chrash\"; did you mean \"crash\"?");
        assert_eq!(message("error:bussy"), "unknown cause of an error \"bussy\"; did you mean \"busy\"?");
        assert_eq!(message("meteor"), "unknown fault \"meteor\"; known: error, lost-ack, outage, cancel, panic, crash");
    }
}
