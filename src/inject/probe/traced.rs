//! File operations, as the probe of a phase counts and breaks them.

use super::Probe;
use crate::disk::this_thread;
use crate::fault::{Call, Edge, Fault};
use crate::inject::recording::Instant;
use crate::inject::trace::OperationTrace;
use crate::schedule::{Place, Point};
use crate::story::OperationOutcome;

impl Probe {
    /// Notes that a file operation begins. Returns its place among all of them, or nothing when nothing counts any more.
    pub(in crate::inject) fn operation(&self, call: Call, path: &str, extent: Option<(usize, u64)>) -> Option<usize> {
        let mut state = self.state();
        if state.is_halted {
            return None;
        }
        let step = state.statement_of(this_thread(), path).or_else(|| state.open.last().copied());
        let run = state.names.next(step, call, path);
        let within = step.map(|step| state.trace.steps[step].run());
        let at = state.trace.operations.len();
        state.trace.operations.push(OperationTrace { within, run, extent, outcome: OperationOutcome::Done });
        Some(at)
    }

    /// The fault that is due at a file operation, if there is one. If there is none, the moment is noted.
    pub(in crate::inject) fn due_at_operation(&self, at: usize, edge: Edge) -> Option<Fault> {
        self.mark(Instant::Operation { at, edge });
        let next = self.0.plan.get(self.state().trace.hits.len())?;
        let is_one = matches!(next.point.place, Place::Operation { .. }) && next.point.edge == edge;
        let name = self.0.name_of(&self.point_of(at, edge));
        // Where the next fault is another one, nobody needs to be asked.
        is_one.then(|| fail::eval(&name, |_| next.fault).filter(|fault| next.point.fits(*fault))).flatten()
    }

    /// Notes that a fault hits at a file operation.
    pub(in crate::inject) fn hit_operation(&self, at: usize, edge: Edge, fault: Fault) {
        let hit = self.take_hit(self.point_of(at, edge), fault);
        self.end_operation(at, OperationOutcome::Hit(hit));
    }

    /// Notes how a file operation went.
    pub(in crate::inject) fn end_operation(&self, at: usize, outcome: OperationOutcome) {
        let operation = &mut self.state().trace.operations[at].outcome;
        if !matches!(operation, OperationOutcome::Hit(_)) {
            *operation = outcome;
        }
    }

    fn point_of(&self, at: usize, edge: Edge) -> Point {
        let state = self.state();
        let operation = &state.trace.operations[at];
        let (within, operation) = (operation.within.clone(), operation.run.clone());
        Point { place: Place::Operation { within, operation }, edge }
    }
}
