//! Statements of the database engine, as the probe of a phase counts and breaks them.

use std::time::Duration;

use super::{Probe, State, Stop};
use crate::disk::{Statement, ThreadId, this_thread};
use crate::fault::{Edge, Fault, Resource};
use crate::inject::named_statement::NamedStatement;
use crate::inject::recording::Instant;
use crate::inject::trace::{Seen, StepTrace};
use crate::schedule::{Place, Point};
use crate::story::StepOutcome;

/// A statement that is under way.
pub(super) struct OpenStatement {
    thread: ThreadId,
    number: usize,
    /// Its place among the records.
    at: usize,
    /// The file of its database.
    database: String,
    /// It gave its last row, and what is left of it is its commit.
    is_closing: bool,
}

/// The thread that gives the request up does so as soon as it is woken. One that never is: it waits, itself, for this very
/// statement, in a way that nobody can see.
const PATIENCE: Duration = Duration::from_secs(2);

impl Probe {
    /// Notes that a statement begins on this thread. Returns its place among the records; nothing where it belongs to a
    /// step, or where nothing counts any more.
    pub(in crate::inject) fn enter_statement(&self, statement: &Statement<'_>, name: NamedStatement) -> Option<usize> {
        let thread = this_thread();
        let mut state = self.state();
        state.statements.retain(|open| open.thread != thread || !open.is_closing);
        if state.is_halted || !state.open.is_empty() {
            return None;
        }
        let occurrence = state.occurrences.entry(name.step).or_insert(0);
        *occurrence += 1;
        let occurrence = *occurrence;
        let at = state.trace.steps.len();
        let is_apart = state.host.is_some_and(|host| host != thread);
        let seen = Some(Seen { words: name.words, is_apart, is_over: false });
        let (step, resource, outcome) = (name.step, Resource::Statement, StepOutcome::Unfinished);
        state.trace.steps.push(StepTrace { step, occurrence, resource, outcome, seen });
        let (number, database) = (statement.number, statement.database.to_owned());
        state.statements.push(OpenStatement { thread, number, at, database, is_closing: false });
        Some(at)
    }

    /// Notes that a statement ends. Returns its place among the records, if it was noted and is over; where its commit still
    /// follows, that belongs to it.
    pub(in crate::inject) fn leave_statement(&self, number: usize, is_over: bool) -> Option<usize> {
        let thread = this_thread();
        let mut state = self.state();
        let place = state.statements.iter().rposition(|open| open.thread == thread && open.number == number)?;
        let at = state.statements[place].at;
        if is_over {
            state.statements.remove(place);
        } else {
            state.statements[place].is_closing = true;
        }
        if state.is_halted {
            return None;
        }
        let record = &mut state.trace.steps[at];
        if record.outcome == StepOutcome::Unfinished {
            record.outcome = StepOutcome::Done;
        }
        if let Some(seen) = &mut record.seen {
            seen.is_over = is_over;
        }
        is_over.then_some(at)
    }

    /// The fault that is due at a statement, if there is one. If there is none, the moment is noted.
    pub(in crate::inject) fn due_at_statement(&self, at: usize, edge: Edge) -> Option<Fault> {
        self.mark(Instant::Step { at, edge });
        let state = self.state();
        let next = self.0.plan.get(state.trace.hits.len())?;
        let Place::Step(run) = &next.point.place else { return None };
        let is_it = next.point.edge == edge && state.trace.steps[at].is(run);
        (is_it && next.fault.fits_statement(edge)).then_some(next.fault)
    }

    /// Notes that a fault hits at a statement.
    pub(in crate::inject) fn hit_statement(&self, at: usize, edge: Edge, fault: Fault) {
        let run = self.state().trace.steps[at].run();
        let hit = self.take_hit(Point::of_step(&run.step, run.occurrence, edge), fault);
        self.state().trace.steps[at].outcome = StepOutcome::Hit(hit);
    }

    /// Gives the request up, and holds the engine's thread until it is gone: its answer reaches nobody.
    pub(in crate::inject) fn cancel_and_wait(&self) {
        self.cancel();
        let state = self.state();
        let _ = self.0.let_go.wait_timeout_while(state, PATIENCE, |state| !state.is_let_go);
    }

    /// Whether there were statements outside of any step.
    pub(crate) fn met_statements(&self) -> bool {
        self.state().trace.steps.iter().any(|record| record.seen.is_some())
    }

    /// Whether the request was given up, and nothing else has stopped it. Then that is taken.
    pub(crate) fn is_given_up(&self) -> bool {
        let mut state = self.state();
        matches!(state.stop, Some(Stop::Cancelled)) && state.stop.take().is_some()
    }

    /// Notes that the request runs on this thread.
    pub(crate) fn runs_here(&self) {
        self.state().host = Some(this_thread());
    }

    /// Notes that the request is over, or was given up and is gone.
    pub(crate) fn let_go(&self) {
        self.state().is_let_go = true;
        self.0.let_go.notify_all();
    }
}

impl State {
    /// The statement that makes the operations of this thread, by its place among the records.
    pub(super) fn statement_of(&self, thread: ThreadId, path: &str) -> Option<usize> {
        let is_its = |open: &&OpenStatement| {
            open.thread == thread && (!open.is_closing || path.starts_with(open.database.as_str()))
        };
        self.statements.iter().rfind(is_its).map(|open| open.at)
    }
}
