//! How each criterion fared over all moments of a case.

use std::collections::BTreeMap;

use super::{Breaches, Criterion, Grade};
use crate::observe::Moment;

/// The moments of a case: those before the last fault was over, and how the case went on from there.
///
/// A run without faults goes on in no way, and the criteria about retries do not apply to it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Trail<'a> {
    /// What was broken at rest, after each attempt.
    pub at_rest: &'a [Breaches],
    /// What was broken where the application was started again.
    pub restarted: Option<Restarted<'a>>,
    /// What was broken after the retry on the process that survived.
    pub impatient: Option<&'a Breaches>,
}

/// The continuation in which the application was started again.
#[derive(Clone, Copy, Debug)]
pub struct Restarted<'a> {
    /// What was broken after the start.
    pub after_recovery: &'a Breaches,
    /// What was broken after the retry.
    pub after_retry: &'a Breaches,
}

/// In which part of a case something was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Branch {
    /// In what both continuations have in common.
    Trunk,
    /// After the application was started again.
    Restarted,
    /// On the process that survived.
    Impatient,
}

/// One breach of a criterion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Breach<'a> {
    /// When it was seen.
    pub moment: Moment,
    /// Where.
    pub branch: Branch,
    /// The evidence, sentence by sentence.
    pub evidence: &'a [String],
}

/// Grades each criterion that applies to the case.
pub fn grade(trail: Trail) -> BTreeMap<Criterion, Grade> {
    let applies = |criterion: &Criterion| trail.goes_on() || !criterion.is_about_retries();
    Criterion::ALL.into_iter().filter(applies).map(|criterion| (criterion, trail.grade_of(criterion))).collect()
}

impl Criterion {
    /// Whether it says something of retries only.
    pub const fn is_about_retries(self) -> bool {
        match self {
            Self::RetrySucceeds | Self::RetryConverges => true,
            Self::FailureSurfaced
            | Self::ResponseComplete
            | Self::NoOrphanRows
            | Self::NoOrphanFiles
            | Self::NoStuckJob
            | Self::AllOrNothing => false,
        }
    }

    /// Whether it says something of what the caller was told. Nothing heals that: who was told of a success does not send
    /// the request again, and does not know that the application has to be started again first.
    pub const fn is_about_what_was_told(self) -> bool {
        match self {
            Self::FailureSurfaced | Self::ResponseComplete => true,
            Self::NoOrphanRows
            | Self::NoOrphanFiles
            | Self::NoStuckJob
            | Self::AllOrNothing
            | Self::RetrySucceeds
            | Self::RetryConverges => false,
        }
    }
}

impl<'a> Trail<'a> {
    /// The last breach of this criterion: of several, the one that nothing healed.
    pub fn last_breach(&self, criterion: Criterion) -> Option<Breach<'a>> {
        let at = |moment, branch, breaches: &'a Breaches| {
            breaches.get(&criterion).map(|evidence| Breach { moment, branch, evidence: evidence.as_slice() })
        };
        let restarted = self.restarted;
        restarted
            .and_then(|restarted| at(Moment::AfterRetry, Branch::Restarted, restarted.after_retry))
            .or_else(|| self.impatient.and_then(|broken| at(Moment::AfterRetry, Branch::Impatient, broken)))
            .or_else(|| {
                restarted.and_then(|restarted| at(Moment::AfterRecovery, Branch::Restarted, restarted.after_recovery))
            })
            .or_else(|| self.at_rest.iter().rev().find_map(|broken| at(Moment::AtRest, Branch::Trunk, broken)))
    }

    const fn goes_on(&self) -> bool {
        self.restarted.is_some() || self.impatient.is_some()
    }

    fn grade_of(&self, criterion: Criterion) -> Grade {
        let is_clean = |breaches: &Breaches| !breaches.contains_key(&criterion);
        let at_rest = self.at_rest.iter().all(is_clean);
        let after_retry = self.restarted.is_none_or(|restarted| is_clean(restarted.after_retry))
            && self.impatient.is_none_or(is_clean);
        let recovered = self.restarted.map(|restarted| is_clean(restarted.after_recovery));
        if at_rest && recovered.unwrap_or(true) && after_retry {
            Grade::Held
        } else if criterion.is_about_what_was_told() || !self.goes_on() || !after_retry {
            Grade::Violated
        } else if recovered == Some(true) {
            Grade::HealedByRecovery
        } else {
            Grade::HealedByRetry
        }
    }
}
