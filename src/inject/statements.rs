//! Hears of the statements of the database engine in one world, and brings about what is due at them.
//!
//! A statement that changes something, outside of any step, is a step of its own, named by its SQL. In a database inside
//! the process a lost answer is no event: what can happen at a statement is that the engine gives it up, that the process
//! ends before or after it, and, where the engine works on a thread of its own, that nobody waits for it any more.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::named_statement::NamedStatement;
use super::probe::Probe;
use crate::disk::{Decision, Operation, Statement, Watcher};
use crate::fault::{Edge, Fault};

/// The statements of one world, over all phases that one process goes through.
#[derive(Clone, Default)]
pub(crate) struct Statements(Arc<Mutex<Option<Probe>>>);

impl Statements {
    /// From now on statements belong to this run of a phase.
    pub(crate) fn begin(&self, probe: Probe) {
        *self.lock() = Some(probe);
    }

    /// From now on they belong to none.
    pub(crate) fn end(&self) {
        *self.lock() = None;
    }

    /// A statement begins. Returns whether the engine is to give it up.
    pub(super) fn begins(&self, statement: &Statement<'_>) -> bool {
        let Some(probe) = self.lock().clone() else { return false };
        let Some(name) = NamedStatement::of(statement.sql, statement.only_reads) else { return false };
        let Some(at) = probe.enter_statement(statement, name) else { return false };
        let Some(fault) = probe.due_at_statement(at, Edge::Before) else { return false };
        probe.hit_statement(at, Edge::Before, fault);
        match fault {
            Fault::Error(_) => true,
            Fault::Crash => {
                probe.crash();
                false
            }
            other => unreachable!("{other} does not fit the begin of a statement"),
        }
    }

    /// A statement ends.
    pub(super) fn ends(&self, number: usize, is_over: bool) {
        let Some(probe) = self.lock().clone() else { return };
        let Some(at) = probe.leave_statement(number, is_over) else { return };
        let Some(fault) = probe.due_at_statement(at, Edge::After) else { return };
        probe.hit_statement(at, Edge::After, fault);
        match fault {
            Fault::Cancel => probe.cancel_and_wait(),
            Fault::Crash => probe.crash(),
            other => unreachable!("{other} does not fit the end of a statement"),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Option<Probe>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Where nobody asks for file operations.
impl Watcher for Statements {
    fn before(&self, _: &Operation<'_>) -> Decision {
        Decision::Proceed
    }

    fn after(&self, _: &Operation<'_>, _: Result<usize, i32>) {}

    fn statement_begins(&self, statement: &Statement<'_>) -> bool {
        self.begins(statement)
    }

    fn statement_ends(&self, number: usize, is_over: bool) {
        self.ends(number, is_over);
    }
}
