//! The faults: what can go wrong at a point.
//!
//! A closed list. Each fault says which real event it models, and what it leaves out. This file does not know how a
//! fault is brought about.

mod names;
mod operation;

use serde::{Deserialize, Serialize};

pub use names::UnknownName;
pub use operation::{Call, Errno, FEW, Fate, Fates, Lasting, Survivors, Tear};

/// The place at a step: before, during or after its effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Edge {
    /// The effect was not started.
    Before,
    /// The effect was polled once, and the work that this poll started has come to its end; its caller has not seen the
    /// result.
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

/// The thing on which a step acts. The type of the step's error decides it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Resource {
    /// The database: the step fails with a [`sqlx::Error`].
    Database,
    /// The file system: the step fails with a [`std::io::Error`].
    Disk,
    /// A statement of SQLite that has no name in the code; halfway hears it from the engine.
    Statement,
}

impl Resource {
    /// The resource in a sentence.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Database => "database",
            Self::Disk => "disk",
            Self::Statement => "statement",
        }
    }
}

/// The reason that an injected error gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Cause {
    /// The resource's usual failure. Database: the connection was reset ([`sqlx::Error::Io`]). Disk: `EIO`.
    Usual,
    /// The database is busy: SQLite's `SQLITE_BUSY` (5). A flow may try again after this failure.
    Busy,
    /// No space is left. Database: SQLite's `SQLITE_FULL` (13). Disk: `ENOSPC`.
    DiskFull,
    /// The disk refuses: `EACCES`.
    Denied,
}

impl Cause {
    /// Every cause.
    pub const ALL: [Self; 4] = [Self::Usual, Self::Busy, Self::DiskFull, Self::Denied];

    /// The cause's name in a schedule. A schedule does not write [`Cause::Usual`].
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
            Self::Usual => true,
            Self::DiskFull => !matches!(resource, Resource::Statement),
            Self::Busy => matches!(resource, Resource::Database),
            Self::Denied => matches!(resource, Resource::Disk),
        }
    }
}

/// A thing that goes wrong at a point.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Fault {
    /// The effect does not happen and the step fails. Models a reset connection, a time-out, a busy database, a full or
    /// broken disk. Leaves out the harm to the connection: it can be used again at once (in an outage it cannot).
    Error(Cause),
    /// The effect happens, but the caller of the step is told that it failed. Models a connection that breaks between
    /// the server's work and its answer; at a commit, the ambiguous commit. Leaves out partial effects.
    LostAck,
    /// The step fails as with an error, and so does every later step on the same resource until the attempt ends. So
    /// cleanup code meets a dead database or a full disk. Leaves out a resource that comes back in between.
    Outage,
    /// The future of the request is dropped here; destructors run. Models a client that hung up, a deadline, a task
    /// that was aborted. Leaves out tasks that the request spawned: they go on, as they do in production.
    Cancel,
    /// The step panics, and the stack unwinds. Models a bug, an overflow, a poisoned lock. Leaves out a panic while
    /// panicking, which is a crash.
    Panic,
    /// SIGKILL: nothing after this runs, no destructor; open transactions are gone, written bytes stay. Models a kill,
    /// an abort, the kernel's memory killer, a deployment. Leaves out the loss of bytes that were written but not
    /// synced: that is a power loss.
    Crash,
    /// A file operation does not happen, and gives this error; also an operation inside the database engine. Models a
    /// full, broken, read-only or forbidden disk. Leaves out errors of reads.
    DiskError(Errno, Lasting),
    /// `fsync` fails with `EIO`, and the changes that it did not write count as written from then on: a later `fsync`
    /// of the same file succeeds without them. After the attempt the power fails, and exactly those changes are gone.
    /// Models Linux, where the pages of a failed write-back are marked clean. Leaves out file systems that keep them.
    FailedSync,
    /// A write is carried out in part. Models a disk that fills up, a signal, a kill in the middle of a large write.
    /// Leaves out every other length than half.
    Torn(Tear),
    /// A crash of the machine: as a crash, and changes that were not synced may be gone. Models a power cut, a crash of
    /// the kernel, a disk that is pulled out. The head of the module `durability` says what it leaves out.
    PowerLoss(Survivors),
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
            Self::DiskError(..) | Self::FailedSync => FaultClass::DiskError,
            Self::Torn(_) => FaultClass::Torn,
            Self::PowerLoss(_) => FaultClass::PowerLoss,
        }
    }

    /// Whether the fault can happen at this edge of a step.
    pub const fn fits(self, edge: Edge) -> bool {
        match self {
            Self::Error(_) | Self::Outage => matches!(edge, Edge::Before),
            Self::LostAck => matches!(edge, Edge::After),
            Self::Cancel | Self::Crash => true,
            Self::Panic => matches!(edge, Edge::Before | Edge::After),
            Self::DiskError(..) | Self::FailedSync | Self::Torn(_) | Self::PowerLoss(_) => false,
        }
    }

    /// Whether the fault can happen at this edge of a statement of the database engine that no step names.
    pub const fn fits_statement(self, edge: Edge) -> bool {
        match self {
            Self::Error(_) => matches!(edge, Edge::Before),
            Self::Cancel => matches!(edge, Edge::After),
            Self::Crash => matches!(edge, Edge::Before | Edge::After),
            Self::LostAck
            | Self::Outage
            | Self::Panic
            | Self::DiskError(..)
            | Self::FailedSync
            | Self::Torn(_)
            | Self::PowerLoss(_) => false,
        }
    }

    /// Whether the fault can happen at this edge of this file operation.
    pub const fn fits_operation(self, call: Call, edge: Edge) -> bool {
        match self {
            Self::DiskError(errno, _) => matches!(edge, Edge::Before) && errno.can_come_from(call),
            Self::FailedSync => matches!((call, edge), (Call::Sync, Edge::Before)),
            Self::Torn(_) => matches!((call, edge), (Call::Write, Edge::During)),
            Self::Crash | Self::PowerLoss(_) => matches!(edge, Edge::Before | Edge::After),
            Self::Error(_) | Self::LostAck | Self::Outage | Self::Cancel | Self::Panic => false,
        }
    }

    /// Whether the code goes on after the fault: it sees an error, and may clean up.
    pub const fn is_seen_by_the_flow(self) -> bool {
        match self {
            Self::Error(_) | Self::LostAck | Self::Outage | Self::DiskError(..) => true,
            Self::Torn(tear) => !matches!(tear, Tear::Crash),
            Self::Cancel | Self::Panic | Self::Crash | Self::FailedSync | Self::PowerLoss(_) => false,
        }
    }

    /// Whether halfway needs a record of all changes to bring the fault about.
    pub const fn needs_a_record(self) -> bool {
        matches!(self, Self::FailedSync | Self::PowerLoss(_))
    }
}

/// The class of a fault: the matrix has a column for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
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
    /// See [`Fault::DiskError`] and [`Fault::FailedSync`].
    DiskError,
    /// See [`Fault::Torn`].
    Torn,
    /// See [`Fault::PowerLoss`].
    PowerLoss,
}

impl FaultClass {
    /// Every class, in the order of the reports.
    pub const ALL: [Self; 9] = [
        Self::Error,
        Self::LostAck,
        Self::Outage,
        Self::Cancel,
        Self::Panic,
        Self::Crash,
        Self::DiskError,
        Self::Torn,
        Self::PowerLoss,
    ];

    /// The classes of faults that happen at steps.
    pub const OF_STEPS: [Self; 6] = [Self::Error, Self::LostAck, Self::Outage, Self::Cancel, Self::Panic, Self::Crash];

    /// Whether faults of this class happen at file operations and nowhere else. If one of these classes is tried,
    /// halfway tries crashes at every file operation, too.
    pub const fn is_of_operations(self) -> bool {
        matches!(self, Self::DiskError | Self::Torn | Self::PowerLoss)
    }

    /// The class's name in options and reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::LostAck => "lost-ack",
            Self::Outage => "outage",
            Self::Cancel => "cancel",
            Self::Panic => "panic",
            Self::Crash => "crash",
            Self::DiskError => "disk-error",
            Self::Torn => "torn",
            Self::PowerLoss => "power-loss",
        }
    }
}
