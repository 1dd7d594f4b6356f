//! What happened in one run of a phase: its steps, and the file operations inside them.

use crate::fault::Resource;
use crate::schedule::{OperationRun, Place, PlannedFault, StepRun};
use crate::step::Step;
use crate::story::{OperationOutcome, OperationRecord, StepOutcome};

/// What happened at one step.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct StepTrace {
    /// The step.
    pub(crate) step: Step,
    /// Which run of it in this phase, from 1.
    pub(crate) occurrence: u32,
    /// What it acts on.
    pub(crate) resource: Resource,
    /// How it went.
    pub(crate) outcome: StepOutcome,
    /// What is known of it where it is a statement that the code gives no name.
    pub(crate) seen: Option<Seen>,
}

/// A statement of the database engine that no step names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Seen {
    /// What it does, and to what, as a person reads it.
    pub(crate) words: &'static str,
    /// Whether another thread than that of the request carries it out: it can be given up.
    pub(crate) is_apart: bool,
    /// Whether it was over when its end was told; otherwise its commit came after that.
    pub(crate) is_over: bool,
}

/// What happened at one file operation.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct OperationTrace {
    /// The step in which it happened.
    pub(crate) within: Option<StepRun>,
    /// What was done to what, for the how many-th time.
    pub(crate) run: OperationRun,
    /// Of a write, how many bytes it was given, and where they were to stand.
    pub(crate) extent: Option<(usize, u64)>,
    /// How it went.
    pub(crate) outcome: OperationOutcome,
}

/// What happened in one run of a phase.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Trace {
    /// The steps, in the order in which they were entered.
    pub(crate) steps: Vec<StepTrace>,
    /// The file operations, in the order in which they were carried out. None where nobody watched.
    pub(crate) operations: Vec<OperationTrace>,
    /// The planned faults that hit, in order.
    pub(crate) hits: Vec<PlannedFault>,
}

impl StepTrace {
    /// Whether it is this run.
    pub(crate) fn is(&self, run: &StepRun) -> bool {
        self.step.name() == run.step && self.occurrence == run.occurrence
    }

    /// The run of the step.
    pub(crate) fn run(&self) -> StepRun {
        StepRun { step: self.step.name().to_owned(), occurrence: self.occurrence }
    }
}

impl OperationTrace {
    /// The operation as a story tells it.
    pub(crate) fn record(&self) -> OperationRecord {
        let extent = self.extent.map_or(String::new(), |(bytes, offset)| format!("{bytes} bytes at {offset}"));
        OperationRecord {
            operation: self.run.name(),
            occurrence: self.run.occurrence,
            extent,
            outcome: self.outcome.clone(),
        }
    }
}

impl Trace {
    /// Whether nothing happened.
    pub(crate) fn is_empty(&self) -> bool {
        self.steps.is_empty() && self.operations.is_empty()
    }

    /// What happened before this place, as far as every run that comes here must have done it, and the step itself.
    pub(crate) fn until(&self, place: &Place) -> Self {
        let (steps, operations) = match place {
            Place::Answer => (self.steps.len(), self.operations.len()),
            Place::Step(run) => {
                let at = self.place_of(run);
                (at + 1, self.operations_of(&self.steps[..at]))
            }
            Place::Operation { operation, within } => self.begun(operation, within.as_ref()),
        };
        let steps = self.steps[..steps.min(self.steps.len())].to_vec();
        Self { steps, operations: self.operations[..operations].to_vec(), hits: Vec::new() }
    }

    /// What happened after this place.
    pub(crate) fn after(&self, place: &Place) -> Self {
        let (steps, operations) = match place {
            Place::Answer => (self.steps.len(), self.operations.len()),
            Place::Step(run) => {
                let after = (self.place_of(run) + 1).min(self.steps.len());
                (after, self.operations_of(&self.steps[..after]))
            }
            Place::Operation { operation, within } => self.begun(operation, within.as_ref()),
        };
        Self {
            steps: self.steps[steps..].to_vec(),
            operations: self.operations[operations..].to_vec(),
            hits: Vec::new(),
        }
    }

    /// The place of a step among all of them; behind the last where it was not met.
    fn place_of(&self, run: &StepRun) -> usize {
        self.steps.iter().position(|record| record.is(run)).unwrap_or(self.steps.len())
    }

    /// How many file operations were begun until the last one of these steps was over.
    fn operations_of(&self, steps: &[StepTrace]) -> usize {
        let is_of_one = |within: &StepRun| steps.iter().any(|record| record.is(within));
        let last = self.operations.iter().rposition(|operation| operation.within.as_ref().is_some_and(is_of_one));
        last.map_or(0, |last| last + 1)
    }

    /// How many steps were entered, and how many file operations begun, when this one was; all, where it was not met.
    fn begun(&self, run: &OperationRun, within: Option<&StepRun>) -> (usize, usize) {
        let is_it = |operation: &OperationTrace| operation.run == *run && operation.within.as_ref() == within;
        let Some(at) = self.operations.iter().position(is_it) else { return (self.steps.len(), self.operations.len()) };
        let entered = self.operations[..=at].iter().filter_map(|operation| operation.within.as_ref());
        let entered = entered.map(|within| self.place_of(within) + 1).max();
        (entered.unwrap_or(0).min(self.steps.len()), at + 1)
    }
}
