//! The steps and file operations that were met, and in which phases.

use std::collections::BTreeSet;

use crate::fault::{Call, Resource};
use crate::inject::{OperationTrace, StepTrace, Trace};
use crate::schedule::Phase;
use crate::step::Step;

/// What was met.
#[derive(Default)]
pub(crate) struct KnownPoints {
    /// The steps, in the order in which they were first met.
    pub(crate) steps: Vec<KnownStep>,
    /// The file operations outside of any step, likewise.
    pub(crate) outside: Vec<KnownOperation>,
}

/// A step that was met.
pub(crate) struct KnownStep {
    /// The step.
    pub(crate) step: Step,
    /// What it acts on.
    pub(crate) resource: Resource,
    /// What it does, and to what, where it is a statement that no step names.
    pub(crate) words: Option<&'static str>,
    /// The phases in which it was met.
    pub(crate) phases: BTreeSet<Phase>,
    /// The file operations inside it, in the order in which they were first met.
    pub(crate) operations: Vec<KnownOperation>,
}

/// A file operation that was met.
pub(crate) struct KnownOperation {
    /// What is done.
    pub(crate) call: Call,
    /// To what.
    pub(crate) path: String,
    /// How often at most, in one run of its step, or in one run of a phase.
    pub(crate) times: u32,
    /// The phases in which it was met.
    pub(crate) phases: BTreeSet<Phase>,
}

impl KnownPoints {
    /// Notes what a run of a phase met.
    pub(crate) fn add(&mut self, phase: Phase, trace: &Trace) {
        for record in &trace.steps {
            self.step(record).phases.insert(phase);
        }
        for operation in &trace.operations {
            let operations = match &operation.within {
                None => &mut self.outside,
                Some(run) => {
                    let record = trace.steps.iter().find(|record| record.is(run)).expect("a step that was entered");
                    &mut self.step(record).operations
                }
            };
            note(operations, phase, operation);
        }
    }

    fn step(&mut self, record: &StepTrace) -> &mut KnownStep {
        let StepTrace { step, resource, .. } = *record;
        let known = self.steps.iter().position(|known| known.step == step);
        let at = known.unwrap_or_else(|| {
            let (phases, operations) = (BTreeSet::new(), Vec::new());
            let words = record.seen.map(|seen| seen.words);
            self.steps.push(KnownStep { step, resource, words, phases, operations });
            self.steps.len() - 1
        });
        &mut self.steps[at]
    }
}

fn note(operations: &mut Vec<KnownOperation>, phase: Phase, operation: &OperationTrace) {
    let (call, path) = (operation.run.call, &operation.run.path);
    let known = operations.iter().position(|known| known.call == call && known.path == *path);
    let at = known.unwrap_or_else(|| {
        operations.push(KnownOperation { call, path: path.clone(), times: 0, phases: BTreeSet::new() });
        operations.len() - 1
    });
    operations[at].times = operations[at].times.max(operation.run.occurrence);
    operations[at].phases.insert(phase);
}
