//! Whose retry counts, and where a promise was last seen broken.
//!
//! A story holds all that happened; a fault scenario may want less of it. Nothing is judged anew: grades follow from what
//! was broken at the moments that are left.

use super::{Client, Event, Statements, StepRecord, Story};
use crate::judge::{Branch, Breaches, Criterion, Restarted, Retried, Trail, grade};
use crate::observe::Moment;

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
    /// The statements of SQL that no step names, as far as this story met them.
    pub(crate) fn statements_met(&self) -> Statements {
        let continued = self.continuations.iter().flat_map(|continuation| &continuation.events);
        let records = self.trunk.iter().chain(continued).filter_map(|event| match event {
            Event::Step(StepRecord { step, statement: Some(words), .. }) => Some((step.clone(), words.clone())),
            Event::Began(_) | Event::Step(_) | Event::Operation(_) | Event::Ended(_) | Event::Observed { .. } => None,
        });
        records.collect()
    }

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
        // One more start is told only where something is otherwise then.
        let retried = |client: Client| {
            let after_restart = after(client, Moment::AfterRestart);
            after(client, Moment::AfterRetry).map(|after_retry| Retried { after_retry, after_restart })
        };
        let restarted = after(Client::Restarted, Moment::AfterRecovery).zip(retried(Client::Restarted));
        judge(Trail {
            at_rest: &at_rest,
            after_restart: breaches(&self.trunk, Moment::AfterRestart).last(),
            restarted: restarted.map(|(after_recovery, retried)| Restarted { after_recovery, retried }),
            impatient: retried(Client::Impatient),
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::judge::Grade;
    use crate::story::{Continuation, WorldSeen};

    fn observed(moment: Moment, broken: &[Criterion]) -> Event {
        let breaches = broken.iter().map(|&criterion| (criterion, vec![format!("at {}", moment.name())])).collect();
        Event::Observed { moment, left: Vec::new(), breaches, world: WorldSeen::default() }
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
            statements: Statements::new(),
            before: WorldSeen::default(),
            trunk: vec![observed(Moment::AtRest, &broken), observed(Moment::AfterRecovery, &broken)],
            continuations: vec![after(Client::Restarted, restarted), after(Client::Impatient, impatient)],
            verdict: BTreeMap::new(),
            again: String::new(),
            notes: Vec::new(),
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
