//! How the stage of a subject is set: its world prepared, the application started for the first time, and the flow run twice
//! without faults, to learn what it does and which rules follow.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::SystemTime;

use super::case::{Case, Process};
use super::events::in_words;
use super::hosting::Hosting;
use super::own_place::kept;
use super::sameness::{Sameness, differing_text, first_difference, is_part_of, sameness};
use super::stage::{Detail, Faultless, Order, Stage, TRIES};
use super::watched::Watching;
use crate::disk::available;
use crate::error::{Error, Result};
use crate::infer::{Runs, Span, infer};
use crate::inject::Trace;
use crate::judge::{Judgement, Reference, Words, problems_of_rules};
use crate::observe::{Answer, Moment, Observation};
use crate::roles::{Vocabulary, difference};
use crate::schedule::PlannedFault;
use crate::step::is_kebab_case;
use crate::subject::Subject;
use crate::world::{Site, Workshop};

/// A run without faults, as it was seen.
struct Seen {
    trace: Trace,
    before: Observation,
    result: Observation,
    image: Arc<Site>,
}

/// From which numbers the database counts in the second run.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Counters {
    /// The same as in the first.
    AsTheyAre,
    /// Others.
    Moved,
}

impl<'a> Stage<'a> {
    /// Prepares the world, starts the application on it for the first time, and runs the flow twice without faults: once
    /// for the reference, once more to see that it is one.
    ///
    /// Where rules are inferred, the database counts on from another number in the second run: an id that it counts is no
    /// constant then, and neither is a path with that id. An import to which the number matters is run twice as it is.
    pub(crate) async fn set(
        subject: &'a Subject,
        workshop: &Arc<Workshop>,
        hosting: Hosting,
        watching: Watching,
    ) -> Result<Self> {
        if subject.declared_rules().are_inferred() {
            match Self::set_where(Counters::Moved, subject, workshop, hosting.clone(), watching).await {
                Err(Error::NotDeterministic { .. } | Error::Rules { .. } | Error::NoReference { .. }) => {}
                stage => return stage,
            }
        }
        Self::set_where(Counters::AsTheyAre, subject, workshop, hosting, watching).await
    }

    async fn set_where(
        counters: Counters,
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
        let (first, second) = stage.two_faultless_runs(counters).await?;
        let Seen { trace, before, result, .. } = first;
        if let Some(place) = kept(&result, workshop.root()).filter(|_| subject.is_program()) {
            return Err(Error::OwnPlace { subject: subject.name(), place });
        }
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
            let within = differing_text(&result, &again, &difference).unwrap_or_default();
            let difference = format!("they take the same steps and leave different worlds: {difference}{within}");
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
        Stage::set(subject, &self.workshop, self.hosting.clone(), self.watching).await
    }

    /// Two runs of which nothing is known yet; they are not judged. Names of files that differ between them are learned,
    /// and the next two are called alike.
    async fn two_faultless_runs(&mut self, counters: Counters) -> Result<(Seen, Seen)> {
        let mut runs = (self.faultless_run().await?, self.second_run(counters).await?);
        for _ in 0..TRIES {
            if !self.learn(&runs.0.trace, &runs.1.trace) {
                break;
            }
            runs = (self.faultless_run().await?, self.second_run(counters).await?);
        }
        Ok(runs)
    }

    /// Returns whether the same two runs would be called otherwise now.
    fn learn(&mut self, one: &Trace, other: &Trace) -> bool {
        let mut vocabulary = Vocabulary::clone(&self.vocabulary);
        let operations = one.operations.iter().zip(&other.operations).map(|(one, other)| (&one.run, &other.run));
        let mut is_called_otherwise = false;
        for (one, other) in operations.filter(|(one, other)| one.call == other.call) {
            is_called_otherwise |= vocabulary.learn(&one.path, &other.path) && one.path != other.path;
        }
        self.vocabulary = Arc::new(vocabulary);
        is_called_otherwise
    }

    async fn second_run(&mut self, counters: Counters) -> Result<Seen> {
        if counters == Counters::AsTheyAre {
            return self.faultless_run().await;
        }
        let other = Arc::new(self.template.with_other_counters(&self.workshop)?);
        let template = std::mem::replace(&mut self.template, other);
        let seen = self.faultless_run().await;
        self.template = template;
        seen
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
}
