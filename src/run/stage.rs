//! What all cases of one subject share: its template, its rules, and what a run without faults leaves.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use super::hosting::Hosting;
use super::left_behind::LeftBehind;
use super::watched::Watching;
use crate::durability::Tree;
use crate::error::Result;
use crate::infer::Inferred;
use crate::inject::Trace;
use crate::judge::{Judgement, Reference, Words, judge, view, view_before};
use crate::observe::{Answer, Moment, Observation};
use crate::roles::{Canonical, Fingerprint, Vocabulary, by_role, difference};
use crate::rules::Rules;
use crate::schedule::{Phase, PlannedFault};
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
    pub(super) watching: Watching,
    pub(super) reference: Reference,
    /// What the first start without faults went through.
    pub(super) first_boot: Trace,
    /// The run without faults.
    pub(super) faultless: Option<Faultless>,
    pub(super) vocabulary: Arc<Vocabulary>,
    /// The rules that nobody declared.
    pub(super) inferred: Vec<Inferred>,
    /// Whether its steps come in another order in each run.
    pub(super) order: Order,
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

/// In which order the steps of a subject come, as far as that was seen.
#[derive(Default)]
pub(super) struct Order {
    pub(super) is_shuffled: AtomicBool,
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
pub(super) const TRIES: usize = 8;

impl<'a> Stage<'a> {
    /// What of the paths of files is known to be made up anew.
    pub(super) fn vocabulary(&self) -> Arc<Vocabulary> {
        Arc::clone(&self.vocabulary)
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

    /// What its applications left behind.
    pub(crate) const fn left_behind(&self) -> &LeftBehind {
        &self.hosting.left_behind
    }

    /// The run without faults, as it was judged.
    pub(crate) fn faultless(&self) -> &Faultless {
        self.faultless.as_ref().expect("a stage that is set has seen a run without faults")
    }

    /// The rules by which cases are judged, those included that nobody declared.
    pub(crate) fn rules(&self) -> &Rules {
        self.reference.lens().rules()
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
    pub(super) fn origin(&self, faults: &[PlannedFault]) -> &Site {
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
