//! The course of one case: the process, its starts and requests, and what is seen of the world.

mod trunk;

use std::collections::BTreeSet;
use std::sync::Arc;

use super::events::{events, in_words};
use super::hosting::Host;
use super::phase::{End, Later, PhaseRun};
use super::stage::{Detail, Stage};
use super::watched::{Watched, Watching};
use crate::error::{Error, Result};
use crate::inject::{Ends, Keep, Probe, Recording, Stop, Trace};
use crate::judge::{Judgement, Words};
use crate::observe::{Answer, Moment, Observation};
use crate::schedule::{Phase, PlannedFault};
use crate::story::{Ending, Event};
use crate::world::Site;

/// The process under test.
pub(crate) enum Process {
    /// It runs, on this world.
    Up {
        /// Whoever hears its file operations; he hears nothing of how it is ended.
        watched: Watched,
        /// The world.
        site: Arc<Site>,
        /// The process itself.
        host: Host,
    },
    /// It does not, and left this world.
    Down {
        /// The world.
        image: Arc<Site>,
    },
}

/// One case, from its start to wherever it has come.
pub(crate) struct Case<'s, 'a> {
    stage: &'s Stage<'a>,
    detail: Detail,
    watching: Watching,
    process: Process,
    answer: Option<Answer>,
    begun: Begun,
    events: Vec<Event>,
    judgements: Vec<Judgement>,
    at_hit: Option<Site>,
    /// Why the last attempt never came to rest.
    unrest: Option<String>,
}

/// How far a case has come before the faults that are still to be.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Begun {
    /// The application was never started on this world.
    Never,
    /// Its first start was broken, and nobody has asked it for anything.
    StartBroken,
    /// It was started, and nobody has asked it for anything.
    Started,
    /// The first attempt was made, or can no longer be.
    Asked,
}

impl<'s, 'a> Case<'s, 'a> {
    /// Restores the world as it was prepared; the application was never started on it.
    pub(crate) fn bare(stage: &'s Stage<'a>, detail: Detail, watching: Watching) -> Result<Self> {
        let image = Arc::new(stage.prepared.copy(&stage.workshop)?);
        Ok(Self::with(stage, detail, watching, image, None, Begun::Never))
    }

    /// Restores the template and starts the application on it.
    pub(crate) async fn begin(stage: &'s Stage<'a>, detail: Detail, watching: Watching) -> Result<Self> {
        let image = Arc::new(stage.template.copy(&stage.workshop)?);
        let mut case = Self::with(stage, detail, watching, image, None, Begun::Started);
        case.boot(Phase::Boot, Vec::new()).await?;
        case.expect_up()?;
        Ok(case)
    }

    /// Restores the world on which the first of these faults hits, and starts the application where it is not its first
    /// start that is broken.
    pub(crate) async fn before(
        stage: &'s Stage<'a>,
        detail: Detail,
        watching: Watching,
        faults: &[PlannedFault],
    ) -> Result<Self> {
        match faults.first() {
            Some(first) if first.phase == Phase::FirstBoot => Self::bare(stage, detail, watching),
            Some(_) | None => Self::begin(stage, detail, watching).await,
        }
    }

    /// The first start, without faults.
    pub(crate) async fn first_boot_unharmed(&mut self) -> Result<Trace> {
        let trace = self.boot(Phase::FirstBoot, Vec::new()).await?;
        self.expect_up()?;
        Ok(trace)
    }

    /// Nothing can be said of an application that does not start on a world that nothing has harmed.
    fn expect_up(&mut self) -> Result<()> {
        self.events.clear();
        match (&self.process, &self.answer) {
            (Process::Up { .. }, _) => Ok(()),
            (Process::Down { .. }, answer) => {
                Err(Error::NoReference { subject: self.stage.subject.name(), reason: in_words(answer.as_ref()) })
            }
        }
    }

    /// Goes on from a world that an earlier case left, after its process ended.
    pub(crate) fn resume(
        stage: &'s Stage<'a>,
        detail: Detail,
        watching: Watching,
        image: &Site,
        answer: Option<Answer>,
    ) -> Result<Self> {
        let image = Arc::new(image.copy(&stage.workshop)?);
        Ok(Self::with(stage, detail, watching, image, answer, Begun::Asked))
    }

    fn with(
        stage: &'s Stage<'a>,
        detail: Detail,
        watching: Watching,
        image: Arc<Site>,
        answer: Option<Answer>,
        begun: Begun,
    ) -> Self {
        let process = Process::Down { image };
        Self {
            stage,
            detail,
            watching,
            process,
            answer,
            begun,
            events: Vec::new(),
            judgements: Vec::new(),
            at_hit: None,
            unrest: None,
        }
    }

    /// The first attempt, with no faults but those that a person put in by hand.
    pub(crate) async fn attempt_by_hand(&mut self) -> Result<Trace> {
        let Process::Up { site, watched, .. } = &self.process else { return Ok(Trace::default()) };
        self.begun = Begun::Asked;
        let probe = self.armed(Phase::Attempt, Vec::new(), site, watched);
        self.import_with(Phase::Attempt, &probe).await
    }

    /// The first attempt, without faults.
    pub(crate) async fn attempt_unharmed(&mut self) -> Result<Trace> {
        self.import(Phase::Attempt, Vec::new()).await
    }

    /// Starts the application, and looks at what it recovered.
    pub(crate) async fn boot_unharmed(&mut self) -> Result<Trace> {
        let trace = self.boot(Phase::Boot, Vec::new()).await?;
        self.observe(Moment::AfterRecovery)?;
        Ok(trace)
    }

    /// Sends the request again, after a start.
    pub(crate) async fn retry_unharmed(&mut self) -> Result<Trace> {
        let trace = self.import(Phase::Retry, Vec::new()).await?;
        self.observe(Moment::AfterRetry)?;
        Ok(trace)
    }

    /// The impatient client: sends the request again to the process as it is.
    pub(crate) async fn impatient(&mut self) -> Result<Trace> {
        let trace = self.import(Phase::Impatient, Vec::new()).await?;
        self.observe(Moment::AfterRetry)?;
        Ok(trace)
    }

    /// Where the caller was told of a success: starts the application once more, and looks whether what was acknowledged
    /// is still there. Where nothing is otherwise than it was judged since, that judgement stands, and nobody is told more.
    pub(crate) async fn once_more(&mut self, since: Option<&Judgement>) -> Result<()> {
        if !self.answer.as_ref().is_some_and(Answer::is_success) {
            return Ok(());
        }
        let told = self.events.len();
        self.end_process()?;
        self.boot(Phase::Boot, Vec::new()).await?;
        let Some(since) = since else { return self.observe(Moment::AfterRestart) };
        let now = self.stage.judge(Moment::AfterRestart, &self.look()?, Words::Omitted);
        if now.fingerprint == since.fingerprint && now.breaches.keys().eq(since.breaches.keys()) {
            self.events.truncate(told);
            self.judgements.push(since.clone());
            return Ok(());
        }
        self.observe(Moment::AfterRestart)
    }

    /// The world after a kill at this instant.
    pub(crate) fn image(&self) -> Result<Arc<Site>> {
        match &self.process {
            Process::Up { site, watched, .. } => Ok(Arc::new(watched.copy(site, &self.stage.workshop)()?)),
            Process::Down { image } => Ok(Arc::clone(image)),
        }
    }

    /// What was changed so far, where it is kept.
    pub(crate) fn recording(&self) -> Option<&Arc<Recording>> {
        match &self.process {
            Process::Up { watched, .. } => watched.recording(),
            Process::Down { .. } => None,
        }
    }

    /// The first file that is not as the recorded changes make it, if there is one: something changes files in a way that
    /// is not seen.
    pub(crate) fn missed_changes(&self) -> Result<Option<String>> {
        let (Some(recording), Process::Up { site, .. }) = (self.recording(), &self.process) else { return Ok(None) };
        let (recorded, found) = (recording.storage().now(), site.tree()?);
        let paths: BTreeSet<&String> = recorded.keys().chain(found.keys()).collect();
        let differs = paths.into_iter().find(|path| recorded.get(*path) != found.get(*path));
        Ok(differs.map(|path| match (recorded.contains_key(path), found.contains_key(path)) {
            (true, false) => format!("{path} is not there"),
            (false, _) => format!("nothing was seen that made {path}"),
            (true, true) => format!("{path} holds something else"),
        }))
    }

    /// The process under test.
    pub(crate) const fn process(&self) -> &Process {
        &self.process
    }

    /// The last answer.
    pub(crate) const fn answer(&self) -> Option<&Answer> {
        self.answer.as_ref()
    }

    /// Why the last attempt never came to rest, where it did not.
    pub(super) fn unrest(&self) -> Option<&str> {
        self.unrest.as_deref()
    }

    /// What was judged since the last time that somebody asked.
    pub(crate) fn take_judgements(&mut self) -> Vec<Judgement> {
        std::mem::take(&mut self.judgements)
    }

    /// What happened since the last time that somebody asked.
    pub(crate) fn take_events(&mut self) -> Vec<Event> {
        std::mem::take(&mut self.events)
    }

    /// Everything that is there now.
    pub(super) fn look(&self) -> Result<Observation> {
        let answer = self.answer.clone();
        match &self.process {
            // The database engine may hand a connection of the harness's on to the application: whoever hears the
            // application's operations would miss those. A copy is looked at.
            Process::Up { site, watched, .. } if watched.is_heard() => {
                self.stage.look_at(&watched.copy(site, &self.stage.workshop)()?, answer)
            }
            Process::Up { site, .. } | Process::Down { image: site } => self.stage.look_at(site, answer),
        }
    }

    /// Looks at the world and has it judged.
    pub(crate) fn observe(&mut self, moment: Moment) -> Result<()> {
        let observation = self.look()?;
        let words = if self.detail.is_for_people() { Words::Told } else { Words::Omitted };
        let judgement = match (self.begun, moment) {
            (Begun::StartBroken, Moment::AtRest) => self.stage.judge_a_first_start(&observation, words),
            _ => self.stage.judge(moment, &observation, words),
        };
        if self.detail == Detail::Story {
            // Only now it is known which rows the ids of the answer belong to. It need not come last: the power can fail
            // after it.
            let since = self.events.iter_mut().rev().take_while(|event| !matches!(event, Event::Observed { .. }));
            for event in since {
                if let Event::Ended(Ending::Answered(answer)) = event {
                    *answer = self.stage.by_role(answer, &observation);
                }
            }
            let (left, world) = (self.stage.left(&observation), self.stage.seen(&observation, &judgement));
            self.events.push(Event::Observed { moment, left, breaches: judgement.breaches.clone(), world });
        }
        self.judgements.push(judgement);
        Ok(())
    }

    fn end_process(&mut self) -> Result<()> {
        let image = self.image()?;
        self.process = Process::Down { image };
        Ok(())
    }

    #[expect(clippy::unused_async, reason = "a case is made up of phases, and whoever runs it waits for them")]
    async fn boot(&mut self, phase: Phase, plan: Vec<PlannedFault>) -> Result<Trace> {
        let image = self.image()?;
        image.forget_shared_memory();
        let is_unharmed = plan.is_empty();
        let watched = Watched::start(&image, self.watching)?;
        let probe = self.probe(phase, plan, &image, &watched);
        let flow = self.stage.subject.shared();
        let (PhaseRun { trace, end, later }, host) = self.stage.hosting.boot(flow, image.world(), &probe, &watched)?;
        let is_gone = matches!(end, End::Crashed(_) | End::PowerLost(_)) || later.is_gone();
        if host.is_none() && !is_gone {
            // What it had opened is being closed, and nobody goes on in this world before that is done.
            watched.settle();
        }
        let down = |reason: String| (Process::Down { image: Arc::clone(&image) }, Some(Answer::NotBooted(reason)));
        let gone = |image: Site| (Process::Down { image: Arc::new(image) }, None);
        let is_power_lost = matches!((&end, &later), (End::PowerLost(_), _) | (_, Later::PowerLost(_)));
        let deadline_ms = self.stage.hosting.deadline.as_millis();
        let (process, refusal) = match end {
            End::Done(Ok(())) => match (later, host) {
                (Later::Crashed(image) | Later::PowerLost(image), _) => gone(image),
                (_, Some(host)) => (Process::Up { watched, site: image, host }, None),
                (later, None) => down(later.told(deadline_ms).unwrap_or_default()),
            },
            End::Done(Err(error)) => down(error),
            End::Panicked(caught) => down(format!("panic: {}", caught.message)),
            End::Hung => down(format!("not up after {deadline_ms} ms")),
            End::Cancelled => down("its start was given up".to_owned()),
            End::Crashed(image) | End::PowerLost(image) => gone(image),
        };
        let ending = match (&process, &refusal) {
            (Process::Up { .. }, _) => Ending::Booted,
            (Process::Down { .. }, Some(answer)) => Ending::Answered(answer.clone()),
            (Process::Down { .. }, None) if is_power_lost => Ending::PowerLost,
            (Process::Down { .. }, None) => Ending::Crashed,
        };
        self.process = process;
        self.at_hit = probe.take_world_at_hit()?;
        self.tell(phase, &trace, ending);
        // Whether the last request was answered, and how, does not change because a server starts; that it does not
        // start is what the next request meets.
        if is_unharmed {
            self.answer = refusal.or_else(|| self.answer.take());
        }
        Ok(trace)
    }

    async fn import(&mut self, phase: Phase, plan: Vec<PlannedFault>) -> Result<Trace> {
        self.begun = Begun::Asked;
        let Process::Up { site, watched, .. } = &self.process else { return Ok(Trace::default()) };
        let probe = self.probe(phase, plan, site, watched);
        self.import_with(phase, &probe).await
    }

    #[expect(clippy::unused_async, reason = "a case is made up of phases, and whoever runs it waits for them")]
    async fn import_with(&mut self, phase: Phase, probe: &Probe) -> Result<Trace> {
        let Process::Up { host, .. } = &mut self.process else {
            return Ok(Trace::default());
        };
        let PhaseRun { mut trace, end, later } = host.import(probe)?;
        let deadline = self.stage.hosting.deadline;
        let end = later.amended(end);
        self.unrest = later.told(deadline.as_millis());
        let (answer, ending) = match end {
            End::Done(answer) => (Some(answer.clone()), Ending::Answered(answer)),
            End::Panicked(caught) => {
                let answer = Answer::Panicked { message: caught.message, injected: caught.injected };
                (Some(answer.clone()), Ending::Answered(answer))
            }
            End::Hung => {
                let deadline_ms = u64::try_from(deadline.as_millis()).unwrap_or(u64::MAX);
                (Some(Answer::Hung { deadline_ms }), Ending::Answered(Answer::Hung { deadline_ms }))
            }
            End::Cancelled => (None, Ending::Cancelled),
            End::Crashed(image) => {
                self.process = Process::Down { image: Arc::new(image) };
                (None, Ending::Crashed)
            }
            End::PowerLost(image) => {
                self.process = Process::Down { image: Arc::new(image) };
                (None, Ending::PowerLost)
            }
        };
        let is_answered = matches!(ending, Ending::Answered(_));
        // Who was once told that it is done goes on believing it while nobody says otherwise.
        if answer.is_some() || !self.answer.as_ref().is_some_and(Answer::is_success) {
            self.answer = answer;
        }
        self.at_hit = probe.take_world_at_hit()?;
        let later = match later {
            Later::Crashed(image) => Some((Ending::Killed, image)),
            Later::PowerLost(image) => Some((Ending::PowerLost, image)),
            Later::AtRest | Later::Panicked(_) | Later::Restless(_) => {
                let stop = if is_answered { probe.end_after_a_failed_sync() } else { None };
                match stop {
                    None | Some(Stop::Cancelled) => None,
                    Some(Stop::Crashed(image)) => Some((Ending::Killed, image?)),
                    Some(Stop::PowerLost(image)) => Some((Ending::PowerLost, image?)),
                }
            }
        };
        trace.hits = probe.trace().hits;
        self.tell(phase, &trace, ending);
        if let Some((ending, image)) = later {
            self.process = Process::Down { image: Arc::new(image) };
            if self.detail == Detail::Story {
                self.events.push(Event::Ended(ending));
            }
        }
        Ok(trace)
    }

    fn probe(&self, phase: Phase, plan: Vec<PlannedFault>, site: &Arc<Site>, watched: &Watched) -> Probe {
        if !plan.is_empty() {
            return self.armed(phase, plan, site, watched);
        }
        let is_marked = self.watching == Watching::Moments && phase == Phase::Attempt;
        let marks = watched.recording().filter(|_| is_marked);
        let probe = Probe::unharmed(self.stage.subject.flow(), phase, Box::new(watched.settling()), marks.cloned());
        probe.knowing(self.stage.vocabulary())
    }

    fn armed(&self, phase: Phase, plan: Vec<PlannedFault>, site: &Arc<Site>, watched: &Watched) -> Probe {
        let workshop = &self.stage.workshop;
        let keep = if self.detail == Detail::Graph { Keep::World } else { Keep::StepTrace };
        let (crash, lose_power) = (watched.copy(site, workshop), watched.power_loss(workshop));
        let ends = Ends { crash: Box::new(crash), lose_power: Box::new(lose_power) };
        let probe = Probe::armed(self.stage.subject.flow(), phase, plan, keep, ends, Box::new(watched.settling()));
        probe.knowing(self.stage.vocabulary())
    }

    fn tell(&mut self, phase: Phase, trace: &Trace, ending: Ending) {
        if self.detail != Detail::Story {
            return;
        }
        self.events.push(Event::Began(phase));
        self.events.extend(events(trace));
        self.events.push(Event::Ended(ending));
    }
}
