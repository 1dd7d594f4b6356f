//! What all cases of one subject share: its template, its rules, and what a run without faults leaves.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::SystemTime;

use super::case::{Case, Process};
use super::hosting::Hosting;
use super::killed::Killable;
use super::sameness::{Sameness, first_difference, is_part_of, sameness};
use super::told::in_words;
use super::watched::Watching;
use crate::disk::available;
use crate::durability::Tree;
use crate::error::{Error, Result};
use crate::infer::{Inferred, Runs, Span, infer};
use crate::inject::{Trace, Vocabulary};
use crate::judge::{Judgement, Reference, Words, judge, problems_of_rules, view, view_before};
use crate::observe::{Answer, Moment, Observation};
use crate::roles::{Canonical, Fingerprint, by_role, difference};
use crate::schedule::{Phase, PlannedFault};
use crate::step::is_kebab_case;
use crate::story::WorldSeen;
use crate::subject::Subject;
use crate::world::{Site, Workshop};

/// The stage on which the cases of one subject play.
pub(crate) struct Stage<'a> {
    pub(super) subject: &'a Subject,
    pub(super) workshop: Arc<Workshop>,
    /// The world on which the application was never started.
    pub(super) prepared: Arc<Site>,
    /// The world on which it was: that before the request.
    pub(super) template: Arc<Site>,
    pub(super) hosting: Hosting,
    /// Whether file operations are heard in every case.
    watching: Watching,
    reference: Reference,
    /// What the first start without faults went through.
    first_boot: Trace,
    /// The run without faults.
    faultless: Option<Faultless>,
    vocabulary: Arc<Vocabulary>,
    /// The rules that nobody declared.
    inferred: Vec<Inferred>,
    /// Whether its steps come in another order in each run.
    order: Order,
}

/// The run without faults, as it was judged.
pub(crate) struct Faultless {
    /// The steps and file operations of the attempt.
    pub(crate) trace: Trace,
    /// At rest.
    pub(crate) at_rest: Judgement,
    /// Once the application was started once more.
    pub(crate) after_restart: Judgement,
}

/// A run without faults, as it was seen.
struct Seen {
    trace: Trace,
    before: Observation,
    result: Observation,
    image: Arc<Site>,
}

/// In which order the steps of a subject come, as far as that was seen.
#[derive(Default)]
struct Order {
    is_shuffled: AtomicBool,
    /// How often a case was tried again for that reason.
    retried: AtomicU64,
}

/// How much of a case is kept.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Detail {
    /// What its grades need.
    Grades,
    /// What it takes to go on from its last fault, too: the world at that instant.
    Graph,
    /// Its grades, and the evidence for them.
    Evidence,
    /// Everything, for a person to read.
    Story,
}

impl Detail {
    /// Whether anybody reads what is said of a breach.
    pub(super) const fn is_for_people(self) -> bool {
        match self {
            Self::Grades | Self::Graph => false,
            Self::Evidence | Self::Story => true,
        }
    }
}

/// So often something is tried again that depends on an order which is another in each run.
const TRIES: usize = 8;

impl<'a> Stage<'a> {
    /// Prepares the world, starts the application on it for the first time, and runs the flow twice without faults: once
    /// for the reference, once more to see that it is one.
    pub(crate) async fn set(
        subject: &'a Subject,
        workshop: &Arc<Workshop>,
        hosting: Hosting,
        watching: Watching,
    ) -> Result<Self> {
        if watching != Watching::Nothing {
            available()?;
        }
        for (what, name) in [("flow", subject.flow()), ("strategy", subject.strategy())] {
            if !is_kebab_case(name.as_bytes()) {
                return Err(Error::Name { what, name: name.to_owned() });
            }
        }
        let began = SystemTime::now();
        let prepared = Site::new(workshop)?;
        Hosting::prepare(subject.shared(), prepared.world())
            .map_err(|source| Error::Prepare { subject: subject.name(), source })?;
        // A connection of `prepare` may still be closing: cases start from a copy that nobody touches.
        let prepared = Arc::new(prepared.copy(workshop)?);
        let rules = subject.declared_rules();
        let bare = prepared.observe(None, &Observation::default(), &rules.ignored_tables)?;
        let mut stage = Self {
            subject,
            workshop: Arc::clone(workshop),
            prepared: Arc::clone(&prepared),
            template: prepared,
            hosting,
            watching,
            reference: Reference::new(&rules, bare.clone(), [bare.clone(), bare.clone()]),
            first_boot: Trace::default(),
            faultless: None,
            vocabulary: Arc::default(),
            inferred: Vec::new(),
            order: Order::default(),
        };
        let starts = stage.start_for_the_first_time(&bare).await?;
        let (first, second) = stage.two_faultless_runs().await?;
        let Seen { trace, before, result, .. } = first;
        let since_1970 =
            |time: SystemTime| time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs_f64();
        let during = Span { from: since_1970(began), to: since_1970(SystemTime::now()) };
        let starts = [&starts.0, &starts.1];
        let runs = Runs { bare: &bare, starts, before: &before, results: [&result, &second.result], during };
        let (rules, inferred) =
            infer(&rules, &runs).map_err(|problem| Error::Rules { subject: subject.name(), problem })?;
        stage.inferred = inferred;
        if let Some(problem) = problems_of_rules(&rules, &before, [&result, &second.result]).into_iter().next() {
            return Err(Error::Rules { subject: subject.name(), problem });
        }
        stage.expect_the_same(&trace, &second.trace)?;
        let again = second.result.clone();
        stage.reference = Reference::new(&rules, before, [result.clone(), second.result]).with_bare(&bare);
        let at_rest = stage.judge(Moment::AtRest, &result, Words::Told);
        if stage.fingerprint(&again) != at_rest.fingerprint {
            let difference = difference(stage.reference.lens(), &result, &again).join("; ");
            let difference = format!("they take the same steps and leave different worlds: {difference}");
            return Err(Error::NotDeterministic { schedule: subject.name(), difference });
        }
        let after_restart = stage.started_once_more(&second.image, again.answer).await?;
        stage.faultless = Some(Faultless { trace, at_rest, after_restart });
        Ok(stage)
    }

    /// What the first start makes (migrations, folders) is there before any request. It is made twice, to see what differs.
    async fn start_for_the_first_time(&mut self, bare: &Observation) -> Result<(Observation, Observation)> {
        let mut case = Case::bare(self, Detail::Grades, self.watching)?;
        case.first_boot_unharmed().await?;
        let once = case.look()?;
        drop(case);
        let mut case = Case::bare(self, Detail::Grades, self.watching)?;
        let trace = case.first_boot_unharmed().await?;
        let (image, started) = (case.image()?, case.look()?);
        // A world that it leaves as it was is taken from where nobody has worked on it. And an application that starts only
        // once is found guilty later on: until then each case starts it for the first time.
        let is_changed = self.fingerprint(&started) != self.fingerprint(bare);
        let is_template = is_changed && self.starts_on(&image).await?;
        drop(case);
        if is_template {
            self.template = Arc::new(image.copy(&self.workshop)?);
        }
        self.first_boot = trace;
        Ok((once, started))
    }

    async fn starts_on(&self, image: &Site) -> Result<bool> {
        let mut case = Case::resume(self, Detail::Grades, self.watching, image, None)?;
        case.boot_unharmed().await?;
        Ok(matches!(case.process(), Process::Up { .. }))
    }

    /// A stage like this one, for another subject.
    pub(crate) async fn of_other<'o>(&self, subject: &'o Subject) -> Result<Stage<'o>> {
        Stage::set(subject, &self.workshop, self.hosting, self.watching).await
    }

    /// Two runs of which nothing is known yet; they are not judged. Names of files that differ between them are learned,
    /// and the next two are called alike.
    async fn two_faultless_runs(&mut self) -> Result<(Seen, Seen)> {
        let mut runs = (self.faultless_run().await?, self.faultless_run().await?);
        for _ in 0..TRIES {
            if !self.learn(&runs.0.trace, &runs.1.trace) {
                break;
            }
            runs = (self.faultless_run().await?, self.faultless_run().await?);
        }
        Ok(runs)
    }

    /// Returns whether the same two runs would be called otherwise now.
    fn learn(&mut self, one: &Trace, other: &Trace) -> bool {
        let mut vocabulary = Vocabulary::clone(&self.vocabulary);
        let operations = one.touches.iter().zip(&other.touches).map(|(one, other)| (&one.operation, &other.operation));
        let mut is_called_otherwise = false;
        for (one, other) in operations.filter(|(one, other)| one.call == other.call) {
            is_called_otherwise |= vocabulary.learn(&one.path, &other.path) && one.path != other.path;
        }
        self.vocabulary = Arc::new(vocabulary);
        is_called_otherwise
    }

    /// What of the paths of files is known to be made up anew.
    pub(super) fn vocabulary(&self) -> Arc<Vocabulary> {
        Arc::clone(&self.vocabulary)
    }

    async fn faultless_run(&self) -> Result<Seen> {
        let mut case = Case::begin(self, Detail::Grades, self.watching).await?;
        let before = case.look()?;
        let trace = case.attempt_unharmed().await?;
        let result = case.look()?;
        let reason = match &result.answer {
            Some(Answer::Success(_)) => return Ok(Seen { trace, before, result, image: case.image()? }),
            answer => case.unrest().map_or_else(|| in_words(answer.as_ref()), str::to_owned),
        };
        Err(Error::NoReference { subject: self.subject.name(), reason })
    }

    /// How the world of a run without faults is judged once the application was started once more.
    async fn started_once_more(&self, image: &Site, answer: Option<Answer>) -> Result<Judgement> {
        let mut case = Case::resume(self, Detail::Grades, self.watching, image, answer)?;
        case.once_more(None).await?;
        Ok(case.take_judgements().pop().expect("a success is looked at once more"))
    }

    /// Fails unless two runs without faults did the same. That one did it in another order is remembered.
    pub(crate) fn expect_the_same(&self, known: &Trace, found: &Trace) -> Result<()> {
        match sameness(known, found) {
            Sameness::Same => Ok(()),
            Sameness::Shuffled => {
                self.order.is_shuffled.store(true, Ordering::Relaxed);
                Ok(())
            }
            Sameness::Different(difference) => {
                Err(Error::NotDeterministic { schedule: self.subject.name(), difference })
            }
        }
    }

    /// Fails unless a run that a fault broke did, until then, what the run without faults does: in the same order, or, where
    /// it turns out that the order is not always the same, all of it in any.
    pub(crate) async fn expect_the_known(&self, known: &Trace, found: &Trace, faults: &[PlannedFault]) -> Result<()> {
        let Some(difference) = first_difference(known, found) else { return Ok(()) };
        let whole = &self.faultless().trace;
        if is_part_of(found, whole) {
            for _ in 0..TRIES {
                if self.is_shuffled() {
                    return Ok(());
                }
                let again = self.faultless_run().await?;
                self.expect_the_same(whole, &again.trace)?;
            }
        }
        let schedule = faults.iter().fold(self.subject.name(), |line, fault| format!("{line} {fault}"));
        Err(Error::NotDeterministic { schedule, difference })
    }

    /// Whether the steps come in another order in each run.
    pub(crate) fn is_shuffled(&self) -> bool {
        self.order.is_shuffled.load(Ordering::Relaxed)
    }

    /// How often a case was tried again because the steps came in another order.
    pub(crate) fn retried(&self) -> u64 {
        self.order.retried.load(Ordering::Relaxed)
    }

    /// Tries a case, and where steps come in another order each time a few times more, until its outcome is wanted.
    pub(crate) fn tried<T>(
        &self,
        mut case: impl FnMut() -> Result<T>,
        is_wanted: impl Fn(&Result<T>) -> bool,
    ) -> Result<T> {
        let mut outcome = case();
        for _ in 0..TRIES {
            if is_wanted(&outcome) || !self.is_shuffled() {
                break;
            }
            self.order.retried.fetch_add(1, Ordering::Relaxed);
            outcome = case();
        }
        outcome
    }

    /// The run without faults, as it was judged.
    pub(crate) fn faultless(&self) -> &Faultless {
        self.faultless.as_ref().expect("a stage that is set has seen a run without faults")
    }

    /// The rules that nobody declared.
    pub(crate) fn inferred(&self) -> &[Inferred] {
        &self.inferred
    }

    /// What the first start without faults went through.
    pub(crate) const fn first_boot(&self) -> &Trace {
        &self.first_boot
    }

    /// The world on which a first process of these faults is started.
    fn origin(&self, faults: &[PlannedFault]) -> &Site {
        match faults.first() {
            Some(first) if first.phase == Phase::FirstBoot => &self.prepared,
            Some(_) | None => &self.template,
        }
    }

    /// What is heard of the file operations of a case with these faults.
    pub(crate) fn watching(&self, faults: &[PlannedFault]) -> Watching {
        self.watching.max(Watching::needed_by(faults))
    }

    /// Whether the file operations of every case are heard.
    pub(crate) fn hears_operations(&self) -> bool {
        self.watching != Watching::Nothing
    }

    /// A world that holds exactly this.
    pub(crate) fn plant(&self, tree: &Tree) -> Result<Site> {
        Site::plant(tree, &self.workshop)
    }

    /// How a world is judged that a process left.
    pub(crate) fn judge_at_rest(&self, image: &Site, answer: Option<Answer>) -> Result<Judgement> {
        let observation = self.look_at(image, answer)?;
        Ok(self.judge(Moment::AtRest, &observation, Words::Omitted))
    }

    /// Plays these faults, the last of which is a crash, has a process of its own killed there, and looks whether the two
    /// leave the same world. `begin` is where the faults of the last process begin.
    ///
    /// # Errors
    /// When they do not.
    pub(crate) async fn try_a_kill(&self, killable: &Killable, faults: &[PlannedFault], begin: usize) -> Result<()> {
        let mut case = Case::before(self, Detail::Grades, self.watching(faults), faults).await?;
        let (earlier, last) = faults.split_at(begin);
        let is_later = last.iter().any(|fault| !matches!(fault.phase, Phase::FirstBoot | Phase::Attempt));
        if !earlier.is_empty() {
            case.trunk(earlier, 0).await?;
        } else if is_later {
            case.attempt_unharmed().await?;
        }
        // The case goes on in the world itself.
        let image = if is_later { Some(case.image()?.copy(&self.workshop)?) } else { None };
        let trunk = case.trunk(last, 0).await?;
        let left = trunk.judgements.last().expect("a case with a fault is judged at rest").fingerprint;
        self.expect_of_a_kill(killable, image.as_ref(), last, left)
    }

    /// Has a process of its own killed at the last of these faults, all of one phase, on a copy of `image`, or of the
    /// template where there is none; and looks whether it leaves the world that is known.
    ///
    /// # Errors
    /// When it leaves another one: the emulation of a crash is none.
    pub(crate) fn expect_of_a_kill(
        &self,
        killable: &Killable,
        image: Option<&Site>,
        faults: &[PlannedFault],
        expected: Fingerprint,
    ) -> Result<()> {
        let left = killable.kill(self.subject, image.unwrap_or_else(|| self.origin(faults)), faults, &self.workshop)?;
        let observation = self.look_at(&left, None)?;
        if self.fingerprint(&observation) == expected {
            return Ok(());
        }
        let schedule = faults.iter().fold(self.subject.name(), |line, fault| format!("{line} {fault}"));
        Err(Error::NotACrash { schedule, difference: self.left(&observation).join("; ") })
    }

    /// The subject that plays here.
    pub(crate) const fn subject(&self) -> &'a Subject {
        self.subject
    }

    pub(super) fn judge(&self, moment: Moment, observation: &Observation, words: Words) -> Judgement {
        judge(&self.reference, moment, observation, words)
    }

    /// How a world is judged that a broken first start has left.
    pub(super) fn judge_a_first_start(&self, observation: &Observation, words: Words) -> Judgement {
        self.judge(Moment::AtRest, observation, words).of_a_first_start(&self.reference)
    }

    /// Everything that is there but for the tables that are ignored.
    pub(super) fn look_at(&self, site: &Site, answer: Option<Answer>) -> Result<Observation> {
        site.observe(answer, self.before(), &self.reference.lens().rules().ignored_tables)
    }

    /// The world before the request.
    pub(super) fn before(&self) -> &Observation {
        self.reference.before()
    }

    pub(super) fn fingerprint(&self, observation: &Observation) -> Fingerprint {
        Canonical::new(self.reference.lens(), observation).fingerprint()
    }

    /// The answer with its ids by role, so that it is the same in every run.
    pub(super) fn by_role(&self, answer: &Answer, observation: &Observation) -> Answer {
        match answer {
            Answer::Success(value) => {
                let text = by_role(self.reference.lens(), observation, &value.to_string());
                // Names of rows stand in texts where ids stood, and change nothing of the structure.
                Answer::Success(serde_json::from_str(&text).unwrap_or(serde_json::Value::String(text)))
            }
            Answer::Failure(text) => Answer::Failure(by_role(self.reference.lens(), observation, text)),
            other => other.clone(),
        }
    }

    /// The world as it was seen, for people.
    pub(super) fn seen(&self, observation: &Observation, judgement: &Judgement) -> WorldSeen {
        WorldSeen::of(view(&self.reference, observation, judgement))
    }

    /// The world before the request, for people.
    pub(super) fn seen_before(&self) -> WorldSeen {
        WorldSeen::of(view_before(&self.reference))
    }

    pub(super) fn left(&self, observation: &Observation) -> Vec<String> {
        difference(self.reference.lens(), self.reference.before(), observation)
    }
}
