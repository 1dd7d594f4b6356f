//! Which cases are worth running.
//!
//! A policy proposes faults, [`crate::run`] runs them, [`crate::judge`] judges. Nothing here knows what a fault does.

mod bounds;
mod confirm;
mod exhaustive;
mod graph;
mod harvest;
mod images;
mod kept;
mod known;
mod parallel;
mod points;
mod random;
mod shrink;
mod tally;

pub(crate) use bounds::Bounds;
pub use bounds::Pruning;
pub(crate) use confirm::{Confirmed, Sighting, confirm};
pub(crate) use exhaustive::{Findings, explore};
pub(crate) use known::{KnownOperation, KnownStep};
pub(crate) use parallel::{Pool, runtime};
pub(crate) use points::applicable;
pub(crate) use random::{Drawing, draw, explore_drawn};
pub(crate) use shrink::{Shrunk, Witness, shrink};
pub(crate) use tally::Tally;

/// Who hears how a run gets on.
pub trait Progress: Sync {
    /// The exploration of a subject begins, as one of so many; `number` counts from 1.
    fn began(&self, subject: &str, number: usize, subjects: usize) {
        let _ = (subject, number, subjects);
    }

    /// So many more cases are going to be run for this subject.
    fn planned(&self, subject: &str, cases: usize);
    /// One more case was run.
    fn done(&self);

    /// So many more breaches were found.
    fn found(&self, findings: usize) {
        let _ = findings;
    }
}

/// Nobody listens.
#[derive(Clone, Copy, Debug, Default)]
pub struct Silent;

impl Progress for Silent {
    fn planned(&self, _subject: &str, _cases: usize) {}

    fn done(&self) {}
}
