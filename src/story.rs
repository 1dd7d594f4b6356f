//! The story of one case, as data: each step as it went, the fault, what was left at each moment, the verdict.

use std::collections::BTreeMap;

use crate::judge::{Branch, Breaches, Criterion, Grade, Restarted, Trail, grade};
use crate::observe::{Answer, Moment};
use crate::schedule::{Phase, PlannedFault};

/// One case from its start to its verdict.
#[derive(Clone, Debug, PartialEq)]
pub struct Story {
    /// The schedule, as it is typed.
    pub schedule: String,
    /// What happened up to the last fault, and at rest after it.
    pub trunk: Vec<Event>,
    /// What happened then: one continuation for each client. None after a run without faults.
    pub continuations: Vec<Continuation>,
    /// How each criterion that applies fared, both continuations together.
    pub verdict: BTreeMap<Criterion, Grade>,
    /// The command that shows it again.
    pub again: String,
}

/// How a case goes on after its last fault.
#[derive(Clone, Debug, PartialEq)]
pub struct Continuation {
    /// Who sends the retry.
    pub client: Client,
    /// What happened.
    pub events: Vec<Event>,
}

/// Who sends the request again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Client {
    /// The application was started again before the retry.
    Restarted,
    /// The process survived, and gets the retry as it is.
    Impatient,
}

impl Client {
    /// The client's name in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Restarted => "restarted",
            Self::Impatient => "impatient",
        }
    }
}

/// Which clients count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clients {
    /// The one who comes after a restart.
    Restarted,
    /// The one who does not wait for it.
    Impatient,
    /// Both; the impatient one where the process survived.
    Both,
}

impl Clients {
    /// Every choice.
    pub const ALL: [Self; 3] = [Self::Restarted, Self::Impatient, Self::Both];

    /// The name in a fault scenario.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Restarted => Client::Restarted.name(),
            Self::Impatient => Client::Impatient.name(),
            Self::Both => "both",
        }
    }

    const fn count(self, client: Client) -> bool {
        matches!(
            (self, client),
            (Self::Both, _) | (Self::Restarted, Client::Restarted) | (Self::Impatient, Client::Impatient)
        )
    }
}

/// Where a promise was last seen broken, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sighting {
    /// When.
    pub moment: Moment,
    /// In whose part of the case; `None` before they part.
    pub client: Option<Client>,
    /// The evidence, sentence by sentence.
    pub evidence: Vec<String>,
}

impl Story {
    /// The same case with these clients only: what the others met is not told, and does not count.
    #[must_use]
    pub fn of(mut self, clients: Clients) -> Self {
        let is_whole = self.continuations.iter().all(|continuation| clients.count(continuation.client));
        if !is_whole {
            self.continuations.retain(|continuation| clients.count(continuation.client));
            self.verdict = self.with_trail(grade);
        }
        self
    }

    /// Where this promise was last seen broken, if it was.
    pub fn last_breach(&self, criterion: Criterion) -> Option<Sighting> {
        self.with_trail(|trail| {
            let breach = trail.last_breach(criterion)?;
            let client = match breach.branch {
                Branch::Trunk => None,
                Branch::Restarted => Some(Client::Restarted),
                Branch::Impatient => Some(Client::Impatient),
            };
            Some(Sighting { moment: breach.moment, client, evidence: breach.evidence.to_vec() })
        })
    }

    /// All moments of the case, as its grades need them.
    fn with_trail<T>(&self, judge: impl FnOnce(Trail<'_>) -> T) -> T {
        fn breaches(events: &[Event], at: Moment) -> impl Iterator<Item = &Breaches> {
            events.iter().filter_map(move |event| match event {
                Event::Observed { moment, breaches, .. } if *moment == at => Some(breaches),
                _ => None,
            })
        }
        let after = |client: Client, moment| {
            let mut of_client = self.continuations.iter().filter(move |continuation| continuation.client == client);
            of_client.find_map(|continuation| breaches(&continuation.events, moment).last())
        };
        // In the trunk only what is at rest is judged.
        let at_rest: Vec<Breaches> = breaches(&self.trunk, Moment::AtRest).cloned().collect();
        let restarted =
            after(Client::Restarted, Moment::AfterRecovery).zip(after(Client::Restarted, Moment::AfterRetry));
        judge(Trail {
            at_rest: &at_rest,
            restarted: restarted.map(|(after_recovery, after_retry)| Restarted { after_recovery, after_retry }),
            impatient: after(Client::Impatient, Moment::AfterRetry),
        })
    }
}

/// Something that happened in a case.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// A phase began: the attempt, a start of the application, a retry.
    Began(Phase),
    /// A step was entered.
    Step(StepRecord),
    /// A file operation happened outside of any step.
    Operation(OperationRecord),
    /// The phase ended.
    Ended(Ending),
    /// The world was looked at.
    Observed {
        /// When.
        moment: Moment,
        /// What is there that was not there before the request, and the other way round, sentence by sentence, rows by
        /// role. Empty when the world is as it was before.
        left: Vec<String>,
        /// Which criteria the world and the last answer break.
        breaches: Breaches,
    },
}

/// One run of a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepRecord {
    /// The step's name.
    pub step: String,
    /// Which run of it in this phase, from 1.
    pub occurrence: u32,
    /// How it went.
    pub outcome: StepOutcome,
    /// The file operations inside it, in order, where somebody asked for them.
    pub operations: Vec<OperationRecord>,
}

/// One file operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OperationRecord {
    /// Its name, as a schedule has it: `write@context.txt`.
    pub operation: String,
    /// Which run of it in its step, or in its phase outside of any step, from 1.
    pub occurrence: u32,
    /// What it was about, for a person: `4096 bytes at 32`. Empty where the name says all.
    pub extent: String,
    /// How it went.
    pub outcome: OperationOutcome,
}

/// How a file operation went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OperationOutcome {
    /// It was carried out.
    Done,
    /// It failed, with this error of the system.
    Failed(String),
    /// A planned fault hit.
    Hit(PlannedFault),
}

/// How a step went.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum StepOutcome {
    /// The effect happened and its caller was told.
    Done,
    /// The effect failed of itself, with this error.
    Failed(String),
    /// A planned fault hit.
    Hit(PlannedFault),
    /// The step failed because of an outage that began earlier.
    Outage,
    /// The step was entered and not left: its future was dropped.
    Unfinished,
}

/// How a phase ended.
#[derive(Clone, Debug, PartialEq)]
pub enum Ending {
    /// The application is up.
    Booted,
    /// The caller got an answer.
    Answered(Answer),
    /// The request was dropped; nobody got an answer.
    Cancelled,
    /// The process was killed; nobody got an answer.
    Crashed,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn observed(moment: Moment, broken: &[Criterion]) -> Event {
        let breaches = broken.iter().map(|&criterion| (criterion, vec![format!("at {}", moment.name())])).collect();
        Event::Observed { moment, left: Vec::new(), breaches }
    }

    fn after(client: Client, events: Vec<Event>) -> Continuation {
        Continuation { client, events }
    }

    /// Broken at rest; the start heals it for who waits, and nothing for who does not.
    fn story() -> Story {
        let broken = [Criterion::NoStuckJob];
        let restarted = vec![observed(Moment::AfterRecovery, &[]), observed(Moment::AfterRetry, &[])];
        let impatient = vec![observed(Moment::AfterRetry, &broken)];
        let mut story = Story {
            schedule: "a/b".to_owned(),
            trunk: vec![observed(Moment::AtRest, &broken), observed(Moment::AfterRecovery, &broken)],
            continuations: vec![after(Client::Restarted, restarted), after(Client::Impatient, impatient)],
            verdict: BTreeMap::new(),
            again: String::new(),
        };
        story.verdict = story.with_trail(grade);
        story
    }

    #[test]
    fn what_a_client_meets_who_does_not_count_does_not_count() {
        let grade = |clients| story().of(clients).verdict[&Criterion::NoStuckJob];
        assert_eq!(grade(Clients::Both), Grade::Violated);
        assert_eq!(grade(Clients::Restarted), Grade::HealedByRecovery);
        assert_eq!(grade(Clients::Impatient), Grade::Violated);
        assert_eq!(story().of(Clients::Restarted).continuations.len(), 1);
    }

    #[test]
    fn the_last_breach_is_the_one_that_nothing_healed() {
        let last = |clients| story().of(clients).last_breach(Criterion::NoStuckJob).expect("it is broken");
        assert_eq!(last(Clients::Both).client, Some(Client::Impatient));
        assert_eq!((last(Clients::Restarted).moment, last(Clients::Restarted).client), (Moment::AtRest, None));
        assert_eq!(story().last_breach(Criterion::RetrySucceeds), None);
    }
}
