//! One schedule from its start to its end, with both continuations: what replaying a line means.

use super::case::{Case, Process};
use super::stage::{Detail, Stage};
use std::collections::BTreeMap;

use crate::error::Result;
use crate::inject::Trace;
use crate::judge::{Branch, Breaches, Broken, Criterion, Judgement, Restarted, Trail, grade};
use crate::observe::Moment;
use crate::schedule::{Phase, PlannedFault};
use crate::story::{Client, Continuation, Event, StepOutcome, Story};

/// A case that was played.
pub(crate) struct Played {
    /// What happened up to the last fault.
    pub(crate) events: Vec<Event>,
    /// The steps and file operations of the last phase up to there.
    pub(crate) trace: Trace,
    /// What was judged at rest.
    pub(crate) at_rest: Vec<Breaches>,
    /// Which rules that breaks.
    broken_at_rest: Vec<BTreeMap<Criterion, Broken>>,
    /// What happened then; nothing after a run without faults.
    pub(crate) continuations: Vec<Continued>,
}

/// One continuation that was played.
pub(crate) struct Continued {
    /// Who sent the retry.
    pub(crate) client: Client,
    /// What happened.
    pub(crate) events: Vec<Event>,
    /// The steps and file operations, phase by phase.
    pub(crate) phases: Vec<(Phase, Trace)>,
    /// What was judged: after recovery, where there was one, and after the retry.
    pub(crate) judgements: Vec<Judgement>,
}

/// Plays the faults on a fresh world.
pub(crate) async fn play(stage: &Stage<'_>, faults: &[PlannedFault], detail: Detail) -> Result<Played> {
    let mut case = Case::begin(stage, detail, stage.watching(faults)).await?;
    let (trace, at_rest) = if faults.is_empty() {
        let trace = case.attempt_by_hand().await?;
        case.observe(Moment::AtRest)?;
        (trace, case.take_judgements())
    } else {
        let trunk = case.trunk(faults, 0).await?;
        (trunk.trace, trunk.judgements)
    };
    let events = case.take_events();
    let was_hit = trace.steps.iter().any(|record| matches!(record.outcome, StepOutcome::Hit(_)));
    let mut continuations = Vec::new();
    if was_hit || !faults.is_empty() {
        continuations.push(restarted(stage, &case, detail).await?);
        if let Process::Up { .. } = case.process() {
            let trace = case.impatient().await?;
            continuations.push(Continued {
                client: Client::Impatient,
                events: case.take_events(),
                phases: vec![(Phase::Impatient, trace)],
                judgements: case.take_judgements(),
            });
        }
    }
    let (at_rest, broken_at_rest) = at_rest.into_iter().map(|judged| (judged.breaches, judged.broken)).unzip();
    Ok(Played { events, trace, at_rest, broken_at_rest, continuations })
}

async fn restarted(stage: &Stage<'_>, case: &Case<'_, '_>, detail: Detail) -> Result<Continued> {
    let image = case.image()?;
    let mut case = Case::resume(stage, detail, stage.watching(&[]), &image, case.answer().cloned())?;
    let (boot, retry) = case.restarted().await?;
    Ok(Continued {
        client: Client::Restarted,
        events: case.take_events(),
        phases: vec![(Phase::Boot, boot), (Phase::Retry, retry)],
        judgements: case.take_judgements(),
    })
}

impl Played {
    /// The rules behind what was seen of a breach.
    pub(crate) fn rules(&self, criterion: Criterion, moment: Moment, branch: Branch) -> Vec<String> {
        let of = |client: Client| self.continuations.iter().filter(move |continued| continued.client == client);
        let judged = |client: Client| of(client).flat_map(|continued| &continued.judgements).collect::<Vec<_>>();
        let broken = match (branch, moment) {
            (Branch::Trunk, _) => self.broken_at_rest.iter().rev().find_map(|broken| broken.get(&criterion)),
            (Branch::Restarted, Moment::AtRest | Moment::AfterRecovery) => {
                judged(Client::Restarted).first().and_then(|judged| judged.broken.get(&criterion))
            }
            (Branch::Restarted, Moment::AfterRetry) => {
                judged(Client::Restarted).last().and_then(|judged| judged.broken.get(&criterion))
            }
            (Branch::Impatient, _) => judged(Client::Impatient).last().and_then(|judged| judged.broken.get(&criterion)),
        };
        broken.map(|broken| broken.rules.clone()).unwrap_or_default()
    }

    /// What happened, for a person to read.
    pub(crate) fn story(self, stage: &Stage<'_>, schedule: String) -> Story {
        let verdict = grade(self.trail());
        let again = stage.subject().replay_command(&schedule);
        let continuations = self.continuations.into_iter();
        let continuations = continuations.map(|played| Continuation { client: played.client, events: played.events });
        let (before, trunk, continuations) = (stage.seen_before(), self.events, continuations.collect());
        Story { schedule, before, trunk, continuations, verdict, again }
    }

    /// All moments of the case, for its grades.
    pub(crate) fn trail(&self) -> Trail<'_> {
        let of = |client: Client| self.continuations.iter().find(move |continued| continued.client == client);
        let restarted = of(Client::Restarted).map(|continued| match &*continued.judgements {
            [recovery, retry] => Restarted { after_recovery: &recovery.breaches, after_retry: &retry.breaches },
            other => unreachable!("judged after recovery and after the retry, not {} times", other.len()),
        });
        let impatient = of(Client::Impatient).and_then(|continued| continued.judgements.last());
        Trail { at_rest: &self.at_rest, restarted, impatient: impatient.map(|judgement| &judgement.breaches) }
    }
}
