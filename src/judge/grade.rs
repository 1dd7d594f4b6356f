//! How each criterion fared over all moments of a case.

use std::collections::BTreeMap;

use super::{Breaches, Criterion, Grade};
use crate::observe::Moment;

/// The moments of a case: those before the last fault was over, and how the case went on from there.
///
/// After a run without faults nobody sends the request again, and the criteria about retries do not apply to it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Trail<'a> {
    /// What was broken at rest, after each attempt.
    pub at_rest: &'a [Breaches],
    /// After a run without faults: what was broken once the application was started once more.
    pub after_restart: Option<&'a Breaches>,
    /// What was broken where the application was started again.
    pub restarted: Option<Restarted<'a>>,
    /// What was broken on the process that survived.
    pub impatient: Option<Retried<'a>>,
}

/// The continuation in which the application was started again.
#[derive(Clone, Copy, Debug)]
pub struct Restarted<'a> {
    /// What was broken after the start.
    pub after_recovery: &'a Breaches,
    /// What was broken from the retry on.
    pub retried: Retried<'a>,
}

/// A retry, and what became of what it acknowledged.
#[derive(Clone, Copy, Debug)]
pub struct Retried<'a> {
    /// What was broken after the retry.
    pub after_retry: &'a Breaches,
    /// What was broken once the application was started once more. `None` where the retry did not succeed.
    pub after_restart: Option<&'a Breaches>,
}

impl Retried<'_> {
    /// Whether the criterion is kept from the retry on.
    fn keeps(&self, criterion: Criterion) -> bool {
        let is_clean = |breaches: &Breaches| !breaches.contains_key(&criterion);
        is_clean(self.after_retry) && self.after_restart.is_none_or(is_clean)
    }
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
        let of_retry = |retried: Retried<'a>, branch| {
            let lost = || at(Moment::AfterRestart, branch, retried.after_restart?);
            at(Moment::AfterRetry, branch, retried.after_retry).or_else(lost)
        };
        let restarted = self.restarted;
        let after_recovery =
            || at(Moment::AfterRecovery, Branch::Restarted, restarted.map(|restarted| restarted.after_recovery)?);
        let at_rest = || self.at_rest.iter().rev().find_map(|broken| at(Moment::AtRest, Branch::Trunk, broken));
        restarted
            .and_then(|restarted| of_retry(restarted.retried, Branch::Restarted))
            .or_else(|| self.impatient.and_then(|retried| of_retry(retried, Branch::Impatient)))
            .or_else(after_recovery)
            .or_else(at_rest)
            .or_else(|| at(Moment::AfterRestart, Branch::Trunk, self.after_restart?))
    }

    const fn goes_on(&self) -> bool {
        self.restarted.is_some() || self.impatient.is_some()
    }

    fn grade_of(&self, criterion: Criterion) -> Grade {
        let is_clean = |breaches: &Breaches| !breaches.contains_key(&criterion);
        let at_rest = self.at_rest.iter().all(is_clean);
        let after_retry = self.restarted.is_none_or(|restarted| restarted.retried.keeps(criterion))
            && self.impatient.is_none_or(|retried| retried.keeps(criterion))
            && self.after_restart.is_none_or(is_clean);
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
