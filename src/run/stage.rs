//! What all cases of one subject share: its template, its rules, and what a run without faults leaves.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use super::case::Case;
use super::hosting::Hosting;
use super::killed::Killable;
use super::sameness::{Sameness, first_difference, is_part_of, sameness};
use super::told::in_words;
use super::watched::Watching;
use crate::disk::available;
use crate::durability::Tree;
use crate::error::{Error, Result};
use crate::inject::Trace;
use crate::judge::{Judgement, Reference, Words, judge, names_without_column, view, view_before};
use crate::observe::{Answer, Moment, Observation};
use crate::roles::{Canonical, Fingerprint, by_role, difference};
use crate::rules::Rules;
use crate::schedule::{Phase, PlannedFault};
use crate::story::WorldSeen;
use crate::subject::Subject;
use crate::world::{Site, Workshop};

/// The stage on which the cases of one subject play.
pub(crate) struct Stage<'a> {
    pub(super) subject: &'a Subject,
    pub(super) workshop: Arc<Workshop>,
    pub(super) template: Arc<Site>,
    pub(super) hosting: Hosting,
    /// Whether file operations are heard in every case.
    watching: Watching,
    rules: Rules,
    reference: Reference,
    /// The steps and file operations of the attempt without faults, and how it was judged.
    faultless: Option<(Trace, Judgement)>,
    /// Whether they come in another order in each run.
    order: Order,
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
    /// Prepares the template and runs the flow twice without faults: once for the reference, once more to see that it
    /// is one.
    pub(crate) async fn set(
        subject: &'a Subject,
        workshop: &Arc<Workshop>,
        hosting: Hosting,
        watching: Watching,
    ) -> Result<Self> {
        if watching != Watching::Nothing {
            available()?;
        }
        let template = Site::new(workshop)?;
        let prepared = Hosting::prepare(subject.shared(), template.world());
        prepared.map_err(|source| Error::Prepare { subject: subject.name(), source })?;
        // A connection of `prepare` may still be closing: cases start from a copy that nobody touches.
        let template = Arc::new(template.copy(workshop)?);
        let before = template.observe(None, &Observation::default())?;

        let rules = subject.erased().rules();
        let set = |reference| Self {
            subject,
            workshop: Arc::clone(workshop),
            template: Arc::clone(&template),
            hosting,
            watching,
            rules: rules.clone(),
            reference,
            faultless: None,
            order: Order::default(),
        };
        // For the first run nothing is known yet; it is not judged.
        let (trace, result) = set(Reference::new(&rules, before.clone(), before.clone())).faultless_run().await?;
        if let Some(problem) = names_without_column(&rules, &result).into_iter().next() {
            return Err(Error::Rules { subject: subject.name(), problem });
        }
        let mut stage = set(Reference::new(&rules, before, result.clone()));
        let judgement = stage.judge(Moment::AtRest, &result, Words::Told);
        stage.expect_the_same_again(&trace, &judgement).await?;
        stage.faultless = Some((trace, judgement));
        Ok(stage)
    }

    /// A stage like this one, for another subject.
    pub(crate) async fn of_other<'o>(&self, subject: &'o Subject) -> Result<Stage<'o>> {
        Stage::set(subject, &self.workshop, self.hosting, self.watching).await
    }

    async fn faultless_run(&self) -> Result<(Trace, Observation)> {
        let mut case = Case::begin(self, Detail::Grades, self.watching).await?;
        let trace = case.attempt_unharmed().await?;
        let observation = case.look()?;
        let reason = match &observation.answer {
            Some(Answer::Success(_)) => return Ok((trace, observation)),
            answer => case.unrest().map_or_else(|| in_words(answer.as_ref()), str::to_owned),
        };
        Err(Error::NoReference { subject: self.subject.name(), reason })
    }

    async fn expect_the_same_again(&self, known: &Trace, judgement: &Judgement) -> Result<()> {
        let (trace, observation) = self.faultless_run().await?;
        self.expect_the_same(known, &trace)?;
        if self.fingerprint(&observation) != judgement.fingerprint {
            let difference = "they take the same steps and leave different worlds".to_owned();
            return Err(Error::NotDeterministic { schedule: self.subject.name(), difference });
        }
        Ok(())
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
        let whole = &self.faultless().0;
        if is_part_of(found, whole) {
            for _ in 0..TRIES {
                if self.is_shuffled() {
                    return Ok(());
                }
                let (trace, _) = self.faultless_run().await?;
                self.expect_the_same(whole, &trace)?;
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

    /// The steps and file operations of the attempt without faults, and how it was judged.
    pub(crate) fn faultless(&self) -> (&Trace, &Judgement) {
        let (trace, judgement) = self.faultless.as_ref().expect("a stage that is set has seen a run without faults");
        (trace, judgement)
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
        let observation = image.observe(answer, self.before())?;
        Ok(self.judge(Moment::AtRest, &observation, Words::Omitted))
    }

    /// Plays these faults, the last of which is a crash, has a process of its own killed there, and looks whether the two
    /// leave the same world. `begin` is where the faults of the last process begin.
    ///
    /// # Errors
    /// When they do not.
    pub(crate) async fn try_a_kill(&self, killable: &Killable, faults: &[PlannedFault], begin: usize) -> Result<()> {
        let mut case = Case::begin(self, Detail::Grades, self.watching(faults)).await?;
        let (earlier, last) = faults.split_at(begin);
        let is_later = last.iter().any(|fault| fault.phase != Phase::Attempt);
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
        let left = killable.kill(self.subject, image.unwrap_or(&self.template), faults, &self.workshop)?;
        let observation = left.observe(None, self.before())?;
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
        judge(&self.rules, &self.reference, moment, observation, words)
    }

    /// The world before the request.
    pub(super) fn before(&self) -> &Observation {
        self.reference.before()
    }

    pub(super) fn fingerprint(&self, observation: &Observation) -> Fingerprint {
        Canonical::new(&self.rules, observation).fingerprint()
    }

    /// The answer with its ids by role, so that it is the same in every run.
    pub(super) fn by_role(&self, answer: &Answer, observation: &Observation) -> Answer {
        match answer {
            Answer::Success(value) => {
                let text = by_role(&self.rules, observation, &value.to_string());
                // Names of rows stand in texts where ids stood, and change nothing of the structure.
                Answer::Success(serde_json::from_str(&text).unwrap_or(serde_json::Value::String(text)))
            }
            Answer::Failure(text) => Answer::Failure(by_role(&self.rules, observation, text)),
            other => other.clone(),
        }
    }

    /// The world as it was seen, for people.
    pub(super) fn seen(&self, observation: &Observation, judgement: &Judgement) -> WorldSeen {
        WorldSeen::of(view(&self.rules, &self.reference, observation, judgement))
    }

    /// The world before the request, for people.
    pub(super) fn seen_before(&self) -> WorldSeen {
        WorldSeen::of(view_before(&self.rules, &self.reference))
    }

    pub(super) fn left(&self, observation: &Observation) -> Vec<String> {
        difference(&self.rules, self.reference.before(), observation)
    }
}
