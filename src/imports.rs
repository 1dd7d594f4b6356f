//! The reference flows: three real imports, each in five strategies.
//!
//! They use what a user of the library can use, and nothing else. Which of them is expected to hold is said here, once.

pub mod chapter_import;
mod pool;
pub mod scenario_create;
pub mod scenario_import;
pub mod scenarios;
mod written;

use crate::Subject;
use crate::report::Expect;
use chapter_import::ChapterImport;
use scenarios::create_request::CreateScenario;
use scenarios::import_request::ImportScenarios;

/// What is asked of the flows.
#[derive(Clone, Debug)]
pub struct Requests {
    /// Of `scenario-create`.
    pub create: CreateScenario,
    /// Of `scenario-import`.
    pub import: ImportScenarios,
    /// Of `chapter-import`.
    pub chapters: ChapterImport,
}

impl Default for Requests {
    /// The examples. The CSV is the small one: four rows show every way in which rows can meet, and twenty show them
    /// again and again.
    fn default() -> Self {
        Self { create: CreateScenario::example(), import: ImportScenarios::small(), chapters: ChapterImport::example() }
    }
}

/// Every strategy of every flow, in the order of the reports.
pub fn subjects(requests: &Requests) -> Vec<Subject> {
    let create = || requests.create.clone();
    let import = || requests.import.clone();
    let chapters = || requests.chapters.clone();
    let caught = |subject: Subject| subject.expect(Expect::Caught);
    vec![
        caught(Subject::written(scenario_create::AsFound, create(), written::create())),
        caught(Subject::written(scenario_create::UndoOnError, create(), written::create())),
        caught(Subject::written(scenario_create::InlineColumn, create(), written::create())),
        caught(Subject::written(scenario_create::PathFirst, create(), written::create())),
        Subject::written(scenario_create::IntentLog, create(), written::create()),
        caught(Subject::written(scenario_import::AsFound, import(), written::import())),
        caught(Subject::written(scenario_import::UndoOnError, import(), written::import())),
        caught(Subject::written(scenario_import::InlineColumn, import(), written::import())),
        caught(Subject::written(scenario_import::PathFirst, import(), written::import())),
        Subject::written(scenario_import::IntentLog, import(), written::import()),
        caught(Subject::written(chapter_import::AsFound, chapters(), written::chapters())),
        caught(Subject::written(chapter_import::OneTransaction, chapters(), written::chapters())),
        caught(Subject::written(chapter_import::UndoOnError, chapters(), written::chapters())),
        caught(Subject::written(chapter_import::Upsert, chapters(), written::chapters())),
        Subject::written(chapter_import::OneTransactionUpsert, chapters(), written::chapters()),
    ]
}
