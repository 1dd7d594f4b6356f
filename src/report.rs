//! What a run found, as data. Every format is a view of this value: `&Report -> String`.

mod cell_fault;
pub mod diff;
#[cfg(feature = "html")]
pub mod html;
pub mod json;
#[cfg(feature = "junit")]
pub mod junit;
pub mod markdown;
mod merge;
pub mod paint;
pub mod recommend;
mod shard;
pub mod sheet;
pub mod story;
pub mod text;
mod words;
mod wrap;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::fault::FaultClass;
pub use crate::infer::{Argument, Inferred, as_rust, as_toml};
pub use cell_fault::CellFault;
pub use merge::merge;
pub use shard::Shard;

use crate::judge::{Criterion, Grade, WorldView};
use crate::story::{Event, Statements, Story};

pub(crate) use words::number;
#[cfg(feature = "command")]
pub(crate) use words::schedule as schedule_in_words;

/// What a run found. Field by field the JSON report, schema 1.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// The version of this format.
    pub schema: u32,
    /// What was asked for.
    pub options: Options,
    /// How much was done.
    pub totals: Totals,
    /// What is missing, where the run was stopped before its end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub partial: Option<Partial>,
    /// How each strategy fared.
    pub strategies: Vec<StrategyReport>,
    /// The smallest witness of each breach.
    pub findings: Vec<Finding>,
    /// What happened in the cases of the findings, once for each schedule.
    pub stories: Vec<Story>,
    /// The worlds that the stories show, by their names.
    pub worlds: BTreeMap<String, WorldView>,
}

impl Report {
    /// Keeps a story, and its worlds each once. One that is there already is not kept again.
    pub fn keep(&mut self, mut story: Story) {
        if self.stories.iter().any(|known| known.again == story.again) {
            return;
        }
        let continued = story.continuations.iter_mut().flat_map(|continuation| &mut continuation.events);
        let seen = story.trunk.iter_mut().chain(continued).filter_map(|event| match event {
            Event::Observed { world, .. } => Some(world),
            Event::Began(_) | Event::Step(_) | Event::Operation(_) | Event::Ended(_) => None,
        });
        for world in seen.chain([&mut story.before]) {
            if let Some(view) = world.view.take() {
                self.worlds.insert(world.name.clone(), *view);
            }
        }
        self.stories.push(story);
    }

    /// The classes of faults that were tried: those that were asked for, and those that a strategy without steps was
    /// broken by instead.
    pub fn classes(&self) -> Vec<FaultClass> {
        let tried = self.strategies.iter().flat_map(|strategy| &strategy.cells).filter_map(|cell| match cell.fault {
            CellFault::None => None,
            CellFault::Class(class) => Some(class),
        });
        let classes: BTreeSet<FaultClass> = self.options.faults.iter().copied().chain(tried).collect();
        classes.into_iter().collect()
    }

    #[cfg(any(feature = "html", test))]
    /// The statements of SQL that the strategy of a finding makes, and that no step names.
    pub(crate) fn statements(&self, finding: &Finding) -> &Statements {
        static NONE: Statements = Statements::new();
        let is_its =
            |strategy: &&StrategyReport| strategy.flow == finding.flow && strategy.strategy == finding.strategy;
        self.strategies.iter().find(is_its).map_or(&NONE, |strategy| &strategy.statements)
    }

    /// The story of a finding, if it was kept: that of its schedule, with its request.
    pub fn story(&self, finding: &Finding) -> Option<&Story> {
        self.stories.iter().find(|story| story.again == finding.replay)
    }
}

/// What was asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Options {
    /// The database.
    pub backend: String,
    /// The greatest number of faults in one case.
    pub depth: u32,
    /// The seed of whatever is drawn at random.
    pub seed: u64,
    /// How many cases were drawn at random for each strategy; absent where all of them were run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub random: Option<u64>,
    /// The classes of faults.
    pub faults: Vec<FaultClass>,
    /// Which part of the strategies was explored; absent where all of them were.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shard: Option<Shard>,
}

/// How much was done. Cases are counted once; times are the only values that differ from run to run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Totals {
    /// Cases that were run.
    pub cases: u64,
    /// Cases that were not run, because one with an equal world and the same rest to come was.
    pub pruned: u64,
    /// Faults that were planned and did not happen. Not zero means that the harness could not tell.
    pub not_fired: u64,
    /// How often a case was tried again, because tasks run side by side and come in another order each time.
    #[serde(default, skip_serializing_if = "is_none")]
    pub retried: u64,
    /// The time that it took, in seconds.
    pub seconds: f64,
    /// Cases run per second.
    pub cases_per_second: f64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "what serde calls")]
const fn is_none(number: &u64) -> bool {
    *number == 0
}

/// What is missing in a run that was stopped before its end, and what it takes to go on with it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Partial {
    /// The strategies that were not explored to their end, each as `FLOW/STRATEGY`, in their order.
    pub missing: Vec<String>,
    /// How long an attempt was allowed to take, in milliseconds.
    pub deadline_ms: u64,
    /// The files of one's own that the requests were read from, each as its option and its SHA-256.
    pub requests: BTreeMap<String, String>,
}

/// What is expected of a strategy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Expect {
    /// It holds: nothing is worse than healed by recovery.
    Holds,
    /// It is caught: at least one criterion is violated.
    Caught,
}

impl Expect {
    /// The name in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Holds => "holds",
            Self::Caught => "caught",
        }
    }

    /// Whether a strategy whose worst grade is this one is as expected.
    pub fn is_met_by(self, worst: Grade) -> bool {
        match self {
            Self::Holds => worst <= Grade::HealedByRecovery,
            Self::Caught => worst == Grade::Violated,
        }
    }
}

/// How one strategy fared.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StrategyReport {
    /// The flow.
    pub flow: String,
    /// The strategy.
    pub strategy: String,
    /// What is expected of it.
    pub expect: Expect,
    /// Whether that is what was found.
    pub as_expected: bool,
    /// The names of its steps, in the order in which they were first met.
    pub steps: Vec<String>,
    /// Those of its steps that are statements of SQL, and that no step in the code names.
    #[serde(default, skip_serializing_if = "Statements::is_empty")]
    pub statements: Statements,
    /// The file operations that were met, step by step; none where they were not heard.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub operations: Vec<Operations>,
    /// The rules that nobody declared and that halfway inferred; none where the flow asked for none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub inferred: Vec<Inferred>,
    /// What a reader has to know of how it was tried, sentence by sentence; none where all went as planned.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// The criteria of which no rule says when they are broken: their cells say that they held, and nothing was judged.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub not_judged: Vec<Criterion>,
    /// Its grades.
    pub cells: Vec<Cell>,
}

/// The file operations inside one step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Operations {
    /// The step; absent for those outside of any step.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<String>,
    /// The operations, as a schedule names them, without their occurrence, in the order in which they were first met.
    pub operations: Vec<String>,
}

impl StrategyReport {
    /// The worst grade of a criterion, over all faults and depths; `None` when it was not judged, since no case or no rule
    /// applied to it.
    pub fn worst(&self, criterion: Criterion) -> Option<Grade> {
        if self.not_judged.contains(&criterion) {
            return None;
        }
        self.cells.iter().filter(|cell| cell.criterion == criterion).map(|cell| cell.grade).max()
    }

    /// Whether there was a case to which the criterion applies, judged or not.
    pub(crate) fn knows(&self, criterion: Criterion) -> bool {
        self.cells.iter().any(|cell| cell.criterion == criterion)
    }
}

/// How one criterion fared under one class of faults.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Cell {
    /// The class of the first fault, or `none` for the run without faults.
    pub fault: CellFault,
    /// The number of faults in a case.
    pub depth: u32,
    /// The criterion.
    pub criterion: Criterion,
    /// The worst grade of all cases.
    pub grade: Grade,
    /// The cases, those included that were pruned.
    pub cases: u64,
    /// The cases in which the criterion was violated.
    pub violations: u64,
    /// The smallest schedule with that grade; absent when the criterion held.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub witness: Option<String>,
}

/// One breach, with its smallest witness.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// The flow.
    pub flow: String,
    /// The strategy.
    pub strategy: String,
    /// The class of the first fault, or `none` for the run without faults: in the case as it was found.
    pub fault: CellFault,
    /// The criterion.
    pub criterion: Criterion,
    /// How it fared.
    pub grade: Grade,
    /// The schedule of the case, as `halfway replay` takes it.
    pub schedule: String,
    /// The last moment at which the breach was seen: `at-rest`, `after-recovery`, `after-retry`
    /// or `after-restart`.
    pub moment: String,
    /// Which client sent the retry after which it was seen: `restarted` or `impatient`; absent at rest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client: Option<String>,
    /// The declared rules that it breaks, as sentences; the criterion's own claim where no rule is more exact.
    pub rules: Vec<String>,
    /// What was seen, sentence by sentence, rows named by role.
    pub evidence: Vec<String>,
    /// The command that shows it again.
    pub replay: String,
    /// What it was before it was made smaller; absent where it was found as small as it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shrunk_from: Option<ShrunkFrom>,
}

/// A finding before it was made smaller.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShrunkFrom {
    /// The schedule of the case in which it was found.
    pub schedule: String,
    /// The command that shows that case.
    pub replay: String,
    /// How it was made smaller, sentence by sentence. After each step the same criterion has the same grade.
    pub because: Vec<String>,
    /// How many parts (rows, chapters) of the request are enough; absent where it needs all of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first: Option<usize>,
}
