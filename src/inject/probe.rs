//! What the steps of one run of one phase share with the harness.

use std::collections::HashMap;
use std::future::pending;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Waker;

use super::by_hand::parse;
use crate::error::Result;
use crate::fault::{Edge, Fault, Resource};
use crate::schedule::{Phase, PlannedFault, Point, StepRun};
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
    keep: Keep,
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

/// What is kept of a hit.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Keep {
    /// That it happened.
    Record,
    /// The world at that instant, too.
    World,
}

#[derive(Default)]
struct State {
    occurrences: HashMap<Step, u32>,
    records: Vec<Record>,
    down: Vec<Resource>,
    stop: Option<Stop>,
    runner: Option<Waker>,
    /// The world at the last hit.
    at_hit: Option<Result<Site>>,
    /// How many of the planned faults hit.
    hits: usize,
}

/// What happened at one step.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
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

impl Record {
    /// Whether it is this run.
    pub(crate) fn is(&self, run: &StepRun) -> bool {
        self.step.name() == run.step && self.occurrence == run.occurrence
    }
}

/// A step that is being run.
pub(crate) struct Run {
    step: Step,
    occurrence: u32,
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
        keep: Keep,
        crash: impl Fn() -> Result<Site> + Send + Sync + 'static,
    ) -> Self {
        Self::new(flow, phase, plan, Hearing::Open, keep, Box::new(crash))
    }

    /// A run without faults, not even by hand.
    pub(crate) fn unharmed(flow: &str, phase: Phase) -> Self {
        let crash = || unreachable!("a run without faults does not crash");
        Self::new(flow, phase, Vec::new(), Hearing::Deaf, Keep::Record, Box::new(crash))
    }

    fn new(
        flow: &str,
        phase: Phase,
        plan: Vec<PlannedFault>,
        hearing: Hearing,
        keep: Keep,
        crash: Box<dyn Fn() -> Result<Site> + Send + Sync>,
    ) -> Self {
        static RUNS: AtomicU64 = AtomicU64::new(0);
        let scope = format!("{}/", RUNS.fetch_add(1, Ordering::Relaxed));
        let flow = flow.to_owned();
        let shared = Shared { scope, flow, phase, plan, hearing, keep, crash, state: Mutex::default() };
        shared.arm(0);
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
        Run { step, occurrence, at }
    }

    /// The fault that is due now, if there is one.
    pub(super) fn due(&self, run: &Run, edge: Edge) -> Option<Fault> {
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
        let at_hit = (self.0.keep == Keep::World && fault.is_seen_by_the_flow()).then(|| (self.0.crash)());
        let mut state = self.state();
        let point = Point::of_step(run.step.name(), run.occurrence, edge);
        state.at_hit = at_hit;
        let hit = PlannedFault { phase: self.0.phase, point, fault };
        if self.0.plan.get(state.hits) == Some(&hit) {
            state.hits += 1;
            self.0.arm(state.hits);
        }
        state.records[run.at].outcome = StepOutcome::Hit(hit);
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

    /// The world at the last hit, where it was to be kept and the flow went on.
    pub(crate) fn take_world_at_hit(&self) -> Result<Option<Site>> {
        self.state().at_hit.take().transpose()
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
mod tests {
    use super::*;
    use crate::inject::{around, probed};

    const EFFECT: Step = Step::new("effect");

    /// Runs the step three times under a plan, as code does that goes on after an error.
    async fn check(plan: &[&str], expected: &str) {
        let plan = plan.iter().map(|fault| fault.parse().expect(fault)).collect();
        let probe = Probe::armed("f", Phase::Attempt, plan, Keep::Record, || unreachable!("nothing crashes here"));
        let effects = std::cell::Cell::new(0);
        probed(probe.clone(), async {
            for _ in 0..3 {
                let effect = async {
                    effects.set(effects.get() + 1);
                    Ok::<(), std::io::Error>(())
                };
                let _ = around(EFFECT, effect).await;
            }
        })
        .await;
        let outcomes = probe.records().into_iter().map(|record| match record.outcome {
            StepOutcome::Hit(planned) => planned.to_string(),
            other => format!("{other:?}"),
        });
        assert_eq!(format!("{} effects: {}", effects.get(), outcomes.collect::<Vec<_>>().join(", ")), expected);
    }

    #[tokio::test]
    async fn a_fault_hits_the_occurrence_that_it_is_planned_for() {
        check(&[], "3 effects: Done, Done, Done").await;
        check(&["effect#2:before=error"], "2 effects: Done, effect#2:before=error, Done").await;
        check(&["effect#3:after=lost-ack"], "3 effects: Done, Done, effect#3:after=lost-ack").await;
    }

    #[tokio::test]
    async fn an_edge_that_an_earlier_fault_skipped_is_counted_all_the_same() {
        check(
            &["effect#1:before=error", "effect#2:after=lost-ack"],
            "2 effects: effect#1:before=error, effect#2:after=lost-ack, Done",
        )
        .await;
    }

    #[tokio::test]
    async fn a_fault_waits_for_those_before_it_in_the_plan() {
        check(&["effect#2:before=error", "effect#1:before=error"], "2 effects: Done, effect#2:before=error, Done")
            .await;
        check(
            &["effect#1:before=error", "effect#3:before=error"],
            "1 effects: effect#1:before=error, Done, effect#3:before=error",
        )
        .await;
    }

    #[tokio::test]
    async fn an_outage_lasts_until_the_end_of_the_run() {
        check(&["effect#2:before=outage"], "1 effects: Done, effect#2:before=outage, Outage").await;
    }
}
