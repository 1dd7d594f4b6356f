//! Every point times every fault that applies, then again inside each faulted run.
//!
//! A run without faults shows the points of the attempt. Each fault there leads to a new state, whose recovery and
//! retry show further points; and the attempt itself may go on after its fault, into cleanup, with points of its own.
//! States that are equal are explored once. Not tried: more faults than the depth, and other causes of an error than the
//! usual one where it is not the first fault.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use tokio::runtime::Runtime;

use super::graph::{Claims, Key, Node, NodeId, Ran, Start, State};
use super::parallel::Pool;
use super::points::{Causes, faults_at};
use super::tally::Tally;
use super::{Bounds, Pruning};
use crate::error::{Error, Result};
use crate::fault::{FaultClass, Resource};
use crate::inject::Record;
use crate::judge::{Breaches, Criterion, Judgement};
use crate::observe::Answer;
use crate::roles::Fingerprint;
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
    let mut items = explorer.points(NodeId::ROOT, Phase::Attempt, stage.faultless().0);
    for level in 1..=bounds.depth {
        let goes_on = level < bounds.depth;
        let new = explorer.level(items, if goes_on { Detail::Graph } else { Detail::Grades })?;
        items = if goes_on { explorer.next(&new) } else { Vec::new() };
    }
    Ok(explorer.finish())
}

struct Explorer<'x> {
    stage: &'x Stage<'x>,
    bounds: &'x Bounds,
    pool: &'x Pool<'x>,
    nodes: Vec<Node>,
    known: HashMap<State, NodeId>,
    /// What impatient retries left, by the world that they met and the class of the last fault before them.
    retried: HashMap<(Key, FaultClass), Breaches>,
    ran: Vec<Ran>,
    steps: Vec<KnownStep>,
    not_fired: Vec<Error>,
}

/// A case to run: one more fault, on top of a node.
struct Item {
    from: NodeId,
    fault: PlannedFault,
}

/// A node that was not known, and the phases and steps that follow it when nothing more goes wrong.
struct New {
    node: NodeId,
    phases: Vec<(Phase, Vec<Record>)>,
}

/// What a worker brings back from one case.
struct Outcome {
    records: Vec<Record>,
    at_rest: Vec<Judgement>,
    at_hit: Option<Fingerprint>,
    key: Key,
    /// The world that the process leaves, if this case is the first to reach it.
    image: Option<Arc<Site>>,
    answer: Option<Answer>,
    impatient: Impatient,
}

/// What came of the impatient client's retry.
enum Impatient {
    /// No process survived.
    Impossible,
    /// It was made.
    Made(Judgement, Vec<Record>),
    /// One like it was made in another case.
    AsKnown,
}

/// What of a level is done once, by the first case that needs it.
struct Once {
    images: Claims<Key>,
    retries: Claims<(Key, FaultClass)>,
}

impl<'x> Explorer<'x> {
    fn new(stage: &'x Stage<'x>, bounds: &'x Bounds, pool: &'x Pool<'x>) -> Self {
        let mut explorer = Self {
            stage,
            bounds,
            pool,
            nodes: Vec::new(),
            known: HashMap::new(),
            retried: HashMap::new(),
            ran: Vec::new(),
            steps: Vec::new(),
            not_fired: Vec::new(),
        };
        explorer.add(Start::Template, Vec::new(), Vec::new());
        explorer.meet(Phase::Attempt, stage.faultless().0);
        explorer
    }

    /// One more fault at each of these steps.
    fn points(&self, from: NodeId, phase: Phase, records: &[Record]) -> Vec<Item> {
        let causes = if from == NodeId::ROOT { Causes::All } else { Causes::Usual };
        let faults = records.iter().flat_map(|record| faults_at(phase, record, &self.bounds.faults, causes));
        faults.map(|fault| Item { from, fault }).collect()
    }

    /// Runs the cases of one level, and the restarts of the worlds that are new. Returns where to go on.
    fn level(&mut self, items: Vec<Item>, detail: Detail) -> Result<Vec<New>> {
        self.pool.progress().planned(&self.stage.subject().name(), items.len());
        let once = Once { images: Claims::new(), retries: Claims::new() };
        let outcomes = self.pool.run(&items, |runtime, at, item| match self.run(runtime, at, item, detail, &once) {
            Err(Error::NotFired { schedule, fault, hint }) => Ok(Err(Error::NotFired { schedule, fault, hint })),
            other => other.map(Ok),
        })?;
        let mut new = Vec::new();
        for (item, outcome) in items.into_iter().zip(outcomes) {
            match outcome {
                Ok(outcome) => self.take_in(item, outcome, &mut new),
                Err(not_fired) => self.not_fired.push(not_fired),
            }
        }
        self.restart_new(&mut new)?;
        Ok(new)
    }

    fn run(&self, runtime: &Runtime, at: usize, item: &Item, detail: Detail, once: &Once) -> Result<Outcome> {
        let node = &self.nodes[item.from.0];
        runtime.block_on(async {
            let mut case = match &node.start {
                Start::Template => Case::begin(self.stage, detail).await?,
                Start::Image(image, answer) => Case::resume(self.stage, detail, image, answer.clone())?,
            };
            let faults: Vec<PlannedFault> = node.replayed.iter().chain([&item.fault]).cloned().collect();
            let trunk = case.trunk(&faults, node.replayed.len()).await?;
            self.expect_the_known_steps(&faults, &trunk.records)?;
            let last = trunk.judgements.last().expect("a case with a fault is judged at rest");
            let key = Key::new(last.fingerprint, case.answer(), self.apart(self.ran.len() + at));
            let is_new = !self.known.contains_key(&State::Down(key.clone())) && once.images.is_first(key.clone(), at);
            let image = if is_new { Some(case.image()?) } else { None };
            let answer = case.answer().cloned();
            let impatient = match case.process() {
                Process::Down { .. } => Impatient::Impossible,
                Process::Up { .. } if self.is_retried(at, item, &key, once) => Impatient::AsKnown,
                Process::Up { .. } => {
                    let records = case.impatient().await?;
                    let judgement = case.take_judgements().pop().expect("judged after the retry");
                    Impatient::Made(judgement, records)
                }
            };
            let (records, at_rest, at_hit) = (trunk.records, trunk.judgements, trunk.at_hit);
            Ok(Outcome { records, at_rest, at_hit, key, image, answer, impatient })
        })
    }

    /// Whether another case shows what the impatient client's retry leaves.
    fn is_retried(&self, at: usize, item: &Item, key: &Key, once: &Once) -> bool {
        let is_first_fault = item.from == NodeId::ROOT;
        let like_it = (key.clone(), item.fault.fault.class());
        let is_known = self.retried.contains_key(&like_it) || !once.retries.is_first(like_it, at);
        is_known && !is_first_fault
    }

    /// Up to its fault, a first attempt takes the steps of the attempt without faults.
    fn expect_the_known_steps(&self, faults: &[PlannedFault], records: &[Record]) -> Result<()> {
        let [only] = faults else { return Ok(()) };
        if only.phase != Phase::Attempt {
            return Ok(());
        }
        let (known, _) = self.stage.faultless();
        let upto = |records: &[Record]| records.len() - after(only, records).len();
        match first_difference(&known[..upto(known)], &records[..upto(records)]) {
            None => Ok(()),
            Some(difference) => {
                let schedule = format!("{} {only}", self.stage.subject().name());
                Err(Error::NotDeterministic { schedule, difference })
            }
        }
    }

    fn take_in(&mut self, item: Item, outcome: Outcome, new: &mut Vec<New>) {
        let Outcome { records, at_rest, at_hit, key, image, answer, impatient } = outcome;
        self.meet(item.fault.phase, &records);
        let from = &self.nodes[item.from.0];
        let at_rest = at_rest.into_iter().map(|judgement| judgement.breaches);
        let at_rest: Vec<Breaches> = from.at_rest.iter().cloned().chain(at_rest).collect();
        let again = (from.start.clone(), from.replayed.iter().chain([&item.fault]).cloned().collect::<Vec<_>>());

        let down = self.node(State::Down(key.clone()), new, |explorer| {
            let image = image.expect("the first case to reach a world keeps its image");
            // What follows is found out by restarting it.
            (explorer.add(Start::Image(image, answer), Vec::new(), at_rest.clone()), Vec::new())
        });
        let (alive, impatient) = match impatient {
            Impatient::Impossible => (None, None),
            Impatient::AsKnown => {
                let alive = self.known.get(&State::Alive(key.clone())).copied();
                let like_it = self.retried.get(&(key.clone(), item.fault.fault.class()));
                (alive, Some(like_it.expect("the first case like it made the retry").clone()))
            }
            Impatient::Made(judgement, retry) => {
                self.meet(Phase::Impatient, &retry);
                let like_it = (key.clone(), item.fault.fault.class());
                self.retried.entry(like_it).or_insert_with(|| judgement.breaches.clone());
                let alive = self.node(State::Alive(key.clone()), new, |explorer| {
                    let node = explorer.add(again.0.clone(), again.1.clone(), at_rest.clone());
                    (node, vec![(Phase::Impatient, retry)])
                });
                (Some(alive), Some(judgement.breaches))
            }
        };
        let cleanup = after(&item.fault, &records);
        let cleanup = at_hit.filter(|_| !cleanup.is_empty()).map(|at_hit| {
            let state = State::Cleanup { from: item.from, at_hit, steps: cleanup.to_vec(), end: key };
            self.node(state, new, |explorer| {
                let before = explorer.nodes[item.from.0].at_rest.clone();
                (explorer.add(again.0, again.1, before), vec![(item.fault.phase, cleanup.to_vec())])
            })
        });
        self.ran.push(Ran { from: item.from, fault: item.fault, at_rest, impatient, down, alive, cleanup });
    }

    /// The node of this state; a new one is made and goes on the list.
    fn node(
        &mut self,
        state: State,
        new: &mut Vec<New>,
        make: impl FnOnce(&mut Self) -> (NodeId, Vec<(Phase, Vec<Record>)>),
    ) -> NodeId {
        if let Some(&known) = self.known.get(&state) {
            return known;
        }
        let (node, phases) = make(self);
        self.known.insert(state, node);
        new.push(New { node, phases });
        node
    }

    fn add(&mut self, start: Start, replayed: Vec<PlannedFault>, at_rest: Vec<Breaches>) -> NodeId {
        let id = NodeId(self.nodes.len());
        let (restarted, ready, paths) = (None, None, BTreeMap::new());
        self.nodes.push(Node { start, replayed, at_rest, restarted, ready, paths });
        id
    }

    /// Starts the application on each world that is new, and sends the request again.
    fn restart_new(&mut self, new: &mut Vec<New>) -> Result<()> {
        let nodes: Vec<NodeId> = new.iter().filter(|new| new.phases.is_empty()).map(|new| new.node).collect();
        let restarts = self.pool.run(&nodes, |runtime, _, node| {
            let Start::Image(image, answer) = &self.nodes[node.0].start else {
                unreachable!("a process that is down left an image");
            };
            runtime.block_on(async {
                let mut case = Case::resume(self.stage, Detail::Grades, image, answer.clone())?;
                let boot = case.boot_unharmed().await?;
                let answer = case.answer().cloned();
                let retry = case.retry_unharmed().await?;
                let judged = case.take_judgements().try_into();
                let judged: [Judgement; 2] = judged.expect("judged after recovery and after the retry");
                Ok((boot, answer, retry, judged))
            })
        })?;
        for (node, (boot, answer, retry, judged)) in nodes.into_iter().zip(restarts) {
            self.meet(Phase::Boot, &boot);
            self.meet(Phase::Retry, &retry);
            let recovered = Key::new(judged[0].fingerprint, answer.as_ref(), self.apart(node.0));
            self.nodes[node.0].restarted = Some(judged.map(|judgement| judgement.breaches));

            let Node { start, at_rest, .. } = &self.nodes[node.0];
            let (start, at_rest) = (start.clone(), at_rest.clone());
            let broken: BTreeSet<Criterion> = at_rest.iter().flat_map(|breaches| breaches.keys().copied()).collect();
            let ready = self.node(State::Ready(recovered, broken.into_iter().collect()), new, |explorer| {
                (explorer.add(start, Vec::new(), at_rest), vec![(Phase::Retry, retry)])
            });
            self.nodes[node.0].ready = Some(ready);
            for new in new.iter_mut().filter(|new| new.node == node) {
                new.phases = vec![(Phase::Boot, boot.clone())];
            }
        }
        Ok(())
    }

    /// What tells a state from all others when nothing is to be pruned.
    fn apart(&self, number: usize) -> Option<usize> {
        (self.bounds.pruning == Pruning::Off).then_some(number)
    }

    /// The cases with one more fault.
    fn next(&self, new: &[New]) -> Vec<Item> {
        let phases = new.iter().flat_map(|new| new.phases.iter().map(|(phase, records)| (new.node, *phase, records)));
        phases.flat_map(|(node, phase, records)| self.points(node, phase, records)).collect()
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

/// The steps after the one that the fault hit.
fn after<'r>(fault: &PlannedFault, records: &'r [Record]) -> &'r [Record] {
    let step = fault.point.place.step();
    let hit = step.and_then(|step| records.iter().position(|record| record.is(step)));
    hit.map_or(&[], |at| &records[at + 1..])
}
