//! Which faults apply at a step, by how the step went when nothing hit it.

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use super::Bounds;
use crate::fault::{Call, Cause, Edge, Errno, Fault, FaultClass, Lasting, Resource, Survivors, Tear};
use crate::inject::{OperationTrace, Seen, StepTrace, Trace};
use crate::schedule::{Phase, Place, PlannedFault, Point};
use crate::story::{OperationOutcome, StepOutcome};

/// How many causes of an error are tried.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Causes {
    /// Every cause that the resource knows.
    All,
    /// The usual one: enough where the fault is one of several.
    Usual,
}

/// Every fault that can happen at a step of this resource, with its edge.
pub(crate) fn applicable(resource: Resource) -> impl Iterator<Item = (Edge, Fault)> {
    let fits = move |fault: Fault, edge: Edge| match resource {
        Resource::Database | Resource::Disk => fault.fits(edge),
        Resource::Statement => fault.fits_statement(edge),
    };
    let at = move |edge: Edge| {
        let fitting = candidates(resource, Causes::All).into_iter().filter(move |fault| fits(*fault, edge));
        fitting.map(move |fault| (edge, fault))
    };
    Edge::ALL.into_iter().flat_map(at)
}

/// Every fault that can come first in a run of a phase: at its steps, and at its file operations where those are broken.
pub(super) fn first_faults(bounds: &Bounds, phase: Phase, trace: &Trace) -> Vec<PlannedFault> {
    faults_in(bounds, phase, trace, &bounds.faults, Causes::All)
}

/// Every fault that can come after another one.
pub(super) fn further_faults(bounds: &Bounds, phase: Phase, trace: &Trace, causes: Causes) -> Vec<PlannedFault> {
    faults_in(bounds, phase, trace, &bounds.further, causes)
}

fn faults_in(
    bounds: &Bounds,
    phase: Phase,
    trace: &Trace,
    classes: &BTreeSet<FaultClass>,
    causes: Causes,
) -> Vec<PlannedFault> {
    let at_steps = trace.steps.iter().flat_map(|record| faults_at(phase, record, classes, causes));
    let is_broken = classes.iter().any(|class| class.is_of_operations());
    let operations = trace.operations.iter().filter(|_| is_broken);
    let engine = bounds.engine_opens.then(|| EngineFiles::of(trace));
    let at_operations = operations.flat_map(|operation| {
        let within = operation.within.clone();
        let opens = engine.as_ref().is_some_and(|engine| engine.opens(operation));
        let faults = faults_at_operation(operation, classes, causes).into_iter();
        let faults = faults.filter(move |(_, fault)| !opens || fault.class() != FaultClass::DiskError);
        faults.map(move |(edge, fault)| {
            let place = Place::Operation { within: within.clone(), operation: operation.run.clone() };
            PlannedFault { phase, point: Point { place, edge }, fault }
        })
    });
    at_steps.chain(at_operations).chain(after_the_answer(phase, classes, causes)).collect()
}

/// The files of the database engine, as far as a run made operations on them: a database has others beside it.
struct EngineFiles<'t>(BTreeSet<&'t str>);

impl<'t> EngineFiles<'t> {
    /// What SQLite puts behind the name of a database.
    const BESIDE: [&'static str; 3] = ["-wal", "-shm", "-journal"];

    fn of(trace: &'t Trace) -> Self {
        let paths = trace.operations.iter().map(|operation| operation.run.path.as_str());
        Self(paths.filter_map(Self::database).chain([DATABASE]).collect())
    }

    /// The database that a file stands beside.
    fn database(path: &str) -> Option<&str> {
        Self::BESIDE.into_iter().find_map(|beside| path.strip_suffix(beside))
    }

    /// Whether one of them is opened or made.
    fn opens(&self, operation: &OperationTrace) -> bool {
        let path = operation.run.path.as_str();
        let is_of_the_engine = self.0.contains(path) || Self::database(path).is_some_and(|path| self.0.contains(path));
        matches!(operation.run.call, Call::Open | Call::Create) && is_of_the_engine
    }
}

/// The database that each world has, as schedules name its file.
const DATABASE: &str = "world.sqlite";

/// The faults that can happen once the caller has got the answer. That a start after a retry changes nothing is looked at
/// in any case; and which worlds a loss of power leaves in the first attempt is known from its record.
fn after_the_answer(
    phase: Phase,
    classes: &BTreeSet<FaultClass>,
    causes: Causes,
) -> impl Iterator<Item = PlannedFault> {
    let fault = match (phase, causes) {
        (Phase::Attempt, Causes::All) => Some(Fault::Crash),
        (Phase::Attempt | Phase::Retry | Phase::Impatient, Causes::Usual) => Some(Fault::PowerLoss(Survivors::Nothing)),
        (Phase::FirstBoot | Phase::Boot, _) | (Phase::Retry | Phase::Impatient, Causes::All) => None,
    };
    let fault = fault.filter(|fault| classes.contains(&fault.class()));
    let point = Point { place: Place::Answer, edge: Edge::After };
    fault.map(|fault| PlannedFault { phase, point, fault }).into_iter()
}

/// Every fault that can happen at a file operation. Which worlds a loss of power leaves is only known once the changes
/// before it are; here are those that can be said of any.
fn faults_at_operation(
    operation: &OperationTrace,
    classes: &BTreeSet<FaultClass>,
    causes: Causes,
) -> Vec<(Edge, Fault)> {
    let call = operation.run.call;
    let lasting = |errno| [Lasting::Once, Lasting::Onwards].map(|lasting| Fault::DiskError(errno, lasting));
    let mut candidates: Vec<Fault> = match causes {
        Causes::All => Errno::ALL.into_iter().flat_map(lasting).collect(),
        Causes::Usual => vec![Fault::DiskError(Errno::Eio, Lasting::Once)],
    };
    candidates.push(Fault::FailedSync);
    if operation.extent.is_some_and(|(bytes, _)| bytes > 1) {
        candidates.extend(Tear::ALL.map(Fault::Torn));
    }
    candidates.push(Fault::Crash);
    if causes == Causes::Usual {
        candidates.extend([Survivors::Nothing, Survivors::Names, Survivors::Data].map(Fault::PowerLoss));
    }
    let is_tried = |edge: Edge, fault: Fault| {
        let can_happen = match operation.outcome {
            OperationOutcome::Done => true,
            // It fails anyhow, and leaves nothing behind.
            OperationOutcome::Failed(_) => matches!(fault, Fault::Crash | Fault::PowerLoss(_)) && edge == Edge::Before,
            OperationOutcome::Hit(_) => false,
        };
        can_happen && classes.contains(&fault.class()) && fault.fits_operation(call, edge)
    };
    let at = |edge: Edge| {
        candidates.iter().copied().filter(move |fault| is_tried(edge, *fault)).map(move |fault| (edge, fault))
    };
    Edge::ALL.into_iter().flat_map(at).collect()
}

/// Every fault that can happen at the step, at every edge that the step passes.
pub(super) fn faults_at(
    phase: Phase,
    record: &StepTrace,
    classes: &BTreeSet<FaultClass>,
    causes: Causes,
) -> Vec<PlannedFault> {
    let at = |edge: Edge| {
        let point = Point::of_step(record.step.name(), record.occurrence, edge);
        let faults = candidates(record.resource, causes).into_iter().filter(move |fault| {
            fault.fits(edge)
                && classes.contains(&fault.class())
                && can_happen(*fault, edge, &record.outcome)
                && record.seen.is_none_or(|seen| can_happen_to(seen, *fault, edge))
        });
        faults.map(move |fault| PlannedFault { phase, point: point.clone(), fault })
    };
    Edge::ALL.into_iter().flat_map(at).collect()
}

fn candidates(resource: Resource, causes: Causes) -> Vec<Fault> {
    let applies = |cause: &Cause| match causes {
        Causes::All => cause.applies_to(resource),
        Causes::Usual => *cause == Cause::Usual,
    };
    let errors = Cause::ALL.into_iter().filter(applies).map(Fault::Error);
    errors.chain([Fault::LostAck, Fault::Outage, Fault::Cancel, Fault::Panic, Fault::Crash]).collect()
}

/// Whether the step comes to this edge at all, and whether the fault would change anything there.
pub(super) fn can_happen(fault: Fault, edge: Edge, outcome: &StepOutcome) -> bool {
    match outcome {
        StepOutcome::Done => true,
        // There is no acknowledgement to lose.
        StepOutcome::Failed(_) => fault != Fault::LostAck,
        // The effect is not tried, and fails anyhow.
        StepOutcome::Outage => edge == Edge::Before && !fault.is_seen_by_the_flow(),
        // The point is taken, or its end was never reached.
        StepOutcome::Hit(_) | StepOutcome::Unfinished => false,
    }
}

/// Whether a fault can happen at this edge of a statement that no step names.
pub(super) const fn can_happen_to(seen: Seen, fault: Fault, edge: Edge) -> bool {
    fault.fits_statement(edge)
        && (seen.is_over || !matches!(edge, Edge::After))
        && (seen.is_apart || !matches!(fault, Fault::Cancel))
}
