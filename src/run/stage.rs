//! What all cases of one subject share: its template, its rules, and what a run without faults leaves.

use std::sync::Arc;
use std::time::Duration;

use super::case::Case;
use crate::error::{Error, Result};
use crate::inject::Record;
use crate::judge::{Judgement, Reference, Words, judge, names_without_column, view, view_before};
use crate::observe::{Answer, Moment, Observation};
use crate::roles::{Canonical, Fingerprint, by_role, difference};
use crate::rules::Rules;
use crate::story::WorldSeen;
use crate::subject::Subject;
use crate::world::{Site, Workshop};

/// The stage on which the cases of one subject play.
pub(crate) struct Stage<'a> {
    pub(super) subject: &'a Subject,
    pub(super) workshop: Arc<Workshop>,
    pub(super) template: Arc<Site>,
    pub(super) deadline: Duration,
    rules: Rules,
    reference: Reference,
    /// The steps of the attempt without faults, and how it was judged.
    faultless: Option<(Vec<Record>, Judgement)>,
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

impl<'a> Stage<'a> {
    /// Prepares the template and runs the flow twice without faults: once for the reference, once more to see that it
    /// is one.
    pub(crate) async fn set(subject: &'a Subject, workshop: &Arc<Workshop>, deadline: Duration) -> Result<Self> {
        let template = Site::new(workshop)?;
        let prepared = subject.erased().prepare(&template.world()).await;
        prepared.map_err(|source| Error::Prepare { subject: subject.name(), source })?;
        // A connection of `prepare` may still be closing: cases start from a copy that nobody touches.
        let template = Arc::new(template.copy(workshop)?);
        let before = template.observe(None, &Observation::default())?;

        let rules = subject.erased().rules();
        let set = |reference| Self {
            subject,
            workshop: Arc::clone(workshop),
            template: Arc::clone(&template),
            deadline,
            rules: rules.clone(),
            reference,
            faultless: None,
        };
        // For the first run nothing is known yet; it is not judged.
        let (records, result) = set(Reference::new(&rules, before.clone(), before.clone())).faultless_run().await?;
        if let Some(problem) = names_without_column(&rules, &result).into_iter().next() {
            return Err(Error::Rules { subject: subject.name(), problem });
        }
        let mut stage = set(Reference::new(&rules, before, result.clone()));
        let judgement = stage.judge(Moment::AtRest, &result, Words::Told);
        stage.expect_the_same_again(&records, &judgement).await?;
        stage.faultless = Some((records, judgement));
        Ok(stage)
    }

    async fn faultless_run(&self) -> Result<(Vec<Record>, Observation)> {
        let mut case = Case::begin(self, Detail::Grades).await?;
        let records = case.attempt_unharmed().await?;
        let observation = case.look()?;
        match &observation.answer {
            Some(Answer::Success(_)) => Ok((records, observation)),
            other => Err(Error::NoReference { subject: self.subject.name(), reason: format!("{other:?}") }),
        }
    }

    async fn expect_the_same_again(&self, known: &[Record], judgement: &Judgement) -> Result<()> {
        let (records, observation) = self.faultless_run().await?;
        let differs = |difference: String| Error::NotDeterministic { schedule: self.subject.name(), difference };
        if let Some(difference) = first_difference(known, &records) {
            return Err(differs(difference));
        }
        if self.fingerprint(&observation) != judgement.fingerprint {
            return Err(differs("they take the same steps and leave different worlds".to_owned()));
        }
        Ok(())
    }

    /// The steps of the attempt without faults, and how it was judged.
    pub(crate) fn faultless(&self) -> (&[Record], &Judgement) {
        let (records, judgement) = self.faultless.as_ref().expect("a stage that is set has seen a run without faults");
        (records, judgement)
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

/// The first step at which two runs differ, in words.
pub(crate) fn first_difference(expected: &[Record], found: &[Record]) -> Option<String> {
    let name = |record: Option<&Record>| {
        record.map_or("the end".to_owned(), |record| format!("{} #{}", record.step.name(), record.occurrence))
    };
    (0..expected.len().max(found.len())).find_map(|at| {
        let (expected, found) = (name(expected.get(at)), name(found.get(at)));
        (expected != found).then(|| format!("step {} is {expected} in the first and {found} in the second", at + 1))
    })
}
