//! One schedule from its start to its end, with both continuations: what replaying a line means.

use std::collections::BTreeMap;

use super::case::{Case, Process};
use super::stage::{Detail, Stage};
use crate::error::Result;
use crate::inject::Trace;
use crate::judge::{Branch, Breaches, Broken, Criterion, Judgement, Restarted, Retried, Trail, grade};
use crate::observe::Moment;
use crate::schedule::{Phase, PlannedFault};
use crate::story::{Client, Continuation, Event, Statements, StepOutcome, Story};

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
    /// What was judged after one more start, where nothing went wrong.
    after_restart: Option<Judgement>,
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
    /// What was judged, moment by moment.
    judged: Judged,
}

/// What was judged in a continuation.
struct Judged {
    /// After the start before the retry, where there was one.
    recovery: Option<Judgement>,
    /// After the retry.
    retry: Judgement,
    /// After one more start, where the retry succeeded.
    restart: Option<Judgement>,
}

/// Plays the faults on a fresh world.
pub(crate) async fn play(stage: &Stage<'_>, faults: &[PlannedFault], detail: Detail) -> Result<Played> {
    let mut case = Case::before(stage, detail, stage.watching(faults), faults).await?;
    let (trace, at_rest) = if faults.is_empty() {
        let trace = case.attempt_by_hand().await?;
        case.observe(Moment::AtRest)?;
        (trace, case.take_judgements())
    } else {
        let trunk = case.trunk(faults, 0).await?;
        (trunk.trace, trunk.judgements)
    };
    let was_hit = trace.steps.iter().any(|record| matches!(record.outcome, StepOutcome::Hit(_)));
    let (mut continuations, mut after_restart) = (Vec::new(), None);
    if was_hit || !faults.is_empty() {
        let events = case.take_events();
        continuations.push(restarted(stage, &case, detail).await?);
        if let Process::Up { .. } = case.process() {
            continuations.push(impatient(&mut case).await?);
        }
        return Ok(Played::new(events, trace, at_rest, after_restart, continuations));
    }
    case.once_more(at_rest.last()).await?;
    after_restart = case.take_judgements().pop();
    Ok(Played::new(case.take_events(), trace, at_rest, after_restart, continuations))
}

async fn restarted(stage: &Stage<'_>, case: &Case<'_, '_>, detail: Detail) -> Result<Continued> {
    let image = case.image()?;
    let mut case = Case::resume(stage, detail, stage.watching(&[]), &image, case.answer().cloned())?;
    let boot = case.boot_unharmed().await?;
    let recovery = case.take_judgements().pop();
    let phases = vec![(Phase::Boot, boot), (Phase::Retry, case.retry_unharmed().await?)];
    retried(Client::Restarted, &mut case, phases, recovery).await
}

async fn impatient(case: &mut Case<'_, '_>) -> Result<Continued> {
    let phases = vec![(Phase::Impatient, case.impatient().await?)];
    retried(Client::Impatient, case, phases, None).await
}

/// What follows a retry that was made.
async fn retried(
    client: Client,
    case: &mut Case<'_, '_>,
    phases: Vec<(Phase, Trace)>,
    recovery: Option<Judgement>,
) -> Result<Continued> {
    let retry = case.take_judgements().pop().expect("judged after the retry");
    case.once_more(Some(&retry)).await?;
    let restart = case.take_judgements().pop();
    let judged = Judged { recovery, retry, restart };
    Ok(Continued { client, events: case.take_events(), phases, judged })
}

impl Judged {
    fn at(&self, moment: Moment) -> Option<&Judgement> {
        match moment {
            Moment::AtRest => None,
            Moment::AfterRecovery => self.recovery.as_ref(),
            Moment::AfterRetry => Some(&self.retry),
            Moment::AfterRestart => self.restart.as_ref(),
        }
    }

    fn retried(&self) -> Retried<'_> {
        Retried {
            after_retry: &self.retry.breaches,
            after_restart: self.restart.as_ref().map(|judgement| &judgement.breaches),
        }
    }
}

impl Played {
    fn new(
        events: Vec<Event>,
        trace: Trace,
        at_rest: Vec<Judgement>,
        after_restart: Option<Judgement>,
        continuations: Vec<Continued>,
    ) -> Self {
        let (at_rest, broken_at_rest) = at_rest.into_iter().map(|judged| (judged.breaches, judged.broken)).unzip();
        Self { events, trace, at_rest, broken_at_rest, after_restart, continuations }
    }

    /// The rules behind what was seen of a breach.
    pub(crate) fn rules(&self, criterion: Criterion, moment: Moment, branch: Branch) -> Vec<String> {
        let of = |client: Client| self.continued(client).and_then(|continued| continued.judged.at(moment));
        let judged = match (branch, moment) {
            (Branch::Trunk, Moment::AfterRestart) => self.after_restart.as_ref(),
            (Branch::Trunk, Moment::AtRest | Moment::AfterRecovery | Moment::AfterRetry) => None,
            (Branch::Restarted, _) => of(Client::Restarted),
            (Branch::Impatient, _) => of(Client::Impatient),
        };
        let at_rest = || self.broken_at_rest.iter().rev().find_map(|broken| broken.get(&criterion));
        let broken = match judged {
            Some(judged) => judged.broken.get(&criterion),
            None => at_rest(),
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
        let (statements, notes) = (Statements::new(), Vec::new());
        let mut story = Story { schedule, statements, before, trunk, continuations, verdict, again, notes };
        story.statements = story.statements_met();
        story
    }

    /// All moments of the case, for its grades.
    pub(crate) fn trail(&self) -> Trail<'_> {
        let restarted = self.continued(Client::Restarted).map(|continued| {
            let after_recovery = continued.judged.recovery.as_ref().expect("judged after the start");
            Restarted { after_recovery: &after_recovery.breaches, retried: continued.judged.retried() }
        });
        let impatient = self.continued(Client::Impatient).map(|continued| continued.judged.retried());
        let after_restart = self.after_restart.as_ref().map(|judgement| &judgement.breaches);
        Trail { at_rest: &self.at_rest, after_restart, restarted, impatient }
    }

    fn continued(&self, client: Client) -> Option<&Continued> {
        self.continuations.iter().find(|continued| continued.client == client)
    }
}
