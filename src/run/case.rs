//! The course of one case.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::hosting::Host;
use super::phase::{End, Later, PhaseRun};
use super::stage::{Detail, Stage};
use super::told::{in_words, told};
use super::watched::{Watched, Watching};
use crate::error::{Error, Result};
use crate::inject::{Ends, Keep, Probe, Recording, Trace};
use crate::judge::{Judgement, Words};
use crate::observe::{Answer, Moment, Observation};
use crate::roles::Fingerprint;
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

/// Whether the first attempt was made.
#[derive(PartialEq, Eq)]
enum Begun {
    NotYet,
    Yes,
}

/// What came of the faults of a case, before anybody sends the request again in peace.
pub(crate) struct Trunk {
    /// The steps and file operations of the last phase.
    pub(crate) trace: Trace,
    /// What was judged at rest, after each faulted phase. The last is the world from which the case goes on.
    pub(crate) judgements: Vec<Judgement>,
    /// The world at the instant of the last fault, where the flow saw it and went on.
    pub(crate) at_hit: Option<Fingerprint>,
}

impl<'s, 'a> Case<'s, 'a> {
    /// Restores the template and starts the application on it.
    pub(crate) async fn begin(stage: &'s Stage<'a>, detail: Detail, watching: Watching) -> Result<Self> {
        let image = Arc::new(stage.template.copy(&stage.workshop)?);
        let mut case = Self::with(stage, detail, watching, image, None, Begun::NotYet);
        case.boot(Vec::new()).await?;
        case.events.clear();
        match case.process {
            Process::Up { .. } => Ok(case),
            Process::Down { .. } => Err(Error::NoReference {
                subject: stage.subject.name(),
                reason: format!("the application does not start: {}", in_words(case.answer.as_ref())),
            }),
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
        Ok(Self::with(stage, detail, watching, image, answer, Begun::Yes))
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

    /// Lets the faults happen, each in its phase, and looks at the world after each phase, but for those whose faults are
    /// among the first `known`: what is at rest after them was seen before.
    pub(crate) async fn trunk(&mut self, faults: &[PlannedFault], known: usize) -> Result<Trunk> {
        let mut rest = faults;
        let mut trace = Trace::default();
        while let Some(next) = rest.first() {
            let same_phase = rest.iter().take_while(|fault| fault.phase == next.phase).count();
            trace = self.faulted(next.phase, rest[..same_phase].to_vec(), faults).await?;
            let hits = trace.hits.len();
            if hits == 0 {
                return Err(self.not_fired(faults, next, "; the phase does not come to this point"));
            }
            rest = &rest[hits..];
            if faults.len() - rest.len() > known {
                self.observe(Moment::AtRest)?;
            }
        }
        let at_hit = self.at_hit.take().map(|site| site.observe(None, self.stage.before())).transpose()?;
        let at_hit = at_hit.map(|observation| self.stage.fingerprint(&observation));
        Ok(Trunk { trace, judgements: std::mem::take(&mut self.judgements), at_hit })
    }

    async fn faulted(&mut self, phase: Phase, plan: Vec<PlannedFault>, all: &[PlannedFault]) -> Result<Trace> {
        let impossible = match (phase, &self.process, &self.begun) {
            (Phase::Attempt, _, Begun::Yes) => Some("; the first attempt is over by then"),
            (Phase::Impatient, Process::Down { .. }, _) => Some("; no process survived that could be asked again"),
            _ => None,
        };
        if let Some(reason) = impossible {
            return Err(self.not_fired(all, &plan[0], reason));
        }
        if self.begun == Begun::NotYet && phase != Phase::Attempt {
            self.attempt_unharmed().await?;
            self.observe(Moment::AtRest)?;
        }
        match phase {
            Phase::Attempt | Phase::Impatient => self.import(phase, plan).await,
            Phase::Boot => {
                self.end_process()?;
                self.boot(plan).await
            }
            Phase::Retry => {
                self.end_process()?;
                self.boot(Vec::new()).await?;
                // The case without this fault is judged here; for a person the moment belongs to the story.
                if self.detail == Detail::Story {
                    self.observe(Moment::AfterRecovery)?;
                    self.judgements.pop();
                }
                self.import(phase, plan).await
            }
        }
    }

    /// The first attempt, with no faults but those that a person put in by hand.
    pub(crate) async fn attempt_by_hand(&mut self) -> Result<Trace> {
        let Process::Up { site, watched, .. } = &self.process else { return Ok(Trace::default()) };
        self.begun = Begun::Yes;
        let probe = self.armed(Phase::Attempt, Vec::new(), site, watched);
        self.import_with(Phase::Attempt, &probe).await
    }

    /// The first attempt, without faults.
    pub(crate) async fn attempt_unharmed(&mut self) -> Result<Trace> {
        self.import(Phase::Attempt, Vec::new()).await
    }

    /// The restarted client: starts the application, and sends the request again. Returns the steps of both.
    pub(crate) async fn restarted(&mut self) -> Result<(Trace, Trace)> {
        Ok((self.boot_unharmed().await?, self.retry_unharmed().await?))
    }

    /// Starts the application, and looks at what it recovered.
    pub(crate) async fn boot_unharmed(&mut self) -> Result<Trace> {
        let trace = self.boot(Vec::new()).await?;
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
            (false, _) => format!("nobody was seen to make {path}"),
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
                watched.copy(site, &self.stage.workshop)()?.observe(answer, self.stage.before())
            }
            Process::Up { site, .. } | Process::Down { image: site } => site.observe(answer, self.stage.before()),
        }
    }

    /// Looks at the world and has it judged.
    pub(crate) fn observe(&mut self, moment: Moment) -> Result<()> {
        let observation = self.look()?;
        let words = if self.detail.is_for_people() { Words::Told } else { Words::Omitted };
        let judgement = self.stage.judge(moment, &observation, words);
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
    async fn boot(&mut self, plan: Vec<PlannedFault>) -> Result<Trace> {
        let image = self.image()?;
        image.forget_shared_memory();
        let is_unharmed = plan.is_empty();
        let watched = Watched::start(&image, self.watching)?;
        let probe = self.probe(Phase::Boot, plan, &image, &watched);
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
        self.tell(Phase::Boot, &trace, ending);
        // Whether the last request was answered, and how, does not change because a server starts; that it does not
        // start is what the next request meets.
        if is_unharmed {
            self.answer = refusal.or_else(|| self.answer.take());
        }
        Ok(trace)
    }

    async fn import(&mut self, phase: Phase, plan: Vec<PlannedFault>) -> Result<Trace> {
        self.begun = Begun::Yes;
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
            Later::Crashed(image) => Some((Ending::Crashed, image)),
            Later::PowerLost(image) => Some((Ending::PowerLost, image)),
            Later::AtRest | Later::Panicked(_) | Later::Restless(_) => {
                let image = if is_answered { probe.power_loss_after_a_failed_sync() } else { None };
                image.transpose()?.map(|image| (Ending::PowerLost, image))
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
        Probe::unharmed(self.stage.subject.flow(), phase, Box::new(watched.settling()), marks.cloned())
    }

    fn armed(&self, phase: Phase, plan: Vec<PlannedFault>, site: &Arc<Site>, watched: &Watched) -> Probe {
        let workshop = &self.stage.workshop;
        let keep = if self.detail == Detail::Graph { Keep::World } else { Keep::Record };
        let (crash, lose_power) = (watched.copy(site, workshop), watched.power_loss(workshop));
        let ends = Ends { crash: Box::new(crash), lose_power: Box::new(lose_power) };
        Probe::armed(self.stage.subject.flow(), phase, plan, keep, ends, Box::new(watched.settling()))
    }

    fn tell(&mut self, phase: Phase, trace: &Trace, ending: Ending) {
        if self.detail != Detail::Story {
            return;
        }
        self.events.push(Event::Began(phase));
        self.events.extend(told(trace));
        self.events.push(Event::Ended(ending));
    }

    fn not_fired(&self, faults: &[PlannedFault], fault: &PlannedFault, hint: &str) -> Error {
        let schedule = faults.iter().fold(self.stage.subject.name(), |line, fault| format!("{line} {fault}"));
        Error::NotFired { schedule, fault: fault.to_string(), hint: hint.to_owned() }
    }
}
