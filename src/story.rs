//! The story of one case, as data: each step as it went, the fault, what was left at each moment, the verdict.

mod clients;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::judge::{Breaches, Criterion, Grade, WorldView};
use crate::observe::{Answer, Moment};
use crate::schedule::{Phase, PlannedFault};

pub use clients::{Clients, Sighting};

/// One case from its start to its verdict.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Story {
    /// The schedule, as it is typed.
    pub schedule: String,
    /// The statements of SQL that no step names and that were met, by their names in a schedule.
    #[serde(default, skip_serializing_if = "Statements::is_empty")]
    pub statements: Statements,
    /// The world before the request.
    pub before: WorldSeen,
    /// What happened up to the last fault, and at rest after it.
    pub trunk: Vec<Event>,
    /// What happened then: one continuation for each client. None after a run without faults.
    pub continuations: Vec<Continuation>,
    /// How each criterion that applies fared, both continuations together.
    pub verdict: BTreeMap<Criterion, Grade>,
    /// The command that shows it again.
    pub again: String,
    /// Sentences that a reader has to know of a case that was replayed. A report has its own, for each strategy.
    #[serde(skip)]
    pub notes: Vec<String>,
}

/// How a case goes on after its last fault.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Continuation {
    /// Who sends the retry.
    pub client: Client,
    /// What happened.
    pub events: Vec<Event>,
}

/// Who sends the request again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Client {
    /// The application was started again before the retry.
    Restarted,
    /// The process survived, and gets the retry as it is.
    Impatient,
}

impl Client {
    /// The client's name in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Restarted => "restarted",
            Self::Impatient => "impatient",
        }
    }
}

/// Something that happened in a case.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Event {
    /// A phase began: the attempt, a start of the application, a retry.
    Began(Phase),
    /// A step was entered.
    Step(StepRecord),
    /// A file operation happened outside of any step.
    Operation(OperationRecord),
    /// The phase ended.
    Ended(Ending),
    /// The world was looked at.
    Observed {
        /// When.
        moment: Moment,
        /// What is there that was not there before the request, and the other way round, sentence by sentence, rows by
        /// role. Empty when the world is as it was before.
        left: Vec<String>,
        /// Which criteria the world and the last answer break.
        breaches: Breaches,
        /// What was seen.
        world: WorldSeen,
    },
}

/// A world that was looked at. Many cases come to the same one: a report keeps each once, by its name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct WorldSeen {
    /// Its name: equal for worlds that look the same.
    pub name: String,
    /// The world itself, until a report keeps it.
    #[serde(skip)]
    pub view: Option<Box<WorldView>>,
}

impl WorldSeen {
    /// This world, under the name that its looks give it.
    pub fn of(view: WorldView) -> Self {
        Self { name: view.name(), view: Some(Box::new(view)) }
    }
}

/// Statements of SQL: what each does, and to what (`INSERT INTO book_authors`), by its name in a schedule
/// (`insert-into-book-authors`).
pub type Statements = BTreeMap<String, String>;

/// One run of a step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepRecord {
    /// The step's name.
    pub step: String,
    /// Which run of it in this phase, from 1.
    pub occurrence: u32,
    /// What it does, and to what, where it is a statement of SQL that no step names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub statement: Option<String>,
    /// How it went.
    pub outcome: StepOutcome,
    /// The file operations inside it, in order, where somebody asked for them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub operations: Vec<OperationRecord>,
}

/// One file operation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OperationRecord {
    /// Its name, as a schedule has it: `write@context.txt`.
    pub operation: String,
    /// Which run of it in its step, or in its phase outside of any step, from 1.
    pub occurrence: u32,
    /// What it was about, for a person: `4096 bytes at 32`. Empty where the name says all.
    pub extent: String,
    /// How it went.
    pub outcome: OperationOutcome,
}

/// How a file operation went.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OperationOutcome {
    /// It was carried out.
    Done,
    /// It failed, with this error of the system.
    Failed(String),
    /// A planned fault hit.
    Hit(#[serde(with = "planned")] PlannedFault),
}

/// How a step went.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StepOutcome {
    /// The effect happened and its caller was told.
    Done,
    /// The effect failed of itself, with this error.
    Failed(String),
    /// A planned fault hit.
    Hit(#[serde(with = "planned")] PlannedFault),
    /// The step failed because of an outage that began earlier.
    Outage,
    /// The step was entered and not left: its future was dropped.
    Unfinished,
}

/// How a phase ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ending {
    /// The application is up.
    Booted,
    /// The caller got an answer.
    Answered(Answer),
    /// The request was dropped; nobody got an answer.
    Cancelled,
    /// The process was killed; nobody got an answer.
    Crashed,
    /// The process was killed, once the caller had got the answer.
    Killed,
    /// The power went, before anybody got an answer or after it.
    PowerLost,
}

/// A planned fault as the text that stands for it in a schedule.
mod planned {
    use serde::{Deserialize as _, Deserializer, Serializer, de::Error as _};

    use crate::schedule::PlannedFault;

    pub(super) fn serialize<S: Serializer>(planned: &PlannedFault, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(planned)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<PlannedFault, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}
