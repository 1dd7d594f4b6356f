//! How the requests of the three flows are written down: on the command line, and in fault scenarios.

use serde_json::json;

use super::chapter_import::{ChapterImport, input};
use super::scenarios::create_request::CreateScenario;
use super::scenarios::import_request::ImportScenarios;
use crate::{BoxError, RequestFormat, RequestPart};

/// The fields of the request to create a scenario, as the application's own JSON has them.
const FIELDS: &[&str] = &["requestId", "title", "prompt", "description", "mode", "category", "evaluatorContext"];

/// One scenario, as JSON.
pub(super) fn create() -> RequestFormat<CreateScenario> {
    let scenario = RequestPart::table("scenario")
        .option("--request", "The scenario for scenario-create: a JSON file")
        .keys(FIELDS)
        .check(|bytes| create_request(bytes).map(drop));
    RequestFormat::new([scenario], |given| create_request(given.bytes("scenario"))).words(|request| {
        let context = request.evaluator_context.as_deref().filter(|context| !context.is_empty());
        let context = context.map_or("without an evaluator context".to_owned(), |context| {
            format!("with an evaluator context of {}", counted(context.chars().count(), "character"))
        });
        format!("create the scenario \"{}\", {context}", request.title)
    })
}

fn create_request(bytes: &[u8]) -> Result<CreateScenario, BoxError> {
    Ok(CreateScenario::from_json(std::str::from_utf8(bytes)?)?)
}

/// A file of scenarios, as CSV.
pub(super) fn import() -> RequestFormat<ImportScenarios> {
    let csv = RequestPart::text("csv")
        .option("--csv", "Scenarios for scenario-import: a CSV file")
        .wanted("the text of the file, or { file = \"../input/scenarios-small.csv\" }")
        .check(|bytes| import_request(bytes, Vec::new()).map(drop));
    let existing = RequestPart::texts("existing").wanted("the titles that are there before the request");
    RequestFormat::new([csv, existing], |given| import_request(given.bytes("csv"), given.texts("existing"))).words(
        |request| {
            let rows = request.rows().unwrap_or_default();
            let contexts = rows.iter().filter(|row| row.evaluator_context.is_some()).count();
            let there = match request.existing.as_slice() {
                [] => String::new(),
                titles => format!("; there before: \"{}\"", titles.join("\", \"")),
            };
            let rows = counted(rows.len(), "scenario");
            format!("import a CSV file of {rows}, {contexts} with an evaluator context{there}")
        },
    )
}

fn import_request(csv: &[u8], existing: Vec<String>) -> Result<ImportScenarios, BoxError> {
    Ok(ImportScenarios::new("import-of-your-own", csv, existing)?)
}

/// Chapters and a transcript, each a JSON file of the podcast namespace.
pub(super) fn chapters() -> RequestFormat<ChapterImport> {
    let chapters = RequestPart::list("chapters", |list| json!({"version": "1.2.0", "chapters": list}))
        .option("--chapters", "Chapters for chapter-import: JSON chapters format of the podcast namespace")
        .wanted("a list of { startTime = 0, ... }, or { file = \"../input/chapters.json\" }")
        .check(|bytes| Ok(input::read_chapters(std::str::from_utf8(bytes)?).map(drop)?));
    let transcript = RequestPart::list("transcript", |list| json!({"version": "1.0.0", "segments": list}))
        .option("--transcript", "The transcript that the chapters link to: JSON transcript of the podcast namespace")
        .wanted("a list of { startTime = 0, ... }, or { file = \"../input/transcript.json\" }")
        .check(|bytes| Ok(input::read_transcript(std::str::from_utf8(bytes)?).map(drop)?));
    RequestFormat::new([chapters, transcript], |given| {
        Ok(ChapterImport::new(given.text("chapters")?, given.text("transcript")?))
    })
    .words(|request| {
        let chapters = input::read_chapters(&request.chapters_json).map_or(0, |chapters| chapters.len());
        let segments = input::read_transcript(&request.transcript_json).map_or(0, |segments| segments.len());
        let (chapters, segments) = (counted(chapters, "chapter"), counted(segments, "segment"));
        format!("import {chapters} of an episode whose transcript has {segments}")
    })
}

fn counted(number: usize, one: &str) -> String {
    format!("{number} {one}{}", if number == 1 { "" } else { "s" })
}
