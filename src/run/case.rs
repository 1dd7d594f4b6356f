//! The course of one case.

use std::any::Any;
use std::sync::Arc;

use super::phase::{self, End, PhaseRun};
use super::stage::{Detail, Stage};
use crate::error::{Error, Result, in_full};
use crate::inject::{Keep, Probe, Record};
use crate::judge::{Judgement, Words};
use crate::observe::{Answer, Moment, Observation};
use crate::roles::Fingerprint;
use crate::schedule::{Phase, PlannedFault};
use crate::story::{Ending, Event, StepOutcome, StepRecord};
use crate::world::Site;

/// The process under test.
pub(crate) enum Process {
    /// It runs, on this world.
    Up {
        /// The world.
        site: Arc<Site>,
        /// What it holds.
        app: Box<dyn Any>,
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
    process: Process,
    answer: Option<Answer>,
    begun: Begun,
    events: Vec<Event>,
    judgements: Vec<Judgement>,
    at_hit: Option<Site>,
}

/// Whether the first attempt was made.
#[derive(PartialEq, Eq)]
enum Begun {
    NotYet,
    Yes,
}

/// What came of the faults of a case, before anybody sends the request again in peace.
pub(crate) struct Trunk {
    /// The steps of the last phase.
    pub(crate) records: Vec<Record>,
    /// What was judged at rest, after each faulted phase. The last is the world from which the case goes on.
    pub(crate) judgements: Vec<Judgement>,
    /// The world at the instant of the last fault, where the flow saw it and went on.
    pub(crate) at_hit: Option<Fingerprint>,
}

impl<'s, 'a> Case<'s, 'a> {
    /// Restores the template and starts the application on it.
    pub(crate) async fn begin(stage: &'s Stage<'a>, detail: Detail) -> Result<Self> {
        let image = Arc::new(stage.template.copy(&stage.workshop)?);
        let mut case = Self::with(stage, detail, image, None, Begun::NotYet);
        case.boot(Vec::new()).await?;
        case.events.clear();
        match case.process {
            Process::Up { .. } => Ok(case),
            Process::Down { .. } => Err(Error::NoReference {
                subject: stage.subject.name(),
                reason: format!("the application does not start: {:?}", case.answer),
            }),
        }
    }

    /// Goes on from a world that an earlier case left, after its process ended.
    pub(crate) fn resume(stage: &'s Stage<'a>, detail: Detail, image: &Site, answer: Option<Answer>) -> Result<Self> {
        let image = Arc::new(image.copy(&stage.workshop)?);
        Ok(Self::with(stage, detail, image, answer, Begun::Yes))
    }

    fn with(stage: &'s Stage<'a>, detail: Detail, image: Arc<Site>, answer: Option<Answer>, begun: Begun) -> Self {
        let process = Process::Down { image };
        Self { stage, detail, process, answer, begun, events: Vec::new(), judgements: Vec::new(), at_hit: None }
    }

    /// Lets the faults happen, each in its phase, and looks at the world after each phase, but for those whose faults are
    /// among the first `known`: what is at rest after them was seen before.
    pub(crate) async fn trunk(&mut self, faults: &[PlannedFault], known: usize) -> Result<Trunk> {
        let mut rest = faults;
        let mut records = Vec::new();
        while let Some(next) = rest.first() {
            let same_phase = rest.iter().take_while(|fault| fault.phase == next.phase).count();
            records = self.faulted(next.phase, rest[..same_phase].to_vec(), faults).await?;
            let hits = hits(&records, &rest[..same_phase]);
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
        Ok(Trunk { records, judgements: std::mem::take(&mut self.judgements), at_hit })
    }

    async fn faulted(&mut self, phase: Phase, plan: Vec<PlannedFault>, all: &[PlannedFault]) -> Result<Vec<Record>> {
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
    pub(crate) async fn attempt_by_hand(&mut self) -> Result<Vec<Record>> {
        let probe = self.armed(Phase::Attempt, Vec::new());
        self.import_with(Phase::Attempt, &probe).await
    }

    /// The first attempt, without faults.
    pub(crate) async fn attempt_unharmed(&mut self) -> Result<Vec<Record>> {
        self.import(Phase::Attempt, Vec::new()).await
    }

    /// The restarted client: starts the application, and sends the request again. Returns the steps of both.
    pub(crate) async fn restarted(&mut self) -> Result<(Vec<Record>, Vec<Record>)> {
        Ok((self.boot_unharmed().await?, self.retry_unharmed().await?))
    }

    /// Starts the application, and looks at what it recovered.
    pub(crate) async fn boot_unharmed(&mut self) -> Result<Vec<Record>> {
        let records = self.boot(Vec::new()).await?;
        self.observe(Moment::AfterRecovery)?;
        Ok(records)
    }

    /// Sends the request again, after a start.
    pub(crate) async fn retry_unharmed(&mut self) -> Result<Vec<Record>> {
        let records = self.import(Phase::Retry, Vec::new()).await?;
        self.observe(Moment::AfterRetry)?;
        Ok(records)
    }

    /// The impatient client: sends the request again to the process as it is.
    pub(crate) async fn impatient(&mut self) -> Result<Vec<Record>> {
        let records = self.import(Phase::Impatient, Vec::new()).await?;
        self.observe(Moment::AfterRetry)?;
        Ok(records)
    }

    /// The world after a kill at this instant.
    pub(crate) fn image(&self) -> Result<Arc<Site>> {
        match &self.process {
            Process::Up { site, .. } => Ok(Arc::new(site.copy(&self.stage.workshop)?)),
            Process::Down { image } => Ok(Arc::clone(image)),
        }
    }

    /// The process under test.
    pub(crate) const fn process(&self) -> &Process {
        &self.process
    }

    /// The last answer.
    pub(crate) const fn answer(&self) -> Option<&Answer> {
        self.answer.as_ref()
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
        let (Process::Up { site, .. } | Process::Down { image: site }) = &self.process;
        site.observe(self.answer.clone(), self.stage.before())
    }

    /// Looks at the world and has it judged.
    pub(crate) fn observe(&mut self, moment: Moment) -> Result<()> {
        let observation = self.look()?;
        let words = if self.detail.is_for_people() { Words::Told } else { Words::Omitted };
        let judgement = self.stage.judge(moment, &observation, words);
        if self.detail == Detail::Story {
            // Only now it is known which rows the ids of the answer belong to.
            if let Some(Event::Ended(Ending::Answered(answer))) = self.events.last_mut() {
                *answer = self.stage.by_role(answer, &observation);
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

    async fn boot(&mut self, plan: Vec<PlannedFault>) -> Result<Vec<Record>> {
        let image = self.image()?;
        let is_unharmed = plan.is_empty();
        let probe = self.probe(Phase::Boot, plan);
        let world = image.world();
        let boot = self.stage.subject.erased().boot(&world);
        let PhaseRun { records, end } = phase::run(&probe, self.stage.deadline, boot).await?;
        let down = |reason: String| (Process::Down { image: Arc::clone(&image) }, Some(Answer::NotBooted(reason)));
        let (process, refusal) = match end {
            End::Done(Ok(app)) => (Process::Up { site: image, app }, None),
            End::Done(Err(error)) => down(in_full(&*error)),
            End::Panicked(caught) => down(format!("panic: {}", caught.message)),
            End::Hung => down(format!("not up after {} ms", self.stage.deadline.as_millis())),
            End::Cancelled => down("its start was given up".to_owned()),
            End::Crashed(image) => (Process::Down { image: Arc::new(image) }, None),
        };
        let ending = match (&process, &refusal) {
            (Process::Up { .. }, _) => Ending::Booted,
            (Process::Down { .. }, Some(answer)) => Ending::Answered(answer.clone()),
            (Process::Down { .. }, None) => Ending::Crashed,
        };
        self.process = process;
        self.at_hit = probe.take_world_at_hit()?;
        self.tell(Phase::Boot, &records, ending);
        // Whether the last request was answered, and how, does not change because a server starts; that it does not
        // start is what the next request meets.
        if is_unharmed {
            self.answer = refusal.or_else(|| self.answer.take());
        }
        Ok(records)
    }

    async fn import(&mut self, phase: Phase, plan: Vec<PlannedFault>) -> Result<Vec<Record>> {
        let probe = self.probe(phase, plan);
        self.import_with(phase, &probe).await
    }

    async fn import_with(&mut self, phase: Phase, probe: &Probe) -> Result<Vec<Record>> {
        self.begun = Begun::Yes;
        let Process::Up { app, .. } = &self.process else {
            return Ok(Vec::new());
        };
        let import = self.stage.subject.erased().import(&**app);
        let PhaseRun { records, end } = phase::run(probe, self.stage.deadline, import).await?;
        let (answer, ending) = match end {
            End::Done(answer) => (Some(answer.clone()), Ending::Answered(answer)),
            End::Panicked(caught) => {
                let answer = Answer::Panicked { message: caught.message, injected: caught.injected };
                (Some(answer.clone()), Ending::Answered(answer))
            }
            End::Hung => {
                let deadline_ms = u64::try_from(self.stage.deadline.as_millis()).unwrap_or(u64::MAX);
                (Some(Answer::Hung { deadline_ms }), Ending::Answered(Answer::Hung { deadline_ms }))
            }
            End::Cancelled => (None, Ending::Cancelled),
            End::Crashed(image) => {
                self.process = Process::Down { image: Arc::new(image) };
                (None, Ending::Crashed)
            }
        };
        // Who was once told that it is done goes on believing it while nobody says otherwise.
        if answer.is_some() || !self.answer.as_ref().is_some_and(Answer::is_success) {
            self.answer = answer;
        }
        self.at_hit = probe.take_world_at_hit()?;
        self.tell(phase, &records, ending);
        Ok(records)
    }

    fn probe(&self, phase: Phase, plan: Vec<PlannedFault>) -> Probe {
        if plan.is_empty() { Probe::unharmed(self.stage.subject.flow(), phase) } else { self.armed(phase, plan) }
    }

    fn armed(&self, phase: Phase, plan: Vec<PlannedFault>) -> Probe {
        let (Process::Up { site, .. } | Process::Down { image: site }) = &self.process;
        let (site, workshop) = (Arc::clone(site), Arc::clone(&self.stage.workshop));
        let keep = if self.detail == Detail::Graph { Keep::World } else { Keep::Record };
        Probe::armed(self.stage.subject.flow(), phase, plan, keep, move || site.copy(&workshop))
    }

    fn tell(&mut self, phase: Phase, records: &[Record], ending: Ending) {
        if self.detail != Detail::Story {
            return;
        }
        self.events.push(Event::Began(phase));
        self.events.extend(records.iter().map(|record| {
            let (step, outcome) = (record.step.name().to_owned(), record.outcome.clone());
            Event::Step(StepRecord { step, occurrence: record.occurrence, outcome, operations: Vec::new() })
        }));
        self.events.push(Event::Ended(ending));
    }

    fn not_fired(&self, faults: &[PlannedFault], fault: &PlannedFault, hint: &str) -> Error {
        let schedule = faults.iter().fold(self.stage.subject.name(), |line, fault| format!("{line} {fault}"));
        Error::NotFired { schedule, fault: fault.to_string(), hint: hint.to_owned() }
    }
}

/// How many of the planned faults hit, in their order. Each hit stands for one of them: the same fault may be planned
/// once more, for the next run of the phase.
fn hits(records: &[Record], plan: &[PlannedFault]) -> usize {
    let hits = records.iter().filter_map(|record| match &record.outcome {
        StepOutcome::Hit(fault) => Some(fault),
        StepOutcome::Done | StepOutcome::Failed(_) | StepOutcome::Outage | StepOutcome::Unfinished => None,
    });
    let mut hits: Vec<&PlannedFault> = hits.collect();
    let took_place =
        |planned: &&PlannedFault| hits.iter().position(|hit| hit == planned).map(|at| hits.swap_remove(at)).is_some();
    plan.iter().take_while(took_place).count()
}
