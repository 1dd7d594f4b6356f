//! Judges observations against rules.
//!
//! Pure: it sees observations and rules, and knows no flow, no fault, no backend. It decides which criteria one moment
//! breaks, with evidence that names rows by role, and how a criterion fared over all moments of a case. Not verified:
//! file times, permissions, anything outside the world, and how long anything took.

mod answers;
mod contents;
mod evidence;
mod expected;
mod files;
mod grade;
mod jobs;
mod rows;
mod rule_check;
mod spans;
#[cfg(test)]
mod tests;
mod times;
mod view;
mod worlds;

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::observe::{Moment, Observation, Value};
use crate::roles::{Canonical, Extras, Fingerprint, Lens, Names, Seen, difference_between, extent_between};
use crate::rules::{Column, Rules, SuccessMeans};

use evidence::{Evidence, brief};
use expected::Expected;

pub use evidence::RowOrFile;
pub use grade::{Branch, Breach, Restarted, Retried, Trail, grade};
pub(crate) use jobs::not_judged;
pub use rule_check::problems_of_rules;
pub use view::{FileView, RowView, State, TableView, WorldView, view, view_before};

/// A promise of an import.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Criterion {
    /// Success is answered only when everything is there; every failure is told.
    FailureSurfaced,
    /// A success answer carries what it promises.
    ResponseComplete,
    /// No row lacks the rows or the complete file that it needs.
    NoOrphanRows,
    /// Every file belongs to a row; temporary files count.
    NoOrphanFiles,
    /// No job stays unfinished while nothing runs it.
    NoStuckJob,
    /// The world holds what was there before, or the whole result, never a mixture; an acknowledged import is there.
    AllOrNothing,
    /// The same request, sent again, succeeds.
    RetrySucceeds,
    /// After the retry the world equals the world of a run without faults.
    RetryConverges,
}

impl Criterion {
    /// Every criterion, in the order of the reports.
    pub const ALL: [Self; 8] = [
        Self::FailureSurfaced,
        Self::ResponseComplete,
        Self::NoOrphanRows,
        Self::NoOrphanFiles,
        Self::NoStuckJob,
        Self::AllOrNothing,
        Self::RetrySucceeds,
        Self::RetryConverges,
    ];

    /// The criterion's name in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::FailureSurfaced => "failure-surfaced",
            Self::ResponseComplete => "response-complete",
            Self::NoOrphanRows => "no-orphan-rows",
            Self::NoOrphanFiles => "no-orphan-files",
            Self::NoStuckJob => "no-stuck-job",
            Self::AllOrNothing => "all-or-nothing",
            Self::RetrySucceeds => "retry-succeeds",
            Self::RetryConverges => "retry-converges",
        }
    }

    /// The promise, as a sentence.
    pub const fn claim(self) -> &'static str {
        match self {
            Self::FailureSurfaced => "success is answered only when everything is there; every failure is told",
            Self::ResponseComplete => "a success answer carries what it promises",
            Self::NoOrphanRows => "no row lacks the rows or the complete file that it needs",
            Self::NoOrphanFiles => "every file belongs to a row; temporary files count",
            Self::NoStuckJob => "no job stays unfinished while nothing runs it",
            Self::AllOrNothing => "the world holds what was there before, or the whole result, never a mixture",
            Self::RetrySucceeds => "the same request, sent again, succeeds",
            Self::RetryConverges => "after the retry the world equals the world of a run without faults",
        }
    }
}

impl fmt::Display for Criterion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// How a criterion fared in a case; ordered from best to worst.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Grade {
    /// At every moment.
    Held,
    /// Not at rest, but once the application was started again; and after the retry, restarted or not.
    HealedByRecovery,
    /// Only once the same request was sent again.
    HealedByRetry,
    /// Not even then; or what the caller was told was not so, which nothing heals.
    Violated,
}

impl Grade {
    /// The grade's name in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::HealedByRecovery => "healed-by-recovery",
            Self::HealedByRetry => "healed-by-retry",
            Self::Violated => "violated",
        }
    }
}

impl fmt::Display for Grade {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// The criteria that an observation breaks, each with its evidence: sentences about this world, rows named by role.
pub type Breaches = BTreeMap<Criterion, Vec<String>>;

/// What a case is measured against: the world before the request, and after a run without faults.
#[derive(Debug)]
pub struct Reference {
    lens: Lens,
    before: Observation,
    before_form: Canonical,
    result: Observation,
    result_form: Canonical,
    /// What a success answer has to say.
    expected: Option<Expected>,
    /// The world on which the application was never started.
    bare: Option<Fingerprint>,
}

impl Reference {
    /// The world before, and what two runs without faults left: the second one shows what differs from run to run.
    pub fn new(rules: &Rules, before: Observation, results: [Observation; 2]) -> Self {
        let [result, again] = results;
        let lens = Lens::of_runs(rules, &before, [&result, &again]);
        let (before_form, result_form) = (Canonical::new(&lens, &before), Canonical::new(&lens, &result));
        let again_form = Canonical::new(&lens, &again);
        let seen = |observation, form| Seen { lens: &lens, observation, form };
        let expected = Expected::new(rules, seen(&result, &result_form), seen(&again, &again_form));
        Self { lens, before, before_form, result, result_form, expected, bare: None }
    }

    /// The same, where the world is known on which the application was never started.
    #[must_use]
    pub fn with_bare(self, bare: &Observation) -> Self {
        Self { bare: Some(Canonical::new(&self.lens, bare).fingerprint()), ..self }
    }

    /// How worlds are read.
    pub fn lens(&self) -> &Lens {
        &self.lens
    }

    /// The world before the request.
    pub fn before(&self) -> &Observation {
        &self.before
    }

    /// The world after a run without faults.
    pub fn result(&self) -> &Observation {
        &self.result
    }
}

/// One moment, judged.
#[derive(Clone, Debug, PartialEq)]
pub struct Judgement {
    /// What is broken at this moment.
    pub breaches: Breaches,
    /// Which rules that are, and where.
    pub broken: BTreeMap<Criterion, Broken>,
    /// Of the whole world, logs included: worlds with equal ones need not be explored twice. The answer does not count.
    pub fingerprint: Fingerprint,
}

impl Judgement {
    /// The same, as long as nobody has asked for anything: a first start that did not get far has made nothing yet, and a
    /// world on which the application was never started is in order.
    #[must_use]
    pub fn of_a_first_start(mut self, reference: &Reference) -> Self {
        if reference.bare == Some(self.fingerprint) {
            self.breaches.remove(&Criterion::AllOrNothing);
            self.broken.remove(&Criterion::AllOrNothing);
        }
        self
    }
}

/// What of a criterion is broken.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Broken {
    /// The declared rules, as sentences, each once; the criterion's own claim where no rule is more exact.
    pub rules: Vec<String>,
    /// The rows and files that break them. None where nobody looks, or where only the answer is wrong.
    pub places: BTreeSet<RowOrFile>,
}

/// Whether the evidence is put into words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Words {
    /// It is.
    Told,
    /// Where worlds differ, it is enough that they do: how is dear to say, and nobody reads it.
    Omitted,
}

/// Judges one moment. The observation's answer is the last one that the caller got.
pub fn judge(reference: &Reference, moment: Moment, observation: &Observation, words: Words) -> Judgement {
    let form = Canonical::new(&reference.lens, observation);
    let scene = Scene::new(reference, moment, observation, &form, words);
    let evidence = |criterion| match (criterion, moment) {
        (Criterion::FailureSurfaced, _) => answers::failure_surfaced(&scene, moment),
        (Criterion::ResponseComplete, _) => answers::response_complete(&scene),
        (Criterion::NoOrphanRows, _) => no_orphan_rows(&scene),
        (Criterion::NoOrphanFiles, _) => files::no_orphan_files(&scene),
        (Criterion::NoStuckJob, _) => jobs::no_stuck_job(&scene),
        (Criterion::AllOrNothing, _) => worlds::all_or_nothing(&scene),
        (Criterion::RetrySucceeds, Moment::AfterRetry | Moment::AfterRestart) => answers::retry_succeeds(&scene),
        (Criterion::RetryConverges, Moment::AfterRetry | Moment::AfterRestart) => worlds::retry_converges(&scene),
        (Criterion::RetrySucceeds | Criterion::RetryConverges, Moment::AtRest | Moment::AfterRecovery) => Vec::new(),
    };
    let judged = Criterion::ALL.map(|criterion| (criterion, evidence(criterion)));
    let (mut breaches, mut broken) = (Breaches::new(), BTreeMap::new());
    for (criterion, evidence) in judged.into_iter().filter(|(_, evidence)| !evidence.is_empty()) {
        broken.insert(criterion, Broken::by(criterion, &evidence));
        breaches.insert(criterion, evidence.into_iter().map(|evidence| evidence.sentence).collect());
    }
    Judgement { breaches, broken, fingerprint: form.fingerprint() }
}

impl Broken {
    fn by(criterion: Criterion, evidence: &[Evidence]) -> Self {
        let mut rules: Vec<String> = Vec::new();
        for rule in evidence.iter().flat_map(|evidence| &evidence.rules) {
            if !rules.contains(rule) {
                rules.push(rule.clone());
            }
        }
        if rules.is_empty() {
            rules.push(criterion.claim().to_owned());
        }
        Self { rules, places: evidence.iter().flat_map(|evidence| evidence.places.iter().cloned()).collect() }
    }
}

/// One moment and what it is measured against.
struct Scene<'a> {
    rules: &'a Rules,
    before: Seen<'a>,
    result: Seen<'a>,
    now: Seen<'a>,
    expected: Option<&'a Expected>,
    moment: Moment,
    names: Names<'a>,
    words: Words,
    /// Several criteria have the same evidence, and it is dear.
    difference_from_result: OnceCell<Vec<String>>,
}

impl<'a> Scene<'a> {
    fn new(
        reference: &'a Reference,
        moment: Moment,
        observation: &'a Observation,
        form: &'a Canonical,
        words: Words,
    ) -> Self {
        let lens = &reference.lens;
        let seen = |observation, form| Seen { lens, observation, form };
        let now = seen(observation, form);
        Self {
            rules: lens.rules(),
            before: seen(&reference.before, &reference.before_form),
            result: seen(&reference.result, &reference.result_form),
            now,
            expected: reference.expected.as_ref(),
            moment,
            names: Names::new(now),
            words,
            difference_from_result: OnceCell::new(),
        }
    }

    /// How the world differs from the result; what logs hold beyond it is no difference.
    fn difference_from_result(&self) -> Vec<String> {
        let told = || self.difference(self.result, Extras::AllowedInLogs);
        self.difference_from_result.get_or_init(told).clone()
    }

    /// How the world differs from another one.
    fn difference(&self, other: Seen<'a>, extras: Extras) -> Vec<String> {
        match self.words {
            Words::Told => difference_between(other, self.now, extras),
            Words::Omitted => vec!["the worlds differ".to_owned()],
        }
    }

    /// Whether fewer rows and files differ from the result than from the world before: then those say more of the cause.
    fn is_nearer_to_the_result(&self) -> bool {
        let from = |other, extras| extent_between(other, self.now, extras);
        self.words == Words::Told && from(self.result, Extras::AllowedInLogs) < from(self.before, Extras::Told)
    }

    /// Whether what a success owes is judged: where success means accepted, only once the application was started again.
    fn is_owed(&self) -> bool {
        match (self.rules.success_means, self.moment) {
            (SuccessMeans::Accepted, Moment::AtRest) => false,
            (SuccessMeans::Accepted, Moment::AfterRecovery | Moment::AfterRetry | Moment::AfterRestart)
            | (SuccessMeans::Done, _) => true,
        }
    }

    /// The same rules, and the world before the request.
    fn before(&self) -> Self {
        let difference_from_result = OnceCell::new();
        Self { now: self.before, names: Names::new(self.before), difference_from_result, ..*self }
    }

    /// The values of a column with the number of their row; none when there is no such column.
    fn values(&self, column: &Column) -> impl Iterator<Item = (usize, &'a Value)> {
        let table = self.now.observation.tables.get(&column.table);
        let found = table.and_then(|table| Some((table, table.column(&column.column)?)));
        found.into_iter().flat_map(|(table, at)| table.rows.iter().map(move |row| &row[at]).enumerate())
    }
}

fn no_orphan_rows(scene: &Scene) -> Vec<Evidence> {
    let mut evidence = rows::without_parent(scene);
    evidence.extend(rows::without_child(scene));
    evidence.extend(spans::not_linked(scene));
    evidence.extend(rows::without_file(scene));
    evidence.extend(rows::without_named_file(scene));
    evidence.extend(contents::not_stored(scene));
    brief(evidence)
}
