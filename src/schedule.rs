//! The faults of one case, each at its point: a line that a person can type.
//!
//! ```text
//! chapter-import/undo-on-error link-segments#1:before=error undo-chapters#1:before=error
//! scenario-create/intent-log rename-context#1:after=crash boot/forget-intent#1:before=crash
//! scenario-create/intent-log sync-temporary#1/sync@evaluator_context/id-1/context.txt.new#1:before=disk-error:eio
//! ```
//!
//! A fault of the first attempt has no prefix. `first-boot/` is the very first start of the application, before any
//! request; `boot/` is its start after the attempt, `retry/` the same request sent again after that start, `impatient/`
//! the same request sent again to the same process.

mod place;

use std::fmt;
use std::str::FromStr;

pub use place::{OperationRun, Place, StepRun, escape};
use serde::{Deserialize, Serialize};

use crate::fault::{Edge, Fault, UnknownName};

/// The part of a case in which a fault happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Phase {
    /// The first attempt.
    Attempt,
    /// The very first start of the application, on the world as it was prepared: it migrates, and makes its folders.
    FirstBoot,
    /// The start of the application after an attempt.
    Boot,
    /// The same request, sent again after a start: the restarted client.
    Retry,
    /// The same request, sent again to the process that survived: the impatient client.
    Impatient,
}

impl Phase {
    const PREFIXED: [Self; 4] = [Self::FirstBoot, Self::Boot, Self::Retry, Self::Impatient];

    /// The phase's name, which is the prefix of its faults in a schedule; the first attempt goes without saying.
    pub const fn name(self) -> &'static str {
        match self {
            Self::FirstBoot => "first-boot",
            Self::Attempt => "attempt",
            Self::Boot => "boot",
            Self::Retry => "retry",
            Self::Impatient => "impatient",
        }
    }
}

/// Where in a phase: a step or a file operation, and the edge.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Point {
    /// The step or the operation.
    pub place: Place,
    /// The edge.
    pub edge: Edge,
}

impl Point {
    /// An edge of one run of a step.
    pub fn of_step(step: &str, occurrence: u32, edge: Edge) -> Self {
        Self { place: Place::Step(StepRun { step: step.to_owned(), occurrence }), edge }
    }

    /// Whether the fault can happen here.
    pub fn fits(&self, fault: Fault) -> bool {
        match &self.place {
            Place::Step(_) => fault.fits(self.edge),
            Place::Operation { operation, .. } => fault.fits_operation(operation.call, self.edge),
            Place::Answer => matches!((fault, self.edge), (Fault::Crash | Fault::PowerLoss(_), Edge::After)),
        }
    }
}

/// A fault at its point.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PlannedFault {
    /// The phase.
    pub phase: Phase,
    /// The point.
    pub point: Point,
    /// The fault.
    pub fault: Fault,
}

/// The faults of one case, in the order in which they happen.
///
/// Faults of one phase that follow one another happen in one run of that phase, unless the first of them ends it: then
/// the next is met in its next run (a crash in `boot`, and another in the boot after that).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Schedule {
    /// The flow's name.
    pub flow: String,
    /// The strategy's name.
    pub strategy: String,
    /// The faults.
    pub faults: Vec<PlannedFault>,
}

/// Why a line is no schedule.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("schedule: {place}: {problem}")]
pub struct ScheduleError {
    place: String,
    problem: String,
}

impl ScheduleError {
    fn at(place: &str, problem: impl fmt::Display) -> Self {
        Self { place: format!("\"{place}\""), problem: problem.to_string() }
    }

    /// The part of the line that is wrong.
    pub fn place(&self) -> &str {
        let quoted = self.place.strip_prefix('"').and_then(|place| place.strip_suffix('"'));
        quoted.unwrap_or(&self.place)
    }

    /// What is wrong with it.
    pub fn problem(&self) -> &str {
        &self.problem
    }
}

impl fmt::Display for Point {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.place, self.edge)
    }
}

impl fmt::Display for PlannedFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.phase != Phase::Attempt {
            write!(f, "{}/", self.phase.name())?;
        }
        write!(f, "{}={}", self.point, self.fault)
    }
}

impl fmt::Display for Schedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.flow, self.strategy)?;
        self.faults.iter().try_for_each(|fault| write!(f, " {fault}"))
    }
}

impl FromStr for Point {
    type Err = ScheduleError;

    fn from_str(text: &str) -> Result<Self, ScheduleError> {
        let error = |problem: &str| ScheduleError::at(text, problem);
        let (at, edge) =
            text.rsplit_once(':').ok_or_else(|| error("a point is STEP#OCCURRENCE:EDGE; the edge is missing"))?;
        let edge = edge.parse().map_err(|unknown: UnknownName| ScheduleError::at(text, unknown))?;
        Ok(Self { place: at.parse()?, edge })
    }
}

impl FromStr for PlannedFault {
    type Err = ScheduleError;

    fn from_str(text: &str) -> Result<Self, ScheduleError> {
        let (at, fault) = text.split_once('=').ok_or_else(|| {
            ScheduleError::at(text, "a fault is [PHASE/]STEP#OCCURRENCE:EDGE=FAULT; the \"=\" is missing")
        })?;
        let fault: Fault = fault.parse().map_err(|unknown: UnknownName| ScheduleError::at(text, unknown))?;
        let (phase, point) = match at.split_once('/') {
            None => (Phase::Attempt, at),
            Some((prefix, point)) => match phase_of(text, prefix) {
                Ok(phase) => (phase, point),
                // What stands before a file operation may be its step.
                Err(_) if at.contains('@') => (Phase::Attempt, at),
                Err(error) => return Err(error),
            },
        };
        let point: Point = point.parse()?;
        if !point.fits(fault) {
            return Err(ScheduleError::at(text, misfit(&point, fault)));
        }
        Ok(Self { phase, point, fault })
    }
}

/// Why a fault cannot happen at a point, and where it can.
fn misfit(point: &Point, fault: Fault) -> String {
    let edges = |fits: &dyn Fn(Edge) -> bool| {
        let fitting = Edge::ALL.into_iter().filter(|&edge| fits(edge)).map(Edge::name);
        fitting.collect::<Vec<_>>().join(" or ")
    };
    match &point.place {
        Place::Step(step) => match edges(&|edge| fault.fits(edge)).as_str() {
            "" => format!("{fault} happens at a file operation, such as {step}/write@PATH#1, and not at a step"),
            fitting => format!("{fault} cannot happen {} an effect, only {fitting} it", point.edge),
        },
        Place::Operation { operation, .. } => {
            let call = operation.call;
            match edges(&|edge| fault.fits_operation(call, edge)).as_str() {
                "" => format!("{fault} cannot happen at the file operation \"{call}\""),
                fitting => format!("{fault} cannot happen {} a {call}, only {fitting} it", point.edge),
            }
        }
        Place::Answer => "after the answer only crash and power-loss can happen".to_owned(),
    }
}

fn phase_of(text: &str, prefix: &str) -> Result<Phase, ScheduleError> {
    let known = Phase::PREFIXED.into_iter().find(|phase| phase.name() == prefix);
    known.ok_or_else(|| ScheduleError::at(text, UnknownName::new("phase", prefix, Phase::PREFIXED.map(Phase::name))))
}

impl FromStr for Schedule {
    type Err = ScheduleError;

    fn from_str(text: &str) -> Result<Self, ScheduleError> {
        let mut words = text.split_whitespace();
        let name = words.next().ok_or_else(|| ScheduleError::at(text, "it is empty; it starts with FLOW/STRATEGY"))?;
        let (flow, strategy) =
            name.split_once('/').ok_or_else(|| ScheduleError::at(name, "a schedule starts with FLOW/STRATEGY"))?;
        let faults = words.map(str::parse).collect::<Result<Vec<PlannedFault>, _>>()?;
        Ok(Self { flow: flow.to_owned(), strategy: strategy.to_owned(), faults })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_schedule_reads_back_as_it_prints() {
        for line in [
            "chapter-import/as-found",
            "chapter-import/undo-on-error link-segments#1:before=error undo-chapters#1:before=error",
            "scenario-create/intent-log rename-context#2:after=crash boot/forget-intent#1:during=crash",
            "a/b c#1:after=lost-ack impatient/c#1:before=error:busy retry/c#12:during=cancel",
            "a/b write-file#1/write@context/id-1.txt#3:during=torn:enospc",
            "a/b open@world.sqlite-wal#1:before=disk-error:emfile boot/c#2/sync@.#1:after=power-loss:all-but-2",
            "a/b first-boot/migrate#1:before=crash",
            "a/b @answer:after=crash boot/c#1:before=error",
            "a/b @answer:after=power-loss retry/@answer:after=power-loss:data",
            "a/b boot/rename@a/b%23:c#1:before=power-loss:(kept,lost,zeros)",
        ] {
            let schedule: Schedule = line.parse().expect(line);
            assert_eq!(schedule.to_string(), line);
        }
    }

    #[test]
    fn the_first_occurrence_goes_without_saying() {
        let schedule: Schedule = "a/b c:before=crash".parse().expect("a schedule");
        assert_eq!(schedule.to_string(), "a/b c#1:before=crash");
    }

    #[test]
    fn a_path_is_written_without_the_signs_of_a_schedule() {
        assert_eq!(escape("a b/c#1=%@ü"), "a%20b/c%231%3d%25%40ü");
    }

    #[test]
    fn a_line_that_is_no_schedule_says_where_and_why() {
        for (line, message) in [
            ("", "schedule: \"\": it is empty; it starts with FLOW/STRATEGY"),
            ("a", "schedule: \"a\": a schedule starts with FLOW/STRATEGY"),
            ("a/b c", "schedule: \"c\": a fault is [PHASE/]STEP#OCCURRENCE:EDGE=FAULT; the \"=\" is missing"),
            ("a/b c=crash", "schedule: \"c\": a point is STEP#OCCURRENCE:EDGE; the edge is missing"),
            ("a/b c#0:before=crash", "schedule: \"c#0\": an occurrence is a number, counted from 1"),
            ("a/b c:befor=crash", "schedule: \"c:befor\": unknown edge \"befor\"; did you mean \"before\"?"),
            (
                "a/b boo/c:before=crash",
                "schedule: \"boo/c:before=crash\": unknown phase \"boo\"; did you mean \"boot\"?",
            ),
            (
                "a/b c/wrte@x:before=crash",
                "schedule: \"wrte@x\": unknown file operation \"wrte\"; did you mean \"write\"?",
            ),
            (
                "a/b c:before=power-loss",
                "schedule: \"c:before=power-loss\": power-loss happens at a file operation, such as c#1/write@PATH#1, and \
                 not at a step",
            ),
            (
                "a/b c/sync@x:before=torn",
                "schedule: \"c/sync@x:before=torn\": torn:enospc cannot happen at the file operation \"sync\"",
            ),
            (
                "a/b c/sync@x:after=disk-error",
                "schedule: \"c/sync@x:after=disk-error\": disk-error:eio cannot happen after a sync, only before it",
            ),
            ("a/b c:after=error", "schedule: \"c:after=error\": error cannot happen after an effect, only before it"),
        ] {
            let error = line.parse::<Schedule>().expect_err(line);
            assert_eq!(error.to_string(), message);
        }
    }
}
