//! `chapter-import`: chapters of an episode, linked to the segments of its transcript.
//!
//! A podcast application knows an episode and its transcript, segment by segment. Somebody sends a file of chapters; each
//! becomes a row, and each segment is linked to the chapter in which it starts: at or after the chapter's start, before
//! its end. A job tells how the import went. How all of this is made to happen together, or not, is a strategy's
//! decision: one file each.
//!
//! This file decides what is asked, answered and promised, the same for all strategies. Not looked at: pictures and links
//! of chapters, and who may import what.

mod app;
mod as_found;
pub mod input;
mod jobs;
mod one_transaction;
mod one_transaction_upsert;
mod request_jobs;
mod schema;
mod store;
#[cfg(test)]
mod tests;
mod undo_on_error;
mod upsert;

use serde::Serialize;

use self::input::{Chapter, InputError};
use crate::Rules;
use crate::rules::{Column, Object, Span, Target};

pub use self::app::App;
pub use self::as_found::AsFound;
pub use self::one_transaction::OneTransaction;
pub use self::one_transaction_upsert::OneTransactionUpsert;
pub use self::undo_on_error::UndoOnError;
pub use self::upsert::Upsert;

/// The flow's name.
const FLOW: &str = "chapter-import";

/// A request to import chapters, and what is there before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChapterImport {
    /// What the client sends again on a retry, and never for anything else.
    pub request_id: String,
    /// The episode. The world is prepared with it.
    pub episode_id: String,
    /// The episode's title.
    pub episode_title: String,
    /// The file of chapters, as it was sent.
    pub chapters_json: String,
    /// The episode's transcript: what the world is prepared with. The import itself reads it from the database.
    pub transcript_json: String,
}

impl ChapterImport {
    /// A request with this file of chapters, for an episode with this transcript. Neither text is read here: a bad file
    /// is refused by the import, a bad transcript by `prepare`.
    pub fn new(chapters_json: impl Into<String>, transcript_json: impl Into<String>) -> Self {
        Self {
            request_id: "request-0001".to_owned(),
            episode_id: "episode-0001".to_owned(),
            episode_title: "The night ferry".to_owned(),
            chapters_json: chapters_json.into(),
            transcript_json: transcript_json.into(),
        }
    }

    /// An episode of an hour: 12 chapters, 600 segments.
    pub fn example() -> Self {
        Self::new(
            include_str!("../../scenarios/input/chapters.json"),
            include_str!("../../scenarios/input/transcript.json"),
        )
    }

    /// The same request with the first chapters of its file only; `None` where it has no more than those.
    pub(crate) fn first_parts(&self, chapters: usize) -> Option<Self> {
        let mut file: serde_json::Value = serde_json::from_str(&self.chapters_json).ok()?;
        let list = file.get_mut("chapters")?.as_array_mut()?;
        if chapters == 0 || list.len() <= chapters {
            return None;
        }
        list.truncate(chapters);
        Some(Self { chapters_json: file.to_string(), ..self.clone() })
    }

    /// The same request under another id, as another client would send it.
    #[must_use]
    pub fn with_request_id(mut self, request_id: impl Into<String>) -> Self {
        self.request_id = request_id.into();
        self
    }
}

/// The answer to an import that succeeded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Imported {
    /// The job that tells how it went.
    pub job_id: String,
    /// How many chapters the episode has.
    pub chapters: u32,
    /// How many segments are linked to them.
    pub linked_segments: u32,
}

/// Why an import failed.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The file is not as it should be. Nothing was done.
    #[error(transparent)]
    Input(#[from] InputError),
    /// The strategy does not import over chapters that are there.
    #[error("Episode already has {chapters} chapters. Delete them first to re-import.")]
    AlreadyImported {
        /// How many there are.
        chapters: i64,
    },
    /// The request id was used before, for another file or another episode.
    #[error("request {request_id} was sent before with another file or episode; send this one under an id of its own")]
    RequestReused {
        /// The id.
        request_id: String,
    },
    /// The database failed.
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

/// Refuses an episode that has chapters.
fn refuse_if_any(chapters: i64) -> Result<(), ImportError> {
    if chapters > 0 { Err(ImportError::AlreadyImported { chapters }) } else { Ok(()) }
}

/// How many chapters an import makes.
fn count(chapters: &[Chapter]) -> u32 {
    u32::try_from(chapters.len()).expect("a file has at most 500 chapters")
}

/// What every strategy promises.
fn rules() -> Rules {
    Rules::new()
        .generated_id("chapters", "id")
        .generated_id("import_jobs", "id")
        .generated("import_jobs", "created_at")
        .generated("import_jobs", "updated_at")
        .log("import_jobs")
        .settles("import_jobs", "status", ["completed", "failed"])
        .reference("chapters", "episode_id", "episodes", "id")
        .reference("segments", "episode_id", "episodes", "id")
        .reference("segments", "chapter_id", "chapters", "id")
        .reference("import_jobs", "episode_id", "episodes", "id")
        .linked_by_span(Span {
            child: "segments".to_owned(),
            position: "start_ms".to_owned(),
            link: "chapter_id".to_owned(),
            parent: "chapters".to_owned(),
            id: "id".to_owned(),
            from: "start_ms".to_owned(),
            to: "end_ms".to_owned(),
            scope: "episode_id".to_owned(),
        })
        .answer_carries(Object::Answer, "jobId", Target::Row(Column::new("import_jobs", "id")))
}
