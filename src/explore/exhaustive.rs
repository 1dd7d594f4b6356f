//! Every point times every fault that applies, then again inside each faulted run.
//!
//! A run without faults shows the points of the attempt. Each fault there leads to a new state, whose recovery and
//! retry show further points; and the attempt itself may go on after its fault, into cleanup, with points of its own.
//! States that are equal are explored once. Not tried: more faults than the depth, and other causes of an error than the
//! usual one where it is not the first fault.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use tokio::runtime::Runtime;

use super::graph::{Claims, Key, Node, NodeId, Ran, Restart, Retry, Start, State};
use super::harvest::{Harvest, Harvested, Judged, harvest};
use super::kept::{self, Acknowledged, Kept};
use super::known::KnownPoints;
use super::parallel::Pool;
use super::points::{Causes, first_faults, further_faults};
use super::tally::{CellKey, Tally, stood_for};
use super::{Bounds, Pruning};
use crate::error::{Error, Result};
use crate::fault::FaultClass;
use crate::inject::Trace;
use crate::judge::{Breaches, Criterion, Grade, Judgement};
use crate::observe::Answer;
use crate::roles::Fingerprint;
use crate::run::{Case, Detail, Process, Stage, last_process};
use crate::schedule::{Phase, PlannedFault};
use crate::world::Site;

/// What an exploration found out.
pub(crate) struct Findings {
    /// How the criteria fared.
    pub(crate) tally: Tally,
    /// All steps and file operations.
    pub(crate) met: KnownPoints,
    /// Cases that were run.
    pub(crate) cases: u64,
    /// Cases that an equal one stands for.
    pub(crate) pruned: u64,
    /// Planned faults that did not happen, each as the error that says so.
    pub(crate) not_fired: Vec<Error>,
    /// Second and later faults to which a case did not come, although another one with an equal world did.
    pub(crate) unreached: u64,
    /// The first file that something changes in a way that is not seen.
    pub(crate) missed: Option<String>,
    /// The states that were passed, and the cases that were run; none where cases were drawn.
    pub(super) nodes: Vec<Node>,
    pub(super) ran: Vec<Ran>,
}

impl Findings {
    /// The cases of this cell, at most so many, that are said to have this grade.
    pub(super) fn stood_for(&self, cell: CellKey, grade: Grade, most: usize) -> Vec<Vec<PlannedFault>> {
        stood_for(&self.nodes, &self.ran, cell, grade, most)
    }
}

/// Explores one subject.
pub(crate) fn explore(stage: &Stage<'_>, bounds: &Bounds, pool: &Pool<'_>) -> Result<Findings> {
    let Harvested { harvest, missed } = harvest(stage, &bounds.faults, pool)?;
    let mut explorer = Explorer::new(stage, bounds, pool);
    let mut items = explorer.first(harvest.as_ref());
    for level in 1..=bounds.depth {
        let goes_on = level < bounds.depth;
        let known = harvest.as_ref().filter(|_| level == 1);
        let new = explorer.level(items, known, if goes_on { Detail::Graph } else { Detail::Grades })?;
        items = if goes_on { explorer.next(&new) } else { Vec::new() };
    }
    Ok(Findings { missed, ..explorer.finish() })
}

struct Explorer<'x> {
    stage: &'x Stage<'x>,
    bounds: &'x Bounds,
    pool: &'x Pool<'x>,
    nodes: Vec<Node>,
    known: HashMap<State, NodeId>,
    /// What impatient retries left, by the world that they met and the class of the last fault before them.
    retried: HashMap<(Key, FaultClass), Retry>,
    kept: Kept,
    ran: Vec<Ran>,
    met: KnownPoints,
    /// How many cases were carried out, or told from the worlds that another one went through.
    cases: u64,
    not_fired: Vec<Error>,
    unreached: u64,
}

/// A case to run: one more fault, on top of a node.
struct Item {
    from: NodeId,
    fault: PlannedFault,
    /// The world that it leaves, among those that are known without carrying it out.
    known: Option<usize>,
}

/// A node that was not known, and the phases and steps that follow it when nothing more goes wrong.
struct New {
    node: NodeId,
    phases: Vec<(Phase, Trace)>,
}

/// What a worker brings back from one case.
struct Outcome {
    trace: Trace,
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
    Made(Box<Made>),
    /// One like it was made in another case.
    AsKnown,
}

/// An impatient client's retry.
struct Made {
    judgement: Judgement,
    retry: Trace,
    acknowledged: Option<Acknowledged>,
}

/// What of a level is done once, by the first case that needs it.
struct Once {
    images: Claims<Key>,
    retries: Claims<(Key, FaultClass)>,
    kept: Claims<kept::Key>,
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
            kept: Kept::default(),
            ran: Vec::new(),
            met: KnownPoints::default(),
            cases: 1,
            not_fired: Vec::new(),
            unreached: 0,
        };
        explorer.add(Start::Template, Vec::new(), Vec::new());
        explorer.met.add(Phase::Attempt, &stage.faultless().trace);
        explorer.met.add(Phase::FirstBoot, stage.first_boot());
        explorer
    }

    /// Each fault in the first attempt, and in the first start.
    fn first(&self, harvest: Option<&Harvest>) -> Vec<Item> {
        let from = NodeId::ROOT;
        let faults = first_faults(self.bounds, Phase::Attempt, &self.stage.faultless().trace);
        let found = harvest.into_iter().flat_map(|harvest| &harvest.found);
        let mut left: HashMap<&PlannedFault, usize> = found.clone().map(|(fault, world)| (fault, *world)).collect();
        let mut items: Vec<Item> = Vec::with_capacity(faults.len());
        items.extend(faults.into_iter().map(|fault| {
            let known = left.remove(&fault);
            Item { from, fault, known }
        }));
        // Which worlds a loss of power leaves nobody knew beforehand.
        let rest = found.filter(|(fault, _)| left.contains_key(fault));
        items.extend(rest.map(|(fault, world)| Item { from, fault: fault.clone(), known: Some(*world) }));
        let first_boot = first_faults(self.bounds, Phase::FirstBoot, self.stage.first_boot());
        items.extend(first_boot.into_iter().map(|fault| Item { from, fault, known: None }));
        items
    }

    /// Runs the cases of one level, and the restarts of the worlds that are new. Returns where to go on.
    fn level(&mut self, items: Vec<Item>, harvest: Option<&Harvest>, detail: Detail) -> Result<Vec<New>> {
        let once = Once { images: Claims::new(), retries: Claims::new(), kept: Claims::new() };
        let known = |item: &Item| item.known.and_then(|world| harvest.map(|harvest| &harvest.worlds[world]));
        let to_run = items.iter().filter(|item| item.known.is_none()).count();
        self.pool.progress().planned(&self.stage.subject().name(), to_run);
        self.cases += (to_run + harvest.map_or(0, |harvest| harvest.worlds.len())) as u64;
        let outcomes = self.pool.run(&items, |runtime, at, item| {
            let outcome = if let Some(world) = known(item) {
                Ok(self.told(at, world, &once))
            } else {
                let case = || self.run(runtime, at, item, detail, &once);
                self.stage.tried(case, |outcome| !matches!(outcome, Err(Error::NotFired { .. })))
            };
            match outcome {
                Err(error @ Error::NotFired { .. }) => Ok(Err(error)),
                other => other.and_then(|outcome| self.try_for_real(item, &outcome).map(|()| Ok(outcome))),
            }
        })?;
        let acknowledged = outcomes.iter().flatten().filter_map(|outcome| match &outcome.impatient {
            Impatient::Made(made) => made.acknowledged.as_ref(),
            Impatient::Impossible | Impatient::AsKnown => None,
        });
        self.kept.learn(self.stage, self.pool, acknowledged)?;
        let mut new = Vec::new();
        for (item, outcome) in items.into_iter().zip(outcomes) {
            match outcome {
                Ok(outcome) => self.take_in(item, outcome, &mut new),
                // Where the order is another each time, so are the points; it was tried often enough.
                Err(_) if self.stage.is_shuffled() => {}
                Err(not_fired) if item.from == NodeId::ROOT => self.not_fired.push(not_fired),
                // The same world, and another way on: what decides is in the memory of the process.
                Err(_) => self.unreached += 1,
            }
        }
        self.restart_new(&mut new)?;
        Ok(new)
    }

    /// Kills a process where that is asked for and the fault is a crash, and compares.
    fn try_for_real(&self, item: &Item, outcome: &Outcome) -> Result<()> {
        let Some(killable) = &self.bounds.killable else { return Ok(()) };
        let node = &self.nodes[item.from.0];
        let faults: Vec<PlannedFault> = node.replayed.iter().chain([&item.fault]).cloned().collect();
        // What a process that is already there went through cannot be gone through by another.
        if last_process(&faults) != Some(0) {
            return Ok(());
        }
        let image = match &node.start {
            Start::Template => None,
            Start::Image(image, _) => Some(&**image),
        };
        self.stage.expect_of_a_kill(killable, image, &faults, outcome.key.world())
    }

    /// The outcome of a case that needs not be carried out: what it leaves is known.
    fn told(&self, at: usize, world: &Judged, once: &Once) -> Outcome {
        let Judged { judgement, answer, image } = world;
        let key = Key::new(judgement.fingerprint, answer.as_ref(), self.apart(self.ran.len() + at));
        let is_new = once.images.is_first(key.clone(), at);
        Outcome {
            trace: Trace::default(),
            at_rest: vec![judgement.clone()],
            at_hit: None,
            key,
            image: is_new.then(|| Arc::clone(image)),
            answer: answer.clone(),
            impatient: Impatient::Impossible,
        }
    }

    fn run(&self, runtime: &Runtime, at: usize, item: &Item, detail: Detail, once: &Once) -> Result<Outcome> {
        let node = &self.nodes[item.from.0];
        let faults: Vec<PlannedFault> = node.replayed.iter().chain([&item.fault]).cloned().collect();
        let watching = self.stage.watching(&faults);
        runtime.block_on(async {
            let mut case = match &node.start {
                Start::Template => Case::before(self.stage, detail, watching, &faults).await?,
                Start::Image(image, answer) => Case::resume(self.stage, detail, watching, image, answer.clone())?,
            };
            let trunk = case.trunk(&faults, node.replayed.len()).await?;
            self.expect_the_known_steps(&faults, &trunk.trace).await?;
            let last = trunk.judgements.last().expect("a case with a fault is judged at rest");
            let key = Key::new(last.fingerprint, case.answer(), self.apart(self.ran.len() + at));
            let is_new = !self.known.contains_key(&State::Down(key.clone())) && once.images.is_first(key.clone(), at);
            let image = if is_new { Some(case.image()?) } else { None };
            let answer = case.answer().cloned();
            let impatient = match case.process() {
                Process::Down { .. } => Impatient::Impossible,
                Process::Up { .. } if self.is_retried(at, item, &key, once) => Impatient::AsKnown,
                Process::Up { .. } => {
                    let retry = case.impatient().await?;
                    let judgement = case.take_judgements().pop().expect("judged after the retry");
                    let number = self.ran.len() + at;
                    let acknowledged = self.kept.take(&case, &judgement, self.apart(number), at, &once.kept)?;
                    Impatient::Made(Box::new(Made { judgement, retry, acknowledged }))
                }
            };
            let (trace, at_rest, at_hit) = (trunk.trace, trunk.judgements, trunk.at_hit);
            Ok(Outcome { trace, at_rest, at_hit, key, image, answer, impatient })
        })
    }

    /// Whether another case shows what the impatient client's retry leaves.
    fn is_retried(&self, at: usize, item: &Item, key: &Key, once: &Once) -> bool {
        let is_first_fault = item.from == NodeId::ROOT;
        let like_it = (key.clone(), item.fault.fault.class());
        let is_known = self.retried.contains_key(&like_it) || !once.retries.is_first(like_it, at);
        is_known && !is_first_fault && self.compares_all()
    }

    /// Whether equal worlds are equal for all that follows, as long as the process lives: where the power may go later,
    /// it makes a difference what is not synced yet.
    fn compares_all(&self) -> bool {
        !self.bounds.faults.contains(&FaultClass::PowerLoss)
    }

    /// Up to its fault, a first attempt goes as the attempt without faults.
    async fn expect_the_known_steps(&self, faults: &[PlannedFault], trace: &Trace) -> Result<()> {
        let [only] = faults else { return Ok(()) };
        if only.phase != Phase::Attempt {
            return Ok(());
        }
        let (known, place) = (&self.stage.faultless().trace, &only.point.place);
        self.stage.expect_the_known(&known.until(place), &trace.until(place), faults).await
    }

    fn take_in(&mut self, item: Item, outcome: Outcome, new: &mut Vec<New>) {
        let Outcome { trace, at_rest, at_hit, key, image, answer, impatient } = outcome;
        self.met.add(item.fault.phase, &trace);
        let from = &self.nodes[item.from.0];
        let at_rest = at_rest.into_iter().map(|judgement| judgement.breaches);
        let at_rest: Vec<Breaches> = from.at_rest.iter().cloned().chain(at_rest).collect();
        let again = (from.start.clone(), from.replayed.iter().chain([&item.fault]).cloned().collect::<Vec<_>>());

        let down = self.node(State::Down(key.clone()), new, |explorer| {
            let image = image.expect("the first case to reach a world keeps its image");
            // What follows is found out by restarting it.
            (explorer.add(Start::Image(image, answer), Vec::new(), at_rest.clone()), Vec::new())
        });
        // What is not synced yet is no part of the world that is compared, and the process carries it on.
        let lived = if self.compares_all() { key.clone() } else { key.clone().set_apart(self.ran.len()) };
        let (alive, impatient) = match impatient {
            Impatient::Impossible => (None, None),
            Impatient::AsKnown => {
                let alive = self.known.get(&State::Alive(lived.clone())).copied();
                let like_it = self.retried.get(&(key.clone(), item.fault.fault.class()));
                (alive, Some(like_it.expect("the first case like it made the retry").clone()))
            }
            Impatient::Made(made) => {
                let Made { judgement, retry, acknowledged } = *made;
                self.met.add(Phase::Impatient, &retry);
                let after_restart = self.kept.after_restart(acknowledged.as_ref());
                let graded = Retry { after_retry: judgement.breaches, after_restart };
                let like_it = (key.clone(), item.fault.fault.class());
                self.retried.entry(like_it).or_insert_with(|| graded.clone());
                let alive = self.node(State::Alive(lived.clone()), new, |explorer| {
                    let node = explorer.add(again.0.clone(), again.1.clone(), at_rest.clone());
                    (node, vec![(Phase::Impatient, retry)])
                });
                (Some(alive), Some(graded))
            }
        };
        let cleanup = trace.after(&item.fault.point.place);
        let cleanup = at_hit.filter(|_| !cleanup.is_empty()).map(|at_hit| {
            let state = State::Cleanup { from: item.from, at_hit, rest: cleanup.clone(), end: lived };
            self.node(state, new, |explorer| {
                let before = explorer.nodes[item.from.0].at_rest.clone();
                (explorer.add(again.0, again.1, before), vec![(item.fault.phase, cleanup)])
            })
        });
        self.ran.push(Ran { from: item.from, fault: item.fault, at_rest, impatient, down, alive, cleanup });
    }

    /// The node of this state; a new one is made and goes on the list.
    fn node(
        &mut self,
        state: State,
        new: &mut Vec<New>,
        make: impl FnOnce(&mut Self) -> (NodeId, Vec<(Phase, Trace)>),
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
        let claims = Claims::new();
        let restarts = self.pool.run(&nodes, |runtime, at, node| {
            let Start::Image(image, answer) = &self.nodes[node.0].start else {
                unreachable!("a process that is down left an image");
            };
            runtime.block_on(async {
                let mut case =
                    Case::resume(self.stage, Detail::Grades, self.stage.watching(&[]), image, answer.clone())?;
                let boot = case.boot_unharmed().await?;
                let answer = case.answer().cloned();
                let retry = case.retry_unharmed().await?;
                let judged = case.take_judgements().try_into();
                let judged: [Judgement; 2] = judged.expect("judged after recovery and after the retry");
                let kept = self.kept.take(&case, &judged[1], self.apart(node.0), at, &claims)?;
                Ok((boot, answer, retry, judged, kept))
            })
        })?;
        self.kept.learn(self.stage, self.pool, restarts.iter().filter_map(|(.., kept)| kept.as_ref()))?;
        for (node, (boot, answer, retry, [recovered, retried], kept)) in nodes.into_iter().zip(restarts) {
            self.met.add(Phase::Boot, &boot);
            self.met.add(Phase::Retry, &retry);
            let after_restart = self.kept.after_restart(kept.as_ref());
            let graded = Retry { after_retry: retried.breaches, after_restart };
            self.nodes[node.0].restarted = Some(Restart { after_recovery: recovered.breaches, retry: graded });
            let recovered = Key::new(recovered.fingerprint, answer.as_ref(), self.apart(node.0));

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
        let phases = new.iter().flat_map(|new| new.phases.iter().map(|(phase, trace)| (new.node, *phase, trace)));
        let faults = phases.flat_map(|(from, phase, trace)| {
            let faults = further_faults(self.bounds, phase, trace, Causes::Usual);
            faults.into_iter().map(move |fault| Item { from, fault, known: None })
        });
        faults.collect()
    }

    fn finish(mut self) -> Findings {
        let mut tally = Tally::default();
        tally.without_faults(self.stage.faultless());
        let covered = tally.with_faults(&mut self.nodes, &self.ran, self.bounds.depth as usize);
        let Self { met, cases, not_fired, unreached, nodes, ran, .. } = self;
        // The run without faults is one of the cases, and covers itself.
        let (pruned, missed) = ((covered + 1).saturating_sub(cases), None);
        Findings { tally, met, cases, pruned, not_fired, unreached, missed, nodes, ran }
    }
}
