//! Which cases are worth running.
//!
//! A policy proposes faults, [`crate::run`] runs them, [`crate::judge`] judges. Nothing here knows what a fault does.

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

pub(crate) use confirm::{Confirmed, Sighting, confirm};
pub(crate) use exhaustive::{Findings, explore};
pub(crate) use known::{KnownOperation, KnownStep};
pub(crate) use parallel::{Pool, runtime};
pub(crate) use points::applicable;
pub(crate) use random::{Drawing, draw, explore_drawn};
pub(crate) use shrink::{Shrunk, Witness, shrink};
pub(crate) use tally::Tally;

use std::collections::BTreeSet;

use crate::fault::FaultClass;
use crate::run::Killable;

/// How far to go.
#[derive(Clone, Debug)]
pub(crate) struct Bounds {
    /// The greatest number of faults in a case.
    pub(crate) depth: u32,
    /// The classes of faults to try.
    pub(crate) faults: BTreeSet<FaultClass>,
    /// The classes of which a further fault may be.
    pub(crate) further: BTreeSet<FaultClass>,
    /// Whether the database engine's own files always open. SQLite opens a file for reading where it cannot write, and says
    /// nothing: until the connection is closed every write is refused then. That is so in each application on it, and
    /// nobody's finding who did not ask for it.
    pub(crate) engine_opens: bool,
    /// Whether cases that must end alike are run once.
    pub(crate) pruning: Pruning,
    /// A program that can be killed, where each crash is to be tried for real as well.
    pub(crate) killable: Option<Killable>,
}

/// Whether cases that must end alike are run once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pruning {
    /// Cases with equal worlds and the same rest to come are run once.
    EqualWorlds,
    /// Every case is run, however many; to check that pruning loses nothing.
    Off,
}

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
