//! How far to go.

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
