//! The request of a fault scenario: in the file itself, or in files beside it.
//!
//! What a request may hold is decided by the flow that reads it. Here it is decided how it is written down.

use std::fmt::Write as _;
use std::ops::Range;
use std::path::Path;

use serde_json::json;
use toml::de::DeTable;

use super::folder;
use super::known::Asked;
use super::mistakes::Mistake;
use super::table::{Keys, Text, Value, json, table, text, texts, wrong_type};
use crate::imports::chapter_import::{ChapterImport, input};
use crate::imports::scenarios::create_request::CreateScenario;
use crate::imports::scenarios::import_request::ImportScenarios;
use crate::imports::{Requests, subjects};
use crate::subject::Subject;

/// The fields of the request to create a scenario, as the application's own JSON has them.
const FIELDS: [&str; 7] = ["requestId", "title", "prompt", "description", "mode", "category", "evaluatorContext"];

/// The flow's own example.
pub(super) fn example(flow: &str) -> Asked {
    let requests = Requests::default();
    let words = format!("{} (the flow's own example)", in_words(flow, &requests));
    Asked { subjects: of_flow(flow, &requests), options: Some(String::new()), words }
}

/// The request that the table describes.
pub(super) fn read(
    scenario: &Path,
    flow: &str,
    value: &Value<'_>,
    key: Range<usize>,
    mistakes: &mut Vec<Mistake>,
) -> Option<Asked> {
    let of_request = table(value, "[request] holds what is sent", mistakes)?;
    let place = if value.span().is_empty() { key } else { value.span() };
    let mut reader = Reader { scenario, place, files: Vec::new(), inline: Vec::new(), mistakes };
    let mut requests = Requests::default();
    match flow {
        "scenario-create" => requests.create = reader.create(of_request)?,
        "scenario-import" => requests.import = reader.import(of_request)?,
        _ => requests.chapters = reader.chapters(of_request)?,
    }
    let (files, inline) = (reader.files, reader.inline);
    let mut words = in_words(flow, &requests);
    let shown: Vec<&str> = files.iter().map(|(_, shown)| shown.as_str()).collect();
    if !shown.is_empty() {
        let _ = write!(words, " ({})", shown.join(", "));
    }
    let is_said_by_options = inline.is_empty() && (flow != "scenario-import" || requests.import.existing.is_empty());
    let options = files.iter().map(|(option, shown)| format!("{option} '{shown}'")).collect::<Vec<_>>().join(" ");
    Some(Asked { subjects: of_flow(flow, &requests), options: is_said_by_options.then_some(options), words })
}

fn of_flow(flow: &str, requests: &Requests) -> Vec<Subject> {
    subjects(requests).into_iter().filter(|subject| subject.flow() == flow).collect()
}

/// A part of a request: its text, and where a mistake in it is shown.
struct Part {
    text: String,
    place: Range<usize>,
    /// What a message begins with: the file that the text was read from.
    origin: String,
}

struct Reader<'a> {
    scenario: &'a Path,
    place: Range<usize>,
    /// Options of `halfway replay`, and the paths that they take.
    files: Vec<(&'static str, String)>,
    /// The parts that stand in the file itself.
    inline: Vec<&'static str>,
    mistakes: &'a mut Vec<Mistake>,
}

impl Reader<'_> {
    fn create(&mut self, of_request: &DeTable<'_>) -> Option<CreateScenario> {
        let keys = Keys::new(of_request, self.place.clone(), &["scenario"], self.mistakes);
        let what = "the fields of the request, or { file = \"../input/request.json\" }";
        let value = keys.required("scenario", what, self.mistakes)?;
        let part = match self.file(value, "--request") {
            FileOr::File(part) => part?,
            FileOr::Inline(value) => {
                self.inline.push("scenario");
                let before = self.mistakes.len();
                Keys::new(table(value, what, self.mistakes)?, value.span(), &FIELDS, self.mistakes);
                let text = json(value, self.mistakes)?.to_string();
                if self.mistakes.len() > before {
                    return None;
                }
                Part { text, place: value.span(), origin: String::new() }
            }
        };
        let place = part.place.clone();
        self.accept(CreateScenario::from_json(&part.text), &part, place)
    }

    fn import(&mut self, of_request: &DeTable<'_>) -> Option<ImportScenarios> {
        let keys = Keys::new(of_request, self.place.clone(), &["csv", "existing"], self.mistakes);
        let existing = match keys.get("existing") {
            Some(value) => texts(value, "the titles that are there before the request", self.mistakes)?,
            None => Vec::new(),
        };
        let what = "the text of the file, or { file = \"../input/scenarios-small.csv\" }";
        let value = keys.required("csv", what, self.mistakes)?;
        let part = match self.file(value, "--csv") {
            FileOr::File(part) => part?,
            FileOr::Inline(value) => {
                self.inline.push("csv");
                let Text { text, place } = text(value, what, self.mistakes)?;
                Part { text, place, origin: String::new() }
            }
        };
        let existing = existing.into_iter().map(|title| title.text).collect();
        let place = part.place.clone();
        self.accept(ImportScenarios::new("import-of-your-own", part.text.clone(), existing), &part, place)
    }

    fn chapters(&mut self, of_request: &DeTable<'_>) -> Option<ChapterImport> {
        let keys = Keys::new(of_request, self.place.clone(), &["chapters", "transcript"], self.mistakes);
        let chapters = self.list(&keys, "chapters", "--chapters", |list| json!({"version": "1.2.0", "chapters": list}));
        let transcript =
            self.list(&keys, "transcript", "--transcript", |list| json!({"version": "1.0.0", "segments": list}));
        let chapters = chapters.and_then(|part| {
            let place = part.place.clone();
            self.accept(input::read_chapters(&part.text), &part, place)?;
            Some(part.text)
        });
        let transcript = transcript.and_then(|part| {
            let place = part.place.clone();
            self.accept(input::read_transcript(&part.text), &part, place)?;
            Some(part.text)
        });
        Some(ChapterImport::new(chapters?, transcript?))
    }

    fn list(
        &mut self,
        keys: &Keys<'_>,
        key: &'static str,
        option: &'static str,
        document: fn(serde_json::Value) -> serde_json::Value,
    ) -> Option<Part> {
        let what = format!("a list of {{ startTime = 0, ... }}, or {{ file = \"../input/{key}.json\" }}");
        let value = keys.required(key, &what, self.mistakes)?;
        match self.file(value, option) {
            FileOr::File(part) => part,
            FileOr::Inline(value) if value.get_ref().is_array() => {
                self.inline.push(key);
                let text = document(json(value, self.mistakes)?).to_string();
                Some(Part { text, place: value.span(), origin: String::new() })
            }
            FileOr::Inline(value) => {
                self.mistakes.push(wrong_type(value, "a list", &what));
                None
            }
        }
    }

    /// A table with the key `file` is a file; anything else stands for itself.
    fn file<'d>(&mut self, value: &'d Value<'d>, option: &'static str) -> FileOr<'d> {
        let Some(table) = value.get_ref().as_table() else { return FileOr::Inline(value) };
        if !table.iter().any(|(key, _)| *key.get_ref() == "file") {
            return FileOr::Inline(value);
        }
        let keys = Keys::new(table, value.span(), &["file"], self.mistakes);
        FileOr::File(keys.text("file", "the path of a file", self.mistakes).and_then(|path| self.open(&path, option)))
    }

    fn open(&mut self, path: &Text, option: &'static str) -> Option<Part> {
        let place = path.place.clone();
        let named = folder::resolve(self.scenario, &path.text);
        let named = named.map_err(|(problem, remedy)| self.mistakes.push(Mistake::new(place.clone(), problem, remedy)));
        let named = named.ok()?;
        let shown = named.shown.display().to_string();
        match std::fs::read_to_string(&named.file) {
            Ok(text) => {
                self.files.push((option, shown.clone()));
                Some(Part { text, place, origin: format!("{shown}: ") })
            }
            Err(error) => {
                self.mistakes.push(Mistake::new(place, format!("read {shown}: {error}"), ""));
                None
            }
        }
    }

    fn accept<T, E: std::fmt::Display>(&mut self, read: Result<T, E>, part: &Part, place: Range<usize>) -> Option<T> {
        match read {
            Ok(accepted) => Some(accepted),
            Err(refused) => {
                let remedy = "the request would be refused before anything is done";
                self.mistakes.push(Mistake::new(place, format!("{}{refused}", part.origin), remedy));
                None
            }
        }
    }
}

enum FileOr<'d> {
    File(Option<Part>),
    Inline(&'d Value<'d>),
}

/// The request of a flow, as a person who knows the application says it.
fn in_words(flow: &str, requests: &Requests) -> String {
    match flow {
        "scenario-create" => {
            let request = &requests.create;
            let context = request.evaluator_context.as_deref().filter(|context| !context.is_empty());
            let context = context.map_or("without an evaluator context".to_owned(), |context| {
                format!("with an evaluator context of {}", counted(context.chars().count(), "character"))
            });
            format!("create the scenario \"{}\", {context}", request.title)
        }
        "scenario-import" => {
            let request = &requests.import;
            let rows = request.rows().unwrap_or_default();
            let contexts = rows.iter().filter(|row| row.evaluator_context.is_some()).count();
            let there = match request.existing.as_slice() {
                [] => String::new(),
                titles => format!("; there before: \"{}\"", titles.join("\", \"")),
            };
            let rows = counted(rows.len(), "scenario");
            format!("import a CSV file of {rows}, {contexts} with an evaluator context{there}")
        }
        _ => {
            let request = &requests.chapters;
            let chapters = input::read_chapters(&request.chapters_json).map_or(0, |chapters| chapters.len());
            let segments = input::read_transcript(&request.transcript_json).map_or(0, |segments| segments.len());
            let (chapters, segments) = (counted(chapters, "chapter"), counted(segments, "segment"));
            format!("import {chapters} of an episode whose transcript has {segments}")
        }
    }
}

fn counted(number: usize, one: &str) -> String {
    format!("{number} {one}{}", if number == 1 { "" } else { "s" })
}
