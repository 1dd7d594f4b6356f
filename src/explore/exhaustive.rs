//! Every point times every fault that applies, then again inside each faulted run.
//!
//! A run without faults shows the points of the attempt. Each fault there leads to a new state, whose recovery and
//! retry show further points; and the attempt itself may go on after its fault, into cleanup, with points of its own.
//! States that are equal are explored once. Not tried: more faults than the depth, and faults at points that only
//! exist because of another cause of the same error.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use tokio::runtime::Runtime;

use super::graph::{Claims, Key, Node, NodeId, Ran, Start};
use super::parallel::Pool;
use super::points::{Causes, faults_at};
use super::tally::Tally;
use super::{Bounds, Pruning};
use crate::error::{Error, Result};
use crate::fault::{Cause, Fault, Resource};
use crate::inject::Record;
use crate::judge::{Breaches, Judgement};
use crate::observe::Answer;
use crate::run::{Case, Detail, Process, Stage, first_difference};
use crate::schedule::{Phase, PlannedFault};
use crate::step::Step;
use crate::world::Site;

/// What an exploration found out.
pub(crate) struct Exploration {
    /// How the criteria fared.
    pub(crate) tally: Tally,
    /// All steps, in the order in which they were first met.
    pub(crate) steps: Vec<KnownStep>,
    /// Cases that were run.
    pub(crate) cases: u64,
    /// Cases that an equal one stands for.
    pub(crate) pruned: u64,
    /// Planned faults that did not happen, each as the error that says so.
    pub(crate) not_fired: Vec<Error>,
}

/// A step that was met.
pub(crate) struct KnownStep {
    /// The step.
    pub(crate) step: Step,
    /// What it acts on.
    pub(crate) resource: Resource,
    /// The phases in which it was met.
    pub(crate) phases: BTreeSet<Phase>,
}

/// Explores one subject.
pub(crate) fn explore(stage: &Stage<'_>, bounds: &Bounds, pool: &Pool<'_>) -> Result<Exploration> {
    let mut explorer = Explorer::new(stage, bounds, pool);
    let mut items = explorer.points(NodeId::ROOT, Phase::Attempt, stage.faultless().0, &[]);
    for level in 1..=bounds.depth {
        let found = explorer.level(items)?;
        items = if level < bounds.depth { explorer.next(&found) } else { Vec::new() };
    }
    Ok(explorer.finish())
}

struct Explorer<'x> {
    stage: &'x Stage<'x>,
    bounds: &'x Bounds,
    pool: &'x Pool<'x>,
    nodes: Vec<Node>,
    down: HashMap<Key, NodeId>,
    alive: HashMap<Key, NodeId>,
    ran: Vec<Ran>,
    steps: Vec<KnownStep>,
    not_fired: Vec<Error>,
}

/// A case to run: one more fault.
struct Item {
    from: NodeId,
    faults: Vec<PlannedFault>,
}

/// What one level of cases brought: where to go on.
#[derive(Default)]
struct Found {
    /// Cases run on this level.
    ran: Vec<usize>,
    /// New nodes, with the phases and steps that follow them.
    nodes: Vec<(NodeId, Vec<(Phase, Vec<Record>)>)>,
}

/// What a worker brings back from one case.
struct Outcome {
    records: Vec<Record>,
    at_rest: Vec<Judgement>,
    key: Key,
    /// The world that the process leaves, if this case is the first to reach it.
    image: Option<Arc<Site>>,
    answer: Option<Answer>,
    impatient: Option<(Judgement, Vec<Record>)>,
}

impl<'x> Explorer<'x> {
    fn new(stage: &'x Stage<'x>, bounds: &'x Bounds, pool: &'x Pool<'x>) -> Self {
        let root = Node {
            start: Start::Template,
            replayed: Vec::new(),
            at_rest: Vec::new(),
            restarted: None,
            paths: BTreeMap::new(),
        };
        let mut explorer = Self {
            stage,
            bounds,
            pool,
            nodes: vec![root],
            down: HashMap::new(),
            alive: HashMap::new(),
            ran: Vec::new(),
            steps: Vec::new(),
            not_fired: Vec::new(),
        };
        explorer.meet(Phase::Attempt, stage.faultless().0);
        explorer
    }

    /// One more fault at each of these steps, on top of `before`.
    fn points(&self, from: NodeId, phase: Phase, records: &[Record], before: &[PlannedFault]) -> Vec<Item> {
        let first = before.is_empty() && from == NodeId::ROOT;
        let causes = if first { Causes::All } else { Causes::Usual };
        let faults = records.iter().flat_map(|record| faults_at(phase, record, &self.bounds.faults, causes));
        faults.map(|fault| Item { from, faults: before.iter().cloned().chain([fault]).collect() }).collect()
    }

    /// Runs the cases of one level, and the restarts of the worlds that are new.
    fn level(&mut self, items: Vec<Item>) -> Result<Found> {
        let name = self.stage.subject().name();
        self.pool.progress().planned(&name, items.len());
        let claims = Claims::default();
        let outcomes = self.pool.run(&items, |runtime, at, item| match self.run(runtime, at, item, &claims) {
            Err(Error::NotFired { schedule, fault, hint }) => Ok(Err(Error::NotFired { schedule, fault, hint })),
            other => other.map(Ok),
        })?;

        let mut found = Found::default();
        for (item, outcome) in items.into_iter().zip(outcomes) {
            match outcome {
                Ok(outcome) => self.take_in(item, outcome, &mut found),
                Err(not_fired) => self.not_fired.push(not_fired),
            }
        }
        self.restart_new(&mut found)?;
        Ok(found)
    }

    fn run(&self, runtime: &Runtime, at: usize, item: &Item, claims: &Claims) -> Result<Outcome> {
        let node = &self.nodes[item.from.0];
        runtime.block_on(async {
            let mut case = match &node.start {
                Start::Template => Case::begin(self.stage, Detail::Grades).await?,
                Start::Image(image, answer) => Case::resume(self.stage, Detail::Grades, image, answer.clone())?,
            };
            let faults: Vec<PlannedFault> = node.replayed.iter().chain(&item.faults).cloned().collect();
            let trunk = case.trunk(&faults).await?;
            self.expect_the_known_steps(&faults, &trunk.records)?;
            let last = trunk.judgements.last().expect("a case with a fault is judged at rest");
            let apart = (self.bounds.pruning == Pruning::Off).then_some(self.ran.len() + at);
            let key = Key::new(last.fingerprint, case.answer(), apart);
            let is_new = !self.down.contains_key(&key) && claims.is_first(&key, at);
            let image = if is_new { Some(case.image()?) } else { None };
            let answer = case.answer().cloned();
            let impatient = match case.process() {
                Process::Up { .. } => {
                    let records = case.impatient().await?;
                    case.take_judgements().pop().map(|judgement| (judgement, records))
                }
                Process::Down { .. } => None,
            };
            Ok(Outcome { records: trunk.records, at_rest: trunk.judgements, key, image, answer, impatient })
        })
    }

    /// Up to its fault, a first attempt takes the steps of the attempt without faults.
    fn expect_the_known_steps(&self, faults: &[PlannedFault], records: &[Record]) -> Result<()> {
        let [only] = faults else { return Ok(()) };
        if only.phase != Phase::Attempt {
            return Ok(());
        }
        let is_hit =
            |record: &Record| record.step.name() == only.point.step && record.occurrence == only.point.occurrence;
        let upto = |records: &[Record]| records.iter().position(is_hit).map_or(0, |at| at + 1);
        let (known, _) = self.stage.faultless();
        match first_difference(&known[..upto(known)], &records[..upto(records)]) {
            None => Ok(()),
            Some(difference) => {
                let schedule = format!("{} {only}", self.stage.subject().name());
                Err(Error::NotDeterministic { schedule, difference })
            }
        }
    }

    fn take_in(&mut self, item: Item, outcome: Outcome, found: &mut Found) {
        let Outcome { records, at_rest, key, image, answer, impatient } = outcome;
        let phase = item.faults.last().expect("a case has a fault").phase;
        self.meet(phase, &records);
        let at_rest = at_rest.into_iter().map(|judgement| judgement.breaches);
        let at_rest: Vec<Breaches> = self.nodes[item.from.0].at_rest.iter().cloned().chain(at_rest).collect();

        let known = self.down.get(&key).copied();
        let down = known.unwrap_or_else(|| {
            let image = image.expect("the first case to reach a world keeps its image");
            let id = self.add(Start::Image(image, answer), Vec::new(), at_rest.clone());
            self.down.insert(key.clone(), id);
            found.nodes.push((id, Vec::new()));
            id
        });
        let alive = impatient.as_ref().map(|(_, records)| {
            let known = self.alive.get(&key).copied();
            known.unwrap_or_else(|| {
                let node = &self.nodes[item.from.0];
                let (start, replayed) =
                    (node.start.clone(), node.replayed.iter().chain(&item.faults).cloned().collect());
                let id = self.add(start, replayed, at_rest.clone());
                self.alive.insert(key, id);
                found.nodes.push((id, vec![(Phase::Impatient, records.clone())]));
                id
            })
        });
        found.ran.push(self.ran.len());
        let impatient = impatient.map(|(judgement, records)| {
            self.meet(Phase::Impatient, &records);
            judgement.breaches
        });
        self.ran.push(Ran { from: item.from, faults: item.faults, records, at_rest, impatient, down, alive });
    }

    fn add(&mut self, start: Start, replayed: Vec<PlannedFault>, at_rest: Vec<Breaches>) -> NodeId {
        let id = NodeId(self.nodes.len());
        self.nodes.push(Node { start, replayed, at_rest, restarted: None, paths: BTreeMap::new() });
        id
    }

    /// Starts the application on each world that is new, and sends the request again.
    fn restart_new(&mut self, found: &mut Found) -> Result<()> {
        let is_down = |(_, phases): &&mut (NodeId, Vec<_>)| phases.is_empty();
        let new: Vec<NodeId> = found.nodes.iter_mut().filter(is_down).map(|(id, _)| *id).collect();
        let restarts = self.pool.run(&new, |runtime, _, id| {
            let Start::Image(image, answer) = &self.nodes[id.0].start else {
                unreachable!("a process that is down left an image");
            };
            runtime.block_on(async {
                let mut case = Case::resume(self.stage, Detail::Grades, image, answer.clone())?;
                let records = case.restarted().await?;
                let judgements = case.take_judgements().try_into();
                Ok((records, judgements.expect("judged after recovery and after the retry")))
            })
        })?;
        let phases = found.nodes.iter_mut().filter(|(_, phases)| phases.is_empty());
        for ((id, phases), ((boot, retry), judgements)) in phases.zip(restarts) {
            let judgements: [Judgement; 2] = judgements;
            self.nodes[id.0].restarted = Some(judgements.map(|judgement| judgement.breaches));
            self.meet(Phase::Boot, &boot);
            self.meet(Phase::Retry, &retry);
            *phases = vec![(Phase::Boot, boot), (Phase::Retry, retry)];
        }
        Ok(())
    }

    /// The cases with one more fault.
    fn next(&self, found: &Found) -> Vec<Item> {
        let cleanup = found.ran.iter().flat_map(|&at| self.after_the_last_fault(&self.ran[at]));
        let later = found
            .nodes
            .iter()
            .flat_map(|(id, phases)| phases.iter().flat_map(|(phase, records)| self.points(*id, *phase, records, &[])));
        cleanup.chain(later).collect()
    }

    /// Points of the same phase that come after its last fault: cleanup.
    fn after_the_last_fault(&self, ran: &Ran) -> Vec<Item> {
        let last = ran.faults.last().expect("a case that was run has a fault");
        // Other causes take the same way, unless the flow tells them apart; then their own cleanup is like any other's.
        if matches!(last.fault, Fault::Error(cause) if cause != Cause::Usual) {
            return Vec::new();
        }
        let is_last =
            |record: &Record| record.step.name() == last.point.step && record.occurrence == last.point.occurrence;
        let after = ran.records.iter().position(is_last).map_or(ran.records.len(), |at| at + 1);
        self.points(ran.from, last.phase, &ran.records[after..], &ran.faults)
    }

    fn meet(&mut self, phase: Phase, records: &[Record]) {
        for record in records {
            let known = self.steps.iter().position(|known| known.step == record.step);
            let at = known.unwrap_or_else(|| {
                let (step, resource) = (record.step, record.resource);
                self.steps.push(KnownStep { step, resource, phases: BTreeSet::new() });
                self.steps.len() - 1
            });
            self.steps[at].phases.insert(phase);
        }
    }

    fn finish(mut self) -> Exploration {
        let mut tally = Tally::default();
        tally.without_faults(self.stage.faultless().1);
        let covered = tally.with_faults(&mut self.nodes, &self.ran, self.bounds.depth as usize);
        let ran = self.ran.len() as u64;
        Exploration { tally, steps: self.steps, cases: ran + 1, pruned: covered - ran, not_fired: self.not_fired }
    }
}
