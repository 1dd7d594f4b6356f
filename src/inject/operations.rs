//! Hears of the file operations of one world, and brings about what is due at them.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::probe::Probe;
use super::recording::Recording;
use super::statements::Statements;
use crate::disk::{Decision, FileChange, FileId, LinkTarget, Node, Operation, Statement, Watcher};
use crate::durability;
use crate::fault::{Call, Edge, Errno, Fault, Lasting, Tear};
use crate::story::OperationOutcome;

/// The operations of one world, over all phases that one process goes through.
pub(crate) struct Operations {
    statements: Statements,
    recording: Option<Arc<Recording>>,
    ongoing: Mutex<Ongoing>,
    /// Whether this process has synced the names in the database's folder, and none has changed since.
    is_folder_synced: AtomicBool,
}

/// What is known of the phase that is running.
#[derive(Default)]
struct Ongoing {
    probe: Option<Probe>,
    /// The operation that is being carried out, by its place in the trace, and how it is torn.
    current: Option<(usize, Option<Tear>)>,
    /// The error that everything gives from here on.
    lasting: Option<Errno>,
    /// The files whose next write finds the disk full.
    torn: BTreeSet<FileId>,
}

impl Operations {
    /// Hears, and records the changes where that is asked for.
    pub(crate) fn new(statements: Statements, recording: Option<Arc<Recording>>) -> Self {
        Self { statements, recording, ongoing: Mutex::default(), is_folder_synced: AtomicBool::new(false) }
    }

    /// What was changed so far, where it is recorded.
    pub(crate) const fn recording(&self) -> Option<&Arc<Recording>> {
        self.recording.as_ref()
    }

    /// From now on operations belong to this run of a phase.
    pub(crate) fn begin(&self, probe: Probe) {
        *self.ongoing() = Ongoing { probe: Some(probe), ..Ongoing::default() };
    }

    /// From now on operations belong to no phase: they are recorded, and nothing is due at them.
    pub(crate) fn end(&self) {
        *self.ongoing() = Ongoing::default();
    }

    fn ongoing(&self) -> MutexGuard<'_, Ongoing> {
        self.ongoing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether this is what one more connection to a database does, though another one of this process has done it: it opens
    /// files that are open, and with its first commit it syncs names that are synced. That changes nothing, and when it is
    /// done is up to a pool: a connection that is given back in time is taken instead. Two runs do not differ by it.
    fn is_of_another_connection(&self, operation: &Operation<'_>) -> bool {
        if operation.path == DATABASE {
            return self.is_folder_synced.load(Ordering::SeqCst);
        }
        let is_unchanged =
            matches!(operation.change, FileChange::Open { created: false, emptied: false, again: true, .. });
        is_unchanged && is_of_the_database(operation.path)
    }

    /// Notes whether the names in the database's folder are synced.
    fn note_names(&self, operation: &Operation<'_>) {
        let changes_names = match operation.change {
            FileChange::Sync { .. } if operation.path == DATABASE => {
                return self.is_folder_synced.store(true, Ordering::SeqCst);
            }
            FileChange::Open { created, .. } => created,
            FileChange::Write { .. } | FileChange::Resize { .. } | FileChange::Sync { .. } => false,
            FileChange::Rename { .. }
            | FileChange::Link { .. }
            | FileChange::Symlink { .. }
            | FileChange::MakeNode(_)
            | FileChange::Remove
            | FileChange::MakeDirectory => true,
        };
        if changes_names && is_of_the_database(operation.path) {
            self.is_folder_synced.store(false, Ordering::SeqCst);
        }
    }

    fn record(&self, change: durability::Change) {
        if let Some(recording) = &self.recording {
            recording.push(change);
        }
    }
}

impl Watcher for Operations {
    fn before(&self, operation: &Operation<'_>) -> Decision {
        let mut ongoing = self.ongoing();
        let Some(probe) = ongoing.probe.clone() else { return Decision::Proceed };
        if self.is_of_another_connection(operation) {
            // Not even an error that lasts: whether it is met would be up to the pool.
            ongoing.current = None;
            return Decision::Proceed;
        }
        let Some(at) = probe.operation(operation.call, operation.path, extent(operation)) else {
            return Decision::Proceed;
        };
        ongoing.current = Some((at, None));
        if let Some(errno) = ongoing.refusal(operation) {
            return Decision::Fail(errno);
        }
        if let Some(fault) = probe.due_at_operation(at, Edge::Before) {
            probe.hit_operation(at, Edge::Before, fault);
            match fault {
                Fault::DiskError(errno, lasting) => {
                    ongoing.lasting = (lasting == Lasting::Onwards).then_some(errno);
                    return Decision::Fail(errno);
                }
                Fault::FailedSync => {
                    if let FileChange::Sync { file } = operation.change {
                        self.record(durability::Change::SyncFailed { file: file.0 });
                    }
                    return Decision::Fail(Errno::Eio);
                }
                other => end_process(&probe, other),
            }
        }
        if let (Some(Fault::Torn(tear)), Some((bytes @ 2.., _))) =
            (probe.due_at_operation(at, Edge::During), extent(operation))
        {
            ongoing.current = Some((at, Some(tear)));
            return Decision::Shorten(bytes / 2);
        }
        Decision::Proceed
    }

    fn after(&self, operation: &Operation<'_>, outcome: Result<usize, i32>) {
        if let Ok(written) = outcome {
            self.note_names(operation);
            if self.recording.is_some() {
                self.record(recorded(operation, written));
            }
        }
        let mut ongoing = self.ongoing();
        let (Some(probe), Some((at, tear))) = (ongoing.probe.clone(), ongoing.current.take()) else { return };
        if let Some(tear) = tear {
            probe.hit_operation(at, Edge::During, Fault::Torn(tear));
            match (tear, &operation.change) {
                (Tear::DiskFull, FileChange::Write { file, .. }) => drop(ongoing.torn.insert(*file)),
                (Tear::Crash, _) => probe.crash(),
                (Tear::Short | Tear::DiskFull, _) => {}
            }
            return;
        }
        if let Err(errno) = outcome {
            let error = std::io::Error::from_raw_os_error(errno).to_string();
            probe.end_operation(at, OperationOutcome::Failed(error));
        }
        if let Some(fault) = probe.due_at_operation(at, Edge::After) {
            probe.hit_operation(at, Edge::After, fault);
            end_process(&probe, fault);
        }
    }

    fn statement_begins(&self, statement: &Statement<'_>) -> bool {
        self.statements.begins(statement)
    }

    fn statement_ends(&self, number: usize, is_over: bool) {
        self.statements.ends(number, is_over);
    }
}

impl Ongoing {
    /// The error that an earlier fault gives this operation, if it does.
    fn refusal(&mut self, operation: &Operation<'_>) -> Option<Errno> {
        if let FileChange::Write { file, .. } = operation.change {
            if self.torn.remove(&file) {
                return Some(Errno::Enospc);
            }
        }
        self.lasting.filter(|errno| errno.can_come_from(operation.call))
    }
}

/// The faults after which nothing of the process runs any more.
fn end_process(probe: &Probe, fault: Fault) {
    match fault {
        Fault::Crash => probe.crash(),
        Fault::PowerLoss(survivors) => probe.lose_power(survivors),
        other => unreachable!("{other} does not fit this edge of a file operation"),
    }
}

/// Where a world keeps its database.
const DATABASE: &str = "database";

fn is_of_the_database(path: &str) -> bool {
    path.strip_prefix(DATABASE).is_some_and(|rest| rest.starts_with('/'))
}

fn extent(operation: &Operation<'_>) -> Option<(usize, u64)> {
    match (operation.call, &operation.change) {
        (Call::Write, FileChange::Write { offset, data, .. }) => Some((data.len(), *offset)),
        _ => None,
    }
}

/// What a successful operation changed, to be kept.
fn recorded(operation: &Operation<'_>, written: usize) -> durability::Change {
    let path = operation.path.to_owned();
    let owned = |from: Option<&str>| from.map(str::to_owned);
    match &operation.change {
        FileChange::Open { file, created, emptied, again: _ } => {
            durability::Change::Opened { path, file: file.0, created: *created, emptied: *emptied }
        }
        FileChange::Write { file, offset, data } => {
            durability::Change::Wrote { file: file.0, offset: *offset, data: data[..written.min(data.len())].into() }
        }
        FileChange::Resize { file, length, only_grows } => durability::Change::Resized {
            file: file.map(|file| file.0),
            path,
            length: *length,
            only_grows: *only_grows,
        },
        FileChange::Sync { file } => durability::Change::Synced { file: file.0 },
        FileChange::Rename { from } => durability::Change::Renamed { from: owned(*from), to: path },
        FileChange::Link { from } => durability::Change::Linked { from: owned(*from), to: path },
        FileChange::Symlink { target } => durability::Change::Symlinked { path, target: kept_target(*target) },
        FileChange::MakeNode(node) => durability::Change::MadeNode { path, node: kept_node(*node) },
        FileChange::Remove => durability::Change::Removed { path },
        FileChange::MakeDirectory => durability::Change::MadeDirectory { path },
    }
}

fn kept_target(target: LinkTarget<'_>) -> durability::Target {
    match target {
        LinkTarget::Within(path) => durability::Target::Within(path.to_owned()),
        LinkTarget::AsSaid(said) => durability::Target::AsSaid(said.to_owned()),
    }
}

fn kept_node(node: Node) -> durability::Node {
    match node {
        Node::Pipe => durability::Node::Pipe,
        Node::Socket => durability::Node::Socket,
        Node::BlockDevice(number) => durability::Node::BlockDevice(number),
        Node::CharacterDevice(number) => durability::Node::CharacterDevice(number),
    }
}
