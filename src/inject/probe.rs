//! What the steps of one run of one phase share with the harness.

use std::collections::HashMap;
use std::future::pending;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Waker;

use super::by_hand::parse;
use crate::error::Result;
use crate::fault::{Edge, Fault, Resource};
use crate::schedule::{Phase, PlannedFault, Point};
use crate::step::Step;
use crate::story::StepOutcome;
use crate::world::Site;

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
    crash: Box<dyn Fn() -> Result<Site> + Send + Sync>,
    state: Mutex<State>,
}

/// Whether faults put in by hand are heard.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Hearing {
    /// Planned faults and those by hand.
    Open,
    /// None: this run has to be free of faults.
    Deaf,
}

#[derive(Default)]
struct State {
    occurrences: HashMap<Step, u32>,
    records: Vec<Record>,
    down: Vec<Resource>,
    stop: Option<Stop>,
    runner: Option<Waker>,
}

/// What happened at one step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Record {
    /// The step.
    pub(crate) step: Step,
    /// Which run of it in this phase, from 1.
    pub(crate) occurrence: u32,
    /// What it acts on.
    pub(crate) resource: Resource,
    /// How it went.
    pub(crate) outcome: StepOutcome,
}

/// A step that is being run.
pub(crate) struct Run {
    step: Step,
    /// Its place among the records.
    at: usize,
}

/// Why nothing of the attempt runs any more.
pub(crate) enum Stop {
    /// Its future is to be dropped.
    Cancelled,
    /// The process was killed; this is the world at that instant.
    Crashed(Result<Site>),
}

impl Probe {
    /// A run in which these faults are due. `crash` copies the world as it is when it is called.
    pub(crate) fn armed(
        flow: &str,
        phase: Phase,
        plan: Vec<PlannedFault>,
        crash: impl Fn() -> Result<Site> + Send + Sync + 'static,
    ) -> Self {
        Self::new(flow, phase, plan, Hearing::Open, Box::new(crash))
    }

    /// A run without faults, not even by hand.
    pub(crate) fn unharmed(flow: &str, phase: Phase) -> Self {
        let crash = || unreachable!("a run without faults does not crash");
        Self::new(flow, phase, Vec::new(), Hearing::Deaf, Box::new(crash))
    }

    fn new(
        flow: &str,
        phase: Phase,
        plan: Vec<PlannedFault>,
        hearing: Hearing,
        crash: Box<dyn Fn() -> Result<Site> + Send + Sync>,
    ) -> Self {
        static RUNS: AtomicU64 = AtomicU64::new(0);
        let scope = format!("{}/", RUNS.fetch_add(1, Ordering::Relaxed));
        let shared = Shared { scope, flow: flow.to_owned(), phase, plan, hearing, crash, state: Mutex::default() };
        shared.arm();
        Self(Arc::new(shared))
    }

    /// Notes that a step begins.
    pub(super) fn enter(&self, step: Step, resource: Resource) -> Run {
        let mut state = self.state();
        let occurrence = state.occurrences.entry(step).or_insert(0);
        *occurrence += 1;
        let occurrence = *occurrence;
        let at = state.records.len();
        state.records.push(Record { step, occurrence, resource, outcome: StepOutcome::Unfinished });
        Run { step, at }
    }

    /// The fault that is due now, if there is one.
    pub(super) fn due(&self, run: &Run, edge: Edge) -> Option<Fault> {
        if self.0.hearing == Hearing::Deaf {
            return None;
        }
        let by_hand = format!("{}/{}:{edge}", self.0.flow, run.step.name());
        let planned = self.0.scope.clone() + &by_hand;
        fail::eval(&planned, |text| parse(&planned, edge, text))
            .or_else(|| fail::eval(&by_hand, |text| parse(&by_hand, edge, text)))
    }

    /// Notes that a fault hits.
    pub(super) fn hit(&self, run: &Run, edge: Edge, fault: Fault) {
        let mut state = self.state();
        let record = &mut state.records[run.at];
        let point = Point { step: run.step.name().to_owned(), occurrence: record.occurrence, edge };
        record.outcome = StepOutcome::Hit(PlannedFault { phase: self.0.phase, point, fault });
    }

    /// Notes that a step fails because its resource is down.
    pub(super) fn refuse(&self, run: &Run) {
        self.state().records[run.at].outcome = StepOutcome::Outage;
    }

    /// Notes how an effect ended.
    pub(super) fn leave(&self, run: &Run, failure: Option<String>) {
        self.state().records[run.at].outcome = failure.map_or(StepOutcome::Done, StepOutcome::Failed);
    }

    /// Whether an outage of the resource goes on.
    pub(super) fn is_down(&self, resource: Resource) -> bool {
        self.state().down.contains(&resource)
    }

    /// Begins an outage that lasts until the end of the run.
    pub(super) fn take_down(&self, resource: Resource) {
        self.state().down.push(resource);
    }

    /// Stops the attempt for ever; the runner drops it.
    pub(super) async fn stop<T>(&self, stop: Stop) -> T {
        let runner = {
            let mut state = self.state();
            state.stop.get_or_insert(stop);
            state.runner.take()
        };
        // The step may be in a task of its own, where the runner does not see it stop.
        if let Some(runner) = runner {
            runner.wake();
        }
        pending().await
    }

    /// Stops the attempt as a kill does: the world is copied here and now, before anything else can run.
    pub(super) async fn crash<T>(&self) -> T {
        let image = (self.0.crash)();
        self.stop(Stop::Crashed(image)).await
    }

    /// What stopped the attempt, if anything did; otherwise `runner` is woken when something does.
    pub(crate) fn stopped(&self, runner: &Waker) -> Option<Stop> {
        let mut state = self.state();
        state.runner = Some(runner.clone());
        state.stop.take()
    }

    /// What happened, step by step, so far.
    pub(crate) fn records(&self) -> Vec<Record> {
        self.state().records.clone()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // A step that panics holds no lock while it does.
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Shared {
    /// Writes the plan in the language of `fail`, which counts occurrences itself: `2*off->1*return(crash)`.
    fn arm(&self) {
        for (name, actions) in actions(&self.scope, &self.flow, &self.plan) {
            fail::cfg(name, &actions).expect("our own actions are well formed");
        }
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        for (name, _) in actions(&self.scope, &self.flow, &self.plan) {
            fail::remove(name);
        }
    }
}

fn actions(scope: &str, flow: &str, plan: &[PlannedFault]) -> Vec<(String, String)> {
    let mut plan: Vec<&PlannedFault> = plan.iter().collect();
    plan.sort_by(|a, b| {
        (&a.point.step, a.point.edge, a.point.occurrence).cmp(&(&b.point.step, b.point.edge, b.point.occurrence))
    });
    plan.chunk_by(|a, b| a.point.step == b.point.step && a.point.edge == b.point.edge)
        .map(|same_name| {
            let name = format!("{scope}{flow}/{}:{}", same_name[0].point.step, same_name[0].point.edge);
            (name, action(same_name))
        })
        .collect()
}

fn action(same_name: &[&PlannedFault]) -> String {
    let mut seen = 0;
    let mut parts = Vec::new();
    for planned in same_name {
        let free = planned.point.occurrence - seen - 1;
        if free > 0 {
            parts.push(format!("{free}*off"));
        }
        parts.push(format!("1*return({})", planned.fault));
        seen = planned.point.occurrence;
    }
    parts.join("->")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(faults: &[&str], expected: &[(&str, &str)]) {
        let plan: Vec<PlannedFault> = faults.iter().map(|fault| fault.parse().expect(fault)).collect();
        let actions = actions("7/", "f", &plan);
        let actions: Vec<(&str, &str)> = actions.iter().map(|(name, action)| (&**name, &**action)).collect();
        assert_eq!(actions, expected);
    }

    #[test]
    fn a_plan_is_written_in_the_language_of_fail() {
        check(&["a#1:before=crash"], &[("7/f/a:before", "1*return(crash)")]);
        check(&["a#3:after=lost-ack"], &[("7/f/a:after", "2*off->1*return(lost-ack)")]);
        check(
            &["a#4:before=crash", "a#1:before=error:busy", "b#1:before=panic"],
            &[("7/f/a:before", "1*return(error:busy)->2*off->1*return(crash)"), ("7/f/b:before", "1*return(panic)")],
        );
    }
}
