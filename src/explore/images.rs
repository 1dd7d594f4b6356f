//! The worlds that a process leaves if it ends at any point of its first attempt: all of them from one run.
//!
//! A crash and a loss of power look at nothing but what is on the disk at their moment. One attempt without faults, with
//! all changes recorded, therefore shows every such world; the number of runs does not grow with the number of points.
//! Worlds that are equal byte by byte are one.

use std::collections::{BTreeSet, HashMap};
use std::hash::{DefaultHasher, Hash, Hasher};

use crate::durability::{Change, Item, Storage, Tree};
use crate::fault::{Edge, Fault, FaultClass, Survivors, Tear};
use crate::inject::{Instant, Recorded, Recording, Trace};
use crate::observe::Answer;
use crate::schedule::{Phase, Place, PlannedFault, Point};

use super::points::{can_happen, can_happen_to};

/// A world that is left.
pub(super) struct World {
    /// What stands in it.
    pub(super) tree: Tree,
    /// What the caller was told before.
    pub(super) answer: Option<Answer>,
}

/// Walks through a recorded attempt, and finds what each fault would leave that ends the process.
pub(super) struct Images<'i> {
    trace: &'i Trace,
    classes: &'i BTreeSet<FaultClass>,
    with_operations: bool,
    /// The version before the operation that is under way outside of any step.
    before_outside: Option<usize>,
    storage: Storage,
    /// Counts the changes: while it stays the same, so do the worlds.
    version: usize,
    /// The worlds that a loss of power leaves now, once they are known.
    power_losses: Option<(usize, Vec<(Survivors, usize)>)>,
    answer: Option<Answer>,
    /// What the caller was told by now: nothing before the answer, and the answer while work goes on in background.
    told: Option<Answer>,
    numbers: HashMap<u128, usize>,
    /// Which world each fault leaves, in the order of the moments.
    pub(super) found: Vec<(PlannedFault, usize)>,
    /// The worlds that nobody has fetched yet, in order.
    new: Vec<World>,
}

impl<'i> Images<'i> {
    /// Faults of these classes, in an attempt that ended with this answer.
    pub(super) fn new(
        recording: &Recording,
        trace: &'i Trace,
        classes: &'i BTreeSet<FaultClass>,
        answer: Option<Answer>,
    ) -> Self {
        Self {
            trace,
            classes,
            with_operations: classes.iter().any(|class| class.is_of_operations()),
            before_outside: None,
            storage: recording.base(),
            version: 0,
            power_losses: None,
            answer,
            told: None,
            numbers: HashMap::new(),
            found: Vec::new(),
            new: Vec::new(),
        }
    }

    /// Goes on by one entry of the record. Returns the worlds that were not known before it.
    pub(super) fn advance(&mut self, entry: &Recorded, before: Option<&Recorded>) -> Vec<World> {
        match entry {
            Recorded::Change(change) => {
                if let Some(Recorded::Passed(Instant::Operation { at, edge: Edge::Before })) = before {
                    self.torn(*at, change);
                }
                self.storage.apply(change);
                self.version += 1;
            }
            Recorded::Passed(Instant::Step { at, edge }) => self.step(*at, *edge),
            Recorded::Passed(Instant::Operation { at, edge }) => self.operation(*at, *edge),
            Recorded::Passed(Instant::Answer) => {
                let point = Point { place: Place::Answer, edge: Edge::After };
                // Whoever was answered has been told something that the others have not.
                self.power_losses = None;
                self.told = self.answer.clone();
                if self.classes.contains(&FaultClass::Crash) {
                    self.note(point.clone(), Fault::Crash, self.storage.now());
                }
                self.lose_power(&point);
            }
        }
        std::mem::take(&mut self.new)
    }

    fn step(&mut self, at: usize, edge: Edge) {
        let record = &self.trace.steps[at];
        if self.classes.contains(&FaultClass::Crash) && can_happen(Fault::Crash, edge, &record.outcome) {
            // Where its commit follows, that it is over was told too early.
            if record.seen.is_some_and(|seen| !can_happen_to(seen, Fault::Crash, edge)) {
                return;
            }
            let point = Point::of_step(record.step.name(), record.occurrence, edge);
            self.note(point, Fault::Crash, self.storage.now());
        }
    }

    fn operation(&mut self, at: usize, edge: Edge) {
        if !self.with_operations {
            self.outside(at, edge);
            return;
        }
        if edge == Edge::During {
            return;
        }
        let point = self.point(at, edge);
        if self.classes.contains(&FaultClass::Crash) {
            self.note(point.clone(), Fault::Crash, self.storage.now());
        }
        self.lose_power(&point);
    }

    /// What is changed outside of any step is no less real: the world that a crash leaves after it is known from the record.
    fn outside(&mut self, at: usize, edge: Edge) {
        if self.trace.operations[at].within.is_some() || !self.classes.contains(&FaultClass::Crash) {
            return;
        }
        match edge {
            Edge::Before => self.before_outside = Some(self.version),
            Edge::During => {}
            Edge::After => {
                if self.before_outside.take().is_some_and(|before| before != self.version) {
                    self.note(self.point(at, edge), Fault::Crash, self.storage.now());
                }
            }
        }
    }

    fn lose_power(&mut self, point: &Point) {
        if !self.classes.contains(&FaultClass::PowerLoss) {
            return;
        }
        let known = self.power_losses.take().filter(|(version, _)| *version == self.version);
        let worlds = known.map_or_else(
            || {
                let choices = self.storage.choices().into_iter();
                let worlds = choices.map(|survivors| {
                    let tree = self.storage.after_power_loss(survivors);
                    (survivors, self.number(tree))
                });
                worlds.collect::<Vec<_>>()
            },
            |(_, worlds)| worlds,
        );
        for &(survivors, world) in &worlds {
            let fault = Fault::PowerLoss(survivors);
            self.found.push((PlannedFault { phase: Phase::Attempt, point: point.clone(), fault }, world));
        }
        self.power_losses = Some((self.version, worlds));
    }

    /// A write of which half was written.
    fn torn(&mut self, at: usize, change: &Change) {
        let Change::Wrote { file, offset, data } = change else { return };
        if !self.with_operations || !self.classes.contains(&FaultClass::Torn) || data.len() < 2 {
            return;
        }
        let mut torn = self.storage.clone();
        torn.apply(&Change::Wrote { file: *file, offset: *offset, data: data[..data.len() / 2].into() });
        self.note(self.point(at, Edge::During), Fault::Torn(Tear::Crash), torn.now());
    }

    fn point(&self, at: usize, edge: Edge) -> Point {
        let operation = &self.trace.operations[at];
        let (within, operation) = (operation.within.clone(), operation.run.clone());
        Point { place: Place::Operation { within, operation }, edge }
    }

    fn note(&mut self, point: Point, fault: Fault, tree: Tree) {
        let world = self.number(tree);
        self.found.push((PlannedFault { phase: Phase::Attempt, point, fault }, world));
    }

    /// The number of a world; a new one is put among those to be fetched.
    fn number(&mut self, tree: Tree) -> usize {
        let next = self.numbers.len();
        let number = *self.numbers.entry(digest(&tree, self.told.is_some())).or_insert(next);
        if number == next {
            self.new.push(World { tree, answer: self.told.clone() });
        }
        number
    }
}

/// Tells worlds apart. Two halves, so that no two worlds of one run have the same by chance.
fn digest(tree: &Tree, is_answered: bool) -> u128 {
    let half = |salt: u8| {
        let mut hasher = DefaultHasher::new();
        (salt, is_answered, tree.len()).hash(&mut hasher);
        for (path, item) in tree {
            path.hash(&mut hasher);
            match item {
                Item::File(bytes) => (0_u8, &**bytes).hash(&mut hasher),
                Item::Directory => 1_u8.hash(&mut hasher),
                Item::Link(target) => (2_u8, target).hash(&mut hasher),
                Item::SameAs(first) => (3_u8, first).hash(&mut hasher),
                Item::Node(node) => (4_u8, node).hash(&mut hasher),
            }
        }
        hasher.finish()
    };
    (u128::from(half(0)) << 64) | u128::from(half(1))
}
