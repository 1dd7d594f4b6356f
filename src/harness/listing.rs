//! Lists the steps and file operations that can be broken.

use std::sync::Arc;

use serde::Serialize;

use super::Settings;
use super::apart::apart;
use super::points::{Planned, planned};
use crate::error::Result;
use crate::explore::{self, Bounds, KnownOperation, KnownStep, Pool, Progress, applicable};
use crate::fault::Resource;
use crate::report::Expect;
use crate::subject::Subject;
use crate::world::Workshop;

/// A strategy and its steps.
#[derive(Clone, Debug, Serialize)]
pub struct Listed {
    /// The flow.
    pub flow: String,
    /// The strategy.
    pub strategy: String,
    /// The expectation: it holds, or it is caught.
    pub expect: Expect,
    /// Its steps, in the order in which they were first met.
    pub steps: Vec<ListedStep>,
    /// Its file operations outside of any step, in the same order.
    pub outside: Vec<ListedOperation>,
}

/// A step, as a schedule can name it.
#[derive(Clone, Debug, Serialize)]
pub struct ListedStep {
    /// Its name.
    pub step: String,
    /// The resource on which it acts.
    pub resource: Resource,
    /// The phases in which it was met: without faults, or after one.
    pub phases: Vec<&'static str>,
    /// The faults that apply, each as `EDGE=FAULT`.
    pub faults: Vec<String>,
    /// The file operations inside it, in the order in which they were first met.
    pub operations: Vec<ListedOperation>,
}

/// A file operation, as a schedule can name it.
#[derive(Clone, Debug, Serialize)]
pub struct ListedOperation {
    /// Its name: `write@context.txt`.
    pub operation: String,
    /// How often it is met at most, in one run of its step or, outside of any step, in one run of a phase.
    pub times: u32,
    /// The phases in which it was met.
    pub phases: Vec<&'static str>,
}

/// Finds the steps of each subject, also those of cleanup and recovery. For that it runs every case with one fault.
///
/// # Errors
/// When the harness could not do its job.
pub fn list(subjects: &[Subject], settings: &Settings, progress: &dyn Progress) -> Result<Vec<Listed>> {
    apart(|| list_here(subjects, settings, progress))
}

fn list_here(subjects: &[Subject], settings: &Settings, progress: &dyn Progress) -> Result<Vec<Listed>> {
    let workshop = Arc::new(Workshop::open()?);
    let pool = Pool::new(settings.jobs.get(), Arc::clone(&settings.interrupted), progress);
    let listed = subjects.iter().map(|subject| {
        let Planned { stage, bounds, .. } = planned(subject, &workshop, settings)?;
        let bounds = Bounds { depth: 1, ..bounds };
        let met = explore::explore(&stage, &bounds, &pool)?.met;
        Ok(Listed {
            flow: subject.flow().to_owned(),
            strategy: subject.strategy().to_owned(),
            expect: subject.expected(),
            steps: met.steps.iter().map(listed_step).collect(),
            outside: met.outside.iter().map(listed_operation).collect(),
        })
    });
    listed.collect()
}

fn listed_step(known: &KnownStep) -> ListedStep {
    ListedStep {
        step: known.step.name().to_owned(),
        resource: known.resource,
        phases: known.phases.iter().map(|phase| phase.name()).collect(),
        faults: applicable(known.resource).map(|(edge, fault)| format!("{edge}={fault}")).collect(),
        operations: known.operations.iter().map(listed_operation).collect(),
    }
}

fn listed_operation(known: &KnownOperation) -> ListedOperation {
    ListedOperation {
        operation: format!("{}@{}", known.call, known.path),
        times: known.times,
        phases: known.phases.iter().map(|phase| phase.name()).collect(),
    }
}
