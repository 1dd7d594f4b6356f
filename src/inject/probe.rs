//! What the steps of one run of one phase share with the harness.

mod living;
mod statements;
mod traced;

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::task::Waker;

use super::by_hand::parse;
use super::names::Names;
use super::part::Kin;
use super::recording::{Instant, Recording};
use super::trace::{StepTrace, Trace};
use crate::disk::ThreadId;
use crate::error::Result;
use crate::fault::{Edge, Fault, Resource, Survivors};
use crate::roles::Vocabulary;
use crate::schedule::{Phase, Place, PlannedFault, Point};
use crate::step::Step;
use crate::story::StepOutcome;
use crate::world::Site;

pub(crate) use living::Alive;
use statements::OpenStatement;

/// One run of one phase, as its steps see it. Cheap to clone: all clones are one.
#[derive(Clone)]
pub(crate) struct Probe(Arc<Shared>);

struct Shared {
    /// The prefix of this run's names in the registry of `fail`; no run has it twice.
    scope: String,
    flow: String,
    phase: Phase,
    plan: Vec<PlannedFault>,
    hearing: Hearing,
    keep: Keep,
    ends: Ends,
    settle: Settle,
    /// Where the moments of this run are noted, if anybody is to know what was there at each.
    marks: Option<Arc<Recording>>,
    state: Mutex<State>,
    /// Is told when the request is over, or gone.
    let_go: Condvar,
}

/// Whether faults put in by hand are heard.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Hearing {
    /// Planned faults and those by hand.
    Open,
    /// None: this run has to be free of faults.
    Deaf,
}

/// What is kept of a hit.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Keep {
    /// That it happened.
    StepTrace,
    /// The world at that instant, too.
    World,
}

/// How a process may end before its time, and what it leaves.
pub(crate) struct Ends {
    /// It is killed.
    pub(crate) crash: Box<dyn Fn() -> Result<Site> + Send + Sync>,
    /// The power goes; so much of what was not synced survives.
    pub(crate) lose_power: Box<dyn Fn(Survivors) -> Result<Site> + Send + Sync>,
}

/// Waits until what was begun in the world has come to its end, and tells how often anything was changed there by then;
/// nothing where that cannot be known.
pub(crate) type Settle = Box<dyn Fn() -> Option<u64> + Send + Sync>;

#[derive(Default)]
struct State {
    occurrences: HashMap<Step, u32>,
    trace: Trace,
    names: Names,
    /// The steps that were entered and not left, by their places among the records; the innermost is the last.
    open: Vec<usize>,
    /// The statements that are under way outside of any step.
    statements: Vec<OpenStatement>,
    /// The thread on which the request itself runs.
    host: Option<ThreadId>,
    /// The request is over, or gone.
    is_let_go: bool,
    /// Nothing counts any more: the process is dead, and does not know it.
    is_halted: bool,
    /// The request was given up: what it does itself stops, what it spawned goes on.
    is_cancelled: bool,
    /// How many tasks and threads live that were spawned and take part.
    living: usize,
    down: Vec<Resource>,
    stop: Option<Stop>,
    runner: Option<Waker>,
    /// The world at the last hit.
    at_hit: Option<Result<Site>>,
}

/// A step that is being run, until this is dropped: whoever waits for it may give it up.
pub(crate) struct Run {
    probe: Probe,
    step: Step,
    occurrence: u32,
    /// Its place among the records.
    at: usize,
}

impl Run {
    /// Its place among the records.
    pub(super) const fn place(&self) -> usize {
        self.at
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        self.probe.close(self);
    }
}

/// Why nothing of the attempt runs any more.
pub(crate) enum Stop {
    /// Its future is to be dropped.
    Cancelled,
    /// The process was killed; this is the world at that instant.
    Crashed(Result<Site>),
    /// The power went; this is what was on the disk.
    PowerLost(Result<Site>),
}

impl Probe {
    /// A run in which these faults are due.
    pub(crate) fn armed(
        flow: &str,
        phase: Phase,
        plan: Vec<PlannedFault>,
        keep: Keep,
        ends: Ends,
        settle: Settle,
    ) -> Self {
        Self::new(flow, phase, plan, Hearing::Open, keep, ends, settle, None)
    }

    /// A run without faults, not even by hand. Its moments are noted where somebody wants to know them.
    pub(crate) fn unharmed(flow: &str, phase: Phase, settle: Settle, marks: Option<Arc<Recording>>) -> Self {
        let ends = Ends {
            crash: Box::new(|| unreachable!("a run without faults does not crash")),
            lose_power: Box::new(|_| unreachable!("a run without faults keeps its power")),
        };
        Self::new(flow, phase, Vec::new(), Hearing::Deaf, Keep::StepTrace, ends, settle, marks)
    }

    /// The same, where it is known what of paths is made up anew.
    pub(crate) fn knowing(self, vocabulary: Arc<Vocabulary>) -> Self {
        self.state().names = Names::knowing(vocabulary);
        self
    }

    #[expect(clippy::too_many_arguments, reason = "the only place that puts one together")]
    fn new(
        flow: &str,
        phase: Phase,
        plan: Vec<PlannedFault>,
        hearing: Hearing,
        keep: Keep,
        ends: Ends,
        settle: Settle,
        marks: Option<Arc<Recording>>,
    ) -> Self {
        static RUNS: AtomicU64 = AtomicU64::new(0);
        let scope = format!("{}/", RUNS.fetch_add(1, Ordering::Relaxed));
        let flow = flow.to_owned();
        let state = Mutex::default();
        let let_go = Condvar::new();
        let shared = Shared { scope, flow, phase, plan, hearing, keep, ends, settle, marks, state, let_go };
        shared.arm(0);
        Self(Arc::new(shared))
    }

    /// Notes that a step begins.
    pub(super) fn enter(&self, step: Step, resource: Resource) -> Run {
        let mut state = self.state();
        let occurrence = state.occurrences.entry(step).or_insert(0);
        *occurrence += 1;
        let occurrence = *occurrence;
        let at = state.trace.steps.len();
        if !state.is_halted {
            let outcome = StepOutcome::Unfinished;
            state.trace.steps.push(StepTrace { step, occurrence, resource, outcome, seen: None });
            state.open.push(at);
        }
        drop(state);
        Run { probe: self.clone(), step, occurrence, at }
    }

    /// The fault that is due now, if there is one. If there is none, the moment is noted.
    pub(super) fn due(&self, run: &Run, edge: Edge) -> Option<Fault> {
        self.mark(Instant::Step { at: run.at, edge });
        if self.0.hearing == Hearing::Deaf {
            return None;
        }
        let step = run.step.name();
        let planned = format!("{}{}/{step}#{}:{edge}", self.0.scope, self.0.flow, run.occurrence);
        let by_hand = format!("{}/{step}:{edge}", self.0.flow);
        [planned, by_hand].into_iter().find_map(|name| fail::eval(&name, |text| parse(&name, edge, text)))
    }

    /// Notes that a fault hits. If it was planned, the one after it is due from now on.
    pub(super) fn hit(&self, run: &Run, edge: Edge, fault: Fault) {
        let hit = self.take_hit(Point::of_step(run.step.name(), run.occurrence, edge), fault);
        self.end(run, StepOutcome::Hit(hit));
    }

    fn take_hit(&self, point: Point, fault: Fault) -> PlannedFault {
        let at_hit = (self.0.keep == Keep::World && fault.is_seen_by_the_flow()).then(|| (self.0.ends.crash)());
        let hit = PlannedFault { phase: self.0.phase, point, fault };
        let mut state = self.state();
        state.at_hit = at_hit;
        if self.0.plan.get(state.trace.hits.len()) == Some(&hit) {
            state.trace.hits.push(hit.clone());
            self.0.arm(state.trace.hits.len());
        }
        hit
    }

    /// Notes that a step fails because its resource is down.
    pub(super) fn refuse(&self, run: &Run) {
        self.end(run, StepOutcome::Outage);
    }

    /// Notes how an effect ended.
    pub(super) fn leave(&self, run: &Run, failure: Option<String>) {
        self.end(run, failure.map_or(StepOutcome::Done, StepOutcome::Failed));
    }

    /// Notes that a step goes on at which a fault hit: that stays what happened there.
    pub(super) fn reopen(&self, run: &Run) {
        self.state().open.push(run.at);
    }

    fn close(&self, run: &Run) {
        self.state().open.retain(|&open| open != run.at);
    }

    fn end(&self, run: &Run, outcome: StepOutcome) {
        let mut state = self.state();
        if !state.is_halted {
            state.trace.steps[run.at].outcome = outcome;
            state.open.retain(|&open| open != run.at);
        }
    }

    /// What ends the process once the caller has got the answer, if that is due. Then it hits.
    pub(crate) fn end_after_the_answer(&self) -> Option<Stop> {
        self.mark(Instant::Answer);
        let next = self.0.plan.get(self.state().trace.hits.len())?;
        if next.point.place != Place::Answer || next.phase != self.0.phase {
            return None;
        }
        self.take_hit(next.point.clone(), next.fault);
        Some(match next.fault {
            Fault::Crash => Stop::Crashed((self.0.ends.crash)()),
            Fault::PowerLoss(survivors) => Stop::PowerLost((self.0.ends.lose_power)(survivors)),
            other => unreachable!("{other} does not fit the answer"),
        })
    }

    /// The loss of power that comes after a failed sync, if there was one in this run: all that was read until now is
    /// there, but for what that sync did not write.
    pub(crate) fn end_after_a_failed_sync(&self) -> Option<Stop> {
        self.was_hit_by(Fault::FailedSync).then(|| Stop::PowerLost((self.0.ends.lose_power)(Survivors::Everything)))
    }

    /// Whether this fault was planned and hit.
    pub(crate) fn was_hit_by(&self, fault: Fault) -> bool {
        self.state().trace.hits.iter().any(|hit| hit.fault == fault)
    }

    /// Notes what is there at this moment, where somebody wants to know.
    pub(super) fn mark(&self, instant: Instant) {
        if let Some(marks) = &self.0.marks {
            marks.mark(instant);
        }
    }

    /// Waits until what was begun in the world has come to its end.
    pub(super) fn settle(&self) {
        (self.0.settle)();
    }

    /// Whether anything was changed in the world since now, once what was begun there has come to its end.
    pub(super) fn since_now(&self) -> impl FnMut() -> bool + Unpin + use<> {
        let (probe, before) = (self.clone(), (self.0.settle)());
        move || before.is_none_or(|before| (probe.0.settle)() != Some(before))
    }

    /// Whether moments are noted.
    pub(super) fn is_marked(&self) -> bool {
        self.0.marks.is_some()
    }

    /// Whether nothing of this kin counts any more.
    pub(super) fn is_halted(&self, kin: Kin) -> bool {
        let state = self.state();
        state.is_halted || (state.is_cancelled && kin == Kin::Request)
    }

    /// Whether an outage of the resource goes on.
    pub(super) fn is_down(&self, resource: Resource) -> bool {
        self.state().down.contains(&resource)
    }

    /// Begins an outage that lasts until the end of the run.
    pub(super) fn take_down(&self, resource: Resource) {
        self.state().down.push(resource);
    }

    /// Gives the request up; the runner drops it. What it spawned goes on.
    pub(super) fn cancel(&self) {
        let runner = {
            let mut state = self.state();
            state.is_cancelled = true;
            state.stop.get_or_insert(Stop::Cancelled);
            state.runner.take()
        };
        wake(runner);
    }

    /// Notes that nothing counts any more. What is in the middle of a poll, or on another thread, goes on in a world that
    /// nobody looks at.
    fn halt(&self, stop: Stop) {
        let runner = {
            let mut state = self.state();
            state.is_halted = true;
            // Who was given up a moment ago is gone all the same.
            if matches!(state.stop, None | Some(Stop::Cancelled)) {
                state.stop = Some(stop);
            }
            state.runner.take()
        };
        wake(runner);
    }

    /// Stops the attempt as a kill does: the world is copied here and now, before anything else can run.
    pub(super) fn crash(&self) {
        let image = (self.0.ends.crash)();
        self.halt(Stop::Crashed(image));
    }

    /// Stops the attempt as a loss of power does.
    pub(super) fn lose_power(&self, survivors: Survivors) {
        let image = (self.0.ends.lose_power)(survivors);
        self.halt(Stop::PowerLost(image));
    }

    /// What stopped the attempt, if anything did; otherwise `runner` is woken when something does.
    pub(crate) fn stopped(&self, runner: &Waker) -> Option<Stop> {
        let mut state = self.state();
        state.runner = Some(runner.clone());
        state.stop.take()
    }

    /// What stopped the attempt, where its runner is not there to ask.
    pub(crate) fn take_stop(&self) -> Option<Stop> {
        self.state().stop.take()
    }

    /// The world at the last hit, where it was to be kept and the flow went on.
    pub(crate) fn take_world_at_hit(&self) -> Result<Option<Site>> {
        self.state().at_hit.take().transpose()
    }

    /// What happened so far.
    pub(crate) fn trace(&self) -> Trace {
        self.state().trace.clone()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // A step that panics holds no lock while it does.
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Wakes whoever waits. What stops the attempt may be in a task of its own, where the runner does not see it.
fn wake(runner: Option<Waker>) {
    if let Some(runner) = runner {
        runner.wake();
    }
}

impl Shared {
    /// Writes one planned fault into the registry of `fail`, if there is one at this place of the plan. One at a time: a
    /// fault that is planned for the next run of the phase must not hit in this one, before its turn. The name of a
    /// planned fault holds its occurrence: the counting of `fail` counts how often a name is asked for, and an edge that
    /// a step never comes to is not asked for.
    fn arm(&self, place: usize) {
        if let Some(planned) = self.plan.get(place) {
            let action = format!("return({})", planned.fault);
            fail::cfg(self.name_of(&planned.point), &action).expect("our own actions are well formed");
        }
    }

    fn name_of(&self, point: &Point) -> String {
        format!("{}{}/{point}", self.scope, self.flow)
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        for planned in &self.plan {
            fail::remove(self.name_of(&planned.point));
        }
    }
}

#[cfg(test)]
mod tests;
