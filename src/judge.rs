//! Judges observations against rules.
//!
//! Pure: it sees observations and rules, and knows no flow, no fault, no backend. Not verified: file times,
//! permissions, anything outside the world, and how long anything took.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

/// A promise of an import.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Criterion {
    /// Success is answered only when everything is there; every failure is told.
    FailureSurfaced,
    /// A success answer carries what it promises.
    ResponseComplete,
    /// No row lacks the rows or the complete file that it needs.
    NoOrphanRows,
    /// Every file belongs to a row; temporary files count.
    NoOrphanFiles,
    /// No job stays unfinished with nobody running it.
    NoStuckJob,
    /// The world holds what was there before, or the whole result, never a mixture; an acknowledged import is there.
    AllOrNothing,
    /// The same request, sent again, succeeds.
    RetrySucceeds,
    /// After the retry the world equals the world of a run without faults.
    RetryConverges,
}

impl Criterion {
    /// Every criterion, in the order of the reports.
    pub const ALL: [Self; 8] = [
        Self::FailureSurfaced,
        Self::ResponseComplete,
        Self::NoOrphanRows,
        Self::NoOrphanFiles,
        Self::NoStuckJob,
        Self::AllOrNothing,
        Self::RetrySucceeds,
        Self::RetryConverges,
    ];

    /// The criterion's name in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::FailureSurfaced => "failure-surfaced",
            Self::ResponseComplete => "response-complete",
            Self::NoOrphanRows => "no-orphan-rows",
            Self::NoOrphanFiles => "no-orphan-files",
            Self::NoStuckJob => "no-stuck-job",
            Self::AllOrNothing => "all-or-nothing",
            Self::RetrySucceeds => "retry-succeeds",
            Self::RetryConverges => "retry-converges",
        }
    }

    /// The promise, as a sentence.
    pub const fn claim(self) -> &'static str {
        match self {
            Self::FailureSurfaced => "success is answered only when everything is there; every failure is told",
            Self::ResponseComplete => "a success answer carries what it promises",
            Self::NoOrphanRows => "no row lacks the rows or the complete file that it needs",
            Self::NoOrphanFiles => "every file belongs to a row; temporary files count",
            Self::NoStuckJob => "no job stays unfinished with nobody running it",
            Self::AllOrNothing => "the world holds what was there before, or the whole result, never a mixture",
            Self::RetrySucceeds => "the same request, sent again, succeeds",
            Self::RetryConverges => "after the retry the world equals the world of a run without faults",
        }
    }
}

impl fmt::Display for Criterion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// How a criterion fared in a case; ordered from best to worst.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Grade {
    /// At every moment.
    Held,
    /// Not at rest, but once the application was started again; and after the retry, restarted or not.
    HealedByRecovery,
    /// Only once the same request was sent again.
    HealedByRetry,
    /// Not even then.
    Violated,
}

impl Grade {
    /// The grade's name in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::HealedByRecovery => "healed-by-recovery",
            Self::HealedByRetry => "healed-by-retry",
            Self::Violated => "violated",
        }
    }
}

impl fmt::Display for Grade {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// The criteria that an observation breaks, each with its evidence: sentences about this world, rows named by role.
pub type Breaches = BTreeMap<Criterion, Vec<String>>;
